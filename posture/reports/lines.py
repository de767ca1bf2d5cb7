"""Rows as lines of JSON. Rows that say the same differ in their subjects and calls: the rest of a line is made once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from json.encoder import encode_basestring_ascii as text
from typing import Final, TypeAlias

from posture.model.assessment import Assessment, Finding, Place, SubjectInfo, fingerprint
from posture.model.sayings import Said, SaidOf
from posture.model.subjects import About
from posture.reports.record import Row, row
from posture.reports.shape import Json, writer
from posture.reports.view import in_order

_ON_ONE_LINE: Final = json.JSONEncoder(separators=(", ", ": "))  # made once, not for each of thousands of rows
_HOLE: Final = "\0"
_OF_SUBJECT: Final = ("subject", "fingerprint", "facts_digest", "places")
_OF_CALL: Final = ("operation", "resource", "read_at")

_Call: TypeAlias = tuple[str, int]  # its kind, and which of them
_Pattern: TypeAlias = tuple[str, tuple[_Call, ...]]  # a line with %s for what differs, and the calls in it
_Alike: TypeAlias = tuple[str, str, About, Said, bool | None]


def lines(assessment: Assessment) -> Iterator[str]:
    """Every row, in the order of every report."""
    return map(_Lines().line, in_order(assessment.findings))


def compact(value: Json) -> str:
    """JSON on one line; no CI runner finds a command of its own (`##[error]`) in it."""
    return _quiet(_ON_ONE_LINE.encode(value))


class _Lines:
    def __init__(self) -> None:
        self._write: Callable[[Row], Json] = writer(Row)
        self._write_place: Callable[[Place], Json] = writer(Place)
        self._patterns: dict[_Alike, _Pattern | None] = {}
        self._places: dict[int, tuple[tuple[Place, ...], str]] = {}  # by `id`, with what keeps the number taken
        self._identities: dict[int, tuple[SubjectInfo, str]] = {}  # likewise: a subject has a hundred rows

    def line(self, finding: Finding) -> str:
        evidence = finding.evidence
        if not isinstance(evidence, SaidOf) or finding.waiver is not None or finding.baseline is not None:
            return compact(self._write(row(finding)))
        control, said = finding.control, evidence.said
        alike = (control.policy, control.id, finding.subject.about, said, finding.introduced)
        if alike not in self._patterns:
            self._patterns[alike] = _pattern(self._write(row(finding)), said)
        pattern = self._patterns[alike]
        return compact(self._write(row(finding))) if pattern is None else self._filled(pattern, finding, evidence)

    def _filled(self, pattern: _Pattern, finding: Finding, evidence: SaidOf) -> str:
        line, calls = pattern
        known = evidence.seat.calls
        found = [text(finding.subject.uri)]
        for kind, number in calls:
            call = known[kind][number]
            found += (text(call.operation), text(call.resource), text(call.read_at))
        found += (text(self._fingerprint(finding)), text(finding.facts_digest), self._written(finding.places))
        return _quiet(line % tuple(found))

    def _fingerprint(self, finding: Finding) -> str:
        subject = finding.subject
        known = self._identities.get(id(subject))
        if known is None:
            known = self._identities[id(subject)] = (subject, subject.identity)
        return fingerprint(finding.control, known[1])

    def _written(self, places: tuple[Place, ...]) -> str:
        known = self._places.get(id(places))
        if known is None:
            known = self._places[id(places)] = (places, _ON_ONE_LINE.encode(list(map(self._write_place, places))))
        return known[1]


def _pattern(line: Json, said: Said) -> _Pattern | None:
    """A line with holes in it; None where a text of the row itself looks like one."""
    calls: list[_Call] = []
    for shape, seen in zip(said.evidence, line["evidence"], strict=True):
        behind = shape.unknown.sources if shape.unknown is not None else ()
        calls += [(place.kind, place.number) for place in (*shape.sources, *behind)]
        sources = (*seen["sources"], *(seen["unknown"]["sources"] if seen["unknown"] is not None else ()))
        for source in sources:
            source.update(dict.fromkeys(_OF_CALL, _HOLE))
    line.update(dict.fromkeys(_OF_SUBJECT, _HOLE))
    written, hole = _ON_ONE_LINE.encode(line), text(_HOLE)
    whole = written.count(hole) == len(_OF_SUBJECT) + len(_OF_CALL) * len(calls)
    return (written.replace("%", "%%").replace(hole, "%s"), tuple(calls)) if whole else None


def _quiet(line: str) -> str:
    return line.replace("##", "#\\u0023") if "#" in line else line  # one letter is found faster than two
