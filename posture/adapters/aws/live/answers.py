"""From an answer to a fact: known, known to be absent, or unknown because the answer cannot be what AWS promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.reading import Answer, Answered, Json, NotConfigured

T = TypeVar("T")
Record: TypeAlias = Mapping[str, Json]


def setting(answer: Answer, read: Callable[[Record, Source], Fact[T]], *, absent: T) -> Fact[T]:
    """What an answer says; `absent` is what it means that there is no such configuration."""
    match answer:
        case Unknown():
            return answer
        case NotConfigured(source=source):
            return Known(value=absent, sources=(source,))
        case Answered(value=value, source=source):
            return read(value, source)


def malformed(source: Source, what: str) -> Unknown:
    """An answer that came and is not what the documentation promises."""
    return Unknown(reason=Reason.MALFORMED, sources=(source,), detail=f"{what} in the answer")


def found(value: T | None, source: Source, what: str) -> Fact[T]:
    """The value with its source, or malformed when there is none."""
    return malformed(source, f"no usable {what}") if value is None else Known(value=value, sources=(source,))


def each(items: Json, read: Callable[[Record, Source], T | None], source: Source) -> tuple[T, ...] | None:
    """Every item as read; nothing at all when one of them cannot be, since a part is not the whole."""
    match items:
        case [*entries]:
            parsed = [read(record(entry), source.at(place)) for place, entry in enumerate(entries)]
            whole = tuple(item for item in parsed if item is not None)
            return whole if len(whole) == len(parsed) else None
        case _:
            return None


def record(value: Json) -> Record:
    """The value where it is a record, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def text(owner: Record, name: str) -> str:
    """A member that is a text; empty when it is not there."""
    value = owner.get(name)
    return value if isinstance(value, str) else ""


def number(owner: Record, name: str) -> int | None:
    """A member that is a whole number."""
    value = owner.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(owner: Record, name: str) -> bool | None:
    """A member that is true or false."""
    value = owner.get(name)
    return value if isinstance(value, bool) else None


def texts(owner: Record, name: str) -> tuple[str, ...]:
    """A member that is a list of texts; empty when it is not there."""
    match owner.get(name):
        case [*values]:
            return tuple(value for value in values if isinstance(value, str))
        case _:
            return ()


def document(value: Json, source: Source) -> Fact[str]:
    """A policy as JSON text, as it was written; what does not parse to an object is no policy."""
    text, parsed = "", value
    if isinstance(value, str):
        try:
            text, parsed = value, json.loads(value)
        except (ValueError, RecursionError):  # half a policy arrives as a whole answer
            return malformed(source, "a policy that is not JSON")
    written = text or json.dumps(parsed, sort_keys=True, ensure_ascii=False)
    return found(written if isinstance(parsed, Mapping) else None, source, "policy")
