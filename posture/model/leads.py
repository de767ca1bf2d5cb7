"""Typed requests to read something, each with how it was found: what a wing learns of elsewhere leaves it as one."""

from __future__ import annotations

from typing import TypeAlias

from posture.frozen import dataclass
from posture.model.facts import Source
from posture.model.subjects import Kind, Provider, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRef:
    """A place where logs may rest, and the prefix of the logs in it without slashes at its ends.

    The name is that of the bucket; on Azure, where names are hosts, `account.blob.core.windows.net` and the like.
    """

    provider: Provider
    kind: Kind
    name: str
    prefix: str = ""

    @property
    def uri(self) -> str:
        """The normalised URL with prefix: the identity of the store."""
        scheme = {Provider.AWS: "s3", Provider.GCP: "gs", Provider.AZURE: "https"}.get(
            self.provider, self.provider.value
        )
        return f"{scheme}://{self.name}/{self.prefix}" if self.prefix else f"{scheme}://{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRef:
    """A key that encrypts a store, by ARN or resource name, with its owner and Region where they are known."""

    provider: Provider
    key_id: str
    account: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRef:
    """An identity that is expected to write logs."""

    provider: Provider
    arn: str
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRef:
    """What produces audit logs, and says where they go: a Databricks account at its host.

    On Azure, where workspaces say it: a tenant (an empty id), a subscription, or the resource id of a workspace.
    """

    provider: Provider
    host: str
    account_id: str

    @property
    def uri(self) -> str:
        """The identity of the source."""
        return f"{self.provider.value}://{self.account_id}"


Target: TypeAlias = StoreRef | KeyRef | RoleRef | SourceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How a target came to be looked at, in words, and the answer that named it."""

    how: str
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A target to read.

    `account` is its owner, and `resource_id` what the provider's API calls it where that is not its name, as far as
    whoever found it knows them.
    """

    target: Target
    found: Found
    role: Role = Role.DELIVERY
    account: str = ""
    resource_id: str = ""
