"""Prowler in an environment of its own, and its command line for the S3 checks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.benchmarks.measuring import BrokenRunError, Command
from tests.benchmarks.peers import install

VERSION = "5.46.0"
TOO_NEW = (3, 14)  # Prowler's own upper bound
SOME_CHECKS_FAILED = 3
_ONE_REPORT = ("--no-banner", "--no-color", "-M", "csv", "--log-level", "ERROR")
_SOCKS = "PySocks"  # without it Google's older client goes past the proxy that the environment names
_INTERPRETERS = ("python3.13", "python3.12", "python3.11", "python3.10")


def install_prowler(bench: Path) -> Path:
    """The `prowler` command under `bench`, installed on first use; raises BrokenRunError when that fails."""
    takes = "2.3 GB, 5 to 20 minutes"
    return install(bench, f"prowler=={VERSION}", _SOCKS, takes=takes, interpreter=_interpreter()) / "prowler"


def prowler_command(
    prowler: Path,
    *,
    name: str,
    environment: Mapping[str, str],
    region: str,
    out: Path,
    checks: Iterable[str] = (),
) -> Command:
    """These checks, or all of S3 where none is named; one report format."""
    what = ("--checks", *checks) if checks else ("--service", "s3")
    return Command(
        name=name,
        argv=(str(prowler), "aws", "--region", region, *what, *_ONE_REPORT, "-o", str(out)),
        environment=environment,
        expected=frozenset({0, SOME_CHECKS_FAILED}),
    )


def prowler_google_command(
    prowler: Path, *, name: str, environment: Mapping[str, str], project: str, out: Path
) -> Command:
    """All checks of Cloud Storage in one project, one report format."""
    signed_in = ("--credentials-file", environment["GOOGLE_APPLICATION_CREDENTIALS"], "--project-ids", project)
    return Command(
        name=name,
        argv=(str(prowler), "gcp", *signed_in, "--service", "cloudstorage", *_ONE_REPORT, "-o", str(out)),
        environment=environment,
        expected=frozenset({0, SOME_CHECKS_FAILED}),
    )


def _interpreter() -> str:
    if sys.version_info < TOO_NEW:
        return sys.executable
    for name in _INTERPRETERS:
        if (found := shutil.which(name)) and _answers(found):
            return found
    raise BrokenRunError(f"Prowler {VERSION} needs a Python older than 3.14, and there is none on the PATH")


def _answers(interpreter: str) -> bool:
    """Whether it is a real interpreter: version managers put names on the PATH that only print advice."""
    ran = subprocess.run([interpreter, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found on the PATH
    return re.match(r"Python 3\.1[0-3]\.", ran.stdout) is not None
