"""The clouds of Azure: where each is managed from, and how its hosts are called."""

from __future__ import annotations

from dataclasses import replace

from posture.frozen import dataclass
from posture.model.settings import AzureAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """One cloud. Sources: azure-core's AzureClouds, Microsoft's pages on national clouds."""

    name: str
    resource_manager: str
    scope: str  # of tokens for Azure Resource Manager
    authority: str
    graph: str
    blob_suffix: str
    event_hub_suffix: str


_CLOUDS = (
    Cloud(
        name="public",
        resource_manager="https://management.azure.com",
        scope="https://management.azure.com/.default",
        authority="https://login.microsoftonline.com",
        graph="https://graph.microsoft.com",
        blob_suffix="blob.core.windows.net",
        event_hub_suffix="servicebus.windows.net",
    ),
    Cloud(
        name="us_government",
        resource_manager="https://management.usgovcloudapi.net",
        scope="https://management.core.usgovcloudapi.net/.default",
        authority="https://login.microsoftonline.us",
        graph="https://graph.microsoft.us",
        blob_suffix="blob.core.usgovcloudapi.net",
        event_hub_suffix="servicebus.usgovcloudapi.net",
    ),
    Cloud(
        name="china",
        resource_manager="https://management.chinacloudapi.cn",
        scope="https://management.chinacloudapi.cn/.default",
        authority="https://login.chinacloudapi.cn",
        graph="https://microsoftgraph.chinacloudapi.cn",
        blob_suffix="blob.core.chinacloudapi.cn",
        event_hub_suffix="servicebus.chinacloudapi.cn",
    ),
)


def cloud_of(access: AzureAccess) -> Cloud:
    """The cloud that the settings name, with the endpoints that they set themselves."""
    named = next(cloud for cloud in _CLOUDS if cloud.name == access.cloud)
    return replace(
        named,
        resource_manager=(access.resource_manager or named.resource_manager).rstrip("/"),
        graph=(access.graph or named.graph).rstrip("/"),
    )
