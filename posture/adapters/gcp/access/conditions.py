"""Conditions of bindings, as far as they can be decided: names, types and services of resources, and the time.

A condition only narrows. The question is always the same: is there a resource in question, now, for which it holds?
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import count

from posture.frozen import dataclass

_TOKENS = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<mark>&&|\|\||==|!=|<=|>=|[!<>()]))"
)
_MOST_TOKENS = 500
_MOST_DEPTH = 40
_COMPARE: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "<": datetime.__lt__,
    "<=": datetime.__le__,
    ">": datetime.__gt__,
    ">=": datetime.__ge__,
}


class UndecidedError(Exception):
    """The condition says something that is not decided here; the words say what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a condition is asked about: one resource by name, or every one whose name begins so; and when.

    Without a name, its name is not what conditions can be asked about here.
    """

    name: str
    whole: bool  # the name is whole; else it is where the names of objects begin
    kind: str  # storage.googleapis.com/Object
    now: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """A resource in question for which a condition holds, None where there is none; and whether it holds for every."""

    example: str | None
    every: bool


_Test = Callable[[str], bool]
"""Whether an expression is true of the resource of a name."""


def holds(expression: str, question: Question) -> Decided:
    """For which resources it holds. Raises UndecidedError."""
    parser = _Parser(expression, question)
    test = parser.read()
    names = _names(question, parser.literals)
    true = [name for name in names if test(name)]
    return Decided(true[0] if true else None, every=len(true) == len(names))


def _names(question: Question, literals: Iterable[str]) -> list[str]:
    """Names that stand for all: of two that begin with the same literals, a condition says the same.

    So each literal counts, and what goes on from it as no literal does.
    """
    if question.whole:
        return [question.name]
    within = sorted({literal for literal in literals if literal.startswith(question.name)})
    names = [f"{start}{_new(start, within)}" for start in (question.name, *within)]
    return [*names, *(literal for literal in within if literal != question.name)]


def _new(start: str, literals: Iterable[str]) -> str:
    """A letter with which none of the literals goes on."""
    taken = {literal[len(start) : len(start) + 1] for literal in literals if literal.startswith(start)}
    return next(letter for letter in map(chr, count(ord("x"))) if letter not in taken)


class _Parser:
    """Reads one expression of the common forms, and decides while it reads."""

    def __init__(self, expression: str, question: Question) -> None:
        self.literals: list[str] = []  # of names
        self._tokens = _tokens(expression)
        self._at = 0
        self._depth = 0
        self._question = question

    def read(self) -> _Test:
        test = self._either()
        if self._at < len(self._tokens):
            raise UndecidedError(f"`{self._tokens[self._at]}`")
        return test

    def _either(self) -> _Test:
        tests = [self._both()]
        while self._take("||"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda name: any(test(name) for test in tests)

    def _both(self) -> _Test:
        tests = [self._single()]
        while self._take("&&"):
            tests.append(self._single())
        return tests[0] if len(tests) == 1 else lambda name: all(test(name) for test in tests)

    def _single(self) -> _Test:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise UndecidedError("an expression nested too deeply")
        try:
            if self._take("!"):
                inner = self._single()
                return lambda name: not inner(name)
            if self._take("("):
                test = self._either()
                self._expect(")")
                return test
            return self._atom()
        finally:
            self._depth -= 1

    def _atom(self) -> _Test:
        name = self._next()
        if name in {"true", "false"}:
            return _always(name == "true")
        if name == "resource.name.startsWith":
            self._expect("(")
            start = self._literal()
            self._expect(")")
            return lambda resource: resource.startswith(start)
        mark = self._next()
        if name == "request.time" and mark in {"<", "<=", ">", ">="}:
            return _always(self._time(mark))
        if mark in {"==", "!="}:
            return self._equal(name, equal=mark == "==")
        raise UndecidedError(f"`{name}`")

    def _literal(self) -> str:
        """A name, or where it begins."""
        if not self._question.name:
            raise UndecidedError("the name of a resource above the bucket")
        self.literals.append(self._text())
        return self.literals[-1]

    def _equal(self, attribute: str, *, equal: bool) -> _Test:
        kind = self._question.kind
        if attribute == "resource.name":
            value = self._literal()
            return lambda resource: (resource == value) is equal
        if attribute in {"resource.type", "resource.service"}:
            own = kind if attribute == "resource.type" else kind.partition("/")[0]
            return _always((own == self._text()) is equal)
        raise UndecidedError(f"`{attribute}`")

    def _time(self, mark: str) -> bool:
        if self._next() != "timestamp":
            raise UndecidedError("a time that is not written out")
        self._expect("(")
        written = self._text()
        self._expect(")")
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            raise UndecidedError(f"the time `{written}`") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _COMPARE[mark](self._question.now, moment)

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise UndecidedError("an expression that ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise UndecidedError(f"an expression without `{token}`")

    def _text(self) -> str:
        token = self._next()
        if token[:1] not in {'"', "'"} or "\\" in token:
            raise UndecidedError(f"`{token}`")
        return token[1:-1]


def _always(value: bool) -> _Test:  # noqa: FBT001 - the one thing that it says
    return lambda _name: value


def _tokens(expression: str) -> list[str]:
    tokens: list[str] = []
    at, text = 0, expression.strip()
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None or len(tokens) > _MOST_TOKENS:
            raise UndecidedError(f"`{text[at : at + 40]}`")
        tokens.append(match["text"] or match["name"] or match["mark"])
        at = match.end()
    return tokens
