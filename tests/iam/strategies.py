"""Generated policies from a vocabulary small enough that statements meet, and random requests that fit them."""

import random
from typing import Any

from hypothesis import strategies as st

from posture.iam import Caller, CallerKind, Request
from tests.iam.build import BUCKET, FRIEND, OBJECTS, ORG, OTHER, OWNER, policy

ACCOUNTS = [OWNER, FRIEND, OTHER]
PARTNER = "o-partner000"
ARNS = [
    f"arn:aws:iam::{FRIEND}:role/reader",
    f"arn:aws:iam::{FRIEND}:role/team/writer",
    f"arn:aws:iam::{OTHER}:user/alice",
    f"arn:aws:iam::{OWNER}:role/delivery",
]
SERVICES = ["cloudtrail.amazonaws.com", "logging.s3.amazonaws.com"]
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:PutBucketPolicy"]
KEYS = ["a", "a/b", "logs/x", "logs/2024/1", "private/z", "b*c", "home/alice/x"]

TEXT_VALUES: dict[str, list[str]] = {
    "aws:PrincipalAccount": [*ACCOUNTS, "4444*", "*", "1*", "??*"],
    "aws:PrincipalArn": [
        *ARNS,
        f"arn:aws:iam::{FRIEND}:*",
        "arn:aws:iam::*:role/*",
        f"*{OWNER}*",
        "*:user/*",
        "arn:aws:iam::4*:role/r*",
    ],
    "aws:PrincipalOrgID": [ORG, PARTNER, "o-*", "*"],
    "aws:username": ["alice", "a*", "bob"],
    "aws:userid": ["AROAEXAMPLEID:*", "AIDAEXAMPLEID", "*:me", OWNER],
    "aws:SourceVpce": ["vpce-1", "vpce-2", "vpce-*"],
    "aws:SourceVpc": ["vpc-1", "*"],
    "aws:UserAgent": ["curl", "c*", "*"],
    "aws:PrincipalTag/team": ["red", "r*"],
    "aws:SourceAccount": [OWNER, OTHER, "*"],
    "aws:ResourceAccount": [OWNER, OTHER],
    "aws:PrincipalType": ["User", "AssumedRole", "Account"],
    "s3:prefix": ["", "logs/", "logs/*"],
    "s3:x-amz-acl": ["private", "bucket-owner-full-control"],
    "s3:DataAccessPointAccount": [OWNER, FRIEND],
    "aws:PrincipalServiceName": SERVICES,
}
ARN_VALUES = {
    "aws:PrincipalArn": [*ARNS, f"arn:aws:iam::{FRIEND}:*", "arn:aws:iam::*:role/*", "arn:aws:iam::*:role/team/*"],
    "aws:SourceArn": ["arn:aws:s3:::source", f"arn:aws:cloudtrail:*:{OWNER}:trail/*", "arn:aws:s3:::so*", "*"],
}
BLOCKS = [
    "203.0.113.0/24",
    "203.0.0.0/16",
    "198.51.100.7",
    "0.0.0.0/0",
    "2001:db8::/32",
    "::/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
]
STRING_OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
]
ARN_OPERATORS = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]
BOOLS = ["aws:SecureTransport", "aws:MultiFactorAuthPresent", "aws:PrincipalIsAWSService"]
TIMES = ["2025-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"]
PATHS = [f"{ORG}/*", f"{ORG}/r-ab12/ou-1/*", "*/ou-1/*", f"{PARTNER}/r-zz/"]


def some_of(values: list[str]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))


