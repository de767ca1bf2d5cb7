"""Layouts that the vendors document or publish, as facts, and the verdicts of the shipped controls on them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from posture.model.logic import Verdict
from posture.policy.assertions import evaluate
from posture.policy.controls import Control
from posture.policy.examples import imagined
from posture.policy.plain import Plain

Layout: TypeAlias = Mapping[str, Plain]

_FLAGS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")


def _blocked(level: str, *on: str) -> dict[str, Plain]:
    return {f"exposure.blocked.{level}.{flag}": flag in on for flag in _FLAGS}


def verdict(control: Control, layout: Layout) -> Verdict:
    """What a control says of a layout; whatever the layout does not state was not read."""
    decided, _ = evaluate(control.require, imagined(layout, control.record))
    return decided


def unread(layout: Layout) -> Layout:
    """The same layout when every read of it was denied."""
    return {path: {"unknown": "denied"} for path in layout}


WRITER = "arn:aws:iam::111122223333:role/audit-log-delivery"
DELIVERY_ROLE = "arn:aws:iam::414351767826:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK"


def grant(action: str, **more: Plain) -> Plain:
    """A grant to the role that delivers, as Databricks documents it; the role is ours, whatever account it lies in."""
    return {
        "principal": WRITER,
        "kind": "principal",
        "account": "111122223333",
        "action": action,
        "scope": "own",
        "bound": "anywhere",
        "confused_deputy": False,
        "within_need": True,
        "delivers": True,
        **more,
    }


# What the bucket policy that Databricks documents for a role in another account gives; s3:PutObjectAcl administers.
DOCUMENTED_GRANTS: Plain = [grant(action) for action in ("list", "read", "write", "delete", "administer")]

# What the policy that Databricks' Terraform data source renders gives: the whole bucket, and older versions.
TEMPLATE_GRANTS: Plain = [grant(action, within_need=False) for action in ("list", "read", "write", "delete")]

# The delivery that Databricks documents for AWS: one configuration without a filter, into a bucket whose ownership is
# "bucket owner preferred", written by the customer's role.
DOCUMENTED_SOURCE: Layout = MappingProxyType(
    {
        "delivery.enabled": True,
        "delivery.covers_account_events": True,
        "delivery.covers_all_workspaces": True,
        "delivery.configurations": [
            {
                "enabled": True,
                "status": "succeeded",
                "succeeding": True,
                "hours_since_success": 0,
                "filtered": False,
                "shares_workspace_root": False,
            }
        ],
    }
)

# What a bucket made after April 2023 has without further settings, with the documented ownership.
DOCUMENTED_STORE: Layout = MappingProxyType(
    {
        **_blocked("account"),
        **_blocked("bucket", *_FLAGS),
        **_blocked("effective", *_FLAGS),
        "acl.ownership": "bucket_owner_preferred",
        "acl.grants_beyond_owner": False,
        "encryption.at_rest": True,
        "encryption.key_manager": "provider",
        "encryption.bucket_key": False,
        "encryption.key_enabled": True,
        "encryption.key_rotating": True,
        "encryption.key_pending_deletion": False,
        "encryption.key_recoverable": True,
        "exposure.website": False,
        "exposure.public_cors": False,
        "exposure.subscribers": [],
        "integrity.versioning": "never",
        "integrity.mfa_delete": False,
        "integrity.worm_enabled": False,
        "integrity.worm_mode": "none",
        "integrity.worm_days": 0,
        "retention.days": "forever",
        "retention.noncurrent_days": "forever",
        "retention.lifecycle": False,
        "monitoring.access_logged": False,
        "monitoring.target_is_self": False,
        "monitoring.object_reads_recorded": False,
        "monitoring.object_writes_recorded": False,
        "monitoring.trail_validated": False,
        "resilience.geo_redundant": False,
        "resilience.replicated": False,
        "resilience.replicas": [],
        "isolation.dedicated": True,
        "isolation.workspace_root": False,
        "isolation.separate_account": False,
        "encryption.key_admits_writer": True,
        "encryption.key_grants": [],
        "encryption.tls_required": False,
        "encryption.judges_tls": False,
        "encryption.old_tls_refused": False,
        "encryption.judges_uploads": False,
        "encryption.unencrypted_upload_refused": False,
        "encryption.wrong_encryption_refused": False,
        "exposure.policy_public": False,
        "exposure.policy_public_as_documented": False,
        "exposure.owner_locked_out": False,
        "exposure.access_points": [],
        "grants": DOCUMENTED_GRANTS,
        "delivery.configured": True,
        "delivery.enabled": True,
        "delivery.writer_admitted": True,
        "delivery.writer_confined": True,
        "delivery.writer_bound": True,
        "delivery.writer_trust": [
            {
                "principal": DELIVERY_ROLE,
                "kind": "principal",
                "action": "write",
                "scope": "vendor",
                "confused_deputy": False,
                "delivers": True,
            }
        ],
    }
)

# The example of the Terraform provider: one flag, and bills in the same bucket.
PROVIDER_EXAMPLE_STORE: Layout = MappingProxyType(
    {
        **DOCUMENTED_STORE,
        **_blocked("bucket", "ignore_public_acls"),
        **_blocked("effective", "ignore_public_acls"),
        "acl.ownership": "bucket_owner_enforced",
        "grants": TEMPLATE_GRANTS,
        "isolation.dedicated": False,
    }
)

WELL_KEPT_STORE: Layout = MappingProxyType(
    {
        **DOCUMENTED_STORE,
        **_blocked("account", *_FLAGS),
        "encryption.key_manager": "customer",
        "encryption.bucket_key": True,
        "encryption.tls_required": True,
        "encryption.key_grants": [
            grant("read", within_need=True),
            grant("write", within_need=True),
            {"principal": "222222222222", "kind": "account", "action": "administer", "scope": "own", "delivers": False},
        ],
        "integrity.versioning": "enabled",
        "integrity.worm_enabled": True,
        "integrity.worm_mode": "compliance",
        "integrity.worm_days": 365,
        "retention.days": 400,
        "retention.noncurrent_days": 365,
        "retention.lifecycle": True,
        "monitoring.access_logged": True,
        "resilience.replicated": True,
        "resilience.replicas": [
            {
                "key_manager": "customer",
                "versioning": "enabled",
                "other_account": True,
                "other_region": False,
                "covers_prefix": True,
                "deletions_copied": False,
            }
        ],
        "isolation.separate_account": True,
    }
)
