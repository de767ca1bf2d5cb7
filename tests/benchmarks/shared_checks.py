"""The S3 checks of Prowler that posture has controls for: which ones answer the same question of the same setting.

Left out: event notifications, bucket names that AWS services would guess, and objects sampled by request.
"""

from __future__ import annotations

from collections.abc import Mapping

_PUBLIC_WRITES = ("no-public-write", "no-public-delete", "no-public-administration")

SHARED: Mapping[str, tuple[str, ...]] = {
    "s3_access_point_public_access_block": ("access-points-block-public-access",),
    "s3_account_level_public_access_blocks": ("account-ignores-public-acls", "account-restricts-public-buckets"),
    "s3_bucket_acl_prohibited": ("objects-owned-by-bucket-owner",),
    "s3_bucket_cross_account_access": (
        *("no-listing-from-outside", "no-reading-from-outside", "no-writing-from-outside"),
        *("no-deletion-from-outside", "no-administration-from-outside"),
    ),
    "s3_bucket_cross_region_replication": ("replicated-elsewhere", "replicas-in-another-place"),
    "s3_bucket_default_encryption": ("encrypted-at-rest",),
    "s3_bucket_kms_encryption": ("encrypted-with-customer-key",),
    "s3_bucket_level_public_access_block": ("public-acls-ignored", "public-policies-restricted"),
    "s3_bucket_lifecycle_enabled": ("retained-long-enough", "older-versions-retained-long-enough"),
    "s3_bucket_no_mfa_delete": ("mfa-delete-where-possible",),
    "s3_bucket_object_lock": ("object-lock-enabled",),
    "s3_bucket_object_versioning": ("versioning-enabled",),
    "s3_bucket_policy_public_write_access": _PUBLIC_WRITES,
    "s3_bucket_public_access": ("no-public-list", "no-public-read"),
    "s3_bucket_public_list_acl": ("no-public-list", "acl-grants-only-the-owner"),
    "s3_bucket_public_write_acl": (*_PUBLIC_WRITES, "acl-grants-only-the-owner"),
    "s3_bucket_secure_transport_policy": ("clear-text-refused",),
    "s3_bucket_server_access_logging_enabled": ("access-recorded",),
    "s3_multi_region_access_point_public_access_block": ("access-points-block-public-access",),
}
CONTROLS = tuple(dict.fromkeys(control for controls in SHARED.values() for control in controls))
