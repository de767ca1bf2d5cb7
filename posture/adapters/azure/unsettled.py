"""Parts of an answer that are not known yet, where an Unknown stands in the place of JSON.

What Azure answers has none. An answer that somebody predicts may have some, and the same readers read both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

from posture.model.facts import Fact, Source, Unknown
from posture.model.unread import unread
from posture.reading import Json

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class NotYetKnownError(Exception):
    """A reader came to a part that nobody knows yet. It ends as that Unknown."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.detail)
        self.unknown = unknown


class Open(Mapping[str, Json]):
    """An object of which nothing is known: whatever is asked of it raises NotYetKnownError."""

    def __init__(self, unknown: Unknown) -> None:
        self._unknown = unknown

    def __getitem__(self, name: str) -> Json:
        raise NotYetKnownError(self._unknown)

    def __iter__(self) -> Iterator[str]:
        raise NotYetKnownError(self._unknown)

    def __len__(self) -> int:
        raise NotYetKnownError(self._unknown)


class Placed(dict[str, Json]):
    """An item of a listing that says itself where it stands."""

    def __init__(self, value: Mapping[str, Json], source: Source) -> None:
        super().__init__(value)
        self.source = source


def settled(read: Callable[P, Fact[T]]) -> Callable[P, Fact[T]]:
    """The same reader, whose fact is unknown where it comes to what is not known yet."""

    @wraps(read)
    def told(*arguments: P.args, **options: P.kwargs) -> Fact[T]:
        try:
            return read(*arguments, **options)
        except NotYetKnownError as error:
            return error.unknown

    return told


def record(read: Callable[[], R], kind: type[R]) -> R:
    """A whole record, of which nothing is known where its reader comes to what is not known yet."""
    try:
        return read()
    except NotYetKnownError as error:
        return unread(kind, error.unknown)
