"""Who a bucket lets in: policy, access control list, Block Public Access and organisation, composed."""

from __future__ import annotations

from datetime import date

import pytest

from posture.adapters.aws import calls, key_calls, organisation_calls
from posture.model.facts import Known, Reason, Unknown
from posture.model.trust import Accepted, TrustZone
from posture.reading import Call, Json, Kept
from tests.adapters.aws.access_world import (
    ARN,
    DELIVERY_ROLE,
    ENFORCED,
    FLAGS,
    STRANGER,
    VENDOR,
    WRITER,
    allow,
    blocked,
    deny,
    limits,
    listed,
    open_actions,
    owned,
    policy,
    row,
    rows,
    seen,
    text,
    when,
)
from tests.adapters.aws.recorded import ACCOUNT, KEY, OWNER_ID, READ_AT, REGION, Said, encryption, kept, value

PARTNER = "b" * 64
TWO_OF_THE_PUBLIC = {("anonymous", "read", "public"), ("any_account", "read", "public")}


# --- the bucket policy, and what a scope is ---------------------------------------------------------------------------


def test_without_a_policy_nobody_is_let_in() -> None:
    found = seen(ENFORCED)
    assert (found.grants.items, found.grants.gaps) == ((), ())


def test_a_grant_tells_everything_about_itself() -> None:
    statement = allow(f"arn:aws:iam::{STRANGER}:role/reader", "s3:GetObject", "s3:ListBucket")
    read, listing = sorted(
        seen(policy(deny(when_http()), statement), ENFORCED).grants.items, key=lambda one: row(one)[1], reverse=True
    )
    assert row(read) == (f"arn:aws:iam::{STRANGER}:role/reader", "read", "outside")
    assert row(listing)[1] == "list"
    told = {name: value(getattr(read, name)) for name in ("kind", "account", "actions", "bound", "via", "conditions")}
    assert told == {
        "kind": "principal",
        "account": STRANGER,
        "actions": "s3:GetObject",
        "bound": "anywhere",
        "via": "bucket policy /Statement/1",
        "conditions": "",
    }
    assert isinstance(read.scope, Known)
    (source,) = read.scope.sources
    assert (source.operation, source.pointer, source.read_at) == ("s3:GetBucketPolicy", "/Policy/Statement/1", READ_AT)
    assert "s3:GetObject on arn:aws:s3:::acme-audit-logs/" in str(value(read.witness))
    assert "resource control policy" in str(value(read.assumptions))


