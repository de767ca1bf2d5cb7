"""Whether a lock keeps a planned resource from being deleted."""

from __future__ import annotations

from typing import Final

from posture.adapters.azure.terraform.scopes import scope_over
from posture.adapters.azure.terraform.tools import Tools
from posture.adapters.planned import unplanned
from posture.model.facts import Fact, Known, any_true, both
from posture.terraform.inventory import Identity
from posture.terraform.resources import Action, Resource

_LOCK: Final = "azurerm_management_lock"
_HOLDING: Final = frozenset({"CanNotDelete", "ReadOnly"})


def locked(owner: Resource, tools: Tools, identity: Identity) -> Fact[bool]:
    """By a lock of the plan; there may be others above it, which only a scan tells."""
    found: list[Fact[bool]] = []
    for lock in tools.plan.of_kind(_LOCK):
        over = scope_over(lock, owner, identity, tools)
        found.append(both(over, lock.after.text("lock_level")).map(lambda pair: bool(pair[0]) and pair[1] in _HOLDING))
    planned = any_true((*found, Known(value=False, sources=(owner.after.source,))))
    if isinstance(planned, Known) and planned.value:
        return planned
    elsewhere = unplanned(owner.after.source, "the locks of the resource group and the subscription")
    destroyed = any(each.address.kind == _LOCK and each.action is Action.DELETE for each in tools.plan.departures)
    if owner.made or destroyed:
        return any_true((planned, elsewhere))  # what a scan saw may be the lock that is destroyed
    return any_true((planned, tools.context.locked(tools.names.id(owner))))
