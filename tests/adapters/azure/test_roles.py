"""Roles that are not simply there: below the store, to be activated, of principals that are gone or from elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posture.model.facts import Known, Reason
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, Provider, Scope
from tests.adapters.azure.grants import Access, only
from tests.adapters.azure.live import Cloud, lead, store_of
from tests.testbeds import azure_records as made
from tests.testbeds.azure import ANNA, AUDITORS, GUEST, KEPT, NEGLECTED, OTHER_TENANT, PIPELINE, AzureEstate
from tests.testbeds.azure_records import ARCHIVE, PLATFORM
from tests.testbeds.broken import Answer
from tests.testbeds.databricks import Record
from tests.testbeds.faults import Rule

WHOLE = f"/subscriptions/{ARCHIVE}"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


def known(fact: object) -> object:
    assert isinstance(fact, Known), fact
    return fact.value


def test_a_role_on_a_container_does_not_reach_the_account(cloud: Cloud, estate: AzureEstate) -> None:
    """Its holder deletes the container, and neither the account nor anything by its keys."""
    container = f"{estate.neglected}/blobServices/default/containers/insights-logs-jobs"
    only(cloud, made.assigned(container, made.CONTRIBUTOR, ANNA))
    access = Access(cloud, NEGLECTED)
    assert access.actions(ANNA) == {"delete", "administer"}
    said = " ".join(str(grant.witness) + str(grant.actions) for grant in access.of(ANNA))
    assert "containers/insights-logs-jobs" in said
    assert "storageAccounts/delete" not in said
    assert "listKeys" not in said


def test_a_role_on_a_container_without_logs_reaches_none(cloud: Cloud, estate: AzureEstate) -> None:
    only(cloud, made.assigned(f"{estate.kept}/blobServices/default/containers/something-else", made.BLOB_READER, GUEST))
    access = Access(cloud, KEPT)
    assert access.of(GUEST) == []
    assert access.gaps == ()


@pytest.mark.parametrize("part", ["queueServices/default/queues/insights-logs-x", "fileServices/default"])
def test_a_role_on_what_holds_no_blobs_reaches_none(cloud: Cloud, estate: AzureEstate, part: str) -> None:
    only(cloud, made.assigned(f"{estate.kept}/{part}", made.BLOB_READER, GUEST))
    assert Access(cloud, KEPT).of(GUEST) == []


def test_a_role_on_a_part_of_a_stream_or_a_table_reaches_that(cloud: Cloud, estate: AzureEstate) -> None:
    """The names of operations on events and queries are those of the whole resource."""
    receiver = "c0570000-0000-4000-8000-000000000002"
    data: Record = {"actions": [], "notActions": [], "dataActions": ["Microsoft.EventHub/*/receive/action"]}
    cloud.change(made.custom_role(PLATFORM, receiver, "Receiver", {**data, "notDataActions": []}))
    only(
        cloud,
        made.assigned(f"{estate.stream}/eventhubs/databricks", receiver, GUEST),
        made.assigned(f"{estate.table}/tables/DatabricksAccounts", made.READER, GUEST),
    )
    for kind, name, prefix in (
        (Kind.EVENT_HUB, "acme-siem.servicebus.windows.net", "databricks"),
        (Kind.LOG_ANALYTICS, f"management.azure.com{estate.table.lower()}", ""),
    ):
        ref = StoreRef(provider=Provider.AZURE, kind=kind, name=name, prefix=prefix)
        grants = store_of(cloud.wing(), lead(ref)).grants.items
        assert [(known(each.action), known(each.scope)) for each in grants] == [("read", Scope.OUTSIDE)]


def test_a_role_that_may_be_activated_is_no_grant_and_is_not_cleared(cloud: Cloud) -> None:
    only(cloud, made.eligible(WHOLE, made.BLOB_READER, GUEST))
    access = Access(cloud, KEPT)
    assert access.of(GUEST) == []
    assert {(dict(limits)["action"], dict(limits)["scope"]) for _, limits in access.doubts("may activate")} == {
        (("list",), ("outside",)),
        (("read",), ("outside",)),
    }


def test_a_tenant_without_the_licence_has_no_roles_to_activate(cloud: Cloud) -> None:
    only(cloud)
    body = b'{"error": {"code": "AadPremiumLicenseRequired", "message": "The tenant needs a license."}}'
    rule = cloud.proxy.add(
        Rule(
            operation="authorization:RoleEligibilityScheduleInstances_ListForScope",
            answer=Answer(status=400, headers=(("Content-Type", "application/json"),), body=body),
        )
    )
    assert Access(cloud, KEPT).gaps == ()
    assert rule.met


def test_a_delegation_that_may_be_activated_is_not_cleared(cloud: Cloud) -> None:
    only(cloud)
    operators = "5e550000-0000-4000-8000-000000000001"
    cloud.change(made.delegation(PLATFORM, OTHER_TENANT, operators, made.CONTRIBUTOR, eligible=True))
    access = Access(cloud, NEGLECTED)
    assert access.of(operators) == []
    assert access.doubts(operators, "may activate")


@pytest.mark.parametrize(("principal", "kind"), [(GUEST, "User"), (PIPELINE, "ServicePrincipal"), (AUDITORS, "Group")])
def test_who_was_deleted_holds_nothing_by_the_word_of_the_own_directory_only(
    cloud: Cloud, principal: str, kind: str
) -> None:
    only(cloud, made.assigned(WHOLE, made.BLOB_READER, principal, kind))
    cloud.peer.state = replace(cloud.peer.state, directory={}, members={})
    access = Access(cloud, KEPT)
    assert access.grants == ()
    assert access.gaps == ()
    cloud.peer.state = replace(cloud.peer.state, tenant=OTHER_TENANT)  # a reader of another tenant: its own directory
    elsewhere = Access(cloud, KEPT)
    assert elsewhere.grants == ()
    assert {gap.unknown.reason for gap in elsewhere.gaps} == {Reason.NOT_FOUND}


def test_who_signs_in_elsewhere_is_outside_also_as_a_member(cloud: Cloud) -> None:
    directory = {**cloud.peer.state.directory, GUEST: made.user("bob_other.example#EXT#@acme.example")}
    cloud.peer.state = replace(cloud.peer.state, directory=directory)
    only(cloud, made.assigned(WHOLE, made.BLOB_READER, GUEST))
    assert Access(cloud, KEPT).scopes(GUEST) == {Scope.OUTSIDE}


def test_an_application_without_an_owner_is_not_cleared(cloud: Cloud) -> None:
    nobodys: Record = {**made.application("odd"), "appOwnerOrganizationId": None}
    cloud.peer.state = replace(cloud.peer.state, directory={**cloud.peer.state.directory, PIPELINE: nobodys})
    only(cloud, made.assigned(WHOLE, made.BLOB_READER, PIPELINE, "ServicePrincipal"))
    access = Access(cloud, KEPT)
    assert access.of(PIPELINE) == []
    assert {gap.unknown.reason for gap in access.gaps} == {Reason.MALFORMED}


def test_a_denial_on_a_condition_leaves_it_open(cloud: Cloud) -> None:
    everybody = "00000000-0000-0000-0000-000000000000"
    denial = made.denied(WHOLE, [f"{BLOBS}/read"], principals=[everybody], data=True)
    properties = denial["properties"]
    assert isinstance(properties, dict)
    only(
        cloud,
        made.assigned(WHOLE, made.BLOB_READER, GUEST),
        {**denial, "properties": {**properties, "condition": "@Resource[x] StringEquals 'y'"}},
    )
    access = Access(cloud, KEPT)
    assert access.of(GUEST) == []
    assert access.doubts("deny assignment", "its condition")


@pytest.mark.parametrize("alone", [True, False])
def test_rows_may_be_read_through_the_resource_that_wrote_them(
    cloud: Cloud, estate: AzureEstate, *, alone: bool
) -> None:
    only(cloud)
    cloud.properties(
        estate.table,
        features={"disableLocalAuth": True, "enableLogAccessUsingOnlyResourcePermissions": not alone},
    )
    name = f"management.azure.com{estate.table.lower()}"
    store = store_of(cloud.wing(), lead(StoreRef(provider=Provider.AZURE, kind=Kind.LOG_ANALYTICS, name=name)))
    assert bool(store.grants.gaps) is not alone
