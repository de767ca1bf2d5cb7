"""The answers of a run, as they would be of other estates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from posture.reading import Json, Kept

ORGANISATION = "o-acmecorp01"
_MANAGEMENT = "999999999999"
_STRANGER = "arn:aws:iam::999988887777:root"
_ALL_USERS: Json = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
_OTHER_USER: Json = {"Type": "CanonicalUser", "ID": "f" * 64}
_NO_BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)


def in_an_organisation(calls: Iterable[Kept]) -> Iterator[Kept]:
    """The accounts as members of one that shuts strangers out by a resource control policy."""
    for call in calls:
        if call.operation == "organizations:DescribeOrganization":
            yield from _organisation(call)
        else:
            yield call


def open_in_every_way(calls: Iterable[Kept], bucket: str) -> Iterator[Kept]:
    """A bucket with a policy that gives and refuses by all that a policy can ask, with lists, and without a block.

    No account blocks, and every access point lets everybody in.
    """
    for call in calls:
        of_another = call.operation.startswith("s3:") and call.resource != bucket
        match "" if of_another else call.operation:
            case "s3:GetBucketPolicy":
                yield _answered(call, Policy=_policy(call.resource))
                yield _answered(replace(call, operation="s3:GetBucketPolicyStatus"), PolicyStatus={"IsPublic": True})
            case "s3:GetBucketPolicyStatus":
                pass
            case "s3:GetBucketOwnershipControls":
                yield _answered(call, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
            case "s3:GetBucketAcl":
                grants: Json = [{"Grantee": grantee, "Permission": "READ"} for grantee in (_ALL_USERS, _OTHER_USER)]
                yield _answered(call, Owner={"ID": "a" * 64}, Grants=grants)
            case "s3:GetPublicAccessBlock" | "s3control:GetPublicAccessBlock":
                yield _answered(call, PublicAccessBlockConfiguration=_NO_BLOCK)
            case "s3control:GetAccessPoint":
                yield _answered(call, **{**(call.answer or {}), "PublicAccessBlockConfiguration": _NO_BLOCK})
            case "s3control:GetAccessPointPolicy":
                yield _answered(call, Policy=_text(_allow("*", "s3:GetObject", "*")))
            case "s3control:GetAccessPointPolicyStatus":
                yield _answered(call, PolicyStatus={"IsPublic": True})
            case _:
                yield call


def _organisation(described: Kept) -> Iterator[Kept]:
    account = described.identity.removeprefix("aws:")

    def call(operation: str, **parameters: str) -> Kept:
        given = tuple(sorted(parameters.items()))
        return replace(described, operation=f"organizations:{operation}", parameters=given)

    about: dict[str, Json] = {"Id": ORGANISATION, "MasterAccountId": _MANAGEMENT, "FeatureSet": "ALL"}
    yield _answered(call("DescribeOrganization"), Organization=about)
    yield _listed(call("ListAccounts"), {"Id": account}, {"Id": "222222222222"}, {"Id": _MANAGEMENT})
    yield _listed(call("ListParents", ChildId=account), {"Id": "r-acme", "Type": "ROOT"})
    for target in (account, "r-acme"):
        attached: Json = {"Id": "p-perimeter", "Name": "perimeter", "AwsManaged": False}
        yield _listed(call("ListPoliciesForTarget", TargetId=target, Filter="RESOURCE_CONTROL_POLICY"), attached)
    unless = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANISATION}}
    perimeter = {**_deny("*", {}), "Action": ["s3:*", "sts:*", "kms:*"], "Condition": unless}
    yield _answered(call("DescribePolicy", PolicyId="p-perimeter"), Policy={"Content": _text(perimeter)})


def _policy(bucket: str) -> str:
    arn = f"arn:aws:s3:::{bucket}"
    ours = {"StringEquals": {"aws:PrincipalOrgID": ORGANISATION}}
    by_door = {"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*"}}
    return _text(
        _allow("*", "s3:GetObject", f"{arn}/*"),
        _allow({"AWS": _STRANGER}, "s3:PutObject", f"{arn}/*"),
        _allow("*", "s3:ListBucket", arn, ours),
        _allow("*", "s3:DeleteObject", f"{arn}/*", by_door),
        _deny(f"{arn}/*", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        _deny(f"{arn}/*", {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, "s3:PutObject"),
        _deny(arn, {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/keeper"}}, "s3:PutBucketPolicy"),
    )


def _allow(principal: object, action: str, resource: str, condition: Mapping[str, object] | None = None) -> object:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def _deny(resource: str, condition: Mapping[str, object], action: str = "s3:*") -> dict[str, object]:
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource, "Condition": condition}


def _text(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _answered(call: Kept, **answer: Json) -> Kept:
    return replace(call, answer=answer, items=None, absent="", reason=None, detail="")


def _listed(call: Kept, *items: Json) -> Kept:
    return replace(call, answer=None, items=items, absent="", reason=None, detail="")
