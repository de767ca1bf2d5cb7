"""The Databricks workspaces that a plan makes, or makes diagnostic settings for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from posture.adapters.azure.config import WorkspaceConfig
from posture.adapters.azure.ids import name_of
from posture.adapters.azure.terraform.beside import joined, place_of
from posture.adapters.azure.terraform.identities import ACCOUNT, WORKSPACE
from posture.adapters.azure.terraform.settings import KIND, read_settings, settings_of
from posture.adapters.azure.terraform.tools import Tools
from posture.adapters.planned import unplanned
from posture.model.facts import Fact, Known, Listing, Unknown
from posture.terraform.resources import Action, Drift, Resource

_TYPE: Final = "/providers/microsoft.databricks/workspaces/"
_MIRRORED: Final[Mapping[str, tuple[str, ...]]] = {
    "network_rules": ("azurerm_storage_account_network_rules",),
    "customer_managed_key": ("azurerm_storage_account_customer_managed_key",),
    "static_website": ("azurerm_storage_account_static_website",),
}


class Workspaces:
    """By the id, in lower case."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._made: dict[str, Resource] = {}
        self._settings: dict[str, list[Resource]] = {}
        plan = tools.plan
        for resource in plan.of_kind("azurerm_databricks_workspace"):
            self._made.setdefault(tools.names.id(resource).lower(), resource)
        for setting in plan.of_kind(KIND):
            if (identity := self._target(setting)) is not None:
                self._settings.setdefault(identity, []).append(setting)

    @property
    def ids(self) -> tuple[str, ...]:
        """All of them, in the order of the plan."""
        return tuple(dict.fromkeys((*self._made, *self._settings)))

    def config(self, identity: str) -> WorkspaceConfig:
        """A workspace as it will be; of one that the plan does not hold only what it is given here."""
        resource, tools = self._made.get(identity), self._tools
        if resource is not None:
            return WorkspaceConfig(
                id=tools.names.id(resource),
                name=tools.names.name(resource),
                region=place_of(resource).text("location"),
                own_storage=_own_storage(resource),
                settings=settings_of(resource, tools, WORKSPACE),
            )
        written = tuple(self._settings.get(identity, ()))
        sources = (written[0].after.source,)
        planned = read_settings(Listing(items=written, sources=sources), tools)
        was = self.seen(identity)
        return replace(was, settings=joined(planned, was.settings, lambda each: each.name, frozenset()))

    def seen(self, identity: str) -> WorkspaceConfig:
        """A workspace outside of the plan as it was, without the settings that the plan destroys."""
        was = self._tools.context.workspace(identity)
        live = was.settings
        left = {name for target, name in self._destroyed if target == identity}
        kept = tuple(each for each in live.items if each.name not in left)
        return replace(was, id=identity, name=name_of(identity), settings=replace(live, items=kept))

    @property
    def _destroyed(self) -> Iterator[tuple[str, str]]:
        """The workspace and the name of each setting that the plan destroys."""
        for each in self._tools.plan.departures:
            if each.address.kind == KIND and each.action is Action.DELETE:
                target, name = each.before.text("target_resource_id"), each.before.text("name")
                if isinstance(target, Known) and isinstance(name, Known):
                    yield (target.value or "").lower().rstrip("/"), name.value or ""

    @property
    def beside(self) -> tuple[str, ...]:
        """The workspaces that a scan saw, that the plan neither holds nor destroys, nor makes settings for."""
        gone = {
            (identity.value or "").lower()
            for each in self._tools.plan.departures
            if each.address.kind == "azurerm_databricks_workspace"
            and each.action is Action.DELETE
            and isinstance(identity := each.before.text("id"), Known)
        }
        return tuple(each for each in self._tools.context.workspaces() if each not in {*self.ids, *gone})

    def written(self, identity: str) -> tuple[Resource, ...]:
        """The workspace, and its settings."""
        made = self._made.get(identity)
        return (*(() if made is None else (made,)), *self._settings.get(identity, ()))

    def mirrors(self, drift: Drift) -> bool:
        """Whether every attribute of an account that is another one now is set by a resource beside it."""
        changed = drift.attributes
        if not changed or drift.address.kind != "azurerm_storage_account":
            return False
        plan = self._tools.plan
        account = next((each for each in plan.of_kind(drift.address.kind) if each.address == drift.address), None)
        return account is not None and all(
            any(
                plan.attached(account, kind, "storage_account_id", identity=ACCOUNT).items
                for kind in _MIRRORED.get(name, ())
            )
            for name in changed
        )

    def _target(self, setting: Resource) -> str | None:
        """The workspace of a setting, or None where it is about something else."""
        plan, attribute = self._tools.plan, "target_resource_id"
        target = plan.target(setting, attribute, identity=WORKSPACE).fact
        if isinstance(target, Known) and target.value is not None:
            return self._tools.names.id(target.value).lower()
        text = setting.after.text(attribute)
        told = text.value if isinstance(text, Known) and text.value else ""
        return told.lower().rstrip("/") if _TYPE in told.lower() else None


def _own_storage(workspace: Resource) -> Fact[str]:
    """The account that Azure makes for it; of a new one its name is chosen by Azure unless it is written."""
    place = place_of(workspace)
    block = place.block("custom_parameters")
    name: Fact[str] = block.then(
        lambda found: Known(value="", sources=()) if found is None else found.text("storage_account_name")
    )
    if isinstance(name, Known) and name.value:
        return name
    if workspace.made:  # Azure makes it with the workspace, so it is none of those that the plan makes
        return Known(value=f"(storage of {workspace.address.name})".lower(), sources=(workspace.after.source,))
    if isinstance(name, Unknown):
        return unplanned(workspace.after.source, "what Azure calls the storage account of a workspace")
    return name
