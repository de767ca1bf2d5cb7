"""What copies events and rows on from planned streams and tables."""

from __future__ import annotations

from typing import Final, TypeVar

from posture.adapters.azure.config import Capture, DataExport
from posture.adapters.azure.ids import holds_table, parent_of
from posture.adapters.azure.terraform.beside import every, gone, joined, place_of, read_all
from posture.adapters.azure.terraform.identities import ACCOUNT, HUB, LOG_ANALYTICS, NAMESPACE
from posture.adapters.azure.terraform.tools import Tools
from posture.model.facts import Fact, Known, Listing, Unknown, both
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.resources import Resource

T = TypeVar("T", Capture, DataExport)
_EXPORT: Final = "azurerm_log_analytics_data_export_rule"
_OWNER: Final = "workspace_resource_id"
_TO: Final = "destination_resource_id"


def captures(hubs: Listing[Resource], tools: Tools) -> Listing[Capture]:
    """Where Event Hubs Capture writes what these hubs receive."""
    return _there(read_all(hubs, lambda hub: _capture(hub, tools)))


def exports(workspace: Resource, tools: Tools) -> Listing[DataExport]:
    """The rules of the plan that export tables of logs, and those that were there beside them."""
    rules = every(tools.plan, workspace, _EXPORT, (_OWNER,), LOG_ANALYTICS)
    planned = _there(read_all(rules, lambda rule: _export(rule, tools)))
    if workspace.made:
        return planned
    texts = [each.after.text("name") for each in rules.items]
    texts += [each.before.text("name") for each in gone(tools.plan, workspace, _EXPORT, _OWNER, LOG_ANALYTICS)]
    left = frozenset(text.value for text in texts if isinstance(text, Known))
    live = tools.context.log_analytics(tools.names.id(workspace)).exports
    return joined(planned, live, lambda each: each.name, left)


def _there(found: Listing[T | None]) -> Listing[T]:
    """Those of them that copy anything."""
    items = tuple(each for each in found.items if each is not None)
    return Listing(items=items, gaps=found.gaps, sources=found.sources)


def _capture(hub: Place, tools: Tools) -> Fact[Capture | None]:
    none: Fact[Capture | None] = Known(value=None, sources=(hub.values.source,))

    def read(block: Place | None) -> Fact[Capture | None]:
        if block is None:
            return none
        return block.flag("enabled").then(lambda on: into(block.at("destination", 0)) if on else none)

    def into(target: Place) -> Fact[Capture | None]:
        account = tools.id_named(target, "storage_account_id", ACCOUNT)
        return both(account, target.text("blob_container_name")).map(
            lambda found: Capture(hub=_name(hub, tools), account=found[0], container=found[1], source=hub.values.source)
        )

    return hub.block("capture_description").then(read)


def _export(rule: Place, tools: Tools) -> Fact[DataExport | None]:
    none: Fact[DataExport | None] = Known(value=None, sources=(rule.values.source,))
    where = _destination(rule, tools)

    def read(found: tuple[bool, tuple[str, ...]]) -> Fact[DataExport | None]:
        enabled, tables = found
        logs = tuple(each for each in tables if holds_table(each))
        if not enabled or not logs:
            return none
        return both(rule.text("name"), where).map(lambda told: made(told[0], told[1], logs))

    def made(name: str, target: str, logs: tuple[str, ...]) -> DataExport:
        namespace = parent_of(target, "namespaces")
        hub = target.removeprefix(namespace).rpartition("/")[2] if namespace else ""
        source = rule.values.source
        return DataExport(name=name, tables=logs, destination=namespace or target, hub=hub, source=source)

    return both(rule.flag("enabled"), rule.texts("table_names")).then(read)


def _destination(rule: Place, tools: Tools) -> Fact[str]:
    """An account, a namespace, or a hub in one."""
    assert rule.resource is not None  # noqa: S101 - a rule is a resource of the plan
    unknown: Unknown | None = None
    for identity in (ACCOUNT, NAMESPACE, HUB):
        match tools.plan.target(rule.resource, _TO, identity=identity).fact:
            case Known(value=Resource() as found):
                return _id(found, identity, tools)
            case Unknown() as open_one:
                unknown = open_one
            case _:
                pass
    return unknown or rule.text(_TO)


def _id(found: Resource, identity: Identity, tools: Tools) -> Fact[str]:
    if identity is not HUB:
        return Known(value=tools.names.id(found), sources=(found.after.source,))
    around = tools.plan.target(found, "namespace_id", identity=NAMESPACE).fact
    if isinstance(around, Known) and around.value is not None:
        namespace = tools.names.id(around.value)
        return Known(value=f"{namespace}/eventhubs/{tools.names.name(found)}", sources=around.sources)
    return place_of(found).text("id")


def _name(hub: Place, tools: Tools) -> str:
    return tools.names.name(hub.resource) if hub.resource is not None else ""
