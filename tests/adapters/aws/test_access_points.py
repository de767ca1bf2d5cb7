"""Access points: other doors to a bucket, of our own account and of others, and what its policy leaves to them."""

from __future__ import annotations

import pytest

from posture.adapters.aws import calls
from posture.adapters.aws.multi_region_calls import LIST_MULTI_REGION_ACCESS_POINTS
from posture.model.facts import Reason
from posture.reading import Call, Json
from tests.adapters.aws.access_world import (
    ARN,
    ENFORCED,
    FLAGS,
    STRANGER,
    WRITER,
    access_point,
    allow,
    at_point,
    blocked,
    limits,
    policy,
    row,
    rows,
    seen,
    when,
)
from tests.adapters.aws.recorded import ACCOUNT, value

TO_OUR_POINTS = policy(allow("*", **when(StringEquals={"s3:DataAccessPointAccount": ACCOUNT})))
POINT = at_point("side")
ALL_OF_IT = [POINT, f"{POINT}/object/*"]


def to_point(name: str) -> dict[str, Json]:
    return when(StringEquals={"s3:DataAccessPointArn": at_point(name)})


def test_what_is_left_to_our_points_is_left_to_nobody_where_there_are_none() -> None:
    found = seen(TO_OUR_POINTS, ENFORCED)
    assert (found.grants.items, found.grants.gaps) == ((), ())


@pytest.mark.parametrize("unread", [calls.LIST_ACCESS_POINTS, LIST_MULTI_REGION_ACCESS_POINTS])
def test_what_is_left_to_points_that_nobody_listed_is_open_and_neither_public_nor_safe(unread: Call) -> None:
    for door in (TO_OUR_POINTS, policy(allow("*", **to_point("side")))):
        found = seen(door, ENFORCED, {unread: Reason.DENIED})
        assert found.grants.items == ()
        assert {gap.limits for gap in found.grants.gaps} == {(("action", ("read",)),)}  # a point may let in anybody
        assert {gap.unknown.reason for gap in found.grants.gaps} == {Reason.DENIED}
        assert {gap.unknown.reason for gap in found.exposure.access_points.gaps} == {Reason.DENIED}


def test_a_policy_that_names_its_points_leaves_nothing_to_others() -> None:
    listed, made = access_point("side", allow(WRITER, resource=ALL_OF_IT))
    found = seen(policy(allow("*", **to_point("side"))), ENFORCED, listed, more=made)
    assert rows(found) == {(WRITER, "read", "own")}
    assert found.grants.gaps == ()
    (grant,) = found.grants.items
    assert value(grant.bound) == "via_access_point"
    assert value(grant.via) == "access point side; bucket policy /Statement/0; policy of access point side /Statement/0"
    (point,) = found.exposure.access_points.items
    assert (value(point.name), value(point.vpc_only), value(point.widens)) == ("side", False, False)


@pytest.mark.parametrize(
    ("principal", "expected", "widens"),
    [
        (STRANGER, {(STRANGER, "read", "outside")}, True),
        ("*", {("anonymous", "read", "public"), ("any_account", "read", "public")}, True),
        (WRITER, {(WRITER, "read", "own")}, False),
        ("414351767826", {("414351767826", "read", "vendor")}, False),
    ],
)
def test_a_point_lets_in_whom_both_policies_allow(
    principal: str,
    expected: set[tuple[str, str, str]],
    widens: bool,  # noqa: FBT001 - parametrised
) -> None:
    listed, made = access_point("side", allow(principal, resource=ALL_OF_IT), on=())
    found = seen(policy(allow("*", **to_point("side"))), ENFORCED, listed, more=made)
    assert rows(found) == expected
    assert [value(point.widens) for point in found.exposure.access_points.items] == [widens]


def test_a_point_without_a_policy_lets_nobody_in() -> None:
    listed, made = access_point("side", said="NoSuchAccessPointPolicy")
    found = seen(policy(allow("*", **to_point("side"))), ENFORCED, listed, more=made)
    assert (found.grants.items, found.grants.gaps) == ((), ())


def test_a_point_alone_opens_nothing_that_the_bucket_does_not_leave_to_it() -> None:
    listed, made = access_point("side", allow("*", resource=ALL_OF_IT), on=())
    found = seen(policy(allow(WRITER)), ENFORCED, listed, more=made)
    assert rows(found) == {(WRITER, "read", "own")}
    assert [value(point.widens) for point in found.exposure.access_points.items] == [False]


def test_nobody_is_told_twice_who_gets_in_by_the_front_door() -> None:
    listed, made = access_point("side", allow(STRANGER, resource=ALL_OF_IT))
    found = seen(policy(allow(STRANGER), allow("*", **to_point("side"))), ENFORCED, listed, more=made)
    assert [(row(grant), str(value(grant.bound))) for grant in found.grants.items] == [
        ((STRANGER, "read", "outside"), "anywhere")
    ]


