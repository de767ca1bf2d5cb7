"""An assessment as people read it: how each row counts and what failed together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType
from typing import TypeVar

from posture.frozen import dataclass
from posture.model.assessment import ControlInfo, Evidence, Finding, SubjectInfo, WaiverNote
from posture.model.facts import Source, Unknown, united
from posture.model.logic import Outcome
from posture.model.rows import Column, Rows

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_IN_LINE = 3  # facts that are told in one line


class Standing(StrEnum):
    """How a row counts. Every row has exactly one: a waived failure is waived, and no longer among the failures.

    KNOWN is what fails or is unknown and was so before: in the baseline, or before the planned change.
    """

    FAIL = "fail"
    UNKNOWN = "unknown"
    KNOWN = "known"
    WAIVED = "waived"
    PASS = "pass"  # noqa: S105 - the word, not a password
    NOT_APPLICABLE = "not_applicable"

    @property
    def words(self) -> str:
        """As a reader sees it."""
        return "known before" if self is Standing.KNOWN else self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Rows of one control that say the same: same evidence, same fix."""

    findings: tuple[Finding, ...]

    @property
    def evidence(self) -> tuple[tuple[Evidence, tuple[Source, ...]], ...]:
        """What decided, once for all of them, with the sources of each."""
        same = zip(*(finding.deciding for finding in self.findings), strict=True)
        return tuple((items[0], united(*(item.sources for item in items))) for items in same)

    def calls(self, sources: tuple[Source, ...]) -> tuple[str, ...]:
        """What was asked for the evidence; a resource of a plan stands beside its row already."""
        written = frozenset[str]().union(*map(_addresses, self.findings))
        return tuple(dict.fromkeys(source.operation for source in sources if source.operation not in written))

    @property
    def fix(self) -> str:
        """What to change."""
        first = self.findings[0]
        return first.control.fix_for(first.subject.provider)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRows:
    """The rows of one control."""

    control: ControlInfo
    findings: tuple[Finding, ...]

    @property
    def alike(self) -> tuple[Alike, ...]:
        """The rows by what they say, the largest group first."""
        groups = grouped(self.findings, _says)
        return tuple(Alike(findings=group) for group in sorted(groups.values(), key=lambda group: -len(group)))

    @property
    def by_fix(self) -> Mapping[str, tuple[Alike, ...]]:
        """The same, those that one text mends together, so that it is said once."""
        return grouped(self.alike, lambda alike: alike.fix)


def standing(finding: Finding) -> Standing:
    """How the row counts; neither a waiver nor a baseline says anything about a row that passes."""
    if not finding.counts and finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        return Standing.WAIVED if finding.waived else Standing.KNOWN
    return PLAINLY[finding.outcome]


def lapsed(finding: Finding) -> bool:
    """Whether a waiver names the row and does not hold, so that the row counts."""
    return finding.waiver is not None and not finding.waiver.holds and standing(finding) in _OPEN


def lapse(note: WaiverNote) -> str:
    """Why a waiver does not hold, as the end of a sentence about it."""
    if note.state == "early":
        return f"begins on {note.created}"
    return f"expired on {note.expires}" if note.state == "expired" else "was granted for other facts than these"


def granted(finding: Finding) -> str:
    """Who waived the row, until when and why; empty where nobody did."""
    note = finding.waiver
    if note is None:
        return ""
    ticket = f", {note.ticket}" if note.ticket else ""
    return f"{note.id} until {note.expires}, owner {note.owner}, approved by {note.approver}{ticket}: {note.reason}"


def since(finding: Finding) -> str:
    """Since when the row is known; empty where it is not."""
    if not finding.known:
        return ""
    return f"since {finding.baseline.first_seen}" if finding.baseline else "before this change"


def outgrown(finding: Finding) -> str:
    """Why a row counts although the baseline has it; empty for any other row."""
    note = finding.baseline
    if note is None or note.holds or standing(finding) not in _OPEN:
        return ""
    return f"in the baseline since {note.first_seen}, but not for these facts: the row counts"


def in_order(findings: Iterable[Finding], *standings: Standing) -> Iterator[Finding]:
    """The rows that count as one of these (all, where none is named) in the order of every report.

    Worst severity first, then by control, then by subject; the rows of one control are there at once, and no others.
    """
    kinds = frozenset(standings or Standing)
    outcomes = frozenset(outcome for kind in kinds for outcome in _OUTCOMES[kind])
    for column in sorted(_columns(findings), key=_head):
        rows: Iterable[Finding] = column
        if standings:
            likely = column.having(outcomes) if isinstance(column, Column) else column
            rows = (row for row in likely if standing(row) in kinds)
        yield from sorted(rows, key=_uri)


def having(findings: Iterable[Finding], *standings: Standing) -> tuple[Finding, ...]:
    """The same, all of them."""
    return tuple(in_order(findings, *standings))


