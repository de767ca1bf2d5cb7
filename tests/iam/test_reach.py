"""The named traps and the plain cases: who gets in, by what path, and what stays open."""

from typing import Any

import pytest

from posture.iam import ActionClass, Gate, GateKind, PrincipalKind, reach
from tests.iam.build import (
    BOTH,
    BUCKET,
    FRIEND,
    OBJECTS,
    ORG,
    OTHER,
    OWNER,
    allow,
    ask,
    deny,
    kinds,
    open_kinds,
    outsiders,
    policy,
)

EVERYONE = {"anonymous", "any_account"}


def condition(operator: str, key: str, value: object) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


PUBLIC = {
    "plain": allow(),
    "AWS star": allow({"AWS": "*"}),
    "T1 resource account": allow(**condition("StringEquals", "aws:ResourceAccount", OWNER)),
    "T1 s3 resource account": allow(**condition("StringEquals", "s3:ResourceAccount", OWNER)),
    "T6 ForAllValues": allow(**condition("ForAllValues:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/*")),
    "T7 IfExists": allow(**condition("StringEqualsIfExists", "aws:PrincipalOrgID", ORG)),
    "T9 negated string": allow(**condition("StringNotEquals", "aws:SourceVpce", "vpce-1")),
    "T9 negated address": allow(**condition("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")),
    "T10 all of IPv4": allow(**condition("IpAddress", "aws:SourceIp", "0.0.0.0/0")),
    "T10 two halves": allow(**condition("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"])),
    "T10 all of IPv6": allow(**condition("IpAddress", "aws:SourceIp", "::/0")),
    "T11 user agent": allow(**condition("StringEquals", "aws:UserAgent", "secret")),
    "T11 referer": allow(**condition("StringLike", "aws:Referer", "https://example.com/*")),
    "T11 acl header": allow(**condition("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control")),
    "https only": allow(**condition("Bool", "aws:SecureTransport", "true")),
    "opens in the future": allow(**condition("DateGreaterThan", "aws:CurrentTime", "2027-01-01T00:00:00Z")),
    "empty or home prefix": allow(
        action="s3:ListBucket", resource=BUCKET, **condition("StringEquals", "s3:prefix", "")
    ),
}


@pytest.mark.parametrize("statement", PUBLIC.values(), ids=PUBLIC.keys())
def test_public(statement: dict[str, Any]) -> None:
    answer = ask(policy(statement), organisation=ORG)
    assert outsiders(answer) >= EVERYONE
    assert not answer.undetermined


def test_public_needs_no_named_classes_beside_it() -> None:
    assert kinds(ask(policy(allow()))) == {"anonymous", "any_account", "service *"}


