"""Named, typed operands: their floors and ceilings, and how a configuration or a command line sets them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TypeAlias

from posture.errors import PolicyError
from posture.frozen import dataclass
from posture.model.assessment import ParameterUse
from posture.policy.vocabulary import Field, Operator, Sort
from posture.policy.wording import plainly, shown

ParameterValue: TypeAlias = int | bool | str | tuple[str, ...]


class ParameterType(StrEnum):
    """What a parameter can be, as a policy spells it."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "string"
    TEXTS = "list(string)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a policy. The bounds are of integers: how far an override may go."""

    name: str
    type: ParameterType
    description: str
    default: ParameterValue
    value: ParameterValue
    minimum: int | None = None
    maximum: int | None = None

    @property
    def use(self) -> ParameterUse:
        """As reports show it."""
        return ParameterUse(
            name=self.name,
            value=plainly(self.value),
            default=plainly(self.default),
            overridden=self.value != self.default,
        )

    def misfit(self, value: ParameterValue) -> str:
        """Why a value cannot be this parameter's; empty when it can."""
        if _type_of(value) is not self.type:
            return f"expected {_WORDS[self.type]}, found {shown(plainly(value))}"
        if self.type is ParameterType.INTEGER and isinstance(value, int):
            if self.minimum is not None and value < self.minimum:
                return f"{value} is below the minimum {self.minimum}"
            if self.maximum is not None and value > self.maximum:
                return f"{value} is above the maximum {self.maximum}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelled:
    """A value as a command line spells it; what it means depends on the parameter's type."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A value that takes the place of a default. `origin` is `--parameter`, or posture.yaml with its line."""

    name: str
    value: ParameterValue | Spelled
    origin: str


_WORDS: Mapping[ParameterType, str] = {
    ParameterType.INTEGER: "a whole number",
    ParameterType.BOOLEAN: "`true` or `false`",
    ParameterType.TEXT: "text",
    ParameterType.TEXTS: "a list of text",
}


def overridden(parameter: Parameter, override: Override) -> Parameter:
    """The parameter with another value."""
    value = _meant(parameter.type, override.value.text) if isinstance(override.value, Spelled) else override.value
    if problem := parameter.misfit(value):
        raise PolicyError(problem, help=parameter.description, file=override.origin, path=parameter.name)
    return replace(parameter, value=value)


def operand_misfit(tested: Field, operator: Operator, value: ParameterValue) -> str:
    """Why a value cannot be the operand of a test; empty when it can."""
    kind = f"one of {', '.join(tested.members)}" if tested.enum else _SORT_WORDS[tested.sort]
    if operator not in tested.operators:
        return f"`{operator}` does not apply to `{tested.path}`, which is {kind}"
    if operator in {Operator.ONE_OF, Operator.NONE_OF}:
        return _members_misfit(tested, operator, value)
    literal = None if isinstance(value, tuple) or (value == "forever" and tested.sort is Sort.DURATION) else value
    if literal is None or tested.value(literal) is None:
        return f"{shown(plainly(value))} cannot be compared with `{tested.path}`, which is {kind}"
    return ""


_SORT_WORDS: Mapping[Sort, str] = {
    Sort.TEXT: "text",
    Sort.INTEGER: "a whole number",
    Sort.DURATION: "a whole number",
    Sort.BOOLEAN: "true or false",
}


def _members_misfit(tested: Field, operator: Operator, value: ParameterValue) -> str:
    if not isinstance(value, tuple):
        return f"`{operator}` takes a list, found {shown(plainly(value))}"
    if operator is Operator.NONE_OF and not value:
        return "`none_of` an empty list would hold for everything"
    wrong = [member for member in value if tested.value(member) is None]
    return f"{shown(wrong[0])} is not one of {', '.join(tested.members)}" if wrong else ""


def _meant(kind: ParameterType, text: str) -> ParameterValue:
    """The typed value of a text; the text itself where it has none, for the type check to refuse."""
    match kind:
        case ParameterType.INTEGER if re.fullmatch(r"0|-?[1-9][0-9]{0,17}", text):
            return int(text)
        case ParameterType.BOOLEAN if text in {"true", "false"}:
            return text == "true"
        case ParameterType.TEXTS:
            return tuple(part for part in map(str.strip, text.split(",")) if part)
        case _:
            return text


def _type_of(value: ParameterValue) -> ParameterType:
    match value:
        case bool():
            return ParameterType.BOOLEAN
        case int():
            return ParameterType.INTEGER
        case str():
            return ParameterType.TEXT
        case tuple():
            return ParameterType.TEXTS
