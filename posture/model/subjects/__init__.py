"""The records that policies speak of. Each field's description feeds the schema, the glossary and the catalogue.

A field without a default must be supplied by every wing that makes the record: a new fact makes mypy name them.
"""

from __future__ import annotations

from typing import TypeAlias

from posture.model.subjects.access import (
    NOT_TOLD,
    AccessControlList,
    AccessPoint,
    Blocked,
    BlockPublicAccess,
    Credentials,
    Exposure,
    Grant,
    Network,
    NetworkRule,
    StoredPolicy,
    Subscriber,
)
from posture.model.subjects.estate import Change, Estate, Inventory, Protection
from posture.model.subjects.keeping import Container, Encryption, Integrity, Monitoring, Replica, Resilience, Retention
from posture.model.subjects.source import Configuration, LogCategory, LogSource, SourceDelivery
from posture.model.subjects.store import Delivery, Isolation, Label, LogStore
from posture.model.subjects.terms import (
    About,
    ActionClass,
    Bound,
    DeliveryStatus,
    HolderKind,
    KeyManager,
    Kind,
    Mode,
    NetworkKind,
    Ownership,
    Provider,
    Role,
    Scope,
    Versioning,
    WormMode,
)

Subject: TypeAlias = LogStore | LogSource | Estate | Change

__all__ = (
    "NOT_TOLD",
    "About",
    "AccessControlList",
    "AccessPoint",
    "ActionClass",
    "BlockPublicAccess",
    "Blocked",
    "Bound",
    "Change",
    "Configuration",
    "Container",
    "Credentials",
    "Delivery",
    "DeliveryStatus",
    "Encryption",
    "Estate",
    "Exposure",
    "Grant",
    "HolderKind",
    "Integrity",
    "Inventory",
    "Isolation",
    "KeyManager",
    "Kind",
    "Label",
    "LogCategory",
    "LogSource",
    "LogStore",
    "Mode",
    "Monitoring",
    "Network",
    "NetworkKind",
    "NetworkRule",
    "Ownership",
    "Protection",
    "Provider",
    "Replica",
    "Resilience",
    "Retention",
    "Role",
    "Scope",
    "SourceDelivery",
    "StoredPolicy",
    "Subject",
    "Subscriber",
    "Versioning",
    "WormMode",
)
