"""Planned streams, tables and keys, and what stands beside a planned account: each part by its own attributes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from posture.model.facts import Unknown
from posture.model.logic import Outcome
from posture.model.subjects import KeyManager, Kind, LogStore
from posture.planning import PlanOutcome
from posture.terraform.plan import Plan
from tests.adapters.azure import planned_others as other
from tests.adapters.azure.planned import (
    ACCOUNT,
    CONTAINER,
    CUSTOMER_KEY,
    HOST,
    LOCK,
    NOW,
    SETTING,
    VAULT,
    changed,
    created,
    known,
    outcome,
)
from tests.parity.comparing import Facts, Listed, facts
from tests.planning.estate import outcomes, row
from tests.terraform.plans import Free, change

Part = Mapping[str, Mapping[str, Free]]


def of_kind(found: PlanOutcome, kind: Kind) -> Facts:
    (one,) = (each.record for each in found.subjects if each.info.kind is kind and isinstance(each.record, LogStore))
    return facts(one, {})


def stream(plan: Plan) -> Facts:
    return of_kind(outcome(plan), Kind.EVENT_HUB)


def rows(plan: Plan) -> Facts:
    return of_kind(outcome(plan), Kind.LOG_ANALYTICS)


def streamed(changes: Part | None = None, **given: Free) -> Plan:
    return created(changes, also=other.STREAMED, references=other.STREAMED_LINKS, **given)


def tabled(changes: Part | None = None, **given: Free) -> Plan:
    return created(changes, also=other.TABLED, references=other.TABLED_LINKS, **given)


def beside(changes: Part | None = None, **given: Free) -> Plan:
    return created(changes, also=other.BESIDE, references=other.BESIDE_LINKS, **given)


# --- Event Hubs --------------------------------------------------------------


def test_a_planned_stream() -> None:
    told = {
        "network.default_open": False,
        "network.trusted_services": True,
        "credentials.shared_keys": False,
        "encryption.old_tls_refused": True,
        "encryption.twice": True,
        "encryption.key_manager": KeyManager.CUSTOMER,
        "encryption.key_recoverable": True,
        "encryption.key_rotating": False,  # the version is pinned
        "retention.days": 7,
    }
    for plan in (streamed(), changed(also=other.STREAMED)):
        found = stream(plan)
        assert {path: found[path] for path in told} == told


RULES = other.STREAMED[other.NAMESPACE]["network_rulesets"][0]


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ({other.NAMESPACE: {"local_authentication_enabled": True}}, "credentials.shared_keys", True),
        ({other.NAMESPACE: {"minimum_tls_version": "1.0"}}, "encryption.old_tls_refused", False),
        ({other.NAMESPACE: {"public_network_access_enabled": False}}, "network.default_open", False),
        ({other.NAMESPACE: {"network_rulesets": []}}, "network.default_open", True),
        ({other.NAMESPACE: {"network_rulesets": [{**RULES, "default_action": "Allow"}]}}, "network.default_open", True),
        ({other.NAMESPACE: {"network_rulesets": [{**RULES, "trusted_service_access_enabled": False}]}},
         "network.trusted_services", False),
        ({other.HUB: {"message_retention": 1}}, "retention.days", 1),
        ({other.HUB: {"message_retention": None,
                      "retention_description": [{"cleanup_policy": "Delete", "retention_time_in_hours": 168}]}},
         "retention.days", 7),
        ({other.HUB_KEY: {"infrastructure_encryption_enabled": False}}, "encryption.twice", False),
    ],
)  # fmt: skip
def test_each_attribute_of_a_stream(changes: Part, path: str, value: object) -> None:
    assert stream(streamed(changes))[path] == value


@pytest.mark.parametrize("known", [{"key_vault_key_ids": [None]}, {}], ids=["one of a list", "the whole list"])
def test_the_key_of_a_stream_that_only_apply_names(known: Free) -> None:
    """The configuration says which key it is."""
    marks = {"key_vault_key_ids": [True] if known else True, "eventhub_namespace_id": True, "id": True}
    now = {"infrastructure_encryption_enabled": True, **known}
    entry = change(other.HUB_KEY, now, marks)
    assert stream(streamed(instead={other.HUB_KEY: entry}))["encryption.key_manager"] is KeyManager.CUSTOMER


def test_names_of_different_kinds_do_not_meet() -> None:
    same = {**other.STREAMED, other.NAMESPACE: {**other.STREAMED[other.NAMESPACE], "name": "acmelogs"}}
    links = {
        **other.STREAMED_LINKS,
        SETTING: {**other.STREAMED_LINKS[SETTING], "eventhub_authorization_rule_id": f"{other.NAMESPACE}.id"},
    }
    uris = {each.info.uri for each in outcome(created(also=same, references=links)).subjects}
    assert {"https://acmelogs.servicebus.windows.net/logs", HOST} <= uris


def test_a_destination_that_nobody_can_tell_hides_no_other() -> None:
    loose = {**other.STREAMED_LINKS[SETTING], "eventhub_authorization_rule_id": "local.rule"}
    found = outcome(created(also=other.STREAMED, references={**other.STREAMED_LINKS, SETTING: loose}))
    assert HOST in {each.info.uri for each in found.subjects}
    assert found.assessment.unlooked, "nobody knows where else the logs go"
    (source,) = (each.record for each in found.subjects if each.info.uri.startswith("azure:"))
    sent = facts(source, {})["delivery.configurations"]
    assert isinstance(sent, Listed)
    assert not sent.closed


def test_a_stream_without_a_key_of_its_own() -> None:
    assert stream(streamed(without=[other.HUB_KEY]))["encryption.key_manager"] is KeyManager.PROVIDER


def test_a_stream_that_is_not_joined_leaves_its_parts_unknown() -> None:
    loose = {**other.STREAMED_LINKS, other.HUB_KEY: {"eventhub_namespace_id": "local.somewhere"}}
    found = stream(created(also=other.STREAMED, references=loose))
    assert isinstance(found["encryption.key_manager"], Unknown)
    loose = {**other.STREAMED_LINKS, other.HUB: {"namespace_id": "local.somewhere", "namespace_name": "local.name"}}
    assert isinstance(stream(created(also=other.STREAMED, references=loose))["retention.days"], Unknown)


def test_the_hub_of_a_stream_is_found_by_the_name_of_its_namespace() -> None:
    old = {other.HUB: {"namespace_id": None}}
    links = {**other.STREAMED_LINKS, other.HUB: {}}
    assert stream(created(old, also=other.STREAMED, references=links))["retention.days"] == 7


def test_a_hub_whose_name_only_apply_makes_still_leads_to_its_namespace() -> None:
    links = {
        **other.STREAMED_LINKS,
        SETTING: {**other.STREAMED_LINKS[SETTING], "eventhub_name": f"{other.HUB}.name"},
    }
    found = outcome(created(also=other.STREAMED, references=links))
    stores = {each.info.kind for each in found.subjects if isinstance(each.record, LogStore)}
    assert stores == {Kind.EVENT_HUB, Kind.STORAGE_ACCOUNT}


# --- Log Analytics --------------------------------------------------------------


def test_a_planned_table() -> None:
    told = {
        "credentials.shared_keys": False,
        "network.default_open": True,  # ingestion is open
        "encryption.key_manager": KeyManager.CUSTOMER,
        "encryption.key_rotating": True,
    }
    for plan in (tabled(), changed(also=other.TABLED)):
        found = rows(plan)
        assert {path: found[path] for path in told} == told
    assert rows(tabled())["retention.days"] == 90, "other tables keep what the workspace keeps"


@pytest.mark.parametrize(
    ("changes", "path", "value"),
    [
        ({other.TABLES: {"local_authentication_enabled": True, "local_authentication_disabled": False}},
         "credentials.shared_keys", True),
        ({other.TABLES: {"internet_ingestion_enabled": False}}, "network.default_open", False),
        ({other.TABLES: {"retention_in_days": 730}}, "retention.days", 730),
        ({other.TABLES: {"retention_in_days": 730}, other.TABLE: {"total_retention_in_days": 30}},
         "retention.days", 30),
        ({other.TABLES: {"retention_in_days": 30}, other.TABLE: {"total_retention_in_days": -1}}, "retention.days", 30),
    ],
)  # fmt: skip
def test_each_attribute_of_a_table(changes: Part, path: str, value: object) -> None:
    assert rows(tabled(changes))[path] == value


def test_a_workspace_of_an_older_provider() -> None:
    old = {name: value for name, value in other.TABLED[other.TABLES].items() if name != "local_authentication_enabled"}
    assert rows(changed(also={**other.TABLED, other.TABLES: old}))["credentials.shared_keys"] is False


@pytest.mark.parametrize("without", [[other.LINK], [other.CLUSTER_KEY]])
def test_rows_without_a_key_of_their_own(without: list[str]) -> None:
    assert rows(tabled(without=without))["encryption.key_manager"] is KeyManager.PROVIDER


def test_a_link_to_another_service_names_no_cluster() -> None:
    automation = {**other.TABLED[other.LINK], "write_access_id": "", "read_access_id": "/subscriptions/x/a"}
    also = {"azurerm_log_analytics_linked_service.automation": automation, **other.TABLED}
    assert rows(changed(also=also))["encryption.key_manager"] is KeyManager.CUSTOMER


def test_a_cluster_outside_of_the_plan_is_known_to_a_scan_only() -> None:
    found = rows(changed(also=other.TABLED, without=[other.CLUSTER, other.CLUSTER_KEY]))["encryption.key_manager"]
    assert isinstance(found, Unknown)
    assert "--context" in found.needs


# --- beside an account --------------------------------------------------------------


def test_what_stands_beside_a_planned_account() -> None:
    found = known(outcome(beside()))
    assert found["network.private_endpoints"] == 1, "the id holds the name of the account, and no two have one"
    assert found["resilience.replicated"] is False, "object replication takes no append blobs"
    replicas = found["resilience.replicas"]
    assert isinstance(replicas, Listed)
    assert len(replicas.items) == 1


def test_an_endpoint_of_the_account_counts_once_it_is_approved() -> None:
    now = changed(also=other.BESIDE, actions={ACCOUNT: ("delete", "create")})
    assert known(outcome(now))["network.private_endpoints"] == 1
    manual = {"is_manual_connection": True}
    connection = {**other.BESIDE[other.ENDPOINT]["private_service_connection"][0], **manual}
    changes = {other.ENDPOINT: {"private_service_connection": [connection]}}
    waiting = changed(changes, also=other.BESIDE, actions={ACCOUNT: ("delete", "create")})
    assert known(outcome(waiting))["network.private_endpoints"] == 0


def test_copies_lead_to_their_account() -> None:
    found = outcome(beside())
    uris = {each.info.uri for each in found.subjects if isinstance(each.record, LogStore)}
    assert "https://acmecopy.blob.core.windows.net" in uris


@pytest.mark.parametrize(
    ("source", "manager"),
    [("Microsoft.KeyVault", KeyManager.CUSTOMER), ("Microsoft.Storage", KeyManager.PROVIDER)],
)
def test_a_container_with_a_scope_of_its_own(source: str, manager: KeyManager) -> None:
    scoped = {CONTAINER: {"default_encryption_scope": "logs"}, other.SCOPE: {"source": source}}
    assert known(outcome(beside(scoped)))["encryption.key_manager"] is manager


def test_a_scope_outside_of_the_plan_is_unknown() -> None:
    scoped = {CONTAINER: {"default_encryption_scope": "elsewhere"}}
    assert isinstance(known(outcome(beside(scoped)))["encryption.key_manager"], Unknown)


POLICY = {"tenant_id": "t", "object_id": "o", "key_permissions": ["Get", "UnwrapKey"], "application_id": ""}


@pytest.mark.parametrize("apart", [True, False], ids=["of its own", "a block"])
def test_policies_of_a_vault_without_roles(*, apart: bool) -> None:
    policy = "azurerm_key_vault_access_policy.o"
    vault = {VAULT: {"rbac_authorization_enabled": False, "access_policy": [] if apart else [POLICY]}}
    also = {policy: {**POLICY, "key_vault_id": NOW[VAULT]["id"]}} if apart else {}
    plan = created(vault, also=also, references={policy: {"key_vault_id": f"{VAULT}.id"}})
    grants = keys(plan)
    assert ("read",) in {dict(gap.limits).get("action") for gap in grants.gaps} or grants.items
    assert not keys(created({VAULT: {"rbac_authorization_enabled": False, "access_policy": []}})).items


def keys(plan: Plan) -> Free:
    (one,) = (each.record for each in outcome(plan).subjects if each.info.uri == HOST)
    assert isinstance(one, LogStore)
    return one.encryption.key_grants


def doubted(plan: Plan) -> set[Free]:
    (one,) = (each.record for each in outcome(plan).subjects if each.info.uri == HOST)
    assert isinstance(one, LogStore)
    return {dict(gap.limits)["action"] for gap in one.grants.gaps}


def test_a_custom_role_gives_what_its_permissions_say() -> None:
    for plan in (beside(), changed(also=other.BESIDE)):
        assert ("read",) in doubted(plan)
        assert ("write",) not in doubted(plan)
    blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    writes = {
        "actions": [],
        "data_actions": [f"{blobs}/*"],
        "not_actions": [],
        "not_data_actions": ["*/read", "*/action"],
    }
    found = doubted(beside({other.ROLE: {"permissions": [writes]}}, without=[other.COPIES]))
    assert ("write",) in found
    assert ("read",) not in found


def test_a_custom_role_of_which_nobody_knows_the_permissions_may_give_everything() -> None:
    unknown = {**other.BESIDE_LINKS, other.ROLE: {"permissions": "local.permissions"}}
    every = ("list", "read", "write", "delete", "administer")
    assert every in doubted(created(also=other.BESIDE, references=unknown))


@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_both_levels_of_a_lock_hold(level: str) -> None:
    assert known(outcome(created({LOCK: {"lock_level": level}})))["integrity.store_deletion_blocked"] is True


DESTINATIONS = {
    "storage_account_id": (Kind.STORAGE_ACCOUNT, "https://acmeother.blob.core.windows.net"),
    "log_analytics_workspace_id": (Kind.LOG_ANALYTICS, "https://management.azure.com"),
    "eventhub_authorization_rule_id": (Kind.EVENT_HUB, "https://other.servicebus.windows.net"),
    "partner_solution_id": (Kind.PARTNER, "https://management.azure.com"),
}
IDS = {
    "storage_account_id": "/Microsoft.Storage/storageAccounts/acmeother",
    "log_analytics_workspace_id": "/Microsoft.OperationalInsights/workspaces/other",
    "eventhub_authorization_rule_id": "/Microsoft.EventHub/namespaces/other/authorizationRules/send",
    "partner_solution_id": "/Microsoft.Datadog/monitors/other",
}


@pytest.mark.parametrize("attribute", DESTINATIONS)
def test_a_destination_outside_of_the_plan_is_no_store_of_it_but_a_delivery(attribute: str) -> None:
    kind, prefix = DESTINATIONS[attribute]
    providers = NOW[ACCOUNT]["id"].partition("/Microsoft.Storage")[0]
    found = outcome(changed({SETTING: {"storage_account_id": "", attribute: f"{providers}{IDS[attribute]}"}}))
    (source,) = (each.record for each in found.subjects if each.info.uri.startswith("azure:"))
    sent = facts(source, {})["delivery.configurations"]
    assert isinstance(sent, Listed)
    assert len(sent.items) == 1
    stores = {each.info.kind: each.info.uri for each in found.subjects if isinstance(each.record, LogStore)}
    assert {name: uri for name, uri in stores.items() if uri.startswith(prefix)}.keys() <= {kind}


# --- changes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "address"),
    [(other.STREAMED, other.NAMESPACE), (other.TABLED, other.TABLES)],
    ids=["the stream", "the table"],
)
def test_a_store_of_another_kind_that_is_destroyed(part: Part, address: str) -> None:
    found = row(outcome(changed({address: None}, also=part)), "store-not-destroyed", address)
    assert found.outcome is Outcome.FAIL


def test_a_stream_that_is_opened_loses_protections() -> None:
    opened = changed({other.NAMESPACE: {"local_authentication_enabled": True}}, also=other.STREAMED)
    assert row(outcome(opened), "protections-kept", other.NAMESPACE).outcome is Outcome.FAIL


def test_nothing_that_stays_loses_anything() -> None:
    for part in (other.STREAMED, other.TABLED, other.BESIDE):
        assert Outcome.FAIL not in outcomes(outcome(changed(also=part))).values()


def test_keys_named_by_vault_and_name() -> None:
    """As versions before the id of a key did."""
    named = {"key_vault_key_id": None, "key_vault_id": NOW[VAULT]["id"], "key_name": "logs", "key_version": None}
    plan = changed(also={CUSTOMER_KEY: {**NOW[CUSTOMER_KEY], **named}}, actions={ACCOUNT: ("delete", "create")})
    found = known(outcome(plan))
    assert found["encryption.key_manager"] is KeyManager.CUSTOMER
    assert found["encryption.key_rotating"] is True
