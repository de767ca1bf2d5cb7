"""Diagnostic settings and locks: what Azure Monitor and Resource Manager keep beside any resource."""

from __future__ import annotations

from posture.adapters.azure import calls
from posture.adapters.azure.config import DiagnosticSetting
from posture.adapters.azure.live.arm import Arm, listing
from posture.adapters.azure.live.members import Members
from posture.model.facts import Fact, Known, Listing


def diagnostic_settings(arm: Arm, resource_id: str) -> Listing[DiagnosticSetting]:
    """The diagnostic settings of a resource."""
    return listing(arm.ask_all(calls.LIST_DIAGNOSTIC_SETTINGS, resource_id), setting)


def setting(item: Members) -> DiagnosticSetting | None:
    """One setting; a log of which nobody can say whether it is enabled leaves all of it unread."""
    properties, name = item.inner("properties"), item.word("name")
    logs = tuple(properties.each("logs"))
    if not name or any(not isinstance(log.get("enabled"), bool) for log in logs):
        return None
    enabled = [log for log in logs if log.get("enabled") is True]
    return DiagnosticSetting(
        name=name,
        categories=tuple(log.word("category") for log in enabled if log.word("category")),
        groups=tuple(log.word("categoryGroup").lower() for log in enabled if log.word("categoryGroup")),
        storage_account=properties.word("storageAccountId"),
        event_hub_rule=properties.word("eventHubAuthorizationRuleId"),
        event_hub=properties.word("eventHubName"),
        log_analytics=properties.word("workspaceId"),
        partner=properties.word("marketplacePartnerId"),
        source=item.source,
    )


def locked(arm: Arm, resource_id: str) -> Fact[bool]:
    """Whether a lock of the resource, or an inherited one, keeps it from being deleted: both levels do."""
    pages = arm.ask_all(calls.LIST_LOCKS, resource_id)
    levels = listing(pages, lambda item: item.inner("properties").word("level") or None)
    if any(level in {"CanNotDelete", "ReadOnly"} for level in levels.items):
        return Known(value=True, sources=levels.sources)
    if levels.gaps:
        return levels.gaps[0].unknown
    return Known(value=False, sources=levels.sources)