@st.composite
def condition_lines(draw: st.DrawFn) -> tuple[str, str, Any]:
    family = draw(
        st.sampled_from(["text", "text", "text", "arn", "address", "bool", "null", "time", "paths", "number"])
    )
    suffix = draw(st.sampled_from(["", "", "", "IfExists"]))
    if family == "text":
        key = draw(st.sampled_from(sorted(TEXT_VALUES)))
        return draw(st.sampled_from(STRING_OPERATORS)) + suffix, key, draw(some_of(TEXT_VALUES[key]))
    if family == "arn":
        key = draw(st.sampled_from(sorted(ARN_VALUES)))
        return draw(st.sampled_from(ARN_OPERATORS)) + suffix, key, draw(some_of(ARN_VALUES[key]))
    if family == "address":
        return draw(st.sampled_from(["IpAddress", "NotIpAddress"])) + suffix, "aws:SourceIp", draw(some_of(BLOCKS))
    if family == "bool":
        return "Bool" + suffix, draw(st.sampled_from(BOOLS)), draw(st.sampled_from(["true", "false"]))
    if family == "null":
        key = draw(st.sampled_from([*sorted(TEXT_VALUES), "aws:SourceIp", "aws:TokenIssueTime"]))
        return "Null", key, draw(st.sampled_from(["true", "false"]))
    if family == "time":
        operator = draw(st.sampled_from(["DateLessThan", "DateGreaterThan", "DateLessThanEquals"]))
        return operator + suffix, "aws:CurrentTime", draw(st.sampled_from(TIMES))
    if family == "number":
        operator = draw(st.sampled_from(["NumericLessThan", "NumericGreaterThanEquals", "NumericEquals"]))
        return operator + suffix, "s3:max-keys", draw(some_of(["5", "10", "100"]))
    set_operator = draw(st.sampled_from(["ForAnyValue:", "ForAllValues:"]))
    operator = draw(st.sampled_from(["StringLike", "StringNotLike", "StringEquals"]))
    return set_operator + operator, "aws:PrincipalOrgPaths", draw(some_of(PATHS))


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for operator, key, value in draw(st.lists(condition_lines(), max_size=2)):
        found.setdefault(operator, {}).setdefault(key, value)
    return found


principals = st.one_of(
    st.just("*"),
    st.fixed_dictionaries({"AWS": some_of([*ACCOUNTS, *ARNS, "*"])}),
    st.fixed_dictionaries({"Service": some_of(SERVICES)}),
    st.just({"AWS": f"arn:aws:sts::{FRIEND}:assumed-role/reader/me"}),
)
resources = some_of(
    [
        OBJECTS,
        BUCKET,
        "*",
        f"{BUCKET}/logs/*",
        f"{BUCKET}/a?b",
        f"{BUCKET}/private/*",
        "arn:aws:s3:::other/*",
        f"{BUCKET}/*/x",
    ]
)
actions = some_of([*ACTIONS, "s3:*", "*", "s3:Get*", "s3:?utObject", "kms:Decrypt"])


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    found[draw(st.sampled_from(["Principal"] * 6 + ["NotPrincipal"]))] = draw(principals)
    found[draw(st.sampled_from(["Action"] * 5 + ["NotAction"]))] = draw(actions)
    found[draw(st.sampled_from(["Resource"] * 5 + ["NotResource"]))] = draw(resources)
    condition = draw(conditions())
    if condition:
        found["Condition"] = condition
    return found


policies = st.builds(lambda items: policy(*items), st.lists(statements(), min_size=1, max_size=4))


