"""What a plan takes away: a row fails for what is lost, and for nothing else."""

from __future__ import annotations

import pytest

from posture.estate.losses import GUARDS
from posture.model.logic import Outcome
from posture.model.subjects import About
from posture.planning import Asked
from posture.policy.vocabulary import vocabulary
from posture.terraform.plan import Plan
from tests.planning.estate import (
    ALLOW,
    BLOCK,
    BUCKET,
    DELIVERY,
    KEY,
    LIFECYCLE,
    NOW,
    POLICY,
    VERSIONING,
    changing,
    judged,
    outcomes,
    policy,
    row,
)
from tests.terraform.plans import Free, change, planned

FAIL, PASS = Outcome.FAIL, Outcome.PASS
REPLACED = ("delete", "create")


def lifecycle(**days: int) -> Free:
    rule: Free = {"id": "old", "status": "Enabled", "filter": [{"prefix": ""}], "expiration": []}
    if "current" in days:
        rule["expiration"] = [{"days": days["current"]}]
    if "older" in days:
        rule["noncurrent_version_expiration"] = [{"noncurrent_days": days["older"]}]
    return {LIFECYCLE: {"rule": [rule]}}


CASES: dict[str, tuple[Plan, str, str]] = {
    "the bucket is destroyed": (changing({BUCKET: None}), "store-not-destroyed", BUCKET),
    "the bucket is replaced": (changing(actions={BUCKET: REPLACED}), "store-not-destroyed", BUCKET),
    "the key is destroyed": (changing({KEY: None}), "key-not-destroyed", BUCKET),
    "the key is replaced": (changing(actions={KEY: ("create", "delete")}), "key-not-destroyed", BUCKET),
    "it may be emptied": (changing({BUCKET: {"force_destroy": True}}), "store-not-emptied-by-terraform", BUCKET),
    "the delivery is destroyed": (changing({DELIVERY: None}), "delivery-not-stopped", DELIVERY),
    "the delivery is disabled": (changing({DELIVERY: {"status": "DISABLED"}}), "delivery-not-stopped", DELIVERY),
    "the delivery is narrowed": (
        changing({DELIVERY: {"workspace_ids_filter": [7]}}, actions={DELIVERY: REPLACED}),
        "delivery-not-narrowed",
        DELIVERY,
    ),
    "logs go earlier": (changing(lifecycle(current=30, older=800)), "retention-not-shortened", BUCKET),
    "older versions go earlier": (changing(lifecycle(current=800, older=1)), "retention-not-shortened", BUCKET),
    "versioning is suspended": (
        changing({VERSIONING: {"versioning_configuration": [{"status": "Suspended"}]}}),
        "protections-kept",
        BUCKET,
    ),
    "clear text is let in": (changing({POLICY: {"policy": policy(ALLOW)}}), "protections-kept", BUCKET),
    "a public access flag is off": (changing({BLOCK: {"block_public_policy": False}}), "protections-kept", BUCKET),
    "the public access block is destroyed": (changing({BLOCK: None}), "protections-kept", BUCKET),
    "somebody changed it by hand": (
        changing(
            resource_drift=[
                change(VERSIONING, {"versioning_configuration": []}, actions=("update",), before=NOW[VERSIONING])
            ]
        ),
        "nothing-changed-outside-terraform",
        BUCKET,
    ),
}


def test_every_guard_is_a_fact_of_a_store() -> None:
    assert {guard.path for guard in GUARDS} <= set(vocabulary(About.STORE).fields)


def test_a_plan_without_changes_takes_nothing_away() -> None:
    found = outcomes(judged(changing()))
    assert set(found.values()) == {PASS}
    assert {name.split()[1] for name in found} == {BUCKET, DELIVERY}


@pytest.mark.parametrize(("tfplan", "control", "subject"), CASES.values(), ids=CASES)
def test_what_is_taken_away_fails(tfplan: Plan, control: str, subject: str) -> None:
    found = row(judged(tfplan), control, subject)
    assert found.outcome is FAIL, found.evidence
    assert found.places[0].address
    others = outcomes(judged(tfplan))
    failed = {name for name, outcome in others.items() if outcome is FAIL}
    assert failed == {f"{control} {subject}"}


@pytest.mark.parametrize(
    "tfplan",
    [
        changing(lifecycle(current=900, older=900)),
        changing({LIFECYCLE: None}),
        changing({BUCKET: {"tags": {"team": "security"}}}),
        changing({DELIVERY: {"status": "ENABLED"}}),
        changing({POLICY: {"policy": NOW[BUCKET]["policy"]}}),
    ],
    ids=["longer", "for ever", "a tag", "the same status", "the same policy"],
)
def test_what_takes_nothing_away_passes(tfplan: Plan) -> None:
    assert FAIL not in outcomes(judged(tfplan)).values()


def test_what_is_not_known_after_is_not_called_removed() -> None:
    unknown = change(POLICY, {"bucket": "acme-logs"}, ["policy"], actions=("update",), before=NOW[POLICY])
    rest = [each for each in _entries() if each["address"] != POLICY]
    found = row(judged(planned([*rest, unknown])), "protections-kept", BUCKET)
    assert found.outcome is Outcome.UNKNOWN
    assert any("tls" in seen.item for seen in found.deciding)


def test_a_new_store_loses_nothing_but_may_be_emptied() -> None:
    entries = [change(address, {**after, "force_destroy": True}) for address, after in NOW.items()]
    found = outcomes(judged(planned(entries)))
    assert {name.split()[0] for name, outcome in found.items() if outcome is FAIL} == {"store-not-emptied-by-terraform"}
    assert Outcome.UNKNOWN not in found.values()


