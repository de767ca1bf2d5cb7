"""From where a storage account or a namespace answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from posture.adapters.azure import store_calls
from posture.adapters.azure.config import Firewall, KeyInVault
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.members import Members
from posture.adapters.azure.unsettled import settled
from posture.model.facts import Fact, Known
from posture.reading import Answer

T = TypeVar("T")

_PUBLIC = {"Enabled": "Enabled", "Disabled": "Disabled", "SecuredByPerimeter": "SecuredByPerimeter"}
_OPEN = {"Allow": True, "Deny": False}


def of_storage(arm: Arm, account: Members) -> Firewall:
    """Of a storage account; a perimeter's rules take the place of the account's own."""
    properties = account.inner("properties")
    rules = properties.inner("networkAcls")
    public = properties.choice("publicNetworkAccess", _PUBLIC, absent="Enabled")
    own = Firewall(
        public=public,
        default_open=rules.choice("defaultAction", _OPEN, absent=True),
        addresses=_values((*rules.each("ipRules"), *rules.each("ipv6Rules")), "value", rules),
        subnets=_values(rules.each("virtualNetworkRules"), "id", rules),
        resources=_resources(rules),
        bypass=rules.text("bypass", absent="AzureServices").map(lambda words: "azureservices" in words.lower()),
        private_endpoints=approved(properties),
    )
    if isinstance(public, Known) and public.value == "SecuredByPerimeter":
        return _in_perimeter(arm, account.word("id"), own)
    return own


def of_namespace(namespace: Members, rule_set: Answer) -> Firewall:
    """Of an Event Hubs namespace: its rules are a resource of their own."""

    def rules(read: Callable[[Members], Fact[T]]) -> Fact[T]:
        return fact(rule_set, lambda answer: read(answer.inner("properties")))

    properties = namespace.inner("properties")
    return Firewall(
        public=properties.choice("publicNetworkAccess", _PUBLIC, absent="Enabled"),
        default_open=rules(lambda each: each.choice("defaultAction", _OPEN, absent=True)),
        addresses=rules(lambda each: _values(each.each("ipRules"), "ipMask", each)),
        subnets=rules(
            lambda each: _values((rule.inner("subnet") for rule in each.each("virtualNetworkRules")), "id", each)
        ),
        resources=Known(value=(), sources=()),
        bypass=rules(lambda each: each.flag("trustedServiceAccessEnabled", absent=False)),
        private_endpoints=approved(properties),
    )


@settled
def approved(properties: Members) -> Fact[int]:
    """How many private endpoints somebody approved."""
    states = [
        each.inner("properties").inner("privateLinkServiceConnectionState").word("status")
        for each in properties.each("privateEndpointConnections")
    ]
    return Known(value=states.count("Approved"), sources=(properties.source.at("privateEndpointConnections"),))


@settled
def key_in_vault(encryption: Members, members: Members) -> Fact[KeyInVault | None]:
    """The key of one's own, or none where the provider's encrypts."""
    named = {"Microsoft.Keyvault": True, "Microsoft.Storage": False}

    def read(*, own: bool) -> Fact[KeyInVault | None]:
        if not own:
            return Known(value=None, sources=())
        vault, name = members.word("keyVaultUri").rstrip("/"), members.word("keyName")
        if not vault or not name:
            return encryption.malformed("key")
        return Known(value=KeyInVault(url=f"{vault}/keys/{name}", version=members.word("keyVersion")), sources=())

    return encryption.choice("keySource", named, absent=False).then(lambda own: read(own=own))


def _values(items: Iterable[Members], name: str, rules: Members) -> Fact[tuple[str, ...]]:
    """The rules that let through; one without its value is no rule that can be judged."""
    values = [each.word(name) for each in items]
    if not all(values):
        return rules.malformed("network rule")
    return Known(value=tuple(values), sources=(rules.source,))


@settled
def _resources(rules: Members) -> Fact[tuple[tuple[str, str], ...]]:
    named = tuple((each.word("resourceId"), each.word("tenantId")) for each in rules.each("resourceAccessRules"))
    return Known(value=named, sources=(rules.source.at("resourceAccessRules"),))


def _in_perimeter(arm: Arm, account_id: str, own: Firewall) -> Firewall:
    """An enforced perimeter lets in what its inbound rules name, and where there is none nobody gets in.

    One in learning mode leaves the rules of the account in force.
    """
    perimeters = listing(arm.ask_all(store_calls.LIST_PERIMETERS, account_id), lambda item: item.inner("properties"))
    if perimeters.gaps:
        unknown = perimeters.gaps[0].unknown
        return Firewall(
            public=own.public,
            default_open=unknown,
            addresses=unknown,
            subnets=unknown,
            resources=unknown,
            bypass=unknown,
            private_endpoints=own.private_endpoints,
        )
    enforced = [
        each for each in perimeters.items if each.inner("resourceAssociation").word("accessMode").lower() == "enforced"
    ]
    sources = perimeters.sources
    if perimeters.items and not enforced:
        return own
    return Firewall(
        public=own.public,
        default_open=Known(value=False, sources=sources),
        addresses=Known(value=_inbound(enforced), sources=sources),
        subnets=Known(value=(), sources=sources),
        resources=Known(
            value=tuple((f"/subscriptions/{each}", "") for each in _subscriptions(enforced)), sources=sources
        ),
        bypass=Known(
            value=bool(enforced), sources=sources
        ),  # diagnostic logs pass an enforced perimeter, as documented
        private_endpoints=own.private_endpoints,
    )


def _inbound_rules(perimeters: Iterable[Members]) -> Iterator[Members]:
    for perimeter in perimeters:
        for rule in perimeter.inner("profile").each("accessRules"):
            if rule.inner("properties").word("direction").lower() == "inbound":
                yield rule.inner("properties")


def _inbound(perimeters: Iterable[Members]) -> tuple[str, ...]:
    return tuple(value for rule in _inbound_rules(perimeters) for value in rule.words("addressPrefixes"))


def _subscriptions(perimeters: Iterable[Members]) -> tuple[str, ...]:
    named = (entry.word("id") for rule in _inbound_rules(perimeters) for entry in rule.each("subscriptions"))
    return tuple(each.rpartition("/")[2] for each in named if each)
