"""What counts with --introduced: what the plan makes worse, and nothing that was as bad before."""

from __future__ import annotations

import pytest

from posture.model.logic import Outcome
from posture.planning import Asked, PlanOutcome
from posture.terraform.plan import Plan
from tests.planning.estate import (
    ALLOW,
    BUCKET,
    KEY,
    KEY_ARN,
    NO_CLEAR_TEXT,
    NOW,
    POLICY,
    ROLE,
    VERSIONING,
    changing,
    judged,
    policy,
    row,
)
from tests.terraform.plans import change, planned, read

STRANGER = {**ALLOW, "Principal": {"AWS": "arn:aws:iam::999988887777:role/stranger"}}
GREATER = {**STRANGER, "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]}


def introduced(tfplan: Plan) -> PlanOutcome:
    return judged(tfplan, Asked(introduced=True))


def counting(outcome: PlanOutcome) -> set[str]:
    """The controls of the rows that have a say."""
    bad = (Outcome.FAIL, Outcome.UNKNOWN)
    return {each.control.id for each in outcome.assessment.findings if each.counts and each.outcome in bad}


def test_what_was_as_bad_before_does_not_count() -> None:
    outcome = introduced(changing())
    assert judged(changing()).assessment.exit_code == 1
    assert outcome.assessment.exit_code == 0
    assert counting(outcome) == set()
    assert any(each.outcome is Outcome.FAIL for each in outcome.assessment.findings), "it stays visible"


def test_what_the_plan_makes_worse_counts() -> None:
    outcome = introduced(changing({VERSIONING: {"versioning_configuration": [{"status": "Suspended"}]}}))
    assert outcome.assessment.exit_code == 1
    assert {"versioning-enabled", "protections-kept"} <= counting(outcome)
    assert "encrypted-with-customer-key" not in counting(outcome)


def test_everything_about_a_new_store_counts() -> None:
    tfplan = planned([change(address, after) for address, after in NOW.items()])
    bad = (Outcome.FAIL, Outcome.UNKNOWN)
    everything = {each.control.id for each in judged(tfplan).assessment.findings if each.outcome in bad}
    assert counting(introduced(tfplan)) == everything


@pytest.mark.parametrize(("address", "attribute"), [(POLICY, "policy"), (KEY, "policy")])
def test_a_failure_that_was_there_counts_when_its_policy_widens(address: str, attribute: str) -> None:
    def with_grants(former: str, present: str) -> Plan:
        entries = []
        for each, values in NOW.items():
            old, new = ({**values, attribute: text} for text in (former, present))
            touched = each == address
            before, after = (old, new) if touched else (values, values)
            entries.append(change(each, after, actions=("update",) if touched else ("no-op",), before=before))
        return planned(entries)

    own = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"}
    key = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "kms:Decrypt", "Resource": "*"}
    wider_key = {**key, "Action": ["kms:Decrypt", "kms:ScheduleKeyDeletion"]}
    if address == KEY:
        former, same, wider = policy(own, key), policy(key, own), policy(own, wider_key)
        control = "encryption-key-closed-to-outsiders"
    else:
        former = policy(STRANGER, NO_CLEAR_TEXT)
        same, wider = policy(NO_CLEAR_TEXT, STRANGER), policy(GREATER, NO_CLEAR_TEXT)
        control = "no-reading-from-outside"
    kept, widened = introduced(with_grants(former, same)), introduced(with_grants(former, wider))
    assert row(kept, control).outcome is row(widened, control).outcome is Outcome.FAIL
    assert control not in counting(kept)
    assert control in counting(widened)


def test_a_change_that_is_there_for_long_does_not_count_again() -> None:
    estate = {**NOW, BUCKET: {**NOW[BUCKET], "force_destroy": True}}
    entries = [change(address, values, actions=("no-op",), before=values) for address, values in estate.items()]
    outcome = introduced(planned(entries))
    assert row(outcome, "store-not-emptied-by-terraform").outcome is Outcome.FAIL
    assert outcome.assessment.exit_code == 0


