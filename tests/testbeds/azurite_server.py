"""Azurite, Microsoft's emulator of Blob Storage, as a child process over HTTPS with tokens of Microsoft Entra ID.

`make test` installs it under `.azurite` from the committed lock file when Node is on the machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.testbeds.process import base_environment, running

FOLDER = Path(__file__).parents[2] / ".azurite"
_PROGRAM = FOLDER / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
KEY = "a2V5LW9mLXRoZS1zdGFuZC1pbg=="  # base64 of nothing secret


def missing() -> str:
    """Why it cannot start; empty when it can."""
    if shutil.which("node") is None:
        return "Node is not on this machine: Azurite did not run"
    return "" if _PROGRAM.is_file() else "Azurite is not installed: `make test` does that"


@contextmanager
def azurite(files: tuple[Path, Path], *accounts: str) -> Iterator[str]:
    """Serve these accounts, empty, on a free port until the block ends; gives the URL before their names."""
    public, private = files
    command = [
        *("node", str(_PROGRAM), "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"),
        *("--skipApiVersionCheck", "--disableTelemetry", "--oauth", "basic"),
        *("--cert", str(public), "--key", str(private)),
    ]
    environment = {**base_environment(), "AZURITE_ACCOUNTS": ";".join(f"{name}:{KEY}" for name in accounts)}
    with running(
        command, ready=r"successfully listen\w* on (https://127\.0\.0\.1:\d+)", environment=environment
    ) as peer:
        yield peer.ready[1]
