"""One self-contained page for people who read: no script, nothing fetched, printable, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from posture.model.assessment import Assessment, Finding, SubjectInfo
from posture.model.subjects import Mode
from posture.reports.causes import causes, missing_permissions
from posture.reports.ending import code_without_leave, ending
from posture.reports.frameworks import MEANING, framework_name
from posture.reports.options import Options
from posture.reports.picture import bars
from posture.reports.places import shown
from posture.reports.plain import printable
from posture.reports.view import (
    ControlRows,
    Standing,
    by_control,
    counts,
    grouped,
    having,
    lapsed,
    ordered,
    outgrown,
    plural,
    since,
    standing,
    tallied,
)

BUFFERED = 500  # pieces of the template in one piece of the page

MARKS = {
    Standing.FAIL: "✕",
    Standing.UNKNOWN: "?",
    Standing.KNOWN: "=",
    Standing.WAIVED: "~",
    Standing.PASS: "✓",
    Standing.NOT_APPLICABLE: "\u2013",
}

PASSES = {
    Mode.LIVE: (
        "A pass says that a setting was found as expected when it was read. "
        "It says nothing of the time before or after."
    ),
    Mode.PLANNED: (
        "A pass says that a setting will be as expected once this plan is applied. It says nothing of what runs today, "
        "of changes outside of this plan, or of whether it is applied at all."
    ),
}
NOT_SHOWN = (
    "Unknown is not a pass. What could not be read is listed with its reason, and can hide a failure.",
    "Only what discovery came to is here, and where it could not look; a store that nothing names is in no list.",
    "Settings were read, not logs: whether the logs themselves are complete or unaltered was not looked into.",
    "Controls that do not apply to a subject are shown as such and count neither for nor against it.",
    MEANING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A requirement of a framework and the controls that give evidence for it."""

    id: str
    controls: tuple[ControlRows, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A framework as far as controls refer to it."""

    name: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRows:
    """A subject with its rows; one that no control is about has none."""

    subject: SubjectInfo
    findings: tuple[Finding, ...]


def render(assessment: Assessment, options: Options) -> str:
    """The page."""
    return "".join(pieces(assessment, options))


def pieces(assessment: Assessment, options: Options) -> Iterator[str]:  # noqa: ARG001 - as that of every format
    """The page, some hundred pieces of the template at a time."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(plural=plural, counts=counts, standing=standing, spoken=_spoken)
    environment.filters.update(since=since, outgrown=outgrown, shown=shown)
    template = environment.from_string(_part("page.html.jinja"))
    page = template.stream(
        assessment=assessment,
        run=assessment.run,
        css=Markup(_part("page.css")),  # noqa: S704 - a file of this package
        marks=MARKS,
        tally=tallied(assessment.findings),
        ending=ending(assessment),
        code_without_leave=code_without_leave(assessment),
        bars=bars(assessment.findings),
        failed=by_control(having(assessment.findings, Standing.FAIL)),
        causes=causes(assessment.findings),
        permissions=missing_permissions(assessment),
        known=having(assessment.findings, Standing.KNOWN),
        waived=having(assessment.findings, Standing.WAIVED),
        lapsed=[finding for finding in ordered(assessment.findings) if lapsed(finding)],
        frameworks=frameworks(assessment.findings),
        kinds=_kinds(assessment.subjects),
        subjects=subjects(assessment),
        not_shown=(PASSES[assessment.run.mode], *NOT_SHOWN),
        meaning=MEANING,
    )
    page.enable_buffering(BUFFERED)
    yield from page


def frameworks(findings: Sequence[Finding]) -> tuple[Framework, ...]:
    """Requirements by framework, with the controls that refer to them."""
    pairs = [
        (framework, requirement, rows)
        for rows in by_control(findings)
        for framework, requirements in rows.control.references
        for requirement in requirements
    ]
    made = []
    for framework, of_framework in sorted(grouped(pairs, lambda pair: pair[0]).items()):
        by_requirement = sorted(grouped(of_framework, lambda pair: pair[1]).items())
        requirements = tuple(
            Requirement(id=requirement, controls=tuple(rows for _, _, rows in members))
            for requirement, members in by_requirement
        )
        made.append(Framework(name=framework_name(framework), requirements=requirements))
    return tuple(made)


def subjects(assessment: Assessment) -> tuple[SubjectRows, ...]:
    """Every subject with its rows, those with most failures first."""
    rows = grouped(ordered(assessment.findings), lambda finding: (finding.subject.about, finding.subject.uri))
    known = {(subject.about, subject.uri): subject for subject in assessment.subjects}
    known |= {key: findings[0].subject for key, findings in rows.items() if key not in known}
    made = [SubjectRows(subject=subject, findings=rows.get(key, ())) for key, subject in sorted(known.items())]
    return tuple(sorted(made, key=_trouble))


def _trouble(rows: SubjectRows) -> tuple[int, int]:
    tally = counts(rows.findings)
    return (-tally[Standing.FAIL], -tally[Standing.UNKNOWN])


def _kinds(found: tuple[SubjectInfo, ...]) -> list[tuple[str, str, str, int]]:
    groups = grouped(found, lambda subject: (subject.about.value, subject.provider or "", subject.kind or ""))
    return [(about, provider, kind, len(members)) for (about, provider, kind), members in sorted(groups.items())]


def _spoken(word: str) -> str:
    return word.replace("_", " ")


def _inert(value: object) -> object:
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)


def _part(name: str) -> str:
    return files("posture.reports").joinpath(name).read_text(encoding="utf-8")
