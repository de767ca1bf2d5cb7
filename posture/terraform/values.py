"""Planned values with their two masks: what is known only after apply, and what is secret.

A value is known, known to be null, or unknown with its reason. What a mask calls sensitive is replaced when the plan is
read; only whether two secrets are equal can still be asked.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import field
from enum import Enum
from itertools import zip_longest
from types import NoneType
from typing import Final, NamedTuple, TypeAlias, cast

from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Path: TypeAlias = "tuple[str | int, ...]"

AFTER_APPLY: Final = "known after apply"
SENSITIVE: Final = "marked sensitive, so it is not read"
OMITTED: Final = "not in the plan"


@dataclass(frozen=True, slots=True)
class Concealed:
    """A secret, reduced to a token that is equal for equal secrets of one plan and says nothing else."""

    token: str = field(repr=False)


class Gone(Enum):
    """Why there is no value to look at."""

    OMITTED = "omitted"  # neither a value nor a mark
    MISSHAPEN = "misshapen"  # a step that the value has no place for


Kept: TypeAlias = "bool | int | float | str | list[Kept] | dict[str, Kept] | Concealed | Gone | None"


class Values(NamedTuple):
    """The values of one resource, or one place inside them. No method raises, whatever the plan holds.

    `exact` says that every unknown attribute is marked, so that one without a mark and a value does not exist. Most
    places are only passed on the way to others, so a place says its `source` when it is asked.
    """

    raw: Kept
    whole: Source  # of the resource
    salt: bytes
    unknown: Json = None
    secret: Json = None
    exact: bool = False
    path: Path = ()

    def __repr__(self) -> str:
        """Without the salt."""
        return f"Values({self.source}: {self.raw!r})"

    @property
    def source(self) -> Source:
        """Where this place is."""
        return self.whole.at(*self.path) if self.path else self.whole

    def at(self, *path: str | int) -> Values:
        """One place further in; below null there is only null."""
        if not path:
            return self
        raw, unknown, secret = self.raw, self.unknown, self.secret
        for part in path:
            raw = _inside(raw, part)
            unknown = None if unknown is None else _mark(unknown, part)
            secret = None if secret is None else _mark(secret, part)
        return Values(raw, self.whole, self.salt, unknown, secret, self.exact, self.path + path)

    def optional(self, *path: str | int) -> Values:
        """The same for a map key, or an attribute that not every version of the provider has: not there is null."""
        place = self.at(*path)
        if place.raw is Gone.OMITTED and self.exact and not marked(place.unknown):
            return place._replace(raw=None)
        return place

    def value(self, *path: str | int) -> Fact[Json]:
        """The whole value; unknown when any part of it is."""
        place = self.at(*path)
        return place.obstacle() or Known(value=cast("Json", place.raw), sources=(place.source,))

    def text(self, *path: str | int) -> Fact[str | None]:
        """A text, or null."""
        place = self.at(*path)
        match place.raw:
            case (None | str()) as raw:
                return place.obstacle() or Known(value=raw, sources=(place.source,))
            case _:
                return place.obstacle() or place.misfit("a text")

    def flag(self, *path: str | int) -> Fact[bool | None]:
        """True, false, or null."""
        place = self.at(*path)
        match place.raw:
            case (None | bool()) as raw:
                return place.obstacle() or Known(value=raw, sources=(place.source,))
            case _:
                return place.obstacle() or place.misfit("true or false")

    def number(self, *path: str | int) -> Fact[int | None]:
        """A whole number, or null."""
        place = self.at(*path)
        match place.raw:
            case bool():
                return place.obstacle() or place.misfit("a number")
            case (None | int()) as raw:
                return place.obstacle() or Known(value=raw, sources=(place.source,))
            case float() as raw if raw.is_integer():
                return place.obstacle() or Known(value=int(raw), sources=(place.source,))
            case _:
                return place.obstacle() or place.misfit("a whole number")

    def each(self, *path: str | int) -> Fact[tuple[Values, ...]]:
        """The elements of a list, a set or a block, each of them perhaps unknown; none for null."""
        place = self.at(*path)
        if (obstacle := place._closed()) is not None:  # noqa: SLF001 - another place of the same class
            return obstacle
        match place.raw:
            case None:
                elements: tuple[Values, ...] = ()
            case list() as items:
                marks = place.unknown
                count = max(len(items), len(marks) if isinstance(marks, list) and marked(marks) else 0)
                elements = tuple(place.at(index) for index in range(count))
            case dict():
                elements = (place,)
            case _:
                return place.misfit("a list or a block")
        return Known(value=elements, sources=(place.source,))

    def entries(self, *path: str | int) -> Fact[tuple[tuple[str, Values], ...]]:
        """The entries of a map, each of them perhaps unknown; none for null."""
        place = self.at(*path)
        if (obstacle := place._closed()) is not None:  # noqa: SLF001 - another place of the same class
            return obstacle
        if place.raw is not None and not isinstance(place.raw, dict):
            return place.misfit("a map")
        marks = place.unknown if isinstance(place.unknown, dict) else {}
        keys = dict.fromkeys((*(place.raw or ()), *(key for key, mark in marks.items() if marked(mark))))
        return Known(value=tuple((key, place.at(key)) for key in keys), sources=(place.source,))

    def token(self, *path: str | int) -> Fact[str | None]:
        """What can be compared within one plan, secrets too: equal tokens are equal values. Null has none."""
        place = self.at(*path)
        if isinstance(place.raw, Concealed):
            return Known(value=place.raw.token, sources=(place.source,))
        if (obstacle := place.obstacle()) is not None:
            return obstacle
        if place.raw is None:
            return Known(value=None, sources=(place.source,))
        return Known(value=token(place.raw, self.salt), sources=(place.source,))

    def obstacle(self) -> Unknown | None:
        """Why the whole value is not known, if it is not."""
        if self.unknown is not None and marked(self.unknown):
            return self._undetermined(AFTER_APPLY, "the value, which only apply makes")
        if isinstance(self.raw, Concealed) or (self.secret is not None and marked(self.secret)):
            return self._undetermined(SENSITIVE, "a value that is not marked sensitive")
        if self.raw is Gone.OMITTED:
            return self._undetermined(OMITTED, "")
        return self.misfit("a list or a block around it") if self.raw is Gone.MISSHAPEN else None

    def misfit(self, wanted: str) -> Unknown:
        """An Unknown for a value that is not of the type that its reader knows."""
        return Unknown(reason=Reason.MALFORMED, sources=(self.source,), detail=f"this is not {wanted}")

    def _closed(self) -> Unknown | None:
        """Why not even the outline is known."""
        outlined = self.unknown is False or isinstance(self.unknown, (list, dict, NoneType))
        return None if outlined and isinstance(self.raw, (list, dict)) else self.obstacle()

    def _undetermined(self, detail: str, needs: str) -> Unknown:
        return Unknown(reason=Reason.UNDETERMINED, sources=(self.source,), detail=detail, needs=needs)


def token(value: Kept, salt: bytes) -> str:
    """A name for a value that hides it and is the same for the same value and salt."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=_token_of)
    kind = b"s" if isinstance(value, str) else b"j"
    return hashlib.blake2b(kind + text.encode(errors="surrogatepass"), key=salt, digest_size=16).hexdigest()


