"""A place where audit logs rest."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from posture.frozen import dataclass
from posture.model.facts import Duration, Fact, Listing
from posture.model.subjects.access import (
    NOT_TOLD,
    AccessControlList,
    Credentials,
    Exposure,
    Grant,
    Network,
)
from posture.model.subjects.keeping import Container, Encryption, Integrity, Monitoring, Resilience, Retention
from posture.model.subjects.terms import NEVER, Kind, Mode, Provider, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the source says of the deliveries into a store."""

    configured: Annotated[Fact[bool], "Some delivery configuration, enabled or not, names this store."]
    enabled: Annotated[Fact[bool], "Some enabled configuration delivers audit logs here."]
    writer: Annotated[Fact[str], "The role that is expected to write here; empty when nobody is."]
    hours_since_success: Annotated[
        Fact[Duration], "Whole hours since a configuration last delivered here; forever when none ever did.", NEVER
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
    kind_supported: Annotated[
        Fact[bool], "By the provider's documentation its own delivery service writes to a store of this kind and tier."
    ] = NOT_TOLD
    region_supported: Annotated[
        Fact[bool], "It lies in the Region that the provider's documentation asks for, of every source that delivers."
    ] = NOT_TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """How far the store is from what it watches."""

    dedicated: Annotated[
        Fact[bool], "Only audit logs come and lie here: no billing logs, workspace files or other data."
    ]
    workspace_root: Annotated[Fact[bool], "The store is the root storage of a workspace, which its users can reach."]
    separate_account: Annotated[Fact[bool], "It lies in another account than every workspace's resources."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the owner wrote on the store to find it again or to say what it holds: a label, a tag."""

    name: Annotated[Fact[str], "Its name, or key."]
    value: Annotated[Fact[str], "Its value; empty where it has none."]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStore:
    """A place where audit logs rest. Its identity is the normalised URL with prefix."""

    provider: Provider
    kind: Kind
    uri: str
    role: Role
    mode: Mode
    account: Annotated[Fact[str], "The account that owns the store."]
    organisation: Annotated[Fact[str], "The organisation that this account belongs to; empty for none."] = NOT_TOLD
    region: Annotated[Fact[str], "The Region that holds the data."]
    labels: Annotated[Listing[Label], "Labels or tags that the owner put on the store."] = field(
        default_factory=lambda: Listing.unread(NOT_TOLD)
    )
    delivery: Annotated[Delivery, "What the source says of the deliveries into the store."]
    encryption: Annotated[Encryption, "How objects are encrypted by default."]
    exposure: Annotated[Exposure, "What the store offers to the world."]
    acl: Annotated[AccessControlList, "The access control list."]
    network: Annotated[Network, "From where it answers at all."]
    credentials: Annotated[Credentials, "Secrets that open it to whoever holds them."]
    grants: Annotated[
        Listing[Grant],
        "Whom the store itself lets in, decided over all paths; what an AWS account gives its own people is not read.",
    ]
    integrity: Annotated[Integrity, "What keeps written logs as they were written."]
    retention: Annotated[Retention, "How long logs stay."]
    monitoring: Annotated[Monitoring, "Whether access leaves a trace."]
    resilience: Annotated[Resilience, "Whether the logs survive the loss of the store."]
    isolation: Annotated[Isolation, "How far the store is from what it watches."]
    containers: Annotated[
        Listing[Container], "The parts that hold audit logs, where parts have protections of their own."
    ]
