"""Reads a Log Analytics workspace, and the tables of Databricks in it."""

from __future__ import annotations

from posture.adapters.azure import store_calls
from posture.adapters.azure.config import DataExport, KeyInVault, LogAnalyticsConfig
from posture.adapters.azure.ids import holds_table, name_of, subscription_of
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.members import Members
from posture.adapters.azure.live.roles import read_roles
from posture.adapters.azure.live.settings import locked
from posture.adapters.azure.live.storage_answers import tags
from posture.adapters.azure.unsettled import NotYetKnownError, settled
from posture.model.facts import Fact, Gap, Known, Listing, Unknown, every_known
from posture.model.unread import unread
from posture.reading import Answered

_OPEN = {"Enabled": True, "Disabled": False, "SecuredByPerimeter": False}


def read_log_analytics(arm: Arm, resource_id: str) -> LogAnalyticsConfig:
    """The workspace's configuration."""
    arm.reading.together(
        lambda: arm.ask(store_calls.GET_LOG_ANALYTICS, resource_id),
        lambda: arm.ask_all(store_calls.LIST_TABLES, resource_id),
        lambda: arm.ask_all(store_calls.LIST_DATA_EXPORTS, resource_id),
        lambda: locked(arm, resource_id),
        lambda: read_roles(arm, resource_id),
    )
    answer = arm.ask(store_calls.GET_LOG_ANALYTICS, resource_id)
    name, subscription = name_of(resource_id), subscription_of(resource_id)
    if not isinstance(answer, Answered):
        unknown = answer if isinstance(answer, Unknown) else Members({}, answer.source).malformed("workspace")
        return unread(LogAnalyticsConfig, unknown, id=resource_id, name=name, subscription=subscription)
    workspace = Members(answer.value, answer.source)
    properties = workspace.inner("properties")
    features = properties.inner("features")
    cluster = features.text("clusterResourceId", absent="")
    return LogAnalyticsConfig(
        id=resource_id,
        name=name,
        subscription=subscription,
        region=workspace.text("location"),
        local_keys=features.flag("disableLocalAuth", absent=False).map(lambda off: not off),
        public_query=properties.choice("publicNetworkAccessForQuery", _OPEN, absent=True),
        public_ingestion=properties.choice("publicNetworkAccessForIngestion", _OPEN, absent=True),
        resource_context=features.flag("enableLogAccessUsingOnlyResourcePermissions", absent=True),
        cluster=cluster,
        cluster_key=cluster.then(lambda identity: cluster_key(arm, identity)),
        retention_days=_retention(arm, resource_id, properties),
        exports=_exports(arm, resource_id),
        tags=tags(workspace),
        locked=locked(arm, resource_id),
        roles=read_roles(arm, resource_id),
    )


def cluster_key(arm: Arm, identity: str) -> Fact[KeyInVault | None]:
    """A cluster without the section is encrypted with Microsoft's key."""
    if not identity:
        return Known(value=None, sources=())
    return fact(arm.ask(store_calls.GET_CLUSTER, identity), _key)


def _key(cluster: Members) -> Fact[KeyInVault | None]:
    named = cluster.inner("properties").inner("keyVaultProperties")
    vault, name = named.word("keyVaultUri").rstrip("/"), named.word("keyName")
    if not vault and not name:
        return Known(value=None, sources=(named.source,))
    if not vault or not name:
        return named.malformed("key")
    found = KeyInVault(url=f"{vault}/keys/{name}", version=named.word("keyVersion"))
    return Known(value=found, sources=(named.source,))


@settled
def _retention(arm: Arm, resource_id: str, properties: Members) -> Fact[int]:
    """The shortest time that a table of audit logs keeps rows; a workspace without one keeps what it keeps."""
    tables = listing(arm.ask_all(store_calls.LIST_TABLES, resource_id), lambda item: item)
    if tables.gaps:
        return tables.gaps[0].unknown
    logs = [each for each in tables.items if holds_table(each.word("name"))]
    if not logs:
        return properties.number("retentionInDays")
    days = every_known(_kept(each.inner("properties"), properties) for each in logs)
    match days:
        case Unknown():
            return days
        case Known(value=known):
            return Known(value=min(known), sources=tables.sources)


@settled
def _kept(table: Members, workspace: Members) -> Fact[int]:
    """A table of which nobody set anything keeps what its workspace keeps, which is written -1."""
    days = table.number("totalRetentionInDays", absent=-1)
    return days.then(
        lambda own: workspace.number("retentionInDays") if own < 0 else Known(value=own, sources=days.sources)
    )


def _exports(arm: Arm, resource_id: str) -> Listing[DataExport]:
    """The enabled rules that export a table of audit logs."""
    rules = listing(arm.ask_all(store_calls.LIST_DATA_EXPORTS, resource_id), lambda item: item)
    items, gaps = [], list(rules.gaps)
    for rule in rules.items:
        try:
            export = _export(rule)
        except NotYetKnownError as error:
            gaps.append(Gap(unknown=error.unknown))
            continue
        if isinstance(export, Unknown):
            gaps.append(Gap(unknown=export))
        elif export is not None:
            items.append(export)
    return Listing(items=tuple(items), gaps=tuple(gaps), sources=rules.sources)


def _export(rule: Members) -> DataExport | Unknown | None:
    properties = rule.inner("properties")
    target = properties.inner("destination")
    tables, enabled = properties.words("tableNames"), properties.flag("enable")
    logs = tuple(each for each in tables if holds_table(each))
    if isinstance(enabled, Known) and (not enabled.value or (tables and not logs)):
        return None
    if isinstance(enabled, Unknown) or not tables or not target.word("resourceId"):
        return properties.malformed("rule of a data export")
    return DataExport(
        name=rule.word("name"),
        tables=logs,
        destination=target.word("resourceId"),
        hub=target.inner("metaData").word("eventHubName"),
        source=rule.source,
    )
