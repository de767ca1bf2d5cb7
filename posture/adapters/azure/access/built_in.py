"""Roles that are built into Azure, as far as they reach stores of logs and their keys.

Source: Microsoft, "Azure built-in roles", the categories General, Storage, Analytics, Monitor and Security.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from posture.adapters.azure.config import PermissionSet, RoleDefinition
from posture.model.facts import Source

_STORAGE = "Microsoft.Storage/storageAccounts"
_CONTAINERS = f"{_STORAGE}/blobServices/containers"
_DELEGATE = f"{_STORAGE}/blobServices/generateUserDelegationKey/action"
_KEYS = "Microsoft.KeyVault/vaults/keys"
_AUTHORITY = ("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write")


def _set(actions: tuple[str, ...] = (), data: tuple[str, ...] = (), not_actions: tuple[str, ...] = ()) -> PermissionSet:
    return PermissionSet(actions=actions, not_actions=not_actions, data_actions=data, not_data_actions=())


_ROLES: Final[Mapping[str, tuple[str, PermissionSet]]] = {
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", _set(("*",))),
    "Contributor": (
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        _set(("*",), not_actions=(*_AUTHORITY, "Microsoft.Authorization/elevateAccess/Action")),
    ),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", _set(("*/read",))),
    "User Access Administrator": (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        _set(("*/read", "Microsoft.Authorization/*")),
    ),
    "Storage Account Contributor": (
        "17d1049b-9a84-46fb-8f53-869881c3d3ab",
        _set((f"{_STORAGE}/*", "Microsoft.Authorization/*/read", "Microsoft.Insights/diagnosticSettings/*")),
    ),
    "Storage Account Key Operator Service Role": (
        "81a9662b-bebf-436f-a333-f67b29880f12",
        _set((f"{_STORAGE}/listkeys/action", f"{_STORAGE}/regeneratekey/action")),
    ),
    "Storage Blob Data Owner": (
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        _set((f"{_CONTAINERS}/*", _DELEGATE), (f"{_CONTAINERS}/blobs/*",)),
    ),
    "Storage Blob Data Contributor": (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        _set(
            (*(f"{_CONTAINERS}/{each}" for each in ("delete", "read", "write")), _DELEGATE),
            tuple(f"{_CONTAINERS}/blobs/{each}" for each in ("delete", "read", "write", "move/action", "add/action")),
        ),
    ),
    "Storage Blob Data Reader": (
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        _set((f"{_CONTAINERS}/read", _DELEGATE), (f"{_CONTAINERS}/blobs/read",)),
    ),
    "Azure Event Hubs Data Owner": (
        "f526a384-b230-433a-b45c-95f59c4a2dec",
        _set(("Microsoft.EventHub/*",), ("Microsoft.EventHub/*",)),
    ),
    "Azure Event Hubs Data Receiver": (
        "a638d3c7-ab3a-418d-83e6-5f17a39d4fde",
        _set(("Microsoft.EventHub/*/eventhubs/consumergroups/read",), ("Microsoft.EventHub/*/receive/action",)),
    ),
    "Azure Event Hubs Data Sender": (
        "2b629674-e913-4c01-ae53-ef4638d8f975",
        _set(("Microsoft.EventHub/*/eventhubs/read",), ("Microsoft.EventHub/*/send/action",)),
    ),
    "Key Vault Crypto Service Encryption User": (
        "e147488a-f6f5-4113-8e2d-b22465e65bf6",
        _set(
            tuple(f"Microsoft.EventGrid/eventSubscriptions/{each}" for each in ("write", "read", "delete")),
            tuple(f"{_KEYS}/{each}" for each in ("read", "wrap/action", "unwrap/action")),
        ),
    ),
}


def built_in(role: str) -> RoleDefinition | None:
    """By its name or by the id at the end of its resource id."""
    last = role.rstrip("/").rpartition("/")[2].lower()
    for name, (identity, permissions) in _ROLES.items():
        if last in {identity, name.lower()}:
            source = Source(operation="Azure built-in roles", resource=name)
            return RoleDefinition(name=name, permissions=(permissions,), source=source)
    return None
