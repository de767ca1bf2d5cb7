"""Sources of a plan and beside it, where the rooms that a planned wing shares with the live one say `live`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from posture.adapters.azure.ids import subscription_of
from posture.adapters.azure.live.arm import Arm
from posture.adapters.azure.live.places import Places
from posture.adapters.azure.live.workspaces import list_workspaces
from posture.adapters.azure.normalise.refs import source_ref
from posture.adapters.planned import Names
from posture.adapters.wing import Followed
from posture.model.contributions import Contribution, SourceContribution
from posture.model.facts import Known
from posture.model.leads import Found, Lead
from posture.model.subjects import Mode


def seen_workspaces(arm: Arm) -> tuple[str, ...]:
    """The ids of the workspaces that a scan saw, in lower case."""
    found = (list_workspaces(arm, each) for each in Places(arm).subscriptions().items)
    return tuple(dict.fromkeys(identity.lower() for listing in found for identity in listing.items))


def source_leads(identities: Iterable[str], how: str) -> tuple[Lead, ...]:
    """Leads to workspaces by their ids."""
    return tuple(
        Lead(target=source_ref(each), found=Found(how=how), account=subscription_of(each)) for each in identities
    )


def planned_rows(followed: Followed) -> Followed:
    """The same, with its sources as planned ones."""

    def planned(item: Contribution) -> Contribution:
        if not isinstance(item, SourceContribution):
            return item
        rows = tuple(replace(row, mode=Mode.PLANNED) for row in item.sources.items)
        return replace(item, sources=replace(item.sources, items=rows))

    return replace(followed, contributions=tuple(map(planned, followed.contributions)))


def only_into_plan(followed: Followed, names: Names) -> Followed:
    """What a source outside of the plan sends to stores of the plan. It is no row: a scan judges it."""

    def sent(item: Contribution) -> Contribution:
        if not isinstance(item, SourceContribution):
            return item
        into = tuple(
            each
            for each in item.deliveries.items
            if isinstance(each.store, Known) and names.resource(each.store.value) is not None
        )
        return replace(item, sources=replace(item.sources, items=()), deliveries=replace(item.deliveries, items=into))

    return replace(
        followed,
        contributions=tuple(map(sent, followed.contributions)),
        leads=tuple(lead for lead in followed.leads if names.resource(lead.target) is not None),
    )
