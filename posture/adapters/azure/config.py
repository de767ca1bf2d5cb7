"""What Azure says of one resource, typed, every field a fact. Live and planned resources fill the same records."""

from __future__ import annotations

from dataclasses import dataclass

from posture.model.facts import Duration, Fact, Known, Listing, Reason, Source, Unknown
from posture.model.subjects import WormMode

_BY_DEFAULT: Fact[bool] = Known(value=True, sources=())
_NOT_READ = Unknown(reason=Reason.NOT_COLLECTED, detail="this is not read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """The network rules of a resource; with an open default the rules decide nothing.

    `public` is publicNetworkAccess: Enabled, Disabled or SecuredByPerimeter.
    """

    public: Fact[str]
    default_open: Fact[bool]
    addresses: Fact[tuple[str, ...]]
    subnets: Fact[tuple[str, ...]]
    resources: Fact[tuple[tuple[str, str], ...]]  # the id or pattern of a resource, and its tenant
    bypass: Fact[bool]  # trusted Microsoft services pass
    private_endpoints: Fact[int]  # approved ones


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInVault:
    """A key of a Key Vault as a resource names it: the URL without a version, and the version it is pinned to."""

    url: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Immutability:
    """Time-based retention of an account or a container."""

    mode: WormMode  # governance: unlocked, so that whoever may configure it can shorten it
    days: int
    appends: bool  # protected append writes are allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerConfig:
    """A blob container. `scope` is the encryption scope it writes with by default; empty for the account's own."""

    name: str
    public_access: Fact[str]  # None, Blob or Container
    legal_hold: Fact[bool]
    hold_appends: Fact[bool] = _NOT_READ  # the hold lets append blobs grow
    immutability: Fact[Immutability | None]
    scope: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRule:
    """An enabled rule, and what it removes. `after` are days by any clock: modification, creation or last access."""

    name: str
    prefixes: tuple[str, ...]  # container, or container/path; empty is everything
    append_blobs: bool
    tagged: bool
    after: int | None
    versions_after: int | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRule:
    """A rule of an object replication policy by which this account is the source."""

    account: str  # the destination: an ARM id, or a bare name in older policies
    container: str
    prefixes: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosticSetting:
    """A diagnostic setting: the categories and groups that it enables, and where it sends them. Ids may be empty."""

    name: str
    categories: tuple[str, ...]
    groups: tuple[str, ...]
    storage_account: str
    event_hub_rule: str
    event_hub: str
    log_analytics: str
    partner: str
    source: Source

    @property
    def destinations(self) -> tuple[str, ...]:
        """The ids of everything that receives the logs."""
        named = (self.storage_account, self.event_hub_rule, self.log_analytics, self.partner)
        return tuple(each for each in named if each)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment:
    """Who has a role, and where."""

    role: str  # the id of the definition
    principal: str  # an object id
    principal_type: str  # User, Group, ServicePrincipal, ForeignGroup, Device
    scope: str
    condition: str
    source: Source
    eligible: bool = False  # held once its holder activates it, in Privileged Identity Management


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    """Actions less the excluded ones, for the resource itself and for the data in it."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    data_actions: tuple[str, ...]
    not_data_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDefinition:
    """A role, built in or custom."""

    name: str
    permissions: tuple[PermissionSet, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyAssignment:
    """What principals may not do, whatever their roles say; everyone is written as an id of zeros."""

    name: str
    permissions: tuple[PermissionSet, ...]
    principals: tuple[str, ...]
    excluded: tuple[str, ...]
    everyone: bool
    scope: str
    below: bool  # it holds for what lies below its scope too
    source: Source
    condition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A role that another tenant's principal holds over a subscription or resource group, by Azure Lighthouse."""

    tenant: str
    principal: str
    principal_name: str
    role: str  # the bare id of a built-in role
    scope: str
    source: Source
    eligible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """What the directory says of a principal. `tenant` is its home, empty for a user or group of this directory."""

    name: str
    guest: bool
    tenant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Everything by which principals reach a resource through Azure's own permissions."""

    assignments: Listing[RoleAssignment]
    denials: Listing[DenyAssignment]
    delegations: Listing[Delegation]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalUser:
    """A user of the account itself; each permission is a container, and letters of `rwdlcmx`."""

    name: str
    permissions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageAccountConfig:
    """A storage account with its blob service. Absent members are read as Azure documents them for old accounts."""

    id: str
    name: str
    subscription: str
    region: Fact[str]
    anonymous: Fact[bool]  # anonymous access can be granted on containers
    shared_key: Fact[bool]
    token_days: Fact[Duration]  # what the SAS policy blocks beyond; FOREVER when it only logs, or there is none
    keys_made: Fact[tuple[str, ...]]  # ISO 8601
    tls_minimum: Fact[str]
    https_only: Fact[bool]
    firewall: Firewall
    key: Fact[KeyInVault | None]
    infrastructure_encryption: Fact[bool]
    scope_keys: Listing[tuple[str, KeyInVault | None]]  # encryption scopes in use, by name
    cross_tenant_copies: Fact[bool]
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
    containers: Listing[ContainerConfig]
    lifecycle: Fact[tuple[LifecycleRule, ...]]
    copies: Listing[CopyRule]
    locked: Fact[bool]
    logging: Listing[DiagnosticSetting]
    defender: Fact[bool]
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
    cluster_key: Fact[KeyInVault | None] = _NOT_READ
    retention_days: Fact[int]
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