def test_a_point_behind_a_vpc_bounds_to_that_network_and_its_policy_is_never_public() -> None:
    listed, made = access_point("side", allow("*", resource=ALL_OF_IT), vpc="vpc-1", public=True)
    found = seen(policy(allow("*", **to_point("side"))), ENFORCED, listed, more=made)
    assert {(row(grant)[2], str(value(grant.bound))) for grant in found.grants.items} == {("public", "named_network")}
    assert [value(point.vpc_only) for point in found.exposure.access_points.items] == [True]


def test_a_public_point_is_cut_by_its_own_flags_and_by_those_of_the_bucket() -> None:
    for on, bucket in ((["RestrictPublicBuckets"], ()), ((), ["RestrictPublicBuckets"])):
        listed, made = access_point("side", allow("*", resource=ALL_OF_IT), on=on, public=True)
        found = seen(policy(allow("*", **to_point("side"))), ENFORCED, blocked(bucket), listed, more=made)
        assert {scope for _, _, scope in rows(found)} <= {"own"}
        assert [value(point.widens) for point in found.exposure.access_points.items] == [False]


def test_a_refusal_of_either_policy_holds() -> None:
    no_outsider = {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
    refusal = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": no_outsider}
    by_point, made = access_point("side", allow(STRANGER, resource=ALL_OF_IT), refusal)
    door = allow("*", **to_point("side"))
    assert rows(seen(policy(door), ENFORCED, by_point, more=made)) == set()
    listed, made = access_point("side", allow(STRANGER, resource=ALL_OF_IT))
    assert rows(seen(policy(door, refusal), ENFORCED, listed, more=made)) == set()


def test_an_unread_policy_of_a_point_hides_whom_the_bucket_leaves_to_it() -> None:
    listed, made = access_point("side", said=Reason.DENIED)
    found = seen(policy(allow("*", **to_point("side"))), ENFORCED, listed, more=made)
    assert found.grants.items == ()
    assert {gap.unknown.reason for gap in found.grants.gaps} == {Reason.DENIED}
    assert {gap.limits for gap in found.grants.gaps} == {(("action", ("read",)),)}
    assert [value(point.widens) for point in found.exposure.access_points.items] == [Reason.DENIED]


def test_an_unread_policy_of_a_point_hides_nobody_where_the_bucket_leaves_it_nothing() -> None:
    listed, made = access_point("side", said=Reason.DENIED)
    found = seen(policy(allow(WRITER)), ENFORCED, listed, more=made)
    assert (rows(found), found.grants.gaps) == ({(WRITER, "read", "own")}, ())
    assert [value(point.widens) for point in found.exposure.access_points.items] == [False]


@pytest.mark.parametrize("unread", [calls.LIST_ACCESS_POINTS, LIST_MULTI_REGION_ACCESS_POINTS])
def test_an_unread_list_of_points_hides_nothing_where_nothing_is_left_to_them(unread: Call) -> None:
    assert seen(policy(allow(WRITER)), ENFORCED, {unread: Reason.DENIED}).grants.gaps == ()


def test_what_is_left_to_the_points_of_another_account_is_a_gap_that_names_it() -> None:
    found = seen(policy(allow("*", **when(StringEquals={"s3:DataAccessPointAccount": STRANGER}))), ENFORCED)
    assert found.grants.items == ()
    assert found.grants.gaps
    assert all(STRANGER in gap.unknown.detail for gap in found.grants.gaps)
    assert {limits(gap)["action"] for gap in found.grants.gaps} == {("read",)}


@pytest.mark.parametrize(
    "tests", [when(StringLike={"s3:DataAccessPointAccount": "*"}), when(Null={"s3:DataAccessPointArn": "false"})]
)
def test_what_is_left_to_the_points_of_anybody_is_public(tests: dict[str, Json]) -> None:
    found = seen(policy(allow("*", **tests)), ENFORCED)
    assert {(row(grant)[0], row(grant)[2], str(value(grant.bound))) for grant in found.grants.items} >= {
        ("anonymous", "public", "via_access_point"),
        ("any_account", "public", "via_access_point"),
    }


def test_points_of_other_accounts_are_cut_with_every_cross_account_access() -> None:
    door = policy(allow("*", **when(StringEquals={"s3:DataAccessPointAccount": STRANGER})), public=True)
    found = seen(door, ENFORCED, blocked(FLAGS))
    assert (found.grants.items, found.grants.gaps) == ((), ())


def test_a_point_narrows_to_the_objects_that_its_policy_names() -> None:
    other = allow(STRANGER, resource=[f"{POINT}/object/other/*"])
    listed, made = access_point("side", other)
    door = policy(allow("*", resource=f"{ARN}/*", **to_point("side")))
    assert rows(seen(door, ENFORCED, listed, more=made, prefix="audit")) == set()
    assert rows(seen(door, ENFORCED, listed, more=made, prefix="other")) == {(STRANGER, "read", "outside")}
