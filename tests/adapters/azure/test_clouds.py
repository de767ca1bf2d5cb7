"""Clouds beside the public one: the addresses are those of Azure's own SDKs, and a scan of one speaks to it alone."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from azure.core import AzureClouds
from azure.identity import AzureAuthorityHosts
from azure.mgmt.core.tools import get_arm_endpoints

from posture.adapters.azure.cloud import cloud_of
from posture.adapters.azure.live import sign_in
from posture.adapters.azure.live.clients import Clients
from posture.adapters.azure.normalise.refs import source_ref
from posture.model.contributions import StoreContribution
from posture.model.facts import Known
from posture.model.leads import StoreRef
from posture.model.settings import AzureAccess
from tests.adapters.azure.live import QUICK, Cloud, followed, lead
from tests.testbeds.azure import KEPT
from tests.testbeds.azure_records import PLATFORM

CLOUDS = {
    "public": (AzureClouds.AZURE_PUBLIC_CLOUD, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD),
    "us_government": (AzureClouds.AZURE_US_GOVERNMENT, AzureAuthorityHosts.AZURE_GOVERNMENT),
    "china": (AzureClouds.AZURE_CHINA_CLOUD, AzureAuthorityHosts.AZURE_CHINA),
}


@pytest.mark.parametrize("name", CLOUDS)
def test_addresses_are_those_of_the_sdks(name: str) -> None:
    cloud, (sdk, authority) = cloud_of(AzureAccess(cloud=name)), CLOUDS[name]
    told = get_arm_endpoints(sdk)
    assert cloud.resource_manager == told["resource_manager"].rstrip("/")
    assert [cloud.scope] == told["credential_scopes"]
    assert urlsplit(cloud.authority).netloc == authority


@pytest.mark.parametrize("name", CLOUDS)
def test_who_signs_in_does_so_where_the_cloud_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(sign_in, "DefaultAzureCredential", lambda **options: asked.append(options.get("authority")))
    access = AzureAccess(cloud=name)
    Clients(access, cloud_of(access), QUICK, connections=1).credential()
    assert asked == [None if name == "public" else cloud_of(access).authority]


@pytest.mark.parametrize(
    ("name", "suffix"), [("us_government", "core.usgovcloudapi.net"), ("china", "core.chinacloudapi.cn")]
)
def test_a_workspace_of_another_cloud_leads_to_stores_there(cloud: Cloud, name: str, suffix: str) -> None:
    scope = cloud_of(AzureAccess(cloud=name)).scope
    cloud.peer.state = replace(cloud.peer.state, audience=scope.removesuffix("/.default"))
    identity = f"/subscriptions/{PLATFORM}/resourcegroups/data/providers/microsoft.databricks/workspaces/analytics"
    wing = cloud.wing(cloud=name)
    (found,) = followed(wing, lead(source_ref(identity)))
    first = found.leads[0]
    assert isinstance(first.target, StoreRef)
    assert first.target.name == f"{KEPT}.blob.{suffix}"
    (read,) = followed(wing, first)
    (store,) = read.contributions
    assert isinstance(store, StoreContribution)
    assert isinstance(store.account, Known)
    assert isinstance(store.exposure.website, Known)  # the data plane takes the same tokens in every cloud
