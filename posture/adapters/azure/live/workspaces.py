"""Reads Databricks workspaces: which there are, and where each sends its logs."""

from __future__ import annotations

from posture.adapters.azure import calls
from posture.adapters.azure.config import WorkspaceConfig
from posture.adapters.azure.ids import name_of
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.members import Members
from posture.adapters.azure.live.settings import diagnostic_settings
from posture.model.facts import Listing


def list_workspaces(arm: Arm, subscription: str) -> Listing[str]:
    """The ids of the workspaces of a subscription."""
    pages = arm.ask_all(calls.LIST_WORKSPACES, f"/subscriptions/{subscription}")
    return listing(pages, lambda item: item.word("id") or None)


def read_workspace(arm: Arm, resource_id: str) -> WorkspaceConfig:
    """One workspace."""
    arm.reading.together(
        lambda: arm.ask(calls.GET_WORKSPACE, resource_id),
        lambda: arm.ask_all(calls.LIST_DIAGNOSTIC_SETTINGS, resource_id),
    )
    answer = arm.ask(calls.GET_WORKSPACE, resource_id)
    return WorkspaceConfig(
        id=resource_id,
        name=name_of(resource_id),
        region=fact(answer, lambda item: item.text("location")),
        own_storage=fact(answer, lambda item: _storage(item).text("value", absent="")),
        settings=diagnostic_settings(arm, resource_id),
    )


def _storage(item: Members) -> Members:
    return item.inner("properties").inner("parameters").inner("storageAccountName")
