"""Resource control policies: read from the account up to the root, and in force on buckets, keys and roles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from posture.adapters.aws import organisation_calls as calls
from posture.adapters.aws.access.keys import key_access
from posture.adapters.aws.access.roles import role_trust
from posture.adapters.aws.config import ControlPolicies, KeyConfig, KeyGrant, NamedPolicy, RoleConfig
from posture.model.facts import Known, Listing, Reason, Source, Unknown
from posture.model.subjects import Grant, KeyManager
from posture.model.trust import Ground, TrustZone
from posture.reading import Json, Kept
from tests.adapters.aws.access_world import (
    ARN,
    ENFORCED,
    STRANGER,
    VENDOR,
    WRITER,
    allow,
    deny,
    known,
    listed,
    owned,
    policy,
    row,
    rows,
    seen,
    text,
    when,
)
from tests.adapters.aws.recorded import ACCOUNT, KEY, NOW, OWNER_ID, Said, kept, value

OURS = "o-ours000000"
MANAGEMENT = "101010101010"
UNIT, ROOT = "ou-root-logs", "r-root"
ANYTHING: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
PERIMETER = ANYTHING | {
    "Action": ["s3:*", "kms:*", "sts:*"],
    **when(StringNotEqualsIfExists={"aws:PrincipalOrgID": OURS}, BoolIfExists={"aws:PrincipalIsAWSService": "false"}),
}
"""What AWS documents as the identity perimeter of an organisation."""


def organisation(*, management: str = MANAGEMENT, said: Said | None = None) -> Kept:
    described: Said = {"Organization": {"Id": OURS, "MasterAccountId": management, "FeatureSet": "ALL"}}
    return kept(calls.DESCRIBE_ORGANIZATION, described if said is None else said)


def members(*accounts: str) -> Kept:
    return kept(calls.LIST_ACCOUNTS, [{"Id": account} for account in accounts])


def parents(child: str, *above: tuple[str, str], said: Said | None = None) -> Kept:
    listing: Said = [{"Id": name, "Type": kind} for name, kind in above] if said is None else said
    return kept(calls.LIST_PARENTS, listing, resource=child, parameters={"ChildId": child})


def attached(target: str, *names: str, said: Said | None = None) -> Kept:
    heads: list[Json] = [{"Id": "p-RCPFullAWSAccess", "Name": "RCPFullAWSAccess", "AwsManaged": True}]
    heads += [{"Id": name, "Name": name, "AwsManaged": False} for name in names]
    parameters = {"TargetId": target, "Filter": "RESOURCE_CONTROL_POLICY"}
    return kept(calls.LIST_POLICIES_FOR_TARGET, said or heads, resource=target, parameters=parameters)


def content(name: str, *statements: dict[str, Any], said: Said | None = None) -> Kept:
    answer: Said = {"Policy": {"Content": text(*statements)}} if said is None else said
    return kept(calls.DESCRIBE_POLICY, answer, resource=name, parameters={"PolicyId": name})


CHAIN = (parents(ACCOUNT, (UNIT, "ORGANIZATIONAL_UNIT")), parents(UNIT, (ROOT, "ROOT")))
EMPTY = (attached(ACCOUNT), attached(UNIT), attached(ROOT))


def at(target: str, *statements: dict[str, Any]) -> tuple[Kept, ...]:
    """One policy, attached to the account, its unit or the root."""
    places = [attached(place, *(["p-one"] if place == target else [])) for place in (ACCOUNT, UNIT, ROOT)]
    return (organisation(), members(ACCOUNT, MANAGEMENT), *CHAIN, *places, content("p-one", *statements))


def assumes(grant: Grant) -> bool:
    return "resource control policy" in str(known(grant.assumptions))  # type: ignore[arg-type] # known here


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [ACCOUNT, UNIT, ROOT])
def test_a_policy_counts_wherever_it_is_attached_above_the_bucket(target: str) -> None:
    found = seen(policy(allow("*")), ENFORCED, more=at(target, ANYTHING))
    assert rows(found) == set()
    assert found.grants.gaps == ()
    assert {"organizations:ListPoliciesForTarget", "organizations:DescribePolicy"} <= {
        source.operation for source in found.grants.sources
    }


def test_where_none_is_attached_nothing_is_assumed() -> None:
    found = seen(policy(allow("*")), ENFORCED, more=(organisation(), *CHAIN, *EMPTY))
    assert rows(found) == {("anonymous", "read", "public"), ("any_account", "read", "public")}
    assert not any(map(assumes, found.grants.items))


def test_resources_of_the_management_account_are_not_restricted() -> None:
    found = seen(policy(allow("*")), ENFORCED, more=(organisation(management=ACCOUNT),))
    assert rows(found)
    assert not any(map(assumes, found.grants.items))


@pytest.mark.parametrize(
    "more",
    [
        (),
        (organisation(said=Reason.DENIED),),
        (organisation(), parents(ACCOUNT, said=Reason.DENIED)),
        (organisation(), parents(ACCOUNT, said=Reason.NOT_FOUND)),
    ],
    ids=["nobody asked", "organisation denied", "parents denied", "of another organisation"],
)
def test_without_access_to_the_organisation_it_is_assumed_that_none_denies(more: tuple[Kept, ...]) -> None:
    found = seen(policy(allow("*")), ENFORCED, more=more)
    assert rows(found) == {("anonymous", "read", "public"), ("any_account", "read", "public")}
    assert all(map(assumes, found.grants.items))


@pytest.mark.parametrize(
    "more",
    [
        (organisation(said=Reason.THROTTLED),),
        (organisation(said={"Organization": {}}),),
        (organisation(), parents(ACCOUNT, said=Reason.FAILED)),
        (organisation(), parents(ACCOUNT, (UNIT, "ORGANIZATIONAL_UNIT"), (ROOT, "ROOT"))),
        (organisation(), CHAIN[0], parents(UNIT, said=Reason.DENIED), *EMPTY),
        (organisation(), *CHAIN, attached(ACCOUNT, said=Reason.DENIED), *EMPTY[1:]),
        (organisation(), *CHAIN, *EMPTY[:2], attached(ROOT, "p-one"), content("p-one", said=Reason.DENIED)),
        (organisation(), *CHAIN, *EMPTY[:2], attached(ROOT, "p-one"), content("p-one", said={"Policy": {}})),
    ],
)
def test_what_could_not_be_read_of_them_leaves_open_who_gets_in(more: tuple[Kept, ...]) -> None:
    found = seen(policy(allow("*")), ENFORCED, more=more)
    assert rows(found) == set()
    assert {dict(gap.limits)["kind"] for gap in found.grants.gaps} == {("anonymous",), ("any_account",)}
    assert all("resource control policy" in gap.unknown.detail for gap in found.grants.gaps)


def test_a_policy_that_was_read_cuts_beside_one_that_was_not() -> None:
    read = (organisation(), *CHAIN, *EMPTY[:2], attached(ROOT, "p-one", "p-two"))
    bodies = (content("p-one", ANYTHING), content("p-two", said=Reason.DENIED))
    found = seen(policy(allow("*"), allow(STRANGER)), ENFORCED, more=(*read, *bodies))
    assert (rows(found), found.grants.gaps) == (set(), ())


# --- in force on a bucket ---------------------------------------------------------------------------------------------


def test_the_identity_perimeter_leaves_the_own_organisation_and_services() -> None:
    statements = (allow("*"), allow(WRITER), allow(STRANGER), allow({"Service": "logging.s3.amazonaws.com"}))
    found = seen(policy(*statements), ENFORCED, more=at(ROOT, PERIMETER))
    assert {(who, scope) for who, _, scope in rows(found)} == {
        (OURS, "organisation"),
        (ACCOUNT, "own"),
        ("logging.s3.amazonaws.com", "outside"),
    }


def test_an_account_that_the_organisation_does_not_list_stays_outside_the_perimeter() -> None:
    found = seen(policy(allow(VENDOR)), ENFORCED, more=at(ROOT, PERIMETER))
    assert rows(found) == set()


def test_an_account_of_the_organisation_passes_the_perimeter_without_an_assumption() -> None:
    more = tuple(one for one in at(ROOT, PERIMETER) if one.operation != "organizations:ListAccounts")
    found = seen(policy(allow(STRANGER)), ENFORCED, more=(*more, members(ACCOUNT, STRANGER)))
    (grant,) = found.grants.items
    assert "organisation" not in str(value(grant.assumptions))


def test_where_the_accounts_cannot_be_listed_membership_is_assumed() -> None:
    more = tuple(one for one in at(ROOT, PERIMETER) if one.operation != "organizations:ListAccounts")
    found = seen(policy(allow(STRANGER)), ENFORCED, more=(*more, kept(calls.LIST_ACCOUNTS, Reason.DENIED)))
    (grant,) = found.grants.items
    assert f"account {STRANGER} belongs to organisation {OURS}" in str(value(grant.assumptions))


def test_an_access_control_list_is_cut_too() -> None:
    public = seen(listed(("global/AllUsers", "READ")), more=at(ROOT, deny()))
    assert rows(public) == set()


def test_a_service_linked_role_that_the_policy_names_is_spared() -> None:
    linked = f"arn:aws:iam::{STRANGER}:role/aws-service-role/example.amazonaws.com/Example"
    found = seen(policy(allow(linked), allow(STRANGER)), ENFORCED, more=at(ROOT, ANYTHING))
    assert rows(found) == {(linked, "read", "outside")}


def test_plain_http_that_a_control_policy_refuses_is_refused() -> None:
    refuses = ANYTHING | when(BoolIfExists={"aws:SecureTransport": "false"})
    assert value(seen(policy(allow(WRITER)), ENFORCED, more=at(UNIT, refuses)).refusals.tls_required) is True
    assert value(seen(policy(allow(WRITER)), ENFORCED).refusals.tls_required) is False
    unread = (organisation(), *CHAIN, attached(ACCOUNT, said=Reason.THROTTLED), *EMPTY[1:])
    assert value(seen(policy(allow(WRITER)), ENFORCED, more=unread).refusals.tls_required) is Reason.THROTTLED


def test_a_malformed_control_policy_leaves_open_what_it_may_deny() -> None:
    found = seen(
        policy(allow("*")), ENFORCED, more=at(ROOT, ANYTHING | when(StringEqualz={"aws:PrincipalOrgID": OURS}))
    )
    assert rows(found) == set()
    assert found.grants.gaps


# --- in force on a key and on a role ----------------------------------------------------------------------------------

GROUND = Ground(owner=ACCOUNT, zone=TrustZone(), today=NOW.date(), canonical_id=Known(value=OWNER_ID, sources=()))
SOURCE = Source(operation="a test")


def controls(*statements: dict[str, Any]) -> ControlPolicies:
    document = Known(value=text(*statements), sources=(SOURCE,))
    return ControlPolicies(policies=Listing(items=(NamedPolicy(name="perimeter", document=document),)))


def fact(told: Any) -> Known[Any]:  # noqa: ANN401 - any value
    return Known(value=told, sources=(SOURCE,))


def of_key(*statements: dict[str, Any], grants: tuple[KeyGrant, ...] = ()) -> KeyConfig:
    return KeyConfig(
        arn=fact(KEY),
        manager=fact(KeyManager.CUSTOMER),
        enabled=fact(told=True),
        state=fact("Enabled"),
        rotating=fact(told=True),
        policy=fact(text(*statements)),
        grants=Listing(items=grants, sources=(SOURCE,)),
    )


USES = {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "kms:*", "Resource": "*"}
GIVEN = KeyGrant(grantee=f"arn:aws:iam::{STRANGER}:role/reader", operations=("Decrypt", "RetireGrant"))
CLOSED = ANYTHING | {"Action": "kms:*"}


def test_a_key_is_restricted_but_for_the_retiring_of_grants() -> None:
    found = key_access(of_key(USES, grants=(GIVEN,)), GROUND, NOW, controls(CLOSED))
    assert {known(grant.actions) for grant in found.items} == {"kms:RetireGrant"}  # type: ignore[arg-type] # known here
    assert found.gaps == ()


def test_a_key_of_aws_is_never_restricted() -> None:
    managed = replace(of_key(USES), manager=fact(KeyManager.PROVIDER))
    assert key_access(managed, GROUND, NOW, controls(CLOSED)).items
    unclear = replace(of_key(USES, grants=(GIVEN,)), manager=Unknown(reason=Reason.DENIED))
    found = key_access(unclear, GROUND, NOW, controls(CLOSED))
    assert not found.items
    assert found.gaps


def trusting(*principals: str, arn: str = WRITER) -> RoleConfig:
    trust = [{"Effect": "Allow", "Principal": {"AWS": each}, "Action": "sts:AssumeRole"} for each in principals]
    return RoleConfig(arn=arn, trust_policy=fact(text(*trust)), policies=Listing(items=()))


def test_who_becomes_a_role_is_restricted_and_a_service_linked_role_is_not() -> None:
    cut = controls(ANYTHING | {"Action": "sts:AssumeRole"} | when(StringNotEquals={"aws:PrincipalAccount": ACCOUNT}))
    found = role_trust(trusting(STRANGER, ACCOUNT), GROUND, NOW, cut)
    assert {row(grant)[0] for grant in found.items} == {ACCOUNT}
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/example.amazonaws.com/Example"
    assert {row(grant)[0] for grant in role_trust(trusting(STRANGER, arn=linked), GROUND, NOW, cut).items} == {STRANGER}


def test_object_lists_that_nobody_sees_are_closed_by_a_control_policy() -> None:
    open_lists = seen(policy(allow(WRITER)), owned("BucketOwnerPreferred"))
    assert open_lists.grants.gaps
    foreign = ANYTHING | when(StringNotEquals={"aws:PrincipalAccount": ACCOUNT})
    assert seen(policy(allow(WRITER)), owned("BucketOwnerPreferred"), more=at(ROOT, foreign)).grants.gaps == ()


def test_the_bucket_is_what_the_policy_speaks_of() -> None:
    elsewhere = ANYTHING | {"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]}
    here = ANYTHING | {"Resource": [ARN, f"{ARN}/*"]}
    assert rows(seen(policy(allow("*")), ENFORCED, more=at(ROOT, elsewhere)))
    assert not rows(seen(policy(allow("*")), ENFORCED, more=at(ROOT, here)))
