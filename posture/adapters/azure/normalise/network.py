"""From where a resource answers, as the model says it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TypeVar

from posture.adapters.azure.config import Firewall
from posture.adapters.azure.ids import subscription_of
from posture.model.facts import Fact, Known, Listing, Reason, Source, Unknown, all_true, both, united
from posture.model.subjects import Network, NetworkKind, NetworkRule

T = TypeVar("T")
_NO: Fact[bool] = Known(value=False, sources=())
TenantOf = Callable[[str], Fact[str]]


def network(firewall: Firewall, subscription: str, tenant_of: TenantOf, *, foreign_copies: Fact[bool] = _NO) -> Network:
    """`tenant_of` says whose a subscription is."""
    public = firewall.public.map(lambda word: word != "Disabled")
    return Network(
        public_endpoint=public,
        default_open=all_true((public, firewall.default_open)),
        rules=_rules(firewall, subscription, tenant_of),
        trusted_services=firewall.bypass,
        private_endpoints=firewall.private_endpoints,
        foreign_copies_taken=foreign_copies,
    )


def closed_network(*, public: Fact[bool]) -> Network:
    """A resource that is open or closed as a whole: it has no rules, and Azure's own services get through."""
    return Network(
        public_endpoint=public,
        default_open=public,
        rules=Listing(items=(), sources=public.sources),
        trusted_services=Known(value=True, sources=()),
        private_endpoints=Known(value=0, sources=()),
        foreign_copies_taken=_NO,
    )


def _rules(firewall: Firewall, subscription: str, tenant_of: TenantOf) -> Listing[NetworkRule]:
    """Addresses, subnets and resources, each as it is written; while the default is open none of them counts."""
    default = firewall.default_open
    if isinstance(default, Known) and default.value:
        return Listing(items=(), sources=default.sources)
    tenant = tenant_of(subscription)
    parts: tuple[Listing[NetworkRule], ...] = (
        _each(firewall.addresses, _addresses),
        _each(
            firewall.subnets,
            lambda subnet, sources: _rule(
                subnet, NetworkKind.SUBNET, _of_subnet(subnet, subscription, tenant_of), sources
            ),
        ),
        _each(
            firewall.resources,
            lambda pair, sources: _rule(
                pair[0], NetworkKind.RESOURCE, _of_tenant(pair[1], pair[0], tenant, tenant_of), sources
            ),
        ),
    )
    return Listing(
        items=tuple(item for part in parts for item in part.items),
        gaps=tuple(dict.fromkeys(gap for part in parts for gap in part.gaps)),
        sources=united(*(part.sources for part in parts)),
    )


def _each(values: Fact[tuple[T, ...]], read: Callable[[T, tuple[Source, ...]], NetworkRule]) -> Listing[NetworkRule]:
    match values:
        case Unknown() as unknown:
            return Listing.unread(unknown)
        case Known(value=found, sources=sources):
            return Listing(items=tuple(read(each, sources) for each in found), sources=sources)


def _addresses(text: str, sources: tuple[Source, ...]) -> NetworkRule:
    length: Fact[int]
    try:
        length = Known(value=ipaddress.ip_network(text.strip(), strict=False).prefixlen, sources=sources)
    except ValueError:
        length = Unknown(reason=Reason.MALFORMED, sources=sources, detail=f"`{text}` is no range of addresses")
    return NetworkRule(
        value=Known(value=text, sources=sources),
        kind=Known(value=NetworkKind.ADDRESSES, sources=sources),
        prefix_length=length,
        own=Known(value=False, sources=sources),
    )


def _rule(value: str, kind: NetworkKind, own: Fact[bool], sources: tuple[Source, ...]) -> NetworkRule:
    return NetworkRule(
        value=Known(value=value, sources=sources),
        kind=Known(value=kind, sources=sources),
        prefix_length=Known(value=0, sources=sources),
        own=own,
    )


def _of_subnet(subnet: str, subscription: str, tenant_of: TenantOf) -> Fact[bool]:
    other = subscription_of(subnet)
    if other == subscription:
        return Known(value=True, sources=())
    return both(tenant_of(subscription), tenant_of(other)).map(lambda pair: pair[0] == pair[1])


def _of_tenant(home: str, resource: str, tenant: Fact[str], tenant_of: TenantOf) -> Fact[bool]:
    theirs = tenant_of(subscription_of(resource)) if not home else Known(value=home.lower(), sources=())
    return both(tenant, theirs).map(lambda pair: pair[0] == pair[1])