NOT_ANONYMOUS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "T3 any account can have a role of that name": (
        allow(**condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/audit")),
        {"any_account"},
    ),
    "T4 digits in a name": (allow(**condition("StringLike", "aws:PrincipalArn", f"*{OWNER}*")), {"any_account"}),
    "T5 star account": (allow(**condition("StringLike", "aws:PrincipalAccount", "*")), EVERYONE),
    "T17 star is literal": (allow(**condition("StringEquals", "aws:PrincipalArn", "*")), set()),
    "T17 star account is literal": (allow(**condition("StringEquals", "aws:PrincipalAccount", "*")), set()),
    "ArnLike does not cross colons": (
        allow(**condition("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{FRIEND}:*")),
        {f"account {FRIEND}"},
    ),
    "named account": (allow({"AWS": FRIEND}), {f"account {FRIEND}"}),
    "root ARN is the account": (allow({"AWS": f"arn:aws:iam::{FRIEND}:root"}), {f"account {FRIEND}"}),
    "root as principal ARN is the root user": (
        allow(**condition("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{FRIEND}:root")),
        {f"account {FRIEND}"},
    ),
    "named role": (
        allow({"AWS": f"arn:aws:iam::{FRIEND}:role/reader"}),
        {f"principal arn:aws:iam::{FRIEND}:role/reader"},
    ),
    "named session": (
        allow({"AWS": f"arn:aws:sts::{FRIEND}:assumed-role/reader/me"}),
        {f"principal arn:aws:sts::{FRIEND}:assumed-role/reader/me"},
    ),
    "deleted role": (allow({"AWS": "AROAEXAMPLEEXAMPLE"}), set()),
    "organisation": (allow(**condition("StringEquals", "aws:PrincipalOrgID", ORG)), {f"organisation {ORG}"}),
    "another organisation": (
        allow(**condition("StringEquals", "aws:PrincipalOrgID", "o-partner000")),
        {"organisation o-partner000"},
    ),
    "any organisation": (allow(**condition("StringLike", "aws:PrincipalOrgID", "o-*")), {"any_account"}),
    "organisation by paths": (
        allow(**condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/r-ab12/*")),
        {f"organisation {ORG}"},
    ),
    "unit without organisation": (
        allow(**condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/ou-ab12-11111111/*")),
        {"any_account"},
    ),
    "account pattern": (allow(**condition("StringLike", "aws:PrincipalAccount", "1234*")), {"account_pattern 1234*"}),
    "address block": (
        allow(**condition("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
        {f"{who} via aws:SourceIp=203.0.113.0/24" for who in EVERYONE},
    ),
    "T13 denied block": (allow(**condition("IpAddress", "aws:SourceIp", "203.0.113.0/24")), set()),
    "endpoint": (
        allow(**condition("StringEquals", "aws:SourceVpce", "vpce-1")),
        {f"{who} via aws:sourcevpce=vpce-1" for who in EVERYONE},
    ),
    "closed in the past": (allow(**condition("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z")), set()),
    "canonical user": (allow({"CanonicalUser": "a" * 64}), {f"canonical_user {'a' * 64}"}),
    "unique id": (
        allow(**condition("StringLike", "aws:userid", "AROAEXAMPLEID:*")),
        {"unique_id AROAEXAMPLEID"},
    ),
    "session name is chosen": (allow(**condition("StringLike", "aws:userid", "*:me")), {"any_account"}),
    "principal type is chosen": (allow(**condition("StringEquals", "aws:PrincipalType", "User")), {"any_account"}),
    "T8 own access points": (
        allow(**condition("StringEquals", "s3:DataAccessPointAccount", OWNER)),
        {f"{who} via {OWNER}" for who in EVERYONE},
    ),
    "federated providers sign nothing": (allow({"Federated": "graph.facebook.com"}), set()),
}


@pytest.mark.parametrize(("statement", "expected"), NOT_ANONYMOUS.values(), ids=NOT_ANONYMOUS.keys())
def test_classes(statement: dict[str, Any], expected: set[str], request: pytest.FixtureRequest) -> None:
    cut = [deny(**condition("IpAddress", "aws:SourceIp", "203.0.0.0/16"))] if "T13" in request.node.name else []
    answer = ask(policy(statement, *cut), organisation=ORG)
    own = {text for text in outsiders(answer) if not text.startswith((f"account {OWNER}", f"organisation {ORG} "))}
    assert own == expected, answer
    assert open_kinds(answer) <= {PrincipalKind.SERVICE}  # what services carry in the identity keys is not documented


CANCELLED = {
    "T12 deny all": [deny()],
    "T12 deny of the action": [deny(action="s3:Get*")],
    "T12 together cover everything": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": f"{OBJECTS[:-1]}a/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": f"{OBJECTS[:-1]}b/*"},
    ],
    "T12 deny unless own account": [deny(**condition("StringNotEquals", "aws:PrincipalAccount", OWNER))],
    "T12 deny all but the own root": [
        {"Effect": "Deny", "NotPrincipal": {"AWS": OWNER}, "Action": "s3:*", "Resource": BOTH}
    ],
    "deny by prefix halves": [deny(resource=f"{BUCKET}/?"), deny(resource=f"{BUCKET}/??*")],
}


@pytest.mark.parametrize("denies", CANCELLED.values(), ids=CANCELLED.keys())
def test_cancelled_by_deny(denies: list[dict[str, Any]]) -> None:
    answer = ask(policy(allow(), *denies))
    assert not outsiders(answer)
    assert not (open_kinds(answer) & {PrincipalKind.ANONYMOUS, PrincipalKind.ANY_ACCOUNT})


SURVIVES = {
    "T14 address through an endpoint": deny(**condition("IpAddress", "aws:SourceIp", ["0.0.0.0/0", "::/0"])),
    "T14 long-term keys": deny(**condition("Bool", "aws:MultiFactorAuthPresent", "false")),
    "T15 plain http": deny(**condition("Bool", "aws:SecureTransport", "false")),
    "deny of one prefix": deny(resource=f"{BUCKET}/private/*"),
    "old tls": deny(**condition("NumericLessThan", "s3:TlsVersion", "1.2")),
}


@pytest.mark.parametrize("statement", SURVIVES.values(), ids=SURVIVES.keys())
def test_survives_deny(statement: dict[str, Any]) -> None:
    answer = ask(policy(allow(), statement))
    assert outsiders(answer) >= EVERYONE
    assert not answer.undetermined


def test_services() -> None:
    bare = allow({"Service": "cloudtrail.amazonaws.com"}, action="s3:PutObject")
    own = {**bare, **condition("StringEquals", "aws:SourceAccount", OWNER)}
    arn = {**bare, **condition("ArnLike", "aws:SourceArn", f"arn:aws:cloudtrail:*:{FRIEND}:trail/*")}
    bucket = {**bare, **condition("ArnLike", "aws:SourceArn", "arn:aws:s3:::inventory-source")}
    loose = {**bare, **condition("ArnLike", "aws:SourceArn", "arn:aws:s3:::inventory-*")}
    name = "service cloudtrail.amazonaws.com"
    assert kinds(ask(policy(bare))) == {name}
    assert kinds(ask(policy(own))) == {f"{name} for {OWNER}"}
    assert kinds(ask(policy(arn))) == {f"{name} for {FRIEND}"}
    assert kinds(ask(policy(bucket))) == {f"{name} for arn:aws:s3:::inventory-source"}
    assert kinds(ask(policy(loose))) == {name}


def test_identity_and_network_belong_to_one_caller() -> None:
    both = condition("StringEquals", "aws:PrincipalAccount", FRIEND)
    both["Condition"]["ArnLike"] = {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}
    assert not outsiders(ask(policy(allow(**both))))


def test_username_is_part_of_the_arn() -> None:
    clash = {
        "Condition": {
            "StringEquals": {"aws:username": "bob"},
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"},
        }
    }
    fits = {
        "Condition": {
            "StringEquals": {"aws:username": "bob"},
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*/b*"},
        }
    }
    assert not outsiders(
        ask(
            policy(
                allow(**clash | {"Condition": {**clash["Condition"], "StringNotLike": {"aws:PrincipalArn": "*/*/*"}}})
            )
        )
    )
    assert outsiders(ask(policy(allow(**fits)))) == {"any_account"}


def test_not_principal_allow() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": FRIEND}, "Action": "s3:GetObject", "Resource": OBJECTS}
    answer = ask(policy(statement))
    assert outsiders(answer) == EVERYONE


def test_not_principal_deny_below_the_account_is_open_for_that_account_only() -> None:
    spare = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": f"arn:aws:iam::{FRIEND}:role/r"},
        "Action": "s3:*",
        "Resource": BOTH,
    }
    answer = ask(policy(allow(), spare))
    assert not outsiders(answer)
    assert {item.principal.names for item in answer.undetermined if item.principal} == {
        (FRIEND,),
        (f"arn:aws:iam::{FRIEND}:role/r",),
    }


