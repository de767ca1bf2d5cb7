"""Where reports go: files are checked before a run and written after it, whatever its exit code."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import click

from posture.errors import UsageError
from posture.frozen import dataclass
from posture.model.assessment import Assessment
from posture.reports.options import Options
from posture.reports.registry import FORMATS, pieces

C = TypeVar("C", bound=Callable[..., object])
_AT_ONCE = 100  # pieces of a report, each about a line, written to the terminal by one call
SUMMARY = "GITHUB_STEP_SUMMARY"  # names the file that GitHub Actions shows on the page of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One report: its format, and its file; no file is the terminal."""

    format: str
    file: str | None


def report_options(command: C) -> C:
    """The options that say which reports to write, and where."""
    for option in (
        click.option("-v", "--verbose", count=True, help="Also list what passed; twice: every source."),
        click.option(
            "--output",
            "files",
            multiple=True,
            metavar="FILE",
            help="Write a report to this file; repeatable. The first belongs to the first --format, and so on; "
            "without a --format of its own its ending says which.",
        ),
        click.option(
            "--format",
            "formats",
            multiple=True,
            type=click.Choice(list(FORMATS)),
            help="A format; repeatable. Without an --output of its own it is printed.  [default: text]",
        ),
    ):
        command = option(command)
    return command


def outputs_of(formats: Sequence[str], files: Sequence[str]) -> tuple[Output, ...]:
    """Which report goes where; refuses what could not be written, before anything is read."""
    paired = [Output(format=name, file=file) for name, file in zip(formats, files, strict=False)]
    extra = [Output(format=_format_of(file), file=file) for file in files[len(formats) :]]
    printed = [Output(format=name, file=None) for name in formats[len(files) :] or ([] if formats else ["text"])]
    if len(printed) > 1:
        raise UsageError(
            f"{' and '.join(output.format for output in printed)} cannot both be printed",
            help="give each --format but one an --output of its own",
        )
    for output in (*paired, *extra):
        check_writable(str(output.file))
    return (*paired, *extra, *printed)


def _format_of(file: str) -> str:
    if file == os.environ.get(SUMMARY):
        return "markdown"
    for name, form in sorted(FORMATS.items(), key=lambda item: -len(item[1].extension)):
        if file.endswith(f".{form.extension}"):
            return name
    endings = ", ".join(f".{form.extension}" for form in FORMATS.values())
    raise UsageError(f"`{file}`: the ending does not say a format", help=f"use one of {endings}, or give --format too")


def check_writable(file: str) -> None:
    """Refuse a file that could not be written after the run."""
    path = Path(file)
    if path.is_dir():
        raise UsageError(f"`{file}` is a folder", help="name a file in it")
    place = path if path.exists() else path.parent
    if not place.exists():
        raise UsageError(f"`{file}`: there is no folder `{path.parent}`", help="make it first")
    if not os.access(place, os.W_OK):
        raise UsageError(f"`{file}` cannot be written", help=f"check the permissions of `{place}`")


def load_formats(outputs: Iterable[Output]) -> None:
    """Import what the reports need."""
    for output in outputs:
        FORMATS[output.format].load()


def write_reports(assessment: Assessment, outputs: Sequence[Output], verbosity: int) -> None:
    """Write every report; the one for the terminal comes last."""
    for output in outputs:
        if output.file is not None:
            plain = Options(width=100, colour=False, verbosity=verbosity)
            write_text(output.file, pieces(output.format, assessment, plain))
    for output in outputs:
        if output.file is None:
            text = iter(pieces(output.format, assessment, terminal_options(verbosity)))
            while some := list(islice(text, _AT_ONCE)):
                click.echo("".join(some), nl=False)


def write_text(file: str, text: Iterable[str]) -> None:
    """Write a whole file, from its pieces; a half-written one never stands under its name."""
    path = Path(file)
    if file == os.environ.get(SUMMARY):  # a step of GitHub Actions adds to it
        with path.open("a", encoding="utf-8") as stream:
            stream.writelines(text)
        return
    if path.exists() and not path.is_file():  # a pipe or a device
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(text)
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as stream:
            stream.writelines(text)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def terminal_options(verbosity: int) -> Options:
    """The terminal's width, and whether it shows colour (NO_COLOR and FORCE_COLOR decide first)."""
    colour = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        colour = True
    if os.environ.get("NO_COLOR"):
        colour = False
    return Options(width=max(40, shutil.get_terminal_size((80, 24)).columns), colour=colour, verbosity=verbosity)
