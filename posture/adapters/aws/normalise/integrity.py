"""Versioning and Object Lock."""

from __future__ import annotations

from posture.adapters.aws.config import BucketConfig
from posture.model.subjects import Integrity, WormMode


def integrity(bucket: BucketConfig) -> Integrity:
    """Object Lock without a default retention protects nothing by itself: enabled, mode none, 0 days."""
    return Integrity(
        versioning=bucket.versioning.map(lambda state: state.versioning),
        mfa_delete=bucket.versioning.map(lambda state: state.mfa_delete),
        worm_enabled=bucket.object_lock.map(lambda lock: lock is not None),
        worm_mode=bucket.object_lock.map(lambda lock: WormMode.NONE if lock is None else lock.mode),
        worm_days=bucket.object_lock.map(lambda lock: 0 if lock is None else lock.days),
    )
