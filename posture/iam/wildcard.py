"""Sets of strings as IAM writes them: literals and globs, matched exactly and searched for a shortest member."""

from collections.abc import Iterable
from typing import Final

from posture.frozen import dataclass

ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class Wild:
    """One character, or any number of them, out of `only` (all where empty) and not in `without`."""

    many: bool
    without: str = ""
    only: str = ""

    def accepts(self, char: str) -> bool:
        """Whether the wildcard may stand for this character."""
        return char not in self.without and (not self.only or char in self.only)


Token = str | Wild  # a string token is one character, any of those it lists
Pattern = tuple[Token, ...]

MANY: Final = Wild(many=True)
ONE: Final = Wild(many=False)
MANY_IN_PART: Final = Wild(many=True, without=":")
ONE_IN_PART: Final = Wild(many=False, without=":")
DIGIT: Final = "0123456789"


def literal(text: str) -> Pattern:
    """Match exactly this text."""
    return tuple(text)


def folded(text: str) -> Pattern:
    """Match this text in any mixture of cases."""
    return tuple(char if char.lower() == char.upper() else _cases(char) for char in text)


def _cases(char: str) -> str:
    return "".join(sorted({char, char.lower()[:1], char.upper()[:1]}))


def glob(text: str, many: Wild = MANY, one: Wild = ONE) -> Pattern:
    """Read `*` and `?` as wildcards; neighbouring stars become one."""
    tokens: list[Token] = []
    for char in text:
        if char == "*":
            if not (tokens and tokens[-1] == many):
                tokens.append(many)
        else:
            tokens.append(one if char == "?" else char)
    return tuple(tokens)


def is_literal(pattern: Pattern) -> bool:
    """Whether the pattern matches one string only."""
    return all(isinstance(token, str) and len(token) == 1 for token in pattern)


def text_of(pattern: Pattern) -> str:
    """The only string that a literal pattern matches."""
    return "".join(token for token in pattern if isinstance(token, str))


def within(pattern: Pattern, stop: str) -> Pattern:
    """The same pattern whose wildcards never cross `stop`."""
    return tuple(
        Wild(many=token.many, without=token.without + stop, only=token.only) if isinstance(token, Wild) else token
        for token in pattern
    )


def as_arn(pattern: Pattern) -> Pattern | None:
    """The six-component reading of a pattern: wildcards of the first five components never cross a colon.

    A lone `*` stands for every ARN. None where the pattern has too few components to be an ARN.
    """
    if pattern == (MANY,):
        return (*(MANY_IN_PART, ":") * (ARN_PARTS - 1), MANY)
    colons = [index for index, item in enumerate(pattern) if item == ":"]
    if len(colons) < ARN_PARTS - 1:
        return None
    split = colons[ARN_PARTS - 2]
    return (*within(pattern[:split], ":"), *pattern[split:])


@dataclass(frozen=True, slots=True)
class Automaton:
    """All states of several glob automata in one integer; bit i of a pattern is "the first i tokens matched"."""

    chars: dict[str, int]
    wilds: tuple[tuple[Wild, int], ...]
    loops: int
    start: int

    @staticmethod
    def of(patterns: Iterable[Pattern]) -> "Automaton":
        """Lay the patterns side by side."""
        chars: dict[str, int] = {}
        wilds: dict[Wild, int] = {}
        loops = start = 0
        bit = 1
        for pattern in patterns:
            start |= bit
            for token in pattern:
                if isinstance(token, Wild):
                    wilds[token] = wilds.get(token, 0) | bit
                    loops |= bit if token.many else 0
                else:
                    for char in token:
                        chars[char] = chars.get(char, 0) | bit
                bit <<= 1
            bit <<= 1
        machine = Automaton(chars=chars, wilds=tuple(wilds.items()), loops=loops, start=start)
        return Automaton(chars=chars, wilds=machine.wilds, loops=loops, start=machine.close(start))

    def close(self, states: int) -> int:
        """Add the states reached by matching nothing."""
        more = states | ((states & self.loops) << 1)
        while more != states:
            states = more
            more = states | ((states & self.loops) << 1)
        return states

    def accepting(self, char: str) -> int:
        """The states that this character leaves by matching it."""
        found = self.chars.get(char, 0)
        for wild, mask in self.wilds:
            if wild.accepts(char):
                found |= mask
        return found

    def advance(self, active: int) -> int:
        """The states after the active ones matched a character."""
        return self.close((active & self.loops) | ((active & ~self.loops) << 1)) if active else 0

    def step(self, states: int, char: str) -> int:
        """The states after one more character."""
        return self.advance(states & self.accepting(char))

    def run(self, text: str) -> int:
        """The states after the whole text."""
        states = self.start
        for char in text:
            states = self.step(states, char)
            if not states:
                break
        return states


