"""Markdown for a pull request or a job summary: what failed, each control folded with its evidence.

What others wrote stands in code spans or is escaped; nobody is mentioned, nothing is linked, and nothing leaves a cell.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import accumulate

from posture.frozen import dataclass
from posture.model.assessment import Assessment, Evidence, Finding, Place, Unlooked
from posture.reports.causes import Cause, causes, missing_permissions
from posture.reports.ending import ending
from posture.reports.options import Options
from posture.reports.places import spot
from posture.reports.plain import printable
from posture.reports.selection import terms
from posture.reports.tally import Tally, tallied
from posture.reports.view import (
    Alike,
    ControlRows,
    Standing,
    by_control,
    by_standing,
    lapse,
    outgrown,
    plural,
    since,
)

LARGEST = 65_000  # bytes; GitHub refuses a comment above 65,536
RESERVE = 5_000  # for what says that the report was cut
NAMES = 4_000  # for the names of controls that failed and found no room
MOST_ROWS = 25  # subjects named in one block
LONGEST = 1_000  # characters of one text

JOINER = "&#8288;"  # prints nothing, and keeps what it stands in from being a mention, a link or an issue number

_MARKED = re.compile(r"[\\`*_{}\[\]()<>#+!|~&$^=]")
_LIVE = re.compile(r"@|#|://|www\.|GH-", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its blocks; blocks that find no room are counted as `noun`, and named where they have names."""

    title: str
    noun: str
    blocks: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """In bytes, with the lines between."""
        return len(self.title.encode()) + 8 + sum(len(block.encode()) + 2 for block in self.blocks)


def render(assessment: Assessment, options: Options) -> str:  # noqa: ARG001 - every format has this signature
    """The report below the size of a comment; what had no room is announced under the summary."""
    tally = tallied(assessment.findings)
    head = "\n".join(_summary(assessment, tally))
    room = LARGEST - RESERVE - len(head.encode())
    parts: list[str] = []
    lost: list[str] = []
    sections = [section for section in _sections(assessment) if section.blocks]
    for section, own in zip(sections, _shares([section.size for section in sections], room), strict=True):
        kept = _fitting(section, own)
        missing = len(section.blocks) - len(kept)
        named = _named(section.names[len(kept) :])
        if kept or named:
            parts += [f"### {section.title}", *kept, *named]
        if missing:
            lost.append(f"{plural(missing, section.noun)} of “{section.title}”")
    notice = [f"**This report was cut to the size of a comment**: without {', '.join(lost)}."] if lost else []
    return "\n\n".join([head, *notice, *parts]) + "\n"


def code(text: str) -> str:
    """A code span that holds any text."""
    shown = _cut(printable(text))
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str) -> str:
    """Text without any markup in it."""
    marked = _MARKED.sub(lambda match: f"\\{match[0]}", _cut(printable(text)))
    return _LIVE.sub(_stopped, marked)


def _stopped(match: re.Match[str]) -> str:
    head, tail = (match[0][:-1], match[0][-1:]) if len(match[0]) > 1 else (match[0], "")
    return f"{head}{JOINER}{tail}"


