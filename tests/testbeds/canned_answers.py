"""The canned AWS: one answer for each read, the same for every bucket (`{bucket}` stands for its name)."""

from __future__ import annotations

import json
from collections.abc import Mapping

XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
OWNER = "<ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID>"
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_FLAGS = "".join(
    f"<{flag}>true</{flag}>"
    for flag in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
)
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:role/audit-log-delivery"},
            "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketLocation"],
            "Resource": ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"],
        },
    ],
}


def absent(code: str) -> tuple[int, str]:
    """What S3 says of a configuration that is not set."""
    return 404, f"<Error><Code>{code}</Code><Message>not set</Message><RequestId>canned</RequestId></Error>"


_ACCESS_RULE = (
    f"<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{_KEY}</KMSMasterKeyID>"
    "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>"
)
_GRANT = (
    '<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
    f"{OWNER}</Grantee><Permission>FULL_CONTROL</Permission></Grant>"
)
S3: Mapping[str, tuple[str, tuple[int, str]]] = {  # sub-resource → operation, status and body
    "location": ("s3:GetBucketLocation", (200, f"<LocationConstraint {XMLNS}/>")),
    "encryption": (
        "s3:GetBucketEncryption",
        (
            200,
            (
                f"<ServerSideEncryptionConfiguration {XMLNS}><Rule>{_ACCESS_RULE}</Rule>"
                "</ServerSideEncryptionConfiguration>"
            ),
        ),
    ),
    "policy": ("s3:GetBucketPolicy", (200, json.dumps(_POLICY))),
    "policyStatus": (
        "s3:GetBucketPolicyStatus",
        (200, f"<PolicyStatus {XMLNS}><IsPublic>false</IsPublic></PolicyStatus>"),
    ),
    "publicAccessBlock": (
        "s3:GetPublicAccessBlock",
        (200, f"<PublicAccessBlockConfiguration {XMLNS}>{_FLAGS}</PublicAccessBlockConfiguration>"),
    ),
    "acl": (
        "s3:GetBucketAcl",
        (
            200,
            (
                f"<AccessControlPolicy {XMLNS}><Owner>{OWNER}</Owner><AccessControlList>{_GRANT}</AccessControlList>"
                "</AccessControlPolicy>"
            ),
        ),
    ),
    "ownershipControls": (
        "s3:GetBucketOwnershipControls",
        (
            200,
            (
                f"<OwnershipControls {XMLNS}><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
                "</OwnershipControls>"
            ),
        ),
    ),
    "versioning": (
        "s3:GetBucketVersioning",
        (200, f"<VersioningConfiguration {XMLNS}><Status>Enabled</Status></VersioningConfiguration>"),
    ),
    "object-lock": ("s3:GetObjectLockConfiguration", absent("ObjectLockConfigurationNotFoundError")),
    "lifecycle": ("s3:GetBucketLifecycleConfiguration", absent("NoSuchLifecycleConfiguration")),
    "logging": ("s3:GetBucketLogging", (200, f"<BucketLoggingStatus {XMLNS}/>")),
    "replication": ("s3:GetBucketReplication", absent("ReplicationConfigurationNotFoundError")),
    "website": ("s3:GetBucketWebsite", absent("NoSuchWebsiteConfiguration")),
    "cors": ("s3:GetBucketCors", absent("NoSuchCORSConfiguration")),
    "notification": (
        "s3:GetBucketNotificationConfiguration",
        (200, f"<NotificationConfiguration {XMLNS}/>"),
    ),
    "tagging": ("s3:GetBucketTagging", absent("NoSuchTagSet")),
}

S3_CONTROL: Mapping[str, tuple[str, tuple[int, str]]] = {
    "/v20180820/configuration/publicAccessBlock": (
        "s3control:GetPublicAccessBlock",
        (200, f"<PublicAccessBlockConfiguration>{_FLAGS}</PublicAccessBlockConfiguration>"),
    ),
    "/v20180820/accesspoint": (
        "s3control:ListAccessPoints",
        (200, "<ListAccessPointsResult><AccessPointList/></ListAccessPointsResult>"),
    ),
    "/v20180820/mrap/instances": (
        "s3control:ListMultiRegionAccessPoints",
        (200, "<ListMultiRegionAccessPointsResult><AccessPoints/></ListMultiRegionAccessPointsResult>"),
    ),
}

_KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
_ORGANIZATION = {
    "Id": "o-exampleorgid",
    "Arn": "arn:aws:organizations::123456789012:organization/o-exampleorgid",
    "MasterAccountId": "123456789012",
    "FeatureSet": "ALL",
}
_MEMBER = {"Id": "123456789012", "Name": "security", "Status": "ACTIVE", "State": "ACTIVE"}
JSON: Mapping[str, tuple[str, object]] = {  # X-Amz-Target, without its prefix → operation, body
    "DescribeKey": (
        "kms:DescribeKey",
        {
            "KeyMetadata": {
                "AWSAccountId": "123456789012",
                "KeyId": _KEY.rpartition("/")[2],
                "Arn": _KEY,
                "Enabled": True,
                "KeyState": "Enabled",
                "KeyManager": "CUSTOMER",
                "Origin": "AWS_KMS",
                "MultiRegion": False,
            }
        },
    ),
    "GetKeyPolicy": ("kms:GetKeyPolicy", {"Policy": json.dumps(_KEY_POLICY), "PolicyName": "default"}),
    "GetKeyRotationStatus": ("kms:GetKeyRotationStatus", {"KeyRotationEnabled": True, "KeyId": _KEY}),
    "ListGrants": ("kms:ListGrants", {"Grants": [], "Truncated": False}),
    "DescribeTrails": ("cloudtrail:DescribeTrails", {"trailList": []}),
    "GetEventSelectors": ("cloudtrail:GetEventSelectors", {"EventSelectors": []}),
    "GetTrailStatus": ("cloudtrail:GetTrailStatus", {"IsLogging": True}),
    "DescribeOrganization": ("organizations:DescribeOrganization", {"Organization": _ORGANIZATION}),
    "ListAccounts": ("organizations:ListAccounts", {"Accounts": [_MEMBER]}),
    "ListParents": ("organizations:ListParents", {"Parents": [{"Id": "r-root", "Type": "ROOT"}]}),
    "ListPoliciesForTarget": ("organizations:ListPoliciesForTarget", {"Policies": []}),
    "DescribePolicy": ("organizations:DescribePolicy", {"Policy": {"Content": "{}"}}),
}


def _query_answer(action: str, result: str) -> str:
    return (
        f"<{action}Response><{action}Result>{result}</{action}Result>"
        f"<ResponseMetadata><RequestId>canned</RequestId></ResponseMetadata></{action}Response>"
    )


_ASSUMED = (
    "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>canned</SecretAccessKey>"
    "<SessionToken>canned</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
)
QUERY: Mapping[str, tuple[str, str]] = {
    "GetCallerIdentity": (
        "sts:GetCallerIdentity",
        _query_answer(
            "GetCallerIdentity",
            "<Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account>",
        ),
    ),
    "AssumeRole": ("sts:AssumeRole", _query_answer("AssumeRole", _ASSUMED)),
}
