"""Members of an answer as facts. Azure's member names compare without regard to case: answers vary theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

from posture.adapters.azure.unsettled import NotYetKnownError, Open, Placed
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.reading import Json

T = TypeVar("T")


def item_of(raw: Json, source: Source) -> Members:
    """An item of a listing; `source` is its place in the answer."""
    return Members(_object(raw), raw.source if isinstance(raw, Placed) else source)


@dataclass(frozen=True, slots=True)
class Members:
    """An object of an answer, and where it stands."""

    raw: Mapping[str, Json]
    source: Source

    def get(self, name: str) -> Json:
        """The member as it came; None where it is null or not there. Raises NotYetKnownError."""
        value = self._found(name)
        if isinstance(value, Unknown):
            raise NotYetKnownError(value)
        return cast("Json", value)

    def inner(self, name: str) -> Members:
        """A member that is an object; an empty one where it is not."""
        inside = self.raw if isinstance(self.raw, Open) else _object(self._found(name))
        return Members(inside, self.source.at(name))

    def each(self, name: str) -> Iterator[Members]:
        """The objects of a member that is a list."""
        value = self.get(name)
        for index, item in enumerate(value if isinstance(value, list | tuple) else ()):
            yield Members(_object(item), self.source.at(name, index))

    def word(self, name: str) -> str:
        """A text; empty where there is none."""
        value = self.get(name)
        return value if isinstance(value, str) else ""

    def words(self, name: str) -> tuple[str, ...]:
        """The texts of a list."""
        value = self.get(name)
        items: tuple[object, ...] = tuple(value) if isinstance(value, list | tuple) else ()
        if unknown := next((each for each in items if isinstance(each, Unknown)), None):
            raise NotYetKnownError(unknown)
        return tuple(each for each in items if isinstance(each, str))

    def text(self, name: str, *, absent: str | None = None) -> Fact[str]:
        """A text that must be there, unless it is known what its absence means."""
        return self._as(name, absent, lambda value: value if isinstance(value, str) else None)

    def flag(self, name: str, *, absent: bool | None = None) -> Fact[bool]:
        """True or false, which must be there, unless it is known what its absence means."""
        return self._as(name, absent, lambda value: value if isinstance(value, bool) else None)

    def number(self, name: str, *, absent: int | None = None) -> Fact[int]:
        """A whole number; Azure writes some as 3.0."""
        return self._as(name, absent, whole)

    def choice(self, name: str, known: Mapping[str, T], *, absent: T | None = None) -> Fact[T]:
        """One of the documented values, whatever their case."""
        lowered = {key.lower(): value for key, value in known.items()}
        return self._as(name, absent, lambda value: lowered.get(value.lower()) if isinstance(value, str) else None)

    def malformed(self, what: str) -> Unknown:
        """What the documentation promises is not here."""
        return Unknown(reason=Reason.MALFORMED, sources=(self.source,), detail=f"no usable {what} in the answer")

    def _found(self, name: str) -> Any:  # noqa: ANN401 - JSON, or why it is not known
        value = self.raw.get(name)
        if value is None:
            lowered = name.lower()
            value = next((each for key, each in self.raw.items() if key.lower() == lowered), None)
        return value

    def _as(self, name: str, absent: T | None, read: Callable[[Json], T | None]) -> Fact[T]:
        try:
            value = self.get(name)
        except NotYetKnownError as error:
            return error.unknown
        found: T | None = absent if value is None else read(value)
        if found is None:
            return self.malformed(name)
        return Known(value=found, sources=(self.source.at(name),))


def _object(value: Any) -> Mapping[str, Json]:  # noqa: ANN401 - as above
    if isinstance(value, Unknown):
        return Open(value)
    return value if isinstance(value, Mapping) else {}


def whole(value: Json) -> int | None:
    """A whole number, also where it is written as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == int(value) else None
