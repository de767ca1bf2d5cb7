"""What Azure says of one resource, typed, every field a fact. Live and planned resources fill the same records."""

from __future__ import annotations

from posture.adapters.azure.config.parts import (
    Capture,
    ContainerConfig,
    CopyRule,
    DataExport,
    DiagnosticSetting,
    Firewall,
    Immutability,
    KeyInVault,
    LifecycleRule,
    SignedIdentifier,
)
from posture.adapters.azure.config.resources import (
    KeyConfig,
    LogAnalyticsConfig,
    NamespaceConfig,
    StorageAccountConfig,
    WorkspaceConfig,
)
from posture.adapters.azure.config.roles import (
    Delegation,
    DenyAssignment,
    LocalUser,
    PermissionSet,
    Principal,
    RoleAssignment,
    RoleDefinition,
    Roles,
)

__all__ = (
    "Capture",
    "ContainerConfig",
    "CopyRule",
    "DataExport",
    "Delegation",
    "DenyAssignment",
    "DiagnosticSetting",
    "Firewall",
    "Immutability",
    "KeyConfig",
    "KeyInVault",
    "LifecycleRule",
    "LocalUser",
    "LogAnalyticsConfig",
    "NamespaceConfig",
    "PermissionSet",
    "Principal",
    "RoleAssignment",
    "RoleDefinition",
    "Roles",
    "SignedIdentifier",
    "StorageAccountConfig",
    "WorkspaceConfig",
)