OPEN = {
    "T18 operator": allow(**condition("ForAnyValues:StringEquals", "aws:PrincipalOrgID", ORG)),
    "unknown key": allow(**condition("StringEquals", "custom:key", "x")),
    "partial principal": allow({"AWS": f"arn:aws:iam::{FRIEND}:role/*"}),
    "several values without set operator": allow(**condition("StringEquals", "aws:TagKeys", "a")),
    "unknown element": allow(Extra="x"),
    "unknown effect": {**allow(), "Effect": "allow"},
    "no principal": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS},
    "both principals": allow(NotPrincipal={"AWS": FRIEND}),
    "bad resource": allow(resource="logs/*"),
    "bad action": allow(action="GetObject"),
    "tag of the resource": allow(**condition("StringEquals", "aws:ResourceTag/a", "b")),
}


@pytest.mark.parametrize("statement", OPEN.values(), ids=OPEN.keys())
def test_open_is_never_nobody(statement: dict[str, Any]) -> None:
    answer = ask(policy(statement))
    assert not answer.classes
    assert PrincipalKind.ANONYMOUS in open_kinds(answer)
    assert all(item.reasons for item in answer.undetermined)


def test_open_part_hides_no_other_statement() -> None:
    answer = ask(policy(OPEN["T18 operator"], allow({"AWS": FRIEND})))
    assert f"account {FRIEND}" in kinds(answer)