def folded(summary: str, lines: Iterable[str]) -> str:
    """A block that opens on a click; the summary is HTML."""
    return "\n".join((f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… (cut)"


def _shares(sizes: list[int], room: int) -> list[int]:
    """Room for each: as much as a small one needs, and equal parts of the rest for those that need more."""
    shares = [0] * len(sizes)
    for place, left in zip(sorted(range(len(sizes)), key=sizes.__getitem__), range(len(sizes), 0, -1), strict=True):
        shares[place] = min(sizes[place], room // left)
        room -= shares[place]
    return shares


def _fitting(section: Section, room: int) -> list[str]:
    room -= len(section.title.encode()) + 8
    kept: list[str] = []
    for block in section.blocks:
        room -= len(block.encode()) + 2
        if room < 0:
            break
        kept.append(block)
    return kept


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    """One line for what has no room of its own."""
    ends = accumulate(len(name.encode()) + 2 for name in names)
    shown = names[: sum(end <= NAMES for end in ends)]
    more = f" and {len(names) - len(shown):,} more" if len(names) > len(shown) else ""
    return (f"Without room for more: {', '.join(shown)}{more}.",) if names else ()


def _summary(assessment: Assessment, tally: Tally) -> Iterator[str]:
    failed, unknown = tally.counts[Standing.FAIL], tally.counts[Standing.UNKNOWN]
    yield f"## Audit-log storage: {failed:,} failed, {unknown:,} unknown"
    yield ""
    yield f"Exit code {assessment.exit_code}: {prose(ending(assessment, tally))}."
    yield ""
    yield "| | rows | |"
    yield "|---|---:|---|"
    for kind, number in tally.shown:
        is_open = kind in (Standing.FAIL, Standing.UNKNOWN)
        severities = tally.severities(kind) if is_open else {}
        note = ", ".join(f"{number:,} {severity}" for severity, number in severities.items())
        name = f"**{kind.words}**" if is_open else kind.words
        yield f"| {name} | {number:,} | {note} |"
    yield ""
    run = assessment.run
    subjects = plural(len(assessment.subjects), "subject")
    yield f"{subjects} looked at, {run.mode}, as of {prose(run.as_of)}, {prose(run.tool)} {prose(run.version)}."
    for name, words in terms(run).items():
        yield f"**{name.capitalize()}: {prose(words)}.**"
    yield "Rows that pass or do not apply are only counted here."


def _sections(assessment: Assessment) -> Iterator[Section]:
    rows = by_standing(assessment.findings, Standing.FAIL, Standing.UNKNOWN, Standing.KNOWN, Standing.WAIVED)
    failed = tuple(by_control(rows[Standing.FAIL]))
    names = tuple(f"{code(group.control.id)} ({len(group.findings):,})" for group in failed)
    yield Section(title="Failed", noun="control", blocks=tuple(map(_failed, failed)), names=names)
    places = tuple(map(_unlooked, assessment.unlooked))
    yield Section(title="Not looked into: there may be more stores", noun="place", blocks=places)
    found = causes(rows[Standing.UNKNOWN])
    missing = missing_permissions(assessment.unlooked, found, (*rows[Standing.KNOWN], *rows[Standing.WAIVED]))
    permissions = tuple(f"- {code(permission)}" for permission in missing)
    yield Section(title="Missing permissions", noun="permission", blocks=_joined(permissions))
    waiting = tuple(map(_cause, found))
    yield Section(title="Unknown", noun="cause", blocks=waiting)
    known = tuple(map(_known, rows[Standing.KNOWN]))
    yield Section(title="Known before", noun="row", blocks=known)
    waived = tuple(map(_waived, rows[Standing.WAIVED]))
    yield Section(title="Waived", noun="row", blocks=waived)
    idle = tuple(f"- {code(waiver)}" for waiver in assessment.unmatched_waivers)
    yield Section(title="Waivers that match no row", noun="waiver", blocks=idle)


def _joined(lines: tuple[str, ...]) -> tuple[str, ...]:
    return ("\n".join(lines),) if lines else ()


def _html(text: str) -> str:
    return _LIVE.sub(_stopped, html.escape(_cut(printable(text)), quote=False))


def _failed(group: ControlRows) -> str:
    control = group.control
    number = plural(len(group.findings), "row")
    summary = f"<b>{control.severity}</b> <code>{_html(control.id)}</code> {_html(control.title)} ({number})"
    return folded(summary, _failed_lines(group))


def _failed_lines(group: ControlRows) -> Iterator[str]:
    yield f"Why: {prose(group.control.why)}"
    room = MOST_ROWS
    for fix, mended in group.by_fix.items():
        if room <= 0:
            break
        for alike in mended:
            if room > 0:
                yield from ("", *_alike(alike, room))
            room -= len(alike.findings)
        yield from ("", f"Fix: {prose(fix)}")
    if len(group.findings) > MOST_ROWS:
        yield from ("", f"Cut: {MOST_ROWS} of {len(group.findings):,} rows are named here.")


def _alike(alike: Alike, room: int) -> Iterator[str]:
    for finding in alike.findings[:room]:
        yield f"- {code(finding.subject.uri)}{_places(finding.places, finding.subject.uri)}"
    for item, sources in alike.evidence:
        yield f"  - {_evidence(item, alike.calls(sources))}"
    note = alike.findings[0].waiver
    if note is not None:
        yield f"  - waiver {code(note.id)} of {code(note.owner)} does not hold: it {lapse(note)}"
    if why := outgrown(alike.findings[0]):
        yield f"  - {why}"


def _places(places: tuple[Place, ...], name: str) -> str:
    """Where to change what is called so, then the calls around it; empty for what is running."""
    told = ((" at" if not depth else ", called at", _place(place, name)) for depth, place in enumerate(places))
    return "".join(f"{word} {where}" for word, where in told if where)


def _place(place: Place, name: str) -> str:
    """The spot and the address; an address is not said beside itself."""
    address = "" if place.address == name else code(place.address)
    if not place.file:
        return address
    return f"{code(spot(place))} ({address})" if address else code(spot(place))


def _evidence(item: Evidence, calls: tuple[str, ...]) -> str:
    told = f" ({', '.join(map(code, calls))})" if calls else ""
    return f"{code(item.place)}: found {code(item.found)}, expected {code(item.expected)}{told}"


def _cause(cause: Cause) -> str:
    calls = " ".join(f"<code>{_html(name)}</code>" for name in cause.operations)
    summary = f"<b>{cause.reason.replace('_', ' ')}</b> {calls} ({plural(cause.rows, 'row')})"
    return folded(summary, _cause_lines(cause))


def _cause_lines(cause: Cause) -> Iterator[str]:
    if cause.needs:
        yield f"- needs {code(cause.needs)}"
    if cause.details:
        yield f"- said {code(cause.details[0])}"
    for blocked in cause.blocked[:MOST_ROWS]:
        subjects = ", ".join(
            f"{code(subject.uri)}{_places(subject.places[:1], subject.uri)}" for subject in blocked.subjects[:MOST_ROWS]
        )
        more = len(blocked.subjects) - MOST_ROWS
        cut = f" and {more:,} more (cut)" if more > 0 else ""
        yield f"- {subjects}{cut} leaves open {', '.join(map(code, blocked.controls))}"
    if len(cause.blocked) > MOST_ROWS:
        yield f"- and {len(cause.blocked) - MOST_ROWS:,} more groups of subjects (cut)"


def _unlooked(place: Unlooked) -> str:
    unknown = place.unknown
    needs = f", needs {code(unknown.needs)}" if unknown.needs else ""
    detail = f": {code(unknown.detail)}" if unknown.detail else ""
    return f"- {code(place.what)}: {unknown.reason.replace('_', ' ')}{needs}{detail}"


def _known(finding: Finding) -> str:
    row = f"- {code(finding.control.id)} on {code(finding.subject.uri)} ({finding.outcome}, {since(finding)})"
    return f"{row}{_places(finding.places, finding.subject.uri)}"


def _waived(finding: Finding) -> str:
    note = finding.waiver
    row = f"- {code(finding.control.id)} on {code(finding.subject.uri)} ({finding.outcome})"
    if note is None:
        return row
    ticket = f", {code(note.ticket)}" if note.ticket else ""
    return (
        f"{row}: {code(note.id)} until {note.expires}, owner {code(note.owner)},"
        f" approved by {code(note.approver)}{ticket}: {prose(note.reason)}"
    )
