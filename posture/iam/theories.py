"""For one variable: a value that satisfies literals, the shortest or plainest, or the certainty that there is none."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field
from decimal import Decimal
from itertools import pairwise
from typing import Final

from posture.frozen import dataclass
from posture.iam.formula import Literal, Sort, Variable
from posture.iam.quantities import Comparison, Ranges, address_number
from posture.iam.wildcard import ALL, Automaton, Language, Pattern, Wild

Value = str | int | Decimal | tuple[str, ...] | bool | None

STATES: Final = 200_000
STEPS: Final = 100_000
WIDTH: Final = 32  # characters of patterns that cost as much to lay out as one state to explore
GLOBS: Final = 8  # patterns that cost as much to try on a few texts
PLAIN: Final = "fresh"  # reads better in a witness than a single letter
SAMPLES: Final = "xabcdefghijklmnopqrstuvwyz0123456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_/.:+=@, !#$%&'()*;<>?[]^`{|}~\"\\éø中"


class OutOfWorkError(Exception):
    """The stated number of states or steps was used up; the answer stays undetermined."""


@mutable_dataclass(slots=True)
class Work:
    """Counts what a decision costs, in automaton states and search steps, and stops at the limits."""

    states: int = 0
    steps: int = 0
    looks: int = 0
    spelt: bool = False  # whether a text was searched for letter by letter
    most_states: int = STATES
    most_steps: int = STEPS
    answers: dict[tuple[Variable, frozenset[Literal]], tuple[bool, Value]] = field(default_factory=dict)

    def state(self, cost: int = 1) -> None:
        """Account for explored automaton states."""
        self.states += cost
        if self.states > self.most_states:
            raise OutOfWorkError

    def look(self, cost: int) -> None:
        """Account for policies looked through, in units as dear as a state; as many as states are granted."""
        self.looks += cost
        if self.looks > self.most_states:
            raise OutOfWorkError

    def step(self) -> None:
        """Account for a search step."""
        self.steps += 1
        if self.steps > self.most_steps:
            raise OutOfWorkError


def holds(literal: Literal, value: Value) -> bool:
    """Whether a value (None: absent) satisfies the literal."""
    if value is None:
        return literal.absent
    if isinstance(value, tuple):
        truths = (_inside(literal, item) == literal.sign for item in value)
        return all(truths) if literal.every else any(truths)
    if isinstance(value, bool):
        return value == literal.sign
    return _inside(literal, value) == literal.sign


def _inside(literal: Literal, value: str | int | Decimal) -> bool:
    match literal.accept, value:
        case Language() as language, _ if language.empty:
            return False  # a question of presence, whatever the sort
        case Language() as language, str():
            return language.contains(value)
        case Ranges() as ranges, int():
            return ranges.contains(value)
        case Comparison() as comparison, Decimal():
            return comparison.contains(value)
        case _:
            message = f"{literal.variable.name} has a value of another sort"
            raise TypeError(message)


def solve(variable: Variable, literals: frozenset[Literal], work: Work) -> tuple[bool, Value]:
    """A value under which all literals hold; the first part says whether there is one."""
    key = (variable, literals)
    known = work.answers.get(key)
    if known is None:
        known = _solve(variable, sorted(literals, key=lambda item: (not item.sign, item.absent)), work)
        work.answers[key] = known
    return known


def _solve(variable: Variable, literals: Sequence[Literal], work: Work) -> tuple[bool, Value]:
    if variable.optional and all(literal.absent for literal in literals):
        return True, None
    work.state()
    match variable.sort:
        case Sort.DOUBT:
            signs = {literal.sign for literal in literals}
            return len(signs) < 2, signs == {True}  # both signs contradict each other  # noqa: PLR2004  # fixed by the format
        case Sort.TEXT:
            text = _one_text(variable.domain, literals, work)
            return text is not None, text
        case Sort.TEXTS:
            return _texts(variable.domain, literals, work)
        case Sort.ADDRESS:
            place = next((item for item in _places(literals) if _fits(literals, item)), None)
            return place is not None, place
        case Sort.NUMBER:
            amount = next((item for item in _amounts(variable, literals) if _fits(literals, item)), None)
            return amount is not None, amount


def _fits(literals: Iterable[Literal], value: Value) -> bool:
    return all(holds(literal, value) for literal in literals)


def _one_text(domain: Language, literals: Iterable[Literal], work: Work) -> str | None:
    required = [domain]
    forbidden: list[Language] = []
    for literal in literals:
        if isinstance(literal.accept, Language):
            (required if literal.sign else forbidden).append(literal.accept)
    return find_text(required, forbidden, work)


def _texts(domain: Language, literals: Sequence[Literal], work: Work) -> tuple[bool, Value]:
    universal = [literal for literal in literals if literal.every]
    wanted = [literal for literal in literals if not literal.every]
    found: list[str] = []
    for chosen in [[*universal, existential] for existential in wanted] or [universal]:
        text = _one_text(domain, chosen, work)
        if text is None:
            return False, None
        found.append(text)
    return True, tuple(dict.fromkeys(found))


def _places(literals: Iterable[Literal]) -> Iterable[int]:
    for text in ("198.51.100.7", "2001:db8::7"):
        yield address_number(text) or 0
    ranges = [literal.accept for literal in literals if isinstance(literal.accept, Ranges)]
    yield from (low for item in ranges for low, _ in item.spans)
    yield from (high + 1 for item in ranges for _, high in item.spans if high + 1 < (1 << 128) + (1 << 32))
    yield from (0, 1 << 32)


def _amounts(variable: Variable, literals: Iterable[Literal]) -> Iterable[Decimal]:
    limits = sorted({limit for item in literals if isinstance(item.accept, Comparison) for limit in item.accept.limits})
    floor = variable.floor
    candidates = [floor] if floor is not None else []
    candidates.extend(limits)
    candidates.extend(limit + delta for limit in limits for delta in (Decimal(1), Decimal(-1)))
    candidates.extend((low + high) / 2 for low, high in pairwise(limits))
    candidates.extend(limit + Decimal("0.5") for limit in limits)
    candidates.append(Decimal(1))
    return (item for item in candidates if floor is None or item >= floor)


def find_text(required: Sequence[Language], forbidden: Sequence[Language], work: Work) -> str | None:
    """A text in every required language and in no forbidden one, shortest first where it has to be searched for."""
    bad = Language(
        frozenset().union(*(language.literals for language in forbidden)),
        frozenset().union(*(language.globs for language in forbidden)),
    )
    wanted = [
        Language(language.literals - bad.literals, language.globs - bad.globs)
        for language in dict.fromkeys(required)
        if not language.everything
    ]
    if any(language.empty for language in wanted) or bad.everything:
        return None
    finite = [language for language in wanted if not language.globs]
    if finite:
        smallest = min(finite, key=lambda language: len(language.literals))
        work.state(1 + len(smallest.literals) // 16)
        return next((text for text in sorted(smallest.literals) if _member(text, wanted, bad)), None)
    work.look(sum(len(language.globs) for language in (*wanted, bad)) // GLOBS)
    for text in _guesses(wanted or [ALL]):
        if _member(text, wanted, bad):
            return text
    return _search(wanted, bad, work)


def _member(text: str, required: Sequence[Language], forbidden: Language) -> bool:
    return all(language.contains(text) for language in required) and not forbidden.contains(text)


def _guesses(wanted: Sequence[Language]) -> Iterable[str]:
    yield PLAIN
    patterns = sorted({pattern for language in wanted for pattern in language.patterns()}, key=len, reverse=True)
    for pattern in patterns[:8]:
        yield instance(pattern, "")
    for pattern in patterns[:8]:
        yield instance(pattern, "x")


def instance(pattern: Pattern, filling: str) -> str:
    """A text that the pattern matches, with `filling` for each star where it may stand there."""
    texts: list[str] = []
    for item in pattern:
        if isinstance(item, str):
            texts.append(item[0])
        elif not item.many:
            texts.append(next(char for char in SAMPLES if item.accepts(char)))
        elif filling and item.accepts(filling):
            texts.append(filling)
    return "".join(texts)


def _alphabet(patterns: Iterable[Pattern]) -> list[str]:
    """The characters that the patterns tell apart, and one of each kind of other character."""
    used: set[str] = set()
    wilds: set[Wild] = set()
    for pattern in patterns:
        for item in pattern:
            if isinstance(item, Wild):
                wilds.add(item)
            else:
                used.update(item)
    ordered = sorted(wilds, key=repr)
    used.update(char for wild in ordered for char in wild.without)
    fresh: dict[tuple[bool, ...], str] = {}
    for char in SAMPLES:
        if char not in used:
            fresh.setdefault(tuple(wild.accepts(char) for wild in ordered), char)
    return [*fresh.values(), *sorted(used)]


@dataclass(frozen=True, slots=True)
class Product:
    """All automata of a search side by side, with the masks that say where a text is good, bad or hopeless."""

    machine: Automaton
    alive: tuple[int, ...]  # per required language: all its states
    goals: tuple[int, ...]  # per required language: its final states
    bad: int
    absorbing: int  # forbidden states that no further character leaves
    width: int

    @staticmethod
    def of(required: Sequence[Language], forbidden: Language) -> "Product":
        """Lay out the automata."""
        groups = [language.patterns() for language in (*required, forbidden)]
        alive: list[int] = []
        goals: list[int] = []
        absorbing = bit = 0
        for group in groups:
            mask = final = 0
            for pattern in group:
                last = 1 << (bit + len(pattern))
                mask |= (last << 1) - (1 << bit)
                final |= last
                if len(alive) == len(required) and pattern and pattern[-1] == Wild(many=True):
                    absorbing |= last
                bit += len(pattern) + 1
            alive.append(mask)
            goals.append(final)
        machine = Automaton.of(pattern for group in groups for pattern in group)
        return Product(machine, tuple(alive[:-1]), tuple(goals[:-1]), goals[-1], absorbing, bit)


def _search(required: Sequence[Language], forbidden: Language, work: Work) -> str | None:
    """Breadth first over the product of all automata: the first hit is a shortest text, no hit is a proof."""
    work.spelt = True
    product = Product.of(required, forbidden)
    work.look(product.width // WIDTH)
    machine = product.machine
    letters: dict[int, str] = {}
    for char in _alphabet(pattern for language in (*required, forbidden) for pattern in language.patterns()):
        letters.setdefault(machine.accepting(char), char)
    cost = 1 + (product.width * len(letters)) // 16384
    queue = deque([(machine.start, "")])
    seen = {machine.start}
    while queue:
        states, text = queue.popleft()
        work.state(cost)
        if not states & product.bad and all(states & goal for goal in product.goals):
            return text
        for accepting, char in letters.items():
            following = machine.advance(states & accepting)
            if following in seen or following & product.absorbing or not following:
                continue
            if all(following & mask for mask in product.alive):
                seen.add(following)
                queue.append((following, text + char))
    return None
