"""Stores that no resource of a plan makes, and of which its resources set something."""

from __future__ import annotations

import pytest

from posture.model.assessment import SubjectInfo
from posture.model.facts import Unknown
from posture.model.logic import Outcome
from posture.model.subjects import About, LogStore
from posture.planning import Asked, PlanOutcome, nothing_to_check
from posture.terraform.plan import Plan
from tests.planning.estate import (
    ALLOW,
    BLOCK,
    BUCKET,
    NO_CLEAR_TEXT,
    NOW,
    POLICY,
    VERSIONING,
    changed,
    changing,
    judged,
    outcomes,
    policy,
    row,
)
from tests.terraform.plans import Free, change, module, planned, read, refs, written

EVERY = Asked(everything=True)
URI = "s3://acme-logs"
DATA = "data.aws_s3_bucket.logs"
REFUSES = "bucket-refuses-public-policy"
PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-logs/*"}


def made(address: str, **values: Free) -> Free:
    return change(address, {**{key: value for key, value in NOW[address].items() if key != "id"}, **values}, ["id"])


def read_before(name: str = "acme-logs") -> Free:
    """A data source that was read before the plan, as `prior_state` holds it."""
    values = {"bucket": name, "id": name, "arn": f"arn:aws:s3:::{name}", "region": "eu-west-1"}
    resource = {"address": DATA, "mode": "data", "type": "aws_s3_bucket", "name": "logs", "values": values}
    return {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}


def stores(outcome: PlanOutcome) -> list[SubjectInfo]:
    return [each for each in outcome.assessment.subjects if each.about is About.STORE]


def test_what_a_plan_sets_of_a_bucket_by_name_is_decided_and_the_rest_needs_a_scan() -> None:
    outcome = judged(planned([made(BLOCK)]), EVERY)
    (store,) = stores(outcome)
    assert (store.uri, [place.address for place in store.places]) == (URI, [BLOCK])
    assert row(outcome, REFUSES).outcome is Outcome.PASS
    assert row(outcome, "versioning-enabled").outcome is Outcome.UNKNOWN
    (store_record,) = (each.record for each in outcome.subjects if isinstance(each.record, LogStore))
    fact = store_record.integrity.versioning
    assert isinstance(fact, Unknown)
    assert "--context" in fact.needs


def test_the_bucket_is_no_subject_until_it_is_named_or_delivered_to() -> None:
    assert not stores(judged(planned([made(BLOCK)])))
    assert [each.uri for each in stores(judged(planned([made(BLOCK)]), Asked(stores=(URI,))))] == [URI]


def test_a_public_policy_on_a_bucket_outside_of_the_plan_fails() -> None:
    open_to_all = {name: False for name in NOW[BLOCK] if name.startswith(("block", "ignore", "restrict"))}
    entries = [made(POLICY, policy=policy(PUBLIC)), made(BLOCK, **open_to_all)]
    assert row(judged(planned(entries), EVERY), REFUSES).outcome is Outcome.FAIL
    assert row(judged(planned(entries), EVERY), "no-public-read").outcome is not Outcome.PASS


def by_data_source(**values: Free) -> Plan:
    """A policy whose bucket is a data source, by its known id or by a reference."""
    block: Free = {**NOW[BLOCK], **values}
    entries = [change(BLOCK, {key: value for key, value in block.items() if value is not None}, ["id", "bucket"])]
    root = module(written(DATA), written(BLOCK, bucket=refs(f"{DATA}.id", DATA)))
    return planned(entries, root, prior_state=read_before())


@pytest.mark.parametrize("bucket", ["acme-logs", None])
def test_a_bucket_by_a_data_source_is_one_store(bucket: str | None) -> None:
    outcome = judged(by_data_source(bucket=bucket), EVERY)
    assert [each.uri for each in stores(outcome)] == [URI]
    assert row(outcome, REFUSES).outcome is Outcome.PASS
    assert row(outcome, "versioning-enabled").outcome is Outcome.UNKNOWN


def test_a_data_source_of_which_nothing_is_set_is_no_store() -> None:
    assert not stores(judged(planned([], prior_state=read_before()), EVERY))


def test_a_delivery_to_a_bucket_outside_of_the_plan_leads_to_what_the_plan_sets_of_it() -> None:
    outcome = judged(changing(without=[BUCKET]), EVERY)
    (store,) = stores(outcome)
    assert store.uri == f"{URI}/audit"
    assert row(outcome, REFUSES).outcome is Outcome.PASS
    assert row(outcome, "versioning-enabled").outcome is Outcome.PASS


def test_a_protection_that_is_taken_from_a_bucket_outside_of_the_plan_is_a_change() -> None:
    gone = change(BLOCK, None, actions=("delete",), before=NOW[BLOCK])
    outcome = judged(planned([gone]), EVERY)
    assert row(outcome, REFUSES).outcome is Outcome.FAIL
    assert row(outcome, "protections-kept").outcome is Outcome.FAIL
    assert outcomes(outcome, "store-not-destroyed") == {f"store-not-destroyed {BLOCK}": Outcome.PASS}


def test_a_bucket_that_is_destroyed_with_what_belongs_to_it_is_not_outside() -> None:
    gone = [change(each, None, actions=("delete",), before=NOW[each]) for each in (BUCKET, POLICY, BLOCK, VERSIONING)]
    assert not stores(judged(planned(gone), EVERY))


def test_what_may_be_a_bucket_of_the_plan_is_not_outside() -> None:
    """The name of the one bucket is known after apply: a policy for a bucket by name may be for that one."""
    nameless = change(BUCKET, {}, ["bucket", "id", "arn"])
    outcome = judged(planned([nameless, made(BLOCK)]), EVERY)
    assert [each.uri for each in stores(outcome)] == [f"s3://({BUCKET})"]
    assert row(outcome, REFUSES).outcome is Outcome.UNKNOWN


def test_a_bucket_outside_is_in_the_account_of_what_sets_it() -> None:
    provider: Free = {
        "provider_config": {
            "x": {"name": "aws", "expressions": {"allowed_account_ids": {"constant_value": ["111122223333"]}}}
        },
        "root_module": module(written(POLICY), written(BLOCK)),
    }
    entries = [made(POLICY, policy=policy(ALLOW, NO_CLEAR_TEXT)), made(BLOCK)]
    outcome = judged(planned(entries, configuration=provider), EVERY)
    (store,) = stores(outcome)
    assert store.account == "111122223333"


def test_the_bucket_of_a_delivery_is_one_subject_also_where_its_address_is_named() -> None:
    assert [each.uri for each in stores(judged(changing(), Asked(stores=(BUCKET,))))] == [f"{URI}/audit"]
    other = judged(changing(), Asked(stores=(f"{URI}/elsewhere",)))
    assert {each.uri for each in stores(other)} == {f"{URI}/audit", f"{URI}/elsewhere"}


def test_a_plan_that_only_sets_something_of_other_buckets_says_how_to_look_at_them() -> None:
    tfplan = planned([made(BLOCK)])
    outcome = judged(tfplan)
    assert (outcome.stores, outcome.assessment.subjects) == (1, ())
    assert "--all-buckets" in nothing_to_check(tfplan, outcome.stores)


def let_go(**changes: Free) -> Plan:
    """A plan that lets the bucket go by a `removed` block, while what belongs to it stays."""
    return read(changed({BUCKET: None, **changes}, actions={BUCKET: ("forget",)}))


def test_a_bucket_that_leaves_terraform_while_its_policy_stays_is_a_store_outside() -> None:
    outcome = judged(let_go())
    (store,) = stores(outcome)
    assert store.uri == f"{URI}/audit"
    assert row(outcome, REFUSES).outcome is Outcome.PASS
    assert row(outcome, "versioning-enabled").outcome is Outcome.PASS
    assert row(outcome, "kept-under-terraform", BUCKET).outcome is Outcome.FAIL
    assert row(outcome, "protections-kept", BUCKET).outcome is Outcome.PASS
    assert row(outcome, "store-not-destroyed", BUCKET).outcome is Outcome.PASS


def test_what_a_plan_weakens_of_a_bucket_that_it_lets_go_fails() -> None:
    off = {name: False for name in NOW[BLOCK] if name.startswith(("block", "ignore", "restrict"))}
    outcome = judged(let_go(**{BLOCK: off}), Asked(introduced=True))
    found = row(outcome, REFUSES)
    assert (found.outcome, found.introduced) == (Outcome.FAIL, True)


def secret(address: str, **values: Free) -> Free:
    """A satellite whose bucket is marked sensitive."""
    entry = made(address, **values)
    entry["change"]["after_sensitive"] = {"bucket": True}
    return entry


def test_a_bucket_whose_name_is_secret_has_its_row_without_the_name() -> None:
    outcome = judged(planned([secret(BLOCK), secret(POLICY)]), EVERY)
    (store,) = stores(outcome)
    assert store.uri in {f"s3://({each}.bucket)" for each in (BLOCK, POLICY)}
    assert row(outcome, REFUSES).outcome is Outcome.PASS
    (block_only,) = stores(judged(planned([secret(BLOCK)]), EVERY))
    assert "acme-logs" not in str(block_only)


def test_two_resources_of_one_secret_name_are_of_one_bucket_and_of_two_names_of_two() -> None:
    other = secret(VERSIONING, bucket="acme-others")
    assert len(stores(judged(planned([secret(BLOCK), secret(POLICY), other]), EVERY))) == 2


def test_a_failure_that_was_there_is_not_introduced_by_letting_the_bucket_go() -> None:
    rows = judged(let_go(), Asked(introduced=True)).assessment.findings
    assert {each.control.id for each in rows if each.counts and each.outcome is Outcome.FAIL} == {
        "kept-under-terraform"
    }
