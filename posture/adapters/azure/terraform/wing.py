"""The planned Azure wing: workspaces, stores and keys of a plan, judged by the rooms that judge what is live."""

from __future__ import annotations

from functools import partial

from posture.adapters.azure.access.others import key_grants, log_analytics_grants, namespace_grants
from posture.adapters.azure.access.storage import StorageAccess
from posture.adapters.azure.config import RoleDefinition, Roles
from posture.adapters.azure.normalise import copies, others, sources, storage
from posture.adapters.azure.planned_sources import only_into_plan, planned_rows, source_leads
from posture.adapters.azure.terraform.account import account_config
from posture.adapters.azure.terraform.identities import VAULT
from posture.adapters.azure.terraform.keys import key_config, vault_of
from posture.adapters.azure.terraform.naming import unpinned
from posture.adapters.azure.terraform.roles import definition_of, roles_of
from posture.adapters.azure.terraform.streams import log_analytics_config, namespace_config
from posture.adapters.azure.terraform.tools import tools_of
from posture.adapters.azure.terraform.workspaces import Workspaces
from posture.adapters.planned import Names, Premises, unplanned
from posture.adapters.wing import Followed
from posture.model.contributions import KeyContribution
from posture.model.facts import Fact
from posture.model.leads import KeyRef, Lead, SourceRef, StoreRef, Target
from posture.model.subjects import Kind, Provider
from posture.model.unread import unread
from posture.reading import Reading
from posture.terraform.resources import Drift, Resource


class PlannedAzureWing:
    """Reads the Azure resources of one plan."""

    def __init__(self, premises: Premises, names: Names) -> None:
        self._names = names
        self._tools = tools_of(premises)
        self._workspaces = Workspaces(self._tools)
        self._beside = self._workspaces.beside

    @property
    def provider(self) -> Provider:
        """Azure."""
        return Provider.AZURE

    def handles(self, target: Target) -> bool:
        """Stores and keys that resources of the plan make, and workspaces whose settings it holds."""
        if isinstance(target, SourceRef):
            known = target.account_id in self._workspaces.ids or target.account_id in self._beside
            return target.provider is Provider.AZURE and known
        return target.provider is Provider.AZURE and self._names.resource(target) is not None

    def first(self) -> tuple[Lead, ...]:
        """Every workspace of the plan, every one that it makes settings for, and every one that a scan saw."""
        return (*source_leads(self._workspaces.ids, "the plan"), *source_leads(self._beside, "the context"))

    def mirrors(self, drift: Drift) -> bool:
        """Accounts show what the resources beside them set."""
        return self._workspaces.mirrors(drift)

    def written(self, uri: str) -> tuple[Resource, ...]:
        """The workspace, and the settings that make it a source of logs."""
        return self._workspaces.written(uri.removeprefix("azure:/"))

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """One workspace, store or key as it will be."""
        match lead.target:
            case SourceRef() as ref:
                return self._source(ref)
            case StoreRef() as ref if (resource := self._names.resource(ref)) is not None:
                return self._store(ref, resource, lead, reading)
            case KeyRef() as ref if (resource := self._names.resource(ref)) is not None:
                return Followed(contributions=(self._key(ref, resource),))
            case _:
                return Followed()

    def _source(self, ref: SourceRef) -> Followed:
        if ref.account_id in self._beside:
            seen = sources.workspace(ref, self._workspaces.seen(ref.account_id), self._tools.names.cloud)
            return only_into_plan(seen, self._names)
        config = self._workspaces.config(ref.account_id)
        return planned_rows(sources.workspace(ref, config, self._tools.names.cloud))

    def _store(self, ref: StoreRef, resource: Resource, lead: Lead, reading: Reading) -> Followed:
        match ref.kind:
            case Kind.STORAGE_ACCOUNT:
                return self._account(ref, resource, lead, reading)
            case Kind.EVENT_HUB:
                config = namespace_config(resource, self._tools, ref.prefix)
                holders = self._tools.context.holders(config.subscription)
                grants = namespace_grants(config, holders, self._definition)
                store = others.namespace(ref, config, grants, self._tools.context.tenant)
                return copies.of_stream(store, config, lead, self._tools.names.cloud)
            case _:
                workspace = log_analytics_config(resource, self._tools)
                holders = self._tools.context.holders(workspace.subscription)
                grants = log_analytics_grants(workspace, holders, self._definition)
                store = others.log_analytics(ref, workspace, grants)
                return copies.of_table(store, workspace, lead, self._tools.names.cloud)

    def _account(self, ref: StoreRef, resource: Resource, lead: Lead, reading: Reading) -> Followed:
        tools = self._tools
        config = account_config(resource, tools, reading.as_of, ref.prefix)
        holders = tools.context.holders(config.subscription)
        access = StorageAccess(config, ref.name, holders, self._definition, tools.context.tenant)
        store = storage.store(
            ref, config, access.grants(), cloud=tools.names.cloud, tenant_of=tools.context.tenant, as_of=reading.as_of
        )
        return Followed(
            contributions=(store,),
            leads=storage.leads(ref, config, lead, tools.names.cloud),
            unlooked=storage.unlooked(ref, config),
        )

    def _key(self, ref: KeyRef, resource: Resource) -> KeyContribution:
        vault = vault_of(resource, self._tools)
        roles = roles_of(vault, self._tools, VAULT) if vault is not None else _no_roles(resource)
        config = key_config(resource, self._tools, roles, pinned=bool(unpinned(ref.key_id).version))
        holders = self._tools.context.holders(self._tools.homes.subscription(resource))
        return others.key(ref, config, key_grants(config, holders, self._definition))

    @property
    def _definition(self) -> partial[Fact[RoleDefinition]]:
        return partial(definition_of, tools=self._tools)


def _no_roles(key: Resource) -> Roles:
    unknown = unplanned(key.after.source, "who has a role on a vault that it does not hold")
    return unread(Roles, unknown)
