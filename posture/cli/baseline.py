"""Writing a baseline: only on request, and never without a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from posture.cli.files import write_text
from posture.cli.texts import document
from posture.errors import BaselineError
from posture.model.assessment import Assessment
from posture.policy.baseline import MOST_BYTES, Baseline, baseline_text, parse_baseline

C = TypeVar("C", bound=Callable[..., object])


def baseline_option(command: C) -> C:
    """The option that writes a baseline."""
    return click.option(
        "--write-baseline",
        "baseline_file",
        metavar="FILE",
        help="Write what fails or is unknown now as the baseline of later runs; this run's exit code stays.",
    )(command)


def earlier_baseline(file: str | None) -> Baseline | None:
    """The baseline that will be overwritten, for its dates; refused before the run if it is none."""
    if file is None or not Path(file).is_file():
        return None
    given = document(file, BaselineError, MOST_BYTES)
    return parse_baseline(given.text, given.file)


def write_baseline(file: str | None, assessment: Assessment, earlier: Baseline | None) -> None:
    """Write the file and say how it differs from what stood there."""
    if file is None:
        return
    run = assessment.run
    text = baseline_text(assessment.findings, date.fromisoformat(run.as_of[:10]), earlier, run.selection)
    rows = parse_baseline(text, file).entries.keys()
    before = earlier.entries.keys() if earlier is not None else frozenset[str]()
    write_text(file, [text])
    new, gone = len(rows - before), len(before - rows)
    click.echo(f"posture: wrote the baseline {file}: {len(rows)} rows, {new} new, {gone} gone", err=True)
