"""One JSON object of an answer, read so that nothing unexpected passes for a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.reading import Json

T = TypeVar("T")
_INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)  # protobuf writes an int64 as a string in some JSON


class Members:
    """A JSON object of an answer, or one that is not there, read member by member; each says what kind it expects."""

    __slots__ = ("_members", "source")

    def __init__(self, members: Mapping[str, Json] | None, source: Source) -> None:
        self._members = members
        self.source = source

    def inner(self, name: str) -> Members:
        """An object inside this one; anything else counts as not there, so that its members become unknown."""
        value = self._get(name)
        return Members(value if isinstance(value, Mapping) else None, self.source.at(name))

    def word(self, name: str) -> str:
        """A text for display or for a look-up; empty when it is absent or no text."""
        value = self._get(name)
        return value if isinstance(value, str) else ""

    def text(self, name: str) -> Fact[str]:
        """An optional text: empty when the member is absent."""
        source, value = self.source.at(name), self._get(name)
        if isinstance(value, str | None):
            return Known(value=value or "", sources=(source,))
        return malformed(source, f"{name} is no text")

    def named(self, name: str, accepts: Callable[[str], object]) -> Fact[str]:
        """A text that must be there and look right."""
        source, value = self.source.at(name), self._get(name)
        if isinstance(value, str) and value and accepts(value):
            return Known(value=value, sources=(source,))
        return malformed(source, f"`{value}` cannot be a {name}" if value else f"{name} is absent")

    def choice(self, name: str, meanings: Mapping[str, T]) -> Fact[T]:
        """One of the documented values. A new one of a later API version means nothing yet."""
        source, value = self.source.at(name), self._get(name)
        if isinstance(value, str) and value in meanings:
            return Known(value=meanings[value], sources=(source,))
        return malformed(source, f"{name} is absent" if value is None else f"{name} `{value}` is not documented")

    def integer(self, name: str) -> Fact[int]:
        """An int64 that must be there."""
        source, value = self.source.at(name), _integer(self._get(name))
        return malformed(source, f"{name} is absent or no integer") if value is None else known(value, source)

    def integers(self, name: str) -> Fact[frozenset[int]]:
        """A set of int64; empty when the member is absent. One item that is none spoils the whole."""
        source, value = self.source.at(name), self._get(name)
        if value is None:
            return Known(value=frozenset(), sources=(source,))
        if not isinstance(value, list | tuple):
            return malformed(source, f"{name} is no array")
        numbers = frozenset(_integer(item) for item in value)
        known_numbers = frozenset(number for number in numbers if number is not None)
        if len(known_numbers) < len(numbers):
            return malformed(source, f"{name} holds something that is no integer")
        return Known(value=known_numbers, sources=(source,))

    def time(self, name: str) -> Fact[datetime | None]:
        """A moment in UTC; None when the member is absent or empty."""
        source, value = self.source.at(name), self._get(name)
        if value is None or value == "":
            return Known(value=None, sources=(source,))
        moment = _moment(value)
        return malformed(source, f"{name} `{value}` is no time") if moment is None else known(moment, source)

    def _get(self, name: str) -> Json:
        return None if self._members is None else self._members.get(name)


def malformed(source: Source, detail: str) -> Unknown:
    """What is there, and is not what the documentation promises."""
    return Unknown(reason=Reason.MALFORMED, sources=(source,), detail=detail)


def known(value: T, source: Source) -> Known[T]:
    """A value with the one place that gave it."""
    return Known(value=value, sources=(source,))


def _integer(value: Json) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case str() if _INTEGER.fullmatch(value):
            return int(value)
        case _:
            return None


def _moment(value: Json) -> datetime | None:
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
