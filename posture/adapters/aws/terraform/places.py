"""A place in the values of a resource, with the way back to the resource: what is not known there can be followed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from posture.adapters.aws.terraform.identities import ALIAS, BUCKET, KEY, ROLE
from posture.adapters.aws.terraform.naming import AwsNames
from posture.adapters.aws.terraform.written import Written, closed
from posture.model.facts import Fact, Known, Unknown
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from posture.terraform.values import Path, Values

APPLY = "applying the plan, and scanning what came of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`resource` is None for values of the past, from which no reference leads on."""

    values: Values
    resource: Resource | None = None
    path: Path = ()

    def at(self, *path: str | int) -> Place:
        """One place further in; an attribute that this version of the provider lacks is null."""
        return Place(values=self.values.optional(*path), resource=self.resource, path=(*self.path, *path))

    def each(self, *path: str | int) -> Fact[tuple[Place, ...]]:
        """The blocks or elements at a place."""
        place = self.at(*path)

        def inside(elements: tuple[Values, ...]) -> tuple[Place, ...]:
            if isinstance(place.values.raw, dict):
                return (place,)
            return tuple(
                Place(values=values, resource=self.resource, path=(*place.path, index))
                for index, values in enumerate(elements)
            )

        return place.values.each().map(inside)

    def block(self, *path: str | int) -> Fact[Place | None]:
        """The one block at a place; None where there is none."""
        return self.each(*path).map(lambda places: places[0] if places else None)

    def text(self, *path: str | int) -> Fact[str]:
        """A text; empty for null."""
        return self.at(*path).values.text().map(lambda text: text or "")

    def flag(self, *path: str | int) -> Fact[bool]:
        """True or false; null is false, and so are the texts of older providers."""
        return self.at(*path).values.flag().map(bool)

    def number(self, *path: str | int) -> Fact[int]:
        """A whole number; 0 for null."""
        return self.at(*path).values.number().map(lambda number: number or 0)

    def texts(self, *path: str | int) -> Fact[tuple[str, ...]]:
        """A list or set of texts; none for null."""

        def all_of(places: tuple[Place, ...]) -> Fact[tuple[str, ...]]:
            found: list[str] = []
            for place in places:
                match place.values.text():
                    case Known(value=text):
                        found.append(text or "")
                    case Unknown() as unknown:
                        return unknown
            return Known(value=tuple(found), sources=(self.values.source,))

        return self.each(*path).then(all_of)


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
        if place.resource is None:
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