def when_http() -> dict[str, dict[str, str]]:
    return {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("principal", "more", "expected"),
    [
        ("*", {}, TWO_OF_THE_PUBLIC),
        (ACCOUNT, {}, set()),  # leaves the account's people to IAM
        ([f"arn:aws:iam::{ACCOUNT}:root", WRITER], {}, {(WRITER, "read", "own")}),
        ("*", when(StringEquals={"aws:PrincipalAccount": ACCOUNT}), {(ACCOUNT, "read", "own")}),
        (STRANGER, {}, {(STRANGER, "read", "outside")}),
        ("222233334444", {}, {("222233334444", "read", "own")}),
        ("333344445555", {}, {("333344445555", "read", "accepted")}),
        ("444455556666", {}, {("444455556666", "read", "outside")}),  # accepted until yesterday
        ("arn:aws:iam::555566667777:role/siem", {}, {("arn:aws:iam::555566667777:role/siem", "read", "accepted")}),
        ("arn:aws:iam::555566667777:role/other", {}, {("arn:aws:iam::555566667777:role/other", "read", "outside")}),
        (VENDOR, {}, {(VENDOR, "read", "vendor")}),
        ("044793339203", {}, {("044793339203", "read", "vendor")}),
        (DELIVERY_ROLE, {}, {(DELIVERY_ROLE, "read", "vendor")}),
        ({"CanonicalUser": PARTNER}, {}, {(PARTNER, "read", "outside")}),
        ({"CanonicalUser": OWNER_ID}, {}, {(OWNER_ID, "read", "own")}),
        ("*", when(StringLike={"aws:PrincipalAccount": "12*"}), {("12*", "read", "outside")}),
        (
            "*",
            when(StringEquals={"aws:PrincipalOrgID": "o-partner0000"}),
            {("o-partner0000", "read", "accepted"), (ACCOUNT, "read", "own")},
        ),  # if we are in it
        ("*", when(StringEquals={"aws:ResourceAccount": ACCOUNT}), TWO_OF_THE_PUBLIC),
        ("*", when(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/audit"}), {("any_account", "read", "public")}),
    ],
)
def test_every_kind_of_holder_has_its_scope(
    principal: object, more: dict[str, Json], expected: set[tuple[str, str, str]]
) -> None:
    zone = TrustZone(
        accounts=frozenset({"222233334444"}),
        accepted=(
            Accepted(principal="333344445555", reason="auditors", expires=date(2026, 3, 1)),
            Accepted(principal="444455556666", reason="former auditors", expires=date(2026, 2, 28)),
            Accepted(principal="arn:aws:iam::555566667777:role/siem", reason="monitoring", expires=date(2027, 1, 1)),
            Accepted(principal="o-partner0000", reason="parent company", expires=date(2027, 1, 1)),
        ),
    )
    found = seen(policy(allow(principal, **more)), ENFORCED, listed(), zone=zone)
    assert rows(found) == expected
    assert found.grants.gaps == ()


def test_accounts_that_the_policy_treats_alike_are_told_apart_by_trust() -> None:
    found = seen(
        policy(allow(["222233334444", STRANGER])), ENFORCED, zone=TrustZone(accounts=frozenset({"222233334444"}))
    )
    assert rows(found) == {("222233334444", "read", "own"), (STRANGER, "read", "outside")}
    assert any("which the policies treat alike" in str(value(grant.assumptions)) for grant in found.grants.items)


# --- services, and vendors that act for many --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tests", "scope", "deputy"),
    [
        ({}, "outside", True),
        (when(StringEquals={"aws:SourceAccount": ACCOUNT}), "own", False),
        (when(StringEquals={"aws:SourceAccount": STRANGER}), "outside", False),
        (when(ArnLike={"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t"}), "own", False),
        (
            when(ArnLike={"aws:SourceArn": "arn:aws:s3:::source"}, StringEquals={"aws:SourceAccount": ACCOUNT}),
            "own",
            False,
        ),
        (when(ArnLike={"aws:SourceArn": "arn:aws:s3:::source"}), Reason.UNDETERMINED, False),
        (when(StringEqualsIfExists={"aws:SourceAccount": ACCOUNT}), "outside", True),
    ],
)
def test_a_service_is_as_near_as_the_source_that_it_is_bound_to(
    tests: dict[str, Json],
    scope: object,
    deputy: bool,  # noqa: FBT001 - parametrised
) -> None:
    found = seen(policy(allow({"Service": "logging.s3.amazonaws.com"}, "s3:PutObject", **tests)), ENFORCED)
    grants = [grant for grant in found.grants.items if value(grant.scope) == scope]
    assert grants
    assert {value(grant.confused_deputy) for grant in grants} == {deputy}
    assert deputy == any("confused deputy" in str(value(grant.assumptions)) for grant in grants)


@pytest.mark.parametrize(
    ("tests", "deputy"),
    [
        ({}, True),
        (when(StringEquals={"aws:PrincipalTag/DatabricksAccountId": "449e7a5c-0000-4b8a-aaaf-000000000001"}), False),
        (when(StringLike={"aws:PrincipalTag/DatabricksAccountId": "*"}), True),
        (when(StringEqualsIfExists={"aws:PrincipalTag/DatabricksAccountId": "449e7a5c"}), True),
    ],
)
def test_a_vendor_is_a_deputy_of_all_its_customers_unless_tied_to_one(tests: dict[str, Json], deputy: bool) -> None:  # noqa: FBT001 - parametrised
    found = seen(policy(allow(f"arn:aws:iam::{VENDOR}:root", **tests)), ENFORCED)
    assert {(row(grant)[2], value(grant.confused_deputy)) for grant in found.grants.items} == {("vendor", deputy)}


@pytest.mark.parametrize(
    ("tests", "bound"),
    [
        (when(StringEquals={"aws:SourceVpce": "vpce-1"}), "named_network"),
        (when(IpAddress={"aws:SourceIp": "203.0.113.0/24"}), "named_network"),
        (when(StringEquals={"aws:VpceAccount": ACCOUNT}), "own_network"),
    ],
)
def test_a_network_bounds_a_public_grant_and_leaves_it_public(tests: dict[str, Json], bound: str) -> None:
    found = seen(policy(allow("*", **tests)), ENFORCED)
    assert {(row(grant)[2], str(value(grant.bound))) for grant in found.grants.items} == {
        ("public", bound),
        ("own", bound),
    }


# --- organisations ----------------------------------------------------------------------------------------------------


def organisation(*members: str, denied: bool = False) -> tuple[Kept, ...]:
    listing: Said = Reason.DENIED if denied else [{"Id": member} for member in members]
    described = kept(
        organisation_calls.DESCRIBE_ORGANIZATION,
        {"Organization": {"Id": "o-ours000000", "MasterAccountId": "101010101010"}},
    )
    return described, kept(organisation_calls.LIST_ACCOUNTS, listing)


IN_ORGANISATION = when(StringEquals={"aws:PrincipalOrgID": "o-ours000000"})


@pytest.mark.parametrize(
    ("zone", "more", "scope"),
    [
        (TrustZone(organisation="o-ours000000"), (), "organisation"),
        (TrustZone(organisation="o-other00000"), (), "outside"),
        (TrustZone(), organisation(), "organisation"),
        (
            TrustZone(),
            (kept(organisation_calls.DESCRIBE_ORGANIZATION, "AWSOrganizationsNotInUseException"),),
            "outside",
        ),
        (TrustZone(), (kept(organisation_calls.DESCRIBE_ORGANIZATION, Reason.DENIED),), Reason.DENIED),
    ],
)
def test_an_organisation_is_ours_by_configuration_or_by_asking(
    zone: TrustZone, more: tuple[Kept, ...], scope: object
) -> None:
    found = seen(policy(allow("*", **IN_ORGANISATION)), ENFORCED, zone=zone, more=more)
    assert {value(grant.scope) for grant in found.grants.items if value(grant.kind) == "organisation"} == {scope}


@pytest.mark.parametrize(
    ("zone", "more", "scope"),
    [
        (TrustZone(organisation="o-ours000000"), organisation(STRANGER), "organisation"),
        (TrustZone(organisation="o-ours000000"), organisation("123123123123"), "outside"),
        (TrustZone(organisation="o-ours000000"), organisation(denied=True), Reason.DENIED),
        (TrustZone(organisation="o-ours000000", accounts=frozenset({STRANGER})), organisation(denied=True), "own"),
        (TrustZone(), (), "outside"),  # nobody is asked: nobody said that an organisation is trusted
    ],
)
def test_an_account_belongs_to_a_trusted_organisation_as_far_as_it_can_be_listed(
    zone: TrustZone, more: tuple[Kept, ...], scope: object
) -> None:
    found = seen(policy(allow(STRANGER)), ENFORCED, zone=zone, more=more)
    assert {value(grant.scope) for grant in found.grants.items} == {scope}


def test_an_owner_in_no_organisation_has_no_control_policies_to_assume() -> None:
    none = kept(organisation_calls.DESCRIBE_ORGANIZATION, "AWSOrganizationsNotInUseException")
    found = seen(
        policy(allow("*", **when(StringNotEquals={"aws:PrincipalOrgID": "o-ours000000"}))), ENFORCED, more=(none,)
    )
    assert found.grants.items
    assert not any("resource control" in str(value(grant.assumptions)) for grant in found.grants.items)


# --- RestrictPublicBuckets --------------------------------------------------------------------------------------------

MIXED = policy(allow("*"), allow(STRANGER), allow(WRITER), allow({"Service": "s3.amazonaws.com"}), public=True)
SPARED = {(ACCOUNT, "read", "own"), ("s3.amazonaws.com", "read", "outside")}  # everybody of our own, the writer too


@pytest.mark.parametrize("level", ["bucket", "account"])
def test_a_public_policy_is_cut_for_every_other_account_at_any_level(level: str) -> None:
    found = seen(MIXED, ENFORCED, blocked(**{level: ["RestrictPublicBuckets"]}))
    assert rows(found) == SPARED
    assert found.grants.gaps == ()


@pytest.mark.parametrize("on", [(), ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls")])
def test_no_other_flag_cuts_a_policy_that_is_in_place(on: tuple[str, ...]) -> None:
    assert rows(seen(MIXED, ENFORCED, blocked(bucket=on))) >= TWO_OF_THE_PUBLIC


def test_a_policy_that_is_not_public_is_not_cut() -> None:
    found = seen(policy(allow(STRANGER)), ENFORCED, blocked(FLAGS, FLAGS))
    assert rows(found) == {(STRANGER, "read", "outside")}


@pytest.mark.parametrize(
    ("statement", "bit", "cut"),
    [
        (allow(STRANGER), True, True),  # AWS calls public what its documentation does not
        (allow("*"), False, False),  # and the other way round
    ],
)
def test_the_bit_of_aws_wins_over_its_documentation_and_the_difference_shows(
    statement: dict[str, Json],
    bit: bool,  # noqa: FBT001 - parametrised
    cut: bool,  # noqa: FBT001 - parametrised
) -> None:
    found = seen(policy(statement, public=bit), ENFORCED, blocked(FLAGS))
    assert {scope for _, _, scope in rows(found)} == (set() if cut else {"public"})
    assert value(found.exposure.policy_public) is bit
    assert value(found.exposure.policy_public_as_documented) is not bit
    if not cut:
        assert all("AWS calls the policy not public" in str(value(grant.assumptions)) for grant in found.grants.items)


@pytest.mark.parametrize(
    "unread",
    [
        {**blocked(bucket=Reason.DENIED)},
        {**blocked(account=Reason.DENIED)},
        {**blocked(FLAGS), calls.GET_BUCKET_POLICY_STATUS: Reason.DENIED},
    ],
)
def test_a_filter_that_was_not_read_makes_gaps_of_what_it_could_remove_and_of_nothing_else(
    unread: dict[Call, Said],
) -> None:
    found = seen(MIXED, ENFORCED, unread)
    assert rows(found) == SPARED
    hidden = {(limits(gap)["principal"], limits(gap)["action"], limits(gap)["scope"]) for gap in found.grants.gaps}
    assert hidden == {(("*",), ("read",), ("public",))}  # the stranger is one of everybody
    assert {gap.unknown.reason for gap in found.grants.gaps} == {Reason.DENIED}
    assert all("RestrictPublicBuckets" in gap.unknown.detail for gap in found.grants.gaps)


def test_one_level_that_is_on_settles_it_whatever_the_other_says() -> None:
    found = seen(MIXED, ENFORCED, blocked(bucket=["RestrictPublicBuckets"], account=Reason.DENIED))
    assert (rows(found), found.grants.gaps) == (SPARED, ())


# --- access control lists ---------------------------------------------------------------------------------------------

EVERYONE, SIGNED, LOG_DELIVERY = "global/AllUsers", "global/AuthenticatedUsers", "s3/LogDelivery"
WRITER_OWNS = owned("ObjectWriter")


@pytest.mark.parametrize(
    ("permission", "actions"),
    [
        ("READ", {"list"}),
        ("WRITE", {"write"}),
        ("READ_ACP", {"read"}),
        ("WRITE_ACP", {"administer"}),
        ("FULL_CONTROL", {"list", "read", "write", "administer"}),
    ],
)
def test_a_permission_of_the_list_is_what_s3_makes_of_it(permission: str, actions: set[str]) -> None:
    found = seen(WRITER_OWNS, listed((PARTNER, permission)))
    assert rows(found) == {(PARTNER, action, "outside") for action in actions}
    grant = found.grants.items[0]
    assert value(grant.via) == f"access control list: {permission} to {PARTNER}"
    assert value(grant.conditions) == ""
    assert isinstance(grant.scope, Known)
    assert [(source.operation, source.pointer) for source in grant.scope.sources] == [("s3:GetBucketAcl", "/Grants/1")]


@pytest.mark.parametrize(
    ("grantee", "expected"),
    [
        (EVERYONE, {("anonymous", "list", "public"), ("any_account", "list", "public")}),
        (SIGNED, {("any_account", "list", "public")}),
        (PARTNER, {(PARTNER, "list", "outside")}),
        (LOG_DELIVERY, {("logging.s3.amazonaws.com", "list", "own")}),
        (OWNER_ID, set()),
    ],
)
def test_a_grantee_of_the_list_is_who_s3_says(grantee: str, expected: set[tuple[str, str, str]]) -> None:
    assert rows(seen(owned("BucketOwnerPreferred"), listed((grantee, "READ")))) == expected


@pytest.mark.parametrize("grantee", [EVERYONE, SIGNED, PARTNER])
def test_no_list_counts_under_enforced_ownership(grantee: str) -> None:
    found = seen(ENFORCED, listed((grantee, "FULL_CONTROL")))
    assert (found.grants.items, found.grants.gaps) == ((), ())


def test_public_lines_are_ignored_where_a_level_says_so_and_others_are_not() -> None:
    found = seen(WRITER_OWNS, listed((EVERYONE, "READ"), (PARTNER, "READ")), blocked(account=["IgnorePublicAcls"]))
    assert rows(found) == {(PARTNER, "list", "outside")}


def test_refusing_new_public_lists_leaves_the_one_that_is_there() -> None:
    found = seen(WRITER_OWNS, listed((EVERYONE, "READ")), blocked(["BlockPublicAcls", "RestrictPublicBuckets"]))
    assert ("anonymous", "list", "public") in rows(found)


def test_a_refusal_of_the_policy_beats_the_list() -> None:
    everything = policy(deny({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}))
    found = seen(WRITER_OWNS, listed((EVERYONE, "FULL_CONTROL")), everything)
    assert {scope for _, _, scope in rows(found)} == {"own"}  # everybody is anybody of our own too
    assert found.grants.gaps == ()


@pytest.mark.parametrize(
    "unread",
    [
        {**blocked(bucket=Reason.DENIED)},
        {calls.GET_BUCKET_OWNERSHIP_CONTROLS: Reason.DENIED},
    ],
)
def test_what_could_void_a_line_and_was_not_read_makes_a_gap_of_it(unread: dict[Call, Said]) -> None:
    found = seen(WRITER_OWNS, listed((EVERYONE, "READ")), unread)
    assert found.grants.items == ()
    assert {"list", "read"} == open_actions(found)  # the line, and the lists of single objects


def test_whether_a_named_line_survives_a_public_policy_is_not_documented() -> None:
    found = seen(policy(allow("*"), public=True), WRITER_OWNS, listed((PARTNER, "READ")), blocked(FLAGS))
    assert rows(found) == {(ACCOUNT, "read", "own")}
    assert ("list",) in {limits(gap)["action"] for gap in found.grants.gaps}


@pytest.mark.parametrize(
    ("parts", "actions", "scopes"),
    [
        ([ENFORCED], None, None),
        ([WRITER_OWNS], {"list", "read", "write", "administer"}, None),
        ([owned("BucketOwnerPreferred"), blocked(FLAGS)], {"list", "read", "write", "administer"}, {"own", "outside"}),
    ],
)
def test_an_unread_list_leaves_open_what_a_list_can_give(
    parts: list[dict[Call, Said]], actions: set[str] | None, scopes: set[str] | None
) -> None:
    found = seen({calls.GET_BUCKET_ACL: Reason.DENIED}, *parts)
    assert open_actions(found) == (actions or set())
    if scopes:
        assert {scope for gap in found.grants.gaps for scope in limits(gap)["scope"]} == scopes
    assert "delete" not in open_actions(found)


@pytest.mark.parametrize(
    ("parts", "scopes"),
    [
        ([WRITER_OWNS], {"own", "outside", "public"}),
        ([WRITER_OWNS, blocked(FLAGS)], {"own", "outside"}),
        ([ENFORCED], set()),
        ([WRITER_OWNS, policy(deny(), allow(WRITER))], set()),
        ([WRITER_OWNS, policy(deny({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}))], set()),
        ([WRITER_OWNS, policy(deny(when_http()))], {"own", "outside", "public"}),
    ],
)
def test_lists_of_single_objects_leave_reading_open_unless_nothing_can_come_of_them(
    parts: list[dict[Call, Said]], scopes: set[str]
) -> None:
    found = seen(*parts)
    assert open_actions(found) == ({"read"} if scopes else set())
    assert {scope for gap in found.grants.gaps for scope in limits(gap)["scope"]} == scopes


# --- unread and undecidable -------------------------------------------------------------------------------------------


def test_an_unread_policy_leaves_everything_open_and_lets_no_list_speak() -> None:
    found = seen({calls.GET_BUCKET_POLICY: Reason.DENIED}, WRITER_OWNS, listed((EVERYONE, "READ")))
    assert found.grants.items == ()
    assert open_actions(found) == {"*"}
    assert isinstance(found.refusals.tls_required, Unknown)


def test_a_part_that_cannot_be_decided_is_a_gap_for_its_actions_and_hides_no_other() -> None:
    odd = allow("*", "s3:DeleteObject", **when(StringEqualz={"aws:PrincipalOrgID": "o-x"}))
    found = seen(policy(odd, allow(STRANGER)), ENFORCED)
    assert rows(found) == {(STRANGER, "read", "outside")}
    assert open_actions(found) == {"delete"}
    assert all("StringEqualz" in gap.unknown.detail for gap in found.grants.gaps)


def test_an_action_that_nobody_knows_is_a_gap() -> None:
    found = seen(policy(allow(STRANGER, "s3:FetchEverythingAtOnce")), ENFORCED)
    assert found.grants.items == ()
    (gap,) = found.grants.gaps
    assert "fetcheverythingatonce" in gap.unknown.detail.lower()
    assert limits(gap)["scope"] == ("outside",)


# --- the key as a second lock -----------------------------------------------------------------------------------------


def key_said(*statements: dict[str, Json]) -> tuple[Kept, ...]:
    place = {"KeyId": KEY, "Region": REGION}
    described: dict[str, Json] = {
        "KeyMetadata": {"Arn": KEY, "KeyManager": "CUSTOMER", "Enabled": True, "KeyState": "Enabled"}
    }
    return (
        kept(key_calls.DESCRIBE_KEY, described, resource=KEY, parameters=place),
        kept(
            key_calls.GET_KEY_POLICY,
            {"Policy": text(*statements)},
            resource=KEY,
            parameters={**place, "PolicyName": "default"},
        ),
        kept(key_calls.GET_KEY_ROTATION_STATUS, {"KeyRotationEnabled": True}, resource=KEY, parameters=place),
        kept(key_calls.LIST_GRANTS, [], resource=KEY, parameters=place),
    )


@pytest.mark.parametrize(
    ("said", "more", "words"),
    [
        (encryption("AES256"), (), ""),
        (encryption("aws:kms", KEY), key_said(allow(ACCOUNT, "kms:*", resource="*")), "does not give them"),
        (encryption("aws:kms", KEY), key_said(allow(STRANGER, "kms:Decrypt", resource="*")), "lets them decrypt"),
        (encryption("aws:kms", KEY), (), "who has it is not known"),
        (encryption("aws:kms"), (), "the key that AWS keeps for S3"),
    ],
)
def test_the_default_key_is_told_beside_a_reader_and_takes_no_reader_away(
    said: dict[str, Json], more: tuple[Kept, ...], words: str
) -> None:
    found = seen(policy(allow(STRANGER)), ENFORCED, {calls.GET_BUCKET_ENCRYPTION: said}, more=more)
    (grant,) = found.grants.items
    assert row(grant) == (STRANGER, "read", "outside")
    told = str(value(grant.conditions))
    assert words in told if words else told == ""


def test_a_read_grant_that_only_tells_the_region_needs_no_key() -> None:
    said = {calls.GET_BUCKET_ENCRYPTION: encryption("aws:kms", KEY)}
    (grant,) = seen(policy(allow(STRANGER, "s3:GetBucketLocation", resource=ARN)), ENFORCED, said).grants.items
    assert (row(grant)[1], value(grant.conditions)) == ("read", "")
