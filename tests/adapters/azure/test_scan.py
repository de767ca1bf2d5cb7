"""Whole scans of the estate: verdicts, what vendors document, saved runs, a Databricks account that leads to Azure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from posture.adapters import registry
from posture.adapters.azure.wing import AzureWing
from posture.cli.inputs import policy_documents
from posture.model.logic import Outcome as Verdict  # a row's word for it
from posture.model.settings import DatabricksAccess, Settings
from posture.model.subjects import Provider
from posture.scanning import Outcome, replay, scan
from posture.snapshot import Request
from tests.adapters.azure.live import QUICK, Cloud
from tests.testbeds import azure_records as made
from tests.testbeds.azure import KEPT, NEGLECTED, AzureEstate
from tests.testbeds.azure_records import PLATFORM
from tests.testbeds.broken import Fault
from tests.testbeds.databricks import ACCOUNT, TOKEN, AccountState, Record, account_api

GOOD, BAD = f"https://{KEPT}.blob.core.windows.net", f"https://{NEGLECTED}.blob.core.windows.net"
WORKSPACES = f"azure://subscriptions/{PLATFORM}/resourcegroups/data/providers/microsoft.databricks/workspaces"
Verdicts = Mapping[tuple[str, str], Verdict]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        registry.WINGS,
        Provider.AZURE,
        lambda settings: AzureWing(settings, limits=QUICK),
    )


def run(cloud: Cloud, settings: Settings | None = None) -> Outcome:
    request = Request(
        settings=settings or cloud.settings(), policies=policy_documents(()), as_of="2026-03-01T00:00:00Z"
    )
    return scan(request)


def verdicts(outcome: Outcome) -> Verdicts:
    return {(each.subject.uri, each.control.id): each.outcome for each in outcome.assessment.findings}


def failing(found: Verdicts, subject: str, verdict: Verdict = Verdict.FAIL) -> set[str]:
    return {control for (uri, control), each in found.items() if uri == subject and each is verdict}


def test_the_well_kept_archive_passes_whatever_concerns_it(cloud: Cloud) -> None:
    found = verdicts(run(cloud))
    assert failing(found, GOOD) == set()
    assert failing(found, GOOD, Verdict.UNKNOWN) == set()
    assert len(failing(found, GOOD, Verdict.PASS)) > 35


def test_the_neglected_account_fails_for_what_it_lacks(cloud: Cloud) -> None:
    failed = failing(verdicts(run(cloud)), BAD)
    assert {
        *("encrypted-with-customer-key", "clear-text-refused", "rule-on-tls-versions-has-no-gap"),
        *("public-access-blocked", "network-closed-by-default", "shared-keys-closed", "shared-keys-renewed"),
        *("key-renewal-reminded", "stored-token-policies-end"),
        *("signed-tokens-end", "log-containers-private", "copies-stay-in-tenant", "website-hosting-off"),
        *("no-public-read", "no-public-list", "no-reading-from-outside", "no-deletion-from-outside"),
        *("versioning-enabled", "object-lock-enabled", "deleted-logs-recoverable", "deleted-containers-recoverable"),
        *("store-locked-against-deletion", "retained-long-enough", "access-recorded", "watched-for-threats"),
    } <= failed


@pytest.mark.parametrize("control", ["no-deletion-from-outside", "no-administration-from-outside"])
def test_evidence_of_azure_does_not_speak_of_deliveries_on_google(cloud: Cloud, control: str) -> None:
    rows = [each for each in run(cloud).assessment.findings if each.control.id == control]
    assert {each.outcome for each in rows} == {Verdict.FAIL, Verdict.PASS}
    evidence = [seen for each in rows for seen in each.evidence]
    assert evidence
    assert not [seen for seen in evidence if "serviceAccount" in seen.expected]
    assert all(len(each.evidence) == len(set(each.evidence)) for each in rows)


def test_a_workspace_without_a_setting_fails_and_one_with_few_categories_fails_for_them(cloud: Cloud) -> None:
    found = verdicts(run(cloud))
    assert failing(found, f"{WORKSPACES}/sandbox") == {"audit-log-delivery-enabled", "log-categories-delivered"}
    assert failing(found, f"{WORKSPACES}/science") == {"log-categories-delivered"}
    assert failing(found, f"{WORKSPACES}/analytics") == set()


def test_nothing_is_read_twice(cloud: Cloud) -> None:
    run(cloud)
    assert [(call, count) for call, count in cloud.proxy.counts().items() if count > 1] == []


def test_a_saved_run_gives_the_same_result(cloud: Cloud) -> None:
    outcome = run(cloud)
    again = replay(outcome.snapshot)
    assert verdicts(again) == verdicts(outcome)
    assert again.assessment.unlooked == outcome.assessment.unlooked
    assert again.assessment.run.identities == outcome.assessment.run.identities


@pytest.mark.parametrize("operation", ["databricks:Workspaces_ListBySubscription", "resources:Subscriptions_List"])
def test_a_list_that_is_refused_leaves_the_inventory_open(cloud: Cloud, operation: str) -> None:
    cloud.proxy.fault(operation, Fault.DENIED)
    outcome = run(cloud)
    assert verdicts(outcome)["estate", "inventory-complete"] is Verdict.UNKNOWN
    assert outcome.assessment.unlooked


# --- what Microsoft documents for diagnostic settings: no control may fail it, no fix may stop the delivery -----------


def test_v13_a_closed_network_must_let_trusted_services_through(cloud: Cloud, estate: AzureEstate) -> None:
    closed = {"defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}
    for bypass, expected in (("Logging, AzureServices", Verdict.PASS), ("None", Verdict.FAIL)):
        cloud.properties(estate.kept, networkAcls={**closed, "bypass": bypass})
        found = verdicts(run(cloud))
        assert found[GOOD, "delivering-services-let-through"] is expected
        assert found[GOOD, "network-closed-by-default"] is Verdict.PASS


def test_v14_enabled_with_deny_is_closed_and_so_is_disabled(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.kept, publicNetworkAccess="Disabled")
    assert verdicts(run(cloud))[GOOD, "network-closed-by-default"] is Verdict.PASS


@pytest.mark.parametrize(("appends", "expected"), [(True, Verdict.PASS), (False, Verdict.FAIL)])
def test_v15_immutability_without_protected_appends_stops_the_delivery(
    cloud: Cloud, estate: AzureEstate, *, appends: bool, expected: Verdict
) -> None:
    account = {"id": estate.kept}
    cloud.change(made.immutability(account, "insights-logs-jobs", days=400, appends=appends))
    found = verdicts(run(cloud))
    assert found[GOOD, "lock-admits-additions"] is expected
    assert found[GOOD, "default-lock-long-enough"] is Verdict.PASS


def test_v16_an_account_is_no_place_for_the_record_of_access_to_itself(cloud: Cloud, estate: AzureEstate) -> None:
    service = f"{estate.kept}/blobServices/default"
    cloud.change(made.diagnostic_setting(service, "watch", groups=("allLogs",), storage=estate.kept))
    assert verdicts(run(cloud))[GOOD, "access-log-kept-elsewhere"] is Verdict.FAIL


# --- retention --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (made.deletion("others", 10, prefixes=("something-else/",)), Verdict.PASS),
        (made.deletion("block blobs", 10, types=("blockBlob",)), Verdict.PASS),  # logs are append blobs
        (made.deletion("one container", 10, prefixes=("insights-logs-jobs/x",)), Verdict.FAIL),
        (made.deletion("every log", 10, prefixes=("insights",)), Verdict.FAIL),
        (made.deletion("a category of tomorrow", 10, prefixes=("insights-logs-genie",)), Verdict.FAIL),
        (made.deletion("all", 10), Verdict.FAIL),
        ({**made.deletion("off", 10), "enabled": False}, Verdict.PASS),
    ],
)
def test_rules_count_where_they_reach_logs(
    cloud: Cloud, estate: AzureEstate, rule: Mapping[str, object], expected: Verdict
) -> None:
    cloud.change(made.management_policy({"id": estate.kept}, rule))  # type: ignore[arg-type]  # JSON
    assert verdicts(run(cloud))[GOOD, "retained-long-enough"] is expected


# --- the account API --------------------------------------------------------------------------------------------------


def test_a_databricks_account_on_azure_leads_to_its_workspaces(cloud: Cloud) -> None:
    workspaces: tuple[Record, ...] = tuple(
        {
            "workspace_id": number,
            "workspace_name": name,
            "azure_workspace_info": {"subscription_id": PLATFORM, "resource_group": "data"},
        }
        for number, name in enumerate(("analytics", "science"), 1)
    )
    with account_api(AccountState(cloud="AZURE", workspaces=workspaces)) as api, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABRICKS_TOKEN", TOKEN)
        settings = cloud.settings(discover=False)
        outcome = run(cloud, replace(settings, databricks=(DatabricksAccess(host=api.url, account_id=ACCOUNT),)))
        asked = {request.path.rpartition("/")[2] for request in api.requests}
    found = verdicts(outcome)
    assert found[f"databricks://{ACCOUNT}", "account-events-delivered"] is Verdict.UNKNOWN
    assert (f"databricks://{ACCOUNT}", "every-workspace-delivered") not in {
        key for key, verdict in found.items() if verdict in {Verdict.PASS, Verdict.FAIL}
    }
    assert failing(found, f"{WORKSPACES}/science") == {"log-categories-delivered"}
    assert failing(found, GOOD) == set()
    assert "workspaces" in asked
    assert "log-delivery" not in asked
