"""Attributes of a resource that show what resources beside it set: hashicorp/aws documents them as such.

After its first apply a bucket with a policy resource shows that policy as its own, and Terraform calls this a change
made outside. Who changes the policy itself by hand changes the resource that sets it, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from posture.adapters.aws.terraform.identities import BUCKET, KEY, ROLE
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.resources import Drift, Resource

_OF_BUCKET: Final[Mapping[str, tuple[str, ...]]] = {
    "acceleration_status": ("aws_s3_bucket_accelerate_configuration",),
    "acl": ("aws_s3_bucket_acl",),
    "cors_rule": ("aws_s3_bucket_cors_configuration",),
    "grant": ("aws_s3_bucket_acl", "aws_s3_bucket_ownership_controls"),
    "lifecycle_rule": ("aws_s3_bucket_lifecycle_configuration",),
    "logging": ("aws_s3_bucket_logging",),
    "object_lock_configuration": ("aws_s3_bucket_object_lock_configuration",),
    "object_lock_enabled": ("aws_s3_bucket_object_lock_configuration",),
    "policy": ("aws_s3_bucket_policy",),
    "replication_configuration": ("aws_s3_bucket_replication_configuration",),
    "request_payer": ("aws_s3_bucket_request_payment_configuration",),
    "server_side_encryption_configuration": ("aws_s3_bucket_server_side_encryption_configuration",),
    "versioning": ("aws_s3_bucket_versioning",),
    "website": ("aws_s3_bucket_website_configuration",),
    "website_domain": ("aws_s3_bucket_website_configuration",),
    "website_endpoint": ("aws_s3_bucket_website_configuration",),
}
_SHOWN: Final[Mapping[str, tuple[Identity, str, Mapping[str, tuple[str, ...]]]]] = {
    "aws_s3_bucket": (BUCKET, "bucket", _OF_BUCKET),
    "aws_kms_key": (KEY, "key_id", {"policy": ("aws_kms_key_policy",)}),
    "aws_iam_role": (
        ROLE,
        "role",
        {
            "inline_policy": ("aws_iam_role_policy",),
            "managed_policy_arns": ("aws_iam_role_policy_attachment",),
        },
    ),
}


def mirrors(plan: Plan, drift: Drift) -> bool:
    """Whether every attribute that is another one now is set by a resource of the plan beside it."""
    changed, known = drift.attributes, _SHOWN.get(drift.address.kind)
    resource = next((each for each in plan.of_kind(drift.address.kind) if each.address == drift.address), None)
    if not changed or known is None or resource is None:
        return False
    identity, attribute, shown = known
    return all(_is_set(plan, resource, attribute, identity, shown.get(name, ())) for name in changed)


def _is_set(plan: Plan, resource: Resource, attribute: str, identity: Identity, kinds: tuple[str, ...]) -> bool:
    return any(plan.attached(resource, kind, attribute, identity=identity).items for kind in kinds)
