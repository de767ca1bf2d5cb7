"""The rows of a run in little memory: what controls say of thousands of subjects alike is kept once.

Rows that read the same differ in whom the calls asked, and when. So a subject keeps its calls, what was said names them
by operation and number, and a `Finding` is made whenever somebody asks for it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple, TypeAlias, overload

from posture.model.assessment import ControlInfo, Evidence, Finding, SubjectInfo
from posture.model.facts import Reason, Source, Unknown
from posture.model.logic import Outcome, Verdict
from posture.model.subjects import About

Digest: TypeAlias = Callable[[Outcome, Sequence[Evidence]], str]


class Rows(Sequence[Finding]):
    """Every row, control by control; each look makes the row anew, so keep only those that you need."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self.columns = tuple(column for column in columns if len(column))
        self._ends = tuple(accumulate(map(len, self.columns)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Finding]:
        for column in self.columns:
            yield from column

    def having(self, outcomes: Collection[Outcome]) -> Iterator[Finding]:
        """The rows with one of these outcomes; no other row is made."""
        for column in self.columns:
            yield from column.having(outcomes)

    @property
    def amended(self) -> Iterator[Finding]:
        """The rows that were put in place of others."""
        for column in self.columns:
            yield from column.amended.values()

    def of(self, subject: SubjectInfo) -> Iterator[Finding]:
        """The rows of one subject."""
        for column, places in zip(self.columns, self._places, strict=True):
            yield from map(column.__getitem__, places.get((subject.about, subject.uri), ()))

    @cached_property
    def _places(self) -> Sequence[Mapping[tuple[About, str], list[int]]]:
        """Where the rows of a subject are, for each column; columns over the same subjects share an index."""
        indexes: list[tuple[Column, Mapping[tuple[About, str], list[int]]]] = []
        found = []
        for column in self.columns:
            index = next((index for other, index in indexes if column.beside(other)), None)
            if index is None:
                index = column.where()
                indexes.append((column, index))
            found.append(index)
        return found

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, place: int | slice) -> Finding | tuple[Finding, ...]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        number = range(len(self))[place]
        at = bisect_right(self._ends, number)
        column = self.columns[at]
        return column[number - self._ends[at]]  # counted from the column's end

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(slots=True, kw_only=True)
class Seat:
    """A subject, and the calls that what is said of it rests on, by operation."""

    subject: SubjectInfo
    calls: dict[str, tuple[Source, ...]] = field(default_factory=dict)

    def number(self, source: Source) -> int:
        """Which of the calls of its operation a source is of."""
        known = self.calls.get(source.operation, ())
        for number, call in enumerate(known):
            if call.resource == source.resource and call.read_at == source.read_at:
                return number
        call = Source(operation=source.operation, resource=source.resource, read_at=source.read_at)
        self.calls[source.operation] = (*known, call)
        return len(known)


class Column(Sequence[Finding]):
    """One control over all subjects of its kind, in the order in which they were judged."""

    def __init__(self, control: ControlInfo, sayings: Sayings) -> None:
        self.control = control
        self._sayings = sayings
        self._seats: list[Seat] = []
        self._said: list[_Said] = []
        self.amended: dict[int, Finding] = {}  # by place

    def __len__(self) -> int:
        return len(self._said)

    def __iter__(self) -> Iterator[Finding]:
        return map(self._row, range(len(self._said)))

    def having(self, outcomes: Collection[Outcome]) -> Iterator[Finding]:
        """The rows with one of these outcomes."""
        return (self._row(place) for place, said in enumerate(self._said) if said.outcome in outcomes)

    def cells(self) -> Iterator[tuple[SubjectInfo, Outcome, Finding | None]]:
        """Whose row it is, what came out, and the row itself only where it was amended: enough to count rows by."""
        for place, (seat, said) in enumerate(zip(self._seats, self._said, strict=True)):
            yield seat.subject, said.outcome, self.amended.get(place)

    def beside(self, other: Column) -> bool:
        """Whether both have rows of the same subjects in the same order."""
        return self._seats == other._seats

    def where(self) -> Mapping[tuple[About, str], list[int]]:
        """Where the rows of each subject are."""
        places: dict[tuple[About, str], list[int]] = {}
        for place, seat in enumerate(self._seats):
            places.setdefault((seat.subject.about, seat.subject.uri), []).append(place)
        return places

    def add(self, seat: Seat, outcome: Outcome, evidence: Sequence[Evidence]) -> None:
        """What the control says of one more subject."""
        self._seats.append(seat)
        self._said.append(self._sayings.of(seat, outcome, evidence))

    def amend(self, row: Finding) -> None:
        """Put this in place of the row that was added last; it is kept whole."""
        self.amended[len(self._said) - 1] = row

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, place: int | slice) -> Finding | tuple[Finding, ...]:
        places = range(len(self._said))[place]
        return self._row(places) if isinstance(places, int) else tuple(map(self._row, places))

    def _row(self, place: int) -> Finding:
        amended = self.amended.get(place)
        if amended is not None:
            return amended
        seat, said = self._seats[place], self._said[place]
        return Finding(
            control=self.control,
            subject=seat.subject,
            outcome=said.outcome,
            evidence=_Evidence(said.evidence, seat),
            facts_digest=said.facts_digest,
        )