def test_a_plan_that_leaves_its_changes_out_has_everything_introduced() -> None:
    resources = [{**change(address), "values": values} for address, values in NOW.items()]
    body = {"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}}
    outcome = introduced(read(body))
    assert "object-lock-enabled" in counting(outcome)
    assert outcome.assessment.exit_code == 1


DOOR = "aws_s3_access_point.door"
MANY = "aws_s3control_multi_region_access_point_policy.many"
AT_DOOR = "arn:aws:s3:eu-west-1:111122223333:accesspoint/door"
WORSE = "no-reading-from-outside"
DELEGATES = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::acme-logs", "arn:aws:s3:::acme-logs/*"],
    "Condition": {"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}},
}


def through(*actions: str) -> str:
    return policy({**STRANGER, "Action": list(actions), "Resource": f"{AT_DOOR}/object/*"})


def beside_strangers(address: str, before: object, after: object) -> PlanOutcome:
    """A bucket that strangers can read already, and something beside it that changes."""
    estate = {**NOW, POLICY: {**NOW[POLICY], "policy": policy(STRANGER, NO_CLEAR_TEXT, DELEGATES)}}
    entries = [change(each, values, actions=("no-op",), before=values) for each, values in estate.items()]
    actions = ("create",) if before is None else ("update",)
    return introduced(planned([*entries, change(address, after, actions=actions, before=before)]))  # type: ignore[arg-type]


def door(text: str, vpc: str = "") -> dict[str, object]:
    network = [{"vpc_id": vpc}] if vpc else []
    return {"bucket": "acme-logs", "name": "door", "arn": AT_DOOR, "policy": text, "vpc_configuration": network}


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        (door(through("s3:GetObject", "s3:PutObject")), door(through("s3:GetObject")), False),
        (door(through("s3:GetObject")), door(through("s3:GetObject", "s3:PutObject")), True),
        (door(through("s3:GetObject"), "vpc-1"), door(through("s3:GetObject")), True),
        (None, door(through("s3:GetObject")), True),
        (None, door(""), False),
    ],
)
def test_an_access_point_that_lets_in_more_counts(before: object, after: object, *, wider: bool) -> None:
    outcome = beside_strangers(DOOR, before, after)
    assert row(outcome, WORSE).outcome is Outcome.FAIL
    assert (WORSE in counting(outcome)) is wider


@pytest.mark.parametrize("wider", [True, False])
def test_a_policy_of_a_multi_region_access_point_counts_where_it_lets_in_more(*, wider: bool) -> None:
    texts = [through("s3:GetObject"), through("s3:GetObject", "s3:PutObject")]
    before, after = texts if wider else reversed(texts)
    sides = [{"details": [{"name": "many", "policy": text}]} for text in (before, after)]
    outcome = beside_strangers(MANY, *sides)
    assert row(outcome, WORSE).outcome is Outcome.FAIL
    assert (WORSE in counting(outcome)) is wider


def test_a_new_multi_region_access_point_may_lead_anywhere() -> None:
    outcome = beside_strangers("aws_s3control_multi_region_access_point.many", None, {"details": [{"name": "many"}]})
    assert WORSE in counting(outcome)


@pytest.mark.parametrize("wider", [True, False])
def test_a_grant_of_a_key_counts_where_it_is_new(*, wider: bool) -> None:
    stranger = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "kms:Decrypt", "Resource": "*"}
    own = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"}
    estate = {**NOW, KEY: {**NOW[KEY], "policy": policy(own, stranger)}}
    entries = [change(each, values, actions=("no-op",), before=values) for each, values in estate.items()]
    given = {"key_id": KEY_ARN, "grantee_principal": "arn:aws:iam::888877776666:role/x", "operations": ["Decrypt"]}
    new = change(
        "aws_kms_grant.x", given, actions=("create",) if wider else ("no-op",), before=None if wider else given
    )
    outcome = introduced(planned([*entries, new]))
    control = "encryption-key-closed-to-outsiders"
    assert row(outcome, control).outcome is Outcome.FAIL
    assert (control in counting(outcome)) is wider
