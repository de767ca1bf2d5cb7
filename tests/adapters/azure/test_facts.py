"""Facts of a storage account that are read beside what everybody reads, and copies that other services make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from posture.model.facts import FOREVER, Known, Reason, Unknown
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, Provider, Role
from tests.adapters.azure.live import Cloud, followed, lead, storage, store_of
from tests.testbeds import azure_records as made
from tests.testbeds.azure import GUEST, KEPT, NEGLECTED, STREAM, AzureEstate
from tests.testbeds.azure_records import ARCHIVE, PLATFORM
from tests.testbeds.broken import Fault
from tests.testbeds.databricks import Record

SERVICE = "/blobServices/default"


def value(fact: object) -> object:
    assert isinstance(fact, Known), fact
    return fact.value


def record(cloud: Cloud, identity: str) -> Record:
    return next(each for each in cloud.peer.state.resources if each["id"] == identity)


def test_stored_policies_of_log_containers_with_their_ends(cloud: Cloud, estate: AzureEstate) -> None:
    found = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected)).credentials.stored_policies
    assert {value(each.name): (value(each.permissions), value(each.days_left)) for each in found.items} == {
        "insights-logs-accounts/partner": ("rl", 900),
        "insights-logs-accounts/scripts": ("racwdl", FOREVER),
    }
    assert found.gaps == ()
    assert cloud.proxy.count("blob:GetContainerAcl") == 3  # one a container of logs


def test_a_doubt_about_signatures_names_what_they_may_refer_to(cloud: Cloud, estate: AzureEstate) -> None:
    grants = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected)).grants
    (told,) = {gap.unknown.detail for gap in grants.gaps if "signatures" in gap.unknown.detail}
    assert "`insights-logs-accounts/partner` (rl), `insights-logs-accounts/scripts` (racwdl)" in told


@pytest.mark.parametrize(
    ("end", "days"),
    [("2026-02-27T00:00:00Z", 0), ("2026-03-01T00:00:01.0000000Z", 1), ("2026-03-02T00:00:00Z", 1)],
)
def test_a_day_that_has_begun_counts_and_one_that_is_over_does_not(
    cloud: Cloud, estate: AzureEstate, end: str, days: int
) -> None:
    kept = {f"{NEGLECTED}/insights-logs-jobs": (("one", "r", end),)}
    cloud.peer.state = replace(cloud.peer.state, stored_policies=kept)
    store = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected))
    (only,) = store.credentials.stored_policies.items
    assert value(only.days_left) == days


def test_an_end_that_is_no_time_is_not_taken_for_none(cloud: Cloud, estate: AzureEstate) -> None:
    kept = {f"{NEGLECTED}/insights-logs-jobs": (("one", "r", "soon"),)}
    cloud.peer.state = replace(cloud.peer.state, stored_policies=kept)
    (only,) = store_of(
        cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected)
    ).credentials.stored_policies.items
    assert isinstance(only.days_left, Unknown)
    assert only.days_left.reason is Reason.MALFORMED


def test_where_no_key_opens_the_account_no_policy_is_asked_for(cloud: Cloud, estate: AzureEstate) -> None:
    store = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert store.credentials.stored_policies.items == ()
    assert store.credentials.stored_policies.gaps == ()
    assert cloud.proxy.count("blob:GetContainerAcl") == 0
    assert value(store.credentials.renewal_reminder_days) == 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(Fault.DENIED, Reason.DENIED), (Fault.WRONG_SHAPE, Reason.MALFORMED), (Fault.HALF, Reason.MALFORMED)],
)
def test_policies_that_could_not_be_read_are_a_gap(
    cloud: Cloud, estate: AzureEstate, fault: Fault, reason: Reason
) -> None:
    cloud.proxy.fault("blob:GetContainerAcl", fault, resource=f"{NEGLECTED}/insights-logs-accounts")
    found = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected)).credentials.stored_policies
    assert [gap.unknown.reason for gap in found.gaps] == [reason]
    if fault is Fault.DENIED:
        assert found.gaps[0].unknown.needs.endswith("/containers/getAcl/action")


@pytest.mark.parametrize(("policy", "days"), [(None, FOREVER), ({}, FOREVER), ({"keyExpirationPeriodInDays": 60}, 60)])
def test_a_reminder_to_renew_keys(cloud: Cloud, estate: AzureEstate, policy: object, days: object) -> None:
    cloud.properties(estate.neglected, keyPolicy=policy)
    store = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected))
    assert value(store.credentials.renewal_reminder_days) == days


def test_tags_the_change_feed_rewinding_and_the_scope_of_copies(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.kept, allowedCopyScope="AAD")
    cloud.properties(estate.kept + SERVICE, restorePolicy={"enabled": True, "days": 21})
    store = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert [(value(each.name), value(each.value)) for each in store.labels.items] == [("purpose", "audit-logs")]
    assert value(store.monitoring.changes_listed) is True
    assert value(store.integrity.rewind_days) == 21
    assert value(store.network.foreign_copies_taken) is False
    old = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected))
    assert value(old.monitoring.changes_listed) is False
    assert value(old.integrity.rewind_days) == 0
    assert value(old.network.foreign_copies_taken) is True


@pytest.mark.parametrize(
    ("name", "part", "others"),
    [
        ("finance-exports", "", ("finance-exports",)),
        ("finance-exports", "finance-exports", ()),
        ("$web", "", ("$web",)),
        *((name, "", ()) for name in ("insights-logs-jobs", "insights-activity-logs", "am-heartbeat", "$logs")),
    ],
)
def test_v16_other_data_in_the_account(
    cloud: Cloud, estate: AzureEstate, name: str, part: str, others: tuple[str, ...]
) -> None:
    account = record(cloud, estate.neglected)
    resources = (*cloud.peer.state.resources, made.container(account, name))
    cloud.peer.state = replace(cloud.peer.state, resources=resources)
    ref = replace(storage(NEGLECTED), prefix=part)
    assert store_of(cloud.wing(), lead(ref, resource_id=estate.neglected)).fed_by.items == others


def test_containers_that_could_not_be_listed_leave_other_data_open(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.proxy.fault("storage:BlobContainers_List", Fault.DENIED)
    fed_by = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected)).fed_by
    assert (fed_by.items, [gap.unknown.reason for gap in fed_by.gaps]) == ((), [Reason.DENIED])


@pytest.mark.parametrize(
    ("sku", "endpoints", "taken"),
    [
        ("Standard_ZRS", None, True),
        ("Standard_ZRS", "Standard", True),
        ("Premium_LRS", None, False),
        ("Standard_ZRS", "AzureDnsZone", False),
    ],
)
def test_v16_kinds_of_accounts_that_azure_monitor_delivers_to(
    cloud: Cloud, estate: AzureEstate, sku: str, endpoints: str | None, taken: object
) -> None:
    cloud.change({**record(cloud, estate.kept), "sku": {"name": sku}})
    cloud.properties(estate.kept, dnsEndpointType=endpoints)
    assert value(store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept)).receives) is taken


@pytest.mark.parametrize(
    ("own", "overrides", "paid", "watched"),
    [(False, False, False, False), (False, False, True, True), (False, True, True, False), (True, False, False, True)],
)
def test_defender_watches_by_the_account_or_by_the_plan_of_its_subscription(
    cloud: Cloud, estate: AzureEstate, *, own: bool, overrides: bool, paid: bool, watched: bool
) -> None:
    setting = made.defender({"id": estate.neglected}, enabled=own)
    inner = setting["properties"]
    assert isinstance(inner, Mapping)
    setting = {**setting, "properties": {**inner, "overrideSubscriptionLevelSettings": overrides}}
    cloud.change(setting, made.defender_plan(PLATFORM, paid=paid))
    store = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected))
    assert value(store.monitoring.threats_detected) is watched


def test_a_subscription_that_never_used_defender_has_none(cloud: Cloud, estate: AzureEstate) -> None:
    none = frozenset({(PLATFORM, "microsoft.security")})
    cloud.peer.state = replace(cloud.peer.state, unregistered=none)
    store = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected))
    assert value(store.monitoring.threats_detected) is False


def test_a_plan_that_could_not_be_read_leaves_open_what_the_account_does_not_say(
    cloud: Cloud, estate: AzureEstate
) -> None:
    cloud.proxy.fault("security:Pricings_Get", Fault.DENIED)
    open_ = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected)).monitoring.threats_detected
    assert isinstance(open_, Unknown)
    assert open_.needs == "Microsoft.Security/pricings/read"
    kept = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept)).monitoring.threats_detected
    assert value(kept) is True


def stream_of() -> StoreRef:
    return StoreRef(
        provider=Provider.AZURE, kind=Kind.EVENT_HUB, name=f"{STREAM}.servicebus.windows.net", prefix="databricks"
    )


def test_what_capture_writes_is_a_copy_in_a_container_of_its_own(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(f"{estate.stream}/eventhubs/databricks", captureDescription=made.capturing(estate.kept, "events"))
    (found,) = followed(cloud.wing(), lead(stream_of(), resource_id=estate.stream))
    (copy,) = found.leads
    target = replace(storage(KEPT), prefix="events")
    assert (copy.target, copy.role, copy.account, copy.resource_id) == (target, Role.COPY, ARCHIVE, estate.kept)
    assert "hub `databricks`" in copy.found.how
    cloud.change(made.container({"id": estate.kept}, "events", {"publicAccess": "Blob"}))
    store = store_of(cloud.wing(), copy)
    assert [(value(each.name), value(each.public)) for each in store.containers.items] == [("events", True)]


def test_rules_and_roles_of_a_copy_are_those_of_its_container(cloud: Cloud, estate: AzureEstate) -> None:
    rules = made.deletion("events", 5, prefixes=("events/",)), made.deletion("logs", 9, prefixes=("insights-logs-",))
    role = made.assigned(f"{estate.kept}{SERVICE}/containers/events", made.BLOB_READER, GUEST)
    cloud.change(made.management_policy({"id": estate.kept}, *rules), made.container({"id": estate.kept}, "events", {}))
    cloud.peer.state = replace(cloud.peer.state, scoped=(*cloud.peer.state.scoped, role))
    copies = store_of(cloud.wing(), lead(replace(storage(KEPT), prefix="events"), resource_id=estate.kept))
    logs = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert (value(copies.retention.days), value(logs.retention.days)) == (5, 9)
    assert GUEST in str(copies.grants)
    assert GUEST not in str(logs.grants)


@pytest.mark.parametrize("description", [None, {"enabled": False, "destination": {}}])
def test_a_hub_that_captures_nothing_leads_nowhere(cloud: Cloud, estate: AzureEstate, description: object) -> None:
    cloud.properties(f"{estate.stream}/eventhubs/databricks", captureDescription=description)
    (found,) = followed(cloud.wing(), lead(stream_of(), resource_id=estate.stream))
    assert (found.leads, found.unlooked) == ((), ())


def test_a_capture_whose_place_is_not_said_leaves_the_inventory_open(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(f"{estate.stream}/eventhubs/databricks", captureDescription={"enabled": True})
    (found,) = followed(cloud.wing(), lead(stream_of(), resource_id=estate.stream))
    (unlooked,) = found.unlooked
    assert unlooked.unknown.reason is Reason.MALFORMED


def table_of(estate: AzureEstate) -> StoreRef:
    return StoreRef(
        provider=Provider.AZURE, kind=Kind.LOG_ANALYTICS, name=f"management.azure.com{estate.table.lower()}"
    )


def test_exports_of_tables_of_logs_lead_to_accounts_and_hubs(cloud: Cloud, estate: AzureEstate) -> None:
    tables = ("DatabricksJobs", "DatabricksSecrets", "DatabricksClusters", "DatabricksSQL", "Heartbeat")
    cloud.change(
        made.data_export(estate.table, "archive", tables, estate.neglected),
        made.data_export(estate.table, "siem", ("DatabricksAccounts",), estate.stream, hub="rows"),
        made.data_export(estate.table, "other", ("Heartbeat",), estate.kept),
    )
    (found,) = followed(cloud.wing(), lead(table_of(estate), resource_id=estate.table))
    archive, siem = found.leads
    assert (archive.target, archive.role) == (storage(NEGLECTED), Role.COPY)
    assert "DatabricksJobs, DatabricksSecrets, DatabricksClusters and 1 more" in archive.found.how
    assert siem.target == replace(stream_of(), prefix="rows")
    cloud.change(made.container({"id": estate.neglected}, "am-databricksjobs"))
    names = {value(each.name) for each in store_of(cloud.wing(), archive).containers.items}
    assert "am-databricksjobs" in names


def test_exports_that_could_not_be_listed_leave_the_inventory_open(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.proxy.fault("operationalinsights:DataExports_ListByWorkspace", Fault.DENIED)
    (found,) = followed(cloud.wing(), lead(table_of(estate), resource_id=estate.table))
    assert found.unlooked[0].unknown.reason is Reason.DENIED
