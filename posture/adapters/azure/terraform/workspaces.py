"""The Databricks workspaces that a plan makes, or makes diagnostic settings for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from posture.adapters.azure.config import WorkspaceConfig
from posture.adapters.azure.ids import name_of
from posture.adapters.azure.terraform.beside import place_of, read_all
from posture.adapters.azure.terraform.identities import ACCOUNT, WORKSPACE
from posture.adapters.azure.terraform.settings import KIND, read_setting, settings_of
from posture.adapters.azure.terraform.tools import Tools
from posture.adapters.planned import unplanned
from posture.model.facts import Fact, Known, Listing, Unknown
from posture.terraform.resources import Drift, Resource

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
        source = written[0].after.source
        planned = read_all(Listing(items=written, sources=(source,)), lambda place: read_setting(place, tools))
        live = tools.context.settings(identity)
        names = {each.name for each in planned.items}
        rest = tuple(each for each in live.items if each.name not in names)
        was = tools.context.workspace(identity)
        return WorkspaceConfig(
            id=identity,
            name=name_of(identity),
            region=was.region,
            own_storage=was.own_storage,
            settings=Listing(
                items=(*planned.items, *rest), gaps=(*planned.gaps, *live.gaps), sources=(source, *live.sources)
            ),
        )

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
