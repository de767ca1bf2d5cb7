"""Where answers rest: many together in a pack, since ten thousand buckets give more than memory should hold.

Most answers are asked for once; one that is asked for again stays at hand from then on.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields

from posture.model.assessment import OperationCount
from posture.model.facts import Reason
from posture.reading.calls import Kept, Key

_MEMBERS = tuple(member.name for member in fields(Kept))
_TOGETHER = 256  # answers in one pack
_AT_HAND = 8 * _TOGETHER  # the latest answers, some megabytes: those of a hundred stores are never packed


class Shelf:
    """Every call that was made. Not for several threads at once."""

    def __init__(self) -> None:
        self._at_hand: dict[Key, Kept] = {}
        self._again: dict[Key, Kept] = {}  # these lie in a pack too
        self._packs: list[bytes] = []
        self._pack_of: dict[int, int] = {}  # by the hash of the key: two keys may share one, so a pack is searched
        self._packs_with: dict[str, list[int]] = {}  # by operation
        self._calls: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def put(self, key: Key, kept: Kept) -> None:
        """One more call."""
        self._calls[kept.operation] += 1
        self._failed[kept.operation] += kept.reason is not None
        self._at_hand[key] = kept
        if len(self._at_hand) > _AT_HAND:
            self._pack()

    def get(self, key: Key) -> Kept | None:
        """The call, if it was made."""
        kept = self._at_hand.get(key) or self._again.get(key)
        if kept is None and (place := self._pack_of.get(hash(key))) is not None:
            kept = next((each for each in _unpacked(self._packs[place]) if each.key == key), None)
            if kept is not None:
                self._again[key] = kept
        return kept

    def all(self, operation: str = "") -> Iterator[Kept]:
        """Every call, or every call of one operation."""
        packs = self._packs_with.get(operation, []) if operation else range(len(self._packs))
        for place in packs:
            yield from (kept for kept in _unpacked(self._packs[place]) if not operation or kept.operation == operation)
        yield from (kept for kept in self._at_hand.values() if not operation or kept.operation == operation)

    def ordered(self) -> Collection[Kept]:
        """Every call by its key, those of one operation unpacked at a time."""
        return _Ordered(self.all())

    def counts(self) -> tuple[OperationCount, ...]:
        """How often each operation was called."""
        names = sorted(self._calls)
        return tuple(
            OperationCount(operation=name, calls=self._calls[name], failed=self._failed[name]) for name in names
        )

    def _pack(self) -> None:
        oldest = [self._at_hand.pop(key) for key in list(self._at_hand)[:_TOGETHER]]
        place = len(self._packs)
        self._packs.append(_packed(oldest))
        self._pack_of.update((hash(kept.key), place) for kept in oldest)
        for operation in {kept.operation for kept in oldest}:
            self._packs_with.setdefault(operation, []).append(place)


class _Ordered(Collection[Kept]):
    """Calls packed anew, those of one identity and operation together."""

    def __init__(self, calls: Iterable[Kept]) -> None:
        self._packs: dict[tuple[str, str], list[bytes]] = {}
        self._number = 0
        loose: dict[tuple[str, str], list[Kept]] = {}
        for kept in calls:
            self._number += 1
            together = loose.setdefault((kept.identity, kept.operation), [])
            together.append(kept)
            if len(together) == _TOGETHER:
                self._pack(together)
        for together in loose.values():
            self._pack(together)

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Kept]:
        for _, packs in sorted(self._packs.items()):
            yield from sorted((kept for pack in packs for kept in _unpacked(pack)), key=lambda kept: kept.key)

    def __contains__(self, call: object) -> bool:
        return any(call == kept for kept in self)

    def _pack(self, together: list[Kept]) -> None:
        if together:
            self._packs.setdefault((together[0].identity, together[0].operation), []).append(_packed(together))
            together.clear()


def _packed(calls: Sequence[Kept]) -> bytes:
    rows = [[getattr(kept, name) for name in _MEMBERS] for kept in calls]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), level=1)


def _unpacked(pack: bytes) -> Iterator[Kept]:
    for row in json.loads(zlib.decompress(pack)):
        members = dict(zip(_MEMBERS, row, strict=True))
        members["parameters"] = tuple((name, value) for name, value in members["parameters"])
        members["items"] = None if members["items"] is None else tuple(members["items"])
        members["reason"] = None if members["reason"] is None else Reason(members["reason"])
        yield Kept(**members)
