"""The configuration of a plan, reduced to what refers to what. Literals stay only as tokens: they may be secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Final, TypeAlias

from posture.frozen import dataclass
from posture.model.facts import Fact, Known
from posture.terraform.document import Part
from posture.terraform.values import Json, Path, Values, token

MOST_REFERENCES: Final = 300  # of one expression; one more is kept, so that the rest is missed

Expression: TypeAlias = "Leaf | Blocks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One expression: what it refers to, most specific first, or the token of the literal that it is."""

    references: tuple[str, ...] = ()
    literal: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Nested blocks as they are written. The order of those of a set says nothing about the order of its values."""

    bodies: tuple[Mapping[str, Expression], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A resource as it is written, once for all its instances."""

    expressions: Mapping[str, Expression]
    repeated: tuple[str, ...]  # what its `for_each` refers to
    provider: str  # the key of its provider's configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A module call: its inputs, and the module."""

    source: str
    inputs: Mapping[str, Expression]
    repeated: tuple[str, ...]
    module: Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """What a module holds, by name. A resource is under its kind and its name."""

    resources: Mapping[tuple[str, str], Configured]
    calls: Mapping[str, Call]
    outputs: Mapping[str, tuple[str, ...]]


EMPTY = Module(resources={}, calls={}, outputs={})


def read_module(part: Part, salt: bytes) -> Module:
    """A module of the configuration, and all below it."""
    resources: dict[tuple[str, str], Configured] = {}
    for item in part.member("resources").items():
        mode, kind = item.member("mode").text(), item.member("type").text()
        key = (kind if mode in {"", "managed"} else f"{mode}.{kind}", item.member("name").text())
        resources[key] = Configured(
            expressions=_expressions(item.member("expressions").mapping(), salt),
            repeated=_references(item.member("for_each_expression")),
            provider=item.member("provider_config_key").text(),
        )
    calls = {name: _call(item, salt) for name, item in part.member("module_calls").members()}
    outputs = {name: _references(item.member("expression")) for name, item in part.member("outputs").members()}
    return Module(resources=resources, calls=calls, outputs=outputs)


def references(expressions: Mapping[str, Expression], path: Path, values: Values) -> tuple[str, ...] | None:
    """What the expression of an attribute refers to; None when the configuration does not show it.

    Of several blocks those count that the planned values do not contradict. Generated blocks are never shown.
    """
    if not path or not isinstance(path[0], str) or path[0] not in expressions:
        return None
    found: list[str] = []
    places = [(expressions[path[0]], path[1:], values.at(path[0]))]
    while places:
        here, rest, value = places.pop()
        match here:
            case Leaf():
                found.extend(here.references)
            case Blocks(bodies=bodies):
                index = rest[0] if rest and isinstance(rest[0], int) else 0
                below = rest[1:] if rest and isinstance(rest[0], int) else rest
                block = value.at(index)
                fitting = [body for body in bodies if _fits(body, block)]
                if _generated(bodies, value) or not fitting or not any(_writes(body, below) for body in fitting):
                    return None
                places.extend(_entered(body, below, block) for body in fitting if _writes(body, below))
    return tuple(found)


def written(expressions: Mapping[str, Expression], path: tuple[str, ...], values: Values) -> bool | None:
    """Whether an argument stands in any of the blocks at a path; None where blocks are generated, or not shown."""
    name, *inner = path
    here = expressions.get(name)
    if not inner:
        return here is not None
    if not isinstance(here, Blocks) or _generated(here.bodies, values.at(name)):
        return None
    bodies = [written(body, tuple(inner), values.at(name, index)) for index, body in enumerate(here.bodies)]
    return None if None in bodies else True in bodies


def _writes(body: Mapping[str, Expression], path: Path) -> bool:
    """Whether a block as written has what a path leads to, in any of the blocks inside it."""
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return True
    match body.get(names[0]):
        case None:
            return False
        case Blocks(bodies=bodies):
            return not names[1:] or any(_writes(inner, tuple(names[1:])) for inner in bodies)
        case _:
            return True


def _entered(body: Mapping[str, Expression], path: Path, value: Values) -> tuple[Expression, Path, Values]:
    match path:
        case (str(name), *rest):
            return body[name], tuple(rest), value.at(name)
        case _:
            return Leaf(references=_all(body)), (), value


def _all(body: Mapping[str, Expression]) -> tuple[str, ...]:
    found: list[str] = []
    for expression in body.values():
        match expression:
            case Leaf(references=inside):
                found.extend(inside)
            case Blocks(bodies=bodies):
                found.extend(text for inner in bodies for text in _all(inner))
    return tuple(found)


def _generated(bodies: tuple[Mapping[str, Expression], ...], value: Values) -> bool:
    """Whether some of the planned blocks are not among the written ones."""
    match value.each():
        case Known(value=elements):
            return len(elements) != len(bodies)
        case _:
            return False


def _fits(body: Mapping[str, Expression], block: Values) -> bool:
    """Whether a block as written can be the planned one: no literal contradicts a known value."""
    literals = ((name, item.literal) for name, item in body.items() if isinstance(item, Leaf) and item.literal)
    return all(_agrees(literal, block.value(name), block.salt) for name, literal in literals)


def _agrees(literal: str, planned: Fact[Json], salt: bytes) -> bool:
    match planned:
        case Known(value=(str() | bool() | int() | float()) as seen):
            return literal == _literal(seen, salt)
        case _:
            return True


def _literal(value: str | float, salt: bytes) -> str:
    """Written `400` and written `"400"` are the same: the schema decides the type."""
    return token(value if isinstance(value, str) else json.dumps(value), salt)


def _call(part: Part, salt: bytes) -> Call:
    return Call(
        source=part.member("source").text(),
        inputs=_expressions(part.member("expressions").mapping(), salt),
        repeated=_references(part.member("for_each_expression")),
        module=read_module(part.member("module"), salt),
    )


def _references(part: Part) -> tuple[str, ...]:
    return part.member("references").texts()[: MOST_REFERENCES + 1]


def _expressions(raw: Mapping[str, Json], salt: bytes) -> dict[str, Expression]:
    return {name: _expression(value, salt) for name, value in raw.items()}


def _expression(raw: Json, salt: bytes) -> Expression:
    """What is neither an expression nor blocks refers to nothing that could be followed."""
    if isinstance(raw, list):
        if len(raw) > MOST_REFERENCES:
            return Blocks(bodies=())
        return Blocks(bodies=tuple(_expressions(item, salt) for item in raw if isinstance(item, dict)))
    if not isinstance(raw, dict):
        return Leaf()
    if not raw.keys() <= {"references", "constant_value"}:
        return Blocks(bodies=(_expressions(raw, salt),))
    match raw.get("references"), raw.get("constant_value"):
        case [*texts], _:
            shown = texts[: MOST_REFERENCES + 1]
            return Leaf(references=tuple(text for text in shown if isinstance(text, str)))
        case _, (str() | bool() | int() | float()) as literal:
            return Leaf(literal=_literal(literal, salt))
        case _:
            return Leaf()
