"""Where reports go: which format to which file or to the terminal, whatever the exit code."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import click

from posture.cli.files import SUMMARY, check_files, take_all, write_text
from posture.errors import UsageError
from posture.frozen import dataclass
from posture.model.assessment import Assessment
from posture.reports.options import Options
from posture.reports.registry import FORMATS, pieces

C = TypeVar("C", bound=Callable[..., object])
_AT_ONCE = 100  # pieces of a report, each about a line, written to the terminal by one call
_ANYTHING = ("txt",)  # an ending that says nothing


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


def outputs_of(
    formats: Sequence[str], files: Sequence[str], *others: str | None, reads: Iterable[str] = ()
) -> tuple[Output, ...]:
    """Which report goes where; refuses what could not be written, before anything is read.

    `others` are the files that the run writes beside its reports, `reads` those that it reads.
    """
    paired = [Output(format=name, file=file) for name, file in zip(formats, files, strict=False)]
    extra = [Output(format=_format_of(file), file=file) for file in files[len(formats) :]]
    printed = [Output(format=name, file=None) for name in formats[len(files) :] or ([] if formats else ["text"])]
    if len(printed) > 1:
        raise UsageError(
            f"{' and '.join(output.format for output in printed)} cannot both be printed",
            help="give each --format but one an --output of its own",
        )
    check_files([*others, *files], reads)
    for output in paired:
        _check_ending(output.format, str(output.file))
    return (*paired, *extra, *printed)


def _format_of(file: str) -> str:
    if file == os.environ.get(SUMMARY):
        return "markdown"
    for name, form in sorted(FORMATS.items(), key=lambda item: -len(item[1].extension)):
        if file.endswith(f".{form.extension}"):
            return name
    endings = ", ".join(f".{form.extension}" for form in FORMATS.values())
    raise UsageError(f"`{file}`: the ending does not say a format", help=f"use one of {endings}, or give --format too")


def _check_ending(name: str, file: str) -> None:
    """An ending that means another format, of two options that were put together by their places, is a mistake."""
    ending = Path(file).suffix.removeprefix(".")
    own = FORMATS[name].extension.rpartition(".")[2]
    others = {form.extension.rpartition(".")[2] for form in FORMATS.values()} - {own, *_ANYTHING}
    if ending in others and not (ending == "json" and own == "sarif"):  # SARIF is JSON
        raise UsageError(
            f"`{file}`: --format says {name}, the ending {ending}",
            help="the first --output belongs to the first --format, and so on; without --format the ending decides",
        )


def load_formats(outputs: Iterable[Output]) -> None:
    """Import what the reports need."""
    for output in outputs:
        FORMATS[output.format].load()


def write_results(
    assessment: Assessment, outputs: Sequence[Output], verbosity: int, *others: Callable[[], None]
) -> None:
    """Write what else a run leaves, then every report; the one for the terminal comes last. Raises OutputError."""
    ordered = sorted(outputs, key=lambda output: output.file is None)
    take_all([*others, *(partial(_write_report, assessment, output, verbosity) for output in ordered)])


def _write_report(assessment: Assessment, output: Output, verbosity: int) -> None:
    if output.file is not None:
        plain = Options(width=100, colour=False, verbosity=verbosity)
        write_text(output.file, pieces(output.format, assessment, plain))
        return
    text = iter(pieces(output.format, assessment, terminal_options(verbosity)))
    while some := list(islice(text, _AT_ONCE)):
        click.echo("".join(some), nl=False)


def terminal_options(verbosity: int) -> Options:
    """The terminal's width, and whether it shows colour (NO_COLOR and FORCE_COLOR decide first)."""
    colour = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        colour = True
    if os.environ.get("NO_COLOR"):
        colour = False
    return Options(width=max(40, shutil.get_terminal_size((80, 24)).columns), colour=colour, verbosity=verbosity)
