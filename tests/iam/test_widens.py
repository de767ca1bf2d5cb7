"""Whether a change of policy lets anybody do more, with the request that shows it."""

from typing import Any

import pytest

from posture.iam import Answer, Change, allows, widens
from tests.iam.build import BOTH, BUCKET, FRIEND, NOW, ORG, OTHER, OWNER, allow, deny, policy

ROLE = f"arn:aws:iam::{FRIEND}:role/reader"


def when(operator: str, key: str, value: object) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


WIDER = {
    "from nothing": ([], [allow()]),
    "role to account": ([allow({"AWS": ROLE})], [allow({"AWS": FRIEND})]),
    "another account": ([allow({"AWS": FRIEND})], [allow({"AWS": [FRIEND, OTHER]})]),
    "account to everyone": ([allow({"AWS": FRIEND})], [allow()]),
    "one more action": ([allow()], [allow(action=["s3:GetObject", "s3:PutObject"])]),
    "wider prefix": ([allow(resource=f"{BUCKET}/a/*")], [allow(resource=f"{BUCKET}/a*")]),
    "deny removed": ([allow(), deny()], [allow()]),
    "condition removed": ([allow(**when("StringEquals", "aws:PrincipalOrgID", ORG))], [allow()]),
    "wider block": (
        [allow(**when("IpAddress", "aws:SourceIp", "203.0.113.0/25"))],
        [allow(**when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))],
    ),
    "equals to like": (
        [allow(**when("StringEquals", "aws:UserAgent", "a*"))],
        [allow(**when("StringLike", "aws:UserAgent", "a*"))],
    ),
    "if exists": (
        [allow(**when("StringEquals", "aws:PrincipalOrgID", ORG))],
        [allow(**when("StringEqualsIfExists", "aws:PrincipalOrgID", ORG))],
    ),
    "service": ([allow({"AWS": FRIEND})], [allow({"AWS": FRIEND}), allow({"Service": "logs.amazonaws.com"})]),
}


@pytest.mark.parametrize(("old", "new"), WIDER.values(), ids=WIDER.keys())
def test_wider_and_not_back(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    options: dict[str, Any] = {"owner": OWNER, "organisation": ORG, "resource": BUCKET, "now": NOW}
    answer = widens(policy(*old), policy(*new), **options)
    assert answer.change is Change.WIDENS
    assert answer.witness is not None
    assert allows(policy(*new), answer.witness, owner=OWNER, organisation=ORG).answer is Answer.ALLOWED
    assert allows(policy(*old), answer.witness, owner=OWNER, organisation=ORG).answer is Answer.DENIED
    back = widens(policy(*new), policy(*old), **options)
    assert (back.change, back.witness) == (Change.NEVER, None)
    assert back.effort.scenarios >= 0


SAME = {
    "split statement": (
        [allow(action=["s3:GetObject", "s3:PutObject"])],
        [allow(action="s3:GetObject"), allow(action="s3:PutObject")],
    ),
    "other spelling of the account": ([allow({"AWS": FRIEND})], [allow({"AWS": f"arn:aws:iam::{FRIEND}:root"})]),
    "two halves of an address block": (
        [allow(**when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))],
        [allow(**when("IpAddress", "aws:SourceIp", ["203.0.113.0/25", "203.0.113.128/25"]))],
    ),
    "deny instead of condition": (
        [allow(**when("Bool", "aws:SecureTransport", "true"))],
        [allow(), deny(**when("Bool", "aws:SecureTransport", "false"))],
    ),
    "order and case": (
        [allow(action="s3:GetObject"), deny(action="s3:Put*")],
        [deny(action="S3:put*"), allow(action="s3:getobject")],
    ),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME.keys())
def test_equal_policies_do_not_widen_each_other(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    for first, second in ((old, new), (new, old)):
        assert widens(policy(*first), policy(*second), owner=OWNER, now=NOW).change is Change.NEVER


def test_an_odd_part_is_the_same_unknown_in_both() -> None:
    odd = allow(**when("StringEqualz", "aws:UserAgent", "x"))
    assert widens(policy(odd), policy(odd)).change is Change.NEVER
    assert widens(policy(deny(resource=BOTH)), policy(odd)).change is Change.UNDETERMINED
    assert widens(policy(odd), policy()).change is Change.NEVER
    assert widens(policy(odd), policy(odd, allow(action="s3:PutObject"))).change is Change.WIDENS


def test_other_services() -> None:
    old = policy(allow({"AWS": FRIEND}, action="kms:Decrypt", resource="*"))
    new = policy(allow({"AWS": FRIEND}, action="kms:*", resource="*"))
    answer = widens(old, new)
    assert answer.change is Change.WIDENS
    assert answer.witness is not None
    assert answer.witness.action.startswith("kms:")
    assert widens(new, old).change is Change.NEVER
