"""One provider call becomes an answer or an Unknown, here and nowhere else.

Every call passes through a `Reading`: it is made once per (identity, operation, parameters), counted, timed, redacted,
and kept for a snapshot. A `Reading` made from kept answers gives them back and never calls.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from posture.model.facts import Reason, Source, Unknown
from posture.redaction import redact

T = TypeVar("T")
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


class ReadFailure(Exception):  # noqa: N818 - what a wing raises when its SDK gave no answer; it ends as an Unknown
    """The provider gave no answer, or one that says so: the reason, the provider's own code, and its words."""

    def __init__(self, reason: Reason, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.reason = reason
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A read that posture may make, declared once: what it is called, what it needs, which errors mean "not there"."""

    operation: str  # s3:GetBucketEncryption
    permission: str  # s3:GetEncryptionConfiguration; empty when any authenticated caller may
    resource: str = "*"  # the ARN pattern that the least-privilege role names
    absent: frozenset[str] = frozenset()  # exactly the error codes that mean "not configured"
    missing: frozenset[str] = frozenset()  # the error codes that mean "the resource itself is not there"
    required: tuple[str, ...] = ()  # members without which an answer is no answer
    purpose: str = ""  # why posture asks, for whoever grants the permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The provider's answer, as JSON."""

    value: Mapping[str, Json]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class NotConfigured:
    """The provider says that there is no such configuration: a known absence."""

    code: str
    source: Source


Answer: TypeAlias = Answered | NotConfigured | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The items of all pages, and why there may be more of them."""

    items: tuple[Json, ...]
    source: Source
    gap: Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One call as it went: what a snapshot holds. Exactly one of `answer`, `items`, `absent` and `reason` says how."""

    identity: str
    operation: str
    parameters: tuple[tuple[str, str], ...]
    resource: str
    read_at: str
    digest: str = ""  # sha256 of the answer before secrets were masked
    answer: Mapping[str, Json] | None = None
    items: tuple[Json, ...] | None = None
    absent: str = ""
    reason: Reason | None = None
    detail: str = ""

    @property
    def key(self) -> Key:
        """What a call is known by."""
        return (self.identity, self.operation, self.parameters)

    @property
    def source(self) -> Source:
        """The call as a source of facts."""
        return Source(operation=self.operation, resource=self.resource, read_at=self.read_at)


Key: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class _Ledger:
    """What all views of one reading share."""

    replayed: Mapping[Key, Kept] | None
    pool: ThreadPoolExecutor | None
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: dict[Key, Future[Kept]] = field(default_factory=dict)


class Reading:
    """Makes calls, or gives back kept ones. `as_of` is the clock by which freshness is judged."""

    def __init__(self, *, as_of: datetime, concurrency: int = 1, replayed: Iterable[Kept] | None = None) -> None:
        self.as_of = as_of
        self._deadline: float | None = None
        self._ledger = _Ledger(
            replayed=None if replayed is None else {kept.key: kept for kept in replayed},
            pool=ThreadPoolExecutor(concurrency, "posture-call") if concurrency > 1 and replayed is None else None,
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

    def kept(self) -> tuple[Kept, ...]:
        """Every call that was made, in a stable order."""
        with self._ledger.lock:
            futures = tuple(self._ledger.made.values())
        return tuple(sorted((future.result() for future in futures if future.done()), key=lambda kept: kept.key))

    def close(self) -> None:
        """Ends the threads; calls that have not begun are dropped."""
        if self._ledger.pool is not None:
            self._ledger.pool.shutdown(wait=False, cancel_futures=True)

    def together(self, *calls: Callable[[], T]) -> tuple[T, ...]:
        """The results of several reads, made side by side, in the order given."""
        pool = self._ledger.pool
        if pool is None:
            return tuple(call() for call in calls)
        return tuple(future.result() for future in [pool.submit(call) for call in calls])

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
        kept = self._once(call, identity, resource, parameters, lambda kept: _one(call, kept, perform))
        if kept.reason is not None:
            return _unknown(call, kept, kept.reason)
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
        kept = self._once(call, identity, resource, parameters, lambda kept: _many(call, kept, pages))
        gap = None if kept.reason is None else _unknown(call, kept, kept.reason)
        return Pages(items=kept.items or (), source=kept.source, gap=gap)

    def _once(
        self,
        call: Call,
        identity: str,
        resource: str,
        parameters: Mapping[str, str],
        make: Callable[[Kept], Kept],
    ) -> Kept:
        blank = Kept(
            identity=identity,
            operation=call.operation,
            parameters=tuple(sorted(parameters.items())),
            resource=resource,
            read_at="",
        )
        with self._ledger.lock:
            future = self._ledger.made.get(blank.key)
            if first := future is None:
                future = self._ledger.made[blank.key] = Future()
        if first:
            try:
                future.set_result(self._make(blank, make))
            except BaseException as error:
                future.set_exception(error)  # whoever waits for this call must not wait for ever
                raise
        return future.result()

    def _make(self, blank: Kept, make: Callable[[Kept], Kept]) -> Kept:
        if self._ledger.replayed is not None:
            absent = replace(blank, reason=Reason.NOT_COLLECTED, detail="the snapshot does not hold this call")
            return self._ledger.replayed.get(blank.key, absent)
        stamped = replace(blank, read_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        if self._deadline is not None and time.monotonic() > self._deadline:
            return replace(stamped, reason=Reason.TIMEOUT, detail="the time limit for this target was used up")
        return make(stamped)


def clean(value: object) -> Json:
    """Any answer of an SDK as JSON: times in ISO 8601 UTC, bytes as text."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return value
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case Mapping():
            return {str(key): clean(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [clean(inner) for inner in value]
        case _:
            return str(value)


def _one(call: Call, kept: Kept, perform: Callable[[], Mapping[str, object]]) -> Kept:
    try:
        answer = {str(member): clean(value) for member, value in perform().items()}
    except ReadFailure as failure:
        return _failed(call, kept, failure)
    for member in call.required:
        if member not in answer:
            detail = f"the answer lacks {member}; something between us and the provider answered in its place"
            return replace(kept, reason=Reason.MALFORMED, detail=detail)
    masked = {member: masked_json(value) for member, value in answer.items()}
    return replace(kept, answer=masked, digest=digest(answer))


def _many(call: Call, kept: Kept, pages: Callable[[], Iterable[object]]) -> Kept:
    items: list[Json] = []
    failed = kept
    try:
        for item in pages():  # the items before a failing page stay
            items.append(clean(item))  # noqa: PERF401 - a comprehension would lose them
    except ReadFailure as failure:
        failed = replace(_failed(call, kept, failure), absent="")
    return replace(failed, items=tuple(masked_json(item) for item in items), digest=digest(items))


def _failed(call: Call, kept: Kept, failure: ReadFailure) -> Kept:
    if failure.code in call.absent:
        return replace(kept, absent=failure.code)
    reason = Reason.NOT_FOUND if failure.code in call.missing else failure.reason
    words = f"{failure.code}: {failure.message}" if failure.message else failure.code
    return replace(kept, reason=reason, detail=redact(" ".join(words.split())))


def _unknown(call: Call, kept: Kept, reason: Reason) -> Unknown:
    needs = call.permission if reason is Reason.DENIED else ""
    return Unknown(reason=reason, sources=(kept.source,), detail=kept.detail, needs=needs)


def masked_json(value: Json) -> Json:
    """The same value with every secret in its texts masked."""
    match value:
        case str():
            return redact(value)
        case Mapping():
            return {key: masked_json(inner) for key, inner in value.items()}
        case Sequence():
            return [masked_json(inner) for inner in value]
        case _:
            return value


def digest(value: Json) -> str:
    """sha256 of the one text of a JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
