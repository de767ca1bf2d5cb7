"""What a wing says of a target. The estate joins the contributions of all wings into subjects."""

from __future__ import annotations

from dataclasses import field
from typing import TypeAlias

from posture.frozen import dataclass
from posture.model.facts import Duration, Fact, Known, Listing, Reason, Unknown
from posture.model.leads import KeyRef, RoleRef, SourceRef, StoreRef
from posture.model.subjects import (
    NOT_TOLD,
    AccessControlList,
    Configuration,
    Container,
    Credentials,
    Exposure,
    Grant,
    Integrity,
    KeyManager,
    Label,
    LogSource,
    Monitoring,
    Network,
    Provider,
    Retention,
)

_NO_POLICY = Unknown(reason=Reason.UNSUPPORTED, detail="keys of this provider have no policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationRule:
    """An enabled rule that copies new objects; `account` is the owner of the target where the rule names it.

    `key` encrypts the copies, a known None for one of the provider's; without it the target's own default does.
    """

    target: StoreRef
    account: Fact[str]
    covers_prefix: Fact[bool]
    key: Fact[KeyRef | None] | None = None
    deletions_copied: Fact[bool] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """What the store's policy turns away, whoever asks; the fields are those of `Encryption`."""

    tls_required: Fact[bool]
    judges_tls: Fact[bool]
    old_tls_refused: Fact[bool]
    judges_uploads: Fact[bool]
    unencrypted_upload_refused: Fact[bool]
    wrong_encryption_refused: Fact[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Another way to a store that has a policy of its own, and the network that it is confined to, if it is."""

    name: str
    policy: Fact[str]
    network: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreContribution:
    """What a storage wing says of a store. The default key is a lead: what it is like comes from whoever reads it."""

    ref: StoreRef
    account: Fact[str]
    region: Fact[str]
    encrypted: Fact[bool]
    encrypted_twice: Fact[bool]
    bucket_key: Fact[bool]
    key: Fact[KeyRef | None]  # None: no key of one's own; the provider's default key
    exposure: Exposure
    acl: AccessControlList
    network: Network
    credentials: Credentials
    policy: Fact[str]  # as the provider writes it; empty when there is none
    grants: Listing[Grant]
    refusals: Refusals
    integrity: Integrity
    retention: Retention
    monitoring: Monitoring
    replication: Listing[ReplicationRule]
    geo_redundant: Fact[bool]
    recovery_point_minutes: Fact[Duration] = NOT_TOLD
    copies_may_leave: Fact[bool] = NOT_TOLD
    organisation: Fact[str] = NOT_TOLD
    labels: Listing[Label] = field(default_factory=lambda: Listing.unread(NOT_TOLD))
    containers: Listing[Container] = field(default_factory=lambda: Listing(items=()))
    doors: Listing[Door] = field(default_factory=lambda: Listing(items=()))
    receives: Fact[bool] = NOT_TOLD  # the provider's own delivery service writes to stores of this kind and tier
    fed_by: Listing[str] = field(default_factory=lambda: Listing(items=()))  # what else is delivered here, or lies here


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyContribution:
    """What a wing says of a key."""

    ref: KeyRef
    manager: Fact[KeyManager]
    enabled: Fact[bool]
    rotating: Fact[bool]
    pending_deletion: Fact[bool]
    recoverable: Fact[bool]
    grants: Listing[Grant]
    policy: Fact[str] = _NO_POLICY


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleContribution:
    """What a wing says of the identity that writes logs."""

    ref: RoleRef
    trust_policy: Fact[str]
    trust: Listing[Grant]
    policies: Listing[str]


ALL: Fact[frozenset[str]] = Known(value=frozenset(), sources=())
ANYWHERE: Fact[str] = Known(value="", sources=())


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryContribution:
    """One configuration as the source reports it. `store` is unknown when its storage could not be resolved."""

    configuration: Configuration
    store: Fact[StoreRef]
    writer: Fact[str]
    audit: Fact[bool]  # false: it delivers something else, such as billable usage
    workspaces: Fact[frozenset[str]]  # the only ones that it delivers of; empty: of all, and account-level events too
    categories: Fact[frozenset[str]] = ALL  # the only ones of logs; empty: all of them
    region: Fact[str] = ANYWHERE  # where the store has to lie


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContribution:
    """What a wing says of one account: its sources, its deliveries, and where its workspaces live.

    All of that is in one cloud: a Databricks account delivers to stores of the cloud that its workspaces run in.
    """

    ref: SourceRef
    cloud: Provider
    sources: Listing[LogSource]
    deliveries: Listing[DeliveryContribution]
    workspace_stores: Listing[StoreRef]  # root storage of the workspaces
    workspace_accounts: Listing[str]  # cloud accounts that hold workspace resources


Contribution: TypeAlias = StoreContribution | KeyContribution | RoleContribution | SourceContribution
