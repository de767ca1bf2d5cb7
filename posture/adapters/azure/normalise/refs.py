"""What Azure's resources are called as targets: storage by its host, everything else by the URL of its resource."""

from __future__ import annotations

from posture.adapters.azure.cloud import Cloud
from posture.adapters.azure.config import DiagnosticSetting, KeyInVault
from posture.adapters.azure.ids import name_of, parent_of
from posture.model.leads import KeyRef, SourceRef, StoreRef
from posture.model.subjects import Kind, Provider, Role

_MANAGED = "management.azure.com"


def storage_ref(account: str, cloud: Cloud, part: str = "") -> StoreRef:
    """A storage account by its id or its name; `part` is the one container of it that is meant."""
    name = f"{name_of(account).lower()}.{cloud.blob_suffix}"
    return StoreRef(provider=Provider.AZURE, kind=Kind.STORAGE_ACCOUNT, name=name, prefix=part.lower())


def hub_ref(namespace: str, hub: str, cloud: Cloud) -> StoreRef:
    """An Event Hubs namespace by its id, and the hub in it where one is named."""
    name = f"{name_of(namespace).lower()}.{cloud.event_hub_suffix}"
    return StoreRef(provider=Provider.AZURE, kind=Kind.EVENT_HUB, name=name, prefix=hub)


def resource_ref(kind: Kind, resource_id: str) -> StoreRef:
    """A resource without a host of its own."""
    return StoreRef(provider=Provider.AZURE, kind=kind, name=f"{_MANAGED}{resource_id.lower()}")


def id_in(ref: StoreRef) -> str:
    """The id in the name of such a resource; empty where the name is a host."""
    return ref.name.removeprefix(_MANAGED) if ref.name.startswith(f"{_MANAGED}/") else ""


def key_ref(key: KeyInVault | None, subscription: str) -> KeyRef | None:
    """A key, in the subscription of the store as far as anybody knows; with its version where it is pinned to one."""
    if key is None:
        return None
    pinned = f"{key.url}/{key.version}" if key.version else key.url
    return KeyRef(provider=Provider.AZURE, key_id=pinned, account=subscription)


def source_ref(identity: str) -> SourceRef:
    """A tenant (empty), a subscription, or a workspace by its id."""
    return SourceRef(provider=Provider.AZURE, host="", account_id=identity.lower())


def destinations(setting: DiagnosticSetting, cloud: Cloud) -> tuple[tuple[StoreRef, Role, str], ...]:
    """Where a setting sends logs: the store, its role, and the id of its resource."""
    found: list[tuple[StoreRef, Role, str]] = []
    if setting.storage_account:
        found.append((storage_ref(setting.storage_account, cloud), Role.DELIVERY, setting.storage_account))
    if setting.event_hub_rule:
        namespace = parent_of(setting.event_hub_rule, "namespaces") or setting.event_hub_rule
        found.append((hub_ref(namespace, setting.event_hub, cloud), Role.STREAM, namespace))
    if setting.log_analytics:
        found.append((resource_ref(Kind.LOG_ANALYTICS, setting.log_analytics), Role.TABLE, setting.log_analytics))
    if setting.partner:
        found.append((resource_ref(Kind.PARTNER, setting.partner), Role.COPY, setting.partner))
    return tuple(found)
