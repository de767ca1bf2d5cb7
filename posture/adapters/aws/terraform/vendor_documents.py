"""The policies that Databricks' Terraform provider writes, from the arguments of its data sources.

Source: databricks/terraform-provider-databricks, aws/data_aws_bucket_policy.go and aws/data_aws_assume_role_policy.go.
"""

from __future__ import annotations

from typing import Final

from posture.adapters.aws.terraform.places import References
from posture.adapters.aws.terraform.written import OPEN
from posture.model.facts import Known, Unknown
from posture.model.trust import DATABRICKS_PARTITIONS, DatabricksPartition
from posture.terraform.place import Place

_PARTITIONS: Final = {"aws": "commercial", "aws-us-gov": "govcloud", "aws-us-gov-dod": "dod"}
_ON_BUCKET: Final = (
    *("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"),
    "s3:GetBucketLocation",
)


def bucket_policy(place: Place, references: References) -> dict[str, object]:
    """`databricks_aws_bucket_policy`: one statement, on the whole bucket."""
    vendor = _vendor(place)
    role = references.role(place.at("full_access_role"))
    principal = OPEN if isinstance(role, Unknown) else role.value or _root(vendor)
    bucket = references.bucket(place.at("bucket"))
    resource: list[str] | str = OPEN
    if isinstance(bucket, Known) and vendor is not None:
        arn = f"arn:{vendor.arn_partition}:s3:::{bucket.value}"
        resource = [f"{arn}/*", arn]
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(_ON_BUCKET),
        "Resource": resource,
    }
    return _policy(statement, "aws:PrincipalTag/DatabricksAccountId", place.at("databricks_e2_account_id"))


def assume_role_policy(place: Place, _: References) -> dict[str, object]:
    """`databricks_aws_assume_role_policy`: for log delivery its role, else everybody of Databricks' account."""
    vendor = _vendor(place)
    for_logs = place.flag("for_log_delivery")
    if isinstance(for_logs, Unknown) or vendor is None:
        principal = OPEN
    elif for_logs.value:
        principal = vendor.delivery_role
    else:
        principal = _root(vendor, place)
    statement: dict[str, object] = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return _policy(statement, "sts:ExternalId", place.at("external_id"))


def _policy(statement: dict[str, object], key: str, value: Place) -> dict[str, object]:
    match value.text():
        case Known(value=text) if text:
            statement["Condition"] = {"StringEquals": {key: text}}
        case Unknown():
            statement["Condition"] = {OPEN: {key: OPEN}}
        case _:
            pass
    return {"Version": "2012-10-17", "Statement": [statement]}


def _vendor(place: Place) -> DatabricksPartition | None:
    """The partition of the provider's argument; None where it is not known."""
    match place.text("aws_partition"):
        case Known(value=text):
            name = _PARTITIONS.get(text or "aws")
            return next((each for each in DATABRICKS_PARTITIONS if each.name == name), None)
        case _:
            return None


def _root(vendor: DatabricksPartition | None, place: Place | None = None) -> str:
    """Databricks' whole account; the trust policy takes another one by a deprecated argument."""
    if vendor is None:
        return OPEN
    account = place.text("databricks_account_id") if place is not None else Known(value="", sources=())
    if isinstance(account, Unknown):
        return OPEN
    return f"arn:{vendor.arn_partition}:iam::{account.value or vendor.account}:root"
