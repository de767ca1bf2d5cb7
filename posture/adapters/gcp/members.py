"""From an answer to a fact: known, known to be absent, or unknown because it cannot be what Google documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.reading import Answer, Answered, Json, NotConfigured, Pages

T = TypeVar("T")
Record: TypeAlias = Mapping[str, Json]


def setting(answer: Answer, read: Callable[[Record, Source], Fact[T]]) -> Fact[T]:
    """What an answer says; Google tells absence inside its answers, never by an error."""
    match answer:
        case Unknown():
            return answer
        case Answered(value=value, source=source):
            return read(value, source)
        case NotConfigured(source=source):
            return malformed(source, "no configuration")


def listed(pages: Pages, read: Callable[[Record, Source], T | None], what: str) -> Listing[T]:
    """Every item as read; one that cannot be read is a gap, as is a page that did not come."""
    items: list[T] = []
    gap = pages.gap
    for place, raw in enumerate(pages.items):
        source = pages.source.at(place)
        item = read(record(raw), source)
        if item is not None:
            items.append(item)
        elif gap is None:
            gap = malformed(source, f"no usable {what}")
    return Listing(items=tuple(items), gaps=() if gap is None else (Gap(unknown=gap),), sources=(pages.source,))


def malformed(source: Source, what: str) -> Unknown:
    """An answer that came and is not what the documentation promises."""
    return Unknown(reason=Reason.MALFORMED, sources=(source,), detail=f"{what} in the answer")


def found(value: T | None, source: Source, what: str) -> Fact[T]:
    """The value with its source, or malformed when there is none."""
    return malformed(source, f"no usable {what}") if value is None else Known(value=value, sources=(source,))


def each(items: Json, read: Callable[[Record, Source], T | None], source: Source) -> tuple[T, ...] | None:
    """Every item as read, none where the member is absent; nothing at all when one of them cannot be read."""
    if items is None:
        return ()
    if not isinstance(items, list | tuple):
        return None
    parsed = [read(record(entry), source.at(place)) for place, entry in enumerate(items)]
    whole = tuple(item for item in parsed if item is not None)
    return whole if len(whole) == len(parsed) else None


def record(value: Json) -> Record:
    """The value where it is a record, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def text(owner: Record, name: str) -> str:
    """A member that is a text; empty when it is not there."""
    value = owner.get(name)
    return value if isinstance(value, str) else ""


def number(owner: Record, name: str) -> int | None:
    """A member that is a whole number; an int64 is written as a text."""
    value = owner.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(owner: Record, name: str) -> bool | None:
    """A member that is true or false; false is often left out."""
    value = owner.get(name, False)
    return value if isinstance(value, bool) else None


def texts(owner: Record, name: str) -> tuple[str, ...] | None:
    """A member that is a list of texts, none where it is absent; nothing when it is anything else."""
    value = owner.get(name)
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(item for item in value if isinstance(item, str))


def seconds(owner: Record, name: str) -> int | None:
    """A duration in Google's JSON, such as `7776000s`, in whole seconds."""
    value = text(owner, name).removesuffix("s").partition(".")[0]
    return int(value) if value.isascii() and value.isdecimal() else None
