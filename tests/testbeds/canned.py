"""The canned AWS as a child process, for benches."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.testbeds.process import base_environment, running

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedAws:
    """A running canned server; any credentials and any bucket will do."""

    port: int

    @property
    def url(self) -> str:
        """The endpoint; a name, because S3 Control puts an account id before it."""
        return f"http://localhost:{self.port}"

    def counts(self) -> Mapping[str, int]:
        """How often each operation was asked since the last reset."""
        return self._ask("counts")

    def reset(self) -> None:
        """Count from zero."""
        self._ask("reset")

    def _ask(self, what: str) -> Mapping[str, int]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_canned/{what}", timeout=10) as answer:
            counts: dict[str, int] = json.load(answer)
        return counts


@contextmanager
def canned_aws(*, latency: float = 0.0, buckets: int = 20) -> Iterator[CannedAws]:
    """Answer every read from a table, `latency` seconds later, until the block ends."""
    module = "tests.testbeds.canned_server"
    command = [sys.executable, "-m", module, "--latency", str(latency), "--buckets", str(buckets)]
    environment = {**base_environment(), "PYTHONPATH": str(_ROOT)}
    with running(command, ready=r"Running on http://127\.0\.0\.1:(\d+)", environment=environment) as server:
        yield CannedAws(port=int(server.ready[1]))
