"""The Azure wing of a what-if: the live rooms, which ask what will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from posture.adapters.azure.cloud import cloud_of
from posture.adapters.azure.live.arm import Connection
from posture.adapters.azure.live.keys import read_key
from posture.adapters.azure.live.limits import Limits
from posture.adapters.azure.live.places import Places
from posture.adapters.azure.live.workspaces import read_workspace
from posture.adapters.azure.normalise import others, sources
from posture.adapters.azure.normalise.refs import hub_ref, resource_ref, storage_ref
from posture.adapters.azure.planned_sources import only_into_plan, planned_rows, seen_workspaces, source_leads
from posture.adapters.azure.stores import Stores
from posture.adapters.azure.what_if.arm import PredictedArm
from posture.adapters.azure.what_if.predicted import Predicted
from posture.adapters.planned import Names, Naming, Namings, Premises, placeholder
from posture.adapters.wing import Followed
from posture.model.assessment import Unlooked
from posture.model.facts import Reason, Unknown
from posture.model.leads import KeyRef, Lead, SourceRef, StoreRef, Target
from posture.model.settings import AzureAccess
from posture.model.subjects import Kind, Provider
from posture.reading import Reading
from posture.terraform.inventory import Identity
from posture.terraform.resources import Drift, Resource
from posture.terraform.what_if import identified

_WORKSPACE: Final = "microsoft.databricks/workspaces"
_SETTING: Final = "microsoft.insights/diagnosticsettings"
_BESIDE: Final = f"/providers/{_SETTING}/"
_VAULT: Final = "microsoft.keyvault/vaults"
_ACCOUNT: Final = "microsoft.storage/storageaccounts"
_LEADING: Final = frozenset({_WORKSPACE, _SETTING, _ACCOUNT})
"""What leads to logs: one of which nobody knows which it is may make another store or another delivery."""


def namings(premises: Premises) -> Namings:
    """What the stores of a what-if are called. Nothing names them but their ids, which the live rooms follow."""
    cloud = cloud_of(premises.settings.azure or AzureAccess())

    def stores(kind: str, name: Callable[[str], StoreRef]) -> Naming[StoreRef]:
        identity = Identity(kinds=(kind,), attributes=("id",))

        def called(resource: Resource) -> StoreRef:
            return name(resource.address.text if identified(resource) else placeholder(resource))

        return Naming(identity=identity, of=called, other=lambda _: None)

    return Namings(
        stores=(
            stores(_ACCOUNT, lambda each: storage_ref(each, cloud)),
            stores("microsoft.eventhub/namespaces", lambda each: hub_ref(each, "", cloud)),
            stores("microsoft.operationalinsights/workspaces", lambda each: resource_ref(Kind.LOG_ANALYTICS, each)),
        )
    )


class PlannedWhatIf:
    """Reads the resources of one what-if."""

    def __init__(self, premises: Premises, names: Names) -> None:
        self._plan = premises.plan
        self._names = names
        self._zone = premises.settings.trust
        predicted = Predicted(premises.plan, premises.context.as_of)
        connection = Connection(premises.settings, Limits())
        self._arm = PredictedArm(connection, premises.context, predicted)
        self._unidentified = tuple(predicted.unidentified(_LEADING))
        self._settings: dict[str, list[Resource]] = {}
        for resource in self._plan.of_kind(_SETTING):
            owner = resource.address.text.lower().partition(_BESIDE)[0]
            if identified(resource) and f"/providers/{_WORKSPACE}/" in owner:
                self._settings.setdefault(owner, []).append(resource)
        workspaces = filter(identified, self._plan.of_kind(_WORKSPACE))
        self._workspaces = {each.address.text.lower(): each for each in workspaces}
        planned = {*self._workspaces, *self._settings}
        self._beside = dict.fromkeys(each for each in seen_workspaces(self._arm) if each not in planned)
        self._vaults = {each.address.name.lower() for each in self._plan.of_kind(_VAULT)}

    @property
    def provider(self) -> Provider:
        """Azure."""
        return Provider.AZURE

    def handles(self, target: Target) -> bool:
        """What the what-if holds; keys by their vaults."""
        match target:
            case SourceRef(provider=Provider.AZURE, account_id=identity):
                return not identity or any(
                    identity in each for each in (self._workspaces, self._settings, self._beside)
                )
            case KeyRef(provider=Provider.AZURE, key_id=url):
                return url.removeprefix("https://").partition(".")[0].lower() in self._vaults
            case _:
                return target.provider is Provider.AZURE and self._names.resource(target) is not None

    def first(self) -> tuple[Lead, ...]:
        """Every workspace of the what-if, every one that it makes settings for, and every one that a scan saw."""
        whole = ("",) if self._unidentified else ()
        planned = dict.fromkeys((*self._workspaces, *self._settings, *whole))
        return (*source_leads(planned, "the what-if"), *source_leads(self._beside, "the context"))

    def mirrors(self, drift: Drift) -> bool:  # noqa: ARG002 - the protocol's question
        """A what-if says nothing of drift."""
        return False

    def written(self, uri: str) -> tuple[Resource, ...]:
        """The workspace, and the settings that make it a source of logs."""
        identity = uri.removeprefix("azure:/")
        made = self._workspaces.get(identity)
        return (*(() if made is None else (made,)), *self._settings.get(identity, ()))

    def follow(self, lead: Lead, reading: Reading) -> Followed:  # noqa: ARG002 - the context is read, as in `Premises`
        """One workspace, store or key as it will be."""
        places = Places(self._arm)
        stores = Stores(self._arm, places, self._zone)
        match lead.target:
            case SourceRef(account_id=""):
                return Followed(unlooked=tuple(map(_unlooked, self._unidentified)))
            case SourceRef() as ref:
                found = sources.workspace(ref, read_workspace(self._arm, self._id(ref)), self._arm.cloud)
                beside = ref.account_id in self._beside
                return only_into_plan(found, self._names) if beside else planned_rows(found)
            case StoreRef() as ref if (resource := self._names.resource(ref)) is not None:
                return stores.follow(ref, replace(lead, resource_id=resource.address.text))
            case KeyRef() as ref:
                config = read_key(self._arm, places, ref.key_id, ref.account)
                return Followed(contributions=(others.key(ref, config, stores.key(config, ref)),))
            case _:
                return Followed()

    def _id(self, ref: SourceRef) -> str:
        made = self._workspaces.get(ref.account_id)
        return made.address.text if made is not None else ref.account_id


def _unlooked(resource: Resource) -> Unlooked:
    unknown = Unknown(
        reason=Reason.UNDETERMINED,
        sources=(resource.after.source,),
        detail="only the deployment tells the id of this resource",
        needs="an id in the template that does not hang on what other resources are given",
    )
    return Unlooked(what=f"what becomes of a resource of type {resource.address.kind}", unknown=unknown)
