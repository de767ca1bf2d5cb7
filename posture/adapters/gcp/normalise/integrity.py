"""Versioning, retention policies and soft deletion."""

from __future__ import annotations

from posture.adapters.gcp.config import BucketConfig, RetentionPolicy
from posture.model.facts import Fact, Known, Reason, Unknown, any_true, both
from posture.model.subjects import Integrity, WormMode

_DAY = 86400
_MAY_STOP = (
    "objects younger than the retention period, or on hold, can be neither deleted nor replaced, and Databricks adds "
    "lines to files that it delivered: whether later lines arrive is not documented"
)


def integrity(bucket: BucketConfig) -> Integrity:
    """A retention policy holds every object from its creation on; until it is locked, an administrator can lift it.

    A bucket with a locked policy can only be deleted once all its objects are old enough.
    """
    return Integrity(
        versioning=bucket.versioning,
        mfa_delete=Known(value=False, sources=()),
        worm_enabled=any_true((bucket.retention.map(lambda policy: policy is not None), bucket.object_retention)),
        worm_mode=bucket.retention.map(_mode),
        worm_days=bucket.retention.map(lambda policy: 0 if policy is None else policy.seconds // _DAY),
        worm_admits_additions=both(bucket.retention, bucket.holds_new).then(lambda found: _additions(*found)),
        soft_delete_days=bucket.soft_delete_seconds.map(lambda seconds: seconds // _DAY),
        store_deletion_blocked=bucket.retention.map(lambda policy: policy is not None and policy.locked),
    )


def _mode(policy: RetentionPolicy | None) -> WormMode:
    if policy is None:
        return WormMode.NONE
    return WormMode.COMPLIANCE if policy.locked else WormMode.GOVERNANCE


def _additions(policy: RetentionPolicy | None, held: bool) -> Fact[bool]:  # noqa: FBT001 - of one pair of facts
    if (policy is None or policy.seconds == 0) and not held:
        return Known(value=True, sources=())
    return Unknown(reason=Reason.UNDETERMINED, detail=_MAY_STOP)
