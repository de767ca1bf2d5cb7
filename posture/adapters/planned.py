"""What a plan asks of a wing, and what its resources are called: the same for every wing of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

from posture.adapters.wing import Follower
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.model.leads import KeyRef, Lead, RoleRef, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import Provider
from posture.reading import Reading
from posture.redaction import redact
from posture.terraform.address import DATA
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.resources import Drift, Resource

T = TypeVar("T", StoreRef, KeyRef, RoleRef)
NEEDS_CONTEXT = "--context, with a snapshot of `posture scan --save`"
BY_WRITER = "the account as which Databricks delivers is bound on it"  # how a planned bucket is found
_SAFE = '[]"._-'
_MOST_CHARACTERS = 200  # of a placeholder, before the digest that tells long ones apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What a planned wing is made from. `context` replays a live scan, or knows nothing."""

    plan: Plan
    settings: Settings
    context: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming(Generic[T]):
    """One kind of target of a wing: how resources name it, and the target that a resource or a text stands for.

    `of` is given managed resources and data sources. `other` is given a text in the one spelling of the identity that
    no resource of the plan has, and gives nothing for one that can name no target. `whole` is the target that a version
    of one belongs to.
    """

    identity: Identity
    of: Callable[[Resource], T]
    other: Callable[[str], T | None]
    whole: Callable[[T], T] = lambda target: target


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The resources of a wing that set something of a store which may be outside of the plan.

    `kinds` are their types, each with the attributes that name the store; whoever may set these owns it. `told` are the
    attributes by which a data source would tell the store that a text names: the first is that of the identity, and
    there are none where it names no store. `scheme` begins the address of one.
    """

    identity: Identity
    kinds: Mapping[str, tuple[str, ...]]
    told: Callable[[str], Mapping[str, str]]
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Namings:
    """Everything of one wing that resources of other wings can name. Stores come without a prefix."""

    stores: tuple[Naming[StoreRef], ...] = ()
    keys: tuple[Naming[KeyRef], ...] = ()
    roles: tuple[Naming[RoleRef], ...] = ()


class PlannedWing(Follower, Protocol):
    """A wing that reads a plan. `follow` is given only targets that it handles; nothing is called."""

    @property
    def provider(self) -> Provider:
        """Whose resources this wing reads."""

    def handles(self, target: Target) -> bool:
        """Whether this plan, and not the context, says what the target is like."""

    def first(self) -> tuple[Lead, ...]:
        """Where the plan itself says that audit logs are produced."""

    def mirrors(self, drift: Drift) -> bool:
        """Whether a resource only shows what others of the plan set, so that nobody changed it outside of Terraform."""

    def written(self, uri: str) -> tuple[Resource, ...]:
        """The resources that make a source, by its URI; what makes a store, `Names` knows."""


class Names:
    """The targets of a plan, and the resources that make them. Every wing of a run asks the same one.

    A wing comes with whether the plan has any of its resources; one that it has none of is made for the first text that
    may name something of it.
    """

    def __init__(self, plan: Plan, given: Iterable[tuple[Callable[[], Namings], bool]]) -> None:
        self._plan = plan
        wings = [(cache(make), present) for make, present in given]
        self._given = tuple(made for made, _ in wings)
        self._present = tuple(made() for made, present in wings if present)
        self._resources: dict[Target, Resource] = {}
        self._targets: dict[Resource, Target] = {}
        for namings in self._present:
            for stores in namings.stores:
                self._enter(stores)
            for keys in namings.keys:
                self._enter(keys)
            for roles in namings.roles:
                self._enter(roles)

    def resource(self, target: Target) -> Resource | None:
        """The managed resource that makes a target; None for one outside of this plan."""
        found = self._resources.get(_whole(target))
        if found is None and isinstance(target, KeyRef):
            wholes = (naming.whole(target) for given in self._present for naming in given.keys)
            found = next((self._resources[whole] for whole in wholes if whole in self._resources), None)
        return found

    def target(self, resource: Resource) -> Target | None:
        """The target that a managed resource makes; None when it makes none."""
        return self._targets.get(resource)

    def made(self) -> Iterable[tuple[Target, Resource]]:
        """Every target of the plan with the resource that makes it."""
        return self._resources.items()

    def stores(self) -> tuple[StoreRef, ...]:
        """Every store of the plan, in its order."""
        return tuple(target for target in self._resources if isinstance(target, StoreRef))

    def store(self, resource: Resource, *path: str | int) -> Fact[StoreRef | None]:
        """The store that an attribute names, whatever wing it belongs to; None when it names nothing."""
        return self._named(resource, path, lambda namings: namings.stores)

    def key(self, resource: Resource, *path: str | int) -> Fact[KeyRef | None]:
        """The same for a key."""
        return self._named(resource, path, lambda namings: namings.keys)

    def role(self, resource: Resource, *path: str | int) -> Fact[RoleRef | None]:
        """The same for a role."""
        return self._named(resource, path, lambda namings: namings.roles)

    def _enter(self, naming: Naming[T]) -> None:
        for kind in naming.identity.kinds:
            for resource in self._plan.of_kind(kind):
                if kind.startswith(f"{DATA}.") and resource.beside is None:
                    continue
                target = naming.of(resource)
                self._targets[resource] = target
                self._resources.setdefault(target, resource)

    def _named(
        self, resource: Resource, path: tuple[str | int, ...], of: Callable[[Namings], tuple[Naming[T], ...]]
    ) -> Fact[T | None]:
        """A resource of any kind comes before a text, and what is not known may be a resource of any kind."""
        value = resource.after.text(*path)
        if isinstance(value, Known) and not value.value:
            return Known(value=None, sources=value.sources)
        unknown: Unknown | None = None
        for naming in (naming for made in self._given for naming in of(made())):
            match self._plan.target(resource, *path, identity=naming.identity).fact:
                case Known(value=Resource() as found, sources=sources):
                    return Known(value=naming.of(found), sources=sources)
                case Unknown() as open_one:
                    unknown = unknown or open_one
                case _:
                    pass
        if unknown is not None or isinstance(value, Unknown):
            return unknown or value  # type: ignore[return-value] # one of them is Unknown
        namings = (naming for made in self._given for naming in of(made()))
        texts = (naming.other(naming.identity.spelled(value.value or "")) for naming in namings)
        return Known(value=next((target for target in texts if target is not None), None), sources=value.sources)


def unplanned(source: Source, what: str) -> Unknown:
    """Something that no plan can say, and a scan can."""
    return Unknown(
        reason=Reason.NOT_COLLECTED, sources=(source,), detail=f"a plan does not know {what}", needs=NEEDS_CONTEXT
    )


def placeholder(resource: Resource) -> str:
    """A name for what has none before apply: its address, in a form that no provider accepts for a name.

    It holds nothing that a policy language reads as a pattern or a variable, no slash and no colon, and stays the same
    from plan to plan.
    """
    address = resource.address.text
    shown = quote(redact(address) if resource.address.keyed else address, safe=_SAFE)[:_MOST_CHARACTERS]
    exact = shown == quote(address, safe=_SAFE)
    return f"({shown})" if exact else f"({shown}~{hashlib.sha256(address.encode()).hexdigest()[:12]})"


def _whole(target: Target) -> Target:
    return replace(target, prefix="") if isinstance(target, StoreRef) else target
