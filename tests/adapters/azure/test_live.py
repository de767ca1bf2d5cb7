"""What is found, from where, at what cost, and what bad input does."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from posture.adapters.azure.live.limits import Limits
from posture.adapters.azure.normalise.refs import source_ref
from posture.errors import CredentialError
from posture.model.contributions import SourceContribution, StoreContribution
from posture.model.facts import FOREVER, Known, Reason, Unknown
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, LogSource, Provider, Role, WormMode
from tests.adapters.azure.live import Cloud, environment, followed, lead, reading, storage, store_of, tenant
from tests.testbeds import arm as peer
from tests.testbeds import azure_records as made
from tests.testbeds.azure import KEPT, NEGLECTED, OTHER_TENANT, AzureEstate
from tests.testbeds.azure_records import ARCHIVE, PLATFORM
from tests.testbeds.broken import Answer, Fault
from tests.testbeds.databricks import Record
from tests.testbeds.faults import Rule

REPOSITORY = Path(__file__).parents[3]


def value(fact: object) -> object:
    assert isinstance(fact, Known), fact
    return fact.value


def workspace(name: str) -> str:
    return f"/subscriptions/{PLATFORM}/resourcegroups/data/providers/microsoft.databricks/workspaces/{name}"


def source(cloud: Cloud, name: str) -> tuple[LogSource, SourceContribution]:
    (only,) = followed(cloud.wing(), lead(source_ref(workspace(name))))
    (given,) = only.contributions
    assert isinstance(given, SourceContribution)
    return given.sources.items[0], given


def test_a_tenant_leads_to_subscriptions_and_they_to_workspaces(cloud: Cloud) -> None:
    wing = cloud.wing()
    (all_of_it,) = followed(wing, tenant())
    assert [each.target for each in all_of_it.leads] == [source_ref(PLATFORM), source_ref(ARCHIVE)]
    platform, archive = followed(wing, *all_of_it.leads)
    assert [each.target for each in platform.leads] == [
        source_ref(workspace(name)) for name in ("analytics", "science", "sandbox")
    ]
    assert archive.leads == ()  # no resource provider, so no workspaces
    assert archive.unlooked == ()


def test_only_the_subscriptions_that_are_named_are_looked_through(cloud: Cloud) -> None:
    (found,) = followed(cloud.wing(subscriptions=(ARCHIVE,)), tenant())
    assert [each.target for each in found.leads] == [source_ref(ARCHIVE)]
    assert cloud.proxy.count("resources:Subscriptions_List") == 0


def test_every_destination_of_a_setting_is_a_store(cloud: Cloud, estate: AzureEstate) -> None:
    (found,) = followed(cloud.wing(), lead(source_ref(workspace("analytics"))))
    stores = [(each.target, each.role) for each in found.leads]
    assert stores == [
        (storage(KEPT), Role.DELIVERY),
        (
            StoreRef(
                provider=Provider.AZURE,
                kind=Kind.EVENT_HUB,
                name="acme-siem.servicebus.windows.net",
                prefix="databricks",
            ),
            Role.STREAM,
        ),
        (
            StoreRef(
                provider=Provider.AZURE,
                kind=Kind.LOG_ANALYTICS,
                name=f"management.azure.com{estate.table.lower()}",
            ),
            Role.TABLE,
        ),
    ]
    assert found.leads[0].account == ARCHIVE  # in another subscription than the workspace


def test_a_partner_is_shown_and_not_read(cloud: Cloud) -> None:
    partner = f"/subscriptions/{PLATFORM}/resourceGroups/siem/providers/Microsoft.Datadog/monitors/dd"
    identity = workspace("sandbox")
    cloud.change(made.diagnostic_setting(identity, "to-partner", groups=("allLogs",), partner=partner))
    (found,) = followed(cloud.wing(), lead(source_ref(identity)))
    (only,) = found.leads
    assert only.target == StoreRef(
        provider=Provider.AZURE, kind=Kind.PARTNER, name=f"management.azure.com{partner.lower()}"
    )
    assert not cloud.wing().handles(only.target)


def test_a_workspace_without_a_setting_delivers_nothing(cloud: Cloud) -> None:
    row, given = source(cloud, "sandbox")
    assert value(row.delivery.enabled) is False
    assert given.deliveries.items == ()
    assert given.deliveries.gaps == ()
    assert not any(value(each.enabled) for each in row.delivery.categories.items)


def test_a_setting_for_metrics_only_delivers_no_logs(cloud: Cloud, estate: AzureEstate) -> None:
    identity = workspace("sandbox")
    cloud.change(made.diagnostic_setting(identity, "metrics", storage=estate.kept))
    row, _ = source(cloud, "sandbox")
    assert value(row.delivery.enabled) is False


def test_categories_are_those_of_all_settings_together(cloud: Cloud, estate: AzureEstate) -> None:
    identity = workspace("science")
    cloud.change(made.diagnostic_setting(identity, "more", categories=("Secrets", "brandNew"), storage=estate.kept))
    row, given = source(cloud, "science")
    on = {value(each.name) for each in row.delivery.categories.items if value(each.enabled)}
    assert {str(name).lower() for name in on} == {"accounts", "clusters", "jobs", "secrets", "brandnew"}
    assert len(given.deliveries.items) == 2


def test_account_events_are_never_known_to_be_delivered(cloud: Cloud) -> None:
    for name in ("analytics", "science", "sandbox"):
        row, _ = source(cloud, name)
        assert isinstance(row.delivery.covers_account_events, Unknown)
    (all_of_it,) = followed(cloud.wing(), tenant())
    (given,) = all_of_it.contributions
    assert isinstance(given, SourceContribution)
    (account,) = given.sources.items
    assert account.kind is Kind.ACCOUNT
    assert account.uri == f"azure://tenants/{peer.TENANT}"
    assert isinstance(account.delivery.covers_account_events, Unknown)


def test_the_well_kept_account(cloud: Cloud, estate: AzureEstate) -> None:
    store = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert value(store.account) == ARCHIVE
    assert value(store.integrity.worm_mode) is WormMode.COMPLIANCE
    assert value(store.integrity.worm_days) == 400
    assert value(store.integrity.store_deletion_blocked) is True  # by a lock of the resource group
    assert value(store.retention.days) == 730
    assert value(store.network.default_open) is False
    assert value(store.credentials.shared_keys) is False
    assert value(store.credentials.oldest_key_days) == 0
    assert value(store.geo_redundant) is True
    assert value(store.exposure.public_blocked) is True
    assert {value(each.name) for each in store.containers.items} == {
        f"insights-logs-{name.lower()}"
        for name in (
            "accounts",
            "clusters",
            "jobs",
            "notebook",
            "secrets",
            "sqlPermissions",
            "unityCatalog",
            "workspace",
        )
    }


def test_absent_members_mean_what_azure_documents_for_old_accounts(cloud: Cloud, estate: AzureEstate) -> None:
    store = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected))
    assert value(store.exposure.public_blocked) is False
    assert value(store.credentials.shared_keys) is True
    assert value(store.credentials.oldest_key_days) == 1200
    assert value(store.credentials.longest_token_days) is FOREVER
    assert value(store.refusals.old_tls_refused) is False
    assert value(store.copies_may_leave) is True
    assert value(store.network.public_endpoint) is True
    assert value(store.encrypted_twice) is False


def test_a_store_is_found_by_its_name_and_nowhere_it_is_not_found(cloud: Cloud) -> None:
    assert value(store_of(cloud.wing(), lead(storage(KEPT))).account) == ARCHIVE
    lost = store_of(cloud.wing(), lead(storage("nobodyhasthis"))).account
    assert isinstance(lost, Unknown)
    assert lost.reason is Reason.NOT_FOUND
    cloud.proxy.fault("storage:StorageAccounts_List", Fault.DENIED)
    hidden = store_of(cloud.wing(), lead(storage("nobodyhasthis"))).account
    assert isinstance(hidden, Unknown)
    assert hidden.reason is Reason.DENIED
    assert hidden.needs == "Microsoft.Storage/storageAccounts/read"


def test_an_account_deleted_between_two_calls_keeps_its_row(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.change(without=frozenset({estate.neglected}))
    store = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected))
    for fact in (store.account, store.integrity.versioning, store.exposure.website):
        assert isinstance(fact, Unknown)
        assert fact.reason is Reason.NOT_FOUND
    assert store.grants.gaps


def test_five_thousand_containers_are_one_call_a_page(cloud: Cloud, estate: AzureEstate) -> None:
    account: Record = {"id": estate.neglected}
    many = [made.container(account, f"data-{number}") for number in range(5000)]
    cloud.peer.state = replace(cloud.peer.state, resources=(*cloud.peer.state.resources, *many), page_size=1000)
    store = store_of(cloud.wing(), lead(storage(NEGLECTED), resource_id=estate.neglected))
    assert len(store.containers.items) == 3
    assert cloud.proxy.count("storage:BlobContainers_List") == 6
    assert cloud.proxy.count("storage:BlobContainers_GetImmutabilityPolicy") == 0


def test_calls_of_one_account(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.peer.state = replace(cloud.peer.state, page_size=100)
    store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    counted = Counter(call.operation for call in cloud.proxy.calls)
    assert counted == {
        "storage:StorageAccounts_GetProperties": 1,
        "storage:BlobServices_GetServiceProperties": 1,
        "storage:BlobContainers_List": 1,
        "storage:BlobContainers_GetImmutabilityPolicy": 8,  # one a container that has a policy
        "storage:ManagementPolicies_Get": 1,
        "storage:ObjectReplicationPolicies_List": 1,
        "insights:DiagnosticSettings_List": 1,
        "security:DefenderForStorage_Get": 1,
        "security:Pricings_Get": 1,
        "authorization:RoleAssignments_ListForScope": 1,
        "authorization:DenyAssignments_ListForScope": 1,
        "authorization:RoleEligibilityScheduleInstances_ListForScope": 1,
        "authorization:ManagementLocks_ListByScope": 1,
        "authorization:RoleDefinitions_GetById": 2,
        "managedservices:RegistrationAssignments_List": 1,
        "resources:Subscriptions_Get": 1,
        "blob:GetBlobServiceProperties": 1,
        "graph:GetUser": 1,
        "graph:ListTransitiveMembers": 1,
    }


def test_a_listing_that_never_ends_is_a_gap(cloud: Cloud) -> None:
    cloud.peer.state = replace(cloud.peer.state, repeat_last_page=True)
    (found,) = followed(cloud.wing(), tenant())
    assert found.unlooked[0].unknown.reason is Reason.MALFORMED
    assert {each.target for each in found.leads} == {source_ref(PLATFORM), source_ref(ARCHIVE)}


def test_credentials_of_another_tenant_are_refused(cloud: Cloud) -> None:
    with reading() as once:
        cloud.wing(tenant=peer.TENANT).check_credentials(once)
        assert cloud.wing(tenant=peer.TENANT).identities(once)[0].account == peer.TENANT
    with reading() as once, pytest.raises(CredentialError, match=f"of tenant {peer.TENANT}"):
        cloud.wing(tenant=OTHER_TENANT).check_credentials(once)


def test_nobody_to_ask_as(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    with reading() as once, pytest.raises(CredentialError) as caught:
        cloud.wing().check_credentials(once)
    assert "az login" in caught.value.help
    assert "wrong" not in caught.value.message


def test_a_long_pause_is_not_waited_for(cloud: Cloud) -> None:
    wait = Answer(status=429, headers=(("Retry-After", "300"),), body=b'{"error": {"code": "TooManyRequests"}}')
    rule = cloud.proxy.add(Rule(operation="resources:Subscriptions_List", answer=wait))
    (found,) = followed(cloud.wing(limits=Limits(attempts=3)), tenant())
    assert found.unlooked[0].unknown.reason is Reason.THROTTLED
    assert rule.met == 1


def test_one_throttled_call_is_made_again(cloud: Cloud) -> None:
    cloud.proxy.fault("resources:Subscriptions_List", Fault.THROTTLED, times=1)
    (found,) = followed(cloud.wing(limits=Limits(attempts=3)), tenant())
    assert found.unlooked == ()


def test_a_scan_of_azure_imports_no_sdk_of_another_cloud(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment(monkeypatch, cloud)
    url = cloud.proxy.url
    (tmp_path / "posture.yaml").write_text(f"azure: {{resource_manager: '{url}', graph: '{url}'}}\n")
    program = (
        "import sys; from posture.cli import main\n"
        "code = main(['scan', '--config', 'posture.yaml', '--output', 'report.json'])\n"
        "found = {name.partition('.')[0] for name in sys.modules} & {'boto3', 'botocore'}\n"
        "others = ('google.cloud', 'google.auth', 'databricks.sdk')\n"
        "found |= {name for name in sys.modules if name.startswith(others)}\n"
        "print('imported', sorted(found), 'code', code)\n"
    )
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**peer.environment(cloud.peer.url, str(cloud.certificate)), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stdout.splitlines()[-1] == "imported [] code 1", run.stdout[-500:] + run.stderr


def test_nobody_signed_in_makes_no_call(cloud: Cloud, estate: AzureEstate, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a Databricks account leads to Azure, and nobody set up credentials for it."""
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    store, found = followed(
        cloud.wing(), lead(storage(KEPT), resource_id=estate.kept), lead(source_ref(workspace("sandbox")))
    )
    assert cloud.proxy.calls == []
    (given,) = store.contributions
    assert isinstance(given, StoreContribution)
    assert isinstance(given.account, Unknown)
    assert given.account.reason is Reason.DENIED
    assert found.unlooked


def test_a_listing_that_takes_too_long_keeps_what_came(cloud: Cloud) -> None:
    cloud.peer.state = replace(cloud.peer.state, page_size=1)
    limits = Limits(attempts=1, listing_seconds=0.000001)
    (found,) = followed(cloud.wing(limits=limits), tenant())
    assert found.unlooked[0].unknown.reason is Reason.TIMEOUT


@pytest.mark.parametrize("name", [None, [], 7])
def test_a_container_whose_name_cannot_be_read_may_hold_logs(cloud: Cloud, estate: AzureEstate, name: object) -> None:
    kept = f"{estate.kept}/blobServices/default/containers/insights-logs-jobs"
    old = next(each for each in cloud.peer.state.resources if str(each["id"]).lower() == kept.lower())
    cloud.change({**old, "name": name})  # type: ignore[dict-item]  # what no answer should hold
    found = store_of(cloud.wing(), lead(storage(KEPT), resource_id=estate.kept))
    assert found.containers.gaps
