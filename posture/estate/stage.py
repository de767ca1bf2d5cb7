"""The contributions of a run, by what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from posture.frozen import dataclass
from posture.model.contributions import (
    DeliveryContribution,
    KeyContribution,
    RoleContribution,
    SourceContribution,
    StoreContribution,
)
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, any_true, united
from posture.model.leads import KeyRef, Lead, StoreRef, Target
from posture.model.subjects import Mode, Provider

T = TypeVar("T")

_NO_SOURCE = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="no Databricks account on this cloud was asked",
    needs="a Databricks account, in posture.yaml or the environment",
)

_NO_PLANNED_SOURCE = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="nothing in the plan says what delivers audit logs",
    needs="`databricks_mws_log_delivery` or `azurerm_monitor_diagnostic_setting` in the plan (no resource of Google's "
    "delivers), or --context with a snapshot of `posture scan --save`",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the sources of one cloud say. The stores of another are none of their business.

    `into` are the deliveries by bucket, under an empty name those of which nobody knows where they go.
    """

    sources: tuple[SourceContribution, ...]
    deliveries: Listing[DeliveryContribution]
    into: Mapping[str, Sequence[DeliveryContribution]]
    workspace_stores: Listing[StoreRef]
    workspace_accounts: Listing[str]


class Stage:
    """Everything that joining needs, looked up once."""

    def __init__(self, leads: Iterable[Lead], contributions: Iterable[object], mode: Mode) -> None:
        self.no_source = _NO_PLANNED_SOURCE if mode is Mode.PLANNED else _NO_SOURCE
        self.leads: dict[Target, list[Lead]] = {}
        for lead in leads:
            self.leads.setdefault(lead.target, []).append(lead)
        self.store_refs = tuple(target for target in self.leads if isinstance(target, StoreRef))
        given = tuple(contributions)
        self.sources = tuple(item for item in given if isinstance(item, SourceContribution))
        self._stores = {item.ref: item for item in given if isinstance(item, StoreContribution)}
        self._copied_to = {rule.target for store in self._stores.values() for rule in store.replication.items}
        self._keys = {item.ref.key_id: item for item in given if isinstance(item, KeyContribution)}
        self._roles = {item.ref.arn: item for item in given if isinstance(item, RoleContribution)}
        self._around = {cloud: self._surroundings(cloud) for cloud in Provider}

    def store(self, ref: StoreRef) -> StoreContribution | None:
        """What a wing said of this store."""
        return self._stores.get(ref)

    def let_go(self, ref: StoreRef) -> None:
        """Forget what was said of a store, unless it holds copies of another, which is judged by it too."""
        if ref not in self._copied_to:
            self._stores.pop(ref, None)

    def key(self, ref: KeyRef) -> KeyContribution | None:
        """What a wing said of this key."""
        return self._keys.get(ref.key_id)

    def role(self, arn: str) -> RoleContribution | None:
        """What a wing said of this role."""
        return self._roles.get(arn)

    def around(self, ref: StoreRef) -> Surroundings:
        """What the sources of its cloud say around this store."""
        return self._around[ref.provider]

    def deliveries_into(self, ref: StoreRef) -> Listing[DeliveryContribution]:
        """The deliveries that reach its bucket, at any prefix, and those of which nobody knows where they go."""
        around = self.around(ref)
        return replace(around.deliveries, items=(*around.into.get(ref.name, ()), *around.into.get("", ())))

    def _surroundings(self, cloud: Provider) -> Surroundings:
        sources = tuple(source for source in self.sources if source.cloud is cloud)

        def together(part: Callable[[SourceContribution], Listing[T]]) -> Listing[T]:
            return _joined(map(part, sources)) if sources else Listing.unread(self.no_source)

        deliveries = together(lambda source: source.deliveries)
        return Surroundings(
            sources=sources,
            deliveries=deliveries,
            into=_by_bucket(deliveries.items),
            workspace_stores=together(lambda source: source.workspace_stores),
            workspace_accounts=together(lambda source: source.workspace_accounts),
        )


def _joined(listings: Iterable[Listing[T]]) -> Listing[T]:
    parts = tuple(listings)
    return Listing(
        items=tuple(item for listing in parts for item in listing.items),
        gaps=tuple(gap for listing in parts for gap in listing.gaps),
        sources=united(*(listing.sources for listing in parts)),
    )


def _by_bucket(deliveries: Iterable[DeliveryContribution]) -> dict[str, list[DeliveryContribution]]:
    into: dict[str, list[DeliveryContribution]] = {}
    for item in deliveries:
        into.setdefault(item.store.value.name if isinstance(item.store, Known) else "", []).append(item)
    return into


def exists(listing: Listing[T], test: Callable[[T], Fact[bool]]) -> Fact[bool]:
    """Whether some item passes: true by one item, false only by a complete listing, which is a source either way."""
    nothing: Fact[bool] = Known(value=False, sources=listing.sources)
    found = any_true((*(test(item) for item in listing.items), *(gap.unknown for gap in listing.gaps), nothing))
    return replace(found, sources=united(found.sources, listing.sources)) if isinstance(found, Known) else found
