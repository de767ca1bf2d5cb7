"""The rows of a run in little memory: a `Finding` is made whenever somebody asks for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import overload

from posture.model.assessment import ControlInfo, Evidence, Finding, Place, SubjectInfo
from posture.model.logic import Outcome
from posture.model.sayings import Said, SaidOf, Sayings, Seat
from posture.model.subjects import About


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

    def counting(self) -> Iterator[tuple[ControlInfo, Outcome]]:
        """Control and outcome of each row that has a say in the exit code; no row is made."""
        for column in self.columns:
            for _, outcome, row in column.cells():
                if row is None or row.counts:
                    yield column.control, outcome

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


class Column(Sequence[Finding]):
    """One control over all subjects of its kind, in the order in which they were judged."""

    def __init__(self, control: ControlInfo, sayings: Sayings) -> None:
        self.control = control
        self._sayings = sayings
        self._seats: list[Seat] = []
        self._said: list[Said] = []
        self._decided: dict[int, tuple[Place, ...]] = {}
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

    def add(self, seat: Seat, outcome: Outcome, evidence: Sequence[Evidence]) -> Said:
        """What the control says of one more subject."""
        said = self._sayings.of(seat, outcome, evidence)
        self.repeat(seat, said)
        return said

    def repeat(self, seat: Seat, said: Said) -> None:
        """The control says the same of one more subject, which has its own calls."""
        self._seats.append(seat)
        self._said.append(said)

    def amend(self, row: Finding, place: int = -1) -> None:
        """Put this in place of a row, else of the one that was added last; it is kept whole."""
        self.amended[range(len(self._said))[place]] = row

    def decide(
        self, outcomes: Collection[Outcome], places: Callable[[SubjectInfo, Sequence[str]], tuple[Place, ...]]
    ) -> None:
        """Note where rows with these outcomes were decided: `places` knows it by the operations that carry them."""
        for place, (seat, said) in enumerate(zip(self._seats, self._said, strict=True)):
            if said.outcome not in outcomes or not (found := places(seat.subject, said.operations(seat))):
                continue
            self._decided[place] = found
            if place in self.amended:
                self.amended[place] = replace(self.amended[place], decided_at=found)

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
            evidence=SaidOf(said, seat),
            facts_digest=said.facts_digest(seat),
            decided_at=self._decided.get(place, ()),
        )
