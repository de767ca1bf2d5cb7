"""What only stands for an account, in the words that a person understands: reports show no id that nobody has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from posture.model.facts import Known, Listing, Unknown

T = TypeVar("T")


class Wording:
    """Puts words in place of ids, in every text of a record. A record without any stays the same object."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        ids = "|".join(map(re.escape, words))
        self._found = re.compile(rf"(?<![\w-])(?:{ids})(?!\w)") if words else None  # not at the end of a UUID
        self._fields: dict[type, tuple[str, ...]] = {}

    def of(self, record: T) -> T:
        """The same record, as it is shown."""
        if self._found is None:
            return record
        shown: T = self._shown(record)
        return shown

    def _shown(self, value: Any) -> Any:  # noqa: ANN401 - it goes through records of every type
        if isinstance(value, str):
            return self._text(value) if type(value) is str else value
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, tuple):
            return self._items(value)
        return self._parts(value) if is_dataclass(value) else value

    def _text(self, text: str) -> str:
        return self._found.sub(lambda match: self._words[match.group()], text) if self._found is not None else text

    def _items(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        shown = tuple(map(self._shown, items))
        return shown if any(new is not old for new, old in zip(shown, items, strict=True)) else items

    def _parts(self, record: Any) -> Any:  # noqa: ANN401 - as above
        kind = type(record)
        if kind not in self._fields:
            self._fields[kind] = _texts_of(kind)
        changes = {}
        for name in self._fields[kind]:
            old = getattr(record, name)
            new = self._shown(old)
            if new is not old:
                changes[name] = new
        return replace(record, **changes) if changes else record


def _texts_of(kind: type) -> tuple[str, ...]:
    """Of a fact, what it says and not where it comes from: sources are found again by their spelling."""
    names = tuple(field.name for field in fields(kind))
    return tuple(name for name in names if name != "sources") if kind in {Known, Unknown, Listing} else names
