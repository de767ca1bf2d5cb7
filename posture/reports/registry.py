"""Every format by its name. A format's module, and what it imports, is loaded when that format is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Protocol, cast

from posture.errors import UsageError
from posture.frozen import dataclass
from posture.model.assessment import Assessment
from posture.reports.options import Options
from posture.reports.view import Standing


class Renderer(Protocol):
    """What the module of a format offers."""

    def render(self, assessment: Assessment, options: Options) -> str:
        """The whole report as text, with a newline at its end."""


class Streamer(Renderer, Protocol):
    """What the module of a format offers whose reports can be too long to be held as one text."""

    def pieces(self, assessment: Assessment, options: Options) -> Iterator[str]:
        """The report, piece by piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: what it is for, the ending of its files, and the rows that it only counts.

    One that is `failures_only` counts what is unknown, however that counts; one that `streams` comes in pieces.
    """

    description: str
    extension: str
    module: str
    counts_only: tuple[Standing, ...] = ()
    streams: bool = False
    failures_only: bool = False

    def load(self) -> Renderer:
        """The module that renders it."""
        return cast("Renderer", importlib.import_module(self.module))


_QUIET = (Standing.PASS, Standing.NOT_APPLICABLE)

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "text": Format(
            description="for a terminal: a summary, then what failed and how to mend it",
            extension="txt",
            module="posture.reports.text",
            streams=True,
            counts_only=_QUIET,
        ),
        "json": Format(
            description="the complete record, in a versioned shape with a published schema",
            extension="json",
            module="posture.reports.json",
            streams=True,
        ),
        "sarif": Format(
            description="SARIF 2.1.0, for editors and code scanning",
            extension="sarif",
            module="posture.reports.sarif",
            streams=True,
            counts_only=_QUIET,
        ),
        "code-scanning": Format(
            description="SARIF as GitHub shows it: failures, and nothing that is waived or unknown",
            extension="github.sarif",
            module="posture.reports.code_scanning",
            streams=True,
            counts_only=(Standing.UNKNOWN, Standing.WAIVED, *_QUIET),
            failures_only=True,
        ),
        "github": Format(
            description="annotations on the lines of a pull request, printed by a step of GitHub Actions",
            extension="github.txt",
            module="posture.reports.github",
            counts_only=(Standing.KNOWN, Standing.WAIVED, *_QUIET),
        ),
        "gitlab": Format(
            description="Code Quality of GitLab, for the widget of a merge request",
            extension="gitlab.json",
            module="posture.reports.gitlab",
            counts_only=(Standing.WAIVED, *_QUIET),
        ),
        "junit": Format(
            description="JUnit XML, for the test page of a CI system",
            extension="xml",
            module="posture.reports.junit",
            streams=True,
        ),
        "csv": Format(
            description="one line for each control, subject and framework reference, for a spreadsheet",
            extension="csv",
            module="posture.reports.csv",
            streams=True,
        ),
        "markdown": Format(
            description="for a pull request or a job summary",
            extension="md",
            module="posture.reports.markdown",
            counts_only=_QUIET,
        ),
        "html": Format(
            description="one page for people who read: population, findings, frameworks, what it does not show",
            extension="html",
            module="posture.reports.html",
            streams=True,
        ),
    }
)


def render(name: str, assessment: Assessment, options: Options) -> str:
    """The report in the named format."""
    return "".join(pieces(name, assessment, options))


def pieces(name: str, assessment: Assessment, options: Options) -> Iterator[str]:
    """The report in the named format, piece by piece where the format streams."""
    if name not in FORMATS:
        raise UsageError(f"there is no format `{name}`", help=f"formats: {', '.join(FORMATS)}")
    module = FORMATS[name].load()
    if FORMATS[name].streams:
        return cast("Streamer", module).pieces(assessment, options)
    return iter((module.render(assessment, options),))