def random_request(chance: random.Random) -> Request:
    """A request whose keys fit together as AWS would send them."""
    caller, context = random_caller(chance)
    if chance.random() < 0.6:
        address = chance.choice(["203.0.113.9", "203.0.9.9", "198.51.100.7", "8.8.8.8", "2001:db8::1", "2600::1"])
        context["aws:SourceIp"] = (address,)
    else:
        context["aws:SourceVpce"] = (chance.choice(["vpce-1", "vpce-2", "vpce-9"]),)
        context["aws:SourceVpc"] = (chance.choice(["vpc-1", "vpc-9"]),)
    context["aws:SecureTransport"] = (chance.choice(["true", "false"]),)
    context["aws:CurrentTime"] = (
        chance.choice(["2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z", "2028-01-01T00:00:00Z"]),
    )
    context["aws:UserAgent"] = (chance.choice(["curl", "cat", "boto"]),)
    context["aws:ResourceAccount"] = context["s3:ResourceAccount"] = (OWNER,)
    optional = {
        "s3:prefix": ["", "logs/", "logs/x"],
        "s3:x-amz-acl": ["private", "public-read"],
        "s3:max-keys": ["1", "5", "50"],
    }
    for key, values in optional.items():
        if chance.random() < 0.5:
            context[key] = (chance.choice(values),)
    if chance.random() < 0.3:
        account = chance.choice(ACCOUNTS)
        context["s3:DataAccessPointAccount"] = (account,)
        context["s3:DataAccessPointArn"] = (f"arn:aws:s3:eu-west-1:{account}:accesspoint/ap",)
        context["s3:AccessPointNetworkOrigin"] = ("Internet",)
    action = chance.choice(ACTIONS)
    on_bucket = action in ("s3:ListBucket", "s3:PutBucketPolicy")
    resource = BUCKET if on_bucket else f"{BUCKET}/{chance.choice(KEYS)}"
    return Request(caller=caller, action=action, resource=resource, context=tuple(sorted(context.items())))


def random_caller(chance: random.Random) -> tuple[Caller, dict[str, tuple[str, ...]]]:
    context: dict[str, tuple[str, ...]] = {}
    kind = chance.choice([*CallerKind][:6])
    if kind is CallerKind.ANONYMOUS:
        return Caller(kind=kind), context
    if kind is CallerKind.SERVICE:
        if chance.random() < 0.7:
            account = chance.choice([*ACCOUNTS, "555555555555"])
            context["aws:SourceAccount"] = (account,)
            arns = ["arn:aws:s3:::source", "arn:aws:s3:::somewhere", f"arn:aws:cloudtrail:us-east-1:{account}:trail/t"]
            context["aws:SourceArn"] = (chance.choice(arns),)
        return Caller(kind=kind, name=chance.choice([*SERVICES, "config.amazonaws.com"])), context
    account = chance.choice([*ACCOUNTS, "555555555555", "444455550000", "123412341234"])
    organisation = ORG if account == OWNER else chance.choice([None, ORG, PARTNER, "o-elsewhere"])
    if organisation:
        context["aws:PrincipalOrgID"] = (organisation,)
        context["aws:PrincipalOrgPaths"] = (
            f"{organisation}/{chance.choice(['r-ab12/ou-1/', 'r-ab12/ou-1/ou-2/', 'r-zz/'])}",
        )
    if kind is not CallerKind.ROOT and chance.random() < 0.4:
        context["aws:PrincipalTag/team"] = (chance.choice(["red", "blue"]),)
    names = ["alice", "bob", "reader", "team/writer", "delivery", f"x{OWNER}", "zed"]
    name = chance.choice(names)
    shapes = {
        CallerKind.USER: f"arn:aws:iam::{account}:user/{name}",
        CallerKind.ROLE_SESSION: f"arn:aws:iam::{account}:role/{name}",
        CallerKind.ROOT: f"arn:aws:iam::{account}:root",
        CallerKind.FEDERATED_USER: f"arn:aws:sts::{account}:federated-user/{name.replace('/', '')}",
    }
    temporary = kind in (CallerKind.ROLE_SESSION, CallerKind.FEDERATED_USER) or chance.random() < 0.5
    if temporary:
        context["aws:TokenIssueTime"] = ("2026-06-01T00:00:00Z",)
        context["aws:MultiFactorAuthPresent"] = (chance.choice(["true", "false"]),)
    session = chance.choice(["me", "other"]) if kind is CallerKind.ROLE_SESSION else None
    ids = {CallerKind.USER: ["AIDAEXAMPLEID", "AIDAOTHER"], CallerKind.ROLE_SESSION: ["AROAEXAMPLEID", "AROAOTHER"]}
    unique_id = chance.choice(ids[kind]) if kind in ids else None
    return Caller(kind=kind, arn=shapes[kind], account=account, session=session, unique_id=unique_id), context
