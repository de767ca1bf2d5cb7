"""Versioning and Object Lock."""

from __future__ import annotations

from posture.adapters.aws.config import BucketConfig
from posture.model.facts import Known
from posture.model.subjects import Integrity, WormMode


def integrity(bucket: BucketConfig) -> Integrity:
    """Object Lock without a default retention protects nothing by itself: enabled, mode none, 0 days.

    S3 has versions instead of soft deletion, and no lock on a bucket as a whole.
    """
    return Integrity(
        versioning=bucket.versioning.map(lambda state: state.versioning),
        mfa_delete=bucket.versioning.map(lambda state: state.mfa_delete),
        worm_enabled=bucket.object_lock.map(lambda lock: lock is not None),
        worm_mode=bucket.object_lock.map(lambda lock: WormMode.NONE if lock is None else lock.mode),
        worm_days=bucket.object_lock.map(lambda lock: 0 if lock is None else lock.days),
        worm_admits_additions=Known(value=True, sources=()),  # an overwrite is a new version
        soft_delete_days=Known(value=0, sources=()),
        store_deletion_blocked=Known(value=False, sources=()),
    )