def test_open_deny_blocks_certainty() -> None:
    answer = ask(policy(allow(), deny(**condition("StringEqualz", "aws:PrincipalOrgID", ORG))))
    assert not answer.classes
    assert answer.undetermined


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", b"\xff\xfe", "[" * 100_000, '{"Version":"2012-10-17"}'])
def test_unreadable_is_open_for_everyone(text: str | bytes) -> None:
    answer = reach(grants=[text], owner=OWNER, resource=BUCKET)
    assert not answer.classes
    assert {PrincipalKind.ANONYMOUS, PrincipalKind.ANY_ACCOUNT} <= open_kinds(answer)
    assert {item.action_class for item in answer.undetermined} >= set(ActionClass) - {ActionClass.OTHER}


def test_duplicate_keys_are_open() -> None:
    text = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Principal":"*",'
        f'"Action":"s3:GetObject","Resource":"{OBJECTS}"}}]}}'
    )
    answer = reach(grants=[text], owner=OWNER, resource=BUCKET)
    assert not answer.classes
    assert answer.undetermined


def test_union_of_grants_is_cut_by_every_deny() -> None:
    first, second = policy(allow({"AWS": FRIEND})), policy(allow({"AWS": OTHER}))
    assert outsiders(ask(first, second)) == {f"account {FRIEND},{OTHER}"} or outsiders(ask(first, second)) == {
        f"account {FRIEND}",
        f"account {OTHER}",
    }
    assert not outsiders(ask(first, policy(deny())))


def test_gate_that_cuts() -> None:
    rcp = policy(deny(resource="*", **condition("StringNotEqualsIfExists", "aws:PrincipalOrgID", ORG)))
    gate = Gate(policy=rcp, kind=GateKind.CUTS, name="resource control policy")
    answer = ask(policy(allow()), gates=[gate], organisation=ORG)
    assert "any_account" not in kinds(answer)
    assert f"organisation {ORG}" in kinds(answer)


def test_access_point_must_allow_as_well() -> None:
    arn = f"arn:aws:s3:eu-west-1:{OWNER}:accesspoint/share"
    bucket = policy(
        allow(action="s3:*", resource=BOTH, **condition("StringEquals", "s3:DataAccessPointAccount", OWNER))
    )
    point = policy(allow({"AWS": FRIEND}, resource=f"{arn}/object/shared/*"))
    answer = ask(
        bucket,
        gates=[Gate(policy=point, kind=GateKind.CONFIRMS, name="access point", resource=arn)],
        context={
            "s3:DataAccessPointArn": arn,
            "s3:DataAccessPointAccount": OWNER,
            "s3:AccessPointNetworkOrigin": "Internet",
        },
    )
    assert outsiders(answer) == {f"account {FRIEND}"}
    (found,) = [item for item in answer.classes if item.principal.names == (FRIEND,)]
    assert found.witness.resource.startswith(f"{BUCKET}/shared/")
    assert {item.policy for item in found.statements} == {"grant 1", "access point"}


