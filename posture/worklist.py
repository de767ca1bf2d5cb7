"""The worklist: leads go to whoever can follow them, until no new target turns up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import ParamSpec, TypeVar

from posture.adapters.wing import Followed, Follower
from posture.estate import Findings
from posture.frozen import dataclass
from posture.model.leads import Lead, StoreRef, Target
from posture.model.settings import Settings
from posture.reading import Reading

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a walk is: targets followed, targets known, and the target that was just finished; none at its start."""

    done: int
    known: int
    target: Target | None


Watcher = Callable[[Progress], None]
FollowerOf = Callable[[Target], Follower | None]  # who follows leads to a target; nobody, when no wing can


def walk(
    first: Iterable[Lead], follower_of: FollowerOf, settings: Settings, reading: Reading, watch: Watcher
) -> Findings:
    """Follow every lead once, side by side; a target that turns up again only gains another "found by"."""
    return _Walker(follower_of, reading, settings, watch).run(first)


class _Here(Executor):
    """Does the work in this thread and at once: what replays waits for nobody."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """What it gave, or why it gave nothing."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - raised where the result is asked for
            future.set_exception(error)
        return future


class _Walker:
    """Runs in one thread; only `Wing.follow` runs in others."""

    def __init__(self, follower_of: FollowerOf, reading: Reading, settings: Settings, watch: Watcher) -> None:
        self._follower_of = follower_of
        self._reading = reading
        self._seconds = settings.seconds_per_target
        self._threads = settings.concurrency
        self._watch = watch
        self._leads: list[Lead] = []
        self._seen: set[Target] = set()
        self._running: dict[Future[Followed], Lead] = {}
        self._finished: SimpleQueue[Future[Followed]] = SimpleQueue()
        self._followed: list[tuple[Lead, Followed]] = []

    def run(self, first: Iterable[Lead]) -> Findings:
        pool = _Here() if self._reading.replays else ThreadPoolExecutor(self._threads, "posture-target")
        try:
            self._take(first, pool)
            self._tell(None)
            while self._running:
                self._finish(self._next(), pool)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        self._followed.sort(key=lambda pair: str(pair[0].target))
        return Findings(
            leads=tuple(sorted(self._leads, key=_order)),
            contributions=tuple(item for _, followed in self._followed for item in followed.contributions),
            unlooked=tuple(item for _, followed in self._followed for item in followed.unlooked),
        )

    def _take(self, leads: Iterable[Lead], pool: Executor) -> None:
        for lead in leads:
            self._leads.append(lead)
            if lead.target in self._seen:
                continue
            self._seen.add(lead.target)
            follower = self._follower_of(lead.target)
            if follower is not None:
                future = pool.submit(self._follow, follower, lead)
                self._running[future] = lead
                future.add_done_callback(self._finished.put)

    def _follow(self, follower: Follower, lead: Lead) -> Followed:
        with self._reading.working():
            return follower.follow(lead, self._reading.within(self._seconds))

    def _next(self) -> Future[Followed]:
        """Waits in steps of a second: a signal that arrives in another thread does not wake this one."""
        while True:
            with suppress(Empty):
                return self._finished.get(timeout=1)

    def _finish(self, future: Future[Followed], pool: Executor) -> None:
        lead = self._running.pop(future)
        followed = future.result()
        self._followed.append((lead, followed))
        self._take(followed.leads, pool)
        self._tell(lead.target)

    def _tell(self, finished: Target | None) -> None:
        self._watch(Progress(done=len(self._followed), known=len(self._seen), target=finished))


def _order(lead: Lead) -> tuple[bool, str, str]:
    return (not isinstance(lead.target, StoreRef), str(lead.target), lead.found.how)
