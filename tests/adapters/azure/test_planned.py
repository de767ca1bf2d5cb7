"""Plans of azurerm resources: what they say of a store is what Azure would say, and what they do not say is unknown."""

from __future__ import annotations

import pytest

from posture.model.facts import FOREVER, Unknown
from posture.model.logic import Outcome
from posture.model.subjects import About, KeyManager, Versioning, WormMode
from posture.terraform.plan import Plan
from tests.adapters.azure.planned import (
    ACCOUNT,
    ACCOUNT_ID,
    CONTAINER,
    CUSTOMER_KEY,
    GROUP,
    HOST,
    KEY,
    LIFECYCLE,
    LOCK,
    NOW,
    RULES,
    SETTING,
    WATCHING,
    WORKSPACE,
    WORM,
    changed,
    created,
    known,
    outcome,
)
from tests.parity.comparing import Facts, Listed
from tests.planning.estate import outcomes, row
from tests.terraform.plans import Free, change

FAIL, PASS = Outcome.FAIL, Outcome.PASS
REPLACED = ("delete", "create")
WELL_KEPT = {
    "encryption.key_manager": KeyManager.CUSTOMER,
    "encryption.key_rotating": True,
    "encryption.key_recoverable": True,
    "encryption.twice": True,
    "encryption.tls_required": True,
    "encryption.old_tls_refused": True,
    "exposure.public_blocked": True,
    "exposure.policy_public": False,
    "network.public_endpoint": True,
    "network.default_open": False,
    "network.trusted_services": True,
    "credentials.shared_keys": False,
    "credentials.longest_token_days": 0,
    "integrity.versioning": Versioning.ENABLED,
    "integrity.worm_mode": WormMode.COMPLIANCE,
    "integrity.worm_days": 400,
    "integrity.soft_delete_days": 30,
    "integrity.store_deletion_blocked": True,
    "retention.days": 800,
    "retention.noncurrent_days": 800,
    "resilience.geo_redundant": True,
    "resilience.copies_may_leave": False,
}


def public(found: Facts) -> list[object]:
    grants = found["grants"]
    assert isinstance(grants, Listed)
    return [grant["action"] for grant in grants.items if str(grant["scope"]) == "public"]


def test_a_plan_that_makes_everything_says_what_will_be() -> None:
    found = known(outcome(created()))
    assert {path: found[path] for path in WELL_KEPT} == WELL_KEPT
    assert found["region"] == "westeurope"
    assert isinstance(found["account"], Unknown), "no provider setting says which subscription"


def test_which_account_holds_logs_is_found_by_the_references_of_the_diagnostic_setting() -> None:
    subjects = outcome(created()).assessment.subjects
    assert {each.uri for each in subjects if each.about is About.STORE} == {HOST}
    (source,) = (each for each in subjects if each.about is About.SOURCE)
    assert source.places[0].address == WORKSPACE


def test_what_is_there_is_said_too_and_what_a_plan_cannot_know_names_the_context() -> None:
    found = known(outcome(changed()))
    undecided = {path for path in WELL_KEPT if isinstance(found[path], Unknown)}
    # other containers may be there, with keys of their own and without immutability
    assert undecided == {
        *(f"encryption.{each}" for each in ("key_manager", "key_rotating", "key_recoverable")),
        *("integrity.worm_mode", "integrity.worm_days"),
    }
    assert all(isinstance(value := found[path], Unknown) and "--context" in value.needs for path in undecided)
    rest = WELL_KEPT.keys() - undecided
    assert {path: found[path] for path in rest} == {path: WELL_KEPT[path] for path in rest}


@pytest.mark.parametrize(
    ("account", "path", "value"),
    [
        ({"allow_nested_items_to_be_public": True}, "exposure.public_blocked", False),
        ({"shared_access_key_enabled": True}, "credentials.shared_keys", True),
        ({"shared_access_key_enabled": True}, "credentials.longest_token_days", 1),
        ({"shared_access_key_enabled": True, "sas_policy": []}, "credentials.longest_token_days", FOREVER),
        ({"min_tls_version": "TLS1_0"}, "encryption.old_tls_refused", False),
        ({"https_traffic_only_enabled": False}, "encryption.tls_required", False),
        ({"public_network_access_enabled": False}, "network.public_endpoint", False),
        ({"account_replication_type": "LRS"}, "resilience.geo_redundant", False),
        ({"cross_tenant_replication_enabled": True}, "resilience.copies_may_leave", True),
        ({"infrastructure_encryption_enabled": False}, "encryption.twice", False),
        ({"blob_properties": []}, "integrity.versioning", Versioning.NEVER),
        ({"blob_properties": [{"versioning_enabled": True}]}, "integrity.soft_delete_days", 0),
        ({"static_website": [{"index_document": "index.html"}]}, "exposure.website", True),
        (
            {"blob_properties": [{"cors_rule": [{"allowed_origins": ["*"], "allowed_methods": ["GET"]}]}]},
            "exposure.public_cors",
            True,
        ),
        ({"sftp_enabled": True, "local_user_enabled": True}, "credentials.local_users", False),
    ],
)
def test_each_attribute_of_an_account(account: Free, path: str, value: object) -> None:
    assert known(outcome(created({ACCOUNT: account})))[path] == value


