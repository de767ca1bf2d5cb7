"""Multi-Region Access Points: doors to a bucket that are in no Region, each with a policy of its own."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from posture.adapters.aws.multi_region_calls import (
    CONTROL_REGION,
    GET_MULTI_REGION_ACCESS_POINT_POLICY,
    GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS,
    LIST_MULTI_REGION_ACCESS_POINTS,
)
from posture.model.facts import Reason
from posture.reading import Call, Json, Kept
from tests.adapters.aws.access_world import (
    ENFORCED,
    FLAGS,
    STRANGER,
    WRITER,
    Statement,
    allow,
    blocked,
    policy,
    rows,
    seen,
    text,
    when,
)
from tests.adapters.aws.recorded import ACCOUNT, BUCKET, REGION, Said, kept, value

ALIAS = "mfzwi23gnjvgw.mrap"
ARN = f"arn:aws:s3::{ACCOUNT}:accesspoint/{ALIAS}"
WITHIN = [ARN, f"{ARN}/object/*"]
TO_IT = policy(allow("*", **when(StringEquals={"s3:DataAccessPointArn": ARN})))
TO_OURS = policy(allow("*", **when(StringEquals={"s3:DataAccessPointAccount": ACCOUNT})))


def multi_region(
    *statements: Statement,
    said: Said | None = None,
    public: bool = False,
    on: Iterable[str] = FLAGS,
    buckets: Iterable[str] | None = ("elsewhere", BUCKET),
) -> tuple[dict[Call, Said], tuple[Kept, ...]]:
    """One Multi-Region Access Point, as the list has it and with its own answers."""
    places: Json = [{"Bucket": name, "Region": REGION, "BucketAccountId": ACCOUNT} for name in buckets or ()]
    head: dict[str, Json] = {
        "Name": "wide",
        "Alias": ALIAS,
        "PublicAccessBlock": {flag: flag in on for flag in FLAGS},
        "Status": "READY",
        "Regions": places if buckets is not None else "",
    }
    answers: dict[Call, Said] = {
        GET_MULTI_REGION_ACCESS_POINT_POLICY: said or {"Policy": {"Established": {"Policy": text(*statements)}}},
        GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS: {"Established": {"IsPublic": public}},
    }
    parameters = {"AccountId": ACCOUNT, "Name": "wide", "Region": CONTROL_REGION}
    made = tuple(kept(call, answer, resource="wide", parameters=parameters) for call, answer in answers.items())
    return {LIST_MULTI_REGION_ACCESS_POINTS: [head]}, made


@pytest.mark.parametrize("door", [TO_IT, TO_OURS])
def test_it_lets_in_whom_both_policies_allow(door: dict[Call, Said]) -> None:
    listed, made = multi_region(allow(STRANGER, resource=WITHIN))
    found = seen(door, ENFORCED, listed, more=made)
    assert rows(found) == {(STRANGER, "read", "outside")}
    assert found.grants.gaps == ()
    (grant,) = found.grants.items
    assert value(grant.via) == (
        f"access point {ALIAS}; bucket policy /Statement/0; policy of access point {ALIAS} /Statement/0"
    )
    (point,) = found.exposure.access_points.items
    assert (value(point.name), value(point.vpc_only), value(point.widens)) == (ALIAS, False, True)
    assert value(point.blocked.restrict_public_buckets) is True


def test_it_takes_no_request_without_a_signature() -> None:
    listed, made = multi_region(allow("*", resource=WITHIN), on=())
    found = seen(TO_IT, ENFORCED, listed, more=made)
    assert rows(found) == {("any_account", "read", "public")}


def test_it_opens_nothing_that_the_bucket_does_not_leave_to_it() -> None:
    listed, made = multi_region(allow("*", resource=WITHIN), on=())
    found = seen(policy(allow(WRITER)), ENFORCED, listed, more=made)
    assert rows(found) == {(WRITER, "read", "own")}
    assert [value(point.widens) for point in found.exposure.access_points.items] == [False]


def test_one_of_other_buckets_is_no_door() -> None:
    listed, made = multi_region(allow(STRANGER, resource=WITHIN), buckets=("elsewhere",))
    found = seen(TO_OURS, ENFORCED, listed, more=made)
    assert (found.grants.items, found.grants.gaps, found.exposure.access_points.items) == ((), (), ())


@pytest.mark.parametrize("said", ["NoSuchMultiRegionAccessPointPolicy", {"Policy": {}}])
def test_without_an_established_policy_it_lets_nobody_in(said: Said) -> None:
    listed, made = multi_region(said=said)
    found = seen(TO_IT, ENFORCED, listed, more=made)
    assert (found.grants.items, found.grants.gaps) == ((), ())
    assert [value(point.widens) for point in found.exposure.access_points.items] == [False]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Reason.DENIED, Reason.DENIED),
        ({"Policy": {"Established": {"Policy": "{"}}}, Reason.MALFORMED),
        ({"Policy": {"Established": {"Policy": text()}, "Proposed": {"Policy": "{}"}}}, Reason.UNDETERMINED),
    ],
)
def test_a_policy_that_is_not_known_hides_whom_the_bucket_leaves_to_it(said: Said, reason: Reason) -> None:
    listed, made = multi_region(said=said)
    found = seen(TO_IT, ENFORCED, listed, more=made)
    assert found.grants.items == ()
    assert {gap.unknown.reason for gap in found.grants.gaps} == {reason}
    assert [value(point.widens) for point in found.exposure.access_points.items] == [reason]
    shut = seen(policy(allow(WRITER)), ENFORCED, listed, more=made)
    assert (rows(shut), shut.grants.gaps) == ({(WRITER, "read", "own")}, ())


def test_a_proposed_policy_that_is_established_is_the_policy() -> None:
    one = {"Policy": text(allow(STRANGER, resource=WITHIN))}
    listed, made = multi_region(said={"Policy": {"Established": one, "Proposed": one}})
    assert rows(seen(TO_IT, ENFORCED, listed, more=made)) == {(STRANGER, "read", "outside")}


@pytest.mark.parametrize(("on", "bucket"), [(["RestrictPublicBuckets"], ()), ((), ["RestrictPublicBuckets"])])
def test_a_public_one_is_cut_by_its_own_flags_and_by_those_of_the_bucket(on: list[str], bucket: list[str]) -> None:
    listed, made = multi_region(allow("*", resource=WITHIN), on=on, public=True)
    found = seen(TO_IT, ENFORCED, blocked(bucket), listed, more=made)
    assert {scope for _, _, scope in rows(found)} <= {"own"}
    assert [value(point.widens) for point in found.exposure.access_points.items] == [False]


def test_what_does_not_say_where_it_leads_may_lead_here() -> None:
    listed, made = multi_region(allow(STRANGER, resource=WITHIN), buckets=None)
    found = seen(TO_IT, ENFORCED, listed, more=made)
    assert rows(found) == {(STRANGER, "read", "outside")}
