"""What a plan takes away from audit logs: each store and each delivery, as it was and as it will be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

from posture.adapters.planned import Names
from posture.estate.join import Findings, Joined
from posture.estate.losses import protections, shortens, shuts_out
from posture.frozen import dataclass
from posture.model.assessment import Place, SubjectInfo
from posture.model.contributions import DeliveryContribution, SourceContribution, StoreContribution
from posture.model.facts import Fact, Known, Listing, Reason, Source, Unknown, all_true, any_true, united
from posture.model.leads import KeyRef, StoreRef
from posture.model.subjects import About, Change, Kind, LogStore, Mode, Provider
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Drift, Resource

Entry = Resource | Departure
_LOST = frozenset({Action.DELETE, Action.REPLACE})
_FORGOTTEN = frozenset({Action.FORGET, Action.REPLACE_AND_FORGET})
_LEFT = frozenset({Action.NONE, Action.NO_OP, Action.READ, Action.FORGET})
_NOT_DECIDED = Unknown(reason=Reason.UNDETERMINED, detail="what will be done is decided in a later plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What was before a plan, or what will be after it."""

    names: Names
    found: Findings
    subjects: tuple[Joined, ...]

    def stores(self) -> Mapping[str, Mapping[str, tuple[StoreRef, LogStore]]]:
        """The stores that are resources, by address and prefix."""
        records = {each.info.uri: each.record for each in self.subjects if isinstance(each.record, LogStore)}
        stores: dict[str, dict[str, tuple[StoreRef, LogStore]]] = defaultdict(dict)
        for ref in dict.fromkeys(lead.target for lead in self.found.leads):
            resource = self.names.resource(ref)
            if isinstance(ref, StoreRef) and resource is not None and ref.uri in records:
                stores[resource.address.text][ref.prefix] = (ref, records[ref.uri])
        return stores

    def deliveries(self) -> Mapping[str, DeliveryContribution]:
        """The deliveries, by what their facts name as their source: of a planned one, its address."""
        given = (item for item in self.found.contributions if isinstance(item, SourceContribution))
        return {
            source.operation: item
            for contribution in given
            for item in contribution.deliveries.items
            for source in item.configuration.name.sources
        }

    def producers(self) -> Mapping[str, Provider]:
        """Whose each of these deliveries is."""
        return {
            source.operation: contribution.ref.provider
            for contribution in self.found.contributions
            if isinstance(contribution, SourceContribution)
            for item in contribution.deliveries.items
            for source in item.configuration.name.sources
        }

    def key_of(self, ref: StoreRef) -> Fact[KeyRef | None]:
        """The key that encrypts a store."""
        for item in self.found.contributions:
            if isinstance(item, StoreContribution) and item.ref == ref:
                return item.key
        return Known(value=None, sources=())


