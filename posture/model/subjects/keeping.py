"""How a store keeps what was written to it: encrypted, unchanged, for how long, watched, copied."""

from __future__ import annotations

from typing import Annotated

from posture.frozen import dataclass
from posture.model.facts import Duration, Fact, Listing
from posture.model.subjects.access import NOT_TOLD, Grant
from posture.model.subjects.terms import NEVER, KeyManager, Versioning, WormMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How objects are encrypted when the writer asks for nothing special."""

    at_rest: Annotated[Fact[bool], "New objects are encrypted by default."]
    twice: Annotated[Fact[bool], "New objects are encrypted by default in two independent layers."]
    key_manager: Annotated[Fact[KeyManager], "Who manages the default key."]
    key: Annotated[Fact[str], "The default key, as the store names it; empty where it names none of our own."]
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
    rewind_days: Annotated[
        Fact[int],
        "How many days back its objects can be put as they were; 0 when they cannot. On Azure block blobs only.",
    ] = NOT_TOLD


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
    changes_listed: Annotated[
        Fact[bool], "The store itself keeps an ordered list of what was made, changed and deleted in it."
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
    deletions_copied: Annotated[Fact[bool], "Whoever deletes an original deletes its copy with it."] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience:
    """Whether the logs survive the loss of their store."""

    replicated: Annotated[Fact[bool], "An enabled rule copies new objects under the log prefix elsewhere."]
    replicas: Annotated[Listing[Replica], "Where the copies go."]
    geo_redundant: Annotated[Fact[bool], "The provider itself keeps every object in two Regions or more."]
    recovery_point_minutes: Annotated[
        Fact[Duration],
        "Within how many minutes a new object is to lie in a second Region; forever where in none.",
        NEVER,
    ] = NOT_TOLD
    copies_may_leave: Annotated[
        Fact[bool], "Whoever configures the store may have its objects copied into another tenant."
    ] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A part of a store that holds audit logs, where the provider sets protections on parts: a blob container."""

    name: Annotated[Fact[str], "Its name."]
    public: Annotated[Fact[bool], "It is set to let anybody read, if not the store as a whole forbids it."]
    worm_mode: Annotated[Fact[WormMode], "The protection that every new object in it gets by default."]
    worm_days: Annotated[Fact[int], "How many days that protection lasts; 0 when there is none."]
    legal_hold: Annotated[Fact[bool], "A legal hold keeps everything in it until somebody lifts the hold."]
    restorable_days: Annotated[Fact[int], "For how many days it can be brought back when deleted; 0 when it cannot."]
