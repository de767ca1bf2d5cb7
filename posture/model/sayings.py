"""Everything that controls say in a run, each thing once, without the calls that it rests on.

What is said of two subjects alike differs in whom the calls asked, and when, and in a plan in the resources that the
facts are of. So a subject keeps its calls, and what was said names them by kind and number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, overload

from posture.model.assessment import Evidence, SubjectInfo
from posture.model.facts import Reason, Source, Unknown
from posture.model.logic import Outcome, Verdict
from posture.model.subjects import Mode

Operations: TypeAlias = Sequence[str]  # of one piece of evidence
Digest: TypeAlias = Callable[[Sequence[Operations]], str]  # of the operations of each piece of evidence
Digester: TypeAlias = Callable[[Outcome, Sequence[Evidence]], Digest]
_Caller: TypeAlias = tuple[str, str, str]


@dataclass(slots=True, kw_only=True)
class Seat:
    """A subject, and the calls that what is said of it rests on, by kind."""

    subject: SubjectInfo
    calls: dict[str, tuple[Source, ...]] = field(default_factory=dict)

    def enter(self, source: Source) -> tuple[str, int]:
        """The kind of a source's call, and which of that kind it is. A call that is not here yet is the next one."""
        kind = _kind(source.operation) if self.subject.mode is Mode.PLANNED else source.operation
        known = self.calls.get(kind, ())
        for number, call in enumerate(known):
            if _caller(call) == _caller(source):
                return kind, number
        call = Source(operation=source.operation, resource=source.resource, read_at=source.read_at)
        self.calls[kind] = (*known, call)
        return kind, len(known)


class Place(NamedTuple):
    """A source without its call: the kind, which of its calls, the place in the answer."""

    kind: str
    number: int
    pointer: str


class Why(NamedTuple):
    """An `Unknown` without its calls."""

    reason: Reason
    detail: str
    needs: str
    sources: tuple[Place, ...]


class Shape(NamedTuple):
    """Evidence without its calls."""

    path: str
    found: str
    expected: str
    verdict: Verdict
    item: str
    by: str
    sources: tuple[Place, ...]
    unknown: Why | None


class Said:
    """What a control says of some subject, and of each that is like it."""

    __slots__ = ("_digest", "_digests", "deciding", "evidence", "outcome")

    def __init__(self, outcome: Outcome, evidence: tuple[Shape, ...], digest: Digest) -> None:
        self.outcome = outcome
        self.evidence = evidence
        self.deciding = tuple(
            dict.fromkeys(place[:2] for seen in _deciding(outcome, evidence) for place in seen.sources)
        )
        self._digest = digest
        self._digests: dict[tuple[tuple[str, ...], ...], str] = {}  # where the operations are those of everybody

    def facts_digest(self, seat: Seat) -> str:
        """Of what was said of this subject."""
        calls = seat.calls
        of_each = [[calls[kind][number].operation for kind, number, _ in seen.sources] for seen in self.evidence]
        if seat.subject.mode is Mode.PLANNED:
            return self._digest(of_each)
        operations = tuple(map(tuple, of_each))
        found = self._digests.get(operations)
        if found is None:
            found = self._digests[operations] = self._digest(operations)
        return found

    def operations(self, seat: Seat) -> list[str]:
        """Those that carry the outcome, of this subject."""
        return [seat.calls[kind][number].operation for kind, number in self.deciding]


class Sayings:
    """Keeps what was said. `digester` is given what was said of the first subject."""

    def __init__(self, digester: Digester) -> None:
        self._digester = digester
        self._kept: dict[tuple[Outcome, tuple[Shape, ...]], Said] = {}
        self._places: dict[tuple[Place, ...], tuple[Place, ...]] = {}
        self._seat: Seat | None = None
        self._entered: dict[_Caller, tuple[str, int]] = {}  # of this seat, as is what follows
        self._placed: dict[int, tuple[tuple[Source, ...], tuple[Place, ...]]] = {}  # with what keeps the number taken

    def of(self, seat: Seat, outcome: Outcome, evidence: Sequence[Evidence]) -> Said:
        """The one record of these words."""
        shapes = tuple(self._shape(seat, seen) for seen in evidence)
        said = self._kept.get((outcome, shapes))
        if said is None:
            said = self._kept[outcome, shapes] = Said(outcome, shapes, self._digester(outcome, evidence))
        return said

    def places(self, seat: Seat, sources: tuple[Source, ...]) -> tuple[Place, ...]:
        """Sources without their calls, which the seat keeps. What is alike is one object for the whole run."""
        if seat is not self._seat:
            self._seat, self._entered, self._placed = seat, {}, {}
        placed = self._placed.get(id(sources))
        if placed is None:
            places = tuple(self._place(seat, source) for source in sources)
            placed = self._placed[id(sources)] = (sources, self._places.setdefault(places, places))
        return placed[1]

    def _place(self, seat: Seat, source: Source) -> Place:
        caller = _caller(source)
        entered = self._entered.get(caller)
        if entered is None:
            entered = self._entered[caller] = seat.enter(source)
        return Place(*entered, source.pointer)

    def _shape(self, seat: Seat, seen: Evidence) -> Shape:
        unknown, why = seen.unknown, None
        if unknown is not None:
            why = Why(unknown.reason, unknown.detail, unknown.needs, self.places(seat, unknown.sources))
        sources = self.places(seat, seen.sources)
        return Shape(seen.path, seen.found, seen.expected, seen.verdict, seen.item, seen.by, sources, why)


class SaidOf(Sequence[Evidence]):
    """What was said, of one subject: each piece is made when it is looked at."""

    __slots__ = ("said", "seat")

    def __init__(self, said: Said, seat: Seat) -> None:
        self.said = said
        self.seat = seat

    def __len__(self) -> int:
        return len(self.said.evidence)

    @overload
    def __getitem__(self, place: int) -> Evidence: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Evidence, ...]: ...
    def __getitem__(self, place: int | slice) -> Evidence | tuple[Evidence, ...]:
        if isinstance(place, slice):
            return tuple(_evidence(shape, self.seat) for shape in self.said.evidence[place])
        return _evidence(self.said.evidence[place], self.seat)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def _caller(source: Source) -> _Caller:
    return source.operation, source.resource, source.read_at


def _kind(operation: str) -> str:
    """The type of the resource that an address is of: those of one type take each other's place in subjects alike."""
    words = operation.partition("[")[0] if operation.endswith("]") else operation
    return words.rpartition(".")[0].rpartition(".")[2] or operation


def _deciding(outcome: Outcome, evidence: tuple[Shape, ...]) -> Iterable[Shape]:
    """As `Finding.deciding`."""
    if outcome is Outcome.NOT_APPLICABLE:
        return evidence
    verdict = Verdict[outcome.name]
    return tuple(seen for seen in evidence if seen.verdict is verdict) or evidence


def _evidence(shape: Shape, seat: Seat) -> Evidence:
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
        by=shape.by,
        sources=sources,
        unknown=unknown,
    )


def _sources(places: Iterable[Place], seat: Seat) -> tuple[Source, ...]:
    return tuple(_source(seat.calls[place.kind][place.number], place.pointer) for place in places)


def _source(call: Source, pointer: str) -> Source:
    return Source(operation=call.operation, resource=call.resource, pointer=pointer, read_at=call.read_at)
