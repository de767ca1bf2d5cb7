"""Asking one question of one scenario after another: certain answers first, then what only doubts would allow."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field, replace
from itertools import product
from typing import Final

from posture.frozen import dataclass
from posture.iam.binding import Open
from posture.iam.bounds import Mode, axes_of
from posture.iam.candidate import Candidate
from posture.iam.cells import Axes, Cell
from posture.iam.correlations import correlated
from posture.iam.encode import Encoder
from posture.iam.formula import Formula, Sort
from posture.iam.identity import stem_of
from posture.iam.mentions import Mentions
from posture.iam.question import Question
from posture.iam.search import Model
from posture.iam.theories import PLAIN, find_text

PINNED: Final = 4  # values tried for a referenced key
PINNINGS: Final = 16  # combinations tried for all of them


Shape = Callable[[Question, int, str, Cell, Axes, Mapping[str, str | None]], list[Formula] | None]


@dataclass(frozen=True, slots=True)
class Hit:
    """A model with the scenario it holds in."""

    model: Model
    encoder: Encoder


@mutable_dataclass(slots=True)
class Inquiry:
    """Runs candidates through modes and circumstances."""

    question: Question
    named: Mentions
    facts: frozenset[str]
    shape: Shape = Question.clauses
    scenarios: int = 0
    circumstances: dict[Cell, tuple[Axes, ...]] = field(default_factory=dict)
    shaped: dict[tuple[int, str, Cell, Axes], list[Formula] | None] = field(default_factory=dict)

    def ask(self, candidate: Candidate, mode: Mode, action: int, place: str, *, doubts: bool) -> Hit | None:
        """A request of one of the candidate's cells by the mode's path."""
        for cell in candidate.cells:
            if cell not in self.circumstances:
                self.circumstances[cell] = axes_of(self.named, cell, self.facts)
            for axes in self.circumstances[cell]:
                if mode.endpoint not in (None, axes.endpoint) or mode.access_point not in (None, axes.access_point):
                    continue
                self.scenarios += 1
                self.question.work.look(1)
                hit = self._scenario(candidate, mode, action, place, cell, axes, doubts=doubts)
                if hit is not None:
                    return hit
        return None

    def possible(self, candidate: Candidate, action: int, place: str) -> bool:
        """Whether any statement may allow the action to the candidate at all."""
        for cell in candidate.cells:
            if cell not in self.circumstances:
                self.circumstances[cell] = axes_of(self.named, cell, self.facts)
            for axes in self.circumstances[cell]:
                if self.clauses(action, place, cell, axes, {}) is not None:
                    return True
        return False

    def _scenario(  # one point of the product  # noqa: PLR0917  # private; the parts of one question
        self, candidate: Candidate, mode: Mode, action: int, place: str, cell: Cell, axes: Axes, *, doubts: bool
    ) -> Hit | None:
        clauses = self.clauses(action, place, cell, axes, {})
        if clauses is None:
            return None
        encoder = self.question.encoder(cell, axes, 0, {})
        hit = self._solve(candidate, mode, encoder, clauses, doubts=doubts)
        if hit is not None or doubts or not encoder.unresolved:
            return hit
        for pinned, pins in self._pinnings(encoder):
            clauses = self.clauses(action, place, pinned, axes, pins)
            if clauses is not None:
                other = self.question.encoder(pinned, axes, 0, pins)
                hit = self._solve(candidate, mode, other, clauses, doubts=False)
                if hit is not None:
                    return hit
        return None

    def clauses(
        self, action: int, place: str, cell: Cell, axes: Axes, pins: Mapping[str, str | None]
    ) -> list[Formula] | None:
        """What has to hold; every mode of a candidate, with doubts and without, asks it again."""
        if pins:
            return self.shape(self.question, action, place, cell, axes, pins)
        key = (action, place, cell, axes)
        if key not in self.shaped:
            self.shaped[key] = self.shape(self.question, action, place, cell, axes, pins)
        return self.shaped[key]

    def _solve(
        self, candidate: Candidate, mode: Mode, encoder: Encoder, clauses: list[Formula], *, doubts: bool
    ) -> Hit | None:
        keys = self.named.keys | self.named.referenced
        extra = [mode.limit(encoder), *candidate.exclude(encoder), *correlated(encoder, keys)]
        model = self.question.solve(clauses, extra, doubts=doubts)
        return None if model is None else Hit(model, encoder)

    def _pinnings(self, encoder: Encoder) -> Iterator[tuple[Cell, Mapping[str, str | None]]]:
        """Values for the keys that policy variables refer to, so that what refers to them becomes constant."""
        cell = encoder.cell
        referenced = {binding.variable.name: binding for binding in encoder.unresolved.values()}
        if "$principal" in referenced:
            if cell.account is None:
                return
            cell = replace(cell, arn=stem_of(cell) + PLAIN)
        options: list[Iterable[tuple[str, str | None]]] = []
        for name, binding in sorted(referenced.items()):
            if name == "$principal":
                continue
            if binding.variable.sort is not Sort.TEXT or binding.variable.reason:
                return
            options.append([(name, value) for value in self._samples(binding)])
        for count, chosen in enumerate(product(*options)):
            if count >= PINNINGS:
                return
            yield cell, dict(chosen)

    def _samples(self, binding: Open) -> list[str | None]:
        variable = binding.variable
        found: list[str | None] = []
        for index, layer in enumerate(self.question.layers):
            for statement in layer.statements if index >= 0 else ():
                for test in statement.tests:
                    if test.key == variable.name:
                        found.extend(
                            value.text
                            for value in test.values
                            if value.pattern and variable.domain.contains(value.text)
                        )
        fresh = find_text([variable.domain], [], self.question.work)
        absent: list[str | None] = [None] if variable.optional else []
        return list(dict.fromkeys([fresh, *found[:PINNED], *absent]))