def test_a_stopped_delivery_leaves_a_store_of_logs() -> None:
    outcome = judged(changing({DELIVERY: None}))
    assert "s3://acme-logs/audit" in {subject.uri for subject in outcome.assessment.subjects}


def test_a_store_that_no_delivery_fills_any_more_is_still_checked() -> None:
    moved = changing({DELIVERY: {"delivery_path_prefix": "elsewhere"}}, actions={DELIVERY: REPLACED})
    uris = {subject.uri for subject in judged(moved).assessment.subjects}
    assert {"s3://acme-logs/audit", "s3://acme-logs/elsewhere"} <= uris


def test_bills_are_no_audit_logs() -> None:
    bills = changing({DELIVERY: {"log_type": "BILLABLE_USAGE"}}, without=[])
    found = outcomes(judged(bills))
    assert f"delivery-not-stopped {DELIVERY}" in found, "it delivered audit logs before"


FORGET = ("forget",)
STAYS = "kept-under-terraform"


BESIDE = tuple(each for each in NOW if each.startswith("aws_s3_bucket_"))


def test_a_bucket_that_leaves_terraform_with_all_beside_it_is_a_change_and_no_store() -> None:
    actions = dict.fromkeys((BUCKET, DELIVERY, *BESIDE), FORGET)
    outcome = judged(changing(actions=actions), Asked(everything=True))
    assert not [each.uri for each in outcome.assessment.subjects if each.about is About.STORE]
    for address in (BUCKET, DELIVERY):
        found = {name.split()[0] for name, result in outcomes(outcome).items() if name.endswith(address)}
        failing = {name.split()[0] for name, result in outcomes(outcome).items() if result is FAIL}
        assert STAYS in found
        assert failing == {STAYS}, "it is neither destroyed nor stopped"


def test_a_delivery_into_a_forgotten_bucket_leads_to_a_store_that_no_plan_knows() -> None:
    outcome = judged(changing(actions=dict.fromkeys((BUCKET, *BESIDE), FORGET)))
    (store,) = (each for each in outcome.assessment.subjects if each.about is About.STORE)
    rows = [each for each in outcome.assessment.findings if each.subject.uri == store.uri]
    assert store.uri == "s3://acme-logs/audit"
    assert next(each for each in rows if each.control.id == "versioning-enabled").outcome is Outcome.UNKNOWN


def test_a_forgotten_delivery_decides_nothing() -> None:
    outcome = judged(changing(actions={DELIVERY: FORGET}))
    assert row(outcome, "audit-log-delivery-enabled").outcome is Outcome.UNKNOWN
    assert row(outcome, "delivery-not-stopped", DELIVERY).outcome is PASS


@pytest.mark.parametrize("address", [BLOCK, KEY, POLICY, VERSIONING])
def test_what_protects_a_bucket_and_leaves_terraform_is_named(address: str) -> None:
    found = row(judged(changing(actions={address: FORGET})), STAYS, BUCKET)
    assert found.outcome is FAIL
    assert address in {source.operation for seen in found.deciding for source in seen.sources}


def test_letting_go_takes_no_protection_away() -> None:
    outcome = judged(changing(actions={BLOCK: FORGET}))
    assert row(outcome, "protections-kept", BUCKET).outcome is PASS
    unknown = row(judged(changing({KEY: None}, actions={BLOCK: FORGET})), "protections-kept", BUCKET)
    assert unknown.outcome is not PASS


def test_a_bucket_that_is_replaced_and_let_go_leaves_with_its_logs() -> None:
    found = judged(changing({BUCKET: {"bucket": "acme-logs-2"}}, actions={BUCKET: ("create", "forget")}))
    assert row(found, STAYS, BUCKET).outcome is FAIL


def _entries() -> list[Free]:
    return [change(address, after, actions=("no-op",), before=after) for address, after in NOW.items()]


def drifting(*drifted: Free) -> Plan:
    return changing(resource_drift=list(drifted))


def test_a_bucket_that_shows_the_policy_of_a_resource_beside_it_was_not_changed_outside() -> None:
    found = outcomes(judged(drifting(shows(policy="{}"))))
    assert found[f"nothing-changed-outside-terraform {BUCKET}"] is PASS


def test_a_setting_that_no_resource_of_the_plan_sets_was_changed_outside() -> None:
    found = row(judged(drifting(shows(policy="{}", website=[{}]))), "nothing-changed-outside-terraform", BUCKET)
    assert found.outcome is FAIL


def test_a_policy_that_is_changed_by_hand_is_found_at_the_resource_that_sets_it() -> None:
    by_hand = change(POLICY, {**NOW[POLICY], "policy": "{}"}, actions=("update",), before=NOW[POLICY])
    found = row(judged(drifting(shows(policy="{}"), by_hand)), "nothing-changed-outside-terraform", BUCKET)
    assert found.outcome is FAIL


def test_a_change_made_outside_is_not_introduced_by_the_plan() -> None:
    tfplan = drifting(shows(website=[{}]))
    found = row(judged(tfplan, Asked(introduced=True)), "nothing-changed-outside-terraform", BUCKET)
    assert (found.outcome, found.introduced) == (FAIL, False)


def shows(**attributes: Free) -> Free:
    """The bucket as Terraform finds it again, with attributes that it did not have."""
    return change(BUCKET, {**NOW[BUCKET], **attributes}, actions=("update",), before=NOW[BUCKET])
