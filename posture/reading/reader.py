"""Makes each call once, counts it, times it, keeps it; or gives back what a snapshot kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias, TypedDict, TypeVar

from posture.model.assessment import OperationCount
from posture.model.facts import Reason, Unknown
from posture.reading.calls import Answer, Answered, Call, Json, Kept, Key, NotConfigured, Pages, ReadFailure
from posture.reading.json import clean, digest, masked_json
from posture.reading.needs import Needs
from posture.reading.permits import Permits
from posture.reading.shelf import Shelf
from posture.redaction import redact

T = TypeVar("T")
_Blank: TypeAlias = "partial[Kept]"  # what is known of a call before it is made; how it went is still to be said


class _Failed(TypedDict, total=False):
    """The members of a kept call that tell that it gave no answer."""

    absent: str
    reason: Reason
    detail: str


_UNKEPT = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="the snapshot does not hold this call",
    needs="a new scan with `--save`, which makes every call",
)
_UNNEEDED = Unknown(reason=Reason.NOT_NEEDED, detail="no control of this run needs this call")


@dataclass(slots=True)
class _Ledger:
    """What all views of one reading share."""

    replayed: Mapping[Key, Kept] | None
    pool: ThreadPoolExecutor | None
    permits: Permits
    unkept: Unknown
    needs: Needs | None
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: Shelf = field(default_factory=Shelf)
    under_way: dict[Key, Future[Kept] | None] = field(default_factory=dict)  # None while nobody waits for it
    second: tuple[int, str] = (0, "")

    def now(self) -> str:
        """The time, one text for all calls of a second."""
        second = int(time.time())
        if second != self.second[0]:
            self.second = second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.second[1]

    def awaited(self, key: Key) -> Future[Kept]:
        """What others wait for who ask for a call that is under way. Only with the lock."""
        return self.under_way[key] or Future()


class Reading:
    """Makes calls, or gives back kept ones. `as_of` is the clock by which freshness is judged.

    `unkept` is what a replay says of a call that was not kept; `needs` decide which calls are made, else all are.
    """

    def __init__(
        self,
        *,
        as_of: datetime,
        concurrency: int = 1,
        replayed: Iterable[Kept] | None = None,
        unkept: Unknown = _UNKEPT,
        needs: Needs | None = None,
    ) -> None:
        self.as_of = as_of
        self._deadline: float | None = None
        self._ledger = _Ledger(
            replayed=None if replayed is None else {kept.key: kept for kept in replayed},
            pool=ThreadPoolExecutor(concurrency, "posture-call") if concurrency > 1 and replayed is None else None,
            permits=Permits(concurrency),
            unkept=unkept,
            needs=needs,
        )

    @property
    def replays(self) -> bool:
        """Whether answers come from a snapshot and no call is made."""
        return self._ledger.replayed is not None

    def within(self, seconds: float) -> Reading:
        """The same reading, that starts no further call once the time is used up."""
        view = object.__new__(Reading)
        view.as_of, view._ledger = self.as_of, self._ledger
        view._deadline = time.monotonic() + seconds
        return view

    def kept(self, operation: str = "") -> tuple[Kept, ...]:
        """Every call that was made, or every call of one operation, in a stable order."""
        with self._ledger.lock:
            made = tuple(self._ledger.made.all(operation))
        return tuple(sorted(made, key=lambda kept: kept.key))

    def ordered(self) -> Collection[Kept]:
        """The same calls in the same order, not all of them at once."""
        with self._ledger.lock:
            return self._ledger.made.ordered()

    def counts(self) -> tuple[OperationCount, ...]:
        """How often each operation was called."""
        with self._ledger.lock:
            return self._ledger.made.counts()

    def close(self) -> None:
        """Ends the threads; calls that have not begun are dropped."""
        if self._ledger.pool is not None:
            self._ledger.pool.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def working(self) -> Iterator[None]:
        """A thread that makes calls counts as one of those in flight, whether it calls or waits for others."""
        self._ledger.permits.wait()
        try:
            yield
        finally:
            self._ledger.permits.give_back()

    def together(self, *calls: Callable[[], T]) -> tuple[T, ...]:
        """The results of several reads, in the order given; side by side as far as calls may be in flight."""
        if not calls:
            return ()
        *others, last = calls
        begun = [self._begun(call) for call in others]
        ended = last()
        return (*(result() for result in begun), ended)

    def _begun(self, call: Callable[[], T]) -> Callable[[], T]:
        """In a thread of its own if one more call may be in flight, else here and now."""
        pool = self._ledger.pool
        if pool is None or not self._ledger.permits.take():
            value = call()
            return lambda: value
        return pool.submit(self._permitted, call).result

    def _permitted(self, call: Callable[[], T]) -> T:
        try:
            return call()
        finally:
            self._ledger.permits.give_back()

    def read(
        self,
        call: Call,
        *,
        identity: str,
        resource: str,
        parameters: Mapping[str, str],
        perform: Callable[[], Mapping[str, object]],
    ) -> Answer:
        """One answer: as it came, known to be absent, or unknown with its reason. `perform` makes the call."""
        kept = self._once(call, identity, resource, parameters, lambda blank: _one(call, blank, perform))
        if kept.reason is not None:
            return self._unknown(call, kept, kept.reason)
        if kept.absent:
            return NotConfigured(code=kept.absent, source=kept.source)
        return Answered(value=kept.answer or {}, source=kept.source)

    def read_all(
        self,
        call: Call,
        *,
        identity: str,
        resource: str,
        parameters: Mapping[str, str],
        pages: Callable[[], Iterable[object]],
    ) -> Pages:
        """Every item of every page; a page that fails leaves the items before it, and a gap."""
        kept = self._once(call, identity, resource, parameters, lambda blank: _many(call, blank, pages))
        gap = None if kept.reason is None else self._unknown(call, kept, kept.reason)
        return Pages(items=kept.items or (), source=kept.source, gap=gap)

    def _once(
        self,
        call: Call,
        identity: str,
        resource: str,
        parameters: Mapping[str, str],
        make: Callable[[_Blank], Kept],
    ) -> Kept:
        key = identity, call.operation, tuple(sorted(parameters.items()))
        unmade = self._unmade(call, key)
        if unmade is not None:  # nobody made it: nothing to keep
            return _blank(key, resource)(read_at="", reason=unmade.reason, detail=unmade.detail)
        with self._ledger.lock:
            made = self._ledger.made.get(key)
            if made is not None:
                return made
            awaited = self._ledger.awaited(key) if key in self._ledger.under_way else None
            self._ledger.under_way[key] = awaited
        return self._fulfilled(key, resource, make) if awaited is None else awaited.result()

    def _unmade(self, call: Call, key: Key) -> Unknown | None:
        """Why there is nothing to ask: no control needs it, or nobody kept the answer."""
        if self._ledger.needs is not None and not self._ledger.needs.include(call):
            return _UNNEEDED
        if self._ledger.replayed is not None and key not in self._ledger.replayed:
            return self._ledger.unkept
        return None

    def _fulfilled(self, key: Key, resource: str, make: Callable[[_Blank], Kept]) -> Kept:
        """Make the call, and hand it to whoever waits for it; they must not wait for ever when there is a bug in it."""
        try:
            made = self._made(key, resource, make)
        except BaseException as error:
            with self._ledger.lock:
                awaited = self._ledger.under_way[key] = self._ledger.awaited(key)
            awaited.set_exception(error)
            raise
        with self._ledger.lock:
            self._ledger.made.put(key, made)
            others = self._ledger.under_way.pop(key)
        if others is not None:
            others.set_result(made)
        self._ledger.permits.answered()
        return made

    def _made(self, key: Key, resource: str, make: Callable[[_Blank], Kept]) -> Kept:
        if self._ledger.replayed is not None:
            return self._ledger.replayed[key]
        blank = partial(_blank(key, resource), read_at=self._ledger.now())
        if self._deadline is not None and time.monotonic() > self._deadline:
            return blank(reason=Reason.TIMEOUT, detail="the time limit for this target was used up")
        return make(blank)

    def _unknown(self, call: Call, kept: Kept, reason: Reason) -> Unknown:
        needs = {Reason.DENIED: call.permission, Reason.NOT_COLLECTED: self._ledger.unkept.needs}.get(reason, "")
        return Unknown(reason=reason, sources=(kept.source,), detail=kept.detail, needs=needs)


def _blank(key: Key, resource: str) -> _Blank:
    identity, operation, parameters = key
    return partial(Kept, identity=identity, operation=operation, parameters=parameters, resource=resource)


def _one(call: Call, blank: _Blank, perform: Callable[[], Mapping[str, object]]) -> Kept:
    try:
        answer = {str(member): clean(value) for member, value in perform().items()}
    except ReadFailure as failure:
        return blank(**_failed(call, failure))
    for member in call.required:
        if member not in answer:
            detail = f"the answer lacks {member}; something between us and the provider answered in its place"
            return blank(reason=Reason.MALFORMED, detail=detail)
    masked = {member: masked_json(value) for member, value in answer.items()}
    return blank(answer=masked, digest="" if masked == answer else digest(answer))


def _many(call: Call, blank: _Blank, pages: Callable[[], Iterable[object]]) -> Kept:
    items: list[Json] = []
    failed: _Failed = {}
    try:
        for item in pages():  # the items before a failing page stay
            items.append(clean(item))  # noqa: PERF401 - a comprehension would lose them
    except ReadFailure as failure:
        failed = _failed(call, failure)
        failed["absent"] = ""
    masked = [masked_json(item) for item in items]
    return blank(items=tuple(masked), digest="" if masked == items else digest(items), **failed)


def _failed(call: Call, failure: ReadFailure) -> _Failed:
    if failure.code in call.absent:
        return {"absent": failure.code}
    reason = Reason.NOT_FOUND if failure.code in call.missing else failure.reason
    words = f"{failure.code}: {failure.message}" if failure.message else failure.code
    return {"reason": reason, "detail": redact(" ".join(words.split()))}
