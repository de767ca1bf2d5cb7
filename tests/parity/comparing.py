"""Whether what a plan knows is what is there: every known fact the same, every decided verdict the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from posture.model.facts import Known, Listing, Unknown
from posture.model.subjects import Mode, Versioning

Facts = Mapping[str, object]  # by path

_NOT_READ = "assumptions"
"""Of a grant: what nobody read, so that it differs with what was asked."""

_WORDS = frozenset({"actions", "conditions", "via", "witness"})
"""Of a grant: what is said beside who can do what. It says less where another grant, not yet known, says it already."""

_WEAKER = (Versioning.NEVER, Versioning.SUSPENDED)
"""A bucket's own block says that versioning is off, not whether it was ever on: the weaker of the two is taken."""


def facts(record: object, names: Mapping[str, str]) -> Facts:
    """Every fact of a record, with what the plan calls by a placeholder called as it is in the cloud."""
    return dict(_facts(record, "", names))


def differences(planned: Facts, live: Facts, place: str = "") -> Iterator[str]:
    """Each known planned fact that is not the live one. A planned list with gaps may lack items, but holds no other."""
    for path, value in planned.items():
        here = f"{place}{path}"
        match value, live.get(path):
            case Listed() as ours, Listed() as theirs:
                yield from _lists(ours, theirs, here)
            case Unknown(), _:
                pass
            case now, then if now != then and (now, then) != _WEAKER:
                yield f"{here}: planned {now!r}, live {then!r}"
            case _:
                pass


class Listed:
    """The items of a list, and whether there may be more."""

    def __init__(self, items: tuple[Facts, ...], *, closed: bool) -> None:
        self.items = items
        self.closed = closed


def known(found: Facts) -> Iterator[str]:
    """The paths of what is known."""
    for path, value in found.items():
        match value:
            case Listed() as listed:
                if listed.closed:
                    yield path
                for index, item in enumerate(listed.items):
                    yield from (f"{path}[{index}].{inner}" for inner in known(item))
            case Unknown():
                pass
            case _:
                yield path


def _facts(record: object, place: str, names: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    match record:
        case Known(value=value):
            yield place, called(value, names)
        case Unknown() as unknown:
            yield place, unknown
        case Listing(items=items, gaps=gaps):
            yield place, Listed(tuple(facts(item, names) for item in items), closed=not gaps)
        case Mode():
            pass  # that is what differs
        case _ if is_dataclass(record):
            for each in (each for each in fields(record) if each.name != _NOT_READ):
                inner = f"{place}.{each.name}" if place else each.name
                yield from _facts(getattr(record, each.name), inner, names)
        case _:
            yield place, called(record, names)


def called(value: Any, names: Mapping[str, str]) -> object:  # noqa: ANN401 - whatever a fact holds
    """The same with the names of the cloud."""
    if not isinstance(value, str):
        return value
    for planned, live in names.items():
        value = value.replace(planned, live)
    return value


def _lists(planned: Listed, live: Listed, here: str) -> Iterator[str]:
    left = list(live.items)
    for item in planned.items:
        said = item if planned.closed else {path: value for path, value in item.items() if path not in _WORDS}
        fitting = next((other for other in left if not list(differences(said, other))), None)
        if fitting is None:
            yield f"{here}: planned only {_shown(item)}"
        else:
            left.remove(fitting)
    if planned.closed:
        yield from (f"{here}: live only {_shown(item)}" for item in left)


def _shown(item: Facts) -> str:
    return ", ".join(f"{path}={value!r}" for path, value in item.items() if not isinstance(value, (Unknown, Listed)))
