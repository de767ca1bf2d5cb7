"""What a live scan told of Azure, for all that a plan cannot know. Without one, every answer is that nobody asked."""

from __future__ import annotations

from posture.adapters.azure.access.holders import Holders
from posture.adapters.azure.config import (
    DiagnosticSetting,
    KeyInVault,
    LogAnalyticsConfig,
    NamespaceConfig,
    RoleDefinition,
    Roles,
    StorageAccountConfig,
    WorkspaceConfig,
)
from posture.adapters.azure.live.arm import Arm, Connection
from posture.adapters.azure.live.limits import Limits
from posture.adapters.azure.live.log_analytics import cluster_key, read_log_analytics
from posture.adapters.azure.live.namespaces import read_namespace
from posture.adapters.azure.live.places import Places
from posture.adapters.azure.live.roles import read_definition, read_roles
from posture.adapters.azure.live.settings import diagnostic_settings, locked
from posture.adapters.azure.live.storage import read_defender_plan, read_storage_account
from posture.adapters.azure.live.workspaces import read_workspace
from posture.adapters.azure.planned_sources import seen_workspaces
from posture.adapters.azure.terraform.homes import Homes
from posture.adapters.planned import unplanned
from posture.model.accounts import stands_in
from posture.model.facts import Fact, Known, Listing, Source
from posture.model.settings import Settings
from posture.reading import Reading


class Context:
    """Reads the answers of a snapshot by the rooms that made them."""

    def __init__(self, settings: Settings, reading: Reading, homes: Homes) -> None:
        self._settings = settings
        self._homes = homes
        self._arm = Arm(Connection(settings, Limits()), reading)
        self._places = Places(self._arm)

    def account(self, resource_id: str, part: str = "") -> StorageAccountConfig:
        """A storage account as it was; `part` is the one container of it that is looked at."""
        return read_storage_account(self._arm, resource_id, part)

    def namespace(self, resource_id: str, hub: str) -> NamespaceConfig:
        """An Event Hubs namespace as it was."""
        return read_namespace(self._arm, resource_id, hub)

    def log_analytics(self, resource_id: str) -> LogAnalyticsConfig:
        """A Log Analytics workspace as it was."""
        return read_log_analytics(self._arm, resource_id)

    def cluster_key(self, resource_id: str) -> Fact[KeyInVault | None]:
        """The key of a dedicated cluster as it was."""
        return cluster_key(self._arm, resource_id)

    def settings(self, resource_id: str) -> Listing[DiagnosticSetting]:
        """The diagnostic settings of a resource as they were."""
        return diagnostic_settings(self._arm, resource_id)

    def workspaces(self) -> tuple[str, ...]:
        """The ids of the Databricks workspaces that there were."""
        return seen_workspaces(self._arm)

    def workspace(self, resource_id: str) -> WorkspaceConfig:
        """A Databricks workspace as it was."""
        return read_workspace(self._arm, resource_id)

    def defender_plan(self, subscription: str, source: Source) -> Fact[bool]:
        """Whether a subscription paid for Defender for Storage."""
        if stands_in(subscription):
            return unplanned(source, "whether Defender for Storage watches all of a subscription")
        return read_defender_plan(self._arm, subscription)

    def locked(self, resource_id: str) -> Fact[bool]:
        """Whether a lock held a resource."""
        return locked(self._arm, resource_id)

    def roles(self, resource_id: str) -> Roles:
        """Who had a role at a resource or above it."""
        return read_roles(self._arm, resource_id)

    def definition(self, role: str) -> Fact[RoleDefinition]:
        """A role."""
        return read_definition(self._arm, role)

    def tenant(self, subscription: str) -> Fact[str]:
        """The tenant of a subscription: as the plan says, else as the scan saw it."""
        told = self._homes.tenant(subscription)
        if isinstance(told, Known) or stands_in(subscription):
            return told
        return self._places.tenant(subscription)

    def holders(self, subscription: str) -> Holders:
        """Looks up who principals are."""
        reading = self._arm.reading
        return Holders(self._arm, self.tenant(subscription), self._settings.trust, reading.as_of.date())
