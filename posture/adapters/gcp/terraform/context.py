"""What a live scan told of Google Cloud, for all that a plan cannot know. Without one, nobody asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from posture.adapters.gcp.config import BucketConfig, KeyConfig, Level, OwnerConfig, ProjectConfig, RolePermissions
from posture.adapters.gcp.live import hierarchy
from posture.adapters.gcp.live.bucket import read_bucket
from posture.adapters.gcp.live.callers import Caller, Identity
from posture.adapters.gcp.live.keys import read_key
from posture.adapters.gcp.live.limits import Limits
from posture.adapters.gcp.live.project import read_owner, read_project
from posture.adapters.gcp.live.roles import read_role
from posture.model.facts import Fact, Known
from posture.model.settings import Settings
from posture.model.subjects import Provider
from posture.reading import Reading


class Context:
    """Reads the answers of a snapshot by the rooms that made them."""

    def __init__(self, settings: Settings, reading: Reading) -> None:
        self._settings = settings
        self.caller: Caller = Identity(settings.google, Limits()).caller(reading)

    def bucket(self, name: str, prefix: str = "") -> BucketConfig:
        """The bucket as it was."""
        return read_bucket(name, prefix, self.caller)

    def project(self, name: str) -> ProjectConfig:
        """A project by its number, or by whatever stands for one that the scan did not see."""
        return read_project(name, self.caller, self._settings.google)

    def owner(self, name: str) -> OwnerConfig:
        """A project by its id or number, with all that lies above it."""
        return read_owner(name, self.caller, self._settings.google)

    def number(self, project: str) -> Fact[str]:
        """The number of a project by its id, or the same number."""
        return hierarchy.ancestry(project, self.caller).number

    def parent(self, name: str) -> Fact[str]:
        """What a project or folder lay in; empty where it lay in nothing."""
        return hierarchy.parent_of(name, self.caller)

    def level(self, name: str, but: frozenset[str]) -> Level:
        """The policies of a project, folder or organisation, without deny policies of these names."""
        deny_policies = self._settings.google.deny_policies
        return hierarchy.level(name, self.caller, deny_policies=deny_policies, but=but)

    def domain(self, top: Fact[str]) -> Fact[str]:
        """The domain that an organisation is named after."""
        return hierarchy.domain(top, self.caller)

    def key(self, name: str) -> KeyConfig:
        """A key as it was."""
        return read_key(name, self.caller)

    def role(self, name: str) -> Fact[RolePermissions]:
        """What a role allowed."""
        return read_role(name, self.caller)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The numbers of projects by their ids: of those that own a bucket which the scan was about."""
        found: dict[str, str] = {}
        for store in self._settings.stores:
            if store.ref.provider is Provider.GCP:
                number = self.bucket(store.ref.name, store.ref.prefix).project
                owner = self.owner(number.value) if isinstance(number, Known) else None
                if owner is not None and isinstance(owner.id, Known) and isinstance(number, Known):
                    found[owner.id.value] = number.value
        return found
