"""Lifecycle rules: the earliest removal of a log, and of an older version of one."""

from __future__ import annotations

from collections.abc import Callable

from posture.adapters.aws.config import BucketConfig, LifecycleRule
from posture.adapters.aws.normalise.prefixes import touches
from posture.model.facts import FOREVER, Duration, Fact, Known
from posture.model.subjects import Retention


def retention(bucket: BucketConfig, prefix: str) -> Retention:
    """What the enabled rules do to objects under the log prefix.

    A rule counts when it can match such an object: a condition on tags or sizes may be met by any object, so it
    excludes none. Transitions move data, and the removal of expired delete markers removes none.
    """
    return Retention(
        days=_earliest(bucket, prefix, current_days),
        noncurrent_days=_earliest(bucket, prefix, lambda rule: rule.noncurrent_after),
        lifecycle=bucket.lifecycle.map(bool),
    )


def current_days(rule: LifecycleRule) -> int | None:
    """The youngest age at which a rule removes a current object.

    From its date on, a dated rule removes every object, also those written the day before and those still to come:
    no age is safe from it. With versioning, removal hides the object behind a delete marker, and its data falls to
    the rules for noncurrent versions.
    """
    return 0 if rule.expires_on else rule.expires_after


def _earliest(bucket: BucketConfig, prefix: str, days: Callable[[LifecycleRule], int | None]) -> Fact[Duration]:
    """Kept newest versions do not save one: every overwrite pushes an older version out of their number."""

    def decided(rules: tuple[LifecycleRule, ...]) -> Fact[Duration]:
        removals = [
            (age, rule.source)
            for rule in rules
            if rule.enabled and touches(rule.prefix, prefix) and (age := days(rule)) is not None
        ]
        if not removals:
            return Known(value=FOREVER, sources=())
        age, source = min(removals, key=lambda removal: removal[0])
        return Known(value=age, sources=(source,))

    return bucket.lifecycle.then(decided)
