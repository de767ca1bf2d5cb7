"""What azurerm says of an account beside its protections: copies, tags, restore, Defender, holds, encryption scopes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from posture.adapters.azure.config import StorageAccountConfig
from posture.adapters.azure.terraform.account import account_config
from posture.adapters.azure.terraform.tools import tools_of
from posture.adapters.planned import Premises
from posture.model.facts import Known, Reason, Unknown
from posture.model.settings import Settings
from posture.model.subjects import KeyManager, Kind, LogStore
from posture.reading import Reading
from posture.terraform.plan import Plan
from tests.adapters.azure import planned_others as other
from tests.adapters.azure.live import NOW as WHEN
from tests.adapters.azure.planned import ACCOUNT, CONTAINER, LINKS, NOW, changed, created, known, outcome
from tests.parity.comparing import Facts, Listed, facts
from tests.terraform.plans import Free

OWN = "azurerm_security_center_storage_defender.logs"
PRICE = "azurerm_security_center_subscription_pricing.storage"
UNASKED = Unknown(reason=Reason.NOT_COLLECTED, detail="nobody asked")
BLOBS: Mapping[str, Free] = NOW[ACCOUNT]["blob_properties"][0]


def config(plan: Plan) -> StorageAccountConfig:
    """The record of the account of the logs, without a scan beside the plan."""
    reading = Reading(as_of=WHEN, replayed=(), unkept=UNASKED)
    tools = tools_of(Premises(plan=plan, settings=Settings(), context=reading))
    (account,) = (each for each in plan.of_kind("azurerm_storage_account") if each.address.text == ACCOUNT)
    return account_config(account, tools, WHEN)


def value(fact: object) -> object:
    return fact.value if isinstance(fact, Known) else fact


@pytest.mark.parametrize("make", [created, changed])
@pytest.mark.parametrize(
    ("account", "field", "expected"),
    [
        ({"allowed_copy_scope": "AAD"}, "copy_scope", "AAD"),
        ({"allowed_copy_scope": None}, "copy_scope", ""),
        ({"dns_endpoint_type": "AzureDnsZone"}, "dns_zone", True),
        ({"dns_endpoint_type": "Standard"}, "dns_zone", False),
        ({"tags": {"team": "security", "cost": "1"}}, "tags", (("cost", "1"), ("team", "security"))),
        ({"tags": None}, "tags", ()),
        ({"blob_properties": [{**BLOBS, "change_feed_enabled": True}]}, "change_feed", True),
        ({"blob_properties": [{**BLOBS, "restore_policy": [{"days": 6}]}]}, "restore_days", 6),
        ({"blob_properties": [{**BLOBS, "restore_policy": []}]}, "restore_days", 0),
        ({"nfsv3_enabled": True}, "nfs", True),
        ({"is_hns_enabled": True}, "hierarchical", True),
        ({"sftp_enabled": True}, "sftp", True),
    ],
)
def test_each_attribute(make: Free, account: Free, field: str, expected: object) -> None:
    assert value(getattr(config(make({ACCOUNT: account})), field)) == expected


def test_a_tag_that_only_apply_makes_leaves_them_open() -> None:
    found = config(created({ACCOUNT: {"tags": None}}, references={ACCOUNT: {"tags": "local.tags"}})).tags
    assert isinstance(found, Unknown)


# --- Defender for Storage --------------------------------------------------------------


def watched(also: Mapping[str, Mapping[str, Free]], *, make: Free = created, **given: Free) -> object:
    links = {OWN: {"storage_account_id": f"{ACCOUNT}.id"}}
    options = {"references": links} if make is created else {}
    return known(outcome(make(also=also, **options, **given)))["monitoring.threats_detected"]


SETTING_OF_ITS_OWN = {OWN: {"storage_account_id": NOW[ACCOUNT]["id"], "override_subscription_settings_enabled": False}}
PAID = {PRICE: {"tier": "Standard", "resource_type": "StorageAccounts", "subplan": "DefenderForStorageV2"}}
FREE = {PRICE: {**PAID[PRICE], "tier": "Free"}}
OTHER = {PRICE: {**PAID[PRICE], "resource_type": "VirtualMachines"}}


@pytest.mark.parametrize("make", [created, changed])
def test_a_setting_of_its_own_watches_an_account(make: Free) -> None:
    assert watched(SETTING_OF_ITS_OWN, make=make) is True


def test_the_plan_of_the_subscription_watches_a_new_account() -> None:
    assert watched(PAID) is True
    assert watched(FREE) is False
    assert isinstance(watched(OTHER), Unknown)
    assert isinstance(watched({}), Unknown)


def test_what_is_there_needs_a_scan_unless_the_plan_pays() -> None:
    assert isinstance(watched({}, make=changed), Unknown)
    assert isinstance(watched(FREE, make=changed), Unknown), "a setting of its own may hold against it"


def test_a_plan_that_is_destroyed_is_free_again() -> None:
    found = changed({PRICE: None}, also=PAID, actions={ACCOUNT: ("delete", "create")})
    assert known(outcome(found))["monitoring.threats_detected"] is False


# --- containers --------------------------------------------------------------


def test_a_scope_that_nobody_knows_is_not_the_key_of_the_account() -> None:
    """Azure's own key may encrypt it."""
    loose = {CONTAINER: {**LINKS[CONTAINER], "default_encryption_scope": "local.scope"}}
    assert isinstance(known(outcome(created(references=loose)))["encryption.key_manager"], Unknown)
    named = {**loose, **other.BESIDE_LINKS}
    named[CONTAINER] = {**LINKS[CONTAINER], "default_encryption_scope": f"{other.SCOPE}.name"}
    found = known(outcome(created(also=other.BESIDE, references=named)))
    assert found["encryption.key_manager"] is KeyManager.CUSTOMER


