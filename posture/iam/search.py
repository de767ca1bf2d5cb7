"""The decision: is there an assignment under which every clause holds? A tableau over and-or formulas."""

from collections.abc import Iterator
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field

from posture.frozen import dataclass
from posture.iam.formula import Every, Formula, Literal, Some, Variable
from posture.iam.theories import Value, Work, holds, solve


@dataclass(frozen=True, slots=True)
class Model:
    """Values of the variables that matter; None is an absent key. `reasons` are the doubts it rests on."""

    values: dict[Variable, Value]
    reasons: tuple[str, ...]


@mutable_dataclass(slots=True)
class State:
    """The literals recorded so far and one value per variable that satisfies them."""

    literals: dict[Variable, frozenset[Literal]] = field(default_factory=dict)
    values: dict[Variable, Value] = field(default_factory=dict)

    def copy(self) -> "State":
        """An independent state for one branch."""
        return State(literals=dict(self.literals), values=dict(self.values))

    def add(self, literals: list[Literal], work: Work) -> bool:
        """Record literals; a statement counts as falsified only through a recorded one. False on contradiction."""
        dirty: dict[Variable, None] = {}
        for literal in literals:
            known = self.literals.get(literal.variable, frozenset())
            if literal in known:
                continue
            self.literals[literal.variable] = known | {literal}
            if literal.variable not in self.values or not holds(literal, self.values[literal.variable]):
                dirty[literal.variable] = None
        for variable in dirty:
            found, value = solve(variable, self.literals[variable], work)
            if not found:
                return False
            self.values[variable] = value
        return True

    def satisfied(self, literal: Literal) -> bool:
        """Whether the tentative value already agrees with the literal."""
        return literal.variable in self.values and holds(literal, self.values[literal.variable])


@mutable_dataclass(slots=True)
class Branch:
    """A point of the search: what is recorded, what is still to be chosen, and the ways not yet tried."""

    state: State
    rest: list[Formula]
    ways: Iterator[Formula]


def satisfy(clauses: list[Formula], work: Work, *, doubts: bool) -> Model | None:
    """A model of all clauses; without `doubts`, one that rests on nothing uncertain. None is a proof of none."""
    stack: list[Branch] = []
    reached = _propagate(State(), clauses, work, doubts=doubts)
    while True:
        if reached is not None:
            state, choices = reached
            if not choices:
                reasons = dict.fromkeys(variable.reason for variable in state.literals if variable.reason)
                return Model(values=state.values, reasons=tuple(reasons))
            stack.append(_branch(state, choices))
        reached = None
        while stack and reached is None:
            way = next(stack[-1].ways, None)
            if way is None:
                stack.pop()
            else:
                reached = _propagate(stack[-1].state.copy(), [way, *stack[-1].rest], work, doubts=doubts)
        if reached is None:
            return None


def _propagate(state: State, clauses: list[Formula], work: Work, *, doubts: bool) -> tuple[State, list[Some]] | None:
    """Record everything that is not a choice; None on contradiction."""
    work.step()
    units: list[Literal] = []
    choices: list[Some] = []
    pending = list(reversed(clauses))
    while pending:
        clause = pending.pop()
        match clause:
            case bool():
                if not clause:
                    return None
            case Literal():
                if clause.variable.reason and not doubts:
                    return None
                units.append(clause)
            case Every(parts):
                pending.extend(reversed(parts))
            case Some():
                narrowed = _narrow(clause, doubts=doubts)
                if isinstance(narrowed, Some):
                    choices.append(narrowed)
                else:
                    pending.append(narrowed)
    if not state.add(units, work):
        return None
    return state, [choice for choice in choices if not _recorded(state, choice)]


def _narrow(choice: Some, *, doubts: bool) -> Formula:
    if doubts:
        return choice
    kept = tuple(part for part in choice.parts if not (isinstance(part, Literal) and part.variable.reason))
    if len(kept) == len(choice.parts):
        return choice
    return False if not kept else kept[0] if len(kept) == 1 else Some(kept)


def _branch(state: State, choices: list[Some]) -> Branch:
    """Choose the shortest clause, and in it first what the tentative values already satisfy."""
    chosen = min(choices, key=lambda choice: len(choice.parts))
    ordered = sorted(chosen.parts, key=lambda part: not (isinstance(part, Literal) and state.satisfied(part)))
    rest: list[Formula] = [choice for choice in choices if choice is not chosen]
    return Branch(state=state, rest=rest, ways=iter(ordered))


def _recorded(state: State, choice: Some) -> bool:
    return any(
        isinstance(part, Literal) and part in state.literals.get(part.variable, frozenset()) for part in choice.parts
    )
