"""Records with other values in them, wherever those stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from operator import is_not
from typing import Any, TypeVar

T = TypeVar("T")
_LEFT = frozenset({"sources", "limits"})


class Rewriting:
    """Puts what `change` gives in place of every value of just this kind; a record without any stays the same object.

    Where a fact comes from, and what a lacking item would be, stays as it is: both are found again by their spelling.
    """

    def __init__(self, kind: type[T], change: Callable[[T], T]) -> None:
        self._kind: type[Any] = kind
        self._change: Callable[[Any], Any] = change
        self._members: dict[type, tuple[str, ...]] = {}
        self._plain: set[type] = set()  # types in whose values nothing is; most values are of one

    def of(self, record: T) -> T:
        """The same record with the changes."""
        rewritten: T = self._new(record)
        return rewritten

    def _new(self, value: Any) -> Any:  # noqa: ANN401 - it goes through records of every type
        kind = type(value)
        if kind is self._kind:
            return self._change(value)
        if kind is tuple:
            items = tuple([item if type(item) in self._plain else self._new(item) for item in value])
            return items if any(map(is_not, items, value)) else value
        members = self._members.get(kind)
        if members is None:
            members = self._members[kind] = _members(kind)
            if not members:
                self._plain.add(kind)
        changes: dict[str, object] = {}
        for name in members:
            old = getattr(value, name)
            if type(old) not in self._plain and (new := self._new(old)) is not old:
                changes[name] = new
        return replace(value, **changes) if changes else value


def _members(kind: type) -> tuple[str, ...]:
    """Nothing is inside of what is no record."""
    return tuple(field.name for field in fields(kind) if field.name not in _LEFT) if is_dataclass(kind) else ()
