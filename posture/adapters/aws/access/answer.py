"""What composition answers of a bucket."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.model.contributions import Refusals
from posture.model.facts import Fact, Listing
from posture.model.subjects import AccessPoint, Grant, Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAccess:
    """Whom a bucket lets in over all paths, what its policy refuses to everybody, and whom it tells of new objects."""

    grants: Listing[Grant]
    refusals: Refusals
    policy_public: Fact[bool]  # by the documented definition
    owner_locked_out: Fact[bool]
    access_points: Listing[AccessPoint]
    subscribers: Listing[Subscriber]
