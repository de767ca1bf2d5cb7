"""What produces audit logs, and how it delivers them."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from posture.frozen import dataclass
from posture.model.facts import Duration, Fact, Listing
from posture.model.subjects.terms import NEVER, DeliveryStatus, Kind, Mode, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One audit-log delivery configuration of a source."""

    name: Annotated[Fact[str], "Its name, or its id when it has none."]
    enabled: Annotated[Fact[bool], "It is enabled."]
    status: Annotated[Fact[DeliveryStatus], "The outcome of the last attempt, as the vendor reports it."]
    succeeding: Annotated[
        Fact[bool], "The last attempt succeeded; not decided while a new configuration awaits its first."
    ]
    hours_since_success: Annotated[
        Fact[Duration], "Whole hours since the last success; forever when there was none.", NEVER
    ]
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
