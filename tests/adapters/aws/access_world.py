"""A bucket as recorded answers, put together from the parts that decide who gets in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from posture.adapters.aws import calls
from posture.adapters.aws.wing import AwsWing
from posture.model.contributions import StoreContribution
from posture.model.facts import Gap, Known, Reason
from posture.model.settings import Settings
from posture.model.subjects import Grant
from posture.model.trust import TrustZone
from posture.reading import Call, Json, Kept
from tests.adapters.aws.recorded import ACCOUNT, BUCKET, OWNER_ID, REGION, Said, kept, lead, recorded, store, value

ARN = f"arn:aws:s3:::{BUCKET}"
STRANGER = "999988887777"
VENDOR = "414351767826"
DELIVERY_ROLE = f"arn:aws:iam::{VENDOR}:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK"
WRITER = f"arn:aws:iam::{ACCOUNT}:role/audit-log-delivery"
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
GROUPS = "http://acs.amazonaws.com/groups/"

Statement = Mapping[str, Any]


def allow(principal: object, *actions: str, resource: object = None, **more: object) -> dict[str, Any]:
    """An Allow; a text that is no `*` is an AWS principal."""
    who = principal if principal == "*" or isinstance(principal, Mapping) else {"AWS": principal}
    named = {"Resource": [ARN, f"{ARN}/*"] if resource is None else resource}
    return {"Effect": "Allow", "Principal": who, "Action": list(actions) or ["s3:GetObject"], **named, **more}


def deny(condition: Mapping[str, object] | None = None, **more: object) -> dict[str, Any]:
    """A Deny of everything to everybody, on a condition."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [ARN, f"{ARN}/*"], **more}
    return statement | ({"Condition": condition} if condition else {})


def when(**tests: Mapping[str, object]) -> dict[str, Any]:
    """A Condition element: `StringEquals={"aws:SourceAccount": ...}`."""
    return {"Condition": tests}


def text(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def policy(*statements: Statement, public: Said | bool = False) -> dict[Call, Said]:
    """A bucket policy, and what AWS says of it."""
    status: Said = {"PolicyStatus": {"IsPublic": public}} if isinstance(public, bool) else public
    return {calls.GET_BUCKET_POLICY: {"Policy": text(*statements)}, calls.GET_BUCKET_POLICY_STATUS: status}


def flags(*on: str) -> dict[str, Json]:
    return {"PublicAccessBlockConfiguration": {flag: flag in on for flag in FLAGS}}


def blocked(bucket: Said | Iterable[str] = (), account: Said | Iterable[str] = ()) -> dict[Call, Said]:
    """Block Public Access of both levels; a reason where it was not read."""
    return {
        calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK: bucket if isinstance(bucket, Reason) else flags(*bucket),
        calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK: account if isinstance(account, Reason) else flags(*account),
    }


def owned(ownership: str) -> dict[Call, Said]:
    return {calls.GET_BUCKET_OWNERSHIP_CONTROLS: {"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}}


ENFORCED = owned("BucketOwnerEnforced")


def listed(*grants: tuple[str, str]) -> dict[Call, Said]:
    """An access control list: the owner's full control, and what others (canonical ids, groups by name) may do."""
    mine: dict[str, Json] = {"Grantee": {"ID": OWNER_ID, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    return {calls.GET_BUCKET_ACL: {"Owner": {"ID": OWNER_ID}, "Grants": [mine, *(_line(*grant) for grant in grants)]}}


def _line(grantee: str, permission: str) -> dict[str, Json]:
    who: dict[str, Json] = {"ID": grantee, "Type": "CanonicalUser"}
    if "/" in grantee:
        who = {"URI": GROUPS + grantee, "Type": "Group"}
    return {"Grantee": who, "Permission": permission}


def access_point(
    name: str,
    *statements: Statement,
    vpc: str = "",
    said: Said | None = None,
    public: bool = False,
    on: Iterable[str] = FLAGS,
) -> tuple[dict[Call, Said], tuple[Kept, ...]]:
    """One access point, as the list has it and with its own answers."""
    arn = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/{name}"
    head: dict[str, Json] = {
        "Name": name,
        "NetworkOrigin": "VPC" if vpc else "Internet",
        "Bucket": BUCKET,
        "AccessPointArn": arn,
    }
    if vpc:
        head["VpcConfiguration"] = {"VpcId": vpc}
    parameters = {"AccountId": ACCOUNT, "Name": name, "Region": REGION}
    answers: dict[Call, Said] = {
        calls.GET_ACCESS_POINT: {**head, **flags(*on)},
        calls.GET_ACCESS_POINT_POLICY: said or {"Policy": text(*statements)},
        calls.GET_ACCESS_POINT_POLICY_STATUS: {"PolicyStatus": {"IsPublic": public}},
    }
    made = tuple(kept(call, answer, resource=name, parameters=parameters) for call, answer in answers.items())
    return {calls.LIST_ACCESS_POINTS: [head]}, made


def at_point(name: str) -> str:
    return f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/{name}"


def seen(
    *parts: Mapping[Call, Said], prefix: str = "", more: tuple[Kept, ...] = (), zone: TrustZone | None = None
) -> StoreContribution:
    """What the wing says of a bucket of these parts, later ones over earlier ones."""
    said: dict[Call, Said] = {}
    for part in parts:
        said.update(part)
    wing = AwsWing(replace(Settings(), trust=zone or TrustZone()))
    (only,) = wing.follow(lead(store(prefix)), recorded(said, more=more)).contributions
    assert isinstance(only, StoreContribution)
    return only


def rows(found: StoreContribution) -> set[tuple[str, str, str]]:
    """Holder, action and scope of every grant."""
    return {row(grant) for grant in found.grants.items}


def row(grant: Grant) -> tuple[str, str, str]:
    name = str(value(grant.principal))
    shown = str(value(grant.kind)) if name == "*" else name
    return (shown, str(value(grant.action)), str(value(grant.scope)))


def limits(gap: Gap) -> dict[str, tuple[str, ...]]:
    return dict(gap.limits)


def open_actions(found: StoreContribution) -> set[str]:
    """The actions about which some grants may be lacking; `*` where that is not limited."""
    return {action for gap in found.grants.gaps for action in limits(gap).get("action", ("*",))}


def known(fact: Known[Any]) -> object:
    assert isinstance(fact, Known)
    return fact.value
