"""The records that policies speak of. Each field's description feeds the schema, the glossary and the catalogue.

A field without a default must be supplied by every wing that makes the record: a new fact makes mypy name them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, TypeAlias

from posture.model.facts import Duration, Fact, Listing, Reason, Unknown


class Provider(StrEnum):
    """Whose API answers for a subject."""

    AWS = "aws"
    AZURE = "azure"
    GCP = "gcp"
    DATABRICKS = "databricks"


class Kind(StrEnum):
    """What a subject is, in the provider's terms."""

    S3_BUCKET = "s3_bucket"
    STORAGE_ACCOUNT = "storage_account"
    GCS_BUCKET = "gcs_bucket"
    EVENT_HUB = "event_hub"
    LOG_ANALYTICS = "log_analytics"
    PARTNER = "partner"
    TABLE = "table"
    ACCOUNT = "account"
    WORKSPACE = "workspace"
    METASTORE = "metastore"
    ESTATE = "estate"
    LOG_DELIVERY = "log_delivery"


class Role(StrEnum):
    """Why logs rest in a store."""

    DELIVERY = "delivery"
    REPLICA = "replica"
    BACKUP = "backup"
    COPY = "copy"
    TABLE = "table"
    STREAM = "stream"


class Mode(StrEnum):
    """Read from the running cloud, or from a plan of what will run."""

    LIVE = "live"
    PLANNED = "planned"


class About(StrEnum):
    """Which record a control speaks of."""

    STORE = "store"
    SOURCE = "source"
    ESTATE = "estate"
    CHANGE = "change"


class KeyManager(StrEnum):
    """Who manages the key that encrypts by default."""

    NONE = "none"
    PROVIDER = "provider"
    CUSTOMER = "customer"


class Versioning(StrEnum):
    """Whether overwritten and deleted objects stay readable as older versions."""

    ENABLED = "enabled"
    SUSPENDED = "suspended"
    NEVER = "never"


class WormMode(StrEnum):
    """Who may shorten the protection of an object: nobody (compliance), holders of a permission (governance)."""

    NONE = "none"
    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


class Ownership(StrEnum):
    """Whose objects are those that another account wrote, and whether ACLs count at all."""

    ENFORCED = "bucket_owner_enforced"
    PREFERRED = "bucket_owner_preferred"
    WRITER = "object_writer"


class DeliveryStatus(StrEnum):
    """What Databricks says of its last attempt to deliver."""

    CREATED = "created"
    SUCCEEDED = "succeeded"
    USER_FAILURE = "user_failure"
    SYSTEM_FAILURE = "system_failure"
    NOT_FOUND = "not_found"


class ActionClass(StrEnum):
    """What a grant lets its holder do to the logs."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ADMINISTER = "administer"


class Scope(StrEnum):
    """How a grant's holder stands to the owner of the store."""

    OWN = "own"
    ORGANISATION = "organisation"
    VENDOR = "vendor"
    ACCEPTED = "accepted"
    OUTSIDE = "outside"
    PUBLIC = "public"


class HolderKind(StrEnum):
    """How wide the class of principals is that a grant is for."""

    ANONYMOUS = "anonymous"
    ANY_ACCOUNT = "any_account"
    ACCOUNT_PATTERN = "account_pattern"
    ORGANISATION = "organisation"
    ACCOUNT = "account"
    PRINCIPAL = "principal"
    UNIQUE_ID = "unique_id"
    SERVICE = "service"
    CANONICAL_USER = "canonical_user"
    FEDERATED = "federated"
    GROUP = "group"
    DOMAIN = "domain"
    KEY_HOLDER = "key_holder"


class NetworkKind(StrEnum):
    """What a network rule lets through."""

    ADDRESSES = "addresses"  # a range of IP addresses
    SUBNET = "subnet"  # of a virtual network
    RESOURCE = "resource"  # a resource of the provider, wherever it runs


class Bound(StrEnum):
    """From where a grant can be used."""

    NONE = "none"
    OWN_NETWORK = "own_network"
    NAMED_NETWORK = "named_network"
    VIA_ACCESS_POINT = "via_access_point"