def marked(mask: Json) -> bool:
    """Whether a mask marks anything. What is no mask at all is taken for a mark."""
    match mask:
        case None | False:
            return False
        case list():
            return any(marked(item) for item in mask)
        case dict():
            return any(marked(item) for item in mask.values())
        case _:
            return True


def merged(one: Json, other: Json) -> Json:
    """What either mask marks."""
    if not marked(one):
        return other
    if not marked(other):
        return one
    match one, other:
        case dict(), dict():
            return {key: merged(one.get(key), other.get(key)) for key in {**one, **other}}
        case list(), list():
            return [merged(first, second) for first, second in zip_longest(one, other)]
        case _:
            return True


def conceal(value: Json, mask: Json, salt: bytes) -> tuple[Kept, Json]:
    """The value without what the mask marks, and the mask of what was taken out. Null is no secret."""
    if not marked(mask):
        return cast("Kept", value), None
    match value, mask:
        case None, _:
            return None, None
        case dict(), dict():
            pairs = {key: conceal(item, mask.get(key), salt) for key, item in value.items()}
            return {key: kept for key, (kept, _) in pairs.items()}, {key: hidden for key, (_, hidden) in pairs.items()}
        case list(), list() if len(mask) <= len(value):
            marks = mask + [None] * (len(value) - len(mask))
            both = [conceal(item, mark, salt) for item, mark in zip(value, marks, strict=True)]
            return [kept for kept, _ in both], [hidden for _, hidden in both]
        case _:
            return Concealed(token(cast("Kept", value), salt)), True


def _inside(raw: Kept, part: str | int) -> Kept:
    if isinstance(raw, dict) and isinstance(part, str):  # by far the most
        return raw.get(part, Gone.OMITTED)
    match raw, part:
        case ((None | Gone() | Concealed()), _):
            return raw
        case dict(), 0:  # a block that can stand only once, written without its list
            return raw
        case list(), int():
            return raw[part] if 0 <= part < len(raw) else None
        case _:
            return Gone.MISSHAPEN


def _mark(mask: Json, part: str | int) -> Json:
    if isinstance(mask, dict) and isinstance(part, str):
        return mask.get(part)
    match mask, part:
        case dict(), 0:
            return mask
        case list(), int():
            return mask[part] if 0 <= part < len(mask) else None
        case _:
            return True if marked(mask) else None


def _token_of(value: object) -> str:
    return value.token if isinstance(value, Concealed) else ""
