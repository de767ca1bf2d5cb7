"""What Google says of one resource, typed, every field a fact. Live reads and plans fill the same records."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Source, Unknown
from posture.model.subjects import Versioning


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One role for some members, under a condition in CEL; an empty text is no condition.

    `open` says why there may be members that nobody can name yet.
    """

    role: str
    members: tuple[str, ...]
    condition: str
    source: Source
    open: Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditConfig:
    """Which accesses a level records for a service (`allServices` is every one), and for whom it does not."""

    service: str
    kinds: tuple[tuple[str, tuple[str, ...]], ...]  # DATA_READ and the like, with the exempted members


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An allow policy as it is attached to one resource. An answer of Google's holds all of it, a plan often a part."""

    bindings: tuple[Binding, ...]
    audits: tuple[AuditConfig, ...]
    text: str  # the bindings as Google writes them
    source: Source
    gaps: tuple[Gap, ...] = ()  # bindings that it may have beside these
    audit_gaps: tuple[Unknown, ...] = ()  # why its audit configurations may be others

    @property
    def doubts(self) -> tuple[Unknown, ...]:
        """Why somebody may be bound who is not told here."""
        left_open = (binding.open for binding in self.bindings if binding.open is not None)
        return (*(gap.unknown for gap in self.gaps), *left_open)

    @property
    def whole(self) -> Fact[str]:
        """Its text, where it is known as a whole."""
        return self.doubts[0] if self.doubts else Known(value=self.text, sources=(self.source,))


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyRule:
    """Who may not do what, whatever bindings say. Permissions are written with the host of their service.

    `open` says why the rule may stop others than those it names, or none of them.
    """

    principals: tuple[str, ...]
    exceptions: tuple[str, ...]
    permissions: tuple[str, ...]
    excepted_permissions: tuple[str, ...]
    condition: str
    source: Source
    open: Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A resource whose policies a bucket inherits: `projects/1`, `folders/2`, `organizations/3`."""

    name: str
    policy: Fact[Policy]
    denied: Listing[DenyRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """A route of Cloud Logging. `bucket` is empty where it leads elsewhere than to Cloud Storage."""

    name: str
    bucket: str
    disabled: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class HmacKey:
    """A key with which a service account signs requests to Cloud Storage."""

    service_account: str
    active: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A job of Storage Transfer Service that copies one bucket to another. No prefixes: all objects."""

    name: str
    enabled: bool
    bucket: str
    path: str
    prefixes: tuple[str, ...]
    excluded: tuple[str, ...]
    target: str
    target_path: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerConfig:
    """The project that owns a resource, and everything above it. Organisation and domain may be known to be none."""

    name: str  # as it was asked for: its id or its number
    number: Fact[str]
    id: Fact[str]
    levels: Listing[Level]  # from the project upwards
    organisation: Fact[str]  # organizations/123
    domain: Fact[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Perimeter:
    """A perimeter around a project that restricts Cloud Storage. `doors` let somebody in from outside of it."""

    name: str
    doors: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectConfig:
    """A project that owns buckets, with what its other services say of them all."""

    owner: OwnerConfig
    prevents_public: Fact[bool]  # storage.publicAccessPrevention
    requires_tls: Fact[bool]  # storage.secureHttpTransport
    refused_tls: Fact[frozenset[str]]  # gcp.restrictTLSVersion: TLS_VERSION_1 and the like
    keeps_uniform: Fact[bool]  # storage.uniformBucketLevelAccess: what is on stays on
    refused_auth: Fact[frozenset[str]]  # storage.restrictAuthTypes: requests that are signed with HMAC keys
    restricts_domains: Fact[bool]  # iam.allowedPolicyMemberDomains: new bindings are for chosen organisations
    restricts_members: Fact[bool]  # iam.managed.allowedPolicyMembers: the same, or for chosen people
    sinks: Listing[Sink]
    hmac_keys: Listing[HmacKey]
    transfers: Listing[Transfer]
    perimeter: Fact[Perimeter | None] | None  # None: nobody asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Uniform bucket-level access, and the time from which on nobody can turn it off; empty when somebody can."""

    enabled: bool
    locked_from: Fact[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """Seconds that every object stays; a locked policy can only be lengthened."""

    seconds: int
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AclEntry:
    """One line of a list: READER, WRITER or OWNER."""

    entity: str
    role: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRule:
    """One rule that deletes objects. None and empty are conditions that it does not have; all that it has must hold."""

    age: int | None
    created_before: str
    live: bool | None
    prefixes: tuple[str, ...]
    newer_versions: int | None
    noncurrent_days: int | None
    noncurrent_before: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLogs:
    """Where usage logs go."""

    bucket: str
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsRule:
    """Which web origins may use which methods."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class IpFilter:
    """From which networks a bucket answers. `networks` are VPCs, with the ranges in each."""

    ranges: tuple[str, ...]
    networks: tuple[tuple[str, tuple[str, ...]], ...]
    service_agents: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedFolder:
    """A folder of a bucket with a policy of its own; its name ends with a slash."""

    name: str
    policy: Fact[Policy]


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketConfig:
    """A bucket. An absent setting is known: None, an empty tuple or an empty text."""

    name: str
    project: Fact[str]  # the number; in a plan whatever names the project there
    location: Fact[str]  # in lower case
    multiple: Fact[bool]  # a dual-region or a multi-region
    prevention: Fact[bool]  # enforced by the bucket itself; false: inherited
    uniform: Fact[Uniform]
    key: Fact[str]  # resource name; empty for Google's own
    retention: Fact[RetentionPolicy | None]
    object_retention: Fact[bool]
    holds_new: Fact[bool]  # every new object gets an event-based hold
    soft_delete_seconds: Fact[int]
    versioning: Fact[Versioning]
    lifecycle: Fact[tuple[LifecycleRule, ...]]
    has_lifecycle: Fact[bool]
    usage_logs: Fact[UsageLogs | None]
    website: Fact[bool]
    cors: Fact[tuple[CorsRule, ...]]
    ip_filter: Fact[IpFilter | None]
    requester_pays: Fact[bool]
    turbo: Fact[bool]  # replication within fifteen minutes, where objects lie in two Regions at all
    labels: Fact[tuple[tuple[str, str], ...]]
    policy: Fact[Policy]
    acl: Listing[AclEntry]  # empty where lists do not count
    default_acl: Listing[AclEntry]
    folders: Listing[ManagedFolder]
    notified: Listing[str]  # topics of Pub/Sub


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyConfig:
    """A Cloud KMS key. `enabled` is that of its primary version, which encrypts new objects."""

    name: str
    enabled: Fact[bool]
    rotating: Fact[bool]
    wait_seconds: Fact[int]  # between the order to destroy a version and its destruction
    ending: Fact[bool]  # some version is scheduled for destruction
    policies: tuple[tuple[str, Fact[Policy]], ...]  # of the key and its ring, by resource name
    project: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePermissions:
    """What a role allows, as far as it concerns storage, keys and policies."""

    name: str
    permissions: frozenset[str]
    deleted: bool
