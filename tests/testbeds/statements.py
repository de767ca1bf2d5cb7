"""The policy statements of the estate, each as its author publishes or recommends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tests.testbeds.seed import Bucket

Statement: TypeAlias = Mapping[str, object]

VENDOR = "414351767826"
DELIVERY_ROLE = f"arn:aws:iam::{VENDOR}:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK"


def delivery_trust(external_id: str) -> Statement:
    """Databricks' delivery role may assume, for this Databricks account only."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": DELIVERY_ROLE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }


def service_trust(service: str) -> Statement:
    """An AWS service may assume."""
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}


def data_source_policy(bucket: Bucket, principal: str, *, condition: Mapping[str, object] | None = None) -> Statement:
    """What `databricks_aws_bucket_policy` renders: one statement for bucket and objects, the prefix unheeded."""
    actions = ("GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "ListBucket", "GetBucketLocation")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": [f"s3:{action}" for action in actions],
        "Resource": [f"{bucket.arn}/*", bucket.arn],
    }
    return {**statement, "Condition": condition} if condition else statement


def documented_writes(bucket: Bucket, prefix: str, *, principal: str = "") -> tuple[Statement, ...]:
    """The three blocks of Databricks' documentation, for a role's own policy or, with a principal, for the bucket's."""
    who = {"Principal": {"AWS": principal}} if principal else {}
    objects = ("PutObject", "GetObject", "DeleteObject", "PutObjectAcl", "AbortMultipartUpload")
    lists = ("ListBucket", "ListMultipartUploadParts", "ListBucketMultipartUploads")
    return (
        {"Effect": "Allow", **who, "Action": ["s3:GetBucketLocation"], "Resource": bucket.arn},
        {
            "Effect": "Allow",
            **who,
            "Action": [f"s3:{action}" for action in objects],
            "Resource": [f"{bucket.arn}/{prefix}/", f"{bucket.arn}/{prefix}/*"],
        },
        {
            "Effect": "Allow",
            **who,
            "Action": [f"s3:{action}" for action in lists],
            "Resource": bucket.arn,
            "Condition": {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}},
        },
    )


def tls_only(bucket: Bucket) -> Statement:
    """Nobody reaches bucket or objects without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},  # the same as "*", which moto trips over when the bucket is a logging target
        "Action": "s3:*",
        "Resource": [bucket.arn, f"{bucket.arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def access_log_delivery(target: Bucket, source: Bucket) -> Statement:
    """S3 may deliver the access logs of one bucket of the same account."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{target.arn}/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": source.arn},
            "StringEquals": {"aws:SourceAccount": source.account},
        },
    }


def trail_delivery(target: Bucket, trail: str) -> tuple[Statement, ...]:
    """CloudTrail may deliver one trail's files."""
    who = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    source = {"aws:SourceArn": f"arn:aws:cloudtrail:{target.region}:{target.account}:trail/{trail}"}
    return (
        {**who, "Action": "s3:GetBucketAcl", "Resource": target.arn, "Condition": {"StringEquals": source}},
        {
            **who,
            "Action": "s3:PutObject",
            "Resource": f"{target.arn}/AWSLogs/{target.account}/*",
            "Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    )


def replicates(source: Bucket, target: Bucket) -> tuple[Statement, ...]:
    """S3's replication role may read one bucket's versions and write them to another, under both keys."""
    reads = ("GetObjectVersionForReplication", "GetObjectVersionAcl", "GetObjectVersionTagging")
    return (
        {
            "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            "Resource": source.arn,
        },
        {"Effect": "Allow", "Action": [f"s3:{action}" for action in reads], "Resource": f"{source.arn}/*"},
        {"Effect": "Allow", "Action": ["s3:ReplicateObject", "s3:ReplicateTags"], "Resource": f"{target.arn}/*"},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
    )


def administered_by(account: str) -> Statement:
    """The key statement that leaves a key's administration to the account's own IAM policies."""
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}


def encrypts(principal: str) -> Statement:
    """A role may write and read objects under the key."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Resource": "*",
    }
