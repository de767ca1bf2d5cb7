"""What the account API says of one object, typed, every field a fact. Nothing is joined here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from posture.adapters.databricks.members import Members, malformed
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Source, Unknown
from posture.model.subjects import DeliveryStatus
from posture.reading import Pages

T = TypeVar("T")
SERVERLESS = "SERVERLESS"  # the compute mode of a workspace; the other one is HYBRID
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/\S+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryConfig:
    """A log-delivery configuration. An empty text means that the member is absent, which the API allows."""

    id: str
    label: str  # how to speak of it: its name, its id, or its place in the listing
    audit: Fact[bool]
    enabled: Fact[bool]
    status: Fact[DeliveryStatus]
    changed_ms: Fact[int]  # epoch milliseconds of its creation, or of the last change of its status
    last_success: Fact[datetime | None]
    workspaces: Fact[frozenset[int | str]]  # empty: no filter
    storage: Fact[str]
    credentials: Fact[str]
    prefix: Fact[str]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageConfig:
    """A storage configuration: a name for a bucket."""

    id: str
    bucket: Fact[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialConfig:
    """A credentials configuration: a name for an AWS role."""

    id: str
    role_arn: Fact[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceConfig:
    """A workspace. Empty texts mean none: on AWS a serverless one has neither bucket nor role of the customer."""

    id: int | str  # a text stands for the id that a planned workspace has not got yet
    name: str
    storage: Fact[str]
    credentials: Fact[str]
    project: Fact[str]  # of Google Cloud
    serverless: Fact[bool]  # as it says itself
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Generic[T]):
    """The typed items of a listing, and why there may be more."""

    items: tuple[T, ...]
    source: Source
    gap: Unknown | None = None


def read(pages: Pages, build: Callable[[Members], T | None]) -> Read[T]:
    """Every item typed; one that is no object, or that lacks what identifies it, leaves a gap."""
    items: list[T] = []
    gap = pages.gap
    for index, raw in enumerate(pages.items):
        source = pages.source.at(index)
        item = build(Members(raw, source)) if isinstance(raw, Mapping) else None
        if item is not None:
            items.append(item)
        elif gap is None:
            gap = malformed(source, "an item of the listing is not what the documentation describes")
    return Read(items=tuple(items), source=pages.source, gap=gap)


def delivery(found: Members) -> DeliveryConfig:
    """A delivery configuration is never dropped, however little of it can be understood."""
    health = found.inner("log_delivery_status")
    return DeliveryConfig(
        id=found.word("config_id"),
        label=found.word("config_name") or found.word("config_id") or f"number {found.source.pointer.strip('/')}",
        audit=found.choice("log_type", {"AUDIT_LOGS": True, "BILLABLE_USAGE": False}),
        enabled=found.choice("status", {"ENABLED": True, "DISABLED": False}),
        status=health.choice("status", {status.name: status for status in DeliveryStatus}),
        changed_ms=_changed(found),
        last_success=health.time("last_successful_attempt_time"),
        workspaces=found.integers("workspace_ids_filter").map(frozenset[int | str]),
        storage=found.text("storage_configuration_id"),
        credentials=found.text("credentials_id"),
        prefix=found.text("delivery_path_prefix").map(lambda prefix: prefix.strip("/")),
        source=found.source,
    )


def storage(found: Members) -> StorageConfig | None:
    """A storage configuration without an id could be any: it is a gap."""
    identity = found.word("storage_configuration_id")
    bucket = found.inner("root_bucket_info").named("bucket_name", _bucket_name)
    return StorageConfig(id=identity, bucket=bucket) if identity else None


def credential(found: Members) -> CredentialConfig | None:
    """A credentials configuration without an id could be any: it is a gap."""
    identity = found.word("credentials_id")
    role = found.inner("aws_credentials").inner("sts_role").named("role_arn", _ROLE_ARN.fullmatch)
    return CredentialConfig(id=identity, role_arn=role) if identity else None


def workspace(found: Members) -> WorkspaceConfig | None:
    """A workspace without an id cannot be a row: it is a gap."""
    identity = found.integer("workspace_id")
    if not isinstance(identity, Known):
        return None
    return WorkspaceConfig(
        id=identity.value,
        name=found.word("workspace_name") or str(identity.value),
        storage=found.text("storage_configuration_id"),
        credentials=found.text("credentials_id"),
        project=found.inner("cloud_resource_container").inner("gcp").text("project_id"),
        serverless=found.text("compute_mode").map(lambda mode: mode == SERVERLESS),
        source=found.source,
    )


def account_of_role(arn: str) -> str:
    """The AWS account in a role's ARN; empty for anything else."""
    found = _ROLE_ARN.fullmatch(arn)
    return found[1] if found else ""


def _changed(found: Members) -> Fact[int]:
    """Creation, or a later change: only its status can be changed, and enabling it anew starts the waiting anew."""
    created = found.integer("creation_time")
    updated = found.integer("update_time")
    if isinstance(created, Known) and isinstance(updated, Known):
        return max(created, updated, key=lambda fact: fact.value)
    return created


def _bucket_name(text: str) -> bool:
    return "/" not in text and text.isprintable() and " " not in text
