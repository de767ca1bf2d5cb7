"""Asks a what-if first, and the context for what it does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from posture.adapters.azure import calls, store_calls
from posture.adapters.azure.access.built_in import built_in
from posture.adapters.azure.ids import type_of
from posture.adapters.azure.live.arm import Arm
from posture.adapters.azure.reads import ArmRead
from posture.adapters.azure.what_if.predicted import NEW, Predicted
from posture.adapters.planned import unplanned
from posture.frozen import dataclass
from posture.model.facts import Source
from posture.reading import Answer, Answered, Json, NotConfigured, Pages

_OFF = frozenset({store_calls.GET_BLOB_SERVICE, store_calls.GET_NETWORK_RULE_SET})  # what is not written is off
_INHERITED = frozenset(
    {calls.LIST_ROLE_ASSIGNMENTS, calls.LIST_ELIGIBLE_ROLES, calls.LIST_DENY_ASSIGNMENTS, calls.LIST_LOCKS}
)


@dataclass(frozen=True, slots=True)
class PredictedArm(Arm):
    """Answers as Azure Resource Manager will after the deployment, as far as anybody can say."""

    predicted: Predicted

    def ask(self, read: ArmRead, resource_id: str) -> Answer:
        """Of a resource that is made, what the what-if does not say is as on a new one."""
        path = f"{resource_id}{read.suffix}"
        if (resource := self.predicted.get(path)) is not None:
            return Answered(value=self.predicted.answer(resource), source=resource.after.source)
        if read is calls.GET_ROLE_DEFINITION and (role := built_in(resource_id)) is not None:
            return Answered(value=_definition(role.name, role.permissions[0]), source=role.source)
        new, gone = self.predicted.new_owner(path), self.predicted.gone(path)
        doubt = self.predicted.doubt(type_of(path)) if read is not calls.GET_SUBSCRIPTION and not gone else None
        if doubt is not None:
            return doubt
        if gone or new is not None:
            source = new.after.source if new is not None else Source(operation=path)
            if read.call.absent:
                return NotConfigured(code=min(read.call.absent), source=source)
            if read in _OFF and new is not None:
                return Answered(value={"properties": {}}, source=source)
            return unplanned(source, f"what `{read.call.operation}` will answer of a new resource")
        seen = Arm.ask(self, read, resource_id)
        if isinstance(seen, Answered):
            return replace(seen, value=cast("Mapping[str, Json]", self.predicted.amended(seen.value)))
        return seen

    def ask_all(self, read: ArmRead, resource_id: str = "") -> Pages:
        """The items of the what-if, and beside them what a scan saw and the deployment leaves alone."""
        if not resource_id:
            return Arm.ask_all(self, read, resource_id)
        path = f"{resource_id}{read.suffix}"
        items = tuple(self.predicted.answer(each) for each in self.predicted.under(path, resource_id))
        doubt = self.predicted.doubt(type_of(path))
        new = self.predicted.new_owner(resource_id)
        if new is not None and read not in _INHERITED:
            later = (_later_table(path),) if read is store_calls.LIST_TABLES else ()
            return Pages(items=(*items, *later), source=new.after.source, gap=doubt)
        seen = Arm.ask_all(self, read, resource_id)
        rest = tuple(self.predicted.amended(each) for each in seen.items if not self.predicted.known(_id(each)))
        return Pages(items=(*items, *rest), source=seen.source, gap=doubt or seen.gap)

    def website(self, endpoint: str) -> Answer:
        """No template switches a static website on."""
        if endpoint.startswith(NEW):
            return Answered(value={"static_website": False}, source=Source(operation=endpoint.removeprefix(NEW)))
        return Arm.website(self, endpoint)


def _later_table(path: str) -> Json:
    """Tables that no template speaks of come with their first row, and keep what the workspace keeps."""
    return {"id": f"{path}/Databricks", "name": "Databricks", "properties": {}}


def _id(item: Json) -> Json:
    return item.get("id") if isinstance(item, dict) else None


def _definition(name: str, permissions: object) -> dict[str, Json]:
    names = {"actions": "actions", "notActions": "not_actions", "dataActions": "data_actions"}
    given = {arm: list(getattr(permissions, own)) for arm, own in names.items()}
    return {"properties": {"roleName": name, "permissions": [given]}}
