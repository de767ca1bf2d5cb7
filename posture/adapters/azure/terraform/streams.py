"""Planned Event Hubs namespaces and Log Analytics workspaces as the records of such."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from posture.adapters.azure.config import Capture, KeyInVault, LogAnalyticsConfig, NamespaceConfig
from posture.adapters.azure.ids import holds_logs, holds_table
from posture.adapters.azure.terraform import clusters, copies, firewall, keys
from posture.adapters.azure.terraform.attributes import flag, lacks, silent, tags, text
from posture.adapters.azure.terraform.beside import every, gone, joined, place_of, the_one
from posture.adapters.azure.terraform.identities import LOG_ANALYTICS, NAMESPACE
from posture.adapters.azure.terraform.locks import locked
from posture.adapters.azure.terraform.roles import roles_of
from posture.adapters.azure.terraform.tools import Tools
from posture.adapters.planned import unplanned
from posture.model.facts import Fact, Known, Listing, Unknown, every_known
from posture.terraform.place import Place
from posture.terraform.resources import Action, Resource

_HUB: Final = "azurerm_eventhub"
_HUB_KEY: Final = "azurerm_eventhub_namespace_customer_managed_key"
_TABLE: Final = "azurerm_log_analytics_workspace_table"
_HOURS: Final = 24
_DAYS: Final = 30  # that a workspace keeps rows unless something else is set


def namespace_config(namespace: Resource, tools: Tools, hub: str) -> NamespaceConfig:
    """The namespace as it will be; `hub` receives the logs, or is empty where each category has a hub of its own."""
    place = place_of(namespace)
    fresh: Fact[int] = Known(value=0, sources=(namespace.after.source,))
    identity = tools.names.id(namespace)
    live = fresh if namespace.made else tools.context.namespace(identity, hub).firewall.private_endpoints
    endpoints = firewall.private_endpoints(namespace, tools, NAMESPACE, live)
    tls = text(place, "minimum_tls_version")
    if silent(tools.plan, namespace, "minimum_tls_version"):
        tls = Known(value="1.2", sources=(namespace.after.source,))
    return NamespaceConfig(
        id=identity,
        name=tools.names.name(namespace),
        subscription=tools.homes.subscription(namespace),
        region=place.text("location"),
        local_keys=flag(place, "local_authentication_enabled"),
        tls_minimum=tls,
        firewall=firewall.of_namespace(namespace, tools, endpoints),
        key=_key(namespace, tools),
        infrastructure_encryption=_twice(namespace, tools),
        retention_days=_hub_days(namespace, tools, hub),
        captures=_captures(namespace, tools, hub),
        tags=tags(place),
        locked=locked(namespace, tools, NAMESPACE),
        roles=roles_of(namespace, tools, NAMESPACE),
    )


def log_analytics_config(workspace: Resource, tools: Tools) -> LogAnalyticsConfig:
    """The workspace as it will be."""
    place = place_of(workspace)
    cluster = clusters.of_workspace(workspace, tools)
    old = "local_authentication_disabled"
    local = flag(place, "local_authentication_enabled")
    if lacks(place, "local_authentication_enabled") and not lacks(place, old):
        local = place.flag(old).map(lambda off: not off)
    return LogAnalyticsConfig(
        id=tools.names.id(workspace),
        name=tools.names.name(workspace),
        subscription=tools.homes.subscription(workspace),
        region=place.text("location"),
        local_keys=local,
        public_query=flag(place, "internet_query_enabled"),
        public_ingestion=flag(place, "internet_ingestion_enabled"),
        resource_context=flag(place, "allow_resource_only_permissions"),
        cluster=cluster.map(lambda found: found.id),
        cluster_key=cluster.then(lambda found: clusters.key_of(found, tools)),
        retention_days=_table_days(workspace, tools),
        exports=copies.exports(workspace, tools),
        tags=tags(place),
        locked=locked(workspace, tools, LOG_ANALYTICS),
        roles=roles_of(workspace, tools, LOG_ANALYTICS),
    )


def _key(namespace: Resource, tools: Tools) -> Fact[KeyInVault | None]:
    match the_one(tools.plan, namespace, _HUB_KEY, "eventhub_namespace_id", NAMESPACE):
        case Unknown() as unknown:
            return unknown
        case Known(value=Place() as place):
            named = place.each("key_vault_key_ids")
            if isinstance(named, Unknown):
                return keys.by_url(place.at("key_vault_key_ids"), tools)
            return keys.by_url(named.value[0], tools) if named.value else place.values.misfit("a key")
        case _:
            if namespace.made:
                return Known(value=None, sources=(namespace.after.source,))
            return tools.context.namespace(tools.names.id(namespace), "").key


def _twice(namespace: Resource, tools: Tools) -> Fact[bool]:
    match the_one(tools.plan, namespace, _HUB_KEY, "eventhub_namespace_id", NAMESPACE):
        case Unknown() as unknown:
            return unknown
        case Known(value=Place() as place):
            return flag(place, "infrastructure_encryption_enabled")
        case _:
            if namespace.made:
                return Known(value=False, sources=(namespace.after.source,))
            return tools.context.namespace(tools.names.id(namespace), "").infrastructure_encryption


def _hub_days(namespace: Resource, tools: Tools, hub: str) -> Fact[int]:
    """The shortest time that a hub of the logs keeps events; hubs that Azure makes for categories are its own."""
    hubs = _hubs(namespace, tools, hub)
    if hubs.gaps:
        return hubs.gaps[0].unknown
    if not hubs.items or not hub:
        what = "how long hubs keep events that are there already, or that Azure Monitor makes"
        return unplanned(namespace.after.source, what)
    return every_known(_kept(place_of(each)) for each in hubs.items).map(min)


def _captures(namespace: Resource, tools: Tools, hub: str) -> Listing[Capture]:
    """Of the hubs of the plan, and of those that were there."""
    hubs = _hubs(namespace, tools, hub)
    planned = copies.captures(hubs, tools)
    if namespace.made or (hub and hubs.items):
        return planned
    live = tools.context.namespace(tools.names.id(namespace), hub).captures
    held = frozenset(tools.names.name(each) for each in hubs.items)
    return joined(planned, live, lambda each: each.hub, held)


def _hubs(namespace: Resource, tools: Tools, hub: str) -> Listing[Resource]:
    """The hubs of the plan that receive the logs."""
    hubs = every(tools.plan, namespace, _HUB, ("namespace_id", "namespace_name"), NAMESPACE)
    return replace(hubs, items=tuple(each for each in hubs.items if holds_logs(tools.names.name(each), hub)))


def _kept(hub: Place) -> Fact[int]:
    if not lacks(hub, "retention_description"):
        described = hub.block("retention_description")
        if isinstance(described, Known) and described.value is not None:
            return described.value.number("retention_time_in_hours").map(lambda hours: hours // _HOURS)
    return hub.number("message_retention")


def _table_days(workspace: Resource, tools: Tools) -> Fact[int]:
    """The shortest time that a table of audit logs keeps rows; those of a new workspace keep what it keeps."""
    place = place_of(workspace)
    own = place.at("retention_in_days")
    fresh = silent(tools.plan, workspace, "retention_in_days")
    days: Fact[int] = own.values.number().map(lambda count: _DAYS if count is None else count)
    if fresh:
        days = Known(value=_DAYS, sources=(workspace.after.source,))
    tables = every(tools.plan, workspace, _TABLE, ("workspace_id",), LOG_ANALYTICS)
    if tables.gaps:
        return tables.gaps[0].unknown
    logs = _logs(tables)
    if workspace.made:
        return every_known((days, *(_table(each, days) for each in logs))).map(min)
    was = workspace.before.number("retention_in_days") if workspace.before is not None else None
    left = gone(tools.plan, workspace, _TABLE, "workspace_id", LOG_ANALYTICS)
    if left or (was is not None and was != own.values.number()):
        return unplanned(workspace.after.source, "which tables keep rows for as long as their workspace")
    seen = tools.context.log_analytics(tools.names.id(workspace)).retention_days
    changed = [each for each in logs if each.resource is not None and each.resource.action is not Action.NO_OP]
    return seen.then(lambda least: _shortest(least, changed, days)) if changed else seen


def _shortest(least: int, changed: list[Place], workspace: Fact[int]) -> Fact[int]:
    """The least of all tables once some of them change, which may be those that kept rows for the shortest time."""

    def read(now: tuple[int, ...]) -> Fact[int]:
        if min(now) > least and not all(map(longer, changed)):
            return unplanned(changed[0].values.source, "how long the other tables keep rows")
        return Known(value=min(least, *now), sources=())

    def longer(table: Place) -> bool:
        before = table.resource.before if table.resource is not None else None
        was = None if before is None else _table(Place(values=before), workspace)
        return isinstance(was, Known) and was.value > least

    return every_known(_table(each, workspace) for each in changed).then(read)


def _logs(tables: Listing[Resource]) -> list[Place]:
    found = []
    for each in map(place_of, tables.items):
        name = each.text("name")
        if isinstance(name, Unknown) or holds_table(name.value):
            found.append(each)
    return found


def _table(table: Place, workspace: Fact[int]) -> Fact[int]:
    total = table.at("total_retention_in_days").values.number()
    return total.then(lambda days: workspace if not days or days < 0 else Known(value=days, sources=total.sources))
