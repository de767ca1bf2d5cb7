"""How resources of the AWS provider name each other. Identifying attributes are those that the provider documents."""

from __future__ import annotations

from typing import Final

from posture.adapters.planned import Beside
from posture.terraform.inventory import Identity

_S3: Final = ":s3:::"


def bucket_name(text: str) -> str:
    """The bucket in a name, an ARN of it or one of its domain names."""
    name = text.partition(_S3)[2].partition("/")[0] if text.startswith("arn:") and _S3 in text else text
    return name.partition(".s3.")[0] if name.endswith((".amazonaws.com", ".amazonaws.com.cn")) else name


BUCKET: Final = Identity(
    kinds=("aws_s3_bucket", "data.aws_s3_bucket"),
    attributes=("bucket", "id", "arn", "bucket_domain_name", "bucket_regional_domain_name"),
    spelled=bucket_name,
)
BESIDE: Final = Beside(  # only the account of the bucket may set these
    identity=BUCKET,
    kinds=dict.fromkeys(
        (
            *("aws_s3_bucket_acl", "aws_s3_bucket_cors_configuration", "aws_s3_bucket_lifecycle_configuration"),
            *("aws_s3_bucket_logging", "aws_s3_bucket_object_lock_configuration", "aws_s3_bucket_ownership_controls"),
            *("aws_s3_bucket_policy", "aws_s3_bucket_public_access_block", "aws_s3_bucket_replication_configuration"),
            *("aws_s3_bucket_server_side_encryption_configuration", "aws_s3_bucket_versioning"),
            "aws_s3_bucket_website_configuration",
        ),
        ("bucket",),
    ),
    told=lambda text: {"bucket": bucket_name(text)},
    scheme="s3://",
)
KEY: Final = Identity(
    kinds=(
        *("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_replica_external_key"),
        "data.aws_kms_key",
    ),
    attributes=("arn", "key_id", "id"),
    invented=True,
)
ALIAS: Final = Identity(kinds=("aws_kms_alias", "data.aws_kms_alias"), attributes=("name", "arn", "id"))
ROLE: Final = Identity(kinds=("aws_iam_role", "data.aws_iam_role"), attributes=("name", "arn", "id"))
RECEIVER: Final = Identity(  # of notifications
    kinds=("aws_sns_topic", "aws_sqs_queue", "aws_lambda_function"), attributes=("arn",)
)
MANAGED_POLICY: Final = Identity(kinds=("aws_iam_policy",), attributes=("arn", "id"))
ACCESS_POINT: Final = Identity(kinds=("aws_s3_access_point",), attributes=("arn", "id"))
DOCUMENT: Final = Identity(
    kinds=(
        *("data.aws_iam_policy_document", "data.databricks_aws_bucket_policy"),
        *("data.databricks_aws_assume_role_policy", "data.databricks_aws_unity_catalog_assume_role_policy"),
        *("data.databricks_aws_unity_catalog_policy", "data.databricks_aws_crossaccount_policy"),
    ),
    attributes=("json", "minified_json", "id"),
)
