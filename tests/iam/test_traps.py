"""Further policies labelled by hand from the AWS documentation: where evaluators of policies are known to go wrong."""

from typing import Any

import pytest

from tests.iam.build import BOTH, BUCKET, FRIEND, ORG, OTHER, OWNER, allow, ask, deny, open_kinds, outsiders, policy
from tests.iam.test_labelled import EVERYONE, ROLE, USER, both, when

SESSION = f"arn:aws:sts::{FRIEND}:assumed-role/reader/alice"
LIST: dict[str, Any] = {"action": "s3:ListBucket", "resource": BUCKET}
SERVICE = {"Service": "cloudtrail.amazonaws.com"}
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{FRIEND}:trail/logs"


def without(statement: dict[str, Any], element: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {key: value for key, value in statement.items() if key != element} | more


TRAPS: list[tuple[str, list[dict[str, Any]], set[str]]] = [
    # principals
    (
        "The account of a session ARN in a condition is never the sts ARN: aws:PrincipalArn holds the role's.",
        [allow(**when("ArnEquals", "aws:PrincipalArn", SESSION))],
        set(),
    ),
    (
        "The root ARN as aws:PrincipalArn is the root user alone, so it does not open the account.",
        [allow({"AWS": FRIEND}), deny(**when("ArnNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{FRIEND}:root"))],
        {f"account {FRIEND}"},
    ),
    (
        "A deny for the root user's ARN leaves the users and roles of the account.",
        [allow({"AWS": FRIEND}), deny(**when("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{FRIEND}:root"))],
        {f"account {FRIEND}"},
    ),
    (
        "A role with a path is another role than one without.",
        [allow({"AWS": ROLE}), deny({"AWS": f"arn:aws:iam::{FRIEND}:role/team/reader"})],
        {f"principal {ROLE}"},
    ),
    (
        "A deny of the whole account covers the roles that the same policy names.",
        [allow({"AWS": ROLE}), deny({"AWS": f"arn:aws:iam::{FRIEND}:root"})],
        set(),
    ),
    (
        "A deleted role's id in a deny refuses nobody.",
        [allow({"AWS": FRIEND}), deny({"AWS": "AROACKCEVSQ6C2EXAMPLE"})],
        {f"account {FRIEND}"},
    ),
    (
        "NotPrincipal in a deny that spares an account refuses every other one, and unsigned callers.",
        [allow(), without(deny(), "Principal", NotPrincipal={"AWS": FRIEND})],
        {f"account {FRIEND}"},
    ),
    (
        "NotPrincipal in a deny that names a service refuses every customer and spares the service.",
        [allow(), without(deny(), "Principal", NotPrincipal=SERVICE)],
        {"service cloudtrail.amazonaws.com"},
    ),
    (
        "A service principal in an allow names the service and no account.",
        [allow(SERVICE), deny({"AWS": "*"}, **when("Bool", "aws:PrincipalIsAWSService", "false"))],
        {"service cloudtrail.amazonaws.com"},
    ),
    (
        "BoolIfExists on the service flag also refuses unsigned callers, who have no such flag.",
        [allow(), deny(**when("BoolIfExists", "aws:PrincipalIsAWSService", "false"))],
        set(),
    ),
    (
        "Bool on the service flag leaves unsigned callers alone.",
        [allow(), deny(**when("Bool", "aws:PrincipalIsAWSService", "false"))],
        {"anonymous"},
    ),
    (
        "A federated provider as principal does not sign S3 requests itself.",
        [allow({"Federated": "cognito-identity.amazonaws.com"})],
        set(),
    ),
    (
        "A canonical id stands for one account's owner, and a condition on unsigned callers does not reach it.",
        [
            allow(
                {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
                **when("StringEquals", "aws:PrincipalType", "Anonymous"),
            )
        ],
        set(),
    ),
    # organisations
    (
        "The organisation's paths begin with its id, so a path of another one never matches.",
        [
            allow(
                **both(
                    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-another000/r-1/*"),
                    ("StringEquals", "aws:PrincipalOrgID", ORG),
                )
            )
        ],
        set(),
    ),
    (
        "A path without a closing star is one unit and not those below it, yet still the organisation.",
        [allow(**when("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", f"{ORG}/r-ab12/ou-ab12-11111111/"))],
        {f"organisation {ORG}"},
    ),
    (
        "StringNotEqualsIfExists in a deny refuses callers of no organisation too.",
        [allow(), deny(**when("StringNotEqualsIfExists", "aws:PrincipalOrgID", ORG))],
        {f"organisation {ORG}"},
    ),
    (
        "The resource's organisation says nothing of the caller.",
        [allow(**when("StringEquals", "aws:ResourceOrgID", ORG))],
        EVERYONE,
    ),
    (
        "A variable for the resource's organisation in a condition on the caller's is that organisation.",
        [allow(**when("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"))],
        {f"organisation {ORG}"},
    ),
    # set operators and absence
    (
        "ForAllValues in a deny applies to callers without the key, so only those with other values remain.",
        [allow(), deny(**when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-*"))],
        set(),
    ),
    (
        "ForAnyValue with a negated operator asks for one value that differs, and is false where there is none.",
        [allow({"AWS": FRIEND}, **when("ForAnyValue:StringNotEquals", "aws:TagKeys", "a"))],
        {f"account {FRIEND}"},
    ),
    (
        "A key that must be present and absent at once lets nobody in.",
        [allow(**both(("Null", "aws:UserAgent", "true"), ("StringLike", "aws:UserAgent", "*")))],
        set(),
    ),
    (
        "A negated operator with several values wants none of them to match.",
        [
            allow(
                {"AWS": [FRIEND, OTHER]}, **when("StringNotEquals", "aws:PrincipalAccount", [FRIEND, "101010101010"])
            ),
        ],
        {f"account {OTHER}"},
    ),
    (
        "Null with IfExists is no operator, but Null false and IfExists together close the gap of absence.",
        [
            allow(
                **both(
                    ("StringEqualsIfExists", "aws:PrincipalOrgID", ORG),
                    ("Null", "aws:PrincipalOrgID", "false"),
                )
            )
        ],
        {f"organisation {ORG}"},
    ),
    # texts
    (
        "A question mark in StringLike is exactly one character.",
        [allow(**when("StringLike", "aws:PrincipalAccount", "44445555666?"))],
        {"account_pattern 44445555666?"},
    ),
    (
        "A question mark in StringEquals is a question mark.",
        [allow(**when("StringEquals", "aws:PrincipalAccount", "44445555666?"))],
        set(),
    ),
    (
        "StringEqualsIgnoreCase takes no wildcards either.",
        [allow(**when("StringEqualsIgnoreCase", "aws:PrincipalType", "assumed*"))],
        set(),
    ),
    (
        "The case of a value matters to StringEquals, even where AWS writes it one way only.",
        [allow(**when("StringEquals", "aws:PrincipalType", "anonymous"))],
        set(),
    ),
    (
        "The name of a condition key is not case-sensitive.",
        [allow(**when("StringEquals", "AWS:principalACCOUNT", FRIEND))],
        {f"account {FRIEND}"},
    ),
    (
        "A user whose name carries an account id is not of that account: StringLike crosses colons.",
        [allow(**when("StringLike", "aws:PrincipalArn", f"arn:aws:iam::*{OWNER}*"))],
        {"any_account"},
    ),
    (
        "ArnLike does not cross colons, so the same pattern holds an account's digits in place.",
        [allow(**when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{FRIEND}:*"))],
        {f"account {FRIEND}"},
    ),
    # networks
    (
        "Half of all addresses and the other half are the whole internet.",
        [allow(**when("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]))],
        EVERYONE,
    ),
    (
        "A deny of all private ranges leaves public addresses and endpoint callers.",
        [allow(), deny(**when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]))],
        EVERYONE,
    ),
    (
        "Through an endpoint there is no aws:SourceIp, so both asked for together let nobody in.",
        [
            allow(
                **both(
                    ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
                    ("StringEquals", "aws:SourceVpce", "vpce-1"),
                )
            )
        ],
        set(),
    ),
    (
        "NotIpAddress of IPv4 alone still lets every IPv6 address in.",
        [allow(**when("NotIpAddress", "aws:SourceIp", "0.0.0.0/0"))],
        EVERYONE,
    ),
    (
        "aws:VpcSourceIp exists for endpoint callers only.",
        [
            allow(
                **both(
                    ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
                    ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
                )
            )
        ],
        set(),
    ),
    # services
    (
        "A source ARN with the account open lets the service act for anybody.",
        [allow(SERVICE, **when("ArnLike", "aws:SourceArn", "arn:aws:cloudtrail:*:*:trail/*"))],
        {"service cloudtrail.amazonaws.com"},
    ),
    (
        "A source ARN and a source account that disagree let nobody in.",
        [
            allow(
                SERVICE,
                **both(("ArnEquals", "aws:SourceArn", TRAIL), ("StringEquals", "aws:SourceAccount", OTHER)),
            )
        ],
        set(),
    ),
    (
        "StringEqualsIfExists on the source account is open to a service that sends none.",
        [allow(SERVICE, **when("StringEqualsIfExists", "aws:SourceAccount", FRIEND))],
        {"service cloudtrail.amazonaws.com"},
    ),
    (
        "A deny of foreign source accounts does not touch users, who send none.",
        [allow({"AWS": FRIEND}), deny(**when("StringNotEqualsIfExists", "aws:SourceAccount", OWNER))],
        set(),
    ),
    # the request
    (
        "The prefix of a listing is the lister's choice, so asking for one keeps nobody out.",
        [
            allow(**LIST, **when("StringLike", "s3:prefix", "public/*")),
            deny(**when("Null", "s3:prefix", "true")),
        ],
        EVERYONE,
    ),
    (
        "Requiring a canned ACL on uploads is up to the uploader, so it keeps nobody out.",
        [allow(action="s3:PutObject", **when("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"))],
        EVERYONE,
    ),
    (
        "Only HTTPS refused leaves plain HTTP.",
        [allow(), deny(**when("Bool", "aws:SecureTransport", "true"))],
        EVERYONE,
    ),
    (
        "HTTPS and plain HTTP refused leave nothing.",
        [
            allow(),
            deny(**when("Bool", "aws:SecureTransport", "true")),
            deny(**when("Bool", "aws:SecureTransport", ["false"])),
        ],
        set(),
    ),
    (
        "A window that has yet to open is reachable.",
        [allow(**when("DateGreaterThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"))],
        EVERYONE,
    ),
    (
        "A window that ends before it begins is not.",
        [
            allow(
                **both(
                    ("DateGreaterThan", "aws:CurrentTime", "2031-01-01T00:00:00Z"),
                    ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
                )
            )
        ],
        set(),
    ),
    (
        "Epoch seconds and dates are the same clock.",
        [
            allow(
                **both(
                    ("NumericGreaterThan", "aws:EpochTime", "1924992000"),
                    ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"),
                )
            )
        ],
        set(),
    ),
    (
        "A user name as a folder gives unsigned callers nothing: they have no name.",
        [
            allow(resource=f"{BUCKET}/home/${{aws:username}}/*"),
            deny({"AWS": "*"}, **when("Null", "aws:PrincipalArn", "false")),
        ],
        set(),
    ),
    # access points
    (
        "A condition on the access point's account lets nobody in by the bucket's own name.",
        [allow(resource=BOTH, **when("StringEquals", "s3:DataAccessPointAccount", FRIEND))],
        {f"{who} via {FRIEND}" for who in EVERYONE},
    ),
    (
        "The account is part of the access point's ARN, so the two cannot disagree.",
        [
            allow(
                resource=BOTH,
                **both(
                    ("StringEquals", "s3:DataAccessPointAccount", FRIEND),
                    ("ArnLike", "s3:DataAccessPointArn", f"arn:aws:s3:*:{OTHER}:accesspoint/*"),
                ),
            )
        ],
        set(),
    ),
    (
        "A tag of the request is there exactly where its key is among the keys of tags.",
        [
            allow(
                action="s3:PutObject",
                **both(
                    ("StringEquals", "s3:RequestObjectTag/team", "red"),
                    ("ForAllValues:StringNotEqualsIgnoreCase", "s3:RequestObjectTagKeys", "team"),
                ),
            )
        ],
        set(),
    ),
    (
        "A user named by ARN and refused by user name is refused.",
        [allow({"AWS": USER}), deny(**when("StringEquals", "aws:username", "alice"))],
        set(),
    ),
]


@pytest.mark.parametrize(("sentence", "statements", "expected"), TRAPS, ids=[sentence for sentence, _, _ in TRAPS])
def test_traps(sentence: str, statements: list[dict[str, Any]], expected: set[str]) -> None:
    assert sentence
    answer = ask(policy(*statements), organisation=ORG)
    own = (f"account {OWNER}", f"organisation {ORG} via", "service *")
    assert {text for text in outsiders(answer) if not text.startswith(own)} == expected
    assert all(kind.value == "service" for kind in open_kinds(answer)), answer.undetermined
