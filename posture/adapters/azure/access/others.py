"""Who can reach a namespace of Event Hubs, a Log Analytics workspace and a key of a Key Vault."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from posture.adapters.azure.access.grants import ALL_BUT_PUBLIC, Collected, Way, undetermined
from posture.adapters.azure.access.holders import Holders
from posture.adapters.azure.access.operations import EVENT_HUB, LOG_ANALYTICS, POLICY_PERMISSIONS, VAULT_KEY
from posture.adapters.azure.access.roles import Resource, role_ways
from posture.adapters.azure.access.storage import bound_of
from posture.adapters.azure.config import KeyConfig, LogAnalyticsConfig, NamespaceConfig, RoleDefinition
from posture.adapters.azure.ids import subscription_of
from posture.model.facts import Fact, Known, Listing, Unknown, both
from posture.model.subjects import ActionClass, Bound, Grant

_FREE: Fact[Bound] = Known(value=Bound.ANYWHERE, sources=())
Definition = Callable[[str], Fact[RoleDefinition]]


def namespace_grants(config: NamespaceConfig, holders: Holders, definition: Definition) -> Listing[Grant]:
    """By roles, and by the keys of the namespace."""
    collected = Collected()
    _handed_out(config.local_keys, EVENT_HUB.opened, collected)
    resource = Resource(
        id=config.id,
        subscription=config.subscription,
        kind=EVENT_HUB,
        keys=config.local_keys,
        bound=bound_of(config.firewall.public, config.firewall.default_open),
        definition=definition,
    )
    role_ways(resource, config.roles, holders, collected)
    return collected.listed(config.roles)


def log_analytics_grants(config: LogAnalyticsConfig, holders: Holders, definition: Definition) -> Listing[Grant]:
    """By roles. The keys of a workspace only let agents write."""
    collected = Collected()
    _handed_out(config.local_keys, LOG_ANALYTICS.opened, collected)
    resource = Resource(
        id=config.id,
        subscription=config.subscription,
        kind=LOG_ANALYTICS,
        keys=config.local_keys,
        bound=_FREE,
        definition=definition,
    )
    role_ways(resource, config.roles, holders, collected)
    _by_resource(config.resource_context, collected)
    return collected.listed(config.roles)


def _by_resource(allowed: Fact[bool], collected: Collected) -> None:
    """Rows are read by roles on the workspace or on the resource that wrote them, where the workspace lets that be."""
    match allowed:
        case Unknown() as unknown:
            collected.doubt(unknown, (ActionClass.READ,), ALL_BUT_PUBLIC)
        case Known(value=True, sources=sources):
            detail = "whoever may read the logs of a Databricks workspace there reads its rows here too"
            needs = "access by the workspace's permissions alone (enableLogAccessUsingOnlyResourcePermissions: false)"
            collected.doubt(undetermined(detail, sources, needs), (ActionClass.READ,), ALL_BUT_PUBLIC)
        case Known():
            return


def key_grants(config: KeyConfig, holders: Holders, definition: Definition) -> Listing[Grant]:
    """By the vault's access policies, or by roles where it is set to them; its management is always by roles."""
    read = both(config.rbac, config.vault)
    if isinstance(read, Unknown):
        return Listing.unread(read)
    (by_roles, vault_id), collected = read.value, Collected()
    kind = VAULT_KEY if by_roles else replace(VAULT_KEY, data={})
    resource = Resource(
        id=vault_id,
        subscription=subscription_of(vault_id),
        kind=kind,
        keys=Known(value=False, sources=()),
        bound=_FREE,
        definition=definition,
    )
    role_ways(resource, config.roles, holders, collected)
    if not by_roles:
        _by_policies(config, holders, collected)
    return collected.listed(config.roles, read.sources)


def _by_policies(config: KeyConfig, holders: Holders, collected: Collected) -> None:
    match config.policies:
        case Unknown() as unknown:
            collected.doubt(unknown, ActionClass, ALL_BUT_PUBLIC)
        case Known(value=policies, sources=sources):
            for tenant, identity, permissions in policies:
                held = holders.of_policy(tenant, identity)
                for action, operations in _by_action(permissions).items():
                    collected.take(
                        Way(
                            held=held,
                            action=action,
                            operations=operations,
                            via="access policy of the vault",
                            bound=_FREE,
                            witness=f"{held.name} does {operations[0]} with the key",
                            sources=sources,
                        )
                    )


def _by_action(permissions: Iterable[str]) -> dict[ActionClass, tuple[str, ...]]:
    granted = {each.lower() for each in permissions}
    named = POLICY_PERMISSIONS if "all" in granted else {each: POLICY_PERMISSIONS.get(each) for each in sorted(granted)}
    found: dict[ActionClass, tuple[str, ...]] = {}
    for each, action in named.items():
        if action is not None:
            found[action] = (*found.get(action, ()), each)
    return found


def _handed_out(keys: Fact[bool], opened: tuple[ActionClass, ...], collected: Collected) -> None:
    match keys:
        case Unknown() as unknown:
            collected.doubt(unknown, opened, ALL_BUT_PUBLIC)
        case Known(value=True, sources=sources):
            unknown = undetermined(
                "keys that were handed out are not recorded anywhere", sources, "local authentication switched off"
            )
            collected.doubt(unknown, opened, ALL_BUT_PUBLIC)
        case Known():
            return
