"""Stores outside of a plan, of which resources of it set something: named by a text, or by a data source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from posture.adapters.planned import Beside
from posture.adapters.registry import BESIDE
from posture.model.facts import Known
from posture.terraform.address import DATA, Address
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource
from posture.terraform.values import Values


def with_outside_stores(plan: Plan) -> Plan:
    """The same plan, in which each such store is a data source, so that what belongs to it finds it."""
    made: list[Resource] = []
    instead: dict[Resource, Resource] = {}
    for beside in BESIDE.values():
        stores = _Outside(plan, beside())
        made += stores.made()
        instead.update(stores.sources())
    if not made and not instead:
        return plan
    return plan.having((*made, *(instead.get(resource, resource) for resource in plan.resources)))


class _Outside:
    def __init__(self, plan: Plan, beside: Beside) -> None:
        self._plan = plan
        self._beside = beside
        managed = [kind for kind in beside.identity.kinds if not _is_data(kind)]
        self._data = [kind for kind in beside.identity.kinds if _is_data(kind)]
        names = (each.after for kind in managed for each in plan.of_kind(kind))
        gone = (each.before for each in plan.departures if each.address.kind in managed)
        self._taken = frozenset(name for values in (*names, *gone) for name in self._names(values))
        self._named: dict[str, Resource | Departure] = {}
        self._sources: dict[Resource, Resource] = {}
        self._look()

    def made(self) -> Iterator[Resource]:
        """A data source for each store that a text names, as Terraform would write one."""
        for name, satellite in self._named.items():
            address = f"{self._beside.scheme}{name}"
            yield Resource(
                address=Address(modules=(), kind=self._data[0], name=address, key=None, text=address),
                provider=satellite.provider,
                action=Action.NONE,
                after=Values(
                    raw=dict.fromkeys(self._beside.identity.attributes[:1], name),
                    exact=True,
                    source=_values(satellite).source,
                    salt=self._plan.inventory.salt,
                ),
                beside=satellite.address,
            )

    def sources(self) -> Iterator[tuple[Resource, Resource]]:
        """The data sources of the plan that stand for such a store, each with what takes its place."""
        for resource, satellite in self._sources.items():
            yield resource, replace(resource, beside=satellite.address)

    def _look(self) -> None:
        for kind in self._beside.kinds:
            for satellite in self._plan.of_kind(kind):
                self._place(satellite)
        for departure in self._plan.departures:
            if departure.address.kind in self._beside.kinds and departure.action is Action.DELETE:
                self._leave(departure)

    def _leave(self, departure: Departure) -> None:
        if self._plan.formerly(departure, self._beside.attribute, identity=self._beside.identity):
            return
        for name in self._texts(departure.before, self._beside.attribute):
            if name not in self._taken:
                self._named.setdefault(name, departure)

    def _place(self, satellite: Resource) -> None:
        names = tuple(self._texts(satellite.after, self._beside.attribute))
        if self._taken.issuperset(names) and (names or not any(map(self._plan.of_kind, self._data))):
            return
        match self._plan.target(satellite, self._beside.attribute, identity=self._beside.identity).fact:
            case Known(value=Resource() as found) if _is_data(found.address.kind):
                self._sources.setdefault(found, satellite)
            case Known(value=None):
                for name in names:
                    self._named.setdefault(name, satellite)
            case _:
                pass

    def _names(self, values: Values) -> Iterator[str]:
        for attribute in self._beside.identity.attributes:
            yield from self._texts(values, attribute)

    def _texts(self, values: Values, attribute: str) -> Iterator[str]:
        match values.optional(attribute).text():
            case Known(value=str(text)) if text:
                yield self._beside.identity.spelled(text)
            case _:
                pass


def _is_data(kind: str) -> bool:
    return kind.startswith(f"{DATA}.")


def _values(entry: Resource | Departure) -> Values:
    return entry.after if isinstance(entry, Resource) else entry.before
