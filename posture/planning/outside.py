"""Stores outside of a plan, of which resources of it set something: named by a text, or by a data source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from posture.adapters.planned import Beside
from posture.adapters.wings import besides
from posture.frozen import dataclass
from posture.model.facts import Known, Source
from posture.terraform.address import DATA, Address
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource
from posture.terraform.values import Concealed, Kept, Values


def with_outside_stores(plan: Plan) -> Plan:
    """The same plan, in which each such store is a data source, so that what belongs to it finds it."""
    made: list[Resource] = []
    instead: dict[Resource, Resource] = {}
    for beside in besides(plan):
        stores = _Outside(plan, beside)
        made += stores.made()
        instead.update(stores.sources())
    if not made and not instead:
        return plan
    return plan.having((*made, *(instead.get(resource, resource) for resource in plan.resources)))


def as_it_was(plan: Plan) -> Plan:
    """What was before such a plan. A store that it lets go was one of its own then."""
    former = plan.before()
    own = {each.address.text for each in former.resources if each.beside is None}
    twins = [each for each in former.resources if each.beside is not None and each.address.text in own]
    return former.having(tuple(each for each in former.resources if each not in twins)) if twins else former


@dataclass(frozen=True, slots=True, kw_only=True)
class _Store:
    """A store that `satellite` names. `shown` is what facts name as their source, `told` what is known of its names."""

    address: str
    shown: Source
    told: dict[str, Kept]
    satellite: Resource | Departure


class _Outside:
    def __init__(self, plan: Plan, beside: Beside) -> None:
        self._plan = plan
        self._beside = beside
        managed = [kind for kind in beside.identity.kinds if not _is_data(kind)]
        self._data = [kind for kind in beside.identity.kinds if _is_data(kind)]
        self._let_go = {
            name: each
            for each in plan.departures
            if each.address.kind in managed and _is_let_go(each)
            for name in self._names(each.before)
        }
        names = (each.after for kind in managed for each in plan.of_kind(kind))
        gone = [each.before for each in plan.departures if each.address.kind in managed and not _is_let_go(each)]
        self._taken = frozenset(name for values in (*names, *gone) for name in self._names(values))
        self._named: dict[str, _Store] = {}
        self._sources: dict[Resource, Resource] = {}
        self._look()

    def made(self) -> Iterator[Resource]:
        """A data source for each store that a text names, as Terraform would write one."""
        for store in self._named.values():
            yield Resource(
                address=Address(modules=(), kind=self._data[0], name=store.address, key=None, text=store.address),
                provider=store.satellite.provider,
                action=Action.NONE,
                after=Values(raw=store.told, exact=True, whole=store.shown, salt=self._plan.inventory.salt),
                beside=store.satellite.address,
            )

    def sources(self) -> Iterator[tuple[Resource, Resource]]:
        """The data sources of the plan that stand for such a store, each with what takes its place."""
        for resource, satellite in self._sources.items():
            yield resource, replace(resource, beside=satellite.address)

    def _look(self) -> None:
        for kind, attributes in self._beside.kinds.items():
            for satellite in self._plan.of_kind(kind):
                for attribute in attributes:
                    self._place(satellite, attribute)
        for departure in self._plan.departures:
            if departure.action is Action.DELETE:
                for attribute in self._beside.kinds.get(departure.address.kind, ()):
                    self._leave(departure, attribute)

    def _leave(self, departure: Departure, attribute: str) -> None:
        if not self._plan.formerly(departure, attribute, identity=self._beside.identity):
            self._enter(departure, attribute)

    def _place(self, satellite: Resource, attribute: str) -> None:
        text = _text(satellite.after, attribute)
        if text and not self._beside.told(text):
            return
        asked = text or _is_secret(satellite.after, attribute) or any(map(self._plan.of_kind, self._data))
        if not asked or (text and self._key(text) in self._taken):
            return
        match self._plan.target(satellite, attribute, identity=self._beside.identity).fact:
            case Known(value=Resource() as found) if _is_data(found.address.kind):
                self._sources.setdefault(found, satellite)
            case Known(value=None):
                self._enter(satellite, attribute)
            case _:
                pass

    def _enter(self, satellite: Resource | Departure, attribute: str) -> None:
        """One store for each name; of one that is secret only the resource that has it is told.

        What the plan lets go keeps its address, so that it is the same store before and after.
        """
        values = _values(satellite)
        text, secret = _text(values, attribute), values.optional(attribute).raw
        name = self._key(text)
        if name and name not in self._taken:
            left = self._let_go.get(name)
            address = left.address.text if left is not None else f"{self._beside.scheme}{name}"
            shown = left.before.source if left is not None else values.source
            store = _Store(address=address, shown=shown, told={}, satellite=satellite)
            self._named.setdefault(name, store).told.update(self._beside.told(text))
        if isinstance(secret, Concealed):
            self._named.setdefault(
                secret.token,
                _Store(
                    address=f"{satellite.address.text}.{attribute}",
                    shown=values.source,
                    told={self._beside.identity.attributes[0]: secret},
                    satellite=satellite,
                ),
            )

    def _key(self, text: str) -> str:
        """What alone tells apart the store that a text names; empty where it names none."""
        told = self._beside.told(text) if text else {}
        return self._beside.identity.spelled(next(iter(told.values()))) if told else ""

    def _names(self, values: Values) -> Iterator[str]:
        for attribute in self._beside.identity.attributes:
            if name := self._key(_text(values, attribute)):
                yield name


def _is_data(kind: str) -> bool:
    return kind.startswith(f"{DATA}.")


def _is_let_go(departure: Departure) -> bool:
    """Whether it is there as before, outside of Terraform."""
    return departure.action is Action.FORGET


def _text(values: Values, attribute: str) -> str:
    match values.optional(attribute).text():
        case Known(value=str(text)):
            return text
        case _:
            return ""


def _is_secret(values: Values, attribute: str) -> bool:
    return isinstance(values.optional(attribute).raw, Concealed)


def _values(entry: Resource | Departure) -> Values:
    return entry.after if isinstance(entry, Resource) else entry.before