def test_names_of_version_3() -> None:
    old = {name: value for name, value in NOW[ACCOUNT].items() if name != "https_traffic_only_enabled"}
    entry = change(ACCOUNT, {**old, "enable_https_traffic_only": False}, actions=("no-op",), before=old)
    found = known(outcome(changed(without=[ACCOUNT], more=[entry])))
    assert found["encryption.tls_required"] is False


@pytest.mark.parametrize(
    ("attribute", "path"),
    [
        ("shared_access_key_enabled", "credentials.shared_keys"),
        ("min_tls_version", "encryption.old_tls_refused"),
        ("allow_nested_items_to_be_public", "exposure.public_blocked"),
        ("cross_tenant_replication_enabled", "resilience.copies_may_leave"),
    ],
)
def test_an_attribute_that_the_provider_lacks_is_unknown(attribute: str, path: str) -> None:
    old = {name: value for name, value in NOW[ACCOUNT].items() if name != attribute}
    entry = change(ACCOUNT, old, actions=("no-op",), before=old)
    found = known(outcome(changed(without=[ACCOUNT], more=[entry])))[path]
    assert isinstance(found, Unknown)
    assert attribute in found.detail


def test_a_public_container_is_reachable_by_anybody_unless_the_account_refuses() -> None:
    opened = {"container_access_type": "container"}
    assert public(known(outcome(created({CONTAINER: opened})))) == []
    both = created({CONTAINER: opened, ACCOUNT: {"allow_nested_items_to_be_public": True}})
    assert sorted(map(str, public(known(outcome(both))))) == ["list", "read"]


@pytest.mark.parametrize(
    ("satellite", "attribute", "paths"),
    [
        (RULES, "storage_account_id", ("network.default_open", "network.trusted_services")),
        (LIFECYCLE, "storage_account_id", ("retention.days",)),
        (CUSTOMER_KEY, "storage_account_id", ("encryption.key_manager",)),
        (CONTAINER, "storage_account_id", ("integrity.worm_enabled",)),
        (WORM, "storage_container_resource_manager_id", ("integrity.worm_days",)),
        (LOCK, "scope", ("integrity.store_deletion_blocked",)),
        (WATCHING, "target_resource_id", ("monitoring.object_reads_recorded",)),
    ],
)
def test_a_satellite_that_cannot_be_joined_leaves_what_it_could_change_unknown(
    satellite: str, attribute: str, paths: tuple[str, ...]
) -> None:
    found = known(outcome(created(references={satellite: {attribute: "local.somewhere"}})))
    assert all(isinstance(found[path], Unknown) for path in paths), {path: found[path] for path in paths}


def test_of_a_setting_of_some_service_of_the_account_only_the_files_tell_which() -> None:
    assert isinstance(known(outcome(created()))["monitoring.access_logged"], Unknown)
    assert known(outcome(changed()))["monitoring.object_reads_recorded"] is True
    queues = {"target_resource_id": f"{ACCOUNT_ID}/queueServices/default"}
    assert known(outcome(changed({WATCHING: queues})))["monitoring.object_reads_recorded"] is not True


def test_a_lock_of_the_group_holds_for_what_is_in_it() -> None:
    assert known(outcome(changed({LOCK: {"scope": GROUP}})))["integrity.store_deletion_blocked"] is True
    other = known(outcome(changed({LOCK: {"scope": f"{GROUP}-other"}})))
    assert isinstance(other["integrity.store_deletion_blocked"], Unknown), "another lock may be there"


