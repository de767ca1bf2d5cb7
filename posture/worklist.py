"""The worklist: leads go to the wing that can follow them, until no new target turns up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from posture.adapters.registry import WINGS
from posture.adapters.wing import Followed, Wing
from posture.estate import Findings
from posture.model.assessment import IdentityUse
from posture.model.leads import Found, Lead, SourceRef, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import Provider
from posture.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a walk is: targets followed, targets known, and the target that was just finished."""

    done: int
    known: int
    target: Target


Watcher = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a walk found, and as whom."""

    findings: Findings
    identities: tuple[IdentityUse, ...]


def first_leads(settings: Settings) -> tuple[Lead, ...]:
    """What the user named: Databricks accounts and stores."""
    accounts = tuple(
        Lead(
            target=SourceRef(provider=Provider.DATABRICKS, host=access.host, account_id=access.account_id),
            found=Found(how="the configuration names this Databricks account"),
        )
        for access in settings.databricks
    )
    stores = tuple(
        Lead(target=named.ref, found=Found(how=named.found), role=named.role, account=named.account)
        for named in settings.stores
    )
    return accounts + stores


def walk(settings: Settings, reading: Reading, watch: Watcher) -> Walked:
    """Follow every lead once, side by side; a target that turns up again only gains another "found by".

    Raises CredentialError, before anything is read, when a provider that the user named cannot be asked as anybody.
    """
    wings = _Wings(settings)
    first = first_leads(settings)
    if not reading.replays:
        wings.check_credentials(first, reading)
    walker = _Walker(wings, reading, settings, watch)
    return Walked(findings=walker.run(first), identities=wings.identities(reading))


class _Wings:
    """The wings of a run, each made when its first lead turns up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[Provider, Wing] = {}

    def of(self, target: Target) -> Wing | None:
        wing = self._wing(target.provider)
        return wing if wing is not None and wing.handles(target) else None

    def _wing(self, provider: Provider) -> Wing | None:
        if provider not in self._made and provider in WINGS:
            self._made[provider] = WINGS[provider](self._settings)
        return self._made.get(provider)

    def check_credentials(self, leads: Iterable[Lead], reading: Reading) -> None:
        for provider in dict.fromkeys(lead.target.provider for lead in leads):
            wing = self._wing(provider)
            if wing is not None:
                wing.check_credentials(reading)

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        return tuple(
            use for provider in WINGS if provider in self._made for use in self._made[provider].identities(reading)
        )


class _Walker:
    """Runs in one thread; only `Wing.follow` runs in others."""

    def __init__(self, wings: _Wings, reading: Reading, settings: Settings, watch: Watcher) -> None:
        self._wings = wings
        self._reading = reading
        self._seconds = settings.seconds_per_target
        self._threads = 1 if reading.replays else settings.concurrency
        self._watch = watch
        self._leads: list[Lead] = []
        self._seen: set[Target] = set()
        self._running: dict[Future[Followed], Lead] = {}
        self._finished: SimpleQueue[Future[Followed]] = SimpleQueue()
        self._followed: list[tuple[Lead, Followed]] = []

    def run(self, first: Iterable[Lead]) -> Findings:
        pool = ThreadPoolExecutor(self._threads, "posture-target")
        try:
            self._take(first, pool)
            while self._running:
                self._finish(self._finished.get(), pool)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        self._followed.sort(key=lambda pair: str(pair[0].target))
        return Findings(
            leads=tuple(sorted(self._leads, key=_order)),
            contributions=tuple(item for _, followed in self._followed for item in followed.contributions),
            unlooked=tuple(item for _, followed in self._followed for item in followed.unlooked),
        )

    def _take(self, leads: Iterable[Lead], pool: ThreadPoolExecutor) -> None:
        for lead in leads:
            self._leads.append(lead)
            if lead.target in self._seen:
                continue
            self._seen.add(lead.target)
            wing = self._wings.of(lead.target)
            if wing is not None:
                future = pool.submit(self._follow, wing, lead)
                self._running[future] = lead
                future.add_done_callback(self._finished.put)

    def _follow(self, wing: Wing, lead: Lead) -> Followed:
        with self._reading.working():
            return wing.follow(lead, self._reading.within(self._seconds))

    def _finish(self, future: Future[Followed], pool: ThreadPoolExecutor) -> None:
        lead = self._running.pop(future)
        followed = future.result()
        self._followed.append((lead, followed))
        self._take(followed.leads, pool)
        self._watch(Progress(done=len(self._followed), known=len(self._seen), target=lead.target))


def _order(lead: Lead) -> tuple[bool, str, str]:
    return (not isinstance(lead.target, StoreRef), str(lead.target), lead.found.how)
