"""Resources of a plan as the records that the account API fills: what is not known of one before apply is unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from posture.adapters.databricks.config import (
    SERVERLESS,
    CredentialConfig,
    DeliveryConfig,
    StorageConfig,
    WorkspaceConfig,
)
from posture.adapters.planned import Names, placeholder
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from posture.terraform.values import marked

DELIVERY: Final = "databricks_mws_log_delivery"
WORKSPACE: Final = Identity(kinds=("databricks_mws_workspaces",), attributes=("workspace_id", "id"), invented=True)
STORAGE: Final = Identity(
    kinds=("databricks_mws_storage_configurations",), attributes=("storage_configuration_id", "id"), invented=True
)
CREDENTIALS: Final = Identity(kinds=("databricks_mws_credentials",), attributes=("credentials_id", "id"), invented=True)
_PROJECT: Final = ("cloud_resource_container", 0, "gcp", 0, "project_id")
_AUDIT: Final = {"AUDIT_LOGS": True, "BILLABLE_USAGE": False}
_ENABLED: Final = {"ENABLED": True, "DISABLED": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads the resources of one plan, and follows what they refer to."""

    plan: Plan
    names: Names

    def delivery(self, resource: Resource) -> DeliveryConfig:
        """A delivery. A plan does not know how it fares."""
        values = resource.after
        unseen = _unseen(values.source)
        return DeliveryConfig(
            id=_text(resource, "config_id"),
            label=_text(resource, "config_name") or values.source.operation,
            audit=_choice(resource, "log_type", _AUDIT),
            enabled=self._enabled(resource),
            status=unseen,
            changed_ms=unseen,
            last_success=unseen,
            workspaces=self._filter(resource),
            storage=self._named(resource, "storage_configuration_id", STORAGE),
            credentials=self._named(resource, "credentials_id", CREDENTIALS),
            prefix=values.optional("delivery_path_prefix").text().map(lambda prefix: (prefix or "").strip("/")),
            source=values.source,
        )

    def stopped(self, resource: Resource) -> DeliveryConfig:
        """A delivery that the plan destroys: the account API can only disable one."""
        source = resource.after.source
        return replace(self.delivery(resource), enabled=Known(value=False, sources=(source,)))

    def storage(self, resource: Resource) -> StorageConfig:
        """A storage configuration. A bucket of the plan is called what every wing calls it."""
        source = resource.after.source.at("bucket_name")
        store = self.names.store(resource, "bucket_name")
        bucket = store.then(lambda ref: _absent(source, "bucket") if ref is None else Known(value=ref.name, sources=()))
        return StorageConfig(id=identity(resource, STORAGE), bucket=bucket)

    def credential(self, resource: Resource) -> CredentialConfig:
        """A credentials configuration, with its role."""
        source = resource.after.source.at("role_arn")
        role = self.names.role(resource, "role_arn")
        arn = role.then(lambda ref: _absent(source, "role") if ref is None else Known(value=ref.arn, sources=()))
        return CredentialConfig(id=identity(resource, CREDENTIALS), role_arn=arn)

    def workspace(self, resource: Resource) -> WorkspaceConfig:
        """A workspace."""
        name = _text(resource, "workspace_name")
        return WorkspaceConfig(
            id=workspace_id(resource),
            name=name or resource.after.source.operation,
            storage=self._named(resource, "storage_configuration_id", STORAGE),
            credentials=self._named(resource, "credentials_id", CREDENTIALS),
            project=resource.after.optional(*_PROJECT).text().map(lambda project: project or ""),
            serverless=resource.after.optional("compute_mode").text().map(lambda mode: mode == SERVERLESS),
            source=resource.after.source,
        )

    def _enabled(self, resource: Resource) -> Fact[bool]:
        """The status; a new delivery whose configuration does not set one is enabled, as its documentation says."""
        later = marked(resource.after.at("status").unknown)
        if later and resource.new and self.plan.sets(resource, "status") is False:
            return Known(value=True, sources=(resource.after.source,))
        return _choice(resource, "status", _ENABLED)

    def _filter(self, resource: Resource) -> Fact[frozenset[int | str]]:
        """The workspaces that a delivery is for, those of the plan by what they are called there."""
        elements = resource.after.optional("workspace_ids_filter").each()
        if isinstance(elements, Unknown):
            return elements
        chosen: set[int | str] = set()
        for index, element in enumerate(elements.value):
            number = element.number()
            if isinstance(number, Known) and number.value is not None:
                chosen.add(number.value)
                continue
            match self.plan.target(resource, "workspace_ids_filter", index, identity=WORKSPACE).fact:
                case Known(value=Resource() as workspace):
                    chosen.add(workspace_id(workspace))
                case _:
                    return element.obstacle() or element.misfit("the id of a workspace")
        return Known(value=frozenset(chosen), sources=elements.sources)

    def _named(self, resource: Resource, attribute: str, kind: Identity) -> Fact[str]:
        """The id that an attribute holds, or what stands for it until the resource has one."""
        value = resource.after.optional(attribute)
        match self.plan.target(resource, attribute, identity=kind).fact:
            case Known(value=Resource() as found):
                return Known(value=identity(found, kind), sources=(value.source,))
            case Unknown() as unknown:
                return unknown
            case _:
                return value.text().map(lambda text: text or "")


def identity(resource: Resource, kind: Identity) -> str:
    """The id of a resource, or what stands for it."""
    return _text(resource, kind.attributes[0]) or placeholder(resource)


def workspace_id(resource: Resource) -> int | str:
    """The id of a workspace, or what stands for it."""
    number = resource.after.optional("workspace_id").number()
    return number.value if isinstance(number, Known) and number.value is not None else placeholder(resource)


def audit_logs(resource: Resource) -> bool:
    """Whether a delivery is of audit logs, or may be."""
    fact = _choice(resource, "log_type", _AUDIT)
    return isinstance(fact, Unknown) or fact.value


def _text(resource: Resource, attribute: str) -> str:
    fact = resource.after.optional(attribute).text()
    return fact.value if isinstance(fact, Known) and fact.value else ""


def _choice(resource: Resource, attribute: str, meanings: dict[str, bool]) -> Fact[bool]:
    value = resource.after.optional(attribute)
    match value.text():
        case Unknown() as unknown:
            return unknown
        case Known(value=str(text), sources=sources) if text in meanings:
            return Known(value=meanings[text], sources=sources)
        case Known(value=text):
            return _absent(value.source, attribute) if text is None else value.misfit(" or ".join(meanings))


def _absent(source: Source, what: str) -> Unknown:
    return Unknown(reason=Reason.MALFORMED, sources=(source,), detail=f"no {what} is named")


def _unseen(source: Source) -> Unknown:
    return Unknown(
        reason=Reason.NOT_COLLECTED,
        sources=(source,),
        detail="a plan does not know how deliveries fare",
        needs="a scan",
    )
