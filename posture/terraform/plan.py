"""A plan or a state that was read, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace

from posture.errors import PlanError
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Listing, Reason, Unknown
from posture.terraform.configuration import Configured, Module, references, written
from posture.terraform.document import Kind, Part
from posture.terraform.expressions import Joined, Refers
from posture.terraform.inventory import Identity, Inventory
from posture.terraform.joins import Joins, Target
from posture.terraform.providers import Providers, read_providers
from posture.terraform.resources import (
    Departure,
    Drift,
    Resource,
    departing,
    formerly,
    read_change,
    read_drift,
    read_values,
)
from posture.terraform.routes import Routes, block_words
from posture.terraform.sources import Line, Sources
from posture.terraform.values import Json


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What will be, what leaves, what was, and how it hangs together.

    `incomplete` says why resources may be lacking: then nothing that is missing may be taken for absent.
    """

    kind: Kind
    file: str
    sha256: str = ""  # of the JSON that was read
    terraform_version: str
    resources: tuple[Resource, ...]  # managed and data; nothing that is destroyed or forgotten
    departures: tuple[Departure, ...]
    drift: tuple[Drift, ...]
    prior: tuple[Resource, ...]  # the state before the plan, as it was refreshed
    incomplete: tuple[str, ...]
    inventory: Inventory = field(repr=False)
    joins: Joins = field(repr=False)
    sources: Sources = field(repr=False)
    providers: Providers = field(repr=False)

    def beginnings(self) -> frozenset[str]:
        """How the types of its resources begin: `aws`, `google`."""
        entries: Iterable[Resource | Departure | Drift] = (*self.resources, *self.departures, *self.drift)
        return frozenset(entry.address.kind.removeprefix("data.").partition("_")[0] for entry in entries)

    def of_kind(self, kind: str) -> tuple[Resource, ...]:
        """All resources of a type; a data source with `data.` in front."""
        return self.inventory.of_kind(kind)

    def target(self, resource: Resource, *path: str | int, identity: Identity) -> Target:
        """Which resource the attribute at this path names."""
        return self.joins.target(resource, path, identity)

    def attached(self, resource: Resource, kind: str, *path: str | int, identity: Identity) -> Listing[Resource]:
        """The resources of a kind whose attribute names this one; each that may name it is a gap."""
        return self.joins.attached(resource, kind, path, identity)

    def reached(self, resource: Resource, *path: str | int, identity: Identity) -> Listing[Resource]:
        """All resources that the expression of an attribute refers to: those inside a policy document, say."""
        return self.joins.reached(resource, path, identity)

    def before(self) -> Plan:
        """What was there before, as a plan that changes nothing; of a state, the state itself.

        What leaves is still here, and what is created is not. The configuration is that of the plan: the former one is
        not in it.
        """
        if self.kind is Kind.STATE:
            return self
        former = (*filter(None, map(formerly, self.resources)), *map(departing, self.departures))
        return replace(self.having(former), departures=(), drift=())

    def having(self, resources: tuple[Resource, ...]) -> Plan:
        """The same plan with other resources."""
        inventory = Inventory(resources, self.inventory.configuration, self.inventory.salt)
        return replace(
            self,
            resources=resources,
            inventory=inventory,
            joins=Joins(inventory, Routes(inventory, self.sources, informed=self.joins.informed), self.joins.gaps),
        )

    def sets(self, resource: Resource, *path: str) -> bool | None:
        """Whether an argument is written in the configuration of a resource; None where the plan does not show it.

        Of an argument of blocks, whether it is written in any of them.
        """
        configured = self._configured(resource)
        return None if configured is None else written(configured.expressions, path, resource.after)

    def mentioned(self, resource: Resource, *path: str | int) -> tuple[str, ...]:
        """What the expression of an attribute refers to, as it is written; nothing where the plan does not show it."""
        configured = self._configured(resource)
        found = references(configured.expressions, path, resource.after) if configured is not None else None
        return found or ()

    def written_end(self, resource: Resource, name: str) -> str | None:
        """The text that an attribute ends with, after a reference; None where no file of the configuration shows it."""
        address = resource.address
        names = tuple(step.name for step in address.modules)
        body = self.sources.body(names, block_words(address.kind, address.name))
        match body.attributes.get(name) if body is not None else None:
            case Refers():
                return ""
            case Joined(parts=(*_, str(end))):
                return end
            case Joined(parts=(_, *_)):
                return ""
            case _:
                return None

    def formerly(self, departure: Departure | Resource, *path: str | int, identity: Identity) -> tuple[Resource, ...]:
        """Which resources of this plan an attribute named before it."""
        if departure.before is None:
            return ()
        named = self.inventory.named(identity)
        value = departure.before.at(*path)
        return (named.by_former_name(value) or named.by_name(value)).members

    def lines(self, resource: Resource | Departure) -> tuple[Line, ...]:
        """Where a resource is written, then the module calls around it, outwards; what cannot be told is left out."""
        address = resource.written
        names = tuple(step.name for step in address.modules)
        found = [self.sources.line(names, *block_words(address.kind, address.name))]
        found += [self.sources.line(names[:depth], "module", names[depth]) for depth in reversed(range(len(names)))]
        return tuple(line for line in found if line is not None)

    def provider_key(self, resource: Resource | Departure) -> str:
        """The key of the provider configuration that a resource uses; empty where the plan does not show it."""
        configured = self._configured(resource)
        return configured.provider if configured is not None else ""

    def provider_setting(self, resource: Resource, name: str, *inner: str) -> Fact[Json]:
        """A setting of the provider configuration that a resource uses, such as its region; null when it is not set."""
        return self.providers.setting(self.provider_key(resource), name, *inner)

    def _configured(self, resource: Resource | Departure) -> Configured | None:
        address = resource.written
        return self.inventory.module(address.modules).resources.get((address.kind, address.name))


