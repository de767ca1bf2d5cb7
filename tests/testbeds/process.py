"""Starts a server as a child process on a free port, and ends it for certain."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_GUARD = Path(__file__).with_name("guard.py")
_POLL = 0.02
_GRACE = 3.0


class DidNotStartError(RuntimeError):
    """A peer ended, or said nothing that means ready, within its time; the message carries what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that said it is ready; `group` is the process group that holds it and nothing else."""

    group: int
    ready: re.Match[str]
    captured: IO[bytes]

    def output(self) -> str:
        """What the server has printed so far, both streams."""
        return _text(self.captured)


@contextmanager
def running(
    command: Sequence[str], *, ready: str, environment: Mapping[str, str] | None = None, seconds: float = 30.0
) -> Iterator[Running]:
    """Run `command` until the block ends; `ready` is the pattern of the line it prints when it listens.

    `environment` replaces the parent's, so that a developer's variables cannot reach a peer.
    """
    with tempfile.TemporaryFile() as captured:
        guard = subprocess.Popen(  # noqa: S603 the commands are those of this package
            [sys.executable, "-I", str(_GUARD), *command],
            stdin=subprocess.PIPE,
            stdout=captured,
            stderr=subprocess.STDOUT,
            env=dict(os.environ if environment is None else environment),
            start_new_session=True,
        )
        try:
            match = _wait_until_ready(guard, captured, re.compile(ready), command[0], seconds)
            yield Running(group=guard.pid, ready=match, captured=captured)
        finally:
            _end(guard)


def base_environment() -> dict[str, str]:
    """What a peer or a command under test may know of the developer's shell: where programs and temporary files are."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _wait_until_ready(
    guard: subprocess.Popen[bytes], captured: IO[bytes], ready: re.Pattern[str], name: str, seconds: float
) -> re.Match[str]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended = guard.poll() is not None
        if match := ready.search(_text(captured)):
            return match
        if ended:
            break
        time.sleep(_POLL)
    message = f"{name} did not become ready: {_text(captured).strip() or 'it printed nothing'}"
    raise DidNotStartError(message)


def _text(captured: IO[bytes]) -> str:
    size = os.fstat(captured.fileno()).st_size
    return os.pread(captured.fileno(), size, 0).decode(errors="replace")  # pread leaves the child's write offset alone


def _end(guard: subprocess.Popen[bytes]) -> None:
    if guard.stdin is not None:
        guard.stdin.close()  # the guard ends its child, then its whole group
    try:
        guard.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(guard.pid, signal.SIGKILL)
        guard.wait()