def test_key_is_a_second_gate_for_the_same_caller() -> None:
    key = f"arn:aws:kms:eu-west-1:{OWNER}:key/1"
    other = policy(allow({"AWS": OTHER}, action="kms:Decrypt", resource="*"))
    same = policy(allow({"AWS": FRIEND}, action="kms:Decrypt", resource="*"))
    bucket = policy(allow({"AWS": FRIEND}, action=["s3:GetObject", "s3:DeleteObject"]))

    def through(document: dict[str, object]) -> set[str]:
        gate = Gate(
            policy=document,
            kind=GateKind.CONFIRMS,
            name="key",
            resource=key,
            action="kms:Decrypt",
            only=("s3:GetObject",),
        )
        return {name for item in ask(bucket, gates=[gate]).classes for name in item.actions}

    assert through(other) == {"s3:DeleteObject"}
    assert through(same) == {"s3:DeleteObject", "s3:GetObject"}


def test_role_trust_and_external_id() -> None:
    trust = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": FRIEND},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "secret"}},
        }
    )
    role = f"arn:aws:iam::{OWNER}:role/delivery"
    assert kinds(ask(trust, resource=role)) == {f"account {FRIEND}"}
    assert not ask(trust, resource=role, context={"sts:ExternalId": None}).classes


def test_web_identity_trust() -> None:
    host = f"arn:aws:iam::{OWNER}:oidc-provider/token.actions.githubusercontent.com"
    trust = policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": host},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/*"}},
        }
    )
    answer = ask(trust, resource=f"arn:aws:iam::{OWNER}:role/ci")
    assert kinds(answer) == {f"federated {host}"}
    assert not answer.undetermined


def test_policy_variables() -> None:
    home = policy(allow({"AWS": FRIEND}, resource=f"{BUCKET}/home/${{aws:username}}/*"))
    answer = ask(home)
    assert outsiders(answer) == {f"account {FRIEND}"}
    assert not answer.undetermined
    old = policy(allow({"AWS": FRIEND}, resource=f"{BUCKET}/home/${{aws:username}}/*"), version="2008-10-17")
    (found,) = {item.witness.resource for item in ask(old).classes}
    assert found.startswith(f"{BUCKET}/home/${{aws:username}}/")


def test_own_organisation_through_a_variable() -> None:
    statement = allow(**condition("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"))
    answer = ask(policy(statement), organisation=ORG)
    assert outsiders(answer) == {f"organisation {ORG}"}
    assert not answer.undetermined
    assert ask(policy(statement)).undetermined


def test_actions_and_classes() -> None:
    answer = ask(policy(allow(action="s3:*", resource=BOTH)))
    classes = {item.action_class for item in answer.classes if item.principal.kind is PrincipalKind.ANONYMOUS}
    assert classes == set(ActionClass) - {ActionClass.OTHER}
    names = {name for item in answer.classes for name in item.actions}
    assert {"s3:GetObject", "s3:PutBucketPolicy", "s3:BypassGovernanceRetention"} <= names
    one = ask(policy(allow(action="s3:*", resource=OBJECTS)), actions=["s3:getobject"])
    assert {name for item in one.classes for name in item.actions} == {"s3:GetObject"}


def test_bucket_actions_do_not_match_object_resources() -> None:
    assert not ask(policy(allow(action="s3:ListBucket", resource=OBJECTS))).classes
    assert not ask(policy(allow(action="s3:GetObject", resource=BUCKET))).classes


def test_prefix_narrows_the_question() -> None:
    grant = policy(allow(resource=f"{BUCKET}/public/*"))
    assert outsiders(ask(grant, prefix="public/"))
    assert not outsiders(ask(grant, prefix="audit/"))


def test_unknown_service_has_a_fresh_action() -> None:
    queue = policy(allow(action="glacier:*", resource="*"))
    answer = reach(grants=[queue], owner=OWNER)
    assert {item.action_class for item in answer.classes} == {ActionClass.OTHER}


def test_same_input_same_answer() -> None:
    grant = policy(allow(**condition("StringLike", "aws:PrincipalArn", "*?*a?*b*")), deny(resource=f"{BUCKET}/x*"))
    assert ask(grant) == ask(grant)


