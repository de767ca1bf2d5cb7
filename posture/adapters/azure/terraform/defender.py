"""Whether Defender for Storage watches a planned account: by its own setting, or by the plan of its subscription."""

from __future__ import annotations

from typing import Final

from posture.adapters.azure.config import StorageAccountConfig
from posture.adapters.azure.terraform.beside import gone, place_of, the_one
from posture.adapters.azure.terraform.identities import ACCOUNT
from posture.adapters.azure.terraform.tools import Tools
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Unknown
from posture.terraform.place import Place
from posture.terraform.resources import Action, Resource

_OWN: Final = "azurerm_security_center_storage_defender"
_PLAN: Final = "azurerm_security_center_subscription_pricing"
_STORAGE: Final = "storageaccounts"
_PAID: Final = {"free": False, "standard": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Defender:
    """`own` is the account's setting, which shows the plan of the subscription unless it `overrides` it."""

    own: Fact[bool]
    overrides: Fact[bool]
    plan: Fact[bool]


def of_account(account: Resource, tools: Tools, was: StorageAccountConfig | None) -> Defender:
    """`was` is the account as a scan saw it; None for one that is made."""
    planned = _planned(account, tools)
    plan = planned if planned is not None else _seen(account, tools, was)
    off: Fact[bool] = Known(value=False, sources=(account.after.source,))
    match the_one(tools.plan, account, _OWN, "storage_account_id", ACCOUNT):
        case Unknown() as unknown:
            return Defender(own=unknown, overrides=unknown, plan=plan)
        case Known(value=Place() as place):
            on: Fact[bool] = Known(value=True, sources=(place.values.source,))
            return Defender(own=on, overrides=place.flag("override_subscription_settings_enabled"), plan=plan)
        case _:
            pass
    if was is None or gone(tools.plan, account, _OWN, "storage_account_id", ACCOUNT):
        return Defender(own=plan, overrides=off, plan=plan)
    own = was.defender_overrides.then(lambda on: was.defender if on or planned is None else plan)
    return Defender(own=own, overrides=was.defender_overrides, plan=plan)


def _planned(account: Resource, tools: Tools) -> Fact[bool] | None:
    """What this plan makes of the subscription's plan; None where it does not touch it. Destroying it frees it."""
    home = tools.homes.subscription(account)
    for resource in tools.plan.of_kind(_PLAN):
        if tools.homes.subscription(resource) != home:
            continue
        place = place_of(resource)
        kind = place.text("resource_type")
        if isinstance(kind, Unknown):
            return kind
        if kind.value.lower() == _STORAGE:
            return _paid(place)
    for departure in tools.plan.departures:
        kind = departure.before.text("resource_type").map(lambda text: text or "")
        if departure.address.kind == _PLAN and departure.action is Action.DELETE:
            of_storage = isinstance(kind, Known) and kind.value.lower() == _STORAGE
            if of_storage and tools.homes.subscription(departure) == home:
                return Known(value=False, sources=(departure.before.source,))
    return None


def _paid(place: Place) -> Fact[bool]:
    def read(tier: str) -> Fact[bool]:
        if tier.lower() not in _PAID:
            return place.at("tier").values.misfit("Free or Standard")
        return Known(value=_PAID[tier.lower()], sources=(place.values.source,))

    return place.text("tier").then(read)


def _seen(account: Resource, tools: Tools, was: StorageAccountConfig | None) -> Fact[bool]:
    if was is not None:
        return was.defender_plan
    return tools.context.defender_plan(tools.homes.subscription(account), account.after.source)
