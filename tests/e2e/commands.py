"""Runs posture as a user does, in this process or as the installed command, and keeps all that it said."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

from posture.cli import main

Report: TypeAlias = "dict[str, Any]"
Row: TypeAlias = tuple[str, str]

COMMAND = Path(sys.executable).with_name("posture")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: its exit code, what it printed, and the folder that it ran in."""

    code: int
    out: str
    err: str
    folder: Path

    @cached_property
    def report(self) -> Report:
        """The JSON report that `scanned` asks for."""
        assert (self.folder / "report.json").exists(), f"no report, but exit {self.code}: {self.err}"
        return self.read("report.json")

    @cached_property
    def rows(self) -> Mapping[Row, str]:
        """The outcome of each row, by control and subject."""
        rows = [(row["control"], row["subject"], row["outcome"]) for row in self.report["findings"]]
        assert len({row[:2] for row in rows}) == len(rows), "a row is there twice"
        return {(control, subject): outcome for control, subject, outcome in rows}

    def read(self, name: str) -> Report:
        """A JSON file that the run wrote."""
        whole: Report = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return whole

    @property
    def said(self) -> str:
        """Everything that the run printed or wrote."""
        files = (file.read_text(encoding="utf-8", errors="replace") for file in sorted(self.folder.iterdir()))
        return "\n".join((self.out, self.err, *files))


def posture(*arguments: str, environment: Mapping[str, str], folder: Path) -> Run:
    """Run posture in this process, with this environment and no other."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(arguments)
    return Run(code=code, out=out.getvalue(), err=err.getvalue(), folder=folder)


def installed(*arguments: str, environment: Mapping[str, str], folder: Path) -> Run:
    """Run the installed command as a child."""
    run = subprocess.run(  # noqa: S603 our own program
        [str(COMMAND), *arguments],
        cwd=folder,
        env=dict(environment),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Run(code=run.returncode, out=run.stdout, err=run.stderr, folder=folder)


def scanned(*arguments: str, environment: Mapping[str, str], folder: Path) -> Run:
    """Scan, with a report in JSON and a snapshot beside it."""
    kept = ("--output", "report.json", "--save", "snapshot.json")
    return posture("scan", *arguments, *kept, environment=environment, folder=folder)
