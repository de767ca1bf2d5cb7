"""One self-contained page for people who read: no script, nothing fetched, printable, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.resources import files
from itertools import chain

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from posture.frozen import dataclass
from posture.model.assessment import Assessment, ControlInfo, Finding, SubjectInfo
from posture.model.subjects import Mode
from posture.reports.causes import causes, missing_permissions
from posture.reports.ending import code_without_leave, ending
from posture.reports.frameworks import MEANING, framework_name
from posture.reports.options import Options
from posture.reports.picture import bars
from posture.reports.places import shown
from posture.reports.plain import printable
from posture.reports.selection import selection
from posture.reports.tally import Numbers, Tally, tallied
from posture.reports.view import (
    Standing,
    amended,
    by_control,
    by_standing,
    calls,
    grouped,
    having,
    in_order,
    lapse,
    lapsed,
    of_subject,
    outgrown,
    plural,
    since,
    standing,
)

LISTED = (Standing.FAIL, Standing.UNKNOWN, Standing.KNOWN, Standing.WAIVED)
BUFFERED = 500  # pieces of the template in one piece of the page
MOST_ROWS = 20_000  # about ten megabytes; of more rows those that pass or do not apply are only counted

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
MOST_FOUND = 4  # pieces of evidence of one row by subject; all of a failure stand under Failed
CUT = (
    "This page would be too long with every row. Those that pass or do not apply are counted beside their subject, "
    "and listed in the reports as JSON, CSV and JUnit XML."
)
NOT_SHOWN = (
    "Unknown is not a pass. What could not be read is listed with its reason, and can hide a failure.",
    "Only what discovery came to is here, and where it could not look; a store that nothing names is in no list.",
    "Each way in to a store was proven by a concrete request before it was reported; `posture access` prints it.",
    "Settings were read, not logs: whether the logs themselves are complete or unaltered was not looked into.",
    "Controls that do not apply to a subject are shown as such and count neither for nor against it.",
    MEANING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A requirement of a framework, the controls that give evidence for it, and how their rows count."""

    id: str
    controls: tuple[tuple[ControlInfo, Numbers], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A framework as far as controls refer to it."""

    name: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A subject and how its rows count; one that no control is about has none.

    The rows are made when they are read; in a page that is `cut` those are left out that pass or do not apply.
    """

    subject: SubjectInfo
    counts: Numbers
    rows: Callable[[], Iterable[Finding]]
    cut: bool

    @property
    def parts(self) -> tuple[list[Finding], list[ControlInfo]]:
        """The rows in full, and the controls that do not apply."""
        rows: list[Finding] = []
        idle: list[ControlInfo] = []
        for row in self.rows():
            kind = standing(row)
            if kind is Standing.NOT_APPLICABLE and not self.cut:
                idle.append(row.control)
            elif kind in LISTED or (kind is Standing.PASS and not self.cut):
                rows.append(row)
        return rows, idle


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
    environment.filters.update(plural=plural, standing=standing, spoken=_spoken, prose=_prose)
    environment.filters.update(since=since, lapse=lapse, outgrown=outgrown, shown=shown, calls=calls)
    template = environment.from_string(_part("page.html.jinja"))
    tally = tallied(assessment.findings)
    waiting = causes(in_order(assessment.findings, Standing.UNKNOWN))
    apart = by_standing(assessment.findings, Standing.KNOWN, Standing.WAIVED)
    page = template.stream(
        assessment=assessment,
        run=assessment.run,
        css=Markup(_part("page.css")),  # noqa: S704 - a file of this package
        marks=MARKS,
        tally=tally.shown,
        ending=ending(assessment, tally),
        selection=selection(assessment.run),
        code_without_leave=code_without_leave(assessment, tally),
        bars=bars(tally),
        failed=by_control(in_order(assessment.findings, Standing.FAIL)),
        causes=waiting,
        permissions=missing_permissions(assessment.unlooked, waiting, chain(*apart.values())),
        known=apart[Standing.KNOWN],
        waived=apart[Standing.WAIVED],
        lapsed=having(filter(lapsed, amended(assessment.findings))),
        frameworks=frameworks(tally),
        kinds=_kinds(assessment.subjects),
        subjects=entries(assessment, tally),
        cut=CUT if _cut(assessment) else "",
        most_found=MOST_FOUND,
        not_shown=(PASSES[assessment.run.mode], *NOT_SHOWN),
        meaning=MEANING,
    )
    page.enable_buffering(BUFFERED)
    yield from page


def frameworks(tally: Tally) -> tuple[Framework, ...]:
    """Requirements by framework, with the controls that refer to them."""
    pairs = [
        (framework, requirement, counted)
        for counted in tally.controls
        for framework, requirements in counted[0].references
        for requirement in requirements
    ]
    made = []
    for framework, of_framework in sorted(grouped(pairs, lambda pair: pair[0]).items()):
        by_requirement = sorted(grouped(of_framework, lambda pair: pair[1]).items())
        requirements = tuple(
            Requirement(id=requirement, controls=tuple(counted for _, _, counted in members))
            for requirement, members in by_requirement
        )
        made.append(Framework(name=framework_name(framework), requirements=requirements))
    return tuple(made)


def entries(assessment: Assessment, tally: Tally) -> tuple[Entry, ...]:
    """Every subject, those with most failures first."""
    rows = of_subject(assessment.findings)
    none = dict.fromkeys(Standing, 0)
    known: dict[tuple[str, str], tuple[SubjectInfo, Numbers]] = {
        (subject.about, subject.uri): (subject, numbers)
        for subject, numbers in chain(((subject, none) for subject in assessment.subjects), tally.subjects)
    }
    cut = _cut(assessment)
    made = [
        Entry(subject=subject, counts=numbers, rows=partial(rows, subject), cut=cut)
        for _, (subject, numbers) in sorted(known.items(), key=lambda item: item[0])
    ]
    return tuple(sorted(made, key=lambda entry: (-entry.counts[Standing.FAIL], -entry.counts[Standing.UNKNOWN])))


def _cut(assessment: Assessment) -> bool:
    return len(assessment.findings) > MOST_ROWS


def _kinds(found: tuple[SubjectInfo, ...]) -> list[tuple[str, str, str, int]]:
    groups = grouped(found, lambda subject: (subject.about.value, subject.provider or "", subject.kind or ""))
    return [(about, provider, kind, len(members)) for (about, provider, kind), members in sorted(groups.items())]


def _spoken(word: str) -> str:
    return word.replace("_", " ")


def _prose(text: str) -> Markup:
    """Text in which names stand between backticks, as policies write them, with the names set as code."""
    parts = printable(text).split("`")
    if len(parts) % 2 == 0:  # one that nobody closed
        return escape(text)
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def _inert(value: object) -> object:
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)


def _part(name: str) -> str:
    return files("posture.reports").joinpath(name).read_text(encoding="utf-8")
