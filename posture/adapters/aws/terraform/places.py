"""What places in the values of AWS resources name: buckets, keys and roles, known or followed."""

from __future__ import annotations

import json
from collections.abc import Callable

from posture.adapters.aws.terraform.identities import ALIAS, BUCKET, KEY, RECEIVER, ROLE
from posture.adapters.aws.terraform.naming import AwsNames
from posture.adapters.aws.terraform.written import Written, closed
from posture.frozen import dataclass
from posture.model.facts import Fact, Known
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

APPLY = "applying the plan, and scanning what came of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What places name: targets by their names, whether the value is known or has to be followed."""

    plan: Plan
    names: AwsNames
    written: Written

    def texts(self, place: Place) -> list[str]:
        """The texts of a set as the files of the configuration write them; none where that cannot be told.

        What of them is not known is open. Files that contradict what the plan knows are of another configuration.
        """
        value = self.written.value(place.resource, place.path) if place.resource is not None else None
        found = [closed(item) for item in value] if isinstance(value, list) else []
        known = place.values.raw if isinstance(place.values.raw, list) else []
        if not all(item in found for item in known if isinstance(item, str)):
            return []
        return [item for item in found if isinstance(item, str)] if all(isinstance(item, str) for item in found) else []

    def policy(self, place: Place) -> str:
        """A policy that the files of the configuration spell out; empty where they do not."""
        value = self.written.value(place.resource, place.path) if place.resource is not None else None
        try:
            body = json.loads(value) if isinstance(value, str) else None
        except (ValueError, RecursionError):
            return ""
        return json.dumps(closed(body)) if isinstance(body, dict) else ""

    def bucket(self, place: Place) -> Fact[str]:
        """The name of a bucket; empty where none is named."""
        return self._named(place, BUCKET, self.names.bucket_name).map(BUCKET.spelled)

    def role(self, place: Place) -> Fact[str]:
        """The ARN of a role."""
        return self._named(place, ROLE, lambda found: self.names.role(found).arn)

    def receiver(self, place: Place) -> Fact[str]:
        """The ARN of a topic, a queue or a function."""
        return self._named(place, RECEIVER, self.names.receiver_arn)

    def key(self, place: Place) -> Fact[str]:
        """A key as whoever names it does; one of this plan by its ARN, also where an alias leads to it."""
        alias = self._resource(place, ALIAS)
        if alias is not None:
            return self.key(Place(values=alias.after, resource=alias).at("target_key_id"))
        return self._named(place, KEY, lambda found: self.names.key(found).key_id)

    def roles(self, place: Place) -> tuple[str, ...]:
        """The ARNs of all roles that the expression of a set refers to; none where it may refer to anything else."""
        if place.resource is None:
            return ()
        reached = self.plan.reached(place.resource, *place.path, identity=ROLE)
        return () if reached.gaps else tuple(self.names.role(role).arn for role in reached.items)

    def key_resource(self, place: Place) -> Resource | None:
        """The key of this plan that a place names."""
        return self._resource(place, KEY)

    def _resource(self, place: Place, identity: Identity) -> Resource | None:
        if place.resource is None or not any(map(self.plan.of_kind, identity.kinds)):
            return None
        match self.plan.target(place.resource, *place.path, identity=identity).fact:
            case Known(value=Resource() as found):
                return found
            case _:
                return None

    def _named(self, place: Place, identity: Identity, name: Callable[[Resource], str]) -> Fact[str]:
        found = self._resource(place, identity)
        if found is not None:
            return Known(value=name(found), sources=(place.values.source,))
        return place.text()
