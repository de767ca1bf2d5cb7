"""How soon a new log survives the loss of a Region."""

from __future__ import annotations

from posture.adapters.gcp.config import BucketConfig
from posture.model.facts import FOREVER, Duration, Fact, both

_TURBO = 15
_DEFAULT = 12 * 60  # of all objects; of nearly all of them an hour


def recovery_point(bucket: BucketConfig) -> Fact[Duration]:
    """In minutes, as Cloud Storage documents its default and its turbo replication."""

    def minutes(of: tuple[bool, bool]) -> Duration:
        multiple, turbo = of
        return FOREVER if not multiple else _TURBO if turbo else _DEFAULT

    return both(bucket.multiple, bucket.turbo).map(minutes)
