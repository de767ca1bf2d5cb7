"""Lifecycle rules: the earliest removal of a log, and of an older version of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from posture.adapters.gcp.config import BucketConfig, LifecycleRule
from posture.adapters.gcp.normalise.prefixes import touches
from posture.model.facts import FOREVER, Duration, Fact, Known
from posture.model.subjects import Retention


def retention(bucket: BucketConfig, prefix: str, now: datetime) -> Retention:
    """What the rules that delete do to objects under the log prefix.

    All conditions of a rule must hold, so the latest of its ages counts. Storage classes, suffixes and custom times may
    be those of any object, so they save none. A retention policy keeps what a rule would delete earlier.
    """
    return Retention(
        days=_kept(bucket, _earliest(bucket, prefix, lambda rule: current_days(rule, now))),
        noncurrent_days=_kept(bucket, _earliest(bucket, prefix, lambda rule: noncurrent_days(rule, now))),
        lifecycle=bucket.has_lifecycle,
    )


def current_days(rule: LifecycleRule, now: datetime) -> int | None:
    """The youngest age at which a rule removes a current object; nothing where it removes older versions only."""
    only_noncurrent = (
        rule.live is False
        or bool(rule.newer_versions)
        or rule.noncurrent_days is not None
        or bool(rule.noncurrent_before)
    )
    return None if only_noncurrent else max(rule.age or 0, _since(rule.created_before, now))


def noncurrent_days(rule: LifecycleRule, now: datetime) -> int | None:
    """The youngest age at which a rule removes an older version; versions that are kept by number save none."""
    if rule.live is True:
        return None
    dated = max(_since(rule.created_before, now), _since(rule.noncurrent_before, now))
    return max(rule.age or 0, rule.noncurrent_days or 0, dated)


def _since(day: str, now: datetime) -> int:
    """How old an object is today that was made on the last day before a date; those made since then are spared.

    A date that lies ahead spares none, and what is no date is taken for one of these.
    """
    try:
        return max(0, (now.date() - date.fromisoformat(day[:10])).days)
    except ValueError:
        return 0


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
