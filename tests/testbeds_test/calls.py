"""One call per AWS operation of the table, with the parameters it needs and the resource it then names."""

from __future__ import annotations

from collections.abc import Mapping

from tests.testbeds.operations import OPERATIONS, Protocol

BUCKET = "audit.logs-of-acme"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = "arn:aws:iam::123456789012:policy/readers"
ROLE = "arn:aws:iam::222222222222:role/audit"
ACCOUNT = "123456789012"

_OF_SERVICE: Mapping[str, tuple[Mapping[str, str], str]] = {
    "s3": ({"Bucket": BUCKET}, BUCKET),
    "s3control": ({"AccountId": ACCOUNT, "Name": "readers"}, "readers"),
    "kms": ({"KeyId": KEY}, KEY),
    "iam": ({"RoleName": "writer"}, "writer"),
    "organizations": ({}, ""),
}
_OF_OPERATION: Mapping[str, tuple[Mapping[str, str], str]] = {
    "s3:ListBuckets": ({}, ""),
    "s3control:GetPublicAccessBlock": ({"AccountId": ACCOUNT}, ACCOUNT),
    "s3control:ListAccessPoints": ({"AccountId": ACCOUNT, "Bucket": BUCKET}, BUCKET),
    "s3control:ListMultiRegionAccessPoints": ({"AccountId": ACCOUNT}, ACCOUNT),
    "kms:GetKeyPolicy": ({"KeyId": KEY, "PolicyName": "default"}, KEY),
    "iam:GetRolePolicy": ({"RoleName": "writer", "PolicyName": "inline"}, "writer"),
    "iam:GetPolicy": ({"PolicyArn": POLICY}, POLICY),
    "iam:GetPolicyVersion": ({"PolicyArn": POLICY, "VersionId": "v1"}, POLICY),
    "cloudtrail:DescribeTrails": ({}, ""),
    "cloudtrail:GetEventSelectors": ({"TrailName": "trail"}, "trail"),
    "cloudtrail:GetTrailStatus": ({"Name": "trail"}, "trail"),
    "organizations:ListParents": ({"ChildId": ACCOUNT}, ACCOUNT),
    "organizations:ListPoliciesForTarget": ({"TargetId": ACCOUNT, "Filter": "RESOURCE_CONTROL_POLICY"}, ACCOUNT),
    "organizations:DescribePolicy": ({"PolicyId": "p-examplepolicy"}, "p-examplepolicy"),
    "sts:GetCallerIdentity": ({}, ""),
    "sts:AssumeRole": ({"RoleArn": ROLE, "RoleSessionName": "test"}, ROLE),
}

_OF_AWS = {Protocol.S3, Protocol.S3_CONTROL, Protocol.JSON, Protocol.QUERY}
AWS_OPERATIONS = tuple(name for name, operation in OPERATIONS.items() if operation.protocol in _OF_AWS)


def parameters(operation: str) -> Mapping[str, str]:
    """What boto3 is given."""
    return _of(operation)[0]


def resource(operation: str) -> str:
    """What the proxy recognises in the request."""
    return _of(operation)[1]


def _of(operation: str) -> tuple[Mapping[str, str], str]:
    return _OF_OPERATION.get(operation) or _OF_SERVICE[operation.partition(":")[0]]