class Sayings:
    """Everything that was said in a run, each once. `digest` is of what was said, whomever the calls asked."""

    def __init__(self, digest: Digest) -> None:
        self._digest = digest
        self._kept: dict[tuple[Outcome, tuple[_Shape, ...]], _Said] = {}
        self._places: dict[_Place, _Place] = {}

    def of(self, seat: Seat, outcome: Outcome, evidence: Sequence[Evidence]) -> _Said:
        """The one record of these words."""
        shapes = tuple(self._shape(seat, seen) for seen in evidence)
        said = self._kept.get((outcome, shapes))
        if said is None:
            said = self._kept[outcome, shapes] = _Said(outcome, shapes, self._digest(outcome, evidence))
        return said

    def _shape(self, seat: Seat, seen: Evidence) -> _Shape:
        sources, unknown = self._numbered(seat, seen.sources), seen.unknown
        why = None
        if unknown is not None:
            same = unknown.sources == seen.sources
            behind = sources if same else self._numbered(seat, unknown.sources)
            why = _Why(unknown.reason, unknown.detail, unknown.needs, behind)
        return _Shape(seen.path, seen.found, seen.expected, seen.verdict, seen.item, sources, why)

    def _numbered(self, seat: Seat, sources: Iterable[Source]) -> tuple[_Place, ...]:
        places = (_Place(source.operation, seat.number(source), source.pointer) for source in sources)
        return tuple(self._places.setdefault(place, place) for place in places)


class _Place(NamedTuple):
    """A source without its call: the operation, which of its calls, the place in the answer."""

    operation: str
    number: int
    pointer: str


class _Why(NamedTuple):
    reason: Reason
    detail: str
    needs: str
    sources: tuple[_Place, ...]


class _Shape(NamedTuple):
    """Evidence without its calls."""

    path: str
    found: str
    expected: str
    verdict: Verdict
    item: str
    sources: tuple[_Place, ...]
    unknown: _Why | None


class _Said(NamedTuple):
    outcome: Outcome
    evidence: tuple[_Shape, ...]
    facts_digest: str


class _Evidence(Sequence[Evidence]):
    """What was said, of one subject: each piece is made when it is looked at."""

    __slots__ = ("_seat", "_shapes")

    def __init__(self, shapes: tuple[_Shape, ...], seat: Seat) -> None:
        self._shapes = shapes
        self._seat = seat

    def __len__(self) -> int:
        return len(self._shapes)

    @overload
    def __getitem__(self, place: int) -> Evidence: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Evidence, ...]: ...
    def __getitem__(self, place: int | slice) -> Evidence | tuple[Evidence, ...]:
        if isinstance(place, slice):
            return tuple(_evidence(shape, self._seat) for shape in self._shapes[place])
        return _evidence(self._shapes[place], self._seat)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def _evidence(shape: _Shape, seat: Seat) -> Evidence:
    sources, why = _sources(shape.sources, seat), shape.unknown
    unknown = None
    if why is not None:
        behind = sources if why.sources is shape.sources else _sources(why.sources, seat)
        unknown = Unknown(reason=why.reason, detail=why.detail, needs=why.needs, sources=behind)
    return Evidence(
        path=shape.path,
        found=shape.found,
        expected=shape.expected,
        verdict=shape.verdict,
        item=shape.item,
        sources=sources,
        unknown=unknown,
    )


def _sources(places: Iterable[_Place], seat: Seat) -> tuple[Source, ...]:
    return tuple(_source(seat.calls[place.operation][place.number], place.pointer) for place in places)


def _source(call: Source, pointer: str) -> Source:
    return Source(operation=call.operation, resource=call.resource, pointer=pointer, read_at=call.read_at)
