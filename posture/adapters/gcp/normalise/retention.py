"""Lifecycle rules: the earliest removal of a log, and of an older version of one."""

from __future__ import annotations

from collections.abc import Callable

from posture.adapters.gcp.config import BucketConfig, LifecycleRule
from posture.adapters.gcp.normalise.prefixes import touches
from posture.model.facts import FOREVER, Duration, Fact, Known
from posture.model.subjects import Retention


def retention(bucket: BucketConfig, prefix: str) -> Retention:
    """What the rules that delete do to objects under the log prefix.

    All conditions of a rule must hold, so the latest of its ages counts. Storage classes, suffixes and custom times may
    be those of any object, so they save none. A retention policy keeps what a rule would delete earlier.
    """
    return Retention(
        days=_kept(bucket, _earliest(bucket, prefix, current_days)),
        noncurrent_days=_kept(bucket, _earliest(bucket, prefix, noncurrent_days)),
        lifecycle=bucket.has_lifecycle,
    )


def current_days(rule: LifecycleRule) -> int | None:
    """The youngest age at which a rule removes a current object; nothing where it removes older versions only.

    A rule with a date removes what was created before it, also the object of the day before: no age is safe from it.
    """
    only_noncurrent = (
        rule.live is False
        or bool(rule.newer_versions)
        or rule.noncurrent_days is not None
        or bool(rule.noncurrent_before)
    )
    return None if only_noncurrent else rule.age or 0


def noncurrent_days(rule: LifecycleRule) -> int | None:
    """The youngest age at which a rule removes an older version; versions that are kept by number save none."""
    if rule.live is True:
        return None
    return max(rule.age or 0, rule.noncurrent_days or 0)


def _earliest(bucket: BucketConfig, prefix: str, days: Callable[[LifecycleRule], int | None]) -> Fact[Duration]:
    def decided(rules: tuple[LifecycleRule, ...]) -> Fact[Duration]:
        removals = [
            (age, rule.source)
            for rule in rules
            if any(touches(each, prefix) for each in rule.prefixes or ("",)) and (age := days(rule)) is not None
        ]
        if not removals:
            return Known(value=FOREVER, sources=())
        age, source = min(removals, key=lambda removal: removal[0])
        return Known(value=age, sources=(source,))

    return bucket.lifecycle.then(decided)


def _kept(bucket: BucketConfig, removed: Fact[Duration]) -> Fact[Duration]:
    """Cloud Storage refuses to delete before the retention period has passed, lifecycle rules included."""
    if not isinstance(removed, Known) or not isinstance(removed.value, int):
        return removed
    days = removed.value
    return bucket.retention.then(
        lambda policy: Known(value=max(days, 0 if policy is None else policy.seconds // 86400), sources=removed.sources)
    )
