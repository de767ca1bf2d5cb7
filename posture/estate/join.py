"""Contributions and leads become subjects: every target has one, read or not."""

from __future__ import annotations

from collections.abc import Iterator

from posture.estate.deliveries import delivery, isolation, writers_of
from posture.estate.protection import encryption, resilience
from posture.estate.stage import Stage
from posture.frozen import dataclass
from posture.model.accounts import told
from posture.model.assessment import SubjectInfo, Unlooked
from posture.model.contributions import Contribution, SourceContribution, StoreContribution
from posture.model.facts import Fact, Known, Reason, Unknown, united
from posture.model.leads import Lead, StoreRef
from posture.model.subjects import About, Estate, Inventory, Kind, LogSource, LogStore, Mode, Role, Subject
from posture.model.unread import unread

_NO_WING = Unknown(reason=Reason.UNSUPPORTED, detail="posture cannot read this kind of place yet")
_NOT_PLANNED = Unknown(
    reason=Reason.UNSUPPORTED,
    detail="posture does not judge planned resources of this kind yet",
    needs="a scan of what applying the plan made",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A subject, and its identity as reports show it."""

    info: SubjectInfo
    record: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a walk found: each lead, what the wings said, and what could not be looked into."""

    leads: tuple[Lead, ...]
    contributions: tuple[Contribution, ...]
    unlooked: tuple[Unlooked, ...]


def join(found: Findings, mode: Mode) -> Iterator[Joined]:
    """Every subject, in a stable order: sources, stores, and the estate where somebody looked for stores.

    Each is made when its turn comes, and what was said of it is let go of then: ten thousand stores at once are large.
    """
    return _subjects(Stage(found.leads, found.contributions, mode), found.unlooked, mode)


def _subjects(stage: Stage, unlooked: tuple[Unlooked, ...], mode: Mode) -> Iterator[Joined]:
    sources = [_source(item, given, stage) for given in stage.sources for item in given.sources.items]
    yield from sorted(sources, key=lambda joined: joined.info.uri)
    refs = sorted(stage.store_refs, key=lambda ref: ref.uri)
    for ref in refs:
        yield _store(ref, stage, mode)
        stage.let_go(ref)
    if stage.sources:
        yield _estate(unlooked, stage, len(sources), len(refs), mode)


def _source(record: LogSource, given: SourceContribution, stage: Stage) -> Joined:
    info = SubjectInfo(
        about=About.SOURCE,
        uri=record.uri,
        mode=record.mode,
        provider=record.provider,
        kind=record.kind,
        name=record.name,
        found=_how(stage.leads.get(given.ref, [])),
    )
    return Joined(info=info, record=record)


def _store(ref: StoreRef, stage: Stage, mode: Mode) -> Joined:
    leads = stage.leads[ref]
    store = stage.store(ref) or unread(StoreContribution, _NOT_PLANNED if mode is Mode.PLANNED else _NO_WING, ref=ref)
    role = min((lead.role for lead in leads), key=list(Role).index)
    writers = writers_of(store, stage)
    record = LogStore(
        provider=ref.provider,
        kind=ref.kind,
        uri=ref.uri,
        role=role,
        mode=mode,
        account=told(store.account),
        organisation=store.organisation,
        region=store.region,
        labels=store.labels,
        delivery=delivery(store, stage, writers),
        encryption=encryption(store, stage, writers),
        exposure=store.exposure,
        acl=store.acl,
        network=store.network,
        credentials=store.credentials,
        grants=writers.marked(store.grants),
        integrity=store.integrity,
        retention=store.retention,
        monitoring=store.monitoring,
        resilience=resilience(store, stage),
        isolation=isolation(store, stage),
        containers=store.containers,
    )
    info = SubjectInfo(
        about=About.STORE,
        uri=ref.uri,
        mode=mode,
        provider=ref.provider,
        kind=ref.kind,
        role=role,
        name=ref.name,
        account=_shown(told(store.account)),
        region=_shown(store.region),
        found=_how(leads),
    )
    return Joined(info=info, record=record)


def _estate(unlooked: tuple[Unlooked, ...], stage: Stage, sources: int, stores: int, mode: Mode) -> Joined:
    read = united(*(given.deliveries.sources for given in stage.sources))
    complete: Fact[bool] = unlooked[0].unknown if unlooked else Known(value=True, sources=read)
    record = Estate(
        uri="estate",
        mode=mode,
        inventory=Inventory(
            complete=complete,
            stores=Known(value=stores, sources=read),
            sources=Known(value=sources, sources=read),
        ),
    )
    info = SubjectInfo(about=About.ESTATE, uri="estate", mode=mode, kind=Kind.ESTATE, name="everything found")
    return Joined(info=info, record=record)


def _shown(fact: Fact[str]) -> str:
    return fact.value if isinstance(fact, Known) else ""


def _how(leads: list[Lead]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lead.found.how for lead in leads))
