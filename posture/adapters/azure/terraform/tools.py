"""What everything of one plan is made with."""

from __future__ import annotations

from dataclasses import field

from posture.adapters.azure.terraform.context import Context
from posture.adapters.azure.terraform.homes import Homes
from posture.adapters.azure.terraform.naming import AzureNames
from posture.adapters.planned import Premises
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Unknown
from posture.terraform.address import Address
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """A plan, what its resources are called, and what a live scan told beside it."""

    plan: Plan
    homes: Homes
    names: AzureNames
    context: Context
    _unresolved: dict[tuple[str, str, Identity], tuple[Gap, ...]] = field(default_factory=dict, repr=False)
    _parts: dict[tuple[str, str, Identity], dict[Address, list[Resource]]] = field(default_factory=dict, repr=False)

    def unresolved(self, kind: str, attribute: str, identity: Identity) -> tuple[Gap, ...]:
        """The resources of a kind of which nobody can tell what they belong to."""
        asked = (kind, attribute, identity)
        if asked not in self._unresolved:
            facts = (
                self.plan.target(each, attribute, identity=identity).fact
                for each in self.plan.of_kind(kind)
                if not self.elsewhere(each, attribute, identity) and self.part_of(each, attribute, identity) is None
            )
            self._unresolved[asked] = tuple(Gap(unknown=fact) for fact in facts if isinstance(fact, Unknown))
        return self._unresolved[asked]

    def of_parts(self, owner: Resource, kind: str, attribute: str, identity: Identity) -> tuple[Resource, ...]:
        """Those of a kind that are of a part of the owner: each is looked at once for all owners."""
        asked = (kind, attribute, identity)
        if asked not in self._parts:
            found: dict[Address, list[Resource]] = {}
            for each in self.plan.of_kind(kind):
                whole = self.part_of(each, attribute, identity)
                if whole is not None:
                    found.setdefault(whole.address, []).append(each)
            self._parts[asked] = found
        return tuple(self._parts[asked].get(owner.address, ()))

    def part_of(self, satellite: Resource, attribute: str, identity: Identity) -> Resource | None:
        """The resource whose id, as the files write it, starts a text that leads on to a part of it."""
        if not (self.plan.written_end(satellite, attribute) or "").startswith("/"):
            return None
        heads = {kind_of(each) for each in self.plan.mentioned(satellite, attribute)}
        found = self.plan.reached(satellite, attribute, identity=identity).items
        return found[0] if len(found) == 1 and heads <= {*identity.kinds} else None

    def elsewhere(self, satellite: Resource, attribute: str, identity: Identity) -> bool:
        """Whether all that an attribute refers to are resources of other kinds, so that it names none of these."""
        heads = {kind_of(each) for each in self.plan.mentioned(satellite, attribute)}
        return bool(heads) and not heads & {"", *identity.kinds}

    def id_named(self, place: Place, attribute: str, identity: Identity) -> Fact[str]:
        """The id of what an attribute names, of a resource of the plan as the plan calls it; empty for nothing."""
        if place.resource is not None:
            match self.plan.target(place.resource, *place.path, attribute, identity=identity).fact:
                case Known(value=Resource() as found, sources=sources):
                    return Known(value=self.names.id(found), sources=sources)
                case Unknown() as unknown:
                    return unknown
                case _:
                    pass
        return place.text(attribute)

    def name_given(self, place: Place, attribute: str, identity: Identity) -> Fact[str]:
        """A name; one that only apply makes is what the plan calls the resource that has it."""
        text = place.text(attribute)
        if isinstance(text, Unknown) and place.resource is not None:
            target = self.plan.target(place.resource, *place.path, attribute, identity=identity).fact
            if isinstance(target, Known) and target.value is not None:
                return Known(value=self.names.name(target.value), sources=target.sources)
        return text


def kind_of(reference: str) -> str:
    """The kind of the resource that a reference names; empty where it leads through a module, a variable or a local."""
    first, _, rest = reference.partition(".")
    if first == "data":
        return f"data.{rest.partition('.')[0]}"
    return first if first.startswith("azurerm_") else ""


def tools_of(premises: Premises) -> Tools:
    """Everything for one plan; nothing is looked up before it is asked for."""
    homes = Homes(premises.plan)
    return Tools(
        plan=premises.plan,
        homes=homes,
        names=AzureNames(premises.plan, homes, premises.settings),
        context=Context(premises.settings, premises.context, homes),
    )
