"""The stored access policies of containers: what shared access signatures refer to, and when that ends."""

from __future__ import annotations

from datetime import datetime

from posture.adapters.azure.config import SignedIdentifier
from posture.adapters.azure.normalise.times import moment
from posture.model.facts import FOREVER, Duration, Fact, Known, Listing
from posture.model.subjects import StoredPolicy


def stored_policies(found: Listing[SignedIdentifier], as_of: datetime) -> Listing[StoredPolicy]:
    """A policy that has ended is shown with 0 days: its tokens are dead until somebody moves its end."""
    return Listing(items=tuple(_policy(each, as_of) for each in found.items), gaps=found.gaps, sources=found.sources)


def _policy(each: SignedIdentifier, as_of: datetime) -> StoredPolicy:
    sources = (each.source,)
    return StoredPolicy(
        name=Known(value=f"{each.container}/{each.name}", sources=sources),
        permissions=Known(value=each.permissions, sources=sources),
        days_left=_days_left(each, as_of),
    )


def _days_left(each: SignedIdentifier, as_of: datetime) -> Fact[Duration]:
    if not each.expires:
        return Known(value=FOREVER, sources=(each.source,))
    end = moment(each.expires)
    return Known(value=None, sources=(each.source,)).then(lambda _: end.map(lambda when: _whole(when, as_of)))


def _whole(end: datetime, as_of: datetime) -> Duration:
    """Whole days, and one more for a day that has begun."""
    left = end - as_of
    return max(0, left.days + (left.seconds > 0))
