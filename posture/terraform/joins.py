"""Which resource another one names: by a known value, else along the references of the configuration.

What is left is said as unknown, together with the resources that it may turn out to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field
from typing import Final, TypeAlias

from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, united
from posture.terraform.inventory import Identity, Inventory, Named
from posture.terraform.resources import Resource
from posture.terraform.routes import MOST_STEPS, Route, Routes
from posture.terraform.values import Path, Values

_NEEDS: Final = "the saved plan file, or the directory of the configuration"
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a resource names: one resource, none of this plan, or unknown: then one of `possible`, or none."""

    fact: Fact[Resource | None]
    possible: tuple[Resource, ...] = ()


@mutable_dataclass(slots=True, kw_only=True)
class _Satellites:
    """The satellites of one kind, by what they belong to. Those that may belong to very many are kept as one group."""

    certain: dict[Resource, list[Resource]] = field(default_factory=dict)
    possible: dict[Resource, list[Unknown]] = field(default_factory=dict)
    groups: dict[int, tuple[frozenset[Resource], list[Unknown]]] = field(default_factory=dict)

    def group(self, members: tuple[Resource, ...]) -> list[Unknown]:
        """What may belong to any of these, which is one tuple for all that ask."""
        if id(members) not in self.groups:
            self.groups[id(members)] = (frozenset(members), [])
        return self.groups[id(members)][1]

    def gaps(self, resource: Resource) -> Iterator[Gap]:
        """What may belong to this resource too."""
        for unknown in self.possible.get(resource, ()):
            yield Gap(unknown=unknown)
        for members, unknowns in self.groups.values():
            if resource in members:
                yield Gap(unknown=_together(unknowns))


_Asked: TypeAlias = tuple[str, Path, Identity]


class Joins:
    """Answers for one plan; each answer about a kind of satellite is made once."""

    def __init__(self, inventory: Inventory, routes: Routes, gaps: tuple[Gap, ...]) -> None:
        self._inventory = inventory
        self._routes = routes
        self.gaps = gaps  # of the plan as a whole
        self._satellites: dict[_Asked, _Satellites] = {}

    @property
    def informed(self) -> bool:
        """Whether there are files to look into."""
        return self._routes.informed

    def target(self, resource: Resource, path: Path, identity: Identity) -> Target:
        """What the attribute at this path names."""
        value = resource.after.at(*path)
        named = self._inventory.named(identity)
        match value.token():
            case Known(value=None):
                return Target(fact=Known(value=None, sources=(value.source,)))
            case Known():
                return self._by_value(resource, path, named, identity)
            case _:
                return self._by_reference(resource, path, named, identity)

    def attached(self, resource: Resource, kind: str, path: Path, identity: Identity) -> Listing[Resource]:
        """The satellites of a kind that name this resource. Each that may name it is a gap."""
        asked = (kind, path, identity)
        if asked not in self._satellites:
            self._satellites[asked] = self._joined(kind, path, identity)
        satellites = self._satellites[asked]
        items = tuple(satellites.certain.get(resource, ()))
        sources = (resource.after.source, *(item.after.source for item in items))
        return Listing(items=items, gaps=(*satellites.gaps(resource), *self.gaps), sources=sources)

    def reached(self, resource: Resource, path: Path, identity: Identity) -> Listing[Resource]:
        """All resources of an identity that the expression of an attribute refers to, in whatever way."""
        route = self._routes.follow(resource, path, identity)
        source = resource.after.at(*path).source
        gaps = (Gap(unknown=self._open(source, route, ())),) if route.blocked else ()
        return Listing(items=route.resources, gaps=gaps, sources=united((source,), route.sources))

    def _by_value(self, resource: Resource, path: Path, named: Named, identity: Identity) -> Target:
        value = resource.after.at(*path)
        possible = named.by_name(value) or (named.settled if _stays(resource, path, value) else named.nameless)
        if len(possible) == 1 and named.by_name(value):
            return Target(fact=Known(value=possible.members[0], sources=(value.source,)))
        if not possible:
            return Target(fact=Known(value=None, sources=(value.source,)))
        route = self._routes.follow(resource, path, identity)
        return self._decided(value, route, [each for each in route.resources if each in possible], possible.members)

    def _by_reference(self, resource: Resource, path: Path, named: Named, identity: Identity) -> Target:
        value = resource.after.at(*path)
        route = self._routes.follow(resource, path, identity)
        found = list(route.resources)
        if not found and resource.before is not None:
            before = resource.before.at(*path)
            former = named.by_former_name(before)
            if len(former) == 1 and former.members[0] in named.nameless:
                return Target(fact=Known(value=former.members[0], sources=(value.source, before.source)))
        if route.blocked:
            return Target(fact=self._open(value.source, route, found), possible=named.all.members)
        return self._decided(value, route, found, tuple(found) or named.all.members)

    def _decided(self, value: Values, route: Route, found: list[Resource], possible: tuple[Resource, ...]) -> Target:
        if len(found) == 1:
            return Target(fact=Known(value=found[0], sources=united((value.source,), route.sources)))
        return Target(fact=self._open(value.source, route, found), possible=possible)

    def _joined(self, kind: str, path: Path, identity: Identity) -> _Satellites:
        joined = _Satellites()
        for satellite in self._inventory.of_kind(kind):
            target = self.target(satellite, path, identity)
            match target.fact:
                case Known(value=Resource() as resource):
                    joined.certain.setdefault(resource, []).append(satellite)
                case Unknown() as unknown if len(target.possible) > MOST_STEPS:
                    joined.group(target.possible).append(unknown)
                case Unknown() as unknown:
                    for resource in target.possible:
                        joined.possible.setdefault(resource, []).append(unknown)
                case _:
                    pass
        return joined

    def _open(self, source: Source, route: Route, found: Iterable[Resource]) -> Unknown:
        choice = ", ".join(f"`{each.address.text}`" for each in list(found)[:_SHOWN])
        why = route.blocked or (f"it may be {choice}" if choice else "no reference leads on")
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=(source,),
            detail=f"what `{source.operation}` belongs to cannot be told: {why}",
            needs="" if self._routes.informed else _NEEDS,
        )


def _stays(resource: Resource, path: Path, value: Values) -> bool:
    """Whether this names something that is there already, so that it is none of what is yet to be made."""
    match (resource.before.token(*path) if resource.before is not None else None), value.token():
        case Known(value=str(former)), Known(value=str(now)):
            return former == now
        case _:
            return False


def _together(unknowns: list[Unknown]) -> Unknown:
    if len(unknowns) == 1:
        return unknowns[0]
    first, *others = unknowns
    sources = united(*(unknown.sources for unknown in unknowns[:_SHOWN]))
    detail = f"{first.detail}; the same of {len(others)} more"
    return Unknown(reason=first.reason, sources=sources, detail=detail, needs=first.needs)
