"""The management SDKs write the requests that the tables of calls declare, and what came is kept as it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.credentials import AccessToken
from azure.core.rest import HttpRequest

from posture.adapters.azure import calls, store_calls
from posture.adapters.azure.live.arm import Arm, Connection
from posture.adapters.azure.live.management import Management
from posture.adapters.azure.reads import ArmRead, Sdk
from posture.model.facts import Reason
from posture.reading import Answered
from tests.adapters.azure.live import QUICK, Cloud, lead, reading, storage, store_of
from tests.testbeds.azure import KEPT, AzureEstate
from tests.testbeds.azure_records import PLATFORM
from tests.testbeds.broken import Answer
from tests.testbeds.faults import Rule

ACCOUNT = f"/subscriptions/{PLATFORM}/resourceGroups/logs/providers/Microsoft.Storage/storageAccounts/acmelogs"
BY_SDK = tuple(each for each in calls.ARM_READS if each.sdk is not Sdk.NONE)
ABOUT: Mapping[ArmRead, str] = {
    store_calls.LIST_STORAGE_ACCOUNTS: f"/subscriptions/{PLATFORM}",
    store_calls.GET_CONTAINER_IMMUTABILITY: f"{ACCOUNT}/blobServices/default/containers/insights-logs-jobs",
    calls.GET_ROLE_DEFINITION: f"/subscriptions/{PLATFORM}/providers/Microsoft.Authorization/roleDefinitions/owner",
}


class NobodyError(Exception):
    """Ends a request before it is sent."""


class Nobody:
    """Signs nobody in, and remembers what should have been sent."""

    def __init__(self) -> None:
        self.url = ""

    def get_token(self, *_: str, **__: object) -> AccessToken:
        raise NobodyError

    def send(self, request: HttpRequest, **_: object) -> None:
        self.url = request.url
        raise NobodyError


@pytest.mark.parametrize("read", BY_SDK, ids=lambda each: each.call.operation)
def test_an_sdk_writes_the_request_that_the_table_declares(read: ArmRead) -> None:
    nobody: Any = Nobody()
    management = Management("https://management.azure.com", nobody, list, nobody, dict)
    about = ABOUT.get(read, ACCOUNT)
    call = management.operation(read, about)
    with pytest.raises(NobodyError):
        list(call()) if read.call.required == ("value",) else call()
    parts = urlsplit(nobody.url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"https://management.azure.com{about}{read.suffix}"
    assert parse_qs(parts.query) == {"api-version": [read.api_version]}


def test_storage_and_authorization_are_read_by_their_sdks() -> None:
    without = {each.call.operation for each in calls.ARM_READS if each.sdk is Sdk.NONE}
    others = {each for each in without if each.startswith(("storage:", "authorization:"))}
    assert others == {"authorization:ManagementLocks_ListByScope"}  # which is in neither


def test_members_that_an_sdk_does_not_know_are_kept(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.kept, brandNew={"a": [1, None]}, allowBlobPublicAccess=None)
    with reading() as once:
        answer = Arm(Connection(cloud.settings(), QUICK), once).ask(store_calls.GET_STORAGE_ACCOUNT, estate.kept)
    assert isinstance(answer, Answered)
    (record,) = (each for each in cloud.peer.state.resources if each["id"] == estate.kept)
    assert json.dumps(answer.value, sort_keys=True) == json.dumps(record, sort_keys=True)


def listed(cloud: Cloud, estate: AzureEstate, body: object) -> tuple[int, Reason | None]:
    answer = Answer(headers=(("Content-Type", "application/json"),), body=json.dumps(body).encode())
    cloud.proxy.add(Rule(operation="storage:BlobContainers_List", answer=answer, times=1))
    with reading() as once:
        pages = Arm(Connection(cloud.settings(), QUICK), once).ask_all(store_calls.LIST_CONTAINERS, estate.kept)
    return len(pages.items), None if pages.gap is None else pages.gap.reason


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, (0, Reason.MALFORMED)),  # which the SDK takes for an empty page
        ({"value": None}, (0, Reason.MALFORMED)),
        ({"value": []}, (0, None)),
        ({"value": [7, {"name": "x", "properties": 7}]}, (2, None)),  # to be judged one by one
        ({"value": [{"name": "x"}], "nextLink": "https://evil.example/more"}, (1, Reason.MALFORMED)),
        ({"value": [{"name": "x"}], "nextLink": 7}, (1, Reason.MALFORMED)),
    ],
)
def test_a_page_is_judged_as_it_came(
    cloud: Cloud, estate: AzureEstate, body: object, found: tuple[int, Reason | None]
) -> None:
    assert listed(cloud, estate, body) == found
    assert cloud.proxy.count("storage:BlobContainers_List") == 1


def test_no_client_registers_a_resource_provider(cloud: Cloud, estate: AzureEstate) -> None:
    """As the pipeline does that the SDKs have by default, when a subscription has not registered one."""
    cloud.peer.state = replace(cloud.peer.state, unregistered=frozenset({(PLATFORM, "microsoft.storage")}))
    store_of(cloud.wing(), lead(storage("nobodyhasthis")))
    store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert {method for method, _, _ in cloud.peer.requests} == {"GET"}
    assert 409 in {status for _, _, status in cloud.peer.requests}
