"""Records with other values in them, wherever those stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from operator import is_not
from typing import Any, TypeVar

from posture.model.facts import Known, Listing, Unknown

T = TypeVar("T")


class Rewriting:
    """Puts what `change` gives in place of every value of just this kind; a record without any stays the same object.

    Of a fact it reads what the fact says and not where that comes from: sources are found again by their spelling.
    """

    def __init__(self, kind: type[T], change: Callable[[T], T]) -> None:
        self._kind: type[Any] = kind
        self._change: Callable[[Any], Any] = change
        self._members: dict[type, tuple[str, ...]] = {}

    def of(self, record: T) -> T:
        """The same record with the changes."""
        rewritten: T = self._new(record)
        return rewritten

    def _new(self, value: Any) -> Any:  # noqa: ANN401 - it goes through records of every type
        kind = type(value)
        if kind is self._kind:
            return self._change(value)
        if kind is tuple:
            items = tuple(map(self._new, value)) if value else value
            return items if any(map(is_not, items, value)) else value
        members = self._members.get(kind)
        if members is None:
            members = self._members[kind] = _members(kind)
        changes: dict[str, object] | None = None
        for name in members:
            old = getattr(value, name)
            new = self._new(old)
            if new is not old:
                changes = changes or {}
                changes[name] = new
        return value if changes is None else replace(value, **changes)


def _members(kind: type) -> tuple[str, ...]:
    """Nothing is inside of what is no record."""
    names = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return tuple(name for name in names if name != "sources") if kind in {Known, Unknown, Listing} else names
