"""Policies labelled by hand, each with the rule of the AWS documentation that decides it, in our words."""

from typing import Any

import pytest

from posture.iam import Answer, allows, make_request
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
    open_kinds,
    outsiders,
    policy,
)

EVERYONE = {"anonymous", "any_account"}
ROLE = f"arn:aws:iam::{FRIEND}:role/reader"
USER = f"arn:aws:iam::{FRIEND}:user/alice"


def when(operator: str, key: str, value: object) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def both(*lines: tuple[str, str, object]) -> dict[str, Any]:
    found: dict[str, dict[str, object]] = {}
    for operator, key, value in lines:
        found.setdefault(operator, {})[key] = value
    return {"Condition": found}


VIA_OFFICE = {f"{who} via aws:SourceIp=203.0.113.0/24" for who in EVERYONE}
NOT_RESOURCE = {"Effect": "Deny", "Principal": "*", "Action": "*", "NotResource": f"{BUCKET}/public/*"}

LABELLED: list[tuple[str, list[dict[str, Any]], set[str]]] = [
    ("A star principal stands for everyone, unsigned callers included.", [allow("*")], EVERYONE),
    ("Star as AWS principal is the same as a bare star.", [allow({"AWS": "*"})], EVERYONE),
    ("A star in a list of principals makes the others redundant.", [allow({"AWS": ["*", FRIEND]})], EVERYONE),
    ("An account id as principal delegates to the whole account.", [allow({"AWS": FRIEND})], {f"account {FRIEND}"}),
    (
        "The root ARN as principal is the account, not its root user only.",
        [allow({"AWS": f"arn:aws:iam::{FRIEND}:root"})],
        {f"account {FRIEND}"},
    ),
    ("A user ARN is that user.", [allow({"AWS": USER})], {f"principal {USER}"}),
    ("A role ARN is every session of the role.", [allow({"AWS": ROLE})], {f"principal {ROLE}"}),
    (
        "A unique id in a principal is what is left of a deleted identity: nobody.",
        [allow({"AWS": "AIDACKCEVSQ6C2EXAMPLE"})],
        set(),
    ),
    ("An explicit deny overrides every allow.", [allow(), deny()], set()),
    ("Without an allow a request is denied.", [deny(action="s3:PutObject")], set()),
    ("A deny of another action leaves this one.", [allow(), deny(action="s3:PutObject")], EVERYONE),
    ("A deny for one account leaves all others.", [allow(), deny({"AWS": FRIEND})], EVERYONE),
    (
        "NotPrincipal with Allow lets in everyone else, unsigned callers too.",
        [{k: v for k, v in allow().items() if k != "Principal"} | {"NotPrincipal": {"AWS": FRIEND}}],
        EVERYONE,
    ),
    ("Action names are not case-sensitive.", [allow(action="S3:GETobject")], EVERYONE),
    ("A question mark in an action is one character.", [allow(action="s3:Get?bject")], EVERYONE),
    (
        "NotAction is everything else.",
        [{k: v for k, v in allow().items() if k != "Action"} | {"NotAction": "s3:Get*"}, deny(action="s3:GetBucket*")],
        EVERYONE,
    ),
    ("Resource ARNs are case-sensitive.", [allow(resource="arn:aws:s3:::LOGS/*")], set()),
    ("A star in a resource crosses slashes.", [allow(resource=f"{BUCKET}/*/x")], EVERYONE),
    ("Object actions do not match the bucket's own ARN.", [allow(resource=BUCKET)], set()),
    ("A deny of everything but a prefix leaves the prefix.", [allow(), NOT_RESOURCE], EVERYONE),
    ("Another partition's ARN never names a bucket of this one.", [allow(resource="arn:aws-cn:s3:::logs/*")], set()),
    ("StringEquals takes a star literally.", [allow(**when("StringEquals", "aws:PrincipalOrgID", "o-*"))], set()),
    (
        "StringLike takes a star as any text.",
        [allow(**when("StringLike", "aws:PrincipalOrgID", "o-*"))],
        {"any_account"},
    ),
    (
        "An organisation id is asserted by AWS.",
        [allow(**when("StringEquals", "aws:PrincipalOrgID", ORG))],
        {f"organisation {ORG}"},
    ),
    (
        "IfExists is true where the key is absent.",
        [allow(**when("StringEqualsIfExists", "aws:PrincipalOrgID", ORG))],
        EVERYONE,
    ),
    (
        "A negated operator is true where the key is absent.",
        [allow(**when("StringNotEquals", "aws:PrincipalOrgID", ORG))],
        EVERYONE,
    ),
    (
        "ForAllValues is true where the key is absent.",
        [allow(**when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/*"))],
        EVERYONE,
    ),
    (
        "Null false closes the gap that ForAllValues leaves.",
        [
            allow(
                **both(
                    ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/*"),
                    ("Null", "aws:PrincipalOrgPaths", "false"),
                )
            )
        ],
        {f"organisation {ORG}"},
    ),
    (
        "ForAnyValue is false where the key is absent.",
        [allow(**when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/*"))],
        {f"organisation {ORG}"},
    ),
    (
        "Null true asks for the key's absence: unsigned callers have no ARN.",
        [allow(**when("Null", "aws:PrincipalArn", "true"))],
        {"anonymous"},
    ),
    (
        "Several values of a key are alternatives.",
        [allow(**when("StringEquals", "aws:PrincipalAccount", [FRIEND, OTHER]))],
        {f"account {FRIEND},{OTHER}"},
    ),
    (
        "Several keys must all hold.",
        [
            allow(
                **both(
                    ("StringEquals", "aws:PrincipalAccount", FRIEND),
                    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OTHER}:*"),
                )
            )
        ],
        set(),
    ),
    (
        "Two operators must both hold.",
        [allow(**both(("StringLike", "aws:PrincipalAccount", "4*"), ("StringNotLike", "aws:PrincipalAccount", "4*")))],
        set(),
    ),
    (
        "Account patterns match digits from the left.",
        [allow(**when("StringLike", "aws:PrincipalAccount", "9876*"))],
        {"account_pattern 9876*"},
    ),
    (
        "Unsigned callers carry the word anonymous as account.",
        [allow(**when("StringEquals", "aws:PrincipalAccount", "anonymous"))],
        {"anonymous"},
    ),
    (
        "ArnLike looks at each component alone.",
        [allow(**when("ArnLike", "aws:PrincipalArn", "arn:aws:iam:*:role/x:*"))],
        set(),
    ),
    (
        "ArnEquals takes wildcards as ArnLike does.",
        [allow(**when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/audit"))],
        {"any_account"},
    ),
    (
        "An address block bounds the caller to its network.",
        [allow(**when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))],
        VIA_OFFICE,
    ),
    (
        "Through an endpoint there is no source address, and NotIpAddress is true.",
        [allow(), deny(**when("IpAddress", "aws:SourceIp", ["0.0.0.0/0", "::/0"]))],
        EVERYONE,
    ),
    (
        "A deny by NotIpAddress also stops endpoint callers.",
        [allow(), deny(**when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"))],
        VIA_OFFICE,
    ),
    (
        "A deny of a wider block swallows the allowed one.",
        [
            allow(**when("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
            deny(**when("IpAddress", "aws:SourceIp", "203.0.0.0/16")),
        ],
        set(),
    ),
    (
        "The endpoint id is asserted by AWS.",
        [allow(), deny(**when("StringNotEquals", "aws:SourceVpce", "vpce-1"))],
        {f"{who} via aws:sourcevpce=vpce-1" for who in EVERYONE},
    ),
    (
        "Refusing plain HTTP leaves HTTPS open.",
        [allow(), deny(**when("Bool", "aws:SecureTransport", "false"))],
        EVERYONE,
    ),
    (
        "The resource's account is always the owner's.",
        [allow(**when("StringEquals", "aws:ResourceAccount", OWNER))],
        EVERYONE,
    ),
    ("The resource's account is never another.", [allow(**when("StringEquals", "aws:ResourceAccount", FRIEND))], set()),
    (
        "Long-term keys carry no MFA key, so a Bool deny passes them by.",
        [allow({"AWS": FRIEND}), deny(**when("Bool", "aws:MultiFactorAuthPresent", "false"))],
        {f"account {FRIEND}"},
    ),
    (
        "BoolIfExists false also denies long-term keys; MFA sessions remain.",
        [allow({"AWS": FRIEND}), deny(**when("BoolIfExists", "aws:MultiFactorAuthPresent", "false"))],
        {f"account {FRIEND}"},
    ),
    (
        "An MFA age exists only with MFA, so Null true denies all without it.",
        [allow({"AWS": FRIEND}), deny(**when("Null", "aws:MultiFactorAuthAge", "true"))],
        {f"account {FRIEND}"},
    ),
    (
        "A service principal is that service, for whichever customer it acts.",
        [allow({"Service": "delivery.logs.amazonaws.com"})],
        {"service delivery.logs.amazonaws.com"},
    ),
    (
        "The source account ties a service to one customer.",
        [allow({"Service": "delivery.logs.amazonaws.com"}, **when("StringEquals", "aws:SourceAccount", FRIEND))],
        {f"service delivery.logs.amazonaws.com for {FRIEND}"},
    ),
    (
        "Users and roles never carry a source account.",
        [allow({"AWS": FRIEND}, **when("StringEquals", "aws:SourceAccount", FRIEND))],
        set(),
    ),
    (
        "The service flag is false for signed callers and absent for unsigned ones.",
        [allow(**when("Bool", "aws:PrincipalIsAWSService", "false"))],
        {"any_account"},
    ),
    (
        "A user name is the last part of the user's ARN.",
        [allow({"AWS": USER}, **when("StringEquals", "aws:username", "bob"))],
        set(),
    ),
    (
        "The id before the colon is AWS's, the session name is the caller's.",
        [allow(**when("StringLike", "aws:userid", "AROAEXAMPLEID:*"))],
        {"unique_id AROAEXAMPLEID"},
    ),
    (
        "The current time never lies in the past.",
        [allow(**when("DateLessThan", "aws:CurrentTime", "2024-01-01T00:00:00Z"))],
        set(),
    ),
    (
        "Numbers are compared as numbers.",
        [
            allow(
                action="s3:ListBucket",
                resource=BUCKET,
                **both(("NumericLessThan", "s3:max-keys", "10"), ("NumericGreaterThan", "s3:max-keys", "9.5")),
            )
        ],
        EVERYONE,
    ),
    (
        "A bucket delegated to access points is reached through those only.",
        [allow(resource=BOTH, **when("StringEquals", "s3:DataAccessPointAccount", OWNER))],
        {f"{who} via {OWNER}" for who in EVERYONE},
    ),
    (
        "An old policy version knows no variables.",
        [allow({"AWS": USER}, resource=f"{BUCKET}/${{aws:username}}"), deny(resource=f"{BUCKET}/alice")],
        {f"principal {USER}"},
    ),
]


@pytest.mark.parametrize(
    ("sentence", "statements", "expected"), LABELLED, ids=[sentence for sentence, _, _ in LABELLED]
)
def test_labelled(sentence: str, statements: list[dict[str, Any]], expected: set[str]) -> None:
    version = "2008-10-17" if "old policy version" in sentence else "2012-10-17"
    answer = ask(policy(*statements, version=version), organisation=ORG)
    own = (f"account {OWNER}", f"organisation {ORG} via", "service *")
    assert {text for text in outsiders(answer) if not text.startswith(own)} == expected
    assert all(kind.value == "service" for kind in open_kinds(answer)), answer.undetermined


def test_there_are_fifty() -> None:
    assert len({sentence for sentence, _, _ in LABELLED}) >= 50


VARIABLES = [
    ("A variable is filled with the request's value.", "${aws:username}/*", f"{BUCKET}/alice/x", Answer.ALLOWED),
    ("Another user's name does not match.", "${aws:username}/*", f"{BUCKET}/bob/x", Answer.DENIED),
    ("A variable without value matches nothing.", "${aws:PrincipalTag/team}/*", f"{BUCKET}/red/x", Answer.DENIED),
    (
        "A default stands in for a missing value.",
        "${aws:PrincipalTag/team, 'red'}/*",
        f"{BUCKET}/red/x",
        Answer.ALLOWED,
    ),
    ("An escaped star is a star.", "${*}", f"{BUCKET}/*", Answer.ALLOWED),
    ("An escaped star is nothing else.", "${*}", f"{BUCKET}/x", Answer.DENIED),
]


@pytest.mark.parametrize(("sentence", "tail", "resource", "expected"), VARIABLES, ids=[row[0] for row in VARIABLES])
def test_variables(sentence: str, tail: str, resource: str, expected: Answer) -> None:
    assert sentence
    document = policy(allow({"AWS": USER}, resource=f"{BUCKET}/{tail}"))
    decision = allows(document, make_request(principal=USER, action="s3:GetObject", resource=resource), owner=OWNER)
    assert decision.answer is expected


def test_allows_names_the_deciding_statement() -> None:
    document = policy(allow(Sid="open"), deny(Sid="closed", resource=f"{BUCKET}/private/*"))
    first = allows(document, make_request(principal="*", action="s3:GetObject", resource=f"{BUCKET}/a"))
    assert (first.answer, first.statement, first.sid) == (Answer.ALLOWED, 0, "open")
    second = allows(document, make_request(principal="*", action="s3:GetObject", resource=f"{BUCKET}/private/a"))
    assert (second.answer, second.statement, second.sid, second.explicit) == (Answer.DENIED, 1, "closed", True)
    third = allows(document, make_request(principal="*", action="s3:PutObject", resource=OBJECTS))
    assert (third.answer, third.statement, third.explicit) == (Answer.DENIED, None, False)


def test_allows_is_open_without_what_it_needs() -> None:
    document = policy(allow(**when("StringEquals", "aws:ResourceOrgID", ORG)))
    request = make_request(principal=ROLE, action="s3:GetObject", resource=f"{BUCKET}/a")
    assert allows(document, request).answer is Answer.UNDETERMINED
    assert allows(document, request, organisation=ORG).answer is Answer.ALLOWED
    assert allows(document, request, organisation="").answer is Answer.DENIED
