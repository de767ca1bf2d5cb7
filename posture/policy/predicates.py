"""What a test asks of a known value: six operators, and how each reads in a sentence."""

from __future__ import annotations

import math
from typing import TypeAlias

from posture.frozen import dataclass
from posture.model.facts import Forever
from posture.policy.vocabulary import Operator, Value, in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals:
    """The fact is the operand."""

    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEquals:
    """The fact is anything but the operand."""

    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """The fact is among the operand."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    """The fact is not among the operand."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """The fact is no smaller than the operand; forever is above every number."""

    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """The fact is no larger than the operand; forever is above every number."""

    bound: int


Predicate: TypeAlias = Equals | NotEquals | OneOf | NoneOf | AtLeast | AtMost


def holds(predicate: Predicate, value: Value) -> bool:
    """Whether a known value satisfies a predicate."""
    match predicate:
        case Equals(value=operand):
            return value == operand
        case NotEquals(value=operand):
            return value != operand
        case OneOf(values=values):
            return value in values
        case NoneOf(values=values):
            return value not in values
        case AtLeast(bound=bound):
            return _height(value) >= bound
        case AtMost(bound=bound):
            return _height(value) <= bound


def expectation(predicate: Predicate, parameter: str = "") -> str:
    """What a predicate expects, in words; `parameter` is the name that its operand came from."""
    match predicate:
        case Equals(value=value):
            return in_words(value) or "empty text"
        case NotEquals(value=value):
            return f"anything but {in_words(value) or 'empty text'}"
        case OneOf(values=values):
            return f"one of {_listed(values, parameter)}"
        case NoneOf(values=values):
            return f"none of {_listed(values, parameter)}"
        case AtLeast(bound=bound):
            return f"at least {bound}"
        case AtMost(bound=bound):
            return f"at most {bound}"


def predicate_of(operator: Operator, operand: Value | tuple[str, ...]) -> Predicate:
    """A predicate; the operand must have the type that the operator takes."""
    match operator, operand:
        case Operator.EQUALS, str() | int() | Forever():
            return Equals(value=operand)
        case Operator.NOT_EQUALS, str() | int() | Forever():
            return NotEquals(value=operand)
        case Operator.ONE_OF, tuple():
            return OneOf(values=operand)
        case Operator.NONE_OF, tuple():
            return NoneOf(values=operand)
        case Operator.AT_LEAST, int():
            return AtLeast(bound=operand)
        case Operator.AT_MOST, int():
            return AtMost(bound=operand)
        case _:
            message = f"{operator} does not take {operand!r}"
            raise TypeError(message)


def parts_of(predicate: Predicate) -> tuple[Operator, Value | tuple[str, ...]]:
    """The operator and the operand that `predicate_of` makes this predicate from."""
    match predicate:
        case Equals(value=value):
            return Operator.EQUALS, value
        case NotEquals(value=value):
            return Operator.NOT_EQUALS, value
        case OneOf(values=values):
            return Operator.ONE_OF, values
        case NoneOf(values=values):
            return Operator.NONE_OF, values
        case AtLeast(bound=bound):
            return Operator.AT_LEAST, bound
        case AtMost(bound=bound):
            return Operator.AT_MOST, bound


def _listed(values: tuple[str, ...], parameter: str) -> str:
    return ", ".join(value or "empty text" for value in sorted(values)) or f"{parameter or 'a list'}, which is empty"


def _height(value: Value) -> float:
    if isinstance(value, Forever):
        return math.inf
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    message = f"an order was asked of {value!r}"
    raise TypeError(message)  # the vocabulary orders numbers only: this is a bug, and must not become a verdict