def test_owner_must_be_an_account() -> None:
    with pytest.raises(ValueError, match="is no account id"):
        reach(grants=[], owner="me")


def test_presence_and_amount_are_of_one_key() -> None:
    """A key of no documented type, compared as a number in one line and asked for its absence in another."""
    clash = {
        "Condition": {"NumericLessThan": {"aws:PrincipalTag/level": "5"}, "Null": {"aws:PrincipalTag/level": "true"}}
    }
    fits = {
        "Condition": {"NumericLessThan": {"aws:PrincipalTag/level": "5"}, "Null": {"aws:PrincipalTag/level": "false"}}
    }
    assert not ask(policy(allow(**clash))).classes
    assert outsiders(ask(policy(allow(**fits)))) == {"any_account"}


def test_a_key_compared_as_text_and_number_is_open() -> None:
    line = {"NumericLessThan": {"aws:PrincipalTag/level": "5"}, "StringLike": {"aws:PrincipalTag/level": "4*"}}
    answer = ask(policy(allow(Condition=line)))
    assert not answer.classes
    assert PrincipalKind.ANY_ACCOUNT in open_kinds(answer)
    wrong = ask(policy(allow(**condition("NumericGreaterThan", "aws:CurrentTime", "5"))))
    assert not wrong.classes
    assert wrong.undetermined


def test_unknown_service_with_its_own_arn() -> None:
    vault = policy(allow(action="glacier:GetVault", resource=f"arn:aws:glacier:eu-west-1:{OWNER}:vaults/v"))
    assert reach(grants=[vault], owner=OWNER).classes


def test_access_point_policy_alone() -> None:
    arn = f"arn:aws:s3:eu-west-1:{OWNER}:accesspoint/share"
    point = policy(allow({"AWS": FRIEND}, resource=f"{arn}/object/shared/*"))
    answer = ask(point, resource=arn)
    assert outsiders(answer) == {f"account {FRIEND}"}
    assert {item.witness.resource for item in answer.classes} == {f"{arn}/object/shared/"}


def test_a_value_that_nobody_can_have_stands_for_no_other() -> None:
    vpc = allow(**condition("StringEquals", "aws:SourceVpc", ["vpc-1", "*"]))
    assert outsiders(ask(policy(vpc))) == {f"{who} via aws:sourcevpc=vpc-1" for who in (*EVERYONE, f"account {OWNER}")}
    role = allow(
        **condition(
            "StringEquals", "aws:PrincipalArn", [f"arn:aws:iam::{FRIEND}:role/*", f"arn:aws:iam::{FRIEND}:role/r"]
        )
    )
    assert outsiders(ask(policy(role))) == {f"principal arn:aws:iam::{FRIEND}:role/r"}


def test_a_class_covers_only_identities_of_its_own_account() -> None:
    roles = allow({"AWS": [f"arn:aws:iam::{FRIEND}:role/x", f"arn:aws:iam::{OTHER}:role/x"]})
    users = allow(**condition("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{FRIEND}:user/*"))
    assert outsiders(ask(policy(roles, users))) == {f"account {FRIEND}", f"principal arn:aws:iam::{OTHER}:role/x"}


def test_conditions_in_words() -> None:
    line = condition("IpAddress", "aws:SourceIp", "203.0.113.0/24")
    (found, *_) = ask(policy(allow({"AWS": FRIEND}, resource=f"{BUCKET}/shared/*", Sid="share", **line))).classes
    assert found.conditions == ("IpAddress aws:SourceIp = 203.0.113.0/24", f"Resource = {BUCKET}/shared/*")
    assert [(item.policy, item.index, item.sid) for item in found.statements] == [("grant 1", 0, "share")]
    assert not ask(policy(allow({"AWS": FRIEND}))).classes[0].conditions


def test_the_account_of_an_access_point_is_read_from_its_own_place() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs/*",
        "Condition": {
            "StringNotEquals": {"s3:DataAccessPointAccount": "111122223333"},
            "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
        },
    }
    answer = ask(policy(statement))
    assert not answer.undetermined
    assert answer.classes
