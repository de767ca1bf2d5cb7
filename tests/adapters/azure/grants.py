"""The grants of a seeded store, by who holds them."""

from __future__ import annotations

from dataclasses import replace

from posture.model.facts import Known
from posture.model.subjects import Grant, Scope
from posture.model.trust import TrustZone
from tests.adapters.azure.live import Cloud, lead, storage, store_of
from tests.testbeds.databricks import Record


class Access:
    """The grants of one store, by who holds them."""

    def __init__(self, cloud: Cloud, name: str, *, trust: TrustZone | None = None) -> None:
        store = store_of(cloud.wing(trust=trust), lead(storage(name)))
        self.grants = store.grants.items
        self.gaps = store.grants.gaps

    def of(self, holder: str) -> list[Grant]:
        return [
            grant for grant in self.grants if isinstance(grant.principal, Known) and holder in grant.principal.value
        ]

    def actions(self, holder: str) -> set[str]:
        return {grant.action.value.value for grant in self.of(holder) if isinstance(grant.action, Known)}

    def scopes(self, holder: str) -> set[Scope]:
        return {grant.scope.value for grant in self.of(holder) if isinstance(grant.scope, Known)}

    def doubts(self, *words: str) -> list[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]]:
        return [(gap.unknown.detail, gap.limits) for gap in self.gaps if all(w in gap.unknown.detail for w in words)]


def only(cloud: Cloud, *scoped: Record, members: dict[str, tuple[str, ...]] | None = None) -> None:
    """No assignments but these."""
    state = replace(cloud.peer.state, scoped=scoped)
    cloud.peer.state = replace(state, members=members) if members is not None else state
