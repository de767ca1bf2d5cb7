"""What only the blob service itself tells, by the real SDK against Microsoft's emulator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import AccessPolicy, BlobServiceClient, ContainerSasPermissions, StaticWebsite

from posture.adapters.azure.live import storage_answers as answers
from posture.adapters.azure.live.arm import Arm, Connection
from posture.adapters.azure.live.blobs import BlobService
from posture.adapters.azure.live.clients import Clients
from posture.model.facts import Known, Reason, Source, Unknown
from posture.reading import Answered
from tests.adapters.azure.live import NOW, QUICK, Cloud, lead, reading, storage, store_of
from tests.testbeds.azure import KEPT, AzureEstate
from tests.testbeds.azurite_server import KEY, azurite, missing


def test_the_emulator_is_there_in_ci() -> None:
    assert not (os.environ.get("CI") and missing())


@pytest.fixture(scope="module")
def service(azure_process: Cloud) -> Iterator[str]:
    if why := missing():
        pytest.skip(why)
    public = azure_process.certificate
    with azurite((public, public.with_name("key.pem")), KEPT) as url:
        yield f"{url}/{KEPT}"


def serve(cloud: Cloud, service: str, *, enabled: bool) -> None:
    connection = Connection(cloud.settings(), QUICK)
    clients = Clients(connection.access, connection.cloud, QUICK, connections=1)
    with BlobServiceClient(service, credential=clients.credential(), retry_total=0) as client:
        client.set_service_properties(static_website=StaticWebsite(enabled=enabled, index_document="index.html"))


@pytest.mark.parametrize("enabled", [True, False])
def test_a_static_website_is_seen(cloud: Cloud, estate: AzureEstate, service: str, *, enabled: bool) -> None:
    serve(cloud, service, enabled=enabled)
    cloud.properties(estate.kept, primaryEndpoints={"blob": f"{service}/"})
    store = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert isinstance(store.exposure.website, Known)
    assert store.exposure.website.value is enabled
    assert isinstance(store.exposure.public_blocked, Known)
    assert store.exposure.public_blocked.value is not enabled


POLICIES = {
    "partner": AccessPolicy(permission=ContainerSasPermissions(read=True, list=True), expiry=NOW + timedelta(days=30)),
    "scripts": AccessPolicy(permission=ContainerSasPermissions(write=True)),
}


@pytest.mark.parametrize("kept", [POLICIES, {}], ids=["two", "none"])
def test_stored_access_policies_as_a_service_writes_them(service: str, kept: dict[str, AccessPolicy]) -> None:
    """The emulator shows them to nobody but the holder of its key, so this call is signed with it."""
    key: Any = AzureNamedKeyCredential(KEPT, KEY)
    name = f"insights-logs-{len(kept)}"
    with BlobServiceClient(service, credential=key, retry_total=0) as client:
        client.create_container(name).set_container_access_policy(signed_identifiers=dict(kept))
    answer = BlobService(service, key, RequestsTransport(), QUICK).acl(name)
    found = answers.stored_policies(name, Answered(value=cast("Any", answer), source=Source(operation="")))
    told = {each.name: (each.permissions, each.expires[:10]) for each in found.items}
    assert told == ({"partner": ("rl", "2026-03-31"), "scripts": ("w", "")} if kept else {})
    assert found.gaps == ()


def test_with_a_token_the_emulator_refuses_to_show_them(cloud: Cloud, estate: AzureEstate, service: str) -> None:
    serve(cloud, service, enabled=False)
    cloud.properties(estate.kept, primaryEndpoints={"blob": f"{service}/"}, allowSharedKeyAccess=True)
    store = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert {gap.unknown.reason for gap in store.credentials.stored_policies.gaps} <= {Reason.DENIED, Reason.NOT_FOUND}
    assert store.credentials.stored_policies.gaps


def test_an_account_that_the_service_does_not_have_is_unknown(cloud: Cloud, service: str) -> None:
    other = service.rpartition("/")[0] + "/nobodyhasthis"
    with reading() as once:
        answer = Arm(Connection(cloud.settings(), QUICK), once).website(other)
    assert not isinstance(answer, Answered)
    assert isinstance(answer, Unknown)
    assert answer.reason in {Reason.DENIED, Reason.FAILED, Reason.UNSUPPORTED, Reason.NOT_FOUND}


def test_a_service_that_is_not_there_is_unknown(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.kept, primaryEndpoints={"blob": "https://127.0.0.1:9/x"})
    store = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert isinstance(store.exposure.website, Unknown)
    assert store.exposure.website.reason in {Reason.FAILED, Reason.TIMEOUT}
