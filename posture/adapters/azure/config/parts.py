"""What resources are made of: networks, keys, containers, rules and settings."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.model.facts import Fact, Reason, Source, Unknown
from posture.model.subjects import WormMode

NOT_READ = Unknown(reason=Reason.NOT_COLLECTED, detail="this is not read")


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
    hold_appends: Fact[bool] = NOT_READ  # the hold lets append blobs grow
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
class SignedIdentifier:
    """A stored access policy of a container. Empty `expires` (ISO 8601) and `permissions` are left to each token."""

    container: str
    name: str
    permissions: str  # letters, as in a token: `racwdl`
    expires: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A hub whose events Event Hubs Capture writes into a container; `account` is the id of the storage account."""

    hub: str
    account: str
    container: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExport:
    """A rule that exports tables of a Log Analytics workspace to an account or a namespace, by its id."""

    name: str
    tables: tuple[str, ...]
    destination: str
    hub: str  # empty where each table has a hub of its own
    source: Source
