"""What only the blob service itself tells, by the real SDK against Microsoft's emulator."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from azure.storage.blob import BlobServiceClient, StaticWebsite

from posture.adapters.azure.live.arm import Arm, Connection
from posture.adapters.azure.live.clients import Clients
from posture.model.facts import Known, Reason, Unknown
from posture.reading import Answered
from tests.adapters.azure.live import QUICK, Cloud, lead, reading, storage, store_of
from tests.testbeds.azure import KEPT, AzureEstate
from tests.testbeds.azurite_server import azurite, missing


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
