"""What AWS says of one resource, typed, every field a fact. Live reads and planned resources fill the same records."""

from __future__ import annotations

from enum import StrEnum

from posture.frozen import dataclass
from posture.model.facts import Fact, Listing, Source, Unknown
from posture.model.subjects import BlockPublicAccess, KeyManager, Ownership, Versioning, WormMode

EVENT_BUS = "eventbridge"
"""The default event bus of the account that owns a bucket: no notification names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultEncryption:
    """The one encryption rule of a bucket; `key_id` is as it was written: a key or alias, as an ARN or bare."""

    algorithm: str  # AES256, aws:kms, aws:kms:dsse
    key_id: str = ""
    bucket_key: bool = False
    unresolved: Unknown | None = None  # why it is not known which key is named, or whether one is


class GranteeKind(StrEnum):
    """How an access control list names a grantee."""

    ACCOUNT = "account"  # by canonical id
    GROUP = "group"  # by URI
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class AclGrant:
    """One line of an access control list."""

    kind: GranteeKind
    grantee: str
    permission: str  # READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadLine:
    """A line of which nobody can tell whom it lets in; `public` unless it can only be one account."""

    unknown: Unknown
    public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acl:
    """An access control list and the canonical id of the owner, empty where that is not known."""

    owner: str
    grants: tuple[AclGrant, ...]
    unread: tuple[UnreadLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersioningState:
    """Versioning, and whether deleting a version needs a second factor."""

    versioning: Versioning
    mfa_delete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLock:
    """What Object Lock gives every new object; NONE and 0 when it is enabled without a default retention."""

    mode: WormMode
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRule:
    """One rule and what it removes. `narrowed` are its conditions on tags and sizes, in words."""

    name: str
    enabled: bool
    prefix: str
    narrowed: tuple[str, ...] = ()
    expires_after: int | None = None  # days of age of a current object
    expires_on: str = ""  # the date from which on every current object goes, ISO 8601
    noncurrent_after: int | None = None  # days since a version stopped being current
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRule:
    """One replication rule. `account` is empty when the rule does not name the owner of the target, as is `key_id`."""

    name: str
    enabled: bool
    prefix: str
    tagged: bool
    bucket: str
    account: str
    kms_objects: bool  # objects encrypted with a KMS key are copied too
    key_id: str = ""  # the key that their copies are encrypted with, as an ARN of a key or an alias
    unresolved: Unknown | None = None  # why it is not known which key that is
    delete_markers: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingTarget:
    """Where the server access log goes."""

    bucket: str
    prefix: str
    unresolved: Unknown | None = None  # why the prefix is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsRule:
    """Which web origins may use which methods."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """Another door to a bucket."""

    name: str
    arn: str
    network: str  # Internet or VPC
    vpc: str
    block: BlockPublicAccess
    policy: Fact[str]  # JSON; empty when there is none
    policy_public: Fact[bool]
    multi_region: bool = False  # a Multi-Region Access Point, whose name here is its alias


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketConfig:
    """A bucket. An absent setting is known: None, an empty tuple or an empty text."""

    name: str
    account: Fact[str]
    region: Fact[str]
    encryption: Fact[DefaultEncryption | None]
    policy: Fact[str]  # JSON; empty when there is none
    policy_public: Fact[bool]
    block: BlockPublicAccess
    acl: Fact[Acl]
    ownership: Fact[Ownership]
    versioning: Fact[VersioningState]
    object_lock: Fact[ObjectLock | None]
    lifecycle: Fact[tuple[LifecycleRule, ...]]
    logging: Fact[LoggingTarget | None]
    replication: Fact[tuple[CopyRule, ...]]
    website: Fact[bool]
    cors: Fact[tuple[CorsRule, ...]]
    notified: Fact[tuple[str, ...]]  # ARNs, and EVENT_BUS
    tags: Fact[tuple[tuple[str, str], ...]]
    access_points: Listing[AccessPoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSelector:
    """A classic selector's data resources of the type S3 object; each value is a prefix of object ARNs."""

    reads: bool
    writes: bool
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSelector:
    """One condition of an advanced selector: an event is taken by any selecting value, and left by any deselecting."""

    field: str
    equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()
    not_ends_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """What a trail records; an advanced selector takes an event that meets all its conditions."""

    classic: tuple[ObjectSelector, ...] = ()
    advanced: tuple[tuple[FieldSelector, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailConfig:
    """A trail as its home Region describes it."""

    arn: str
    home_region: str
    multi_region: Fact[bool]
    validated: Fact[bool]
    running: Fact[bool]
    selectors: Fact[Selectors]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """What an account decides for all its buckets, and the trails that can see those of one Region."""

    block: BlockPublicAccess
    trails: Listing[TrailConfig]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGrant:
    """A KMS grant: a permission beside the key policy."""

    grantee: str
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyConfig:
    """A KMS key."""

    arn: Fact[str]
    manager: Fact[KeyManager]
    enabled: Fact[bool]
    state: Fact[str]
    rotating: Fact[bool]
    policy: Fact[str]
    grants: Listing[KeyGrant]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPolicy:
    """A policy of a role: the name of an inline one, the ARN of an attached one."""

    name: str
    document: Fact[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleConfig:
    """A role: who may become it, and what it may do."""

    arn: str
    trust_policy: Fact[str]
    policies: Listing[NamedPolicy]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationConfig:
    """The organisation of an identity's account; an empty id when the account is in none."""

    id: Fact[str]
    accounts: Listing[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPolicies:
    """The resource control policies of the organisation over an account: its own, its units' and the root's.

    `refused` says why no identity in use may ask for them at all; then none is listed.
    """

    policies: Listing[NamedPolicy]
    refused: Unknown | None = None
