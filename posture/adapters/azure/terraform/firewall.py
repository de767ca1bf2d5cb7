"""Network rules of planned storage accounts and Event Hubs namespaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from posture.adapters.azure.config import Firewall
from posture.adapters.azure.terraform.attributes import flag, lacks, silent, text
from posture.adapters.azure.terraform.beside import gone, place_of, the_one
from posture.adapters.azure.terraform.identities import ACCOUNT
from posture.adapters.azure.terraform.tools import Tools
from posture.model.facts import Fact, Known, Unknown, both, every_known
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.resources import Resource

_RULES: Final = "azurerm_storage_account_network_rules"
_ENDPOINT: Final = "azurerm_private_endpoint"
_OPEN: Final = {"allow": True, "deny": False}


def of_storage(account: Resource, tools: Tools, endpoints: Fact[int], was: Firewall | None = None) -> Firewall:
    """By the resource of the rules, by the account's own block, or open, as Azure makes accounts.

    Of an account outside of the plan, `was` is what a scan saw in place of its block.
    """
    public = _public(place_of(account)) if was is None else was.public
    match the_one(tools.plan, account, _RULES, "storage_account_id", ACCOUNT):
        case Unknown() as unknown:
            return alike(public, unknown, endpoints)
        case Known(value=Place() as place):
            return _storage_rules(place, public, endpoints)
        case _:
            destroyed = gone(tools.plan, account, _RULES, "storage_account_id", ACCOUNT)
            if destroyed or silent(tools.plan, account, "network_rules"):
                return without(public, endpoints, bypass=True)
            if was is not None:
                return replace(was, private_endpoints=endpoints)
            block = place_of(account).block("network_rules")
            if isinstance(block, Unknown):
                return alike(public, block, endpoints)
            own = block.value
            return without(public, endpoints, bypass=True) if own is None else _storage_rules(own, public, endpoints)


def of_namespace(namespace: Resource, tools: Tools, endpoints: Fact[int]) -> Firewall:
    """By the block of rule sets."""
    place = place_of(namespace)
    name = "network_rulesets"
    public = _public(place)
    if lacks(place, name) or silent(tools.plan, namespace, name):
        return without(public, endpoints, bypass=False)
    block = place.block(name)
    if isinstance(block, Unknown):
        return alike(public, block, endpoints)
    if block.value is None:
        return without(public, endpoints, bypass=False)
    rules = block.value
    own = rules.flag("public_network_access_enabled") if not lacks(rules, "public_network_access_enabled") else None
    addresses = rules.each("ip_rule").then(lambda each: every_known(rule.text("ip_mask") for rule in each))
    subnets = rules.each("virtual_network_rule").then(lambda each: every_known(rule.text("subnet_id") for rule in each))
    return Firewall(
        public=public if own is None else both(public, own).map(lambda pair: "Enabled" if pair[1] else pair[0]),
        default_open=_default(rules),
        addresses=addresses,
        subnets=subnets,
        resources=Known(value=(), sources=(rules.values.source,)),
        bypass=flag(rules, "trusted_service_access_enabled"),
        private_endpoints=endpoints,
    )


def private_endpoints(owner: Resource, tools: Tools, identity: Identity, live: Fact[int]) -> Fact[int]:
    """How many of this plan lead to it, approved by themselves, beside those that were there."""
    found = 0
    for resource in tools.plan.of_kind(_ENDPOINT):
        path = ("private_service_connection", 0, "private_connection_resource_id")
        match tools.plan.target(resource, *path, identity=identity).fact:
            case Known(value=target) if target is owner:
                manual = place_of(resource).flag("private_service_connection", 0, "is_manual_connection")
                if isinstance(manual, Unknown):
                    return manual
                found += not manual.value
            case Known():
                pass
            case Unknown() as unknown:
                return unknown
    if owner.made:
        return Known(value=found, sources=(owner.after.source,))
    return live.map(lambda count: max(count, found))


def without(public: Fact[str], endpoints: Fact[int], *, bypass: bool) -> Firewall:
    """No rules: open by default."""
    nothing: Fact[tuple[str, ...]] = Known(value=(), sources=public.sources)
    return Firewall(
        public=public,
        default_open=Known(value=True, sources=public.sources),
        addresses=nothing,
        subnets=nothing,
        resources=Known(value=(), sources=public.sources),
        bypass=Known(value=bypass, sources=public.sources),
        private_endpoints=endpoints,
    )


def alike(public: Fact[str], unknown: Unknown, endpoints: Fact[int]) -> Firewall:
    """Nothing is known of the rules."""
    return Firewall(
        public=public,
        default_open=unknown,
        addresses=unknown,
        subnets=unknown,
        resources=unknown,
        bypass=unknown,
        private_endpoints=endpoints,
    )


def _public(place: Place) -> Fact[str]:
    return flag(place, "public_network_access_enabled").map(lambda on: "Enabled" if on else "Disabled")


def _storage_rules(rules: Place, public: Fact[str], endpoints: Fact[int]) -> Firewall:
    return Firewall(
        public=public,
        default_open=_default(rules),
        addresses=rules.texts("ip_rules"),
        subnets=rules.texts("virtual_network_subnet_ids"),
        resources=rules.each("private_link_access").then(lambda each: every_known(map(_resource, each))),
        bypass=_bypass(rules),
        private_endpoints=endpoints,
    )


def _bypass(rules: Place) -> Fact[bool]:
    """Whether Azure's own services get through. What is not written is only known after apply."""
    return rules.texts("bypass").map(lambda words: any(word.lower() == "azureservices" for word in words))


def _default(rules: Place) -> Fact[bool]:
    action = text(rules, "default_action")
    return action.then(
        lambda word: (
            Known(value=_OPEN[word.lower()], sources=())
            if word.lower() in _OPEN
            else rules.at("default_action").values.misfit("Allow or Deny")
        )
    )


def _resource(access: Place) -> Fact[tuple[str, str]]:
    return both(access.text("endpoint_resource_id"), access.text("endpoint_tenant_id"))