def test_logs_of_older_versions_count_where_they_are_enabled() -> None:
    logs = [
        {"category": "accounts", "category_group": "", "enabled": True},
        {"category": "clusters", "category_group": "", "enabled": False},
    ]
    found = known(
        outcome(changed({SETTING: {"enabled_log": [], "log": logs}})),
        f"azure:/{NOW[WORKSPACE]['id']}".lower(),
        About.SOURCE,
    )
    categories = found["delivery.categories"]
    assert isinstance(categories, Listed)
    assert [each["name"] for each in categories.items if each["enabled"] is True] == ["accounts"]


def test_a_workspace_outside_of_the_plan_is_a_source_by_its_setting() -> None:
    found = outcome(changed(without=[WORKSPACE]))
    (source,) = (each for each in found.assessment.subjects if each.about is About.SOURCE)
    assert source.places[0].address == SETTING
    assert HOST in {each.uri for each in found.assessment.subjects}


def test_accounts_by_address_and_all_of_them() -> None:
    alone = changed(without=[SETTING, WORKSPACE])
    assert outcome(alone).assessment.exit_code == 4
    for asked in ({"stores": (ACCOUNT,)}, {"everything": True}):
        uris = {each.uri for each in outcome(alone, **asked).assessment.subjects}
        assert HOST in uris


def test_an_account_without_a_name_is_called_by_its_address() -> None:
    body = change("azurerm_storage_account.New[0]", {"location": "westeurope"}, ["name", "id"])
    uris = {each.uri for each in outcome(changed(without=NOW, more=[body]), everything=True).assessment.subjects}
    assert any("azurerm_storage_account.new[0]~" in uri for uri in uris), uris


CASES: dict[str, tuple[Plan, str, str]] = {
    "the account is destroyed": (changed({ACCOUNT: None}), "store-not-destroyed", ACCOUNT),
    "the account is replaced": (changed(actions={ACCOUNT: REPLACED}), "store-not-destroyed", ACCOUNT),
    "the setting is destroyed": (changed({SETTING: None}), "delivery-not-stopped", SETTING),
    "the setting sends less": (
        changed({SETTING: {"enabled_log": [{"category": "clusters", "category_group": ""}]}}),
        "delivery-not-narrowed",
        SETTING,
    ),
    "logs go earlier": (
        changed(
            {
                LIFECYCLE: {
                    "rule": [
                        {
                            **NOW[LIFECYCLE]["rule"][0],
                            "actions": [
                                {
                                    "base_blob": [{"delete_after_days_since_modification_greater_than": 30}],
                                    "version": [{"delete_after_days_since_creation": 800}],
                                }
                            ],
                        }
                    ]
                }
            }
        ),
        "retention-not-shortened",
        ACCOUNT,
    ),
    "keys are let in": (changed({ACCOUNT: {"shared_access_key_enabled": True}}), "protections-kept", ACCOUNT),
    "the network is opened": (changed({RULES: {"default_action": "Allow"}}), "protections-kept", ACCOUNT),
    "the network rules are destroyed": (changed({RULES: None}), "protections-kept", ACCOUNT),
    "versioning is off": (
        changed({ACCOUNT: {"blob_properties": [{**NOW[ACCOUNT]["blob_properties"][0], "versioning_enabled": False}]}}),
        "protections-kept",
        ACCOUNT,
    ),
}


@pytest.mark.parametrize(("tfplan", "control", "subject"), CASES.values(), ids=CASES)
def test_what_is_taken_away(tfplan: Plan, control: str, subject: str) -> None:
    found = row(outcome(tfplan), control, subject)
    assert found.places[0].address
    assert found.outcome is FAIL, found.evidence
    failed = {name for name, verdict in outcomes(outcome(tfplan)).items() if verdict is FAIL}
    assert failed == {f"{control} {subject}"}


@pytest.mark.parametrize(
    ("tfplan", "control"),
    [
        (changed({KEY: None}), "key-not-destroyed"),
        (changed({CUSTOMER_KEY: None}), "protections-kept"),
        (changed({WATCHING: None}), "protections-kept"),
    ],
    ids=["the key", "the customer key", "the record of reads"],
)
def test_what_may_stand_beside_what_is_taken_away_leaves_it_unknown(tfplan: Plan, control: str) -> None:
    """Other containers with keys of their own, and other settings, may be there: only a scan tells."""
    assert row(outcome(tfplan), control, ACCOUNT).outcome is Outcome.UNKNOWN


def test_a_plan_without_changes_takes_nothing_away() -> None:
    found = outcomes(outcome(changed()))
    assert FAIL not in found.values()
    assert {name.split()[1] for name in found} == {ACCOUNT, SETTING}