def test_containers_of_exports_hold_logs_too() -> None:
    open_one = {"name": "am-DatabricksAccounts".lower(), "container_access_type": "blob"}
    found = config(created({CONTAINER: open_one})).containers
    assert [each.name for each in found.items] == ["am-databricksaccounts"]


# --- copies of streams and tables --------------------------------------------------------------

EXPORT = "azurerm_log_analytics_data_export_rule.logs"
EXPORTS: Mapping[str, Mapping[str, Free]] = {
    **other.TABLED,
    other.COPY: other.BESIDE[other.COPY],
    EXPORT: {
        "name": "out",
        "enabled": True,
        "workspace_resource_id": other.TABLES_ID,
        "destination_resource_id": other.COPY_ID,
        "table_names": ["DatabricksAccounts", "Heartbeat"],
    },
}
EXPORT_LINKS = {
    **other.TABLED_LINKS,
    EXPORT: {"workspace_resource_id": f"{other.TABLES}.id", "destination_resource_id": f"{other.COPY}.id"},
}
CAPTURE = {
    "enabled": True,
    "encoding": "Avro",
    "destination": [{"storage_account_id": other.COPY_ID, "blob_container_name": "events"}],
}
COPIED = "https://acmecopy.blob.core.windows.net"


def stores(plan: Plan) -> dict[str, Facts]:
    found = outcome(plan).subjects
    return {each.info.uri: facts(each.record, {}) for each in found if isinstance(each.record, LogStore)}


def test_a_data_export_leads_to_its_account() -> None:
    assert COPIED in stores(created(also=EXPORTS, references=EXPORT_LINKS))
    assert COPIED in stores(changed(also=EXPORTS))


@pytest.mark.parametrize("change", [{"enabled": False}, {"table_names": ["Heartbeat"]}])
def test_an_export_of_nothing_leads_nowhere(change: Free) -> None:
    assert COPIED not in stores(created({EXPORT: change}, also=EXPORTS, references=EXPORT_LINKS))


def test_an_export_whose_tables_nobody_knows_leaves_open_where_rows_go() -> None:
    loose = {**EXPORT_LINKS, EXPORT: {**EXPORT_LINKS[EXPORT], "table_names": "local.tables"}}
    found = outcome(created(also=EXPORTS, references=loose))
    assert any("data exports" in each.what for each in found.assessment.unlooked)


def test_capture_leads_to_the_one_container_that_it_fills() -> None:
    hub = {**other.STREAMED[other.HUB], "capture_description": [CAPTURE]}
    copy = {other.COPY: other.BESIDE[other.COPY]}
    found = stores(changed(also={**other.STREAMED, **copy, other.HUB: hub}))
    assert f"{COPIED}/events" in found
    off = {**hub, "capture_description": [{**CAPTURE, "enabled": False}]}
    assert f"{COPIED}/events" not in stores(changed(also={**other.STREAMED, **copy, other.HUB: off}))


def test_tags_of_streams_and_tables() -> None:
    for part, address, kind in (
        (other.STREAMED, other.NAMESPACE, Kind.EVENT_HUB),
        (other.TABLED, other.TABLES, Kind.LOG_ANALYTICS),
    ):
        tagged = {**part, address: {**part[address], "tags": {"team": "security"}}}
        found = outcome(changed(also=tagged)).subjects
        (one,) = (each.record for each in found if each.info.kind is kind and isinstance(each.record, LogStore))
        labels = facts(one, {})["labels"]
        assert isinstance(labels, Listed)
        assert len(labels.items) == 1


def test_v16_other_data_of_the_plan() -> None:
    other = "azurerm_storage_container.exports"
    link = {other: {"storage_account_id": f"{ACCOUNT}.id"}}
    found = config(created(also={other: {"name": "exports"}}, references=link)).others
    assert (found.items, found.gaps) == (("exports",), ())
    nameless = config(
        created(also={other: {"name": None}}, references={other: {**link[other], "name": "var.n"}})
    ).others
    assert (nameless.items, len(nameless.gaps)) == ((), 1)
