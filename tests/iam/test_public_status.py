"""AWS's documented "public" bit, statement by statement; it looks at grants only."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.iam import Publicness, is_public, names_whom_it_lets_in, parse
from tests.iam.build import FRIEND, ORG, OWNER, allow, deny, policy
from tests.iam.strategies import statements

PUBLIC, PRIVATE, OPEN = Publicness.PUBLIC, Publicness.NOT_PUBLIC, Publicness.UNDETERMINED


def when(operator: str, key: str, value: object) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


WRITER = f"arn:aws:iam::{OWNER}:role/writer"
POINT = f"arn:aws:s3:eu-west-1:{OWNER}:accesspoint/*"
ROWS: dict[str, tuple[dict[str, Any], Publicness]] = {
    "everyone": (allow(), PUBLIC),
    "federated": (allow({"Federated": "graph.facebook.com"}), PUBLIC),
    "account": (allow({"AWS": FRIEND}), PRIVATE),
    "service": (allow({"Service": "logs.amazonaws.com"}), PRIVATE),
    "not principal": (
        {**{k: v for k, v in allow().items() if k != "Principal"}, "NotPrincipal": {"AWS": FRIEND}},
        PUBLIC,
    ),
    "fixed network": (allow(**when("StringEquals", "aws:SourceVpc", "vpc-91237329")), PRIVATE),
    "wildcard network": (allow(**when("StringLike", "aws:SourceVpc", "vpc-*")), PUBLIC),
    "organisation": (allow(**when("StringEquals", "aws:PrincipalOrgID", ORG)), PRIVATE),
    "organisation if exists": (allow(**when("StringEqualsIfExists", "aws:PrincipalOrgID", ORG)), PUBLIC),
    "negated": (allow(**when("StringNotEquals", "aws:PrincipalOrgID", ORG)), PUBLIC),
    "variable": (allow(**when("StringEquals", "aws:SourceVpc", "${aws:PrincipalTag/vpc}")), PUBLIC),
    "block": (allow(**when("IpAddress", "aws:SourceIp", "203.0.113.0/24")), PRIVATE),
    "wide block": (allow(**when("IpAddress", "aws:SourceIp", "128.0.0.0/7")), PUBLIC),
    "wide among narrow": (allow(**when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "0.0.0.0/1"])), PUBLIC),
    "wide IPv6": (allow(**when("IpAddress", "aws:SourceIp", "2001::/16")), PUBLIC),
    "user agent": (allow(**when("StringEquals", "aws:UserAgent", "x")), PUBLIC),
    "source account": (allow(**when("StringEquals", "aws:SourceAccount", OWNER)), PRIVATE),
    "access point account": (allow(**when("StringEquals", "s3:DataAccessPointAccount", OWNER)), PRIVATE),
    "access point names": (allow(**when("ArnLike", "s3:DataAccessPointArn", POINT)), PRIVATE),
    "user id": (allow(**when("StringEquals", "aws:userid", "AIDAEXAMPLEID")), PRIVATE),
    "session of a role id": (allow(**when("StringLike", "aws:userid", "AROAEXAMPLEID:*")), OPEN),
    "principal ARN": (allow(**when("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{FRIEND}:role/r")), OPEN),
    "odd operator": (allow(**when("StringEqualz", "aws:SourceVpc", "vpc-1")), OPEN),
}


@pytest.mark.parametrize(("statement", "expected"), ROWS.values(), ids=ROWS.keys())
def test_rows(statement: dict[str, Any], expected: Publicness) -> None:
    assert is_public(policy(statement)).status is expected


def test_one_public_statement_makes_the_policy_public() -> None:
    status = is_public(policy(allow({"AWS": FRIEND}), allow()))
    assert (status.status, status.statements) == (PUBLIC, (1,))


def test_a_deny_that_may_cancel_the_grant_is_not_documented() -> None:
    assert is_public(policy(allow(), deny())).status is OPEN
    assert is_public(policy(allow({"AWS": FRIEND}), deny())).status is PRIVATE


def test_names_with_wildcards_are_public_in_an_access_point_policy() -> None:
    statement = allow(**when("ArnLike", "s3:DataAccessPointArn", POINT))
    assert is_public(policy(statement), kind="access_point").status is PUBLIC


def test_unreadable_is_open() -> None:
    assert is_public("{").status is OPEN


@pytest.mark.parametrize(
    ("written", "named"),
    [
        (
            [allow({"AWS": [FRIEND, f"arn:aws:iam::{OWNER}:role/writer"]}), allow({"Service": "logs.amazonaws.com"})],
            True,
        ),
        ([allow({"CanonicalUser": "a" * 64}), deny()], True),
        ([], True),
        ([allow({"AWS": FRIEND}), allow()], False),
        ([allow({"AWS": [FRIEND, "*"]})], False),
        ([allow(**when("StringEquals", "aws:PrincipalOrgID", ORG))], False),
        ([allow({"Federated": "graph.facebook.com"})], False),
        ([allow({"AWS": "arn:aws:iam::*:role/writer"})], False),
        ([ROWS["not principal"][0]], False),
    ],
)
def test_whether_a_policy_names_whom_it_lets_in(written: list[dict[str, Any]], named: bool) -> None:  # noqa: FBT001 - parametrised
    assert names_whom_it_lets_in(parse(policy(*written))) is named


def test_what_cannot_be_read_names_nobody() -> None:
    assert not names_whom_it_lets_in(parse("{"))


@given(st.lists(statements(), max_size=3))
def test_what_names_whom_it_lets_in_is_not_public_for_sure(written: list[dict[str, Any]]) -> None:
    read = parse({"Version": "2012-10-17", "Statement": written})
    if names_whom_it_lets_in(read):
        assert is_public(read).status is PRIVATE
