"""What must hold of every composition: refusals and filters only take away, and what was not read flips no verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from posture.adapters.aws import calls
from posture.adapters.aws.access.refusals import Judge, everything
from posture.adapters.aws.access.ways import Resource
from posture.iam import Gate, GateKind, parse
from posture.model.contributions import StoreContribution
from posture.model.facts import Known, Reason, Source, Unknown
from posture.model.logic import Verdict
from posture.policy.assertions import evaluate, words_used
from posture.reading import Call, Json
from tests.adapters.aws.access_world import (
    ARN,
    DELIVERY_ROLE,
    FLAGS,
    STRANGER,
    VENDOR,
    WRITER,
    allow,
    at_point,
    blocked,
    listed,
    owned,
    policy,
    row,
    seen,
    text,
    when,
)
from tests.adapters.aws.recorded import ACCOUNT, NOW, OWNER_ID, Said
from tests.policies.shipped import CONTROLS

FEW = settings(max_examples=40)
GRANT_CONTROLS = [each for each in CONTROLS if "grants" in words_used(each.require)]

principals = st.sampled_from(
    [
        "*",
        ACCOUNT,
        WRITER,
        STRANGER,
        VENDOR,
        DELIVERY_ROLE,
        {"Service": "s3.amazonaws.com"},
        {"CanonicalUser": "b" * 64},
    ]
)
conditions: st.SearchStrategy[dict[str, Json]] = st.sampled_from(
    [
        {},
        {},
        {},
        when(StringEquals={"aws:PrincipalAccount": ACCOUNT}),
        when(StringEquals={"aws:SourceVpce": "vpce-1"}),
        when(StringEquals={"aws:SourceAccount": ACCOUNT}),
        when(Bool={"aws:SecureTransport": "false"}),
        when(StringLike={"s3:prefix": "audit/*"}),
        when(StringEquals={"s3:DataAccessPointArn": at_point("side")}),
    ]
)
actions = st.sampled_from(
    ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:*"]
)
resources = st.sampled_from([ARN, f"{ARN}/*", f"{ARN}/audit/*", [ARN, f"{ARN}/*"]])
allows = st.builds(
    lambda who, what, where, tests: allow(who, what, resource=where, **tests),
    principals,
    actions,
    resources,
    conditions,
)
denies = st.builds(
    lambda who, what, where, tests: {**allow(who, what, resource=where, **tests), "Effect": "Deny"},
    principals,
    actions,
    resources,
    conditions,
)
grantees = st.sampled_from(["global/AllUsers", "global/AuthenticatedUsers", "s3/LogDelivery", "b" * 64, OWNER_ID])
permissions = st.sampled_from(["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"])
lines = st.lists(st.tuples(grantees, permissions), max_size=2)
ownerships = st.sampled_from(["ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"])
levels = st.sets(st.sampled_from(FLAGS))


@st.composite
def buckets(draw: st.DrawFn) -> dict[Call, Said]:
    statements = draw(st.lists(st.one_of(allows, denies), min_size=1, max_size=3))
    parts: list[Mapping[Call, Said]] = [
        policy(*statements, public=draw(st.booleans())),
        owned(draw(ownerships)),
        listed(*draw(lines)),
        blocked(draw(levels), draw(levels)),
    ]
    return {call: said for part in parts for call, said in part.items()}


def holders(found: StoreContribution) -> set[tuple[str, str]]:
    """Who can do what, for those whom nothing wider covers: everybody stands for anybody."""
    given_to = {(name, action) for name, action, _ in map(row, found.grants.items)}
    return given_to | {(WIDE, action) for name, action in given_to if name in WIDEST}


WIDE = "anybody"
WIDEST = ("anonymous", "any_account")


def added(after: StoreContribution, before: StoreContribution) -> set[tuple[str, str]]:
    """What is given afterwards and was not before, by itself or to a wider class."""
    known = holders(before)
    return {pair for pair in holders(after) if pair not in known and (WIDE, pair[1]) not in known}


def verdicts(found: StoreContribution) -> dict[str, Verdict]:
    """What each shipped control on grants alone says."""
    return {each.info.id: evaluate(each.require, found)[0] for each in GRANT_CONTROLS}


@FEW
@given(bucket=buckets(), extra=denies)
def test_a_further_refusal_adds_no_grant(bucket: dict[Call, Said], extra: dict[str, Json]) -> None:
    said = bucket[calls.GET_BUCKET_POLICY]
    assert isinstance(said, Mapping)
    before = json.loads(str(said["Policy"]))
    after = policy(*before["Statement"], extra)[calls.GET_BUCKET_POLICY]
    assert added(seen(bucket, {calls.GET_BUCKET_POLICY: after}), seen(bucket)) == set()


@FEW
@given(bucket=buckets())
def test_ignoring_public_lists_adds_no_grant_and_leaves_no_public_line(bucket: dict[Call, Said]) -> None:
    before, after = seen(bucket), seen(bucket, blocked(FLAGS[:2], FLAGS[:2]))
    without = seen(bucket, blocked())
    assert added(after, without) == set()
    assert not [grant for grant in after.grants.items if row(grant)[2] == "public" and "list" in str(grant.via)]
    assert added(before, without) == set()


@FEW
@given(bucket=buckets())
def test_restricting_public_buckets_leaves_our_own_and_services_only(bucket: dict[Call, Said]) -> None:
    bucket = {**bucket, calls.GET_BUCKET_POLICY_STATUS: {"PolicyStatus": {"IsPublic": True}}, **listed()}
    found = seen(bucket, blocked(FLAGS))
    assert {row(grant)[2] for grant in found.grants.items if str(grant.kind.value) != "service"} <= {"own"}  # type: ignore[union-attr] # known here


UNREAD = st.sampled_from(
    [
        calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK,
        calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK,
        calls.GET_BUCKET_POLICY_STATUS,
        calls.GET_BUCKET_POLICY,
        calls.GET_BUCKET_ACL,
        calls.GET_BUCKET_OWNERSHIP_CONTROLS,
        calls.LIST_ACCESS_POINTS,
    ]
)


plain_refusals = st.builds(
    lambda who, what, where, tests: {**allow(who, what, resource=where, **tests), "Effect": "Deny"},
    st.sampled_from(["*", {"AWS": "*"}, STRANGER]),
    st.sampled_from(["s3:*", "*", "s3:PutObject"]),
    st.sampled_from(["*", ARN, f"{ARN}/*", [ARN, f"{ARN}/*"], f"{ARN}-other/*", "(known after apply)"]),
    st.sampled_from(
        [{}, when(Bool={"aws:SecureTransport": "false"}), when(BoolIfExists={"aws:SecureTransport": "true"})]
    ),
)


@FEW
@given(
    statements=st.lists(st.one_of(allows, denies, plain_refusals), min_size=1, max_size=4),
    context=st.sampled_from([{"aws:SecureTransport": "false", "s3:TlsVersion": None}, {"aws:SecureTransport": "true"}]),
    prefix=st.sampled_from(["", "audit/"]),
)
def test_what_is_refused_at_sight_is_what_a_search_with_the_whole_policy_finds(
    statements: list[Any], context: dict[str, str | None], prefix: str
) -> None:
    whole, resource = (
        parse(text(*statements), "bucket policy"),
        Resource(arn=ARN, owner=ACCOUNT, now=NOW, prefix=prefix),
    )
    found = Judge(whole, resource, Source(operation="s3:GetBucketPolicy")).refused(context)
    searched = resource.reach(
        [everything("*", ("s3:*",))],
        gates=[Gate(policy=whole, kind=GateKind.CUTS, name=whole.name)],
        context=context,
        actions=("s3:*",),
    )
    if searched.classes:
        assert found == Known(value=False, sources=found.sources)
    elif searched.undetermined:
        assert isinstance(found, Unknown)
        reasons = {reason for each in searched.undetermined for reason in each.reasons}
        assert set(found.detail.split("; ")) == reasons
    else:
        assert found == Known(value=True, sources=found.sources)


@FEW
@given(bucket=buckets(), missing=st.sets(UNREAD, min_size=1))
def test_what_was_not_read_turns_no_pass_into_fail_and_no_fail_into_pass(
    bucket: dict[Call, Said], missing: set[Call]
) -> None:
    whole = verdicts(seen(bucket))
    part = verdicts(seen(bucket, dict.fromkeys(missing, Reason.DENIED)))
    flipped = {name for name in whole if {whole[name], part[name]} == {Verdict.PASS, Verdict.FAIL}}
    assert flipped == set()
    learned = {name for name in whole if part[name] is not Verdict.UNKNOWN and part[name] is not whole[name]}
    assert learned == set()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["*", ACCOUNT, ARN, "s3:*", "Allow", "", "${x", "arn:"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["AWS", "Service", "*", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)
odd_statements = st.dictionaries(
    st.sampled_from(["Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "Condition", "Sid"]),
    json_values,
    max_size=5,
)


@FEW
@given(statements=st.lists(odd_statements | json_values, max_size=3))
def test_a_policy_that_aws_would_refuse_hides_no_statement_and_ends_in_no_error(statements: list[Any]) -> None:
    found = seen(policy(*statements, allow(STRANGER)), owned("BucketOwnerEnforced"), prefix="audit")
    readers = {name for name, action, _ in map(row, found.grants.items) if action == "read"}
    assert readers & {STRANGER, *WIDEST} or found.grants.gaps


def test_an_owner_that_is_no_account_leaves_everything_open() -> None:
    answer = Resource(arn=ARN, owner="acme", now=NOW).reach([parse(text(allow("*")), "policy")])
    assert (answer.classes, {doubt.action_class.value for doubt in answer.undetermined}) == (
        (),
        {"list", "read", "write", "delete", "administer", "other"},
    )


def test_the_controls_on_grants_alone_are_there() -> None:
    assert len(GRANT_CONTROLS) == 15