def head_of(pattern: Pattern) -> str:
    """The literal characters that every match starts with."""
    head: list[str] = []
    for token in pattern:
        if not isinstance(token, str) or len(token) != 1:
            break
        head.append(token)
    return "".join(head)


def matches(pattern: Pattern, text: str) -> bool:
    """Whether the whole text is in the pattern, in time linear in both."""
    head = head_of(pattern)
    if not text.startswith(head):
        return False
    rest = pattern[len(head) :]
    if not rest or rest == (MANY,):
        return bool(rest) or len(text) == len(head)
    return bool(Automaton.of((rest,)).run(text[len(head) :]) >> len(rest) & 1)


def after(pattern: Pattern, prefix: str) -> tuple[Pattern, ...]:
    """What must follow `prefix` for the whole to match: alternative patterns, none where nothing can."""
    head = head_of(pattern)
    if not head.startswith(prefix[: len(head)]):
        return ()
    if len(head) >= len(prefix):
        return (pattern[len(prefix) :],)
    rest = pattern[len(head) :]
    states = Automaton.of((rest,)).run(prefix[len(head) :])
    found: list[Pattern] = []
    for index in range(len(rest) + 1):
        if states >> index & 1:
            previous = rest[index - 1] if index else None
            skipped = isinstance(previous, Wild) and previous.many and states >> (index - 1) & 1
            if not skipped:
                found.append(rest[index:])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Language:
    """A set of strings: any of the literals or any match of the globs."""

    literals: frozenset[str] = frozenset()
    globs: frozenset[Pattern] = frozenset()

    @staticmethod
    def of(patterns: Iterable[Pattern]) -> "Language":
        """Sort patterns into plain strings, which are looked up, and globs, which are run."""
        literals: set[str] = set()
        globs: set[Pattern] = set()
        for pattern in patterns:
            if is_literal(pattern):
                literals.add(text_of(pattern))
            else:
                globs.add(pattern)
        return Language(frozenset(literals), frozenset(globs))

    @property
    def everything(self) -> bool:
        """Whether a lone `*` is among the globs."""
        return (MANY,) in self.globs

    @property
    def empty(self) -> bool:
        """Whether no string is in the set."""
        return not self.literals and not self.globs

    def contains(self, text: str) -> bool:
        """Whether the text is in the set."""
        return text in self.literals or any(matches(pattern, text) for pattern in self.globs)

    def after(self, prefix: str) -> "Language":
        """The strings that complete `prefix` to a member."""
        if not prefix:
            return self
        literals = {text[len(prefix) :] for text in self.literals if text.startswith(prefix)}
        residue = Language.of(rest for pattern in self.globs for rest in after(pattern, prefix))
        return Language(frozenset(literals) | residue.literals, residue.globs)

    def patterns(self) -> tuple[Pattern, ...]:
        """Every member as a pattern, in a fixed order."""
        return (*map(literal, sorted(self.literals)), *sorted(self.globs, key=repr))


ALL: Final = Language(globs=frozenset({(MANY,)}))
NOTHING: Final = Language()
NOT_EMPTY: Final = Language(globs=frozenset({(ONE, MANY)}))
