"""Conditions of bindings, as far as they can be decided: names, types and services of resources, and the time.

A condition only narrows. The question is always the same: is there a resource in question, now, for which it holds?
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

_TOKENS = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<mark>&&|\|\||==|!=|<=|>=|[!<>()]))"
)
_MOST_TOKENS = 500
_MOST_DEPTH = 40


class UndecidedError(Exception):
    """The condition says something that is not decided here; the words say what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a condition is asked about: one resource by name, or every one whose name begins so; and when."""

    name: str
    whole: bool  # the name is whole; else it is where the names of objects begin
    kind: str  # storage.googleapis.com/Object
    now: datetime


@dataclass(frozen=True, slots=True)
class _Truth:
    """Whether it holds for some resource in question, and for every one."""

    some: bool
    every: bool


def holds(expression: str, question: Question) -> tuple[bool, bool]:
    """Whether it holds for some resource, and for every one. Raises UndecidedError."""
    truth = _Parser(expression, question).read()
    return truth.some, truth.every


class _Parser:
    """Reads one expression of the common forms, and decides while it reads."""

    def __init__(self, expression: str, question: Question) -> None:
        self._tokens = _tokens(expression)
        self._at = 0
        self._depth = 0
        self._question = question

    def read(self) -> _Truth:
        truth = self._either()
        if self._at < len(self._tokens):
            raise UndecidedError(f"`{self._tokens[self._at]}`")
        return truth

    def _either(self) -> _Truth:
        truth = self._both()
        while self._take("||"):
            truth = _or(truth, self._both())
        return truth

    def _both(self) -> _Truth:
        truth = self._single()
        while self._take("&&"):
            truth = _and(truth, self._single())
        return truth

    def _single(self) -> _Truth:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise UndecidedError("an expression nested too deeply")
        try:
            if self._take("!"):
                inner = self._single()
                return _Truth(not inner.every, not inner.some)
            if self._take("("):
                truth = self._either()
                self._expect(")")
                return truth
            return self._atom()
        finally:
            self._depth -= 1

    def _atom(self) -> _Truth:
        name = self._next()
        if name in {"true", "false"}:
            return _Truth(name == "true", name == "true")
        if name == "resource.name.startsWith":
            self._expect("(")
            start = self._text()
            self._expect(")")
            return self._begins(start)
        mark = self._next()
        if name == "request.time" and mark in {"<", "<=", ">", ">="}:
            return self._time(mark)
        if name in {"resource.name", "resource.type", "resource.service"} and mark in {"==", "!="}:
            truth = self._equal(name, self._text())
            return truth if mark == "==" else _Truth(not truth.every, not truth.some)
        raise UndecidedError(f"`{name}`")

    def _begins(self, start: str) -> _Truth:
        name = self._question.name
        every = name.startswith(start)
        return _Truth(every or (not self._question.whole and start.startswith(name)), every)

    def _equal(self, attribute: str, value: str) -> _Truth:
        question = self._question
        if attribute == "resource.type":
            return _Truth(question.kind == value, question.kind == value)
        if attribute == "resource.service":
            same = question.kind.partition("/")[0] == value
            return _Truth(same, same)
        if question.whole:
            return _Truth(question.name == value, question.name == value)
        return _Truth(value.startswith(question.name) and value != question.name, every=False)

    def _time(self, mark: str) -> _Truth:
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
        compare: dict[str, Callable[[datetime, datetime], bool]] = {
            "<": datetime.__lt__,
            "<=": datetime.__le__,
            ">": datetime.__gt__,
            ">=": datetime.__ge__,
        }
        true = compare[mark](self._question.now, moment)
        return _Truth(true, true)

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


def _or(one: _Truth, other: _Truth) -> _Truth:
    """Two halves may make a whole, which nobody sees from the halves."""
    every = one.every or other.every
    if not every and one.some and other.some:
        raise UndecidedError("alternatives that each hold for some of the objects")
    return _Truth(one.some or other.some, every)


def _and(one: _Truth, other: _Truth) -> _Truth:
    if not one.some or not other.some:
        return _Truth(some=False, every=False)
    if not one.every and not other.every:
        raise UndecidedError("conditions that each hold for some of the objects")
    return _Truth(some=True, every=one.every and other.every)


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