def assemble(document: Part, kind: Kind, configuration: Module, sources: Sources | None, salt: bytes) -> Plan:
    """The plan or state that a document holds. Without `sources`, locals and lines are not known."""
    if document.member("errored").flag():
        raise PlanError("this plan ended in an error", file=document.file, help="make a plan that succeeds")
    prior = tuple(read_values(_root(document, "prior_state"), salt, exact=True))
    departures: tuple[Departure, ...] = ()
    if kind is Kind.STATE:
        resources = tuple(read_values(_root(document, ""), salt, exact=True))
    else:
        resources, departures = _planned(document, prior, salt)
    _refuse_twins(document, (*resources, *departures))
    incomplete = _incomplete(document)
    inventory = Inventory(resources, configuration, salt)
    routes = Routes(inventory, sources or Sources(), informed=sources is not None)
    gaps = tuple(Gap(unknown=Unknown(reason=Reason.UNDETERMINED, detail=why)) for why in incomplete)
    return Plan(
        kind=kind,
        file=document.file,
        terraform_version=document.member("terraform_version").text(),
        resources=resources,
        departures=departures,
        drift=tuple(read_drift(part, salt) for part in document.member("resource_drift").items()),
        prior=prior,
        incomplete=incomplete,
        inventory=inventory,
        joins=Joins(inventory, routes, gaps),
        sources=sources or Sources(),
        providers=read_providers(document),
    )


def _planned(
    document: Part, prior: tuple[Resource, ...], salt: bytes
) -> tuple[tuple[Resource, ...], tuple[Departure, ...]]:
    """The end state: what changes or stays, what is only deferred, and the data sources that were read before."""
    changes = [read_change(part, salt) for part in document.member("resource_changes").items()]
    for part in document.member("deferred_changes").items():
        deferred = part.member("reason").text() or "deferred"
        changes.append(read_change(part.member("resource_change"), salt, deferred=deferred))
    resources = [change for change in changes if isinstance(change, Resource)]
    departures = tuple(change for change in changes if isinstance(change, Departure))
    changed = frozenset((*(each.address.text for each in resources), *(each.address.text for each in departures)))
    planned = document.member("planned_values").member("root_module")
    resources += read_values(planned, salt, exact=False, seen=changed)
    seen = changed.union(each.address.text for each in resources)
    data = (each for each in prior if each.address.kind.startswith("data."))
    resources += [each for each in data if each.address.text not in seen]
    return tuple(resources), departures


def _root(document: Part, member: str) -> Part:
    return (document.member(member) if member else document).member("values").member("root_module")


def _refuse_twins(document: Part, entries: Iterable[Resource | Departure]) -> None:
    seen: set[str] = set()
    for entry in entries:
        address = entry.address.text
        if address in seen:
            raise PlanError(f"`{address}` is here twice", file=document.file, help="make the plan again")
        seen.add(address)


def _incomplete(document: Part) -> tuple[str, ...]:
    if document.member("complete").flag() is False or document.member("deferred_changes").items():
        return ("the plan is not complete: it was made with -target, or a part of it is deferred",)
    return ()