NOT_TOLD = Unknown(reason=Reason.UNSUPPORTED, detail="posture does not read this of this provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One class of principals and one thing that they can do, with the request that proves it."""

    principal: Annotated[Fact[str], "The principal, as the provider writes it; `*` for anyone."]
    kind: Annotated[Fact[HolderKind], "How wide the class of principals is."]
    account: Annotated[Fact[str], "The account, tenant or project of the principal; empty where there is none."]
    action: Annotated[Fact[ActionClass], "What the holder can do to the logs."]
    actions: Annotated[Fact[str], "The provider's actions behind it, the weightiest first."]
    scope: Annotated[Fact[Scope], "How the holder stands to the owner of the store."]
    bound: Annotated[Fact[Bound], "From where the grant can be used."]
    via: Annotated[Fact[str], "The statement, ACL grant, access point or key that gives it."]
    conditions: Annotated[Fact[str], "Every other condition, in words; empty when there is none."]
    witness: Annotated[Fact[str], "A concrete request that the provider would allow."]
    assumptions: Annotated[Fact[str], "What the witness takes for granted, such as filters that were not read."]
    confused_deputy: Annotated[
        Fact[bool],
        "The holder acts for many customers, and nothing ties the grant to us: any of them can use it.",
    ]
    within_need: Annotated[
        Fact[bool], "It gives no more than delivery is documented to need: these actions, below the log prefix."
    ]
    delivers: Annotated[
        Fact[bool], "The holder is the role that delivers here; on that role itself, the vendor's delivery role."
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the source says of the deliveries into a store."""

    configured: Annotated[Fact[bool], "Some delivery configuration, enabled or not, names this store."]
    enabled: Annotated[Fact[bool], "Some enabled configuration delivers audit logs here."]
    writer: Annotated[Fact[str], "The role that is expected to write here; empty when nobody is."]
    hours_since_success: Annotated[
        Fact[Duration], "Whole hours since a configuration last delivered here; forever when none ever did."
    ]
    writer_admitted: Annotated[
        Fact[bool],
        "The writer can put logs under the prefix, by the store's policy or its own in the same account.",
    ]
    writer_confined: Annotated[
        Fact[bool], "The writer's own policies reach nothing in object storage beyond the places it delivers to."
    ]
    writer_bound: Annotated[
        Fact[bool], "Whoever becomes the writer from outside must name our Databricks account as external id, exactly."
    ]
    writer_trust: Annotated[Listing[Grant], "Who can become the writer."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How objects are encrypted when the writer asks for nothing special."""

    at_rest: Annotated[Fact[bool], "New objects are encrypted by default."]
    twice: Annotated[Fact[bool], "New objects are encrypted by default in two independent layers."]
    key_manager: Annotated[Fact[KeyManager], "Who manages the default key."]
    bucket_key: Annotated[
        Fact[bool], "One data key serves many objects, so that every read does not call the key service."
    ]
    key_enabled: Annotated[Fact[bool], "The default key is enabled."]
    key_rotating: Annotated[Fact[bool], "The default key's material is rotated automatically."]
    key_pending_deletion: Annotated[Fact[bool], "The default key is scheduled for deletion, and the logs with it."]
    key_recoverable: Annotated[
        Fact[bool], "Nobody can destroy the default key at once: for some days after its deletion it can be recovered."
    ]
    key_admits_writer: Annotated[Fact[bool], "The default key can be used by the role that delivers."]
    key_grants: Annotated[Listing[Grant], "Who can use or manage the default key by its own policy and grants."]
    tls_required: Annotated[Fact[bool], "Every request in clear text is refused, whoever makes it."]
    judges_tls: Annotated[Fact[bool], "The store's policy judges requests by their TLS version."]
    old_tls_refused: Annotated[Fact[bool], "The store's policy refuses every request by TLS 1.0 and 1.1."]
    judges_uploads: Annotated[Fact[bool], "The store's policy refuses uploads by the encryption that they ask for."]
    unencrypted_upload_refused: Annotated[Fact[bool], "No upload is taken that asks for no encryption of its own."]
    wrong_encryption_refused: Annotated[
        Fact[bool], "No upload is taken that asks for another encryption or key than the default."
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPublicAccess:
    """The four S3 Block Public Access flags of one level."""

    block_public_acls: Annotated[Fact[bool], "New public ACLs are refused."]
    ignore_public_acls: Annotated[Fact[bool], "Public ACL grants, old and new, have no effect."]
    block_public_policy: Annotated[Fact[bool], "New public bucket policies are refused."]
    restrict_public_buckets: Annotated[Fact[bool], "A public policy serves only the owner's account and AWS services."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Block Public Access at each level, and in effect."""

    account: Annotated[BlockPublicAccess, "As the owner's account sets it."]
    bucket: Annotated[BlockPublicAccess, "As the bucket sets it."]
    effective: Annotated[BlockPublicAccess, "What holds: a flag is on when any level sets it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """Another door to a store, with a policy of its own."""

    name: Annotated[Fact[str], "Its name."]
    vpc_only: Annotated[Fact[bool], "It takes requests from one virtual network only."]
    blocked: Annotated[BlockPublicAccess, "Block Public Access as the access point sets it."]
    policy_public: Annotated[Fact[bool], "The provider itself calls its policy public."]
    widens: Annotated[Fact[bool], "Somebody outside the trust zone gets in through it who does not get in without it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a store offers to the world."""

    blocked: Annotated[Blocked, "Block Public Access."]
    public_blocked: Annotated[
        Fact[bool], "Nothing that a policy, a list or a setting of the store gives to the public takes effect."
    ]
    policy_public: Annotated[Fact[bool], "The provider itself calls the store's policy public."]
    policy_public_as_documented: Annotated[
        Fact[bool], "The store's policy is public by the definition that the provider documents."
    ]
    owner_locked_out: Annotated[
        Fact[bool], "The store's policy lets nobody of the owner's account change it, but for the root user."
    ]
    access_points: Annotated[Listing[AccessPoint], "Other doors to the store."]
    website: Annotated[Fact[bool], "The store is served as a static website."]
    public_cors: Annotated[Fact[bool], "Scripts of any web origin may read responses of the store."]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRule:
    """One network or resource that the rules of a store let through."""

    value: Annotated[Fact[str], "The range, subnet or resource, as the provider writes it."]
    kind: Annotated[Fact[NetworkKind], "What it is."]
    prefix_length: Annotated[Fact[int], "Of a range of addresses: the bits that are fixed; 0 for anything else."]
    own: Annotated[Fact[bool], "It is of the owner's own tenant or organisation; public addresses are nobody's."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """From where the store answers at all, by rules of its own; what policies ask of a network is in grants."""

    public_endpoint: Annotated[Fact[bool], "It answers at a public address, if not everybody."]
    default_open: Annotated[Fact[bool], "Whoever no rule names gets through to the public address."]
    rules: Annotated[Listing[NetworkRule], "What gets through where the rest does not."]
    trusted_services: Annotated[
        Fact[bool], "Services of the provider that deliver logs get through, whatever the rules say."
    ]
    private_endpoints: Annotated[Fact[int], "How many approved private endpoints lead to it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Secrets that open the store to whoever holds them, beside the provider's identities."""

    shared_keys: Annotated[Fact[bool], "Keys of the store itself open everything in it."]
    oldest_key_days: Annotated[Fact[int], "Days since the oldest such key was made; 0 where none opens the store."]
    longest_token_days: Annotated[
        Fact[Duration],
        "The longest life that the store's rules allow a token signed with such a key; 0 where none opens the store.",
    ]
    local_users: Annotated[Fact[bool], "Users of the store itself, outside the provider's identities, can sign in."]
    identity_keys: Annotated[
        Fact[bool], "A secret without an end (an HMAC key) signs requests as an identity that can reach the store."
    ] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessControlList:
    """The access control list of the store, an older way to grant beside policies."""

    ownership: Annotated[Fact[Ownership], "Who owns objects that other accounts write, and whether ACLs count at all."]
    grants_beyond_owner: Annotated[Fact[bool], "The ACL is in force and grants something to anyone but the owner."]
    off_for_good: Annotated[Fact[bool], "ACLs do not count, and nobody can let them count again."] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """What keeps written logs as they were written."""

    versioning: Annotated[Fact[Versioning], "Whether overwritten and deleted objects stay readable."]
    mfa_delete: Annotated[Fact[bool], "Deleting a version needs a second factor of the root user."]
    worm_enabled: Annotated[Fact[bool], "Write-once protection can be set on objects."]
    worm_mode: Annotated[Fact[WormMode], "The protection that every new object gets by default."]
    worm_days: Annotated[Fact[int], "How many days that default protection lasts; 0 when there is none."]
    worm_admits_additions: Annotated[
        Fact[bool], "Delivery can add lines to a log that is protected already, as its documentation says it does."
    ]
    soft_delete_days: Annotated[
        Fact[int], "For how many days a deleted object can be brought back without older versions; 0 when it cannot."
    ]
    store_deletion_blocked: Annotated[
        Fact[bool], "A lock keeps the store itself from being deleted until somebody lifts it."
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long logs stay before a rule removes them."""

    days: Annotated[Fact[Duration], "Days until the earliest rule removes a current object under the log prefix."]
    noncurrent_days: Annotated[
        Fact[Duration], "Days until the earliest rule removes an older version under the log prefix."
    ]
    lifecycle: Annotated[Fact[bool], "The store has a lifecycle configuration, whatever its rules do."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """Whether access to the store leaves a trace, and where."""

    access_logged: Annotated[Fact[bool], "Server access logging is on."]
    target: Annotated[Fact[str], "The store that receives the access log; empty when there is none."]
    target_is_self: Annotated[Fact[bool], "The access log is written into the very store that it watches."]
    object_reads_recorded: Annotated[Fact[bool], "A running trail records reads of objects in this store."]
    object_writes_recorded: Annotated[
        Fact[bool], "A running trail records writes and deletions of objects in this store."
    ]
    trail_validated: Annotated[Fact[bool], "A trail that records this store signs its log files."]
    threats_detected: Annotated[
        Fact[bool], "The provider's own service watches the store for unusual access and malicious content."
    ] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One place where new objects are copied to."""

    uri: Annotated[Fact[str], "The store that receives the copies."]
    account: Annotated[Fact[str], "The account of that store."]
    region: Annotated[Fact[str], "The Region of that store."]
    other_region: Annotated[Fact[bool], "It lies in another Region than the original."]
    other_account: Annotated[Fact[bool], "It lies in another account than the original."]
    covers_prefix: Annotated[Fact[bool], "The rule covers every object under the log prefix."]
    key_manager: Annotated[Fact[KeyManager], "Who manages the key that encrypts the copies."]
    versioning: Annotated[Fact[Versioning], "Whether the copies stay readable when overwritten or deleted."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    """Whether the logs survive the loss of their store."""

    replicated: Annotated[Fact[bool], "An enabled rule copies new objects under the log prefix elsewhere."]
    replicas: Annotated[Listing[Replica], "Where the copies go."]
    geo_redundant: Annotated[Fact[bool], "The provider itself keeps every object in two Regions or more."]
    copies_may_leave: Annotated[
        Fact[bool], "Whoever configures the store may have its objects copied into another tenant."
    ] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """How far the store is from what it watches."""

    dedicated: Annotated[Fact[bool], "Only audit logs are delivered here: no billing logs, no workspace files."]
    workspace_root: Annotated[Fact[bool], "The store is the root storage of a workspace, which its users can reach."]
    separate_account: Annotated[Fact[bool], "It lies in another account than every workspace's resources."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A part of a store that holds audit logs, where the provider sets protections on parts: a blob container."""

    name: Annotated[Fact[str], "Its name."]
    public: Annotated[Fact[bool], "It is set to let anybody read, if not the store as a whole forbids it."]
    worm_mode: Annotated[Fact[WormMode], "The protection that every new object in it gets by default."]
    worm_days: Annotated[Fact[int], "How many days that protection lasts; 0 when there is none."]
    legal_hold: Annotated[Fact[bool], "A legal hold keeps everything in it until somebody lifts the hold."]
    restorable_days: Annotated[Fact[int], "For how many days it can be brought back when deleted; 0 when it cannot."]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStore:
    """A place where audit logs rest. Its identity is the normalised URL with prefix."""

    provider: Provider
    kind: Kind
    uri: str
    role: Role
    mode: Mode
    account: Annotated[Fact[str], "The account that owns the store."]
    region: Annotated[Fact[str], "The Region that holds the data."]
    delivery: Annotated[Delivery, "What the source says of the deliveries into the store."]
    encryption: Annotated[Encryption, "How objects are encrypted by default."]
    exposure: Annotated[Exposure, "What the store offers to the world."]
    acl: Annotated[AccessControlList, "The access control list."]
    network: Annotated[Network, "From where it answers at all."]
    credentials: Annotated[Credentials, "Secrets that open it to whoever holds them."]
    grants: Annotated[
        Listing[Grant],
        "Whom the store itself lets in, decided over all paths; what an account gives its own people is not read.",
    ]
    integrity: Annotated[Integrity, "What keeps written logs as they were written."]
    retention: Annotated[Retention, "How long logs stay."]
    monitoring: Annotated[Monitoring, "Whether access leaves a trace."]
    resilience: Annotated[Resilience, "Whether the logs survive the loss of the store."]
    isolation: Annotated[Isolation, "How far the store is from what it watches."]
    containers: Annotated[
        Listing[Container], "The parts that hold audit logs, where parts have protections of their own."
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One audit-log delivery configuration of a source."""

    name: Annotated[Fact[str], "Its name, or its id when it has none."]
    enabled: Annotated[Fact[bool], "It is enabled."]
    status: Annotated[Fact[DeliveryStatus], "The outcome of the last attempt, as the vendor reports it."]
    succeeding: Annotated[
        Fact[bool], "The last attempt succeeded; not decided while a new configuration awaits its first."
    ]
    hours_since_success: Annotated[Fact[Duration], "Whole hours since the last success; forever when there was none."]
    filtered: Annotated[Fact[bool], "It delivers only the events of listed workspaces."]
    store: Annotated[Fact[str], "The store it delivers to."]
    shares_workspace_root: Annotated[Fact[bool], "That store is the root storage of a workspace."]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCategory:
    """A kind of audit events that a source delivers apart from the others."""

    name: Annotated[Fact[str], "As the provider spells it."]
    enabled: Annotated[Fact[bool], "Some delivery takes it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDelivery:
    """How the audit logs of a source are delivered, over all configurations."""

    enabled: Annotated[Fact[bool], "An enabled configuration delivers audit logs of this source."]
    covers_account_events: Annotated[
        Fact[bool], "Account-level events are delivered: an enabled configuration has no filter."
    ]
    covers_all_workspaces: Annotated[Fact[bool], "Events of every workspace, also of future ones, are delivered."]
    configurations: Annotated[Listing[Configuration], "The configurations that concern this source."]
    categories: Annotated[
        Listing[LogCategory], "The kinds of events, where a delivery may take some of them only; else none."
    ] = field(default_factory=lambda: Listing(items=()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """What produces audit logs: a Databricks account, a workspace, a metastore."""

    provider: Provider
    kind: Kind
    uri: str
    name: str
    mode: Mode
    delivery: Annotated[SourceDelivery, "How the audit logs of this source are delivered."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What was looked for and found."""

    complete: Annotated[Fact[bool], "Every place that can name a store was read to its end."]
    stores: Annotated[Fact[int], "How many stores of audit logs were found."]
    sources: Annotated[Fact[int], "How many sources of audit logs were found."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """All sources and stores together."""

    uri: str
    mode: Mode
    inventory: Annotated[Inventory, "What was looked for and found."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One thing that protects a store, and whether a plan takes it away."""

    name: Annotated[Fact[str], "What protects: a fact of the store, by its path."]
    removed: Annotated[Fact[bool], "It protected the store before the plan, and will not, or less, after it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A planned resource before and after: what the plan takes away from the logs. Its URI is its address."""

    provider: Provider
    kind: Kind
    uri: str
    mode: Mode
    destroys_store: Annotated[Fact[bool], "The store of audit logs is destroyed, or replaced by an empty one."]
    destroys_key: Annotated[Fact[bool], "The key that encrypts the logs is destroyed, or replaced by another."]
    force_destroy: Annotated[Fact[bool], "Terraform is told to empty the store when it destroys it."]
    stops_delivery: Annotated[Fact[bool], "A delivery of audit logs is destroyed or disabled."]
    narrows_delivery: Annotated[Fact[bool], "A delivery of audit logs leaves out workspaces that it covered."]
    shortens_retention: Annotated[
        Fact[bool], "A rule will remove logs, or older versions of them, earlier than before."
    ]
    protections: Annotated[Listing[Protection], "What protected the store before the plan."]
    changed_outside: Annotated[Fact[bool], "Something about it was changed outside of Terraform since the last apply."]


Subject: TypeAlias = LogStore | LogSource | Estate | Change
