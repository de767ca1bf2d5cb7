"""Planned diagnostic settings: what they send, and where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from posture.adapters.azure.config import DiagnosticSetting
from posture.adapters.azure.ids import parent_of
from posture.adapters.azure.terraform.attributes import lacks
from posture.adapters.azure.terraform.beside import SOURCE, every, gone, joined, place_of
from posture.adapters.azure.terraform.identities import ACCOUNT, HUB, LOG_ANALYTICS, NAMESPACE, RULE
from posture.adapters.azure.terraform.tools import Tools
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, both, every_known
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.resources import Resource

KIND: Final = "azurerm_monitor_diagnostic_setting"
_TARGET: Final = "target_resource_id"
_BLOB: Final = "/blobservices/"


def settings_of(owner: Resource, tools: Tools, identity: Identity, suffix: str = "") -> Listing[DiagnosticSetting]:
    """Those of the plan, and those that a scan saw beside them; `suffix` leads to a service of the owner."""
    found = every(tools.plan, owner, KIND, (_TARGET,), identity)
    if found.gaps:
        found = replace(found, gaps=(*tools.unresolved(KIND, _TARGET, identity), *tools.plan.joins.gaps))
        parts = tools.of_parts(owner, KIND, _TARGET, identity)
        found = replace(found, items=tuple(dict.fromkeys((*found.items, *parts))))
    planned = read_settings(found, tools)
    if owner.made:
        return planned
    left = frozenset(
        name.value
        for each in gone(tools.plan, owner, KIND, _TARGET, identity)
        if isinstance(name := each.before.text("name"), Known)
    )
    live = tools.context.settings(tools.names.id(owner) + suffix)
    return joined(planned, live, lambda each: each.name, left)


def of_blobs(account: Resource, tools: Tools, identity: Identity) -> Listing[DiagnosticSetting]:
    """Those of the blob service; of one that names the account in a text not yet known nobody can tell the service."""
    found = settings_of(account, tools, identity, "/blobServices/default")
    by_source = {each.after.source: each for each in tools.plan.of_kind(KIND)}
    items, gaps = [], list(found.gaps)
    for setting in found.items:
        resource = by_source.get(setting.source)
        target = None if resource is None else resource.after.text(_TARGET)
        if target is None or (isinstance(target, Known) and _BLOB in f"{target.value or ''}/".lower()):
            items.append(setting)
        elif isinstance(target, Unknown):
            written = tools.plan.written_end(resource, _TARGET) if resource is not None else None
            if written is None:
                detail = "which service of the account a diagnostic setting is of is known only after apply"
                unknown = Unknown(reason=Reason.UNDETERMINED, sources=(setting.source,), detail=detail, needs=SOURCE)
                gaps.append(Gap(unknown=unknown))
            elif _BLOB in f"{written}/".lower():
                items.append(setting)
    return Listing(items=tuple(items), gaps=tuple(gaps), sources=found.sources)


def read_settings(found: Listing[Resource], tools: Tools) -> Listing[DiagnosticSetting]:
    """Each of them with the destinations that are known; one that is not is a gap: more logs may go elsewhere."""
    items: list[DiagnosticSetting] = []
    gaps = list(found.gaps)
    for resource in found.items:
        setting = _Setting(place_of(resource), tools)
        match setting.read():
            case Known(value=value):
                items.append(value)
                gaps += (Gap(unknown=each) for each in setting.unknown)
            case Unknown() as unknown:
                gaps.append(Gap(unknown=unknown))
    return Listing(items=tuple(items), gaps=tuple(gaps), sources=found.sources)


class _Setting:
    """One setting. `unknown` are the destinations that nobody can tell."""

    def __init__(self, place: Place, tools: Tools) -> None:
        self._place = place
        self._tools = tools
        partner: Fact[str] = Known(value="", sources=())
        if not lacks(place, "partner_solution_id"):
            partner = place.text("partner_solution_id")
        self._facts: dict[str, Fact[str]] = {
            "storage_account": tools.id_named(place, "storage_account_id", ACCOUNT),
            "log_analytics": tools.id_named(place, "log_analytics_workspace_id", LOG_ANALYTICS),
            "event_hub_rule": _rule(place, tools),
            "event_hub": tools.name_given(place, "eventhub_name", HUB),
            "partner": partner,
        }

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        return tuple(fact for fact in self._facts.values() if isinstance(fact, Unknown))

    def read(self) -> Fact[DiagnosticSetting]:
        """The setting without what is not known; a stream is of no use without the name of its hub."""
        told = {name: fact.value for name, fact in self._facts.items() if isinstance(fact, Known)}
        if "event_hub" not in told:
            told.pop("event_hub_rule", None)
        if self.unknown and not any(told.values()):
            return self.unknown[0]
        return both(self._place.text("name"), _logs(self._place)).map(lambda found: self._made(told, *found))

    def _made(self, told: Mapping[str, str], name: str, logs: tuple[tuple[str, str], ...]) -> DiagnosticSetting:
        return DiagnosticSetting(
            name=name,
            categories=tuple(category for category, _ in logs if category),
            groups=tuple(group.lower() for _, group in logs if group),
            storage_account=told.get("storage_account", ""),
            event_hub_rule=told.get("event_hub_rule", ""),
            event_hub=told.get("event_hub", ""),
            log_analytics=told.get("log_analytics", ""),
            partner=told.get("partner", ""),
            source=self._place.values.source,
        )


def _logs(place: Place) -> Fact[tuple[tuple[str, str], ...]]:
    """Category and group of each block: `enabled_log`, or `log` of older versions, which says whether it is enabled."""
    new = place.each("enabled_log").then(lambda blocks: every_known(map(_log, blocks)))
    if lacks(place, "log") or place.at("log").values.unknown is True:  # version 3 fills it in from `enabled_log`
        return new
    old = place.each("log").then(lambda blocks: every_known(both(_on(block), _log(block)) for block in blocks))
    return both(new, old).map(
        lambda found: tuple(dict.fromkeys((*found[0], *(log for enabled, log in found[1] if enabled))))
    )


def _on(block: Place) -> Fact[bool]:
    return block.at("enabled").values.flag().map(lambda enabled: enabled is not False)


def _log(block: Place) -> Fact[tuple[str, str]]:
    group: Fact[str] = Known(value="", sources=())
    if not lacks(block, "category_group"):
        group = block.text("category_group")
    return both(block.text("category"), group)


def _rule(place: Place, tools: Tools) -> Fact[str]:
    """The id of the authorization rule, with the namespace of this plan in it."""
    attribute = "eventhub_authorization_rule_id"
    if place.resource is None:
        return place.text(attribute)
    value = place.text(attribute)
    if isinstance(value, Known) and (not value.value or parent_of(value.value, "namespaces")):
        return value
    match tools.plan.target(place.resource, attribute, identity=RULE).fact:
        case Known(value=Resource() as rule):
            namespace = tools.plan.target(rule, "namespace_name", identity=NAMESPACE).fact
        case _:
            namespace = tools.plan.target(place.resource, attribute, identity=NAMESPACE).fact
    match namespace:
        case Known(value=Resource() as found, sources=sources):
            return Known(value=f"{tools.names.id(found)}/authorizationRules/(rule)", sources=sources)
        case Unknown() as unknown:
            return unknown
        case _:
            return value
