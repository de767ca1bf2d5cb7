"""What a what-if predicts is judged like what Azure answers; what it does not predict is unknown."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path

import pytest

from posture.errors import PlanError
from posture.model.facts import Unknown
from posture.model.logic import Outcome
from posture.model.subjects import About, KeyManager, Versioning, WormMode
from posture.terraform.document import Kind
from posture.terraform.read import parse_plan, read_plan
from tests.adapters.azure.planned import known
from tests.adapters.azure.what_if import (
    ACCOUNT,
    CONTAINER,
    HOST,
    LIFECYCLE,
    NOW,
    SETTING,
    SOURCE,
    VAULT,
    WATCHING,
    WORKSPACE,
    changed,
    created,
    outcome,
    read,
    result,
)
from tests.planning.estate import outcomes, row
from tests.terraform.plans import Free

FAIL, PASS = Outcome.FAIL, Outcome.PASS
WELL_KEPT = {
    "region": "westeurope",
    "account": "00000000-0000-4000-8000-00000000000a",
    "encryption.key_manager": KeyManager.CUSTOMER,
    "encryption.key_enabled": True,
    "encryption.key_rotating": True,
    "encryption.key_recoverable": True,
    "encryption.twice": True,
    "encryption.tls_required": True,
    "encryption.old_tls_refused": True,
    "exposure.public_blocked": True,
    "network.default_open": False,
    "credentials.shared_keys": False,
    "integrity.versioning": Versioning.ENABLED,
    "integrity.worm_mode": WormMode.COMPLIANCE,
    "integrity.worm_days": 400,
    "integrity.soft_delete_days": 30,
    "integrity.store_deletion_blocked": True,
    "retention.days": 800,
    "monitoring.object_reads_recorded": True,
    "resilience.geo_redundant": True,
}


def having(identity: str, **properties: Free) -> Free:
    """A resource with other properties; None takes one away."""
    body = copy.deepcopy(NOW[identity])
    merged = {**body["properties"], **properties}
    body["properties"] = {name: value for name, value in merged.items() if value is not None}
    return {identity: body}


def test_a_template_that_makes_everything_says_what_will_be() -> None:
    found = known(outcome(created()))
    assert {path: found[path] for path in WELL_KEPT} == WELL_KEPT


def test_the_place_of_a_row_is_the_id_of_its_resource() -> None:
    subjects = {each.uri: each for each in outcome(created()).assessment.subjects}
    assert subjects[HOST].places[0].address == ACCOUNT
    assert subjects[SOURCE].places[0].address == WORKSPACE
    assert subjects[SETTING].about is About.CHANGE


def test_the_rest_operation_answers_the_same_inside_of_properties() -> None:
    body = created()
    wrapped = {"status": "Succeeded", "properties": {"changes": body["changes"]}}
    assert outcome(wrapped).assessment.findings == outcome(body).assessment.findings


@pytest.mark.parametrize(
    ("property_", "path"),
    [
        ("allowBlobPublicAccess", "exposure.public_blocked"),
        ("minimumTlsVersion", "encryption.old_tls_refused"),
        ("allowCrossTenantReplication", "resilience.copies_may_leave"),
    ],
)
def test_what_azure_chooses_for_a_new_account_is_unknown(property_: str, path: str) -> None:
    found = known(outcome(created(having(ACCOUNT, **{property_: None}))))[path]
    assert isinstance(found, Unknown)
    assert found.needs == "the property in the template"


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        (having(ACCOUNT, allowSharedKeyAccess="[parameters('keys')]"), ["credentials.shared_keys"]),
        (
            having(ACCOUNT, networkAcls="[reference('x').networkAcls]"),
            ["network.default_open", "network.trusted_services"],
        ),
        (having(ACCOUNT, sasPolicy="[reference('x').sas]"), []),
        (
            having(
                ACCOUNT,
                encryption={**NOW[ACCOUNT]["properties"]["encryption"], "keyvaultproperties": "[reference('v')]"},
            ),
            ["encryption.key_manager"],
        ),
        (having(LIFECYCLE, policy={"rules": ["[reference('x').rule]"]}), ["retention.days"]),
        (having(CONTAINER, publicAccess="[parameters('access')]"), []),
        (
            having(WATCHING, logs=[{"category": "StorageRead", "enabled": "[parameters('on')]"}]),
            ["monitoring.access_logged"],
        ),
        ({ACCOUNT: None}, ["encryption.tls_required", "network.default_open", "credentials.shared_keys"]),
    ],
    ids=["a flag", "the rules", "a policy that nothing hangs on", "the key", "a rule", "a container", "a log", "all"],
)
def test_what_the_deployment_computes_is_unknown(change: Free, paths: list[str]) -> None:
    found = known(outcome(created(change)))
    assert all(isinstance(found[path], Unknown) for path in paths), {path: found[path] for path in paths}


@pytest.mark.parametrize("word", ["Deploy", "Unsupported"])
def test_a_change_that_is_not_predicted_leaves_everything_of_it_unknown(word: str) -> None:
    found = known(outcome(changed({}, types={ACCOUNT: word})))
    assert isinstance(found["encryption.tls_required"], Unknown)
    assert isinstance(found["exposure.public_blocked"], Unknown)


def test_what_is_beside_the_template_is_unknown_without_the_context() -> None:
    found = known(outcome(changed({})))
    assert found["encryption.tls_required"] is True
    value = found["integrity.worm_days"]
    assert isinstance(value, Unknown)
    assert "--context" in value.needs


def test_what_is_ignored_is_no_part_of_the_plan() -> None:
    ignored = {"resourceId": ACCOUNT, "changeType": "Ignore", "before": {"id": ACCOUNT}, "after": {"id": ACCOUNT}}
    assert outcome(result([ignored]), everything=True).assessment.exit_code == 4


def test_all_accounts_and_one_by_its_id() -> None:
    body = created(without=[SETTING, WORKSPACE])
    for asked in ({"everything": True}, {"stores": (ACCOUNT,)}):
        assert HOST in {each.uri for each in outcome(body, **asked).assessment.subjects}


CHANGES: dict[str, tuple[Free, str, str]] = {
    "the account is deleted": (changed({ACCOUNT: None}), "store-not-destroyed", ACCOUNT),
    "the setting is deleted": (changed({SETTING: None}), "delivery-not-stopped", SETTING),
    "the setting sends less": (
        changed(having(SETTING, logs=[{"category": "jobs", "enabled": True}])),
        "delivery-not-narrowed",
        SETTING,
    ),
    "keys are let in": (changed(having(ACCOUNT, allowSharedKeyAccess=True)), "protections-kept", ACCOUNT),
    "logs go earlier": (
        changed(
            having(
                LIFECYCLE,
                policy={
                    "rules": [
                        {
                            **NOW[LIFECYCLE]["properties"]["policy"]["rules"][0],
                            "definition": {"actions": {"baseBlob": {"delete": {"daysAfterCreationGreaterThan": 7}}}},
                        }
                    ]
                },
            )
        ),
        "retention-not-shortened",
        ACCOUNT,
    ),
}


@pytest.mark.parametrize(("body", "control", "subject"), CHANGES.values(), ids=CHANGES)
def test_what_is_taken_away_fails(body: Free, control: str, subject: str) -> None:
    assert row(outcome(body), control, subject).outcome is FAIL
    failed = {name for name, verdict in outcomes(outcome(body)).items() if verdict is FAIL}
    assert failed == {f"{control} {subject}"}


@pytest.mark.parametrize(
    "body",
    [
        {"changes": "x"},
        result([{"resourceId": ACCOUNT}]),
        result([{"resourceId": ACCOUNT, "changeType": "Explode"}]),
        result([{"resourceId": "acmelogs", "changeType": "Create"}]),
        result([{"resourceId": ACCOUNT, "changeType": "Create", "after": 7}]),
        result([{"resourceId": ACCOUNT, "changeType": "NoChange"}] * 2),
        {**created(), "status": "Failed"},
        {**created(), "error": {"code": "InvalidTemplate"}},
    ],
)
def test_what_is_malformed_is_refused(body: Free) -> None:
    with pytest.raises(PlanError):
        read(body)


def test_files_of_terraform_and_states_are_asked_for_elsewhere(tmp_path: Path) -> None:
    data = json.dumps(created()).encode()
    with pytest.raises(PlanError, match="Terraform"):
        parse_plan(data, "what-if.json", source=tmp_path)
    with pytest.raises(PlanError, match="state"):
        parse_plan(data, "what-if.json", kinds=frozenset({Kind.STATE}))
    file = tmp_path / "what-if.json"
    file.write_bytes(data)
    assert read_plan(str(file)).kind is Kind.WHAT_IF


def test_less_is_never_more() -> None:
    """A part of the prediction that nobody can read turns no verdict, and breaks nothing."""
    chance = random.Random(20261127)  # noqa: S311 - mutations, not secrets
    body = created()
    before = {(each.control.id, each.subject.uri): each.outcome for each in outcome(body).assessment.findings}
    for _ in range(60):
        hidden = copy.deepcopy(body)
        _hide(hidden["changes"], chance)
        after = outcome(hidden, stores=(ACCOUNT,)).assessment.findings
        for each in after:
            former = before.get((each.control.id, each.subject.uri), each.outcome)
            assert each.outcome in {former, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE}, (
                each.control.id,
                each.subject.uri,
            )


def _hide(changes: list[Free], chance: random.Random) -> None:
    """An expression in the place of one value of one resource."""
    place = chance.choice(changes)["after"]["properties"]
    while True:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        if not isinstance(place[key], (dict, list)) or not place[key] or chance.random() < 0.3:
            place[key] = "[reference('something').value]"
            return
        place = place[key]


def test_the_vault_is_of_the_template() -> None:
    found = known(outcome(created({VAULT: {"properties": {"enablePurgeProtection": False}}})))
    assert found["encryption.key_recoverable"] is False
