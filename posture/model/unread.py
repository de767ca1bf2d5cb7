"""Records of which nothing is known: a subject that could not be read keeps its row."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from posture.model.facts import Listing, Unknown

R = TypeVar("R")


def unread(record: type[R], unknown: Unknown, **identity: object) -> R:
    """A record whose facts are all `unknown` and whose listings are gaps; fields in `identity` are as given."""
    values: dict[str, object] = dict(identity)
    for name, annotation in _fields(record):
        if name not in values:
            values[name] = _unread(annotation, unknown)
    return record(**values)


def _unread(annotation: Any, unknown: Unknown) -> object:  # noqa: ANN401 - an annotation may be anything
    if get_origin(annotation) is Listing:
        return Listing.unread(unknown)
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return unread(annotation, unknown)
    if Unknown in get_args(annotation):
        return unknown
    message = f"{annotation} is neither a fact, a listing nor a record: its value has to be given"
    raise TypeError(message)


def _fields(record: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(record)
    return tuple((field.name, hints[field.name]) for field in dataclasses.fields(record))
