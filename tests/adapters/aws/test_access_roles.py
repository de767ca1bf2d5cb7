"""Who can become the role that delivers, who can use the key, and what the role may do by its own policies."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from posture.adapters.aws.access.keys import key_access
from posture.adapters.aws.access.roles import role_policies, role_trust
from posture.adapters.aws.access.writer import bound_to, confined_to, may_put, may_use_key
from posture.adapters.aws.config import KeyConfig, KeyGrant, NamedPolicy, RoleConfig
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.model.subjects import Grant, KeyManager
from posture.model.trust import Ground, TrustZone
from posture.reading import Json
from tests.adapters.aws.access_world import ARN, DELIVERY_ROLE, STRANGER, VENDOR, WRITER, allow, deny, row, text, when
from tests.adapters.aws.recorded import ACCOUNT, KEY, READ_AT, store, value

OURS = "449e7a5c-0000-4b8a-aaaf-000000000001"
OTHERS = "99999999-0000-4b8a-aaaf-000000000001"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
GROUND = Ground(owner=ACCOUNT, zone=TrustZone(), today=date(2026, 3, 1))
HERE = Source(operation="test", read_at=READ_AT)
DENIED = Unknown(reason=Reason.DENIED, sources=(HERE,), needs="x")


def given(policy: str) -> Fact[str]:
    return Known(value=policy, sources=(HERE,))


# --- trust ------------------------------------------------------------------------------------------------------------


def trusted(principal: object, external_id: object = OURS, operator: str = "StringEquals") -> dict[str, Json]:
    tests = when(**{operator: {"sts:ExternalId": external_id}}) if external_id else {}
    statement = allow(principal, "sts:AssumeRole", **tests)
    return {name: part for name, part in statement.items() if name != "Resource"}


def trust(*statements: dict[str, Json]) -> Listing[Grant]:
    config = RoleConfig(arn=WRITER, trust_policy=given(text(*statements)), policies=Listing(items=()))
    return role_trust(config, GROUND, NOW)


@pytest.mark.parametrize(
    ("statement", "expected", "delivers", "deputy"),
    [
        (trusted(DELIVERY_ROLE), (DELIVERY_ROLE, "write", "vendor"), True, False),
        (trusted(DELIVERY_ROLE, ""), (DELIVERY_ROLE, "write", "vendor"), True, True),
        (trusted(DELIVERY_ROLE, "*", "StringLike"), (DELIVERY_ROLE, "write", "vendor"), True, True),
        (trusted(f"arn:aws:iam::{VENDOR}:root"), (VENDOR, "write", "vendor"), False, False),
        (trusted(f"arn:aws:iam::{VENDOR}:root", ""), (VENDOR, "write", "vendor"), False, True),
        (trusted(STRANGER), (STRANGER, "write", "outside"), False, False),
        (trusted(ACCOUNT), (ACCOUNT, "write", "own"), False, False),
    ],
)
def test_who_can_become_the_role(
    statement: dict[str, Json],
    expected: tuple[str, str, str],
    delivers: bool,  # noqa: FBT001 - parametrised
    deputy: bool,  # noqa: FBT001 - parametrised
) -> None:
    (grant,) = trust(statement).items
    assert row(grant) == expected
    assert (value(grant.delivers), value(grant.confused_deputy)) == (delivers, deputy)
    assert value(grant.via) == "trust policy /Statement/0"


def test_an_identity_provider_is_nobody_that_we_know() -> None:
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com"}
    (grant,) = trust({"Effect": "Allow", "Principal": provider, "Action": "sts:AssumeRoleWithWebIdentity"}).items
    assert (value(grant.kind), value(grant.scope)) == ("federated", Reason.UNDETERMINED)


def test_an_unread_trust_policy_leaves_everybody_open() -> None:
    config = RoleConfig(arn=WRITER, trust_policy=DENIED, policies=Listing(items=()))
    assert role_trust(config, GROUND, NOW) == Listing.unread(DENIED)


@pytest.mark.parametrize(
    ("statements", "bound"),
    [
        ([trusted(DELIVERY_ROLE)], True),
        ([trusted(f"arn:aws:iam::{VENDOR}:root")], True),
        ([trusted(DELIVERY_ROLE), trusted(ACCOUNT, "")], True),  # our own need not name anything
        ([trusted(DELIVERY_ROLE, "")], False),
        ([trusted(DELIVERY_ROLE, OTHERS)], False),
        ([trusted(DELIVERY_ROLE, [OURS, OTHERS])], False),
        ([trusted(DELIVERY_ROLE, "*", "StringLike")], False),
        ([trusted(DELIVERY_ROLE, f"{OURS[:8]}*", "StringLike")], False),
        ([trusted(DELIVERY_ROLE, OURS, "StringEqualsIfExists")], False),
        ([trusted(DELIVERY_ROLE, OTHERS, "StringNotEquals")], False),
        ([trusted(DELIVERY_ROLE), trusted(STRANGER, "")], False),
        ([trusted(ACCOUNT, "")], False),  # nobody delivers
        ([trusted(DELIVERY_ROLE, OURS, "StringEqualz")], Reason.UNDETERMINED),
    ],
)
def test_the_role_is_bound_to_the_account_exactly_or_not(statements: list[dict[str, Json]], bound: object) -> None:
    assert value(bound_to(given(text(*statements)), WRITER, [OURS])) == bound


def test_a_role_may_serve_two_accounts_of_ours() -> None:
    policy = given(text(trusted(DELIVERY_ROLE, [OURS, OTHERS])))
    assert value(bound_to(policy, WRITER, [OURS, OTHERS])) is True


def test_an_unread_trust_policy_binds_nobody_that_we_know() -> None:
    assert bound_to(DENIED, WRITER, [OURS]) is DENIED


# --- the role's own policies ------------------------------------------------------------------------------------------

LOGS = store("audit")


def own(*statements: dict[str, Json], gap: Unknown | None = None) -> Listing[str]:
    rules = [{name: part for name, part in each.items() if name != "Principal"} for each in statements]
    policy = json.dumps({"Version": "2012-10-17", "Statement": rules})
    return Listing(items=(policy,), gaps=(Gap(unknown=gap),) if gap else (), sources=(HERE,))


OBJECTS = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload")
LISTS = ("s3:ListBucket", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads")
DOCUMENTED = (
    allow("", "s3:GetBucketLocation", resource=ARN),
    allow("", *OBJECTS, resource=[f"{ARN}/audit/", f"{ARN}/audit/*"]),
    allow("", *LISTS, resource=ARN, **when(StringLike={"s3:prefix": ["audit", "audit/*"]})),
)


@pytest.mark.parametrize(
    ("extra", "confined"),
    [
        ((), True),
        ((allow("", "kms:GenerateDataKey", "kms:Decrypt", resource=KEY),), True),
        ((allow("", "s3:PutObject", resource=f"{ARN}/*"),), False),
        ((allow("", "s3:PutObject", resource="arn:aws:s3:::another/*"),), False),
        ((allow("", "s3:GetObjectVersion", resource=f"{ARN}/audit/*"),), False),
        ((allow("", "s3:ListBucket", resource=ARN),), False),
        ((allow("", "s3:*", resource="*"),), False),
        ((allow("", "*", resource="*"),), False),
        ((allow("", "s3:*", resource="*"), deny(NotResource=f"{ARN}/audit/*", Resource=None)), False),
    ],
)
def test_the_role_is_confined_to_its_place_and_to_what_is_documented(
    extra: tuple[dict[str, Json], ...],
    confined: bool,  # noqa: FBT001 - parametrised
) -> None:
    clean: list[dict[str, Json]] = [{name: part for name, part in each.items() if part is not None} for each in extra]
    assert value(confined_to(own(*DOCUMENTED, *clean), WRITER, [LOGS])) is confined


def test_two_places_of_one_role_confine_it_together() -> None:
    both = own(*DOCUMENTED, allow("", *OBJECTS, resource=f"{ARN}/bills/*"))
    assert value(confined_to(both, WRITER, [LOGS])) is False
    assert value(confined_to(both, WRITER, [LOGS, store("bills")])) is True


def test_a_policy_that_was_not_read_may_reach_further_and_cannot_reach_less() -> None:
    assert confined_to(own(*DOCUMENTED, gap=DENIED), WRITER, [LOGS]) is DENIED
    assert value(confined_to(own(allow("", "s3:*", resource="*"), gap=DENIED), WRITER, [LOGS])) is False
    config = RoleConfig(
        arn=WRITER,
        trust_policy=DENIED,
        policies=Listing(items=(NamedPolicy(name="a", document=DENIED), NamedPolicy(name="b", document=given("{}")))),
    )
    assert (role_policies(config).items, role_policies(config).gaps) == (("{}",), (Gap(unknown=DENIED),))


# --- putting logs -----------------------------------------------------------------------------------------------------

ELSEWHERE = "arn:aws:iam::222233334444:role/audit-log-delivery"
NOTHING: Listing[str] = Listing(items=(), sources=(HERE,))


@pytest.mark.parametrize(
    ("bucket", "policies", "arn", "admitted"),
    [
        ("", own(*DOCUMENTED), WRITER, True),  # in one account the bucket policy need not exist
        ("", NOTHING, WRITER, False),
        (text(allow(WRITER, "s3:PutObject")), NOTHING, WRITER, True),
        (text(allow(ACCOUNT, "s3:PutObject")), NOTHING, WRITER, False),  # that leaves it to the role's policies
        (text(allow(ACCOUNT, "s3:PutObject")), own(*DOCUMENTED), WRITER, True),
        (text(deny({"Bool": {"aws:SecureTransport": "false"}})), own(*DOCUMENTED), WRITER, True),
        (text(deny({"StringNotEquals": {"aws:PrincipalArn": WRITER}})), own(*DOCUMENTED), WRITER, True),
        (
            text(deny({"StringNotEquals": {"aws:PrincipalTag/team": "sec"}}, Principal="*")),
            own(*DOCUMENTED),
            WRITER,
            True,
        ),
        (text(deny()), own(*DOCUMENTED), WRITER, False),
        (text(deny({"Null": {"s3:x-amz-server-side-encryption": "true"}})), own(*DOCUMENTED), WRITER, False),
        (
            text(deny({"StringNotEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}})),
            own(*DOCUMENTED),
            WRITER,
            True,
        ),
        (text(deny({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})), own(*DOCUMENTED), WRITER, Reason.UNDETERMINED),
        (text(allow(WRITER, "s3:PutObject", resource=f"{ARN}/other/*")), NOTHING, WRITER, False),
        ("", own(*DOCUMENTED), ELSEWHERE, False),  # another account's own policies do not open this one's bucket
        (text(allow(ELSEWHERE, "s3:PutObject")), NOTHING, ELSEWHERE, True),
        (text(allow("222233334444", "s3:PutObject")), NOTHING, ELSEWHERE, True),
    ],
)
def test_the_role_can_put_logs_or_not(bucket: str, policies: Listing[str], arn: str, admitted: object) -> None:
    assert value(may_put(given(bucket), policies, arn, LOGS, ACCOUNT)) == admitted


def test_what_was_not_read_of_the_role_decides_only_where_the_bucket_does_not() -> None:
    unread: Listing[str] = Listing.unread(DENIED)
    assert may_put(given(""), unread, WRITER, LOGS, ACCOUNT) is DENIED
    assert value(may_put(given(text(allow(WRITER, "s3:PutObject"))), unread, WRITER, LOGS, ACCOUNT)) is True
    assert may_put(DENIED, own(*DOCUMENTED), WRITER, LOGS, ACCOUNT) is DENIED
    partly = own(allow("", "s3:GetObject", resource="*"), gap=DENIED)
    assert may_put(given(""), partly, WRITER, LOGS, ACCOUNT) is DENIED


# --- keys -------------------------------------------------------------------------------------------------------------

KMS_ROOT = allow(ACCOUNT, "kms:*", resource="*")
KMS_WRITER = allow(WRITER, "kms:GenerateDataKey", "kms:Decrypt", resource="*")


def key_of(*statements: dict[str, Json], grants: Listing[KeyGrant] | None = None) -> Listing[Grant]:
    config = KeyConfig(
        arn=given(KEY),
        manager=Known(value=KeyManager.CUSTOMER, sources=()),
        enabled=DENIED,
        state=DENIED,
        rotating=DENIED,
        policy=given(text(*statements)),
        grants=grants or Listing(items=(), sources=(HERE,)),
    )
    return key_access(config, GROUND, NOW)


def test_a_key_policy_tells_the_account_and_whom_it_names_beside_it() -> None:
    found = {row(grant) for grant in key_of(KMS_ROOT, KMS_WRITER).items}
    assert found >= {(WRITER, "read", "own"), (WRITER, "write", "own"), (ACCOUNT, "administer", "own")}
    assert (WRITER, "administer", "own") not in found


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("*", "kms:Decrypt", resource="*"), {("any_account", "read", "public")}),  # nobody unsigned
        (allow(STRANGER, "kms:ScheduleKeyDeletion", resource="*"), {(STRANGER, "delete", "outside")}),
        (allow(STRANGER, "kms:PutKeyPolicy", resource="*"), {(STRANGER, "administer", "outside")}),
        (
            allow("*", "kms:Decrypt", resource="*", **when(StringEquals={"kms:CallerAccount": ACCOUNT})),
            {(ACCOUNT, "read", "own")},
        ),
    ],
)
def test_a_key_lets_in_whom_its_policy_does(statement: dict[str, Json], expected: set[tuple[str, str, str]]) -> None:
    assert {row(grant) for grant in key_of(statement).items} == expected


def test_grants_of_a_key_are_grants() -> None:
    listed = Listing(
        items=(
            KeyGrant(
                grantee=f"arn:aws:iam::{STRANGER}:role/x", operations=("Decrypt", "GenerateDataKey", "CreateGrant")
            ),
            KeyGrant(grantee="rds.eu-central-1.amazonaws.com", operations=("Decrypt",)),
        ),
        gaps=(Gap(unknown=DENIED),),
        sources=(HERE,),
    )
    found = key_of(grants=listed)
    name = f"arn:aws:iam::{STRANGER}:role/x"
    assert {row(grant) for grant in found.items} == {
        (name, "read", "outside"),
        (name, "write", "outside"),
        (name, "administer", "outside"),
        ("rds.eu-central-1.amazonaws.com", "read", "own"),
    }
    assert found.gaps == (Gap(unknown=DENIED),)


@pytest.mark.parametrize(
    ("policies", "usable"),
    [
        (own(allow("", "kms:GenerateDataKey", "kms:Decrypt", resource=KEY)), True),
        (own(allow("", "kms:*", resource="*")), True),
        (own(allow("", "kms:GenerateDataKey", resource=KEY)), False),
        (own(allow("", "kms:GenerateDataKey", "kms:Decrypt", resource=f"{KEY}0")), False),
        (own(*DOCUMENTED, gap=DENIED), Reason.DENIED),
    ],
)
def test_a_role_uses_a_key_that_leaves_it_to_its_policies(policies: Listing[str], usable: object) -> None:
    assert value(may_use_key(policies, WRITER, KEY)) == usable


def test_nobody_unsigned_becomes_a_role() -> None:
    assert {row(grant)[0] for grant in trust(trusted("*", None)).items} == {"any_account"}
