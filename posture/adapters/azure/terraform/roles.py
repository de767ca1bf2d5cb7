"""Who has a role on a planned resource."""

from __future__ import annotations

from typing import Final

from posture.adapters.azure.access.built_in import built_in
from posture.adapters.azure.config import PermissionSet, RoleAssignment, RoleDefinition, Roles
from posture.adapters.azure.terraform.beside import place_of
from posture.adapters.azure.terraform.identities import IDENTITY, ROLE
from posture.adapters.azure.terraform.scopes import scope_over
from posture.adapters.azure.terraform.tools import Tools
from posture.model.facts import Fact, Gap, Known, Listing, Unknown, both, every_known
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.resources import Action, Resource

_ASSIGNMENT: Final = "azurerm_role_assignment"
_PLANNED: Final = "planned:"  # a role of this plan, by its address


def roles_of(owner: Resource, tools: Tools, identity: Identity) -> Roles:
    """The assignments of the plan, and what a scan saw at the resource and above it. A new one inherits that, too."""
    items, gaps = [], []
    for resource in tools.plan.of_kind(_ASSIGNMENT):
        match scope_over(resource, owner, identity, tools):
            case Known(value=str(scope)):
                found = _assignment(place_of(resource), scope, tools)
                if isinstance(found, Known):
                    items.append(found.value)
                else:
                    gaps.append(Gap(unknown=found))
            case Unknown() as unknown:
                gaps.append(Gap(unknown=unknown))
            case _:
                pass
    live = tools.context.roles(tools.names.id(owner))
    held = {_key(each) for each in items} | _left(tools)
    rest = tuple(each for each in live.assignments.items if each.eligible or _key(each) not in held)
    sources = (owner.after.source, *live.assignments.sources)
    return Roles(
        assignments=Listing(items=(*items, *rest), gaps=(*gaps, *live.assignments.gaps), sources=sources),
        denials=live.denials,
        delegations=live.delegations,
    )


def definition_of(role: str, tools: Tools) -> Fact[RoleDefinition]:
    """What a role allows: one of this plan, one that is built in, or as a scan read it."""
    if role.startswith(_PLANNED):
        name = role.removeprefix(_PLANNED)
        resource = next(each for each in tools.plan.of_kind("azurerm_role_definition") if each.address.text == name)
        return _definition(place_of(resource))
    known = built_in(role)
    return tools.context.definition(role) if known is None else Known(value=known, sources=(known.source,))


def _assignment(place: Place, scope: str, tools: Tools) -> Fact[RoleAssignment]:
    principal = both(place.text("principal_id"), _kind(place, tools))
    condition = place.at("condition")
    text: Fact[str] = place.text("condition") if condition.values.unknown is not True else _narrowed(place)
    return both(_role(place, tools), both(principal, text)).map(
        lambda found: RoleAssignment(
            role=found[0],
            principal=found[1][0][0],
            principal_type=found[1][0][1],
            scope=scope,
            condition=found[1][1],
            source=place.values.source,
        )
    )


def _narrowed(place: Place) -> Fact[str]:
    return Known(value="(known after apply)", sources=(place.at("condition").values.source,))


def _kind(place: Place, tools: Tools) -> Fact[str]:
    """What kind of principal it is; where nobody says, an identity of the plan is an application."""
    told = place.text("principal_type")
    if isinstance(told, Known) and told.value:
        return told
    if place.resource is not None:
        target = tools.plan.target(place.resource, "principal_id", identity=IDENTITY).fact
        if isinstance(target, Known) and target.value is not None:
            return Known(value="ServicePrincipal", sources=target.sources)
    return Known(value="", sources=told.sources)


def _role(place: Place, tools: Tools) -> Fact[str]:
    """By name, which only roles that are built in have for sure, or by id."""
    name = place.text("role_definition_name")
    if isinstance(name, Known) and name.value:
        return name
    if place.resource is not None:
        target = tools.plan.target(place.resource, "role_definition_id", identity=ROLE).fact
        if isinstance(target, Known) and target.value is not None:
            if target.value.address.kind == "azurerm_role_definition":
                return Known(value=f"{_PLANNED}{target.value.address.text}", sources=target.sources)
            named = place_of(target.value).text("name")
            return named if isinstance(named, Known) and named.value else target.value.after.text("id").map(str)
    identity = place.text("role_definition_id")
    if isinstance(identity, Known) and not identity.value:
        return place.at("role_definition_id").values.misfit("a role")
    return identity


def _definition(place: Place) -> Fact[RoleDefinition]:
    def permissions(block: Place) -> Fact[PermissionSet]:
        names = ("actions", "not_actions", "data_actions", "not_data_actions")
        return every_known(block.texts(name) for name in names).map(
            lambda found: PermissionSet(
                actions=found[0], not_actions=found[1], data_actions=found[2], not_data_actions=found[3]
            )
        )

    sets = place.each("permissions").then(lambda blocks: every_known(map(permissions, blocks)))
    return both(place.text("name"), sets).map(
        lambda found: RoleDefinition(name=found[0], permissions=found[1], source=place.values.source)
    )


def _left(tools: Tools) -> set[tuple[str, str, str]]:
    """Who loses which role, and where."""
    found = set()
    for gone in tools.plan.departures:
        if gone.address.kind == _ASSIGNMENT and gone.action is Action.DELETE:
            names = ("scope", "principal_id", "role_definition_id", "role_definition_name")
            scope, principal, identity, name = (_text(gone.before.text(each)) for each in names)
            if scope and principal:
                found.add((scope.lower(), principal, _called(identity or name)))
    return found


def _key(each: RoleAssignment) -> tuple[str, str, str]:
    return each.scope.lower(), each.principal, _called(each.role)


def _called(role: str) -> str:
    """One word for a role that is named in one place and given by its id in another."""
    known = built_in(role)
    return known.name if known is not None else role.rpartition("/")[2].lower()


def _text(fact: Fact[str | None]) -> str:
    return fact.value or "" if isinstance(fact, Known) else ""
