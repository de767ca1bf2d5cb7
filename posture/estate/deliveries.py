"""What the sources say of one store: which configurations deliver there, who writes, and how fresh it is."""

from __future__ import annotations

from posture.estate.stage import Stage, exists
from posture.estate.writers import Writers
from posture.model.accounts import same
from posture.model.contributions import DeliveryContribution, StoreContribution
from posture.model.facts import Duration, Fact, Known, Listing, all_true, any_true, both, every_known, shortest
from posture.model.leads import StoreRef
from posture.model.subjects import Delivery, Isolation


def delivery(store: StoreContribution, stage: Stage, writers: Writers) -> Delivery:
    """The deliveries of audit logs into a store. A configuration whose store is unknown may be one of them."""
    ref = store.ref
    every = stage.deliveries_into(ref)
    near = near_deliveries(ref, every)
    return Delivery(
        configured=exists(every, lambda item: _reaches(item, ref)),
        enabled=exists(every, lambda item: all_true((_reaches(item, ref), item.configuration.enabled))),
        writer=writers.names,
        hours_since_success=_freshest(near, every),
        writer_admitted=writers.admitted(),
        writer_confined=writers.confined(),
        writer_bound=writers.bound(),
        writer_trust=writers.trust(),
        kind_supported=store.receives,
        region_supported=_where_it_must(store, near, every),
    )


def near_deliveries(
    ref: StoreRef, every: Listing[DeliveryContribution]
) -> list[tuple[DeliveryContribution, Fact[bool]]]:
    """The deliveries that reach a store, or may, each with whether it does."""
    reaching = [(item, _reaches(item, ref)) for item in every.items]
    return [(item, reached) for item, reached in reaching if not _excluded(reached)]


def writers_of(store: StoreContribution, stage: Stage) -> Writers:
    """The roles that deliver into a store."""
    every = stage.deliveries_into(store.ref)
    return Writers(store, stage, writer_of(near_deliveries(store.ref, every), every))


def isolation(store: StoreContribution, stage: Stage) -> Isolation:
    """How far a store is from what it watches. Prefixes do not separate: whoever holds the bucket holds them all."""
    bucket, around = store.ref.name, stage.around(store.ref)
    root = exists(
        around.workspace_stores, lambda ref: Known(value=ref.name == bucket, sources=around.workspace_stores.sources)
    )
    shared = exists(stage.deliveries_into(store.ref), lambda item: _delivers_else(item, bucket))
    fed = exists(store.fed_by, lambda _: Known(value=True, sources=store.fed_by.sources))
    together = exists(
        around.workspace_accounts,
        lambda account: store.account.then(lambda owner: same(owner, account)),
    )
    return Isolation(
        dedicated=all_true((_negated(root), _negated(shared), _negated(fed))),
        workspace_root=root,
        separate_account=_negated(together),
    )


def _reaches(item: DeliveryContribution, ref: StoreRef) -> Fact[bool]:
    return all_true((item.audit, item.store.map(lambda store: store == ref)))


def _delivers_else(item: DeliveryContribution, bucket: str) -> Fact[bool]:
    return all_true((_negated(item.audit), item.store.map(lambda store: store.name == bucket)))


def _negated(fact: Fact[bool]) -> Fact[bool]:
    return fact.map(lambda value: not value)


def _excluded(fact: Fact[bool]) -> bool:
    return isinstance(fact, Known) and not fact.value


def writer_of(near: list[tuple[DeliveryContribution, Fact[bool]]], every: Listing[DeliveryContribution]) -> Fact[str]:
    """The roles that are expected to write, with commas between them."""
    if not near:
        return every.gaps[0].unknown if every.gaps else Known(value="", sources=every.sources)
    writers = every_known(both(reached, item.writer).map(lambda pair: pair[1]) for item, reached in near)
    return writers.map(lambda names: ", ".join(dict.fromkeys(name for name in names if name)))


def _where_it_must(
    store: StoreContribution, near: list[tuple[DeliveryContribution, Fact[bool]]], every: Listing[DeliveryContribution]
) -> Fact[bool]:
    """One delivery from elsewhere is one that does not arrive, whatever else could not be read."""
    there = [_in_place(store, item, reached) for item, reached in near]
    rest: Fact[bool] = every.gaps[0].unknown if every.gaps else Known(value=True, sources=every.sources)
    return all_true((*there, rest))


def _in_place(store: StoreContribution, item: DeliveryContribution, reached: Fact[bool]) -> Fact[bool]:
    asked = item.region.then(
        lambda region: store.region.map(lambda own: own == region) if region else Known(value=True, sources=())
    )
    return any_true((_negated(reached), asked))


def _freshest(
    near: list[tuple[DeliveryContribution, Fact[bool]]], every: Listing[DeliveryContribution]
) -> Fact[Duration]:
    """The most recent success. A configuration that was not read could be fresher, so a number needs them all."""
    if every.gaps:
        return every.gaps[0].unknown
    hours = shortest(
        both(reached, item.configuration.hours_since_success).map(lambda pair: pair[1]) for item, reached in near
    )
    return Known(value=hours.value, sources=hours.sources or every.sources) if isinstance(hours, Known) else hours
