"""Typed records as JSON, and the JSON Schema of their types, so that the two cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum, IntEnum
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

Json: TypeAlias = Any  # what the json module writes


def plain(value: Json) -> Json:
    """A value of the model as what JSON has; pairs with a text first are an object."""
    return writer(type(value))(value)


def writer(kind: Any) -> Callable[[Any], Json]:  # noqa: ANN401 - a type hint has no type of its own
    """What `plain` does with values of one type."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return _record_writer({field.name: _field_writer(hints[field.name]) for field in fields(kind)})
    if issubclass(kind, IntEnum):
        return {member: member.name.lower() for member in kind}.__getitem__
    if issubclass(kind, Enum):
        return {member: member.value for member in kind}.__getitem__
    if issubclass(kind, date):
        return lambda value: value.isoformat()
    return _as_it_is


def _as_it_is(value: Json) -> Json:
    return value


def _record_writer(members: Mapping[str, Callable[[Any], Json]]) -> Callable[[Any], Json]:
    """Reads all members at once, and writes those that JSON has not: a report has many thousands of records."""
    names = tuple(members)
    read = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
    written = tuple((name, write) for name, write in members.items() if write is not _as_it_is)

    def write(value: Any) -> Json:  # noqa: ANN401 - records of every type
        found = dict(zip(names, read(value), strict=True))
        for name, as_json in written:
            found[name] = as_json(found[name])
        return found

    return write


def _field_writer(hint: Any) -> Callable[[Any], Json]:  # noqa: ANN401 - a type hint has no type of its own
    if (item := _mapped(hint)) is not None:
        write = _field_writer(item)
        return lambda value: {name: write(member) for name, member in value}
    if get_origin(hint) is tuple:
        each = _field_writer(get_args(hint)[0])
        return lambda value: [each(member) for member in value]
    if (inner := _optional(hint)) is not None:
        some = _field_writer(inner)
        return lambda value: None if value is None else some(value)
    return writer(hint)


def _mapped(hint: Any) -> Any:  # noqa: ANN401 - a type hint has no type of its own
    """The value type of `tuple[tuple[str, V], ...]`, which the report writes as an object; else nothing."""
    if get_origin(hint) is not tuple:
        return None
    pair = get_args(hint)[0]
    if get_origin(pair) is tuple and (inside := get_args(pair))[0] is str and inside[1] is not Ellipsis:
        return inside[1]
    return None


def _optional(hint: Any) -> Any:  # noqa: ANN401 - a type hint has no type of its own
    """The type that may also be missing; else nothing."""
    if get_origin(hint) not in (Union, UnionType):
        return None
    present = [member for member in get_args(hint) if member is not NoneType]
    return present[0] if len(present) == 1 else None


def definitions(hint: Any, found: dict[str, Json]) -> Mapping[str, Json]:  # noqa: ANN401 - a type hint
    """The JSON Schema of a type; records go into `found` under their names."""
    if (item := _mapped(hint)) is not None:
        return {"type": "object", "additionalProperties": definitions(item, found)}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": definitions(get_args(hint)[0], found)}
    if (inner := _optional(hint)) is not None:
        return {"anyOf": [definitions(inner, found), {"type": "null"}]}
    if is_dataclass(hint) and isinstance(hint, type):
        return _record_schema(hint, found)
    return _simple_schema(hint)


def _record_schema(kind: type, found: dict[str, Json]) -> Mapping[str, Json]:
    if kind.__name__ not in found:
        found[kind.__name__] = {}  # a record that contains itself ends here
        hints = get_type_hints(kind)
        members = {name: definitions(hint, found) for name, hint in hints.items()}
        found[kind.__name__] = {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split()),
            "properties": members,
            "required": list(members),
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _simple_schema(kind: type) -> Mapping[str, Json]:
    if issubclass(kind, IntEnum):
        return {"enum": [member.name.lower() for member in kind]}
    if issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    if issubclass(kind, date):
        return {"type": "string", "format": "date"}
    return {"type": {str: "string", bool: "boolean", int: "integer"}[kind]}
