"""What was read, and what could not be: a fact is known with its source, or unknown with its reason."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

from posture.frozen import dataclass

T = TypeVar("T")
U = TypeVar("U")


class Reason(StrEnum):
    """Why a fact is unknown."""

    DENIED = "denied"  # the identity lacks a permission
    THROTTLED = "throttled"  # the provider asked us to slow down, after all retries
    FAILED = "failed"  # the provider or the network broke
    TIMEOUT = "timeout"  # no answer within the time limit
    MALFORMED = "malformed"  # an answer came and cannot be what the documentation promises
    NOT_FOUND = "not_found"  # the resource itself is not there, so nothing about it is known
    UNSUPPORTED = "unsupported"  # the peer does not offer this call
    NOT_COLLECTED = "not_collected"  # nobody asked
    NOT_NEEDED = "not_needed"  # nobody asked, since no control of the run reads it
    UNDETERMINED = "undetermined"  # everything was read and still it cannot be decided


class Forever(Enum):
    """A duration above every number: nothing ever ends it."""

    FOREVER = "forever"


FOREVER = Forever.FOREVER
Duration: TypeAlias = int | Forever


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact comes from: the call by the provider's name, what it was about, the place in the answer."""

    operation: str  # as the provider spells it, with the service in front: s3:GetBucketPolicy
    resource: str = ""  # what the call was about: a bucket name, a key ARN
    pointer: str = ""  # RFC 6901, into the answer; empty is the whole answer
    read_at: str = ""  # UTC, ISO 8601, to the second

    def at(self, *parts: str | int) -> Source:
        """The same answer, one place further in."""
        pointer = sys.intern(self.pointer + _pointer(parts)) if self.pointer else _pointer(parts)
        return Source(operation=self.operation, resource=self.resource, pointer=pointer, read_at=self.read_at)


@lru_cache(maxsize=4096)  # alike for every resource of a kind
def _pointer(parts: tuple[str | int, ...]) -> str:
    return sys.intern("".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Generic[T]):
    """A value and the answers that gave it. Absence is a value too: "no lifecycle rule" is known."""

    value: T
    sources: tuple[Source, ...]

    def map(self, function: Callable[[T], U]) -> Known[U]:
        """The same sources, another value."""
        return Known(value=function(self.value), sources=self.sources)

    def then(self, function: Callable[[T], Fact[U]]) -> Fact[U]:
        """A further fact made from this one; the sources of both stand under it."""
        match function(self.value):
            case Known(value=value, sources=sources):
                return Known(value=value, sources=united(self.sources, sources))
            case Unknown() as unknown:
                return unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Why a value is not known, and what would make it known."""

    reason: Reason
    sources: tuple[Source, ...] = ()
    detail: str = ""  # the provider's code and words, redacted
    needs: str = ""  # what resolves it: a permission, an option, a value

    def map(self, function: Callable[[Any], object]) -> Unknown:  # noqa: ARG002 - the same call works on a Known
        """Unknown stays unknown."""
        return self

    def then(self, function: Callable[[Any], object]) -> Unknown:  # noqa: ARG002 - the same call works on a Known
        """Unknown stays unknown."""
        return self


Fact: TypeAlias = Known[T] | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Items that a listing may lack: why, and what any lacking item would have to look like.

    `limits` names fields and the only values a lacking item can have there, so that a gap about "write" does not block
    a control about "read". No limits: anything may be lacking.
    """

    unknown: Unknown
    limits: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """Items seen, and what may be missing. A failing item fails whatever is missing; a gap only blocks PASS."""

    items: tuple[T, ...]
    gaps: tuple[Gap, ...] = ()
    sources: tuple[Source, ...] = ()

    @classmethod
    def unread(cls, unknown: Unknown) -> Listing[T]:
        """Nothing seen, anything may be missing."""
        return cls(items=(), gaps=(Gap(unknown=unknown),), sources=unknown.sources)


def united(*groups: Iterable[Source]) -> tuple[Source, ...]:
    """All sources once, in the order they came."""
    sources = [source for group in groups for source in group]
    return tuple(sources) if len(sources) < 2 else tuple(dict.fromkeys(sources))  # noqa: PLR2004 - one cannot repeat


def both(first: Fact[T], second: Fact[U]) -> Fact[tuple[T, U]]:
    """Two facts as one: known when both are."""
    return first.then(lambda one: second.map(lambda other: (one, other)))


def any_true(facts: Iterable[Fact[bool]]) -> Fact[bool]:
    """True as soon as one is known to be true; else unknown if one is unknown; else false, by all of them."""
    seen = tuple(facts)
    for fact in seen:
        if isinstance(fact, Known) and fact.value:
            return fact
    for fact in seen:
        if isinstance(fact, Unknown):
            return fact
    return Known(value=False, sources=united(*(fact.sources for fact in seen)))


def all_true(facts: Iterable[Fact[bool]]) -> Fact[bool]:
    """False as soon as one is known to be false; else unknown if one is unknown; else true, by all of them."""
    return any_true(fact.map(lambda value: not value) for fact in facts).map(lambda value: not value)


def shortest(facts: Iterable[Fact[Duration]]) -> Fact[Duration]:
    """The smallest duration, unknown if any is unknown; of nothing it is FOREVER without a source."""
    together = every_known(facts)
    return together.map(lambda durations: min(durations, key=_length, default=FOREVER))


def every_known(facts: Iterable[Fact[T]]) -> Fact[tuple[T, ...]]:
    """All the values by all the sources; unknown if one of them is."""
    seen = tuple(facts)
    for fact in seen:
        if isinstance(fact, Unknown):
            return fact
    known = [fact for fact in seen if isinstance(fact, Known)]
    return Known(value=tuple(fact.value for fact in known), sources=united(*(fact.sources for fact in known)))


def _length(duration: Duration) -> float:
    return math.inf if isinstance(duration, Forever) else duration
