"""Which resource sets a setting of a bucket, at the end of the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from posture.adapters.aws.terraform.identities import BUCKET
from posture.model.facts import Fact, Known, Reason, Unknown, united
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource

_SOURCE: Final = "the saved plan file, or --source with the directory of the configuration"


class Satellites:
    """The resources beside the buckets of a plan. What may belong to a bucket leaves what it would set unknown."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._departed: dict[tuple[Resource, str], list[Departure]] = {}
        for departure in plan.departures:
            if departure.address.kind.startswith("aws_s3"):
                for bucket in plan.formerly(departure, "bucket", identity=BUCKET):
                    self._departed.setdefault((bucket, departure.address.kind), []).append(departure)

    def one(self, bucket: Resource, kind: str) -> Fact[Place | None]:
        """What sets it, of the resources of this plan. None: nothing."""
        return the_one(self._plan, bucket, kind, "bucket", BUCKET)

    def forgotten(self, bucket: Resource, kind: str) -> Departure | None:
        """What set it until this plan lets it go: it stays, and nobody can tell from a plan for how long."""
        gone = () if bucket.made else self._departures(bucket, kind, Action.FORGET)
        return next(iter(gone), None)

    def destroyed(self, bucket: Resource, kind: str) -> Departure | None:
        """What set it until this plan destroys it; a bucket that is made anew never had it."""
        gone = () if bucket.made else self._departures(bucket, kind, Action.DELETE)
        return next(iter(gone), None)

    def _departures(self, bucket: Resource, kind: str, action: Action) -> tuple[Departure, ...]:
        return tuple(gone for gone in self._departed.get((bucket, kind), ()) if gone.action is action)


def the_one(plan: Plan, owner: Resource, kind: str, attribute: str, identity: Identity) -> Fact[Place | None]:
    """The only resource of a kind that belongs to another one, or None; unknown where there are or may be several."""
    listing = plan.attached(owner, kind, attribute, identity=identity)
    found = tuple(Place(values=item.after, resource=item) for item in listing.items)
    for gap in listing.gaps:
        if not found or gap.unknown.detail not in plan.incomplete:
            return replace(gap.unknown, needs=gap.unknown.needs and _SOURCE)
    if len(found) > 1:
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=united(place.values.source for place in found),
            detail=f"{len(found)} resources of type {kind} set the same thing, and the last one applied wins",
            needs="one such resource",
        )
    return Known(value=found[0] if found else None, sources=listing.sources)
