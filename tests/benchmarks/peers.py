"""Peers in environments of their own under the bench's folder, each installed when it is first needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.measuring import BrokenRunError


def install(bench: Path, requirement: str, *more: str, takes: str, interpreter: str = sys.executable) -> Path:
    """The folder with the commands of a pinned package, `NAME==VERSION`; raises BrokenRunError when pip fails.

    `more` are packages that it needs here and does not ask for. `takes` says how much room and time it needs: minutes
    of silence would look like a hang.
    """
    name, _, version = requirement.partition("==")
    place = bench / name
    done = place / "-".join((f".ready-{version}", *more))
    if not done.exists():
        print(f"installing {name} {version} under {place}: {takes}, once", flush=True)  # noqa: T201 - as above
        _run([interpreter, "-m", "venv", "--clear", str(place)])
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*_politely(), *pip, requirement, *more])
        done.touch()
    return place / "bin"


def _politely() -> tuple[str, ...]:
    nice = shutil.which("nice")
    return (nice, "-n", "10") if nice else ()


def _run(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if ran.returncode:
        raise BrokenRunError(f"`{' '.join(command)}` ended with {ran.returncode}: {ran.stderr.strip()[-2000:]}")
