"""Which resources set something of another one, at the end of the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, united
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource

T = TypeVar("T")
SOURCE = "the saved plan file, or --source with the directory of the configuration"


def every(plan: Plan, owner: Resource, kind: str, attributes: tuple[str, ...], identity: Identity) -> Listing[Resource]:
    """Those of a kind that belong to it, by any of their attributes; one that may belong to it is a gap."""
    found = [plan.attached(owner, kind, attribute, identity=identity) for attribute in attributes]
    gaps = tuple(gap for listing in found for gap in listing.gaps)
    if gaps and len(attributes) > 1:
        gaps = (*_undecided(plan, kind, attributes, identity), *plan.joins.gaps)
    return Listing(
        items=tuple(dict.fromkeys(item for listing in found for item in listing.items)),
        gaps=tuple(dict.fromkeys(map(_hinted, gaps))),
        sources=united((owner.after.source,), *(listing.sources for listing in found)),
    )


def the_one(plan: Plan, owner: Resource, kind: str, attribute: str, identity: Identity) -> Fact[Place | None]:
    """The only one of a kind that belongs to it, or None; unknown where there are or may be several."""
    listing = every(plan, owner, kind, (attribute,), identity)
    for gap in listing.gaps:
        if not listing.items or gap.unknown.detail not in plan.incomplete:
            return gap.unknown
    if len(listing.items) > 1:
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=tuple(item.after.source for item in listing.items),
            detail=f"{len(listing.items)} resources of type {kind} set the same thing, and the last one applied wins",
            needs="one such resource",
        )
    return Known(value=place_of(listing.items[0]) if listing.items else None, sources=listing.sources)


def gone(plan: Plan, owner: Resource, kind: str, attribute: str, identity: Identity) -> tuple[Departure, ...]:
    """Those that belonged to it until this plan destroys them."""
    return tuple(
        each
        for each in plan.departures
        if each.address.kind == kind
        and each.action is Action.DELETE
        and owner in plan.formerly(each, attribute, identity=identity)
    )


def place_of(resource: Resource) -> Place:
    """The whole of a resource."""
    return Place(values=resource.after, resource=resource)


def read_all(found: Listing[Resource], read: Callable[[Place], Fact[T]]) -> Listing[T]:
    """Each of them as read; one that is not known is a gap."""
    items: list[T] = []
    gaps = list(found.gaps)
    for resource in found.items:
        match read(place_of(resource)):
            case Known(value=value):
                items.append(value)
            case Unknown() as unknown:
                gaps.append(Gap(unknown=unknown))
    return Listing(items=tuple(items), gaps=tuple(gaps), sources=found.sources)


def joined(planned: Listing[T], live: Listing[T], key: Callable[[T], object], left: frozenset[object]) -> Listing[T]:
    """What the plan holds, and what was seen beside it: the same by its key is as planned, and what leaves is left."""
    held = {key(item) for item in planned.items} | left
    rest = tuple(item for item in live.items if key(item) not in held)
    return Listing(
        items=(*planned.items, *rest),
        gaps=(*planned.gaps, *live.gaps),
        sources=united(planned.sources, live.sources),
    )


def _undecided(plan: Plan, kind: str, attributes: tuple[str, ...], identity: Identity) -> Iterator[Gap]:
    """Those that no attribute names the owner of; an empty text names nothing."""
    for resource in plan.of_kind(kind):
        values = [attribute for attribute in attributes if resource.after.optional(attribute).raw not in (None, "")]
        facts = [plan.target(resource, attribute, identity=identity).fact for attribute in values]
        unknown = [fact for fact in facts if isinstance(fact, Unknown)]
        if unknown and not any(isinstance(fact, Known) and fact.value is not None for fact in facts):
            yield Gap(unknown=unknown[0])


def _hinted(gap: Gap) -> Gap:
    return replace(gap, unknown=replace(gap.unknown, needs=gap.unknown.needs and SOURCE))
