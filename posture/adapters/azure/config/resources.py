"""Whole resources: the records that live and planned ones fill alike."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from posture.adapters.azure.config.parts import (
    NOT_READ,
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
from posture.adapters.azure.config.roles import LocalUser, Roles
from posture.frozen import dataclass
from posture.model.facts import Duration, Fact, Known, Listing

_BY_DEFAULT: Fact[bool] = Known(value=True, sources=())


def _unread() -> Listing[Any]:
    return Listing.unread(NOT_READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageAccountConfig:
    """A storage account with its blob service. Absent members are read as Azure documents them for old accounts.

    `part` is the one container that is looked at; empty for those that Azure Monitor writes to.
    """

    id: str
    name: str
    subscription: str
    part: str = ""
    region: Fact[str]
    anonymous: Fact[bool]  # anonymous access can be granted on containers
    shared_key: Fact[bool]
    token_days: Fact[Duration]  # what the SAS policy blocks beyond; FOREVER when it only logs, or there is none
    keys_made: Fact[tuple[str, ...]]  # ISO 8601
    key_reminder: Fact[Duration] = NOT_READ  # days of the key policy; FOREVER when there is none
    stored_policies: Listing[SignedIdentifier] = field(default_factory=_unread)  # not asked where no key opens
    tls_minimum: Fact[str]
    https_only: Fact[bool]
    firewall: Firewall
    key: Fact[KeyInVault | None]
    infrastructure_encryption: Fact[bool]
    scope_keys: Listing[tuple[str, KeyInVault | None]]  # encryption scopes in use, by name
    cross_tenant_copies: Fact[bool]
    copy_scope: Fact[str] = NOT_READ  # where copies into it may come from: AAD, PrivateLink, or empty for anywhere
    dns_zone: Fact[bool] = NOT_READ  # its endpoints lie in a DNS zone of Azure's
    hierarchical: Fact[bool]
    sftp: Fact[bool]
    nfs: Fact[bool]
    local_users: Listing[LocalUser]
    immutability: Fact[Immutability | None]
    redundancy: Fact[str]  # the SKU
    versioning: Fact[bool]
    blob_soft_delete: Fact[int]
    container_soft_delete: Fact[int]
    open_origins: Fact[bool]  # a cross-origin rule takes every origin
    website: Fact[bool]
    change_feed: Fact[bool] = NOT_READ
    restore_days: Fact[int] = NOT_READ  # of point-in-time restore, which leaves append blobs as they are
    containers: Listing[ContainerConfig]
    others: Listing[str] = field(default_factory=_unread)  # containers that hold what is no monitoring data
    lifecycle: Fact[tuple[LifecycleRule, ...]]
    copies: Listing[CopyRule]
    locked: Fact[bool]
    logging: Listing[DiagnosticSetting]
    defender: Fact[bool]  # by its own setting, which shows the plan of the subscription unless that is the older one
    defender_overrides: Fact[bool] = NOT_READ  # its own setting holds whatever the subscription's plan says
    defender_plan: Fact[bool] = NOT_READ  # of the subscription
    tags: Fact[tuple[tuple[str, str], ...]] = NOT_READ
    roles: Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceConfig:
    """An Event Hubs namespace, and how long the hubs that receive logs keep events."""

    id: str
    name: str
    subscription: str
    region: Fact[str]
    local_keys: Fact[bool]
    tls_minimum: Fact[str]
    firewall: Firewall
    key: Fact[KeyInVault | None]
    infrastructure_encryption: Fact[bool]
    retention_days: Fact[int]
    captures: Listing[Capture] = field(default_factory=_unread)
    tags: Fact[tuple[tuple[str, str], ...]] = NOT_READ
    locked: Fact[bool]
    roles: Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class LogAnalyticsConfig:
    """A Log Analytics workspace, and how long the tables of Databricks keep rows."""

    id: str
    name: str
    subscription: str
    region: Fact[str]
    local_keys: Fact[bool]
    public_query: Fact[bool]
    public_ingestion: Fact[bool]
    resource_context: Fact[bool] = _BY_DEFAULT  # whoever may read the logs of a resource reads its rows here
    cluster: Fact[str]  # the dedicated cluster whose key encrypts; empty for none
    cluster_key: Fact[KeyInVault | None] = NOT_READ
    retention_days: Fact[int]
    exports: Listing[DataExport] = field(default_factory=_unread)  # of tables that hold audit logs
    tags: Fact[tuple[tuple[str, str], ...]] = NOT_READ
    locked: Fact[bool]
    roles: Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyConfig:
    """A key of a Key Vault, and what its vault does to keep it. `vault` is the id of the vault."""

    vault: Fact[str]
    enabled: Fact[bool]
    rotating: Fact[bool]
    recoverable: Fact[bool]  # soft deletion and purge protection
    rbac: Fact[bool]  # roles decide, not access policies
    policies: Fact[tuple[tuple[str, str, tuple[str, ...]], ...]]  # tenant, object id, permissions on keys
    roles: Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceConfig:
    """A Databricks workspace, its diagnostic settings, and the storage account that Azure made for it."""

    id: str
    name: str
    region: Fact[str]
    own_storage: Fact[str]  # the name of the account
    settings: Listing[DiagnosticSetting]
