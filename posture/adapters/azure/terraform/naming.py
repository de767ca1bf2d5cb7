"""What planned resources of Azure are called: by the name that the plan knows, else by a placeholder."""

from __future__ import annotations

import hashlib
from typing import Final

from posture.adapters.azure.cloud import Cloud, cloud_of
from posture.adapters.azure.config import KeyInVault
from posture.adapters.azure.ids import name_of, parent_of
from posture.adapters.azure.normalise.refs import hub_ref, key_ref, resource_ref, storage_ref
from posture.adapters.azure.terraform.homes import Homes
from posture.adapters.azure.terraform.identities import ACCOUNT, KEY, LOG_ANALYTICS, NAMESPACE
from posture.adapters.planned import Naming, Namings, Premises, placeholder
from posture.model.leads import KeyRef, StoreRef
from posture.model.settings import AzureAccess, Settings
from posture.model.subjects import Kind, Provider
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

_TYPES: Final = {
    "azurerm_storage_account": "Microsoft.Storage/storageAccounts",
    "azurerm_databricks_workspace": "Microsoft.Databricks/workspaces",
    "azurerm_log_analytics_workspace": "Microsoft.OperationalInsights/workspaces",
    "azurerm_log_analytics_cluster": "Microsoft.OperationalInsights/clusters",
    "azurerm_eventhub_namespace": "Microsoft.EventHub/namespaces",
    "azurerm_key_vault": "Microsoft.KeyVault/vaults",
}


class AzureNames:
    """Targets and ids of one plan. A subscription that nobody tells is stood for."""

    def __init__(self, plan: Plan, homes: Homes, settings: Settings) -> None:
        self._plan = plan
        self._homes = homes
        self.cloud: Cloud = cloud_of(settings.azure or AzureAccess())
        self._first: dict[str, Resource] = {}
        for resource in plan.of_kind("azurerm_storage_account"):
            self._first.setdefault(resource.known("name").lower() or placeholder(resource), resource)

    def id(self, resource: Resource) -> str:
        """The id in Azure Resource Manager, put together where the plan does not know it yet."""
        if own := resource.known("id"):
            return own
        kind = resource.address.kind.removeprefix("data.")
        group = resource.known("resource_group_name") or "(resource group)"
        subscription = self._homes.subscription(resource)
        return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{_TYPES[kind]}/{self.name(resource)}"

    def name(self, resource: Resource) -> str:
        """The name. A second account of a name, which Azure will refuse, is one of its own."""
        name = resource.known("name") or name_of(resource.known("id"))
        rival = self._first.get(name.lower(), resource)
        alone = rival is resource or rival.address.kind != resource.address.kind
        return (name if alone else f"{name}{_called(resource)}") or _called(resource)

    def account(self, resource: Resource) -> StoreRef:
        """The store that a storage account is."""
        return storage_ref(self.name(resource), self.cloud)

    def namespace(self, resource: Resource) -> StoreRef:
        """The store that an Event Hubs namespace is, with all its hubs."""
        return hub_ref(self.name(resource), "", self.cloud)

    def log_analytics(self, resource: Resource) -> StoreRef:
        """The store that a Log Analytics workspace is."""
        return resource_ref(Kind.LOG_ANALYTICS, self.id(resource))

    def url(self, key: Resource) -> str:
        """A key without its version."""
        whole = key.known("versionless_id") or key.known("id")
        if whole:
            return unpinned(whole).url
        return f"https://{_called(key)}/keys/{key.known('name') or _called(key)}"

    def key(self, resource: Resource) -> KeyRef:
        """The key that a key resource makes, whichever version of it."""
        return KeyRef(provider=Provider.AZURE, key_id=self.url(resource))


def namings(premises: Premises) -> Namings:
    """How resources of every wing name what Azure holds."""
    names = AzureNames(premises.plan, Homes(premises.plan), premises.settings)
    return Namings(
        stores=(
            Naming(identity=ACCOUNT, of=names.account, other=lambda text: _other_account(text, names.cloud)),
            Naming(identity=NAMESPACE, of=names.namespace, other=lambda _: None),
            Naming(identity=LOG_ANALYTICS, of=names.log_analytics, other=lambda _: None),
        ),
        keys=(Naming(identity=KEY, of=names.key, other=_other_key, whole=_whole_key),),
    )


def unpinned(text: str) -> KeyInVault:
    """A key by its URL, which may end in a version."""
    vault, _, path = text.partition("/keys/")
    name, _, version = path.partition("/")
    return KeyInVault(url=f"{vault}/keys/{name}", version=version)


def _other_account(text: str, cloud: Cloud) -> StoreRef | None:
    whole = parent_of(text, "storageAccounts")
    return storage_ref(whole, cloud) if whole else None


def _other_key(text: str) -> KeyRef | None:
    return key_ref(unpinned(text), "") if text.startswith("https://") and "/keys/" in text else None


def _whole_key(ref: KeyRef) -> KeyRef:
    """Whoever names a key may name a version of it, and not know where its vault lies."""
    return KeyRef(provider=Provider.AZURE, key_id=unpinned(ref.key_id).url)


def _called(resource: Resource) -> str:
    """A placeholder in lower case, as ids and hosts are compared; two addresses never share one."""
    own = placeholder(resource)
    if own == own.lower():
        return own
    digest = hashlib.sha256(own.encode()).hexdigest()[:12]
    return f"{own.lower().removesuffix(')')}~{digest})"