def by_standing(findings: Iterable[Finding], *standings: Standing) -> Mapping[Standing, tuple[Finding, ...]]:
    """The rows that count as each of these, in order."""
    return dict.fromkeys(standings, ()) | grouped(in_order(findings, *standings), standing)


def by_control(findings: Iterable[Finding]) -> Iterator[ControlRows]:
    """Rows that are in order, those of one control together, one control after the other."""
    for _, rows in groupby(findings, lambda finding: (finding.control.policy, finding.control.id)):
        together = tuple(rows)
        yield ControlRows(control=together[0].control, findings=together)


def of_subject(findings: Iterable[Finding]) -> Callable[[SubjectInfo], Iterable[Finding]]:
    """What gives the rows of a subject in order; of thousands of subjects it makes them when it is asked."""
    if isinstance(findings, Rows):
        return Rows(sorted(findings.columns, key=_head)).of
    rows = grouped(in_order(findings), lambda finding: (finding.subject.about, finding.subject.uri))
    return lambda subject: rows.get((subject.about, subject.uri), ())


def amended(findings: Iterable[Finding]) -> Iterable[Finding]:
    """The rows of which a waiver, a baseline or a comparison says something; others may be among them."""
    return findings.amended if isinstance(findings, Rows) else findings


def calls(sources: Iterable[Source]) -> Iterator[tuple[str, str, str, str]]:
    """The calls behind evidence: operation, resource, the places in its answer, and when it was read."""
    asked = grouped(sources, lambda source: (source.operation, source.resource, source.read_at))
    for (operation, resource, read_at), places in asked.items():
        yield operation, resource, ", ".join(dict.fromkeys(each.pointer for each in places if each.pointer)), read_at


def told(item: Evidence) -> str:
    """One piece of evidence as a sentence: where, found, expected, by which calls, and what would resolve it."""
    calls = ", ".join(dict.fromkeys(source.operation for source in item.sources))
    said = f"{item.place}: found {item.found}, expected {item.expected}" + (f" [{calls}]" if calls else "")
    return said if item.unknown is None else "; ".join((said, *_beyond(item.unknown)))


def told_in_line(finding: Finding) -> tuple[str, ...]:
    """What decided a row, where all of it stands in one line: a list of many items would hide the rest of the line."""
    shown = tuple(told(item) for item in finding.deciding[:_IN_LINE])
    left = len(finding.deciding) - len(shown)
    return (*shown, f"and {plural(left, 'more fact')} in the full report (cut)") if left else shown


def why_unknown(unknown: Unknown) -> str:
    """The reason, the answer as far as there was one, and what would resolve it."""
    return "; ".join((unknown.reason.replace("_", " "), *_beyond(unknown)))


def _beyond(unknown: Unknown) -> tuple[str, ...]:
    needs = f"needs {unknown.needs}" if unknown.needs else ""
    return tuple(part for part in (unknown.detail, needs) if part)


def grouped(items: Iterable[V], key: Callable[[V], K]) -> dict[K, tuple[V, ...]]:
    """Items by key, keys and items in the order they came."""
    groups: dict[K, list[V]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return {name: tuple(members) for name, members in groups.items()}


def plural(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


_OPEN = (Standing.FAIL, Standing.UNKNOWN)
PLAINLY = MappingProxyType({outcome: Standing[outcome.name] for outcome in Outcome})  # nobody has amended the row
_OUTCOMES = MappingProxyType(  # that a row of this standing can have
    {
        Standing.FAIL: (Outcome.FAIL,),
        Standing.UNKNOWN: (Outcome.UNKNOWN,),
        Standing.KNOWN: (Outcome.FAIL, Outcome.UNKNOWN),
        Standing.WAIVED: (Outcome.FAIL, Outcome.UNKNOWN),
        Standing.PASS: (Outcome.PASS,),
        Standing.NOT_APPLICABLE: (Outcome.NOT_APPLICABLE,),
    }
)


def _columns(findings: Iterable[Finding]) -> Iterable[Sequence[Finding]]:
    """The rows of each control."""
    if isinstance(findings, Rows):
        return findings.columns
    return grouped(findings, lambda row: (row.control.policy, row.control.id, row.subject.about)).values()


def _head(column: Sequence[Finding]) -> tuple[int, str, str, str, str]:
    control, subject = column[0].control, column[0].subject
    return (-control.severity.rank, control.policy, control.id, subject.about, subject.uri)


def _uri(finding: Finding) -> str:
    return finding.subject.uri


def _says(finding: Finding) -> tuple[object, ...]:
    own = _addresses(finding)
    said = tuple(
        (
            item.place,
            item.found,
            item.expected,
            tuple(each.operation for each in item.sources if each.operation not in own),
        )
        for item in finding.deciding
    )
    return (said, finding.control.fix_for(finding.subject.provider), finding.waiver, outgrown(finding))


def _addresses(finding: Finding) -> frozenset[str]:
    """The resources of a plan that the row is about; as sources they are named so too."""
    return frozenset(place.address for place in (*finding.places[:1], *finding.subject.places[:1]))
