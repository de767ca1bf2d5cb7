"""Whether a role assignment or a lock is held over a resource: at it, above it, or on a part of it."""

from __future__ import annotations

from typing import Final

from posture.adapters.azure.ids import parent_of, subscription_of, within
from posture.adapters.azure.terraform.identities import CONTAINER, GROUP, SUBSCRIPTION
from posture.adapters.azure.terraform.tools import Tools, kind_of
from posture.model.accounts import stands_in
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.terraform.inventory import Identity
from posture.terraform.resources import Resource

_SCOPE: Final = "scope"
_FOLLOWED: Final = (*CONTAINER.kinds, *GROUP.kinds, *SUBSCRIPTION.kinds)


def scope_over(satellite: Resource, owner: Resource, identity: Identity, tools: Tools) -> Fact[str | None]:
    """The id at which it is held, where that concerns the owner; None where it does not."""
    own = tools.names.id(owner)
    match satellite.after.text(_SCOPE):
        case Known(value=text, sources=sources) if text:
            return _by_text(text, own, sources)
        case _:
            return _by_reference(satellite, owner, own, identity, tools)


def _by_text(text: str, own: str, sources: tuple[Source, ...]) -> Fact[str | None]:
    if within(text, own) or within(own, text):
        return Known(value=text, sources=sources)
    subscription = subscription_of(own)
    if stands_in(subscription) and within(text, own.replace(subscription, subscription_of(text))):
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=sources,
            detail=f"whether `{text}` is above this resource is not known: the plan does not say its subscription",
            needs="`subscription_id` in the configuration of the provider",
        )
    return Known(value=None, sources=sources)


def _by_reference(satellite: Resource, owner: Resource, own: str, identity: Identity, tools: Tools) -> Fact[str | None]:
    plan, sources = tools.plan, (satellite.after.source,)

    def named(kinds: Identity) -> Resource | None:
        fact = plan.target(satellite, _SCOPE, identity=kinds).fact
        return fact.value if isinstance(fact, Known) else None

    if (found := named(identity)) is not None:
        return Known(value=own if found is owner else None, sources=sources)
    if (container := named(CONTAINER)) is not None:
        return _of_container(container, owner, own, identity, tools)
    if (group := named(GROUP)) is not None:
        around = plan.target(owner, "resource_group_name", identity=GROUP).fact
        if isinstance(around, Unknown):
            return around
        return Known(value=parent_of(own, "resourceGroups") if around.value is group else None, sources=sources)
    if (subscription := named(SUBSCRIPTION)) is not None:
        same = tools.homes.subscription(subscription) == tools.homes.subscription(owner)
        return Known(value=parent_of(own, "subscriptions") if same else None, sources=sources)
    heads = {kind_of(each) for each in plan.mentioned(satellite, _SCOPE)}
    if heads and not heads & {"", *_FOLLOWED, *identity.kinds}:
        return Known(value=None, sources=sources)  # it is over a resource of another kind
    unfollowed = plan.target(satellite, _SCOPE, identity=identity).fact
    return unfollowed if isinstance(unfollowed, Unknown) else Known(value=None, sources=sources)


def _of_container(container: Resource, owner: Resource, own: str, identity: Identity, tools: Tools) -> Fact[str | None]:
    for attribute in ("storage_account_id", "storage_account_name"):
        around = tools.plan.target(container, attribute, identity=identity).fact
        if isinstance(around, Known) and around.value is owner:
            name = container.after.text("name")
            called = name.value if isinstance(name, Known) and name.value else "(container)"
            return Known(value=f"{own}/blobServices/default/containers/{called}", sources=(container.after.source,))
    return Known(value=None, sources=(container.after.source,))