class Changes:
    """Compares the two sides of one plan."""

    def __init__(
        self,
        plan: Plan,
        before: Side,
        after: Side,
        drift: Iterable[Drift],
        places: Callable[[Entry], tuple[Place, ...]],
    ) -> None:
        self._plan = plan
        self._before = before
        self._after = after
        self._places = places
        entries: tuple[Entry, ...] = (*plan.resources, *plan.departures)
        self._entries = {entry.address.text: entry for entry in entries}
        self._shown = {entry.shown: entry for entry in entries}
        self._touched = {name for name, entry in self._shown.items() if entry.action not in _LEFT}
        self._drifted = {values.source.operation for each in drift if (values := each.before or each.after) is not None}
        self._forgotten = {shown for shown, entry in self._shown.items() if entry.action in _FORGOTTEN}
        self._keys = {item.ref: item.key for item in before.found.contributions if isinstance(item, StoreContribution)}

    def subjects(self) -> tuple[Joined, ...]:
        """A row for each store and each delivery, in the order of their addresses."""
        return (*sorted(self._stores(), key=_uri), *sorted(self._deliveries(), key=_uri))

    def _stores(self) -> Iterator[Joined]:
        before, after = self._before.stores(), self._after.stores()
        for address in dict.fromkeys((*before, *after)):
            entry = self._entries[address]
            old, new = before.get(address, {}), after.get(address, {})
            ref, record = next(iter((new or old).values()))
            pairs = [(old[prefix][1], new[prefix][1]) for prefix in old if prefix in new]
            guards = [protections(former, present, self._untouched) for former, present in pairs]
            yield self._row(
                entry,
                ref.provider,
                record.kind,
                destroys_store=self._lost(entry) if old else self._no(entry),
                destroys_key=self._no(entry, *(self._key_lost(former) for former, _ in old.values())),
                force_destroy=self._forced(entry),
                stops_delivery=self._no(entry, *(shuts_out(former, present) for former, present in pairs)),
                shortens_retention=self._no(
                    entry, *(shortens(former, present, self._untouched) for former, present in pairs)
                ),
                protections=Listing(
                    items=tuple(dict.fromkeys(guard for listing in guards for guard in listing.items)),
                    sources=united((_source(entry),), *(listing.sources for listing in guards)),
                ),
                changed_outside=self._among(self._drifted, entry, [present for _, present in new.values()]),
                leaves_terraform=self._among(self._forgotten, entry, [former for _, former in old.values()]),
            )

    def _deliveries(self) -> Iterator[Joined]:
        before, after = self._before.deliveries(), self._after.deliveries()
        producers = {**self._before.producers(), **self._after.producers()}
        for operation in dict.fromkeys((*before, *after)):
            entry = self._shown.get(operation)
            old, new = before.get(operation), after.get(operation)
            if entry is None or not any(side and _may_be_audit(side) for side in (old, new)):
                continue
            yield self._row(
                entry,
                producers[operation],
                Kind.LOG_DELIVERY,
                stops_delivery=self._stops(entry, old, new),
                narrows_delivery=self._narrows(entry, old, new),
                changed_outside=self._among(self._drifted, entry),
                leaves_terraform=self._among(self._forgotten, entry),
            )

    def _row(self, entry: Entry, provider: Provider, kind: Kind, **facts: object) -> Joined:
        nothing = self._no(entry)
        uri = entry.shown
        empty: Change = Change(
            provider=provider,
            kind=kind,
            uri=uri,
            mode=Mode.PLANNED,
            destroys_store=nothing,
            destroys_key=nothing,
            force_destroy=nothing,
            stops_delivery=nothing,
            narrows_delivery=nothing,
            shortens_retention=nothing,
            protections=Listing(items=(), sources=nothing.sources),
            changed_outside=nothing,
            leaves_terraform=nothing,
        )
        info = SubjectInfo(
            about=About.CHANGE,
            uri=uri,
            mode=Mode.PLANNED,
            provider=provider,
            kind=kind,
            name=uri,
            found=(_planned(entry),),
            places=self._places(entry),
        )
        return Joined(info=info, record=replace(empty, **facts))  # type: ignore[arg-type] # facts of a Change

    def _no(self, entry: Entry, *facts: Fact[bool]) -> Fact[bool]:
        """Whether any is true; of none, false by the plan itself."""
        return any_true((*facts, Known(value=False, sources=(_source(entry),))))

    def _lost(self, entry: Entry) -> Fact[bool]:
        if entry.action is Action.OTHER or (isinstance(entry, Resource) and entry.deferred):
            return replace(_NOT_DECIDED, sources=(_source(entry),))
        return Known(value=entry.action in _LOST, sources=(_source(entry),))

    def _key_lost(self, ref: StoreRef) -> Fact[bool]:
        key = self._keys.get(ref)
        if key is None:
            return Known(value=False, sources=())
        return key.then(self._named_key_lost)

    def _named_key_lost(self, ref: KeyRef | None) -> Fact[bool]:
        resource = self._before.names.resource(ref) if ref is not None else None
        entry = self._entries.get(resource.address.text) if resource is not None else None
        return Known(value=False, sources=()) if entry is None else self._lost(entry)

    def _forced(self, entry: Entry) -> Fact[bool]:
        """Of what will be; of what is destroyed, as it was. What Terraform lets go it empties no more."""
        if entry.action is Action.FORGET:
            return self._no(entry)
        values = entry.after if isinstance(entry, Resource) else entry.before
        return values.optional("force_destroy").flag().map(bool)

    def _stops(self, entry: Entry, old: DeliveryContribution | None, new: DeliveryContribution | None) -> Fact[bool]:
        if old is None or entry.action is Action.FORGET:
            return self._no(entry)
        stays: Fact[bool] = Known(value=False, sources=(_source(entry),)) if new is None else new.configuration.enabled
        return all_true((old.audit, old.configuration.enabled, stays.map(lambda enabled: not enabled)))

    def _narrows(self, entry: Entry, old: DeliveryContribution | None, new: DeliveryContribution | None) -> Fact[bool]:
        """From all workspaces or categories to some, or from some to others that do not include them all."""
        if old is None or new is None:
            return self._no(entry)
        fewer = any_true((_less(old.workspaces, new.workspaces), _less(old.categories, new.categories)))
        return all_true((old.audit, fewer))

    def _among(self, named: set[str], entry: Entry, records: Iterable[LogStore] = ()) -> Fact[bool]:
        """Whether the resource is one of those that are named, or anything that the facts of its records come from."""
        operations = {entry.shown}
        if named:
            for record in records:
                operations.update(_operations(record))
        found = sorted(operations & named)
        sources = tuple(Source(operation=operation) for operation in found) or (_source(entry),)
        return Known(value=bool(found), sources=sources)

    def _untouched(self, former: object, unknown: Unknown) -> bool:
        """What the plan lets go stays as it is. What nobody read has no source, and may be anything."""
        operations = {source.operation for source in unknown.sources}
        if isinstance(former, Known):
            before = {source.operation for source in former.sources}
            return bool(before & self._forgotten) and not (before | operations) & self._touched
        return former == unknown and bool(operations) and not operations & self._touched


def _planned(entry: Entry) -> str:
    outside = isinstance(entry, Resource) and entry.beside is not None
    return "planned: what belongs to a store outside of the plan" if outside else f"planned: {entry.action.value}"


def _source(entry: Entry) -> Source:
    return entry.after.source if isinstance(entry, Resource) else entry.before.source


def _may_be_audit(item: DeliveryContribution) -> bool:
    return isinstance(item.audit, Unknown) or item.audit.value


def _less(former: Fact[frozenset[str]], present: Fact[frozenset[str]]) -> Fact[bool]:
    if isinstance(present, Known) and not present.value:
        return Known(value=False, sources=present.sources)
    return former.then(lambda old: present.map(lambda new: _fewer(old, new)))


def _fewer(former: frozenset[str], present: frozenset[str]) -> bool:
    return not former or not former <= present


def _operations(record: object) -> Iterator[str]:
    """What every fact of a record comes from."""
    match record:
        case Known(sources=sources) | Unknown(sources=sources):
            yield from (source.operation for source in sources)
        case Listing(items=items, sources=sources):
            yield from (source.operation for source in sources)
            for item in items:
                yield from _operations(item)
        case _ if is_dataclass(record):
            for each in fields(record):
                yield from _operations(getattr(record, each.name))
        case _:
            pass


def _uri(joined: Joined) -> str:
    return joined.info.uri
