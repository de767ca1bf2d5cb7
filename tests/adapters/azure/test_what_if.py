"""What a what-if predicts is judged like what Azure answers; what it does not predict is unknown."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path

import pytest

from posture.errors import PlanError
from posture.model.facts import FOREVER, Unknown
from posture.model.logic import Outcome
from posture.model.subjects import About, KeyManager, LogStore, Versioning, WormMode
from posture.planning import PlanOutcome
from posture.terraform.document import Kind
from posture.terraform.read import parse_plan, read_plan
from tests.adapters.azure.planned import known
from tests.adapters.azure.what_if import (
    ACCOUNT,
    CONTAINER,
    GROUP,
    HOST,
    LIFECYCLE,
    LOCK,
    NOW,
    SETTING,
    SOURCE,
    VAULT,
    WATCHING,
    WORKSPACE,
    WORM,
    changed,
    created,
    outcome,
    read,
    result,
    whole,
)
from tests.parity.comparing import Listed
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


def outcomes_of(found: PlanOutcome) -> dict[tuple[str, str], Outcome]:
    return {(each.control.id, each.subject.uri): each.outcome for each in found.assessment.findings}


def store_of(found: PlanOutcome) -> LogStore:
    (one,) = (each.record for each in found.subjects if isinstance(each.record, LogStore) and each.info.uri == HOST)
    return one


def doubted(found: PlanOutcome) -> set[tuple[str, ...]]:
    """The actions of each gap in who can do what."""
    return {dict(gap.limits)["action"] for gap in store_of(found).grants.gaps}


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


@pytest.mark.parametrize("gone", ["allowSharedKeyAccess", "networkAcls", "encryption", "minimumTlsVersion"])
def test_a_property_that_is_only_predicted_to_go_is_unknown(gone: str) -> None:
    """Microsoft says that what-ifs list properties as removed which stay, or fall back to a default."""
    found = outcome(changed(having(ACCOUNT, **{gone: None})))
    failed = [each.control.id for each in found.assessment.findings if each.outcome is FAIL]
    assert failed == [each.control.id for each in outcome(changed({})).assessment.findings if each.outcome is FAIL]
    assert row(found, "protections-kept", ACCOUNT).outcome is Outcome.UNKNOWN


def test_of_a_resource_that_is_deployed_twice_nobody_can_say_what_it_will_be() -> None:
    body = created()
    other = having(ACCOUNT, minimumTlsVersion="TLS1_0")[ACCOUNT]
    body["changes"].append({"resourceId": ACCOUNT.upper(), "changeType": "Create", "after": other})
    assert isinstance(known(outcome(body))["encryption.tls_required"], Unknown)
    body["changes"][-1]["after"] = body["changes"][0]["after"]
    assert known(outcome(body))["encryption.tls_required"] is True


@pytest.mark.parametrize(
    "identity",
    [
        f"[extensionResourceId('{ACCOUNT}', 'Microsoft.Authorization/roleAssignments', guid('a', reference('b').id))]",
        f"{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/[guid(reference('b').principalId, 'x/y')]",
        "[resourceId('Microsoft.Authorization/roleAssignments', guid(reference('/providers/Microsoft.Web/sites/b')))]",
    ],
)
def test_a_role_whose_id_only_the_deployment_tells_leaves_open_who_has_one(identity: str) -> None:
    body = created()
    body["changes"].append({"resourceId": identity, "changeType": "Unsupported", "unsupportedReason": "its id"})
    found = outcome(body)
    grants = known(found)["grants"]
    assert isinstance(grants, Listed)
    assert not grants.closed
    assert known(found)["encryption.tls_required"] is True
    assert found.assessment.unlooked == outcome(created()).assessment.unlooked


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"after": {"type": "Microsoft.Storage/storageAccounts/managementPolicies"}}, "retention.days"),
        ({"after": {"type": "Microsoft.Storage/storageAccounts/blobServices/containers"}}, "integrity.worm_days"),
        ({}, "retention.days"),
    ],
)
def test_a_part_whose_id_only_the_deployment_tells_may_be_of_any_account(change: Free, path: str) -> None:
    body = created(without=[LIFECYCLE])
    body["changes"].append({"resourceId": "[format('{0}', reference('x'))]", "changeType": "Unsupported", **change})
    assert isinstance(known(outcome(body))[path], Unknown)


@pytest.mark.parametrize("kind", ["Microsoft.Insights/diagnosticSettings", "Microsoft.Storage/storageAccounts", ""])
def test_what_leads_to_logs_and_cannot_be_identified_leaves_the_inventory_open(kind: str) -> None:
    after = {"type": kind} if kind else None
    body = created()
    body["changes"].append({"resourceId": "[concat(reference('x').id)]", "changeType": "Unsupported", "after": after})
    found = outcome(body, everything=True)
    assert found.assessment.unlooked
    assert found.assessment.exit_code in {1, 3}
    assert sum(each.about is About.STORE for each in found.assessment.subjects) <= 2


def test_what_azure_could_not_expand_is_said_and_nothing_that_is_missing_is_absent() -> None:
    body = changed({})
    told = {"code": "NestedDeploymentShortCircuited", "level": "Warning", "message": "not expanded", "target": GROUP}
    body["diagnostics"] = [told, {**told, "level": "Info", "message": "nothing of note"}]
    for change in body["changes"]:
        if change["resourceId"] == LIFECYCLE:
            change["changeType"] = "Ignore"  # what such a template deploys is listed like this
    found = outcome(body)
    (incomplete,) = (each for each in found.assessment.unlooked if each.what == "what-if.json")
    assert "NestedDeploymentShortCircuited: not expanded" in incomplete.unknown.detail
    assert isinstance(known(found)["retention.days"], Unknown)
    made = created(without=[LIFECYCLE, WORM, LOCK])
    made["diagnostics"] = [told]
    facts = known(outcome(made))
    for path in ("retention.days", "integrity.worm_days", "integrity.store_deletion_blocked"):
        assert isinstance(facts[path], Unknown), path


def test_what_is_only_potentially_changed_is_unknown() -> None:
    body = created(without=[LIFECYCLE])
    change = {
        "resourceId": LIFECYCLE,
        "changeType": "Create",
        "before": None,
        "after": whole(LIFECYCLE, NOW[LIFECYCLE]),
    }
    found = known(outcome({**body, "potentialChanges": [change]}))
    assert isinstance(found["retention.days"], Unknown)
    assert known(outcome({**body, "potentialChanges": None}))["retention.days"] == FOREVER


def test_what_other_systems_hold_is_passed_over() -> None:
    body = created()
    body["changes"].append({"changeType": "Create", "extension": {"name": "MicrosoftGraph"}, "identifiers": {"a": 1}})
    assert outcome(body).assessment.findings == outcome(created()).assessment.findings


@pytest.mark.parametrize(
    "scope",
    [
        ACCOUNT,
        GROUP,
        GROUP.partition("/resourceGroups")[0],
        "/providers/Microsoft.Management/managementGroups/acme",
        "",
    ],
    ids=["resource", "group", "subscription", "management group", "tenant"],
)
def test_roles_and_locks_of_every_scope_of_deployment(scope: str) -> None:
    role = f"{scope}/providers/Microsoft.Authorization/roleAssignments/0aaaaaaa-0000-4000-8000-000000000001"
    owner = "/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    given = {"properties": {"principalId": "p1", "principalType": "ServicePrincipal", "roleDefinitionId": owner}}
    assert ("list",) in doubted(outcome(created({role: given}))), "the role is read, and only its holder not known"
    assert ("list",) not in doubted(outcome(created()))
    lock = {f"{scope}/providers/Microsoft.Authorization/locks/all": {"properties": {"level": "ReadOnly"}}}
    found = known(outcome(created(lock, without=[LOCK])))["integrity.store_deletion_blocked"]
    assert found is True


def test_a_new_group_with_everything_in_it() -> None:
    group = {"location": "westeurope", "type": "Microsoft.Resources/resourceGroups"}
    found = outcome(created({GROUP: group}))
    assert outcomes_of(found) == outcomes_of(outcome(created()))


def test_policies_that_are_added_to_a_vault_leave_open_who_uses_its_keys() -> None:
    added = {f"{VAULT}/accessPolicies/add": {"properties": {"accessPolicies": [{"objectId": "x"}]}}}
    vault = {VAULT: {"properties": {**NOW[VAULT]["properties"], "enableRbacAuthorization": False}}}
    said = "the what-if leaves this out"
    assert said in str(store_of(outcome(created({**vault, **added}))).encryption.key_grants)
    assert said not in str(store_of(outcome(created(vault))).encryption.key_grants)


def test_only_what_the_deployment_makes_worse_is_introduced() -> None:
    worse = outcome(changed(having(ACCOUNT, allowSharedKeyAccess=True)), introduced=True)
    found = {each.control.id for each in worse.assessment.findings if each.introduced and each.outcome is FAIL}
    assert {"shared-keys-closed", "protections-kept"} <= found
    same = outcome(changed({}), introduced=True)
    assert not any(each.introduced for each in same.assessment.findings)
    fresh = outcome(created(having(ACCOUNT, allowSharedKeyAccess=True)), introduced=True)
    assert any(each.introduced for each in fresh.assessment.findings if each.control.id == "shared-keys-closed")


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


FAILED = {
    "code": "InvalidTemplateDeployment",
    "message": "The template deployment failed.",
    "details": [
        {"code": "PreflightFailed", "details": [{"code": "StorageNameTaken", "message": "acmelogs is taken."}]}
    ],
}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"changes": "x"}, "no what-if"),
        (result([{"resourceId": ACCOUNT}]), r"changes\[0\]\.changeType: expected a type of change"),
        (result([{"resourceId": ACCOUNT, "changeType": "Explode"}]), "expected a type of change"),
        (result([{"resourceId": "acmelogs", "changeType": "Create"}]), "expected the id of a resource"),
        (result([{"changeType": "Create"}]), "expected the id of a resource"),
        (result([{"resourceId": ACCOUNT, "changeType": "Create", "after": 7}]), "expected an object"),
        (
            {"status": "Failed", "error": FAILED},
            "InvalidTemplateDeployment: The template deployment failed.; StorageName",
        ),
        ({"error": FAILED}, "StorageNameTaken: acmelogs is taken."),
        ({**created(), "status": "Failed"}, "failed, and does not say why"),
        ({**created(), "status": "Running"}, "its status is Running"),
        ({**created(), "error": {"code": "InvalidTemplate"}}, "this what-if failed: InvalidTemplate"),
        ({**created(), "error": {}}, "it does not say why"),
    ],
)
def test_what_is_malformed_or_failed_is_refused_in_the_words_of_azure(body: Free, words: str) -> None:
    with pytest.raises(PlanError, match=words) as refused:
        read(body)
    assert "what-if" in refused.value.message + refused.value.help
    if "terraform" in refused.value.help:
        assert "az deployment group what-if --no-pretty-print" in refused.value.help


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(created())[:-40], "ends too early"),
        (
            "Resource and property changes are indicated with these symbols:\n  + Create\n",
            "as it is printed, not its JSON",
        ),
        ("Note: The result may contain false positive predictions (noise).\n", "as it is printed, not its JSON"),
    ],
)
def test_a_what_if_that_is_no_json_is_told_how_to_be_made(text: str, words: str) -> None:
    with pytest.raises(PlanError, match=words) as refused:
        parse_plan(text.encode(), "what-if.json")
    assert refused.value.help.startswith("write it with `az deployment group what-if --no-pretty-print`")


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
