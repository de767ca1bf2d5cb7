"""Who reaches a resource by roles: inherited assignments, less what is denied, and delegations of other tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from posture.adapters.azure.access.grants import ALL_BUT_PUBLIC, Collected, Way, undetermined
from posture.adapters.azure.access.holders import Held, Holders
from posture.adapters.azure.access.operations import Operations
from posture.adapters.azure.access.permissions import acts_on, allows
from posture.adapters.azure.access.proof import delegated_role, proven
from posture.adapters.azure.config import Delegation, DenyAssignment, RoleAssignment, RoleDefinition, Roles
from posture.adapters.azure.ids import type_of, within
from posture.adapters.azure.replay import Request
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Source, Unknown
from posture.model.subjects import ActionClass, Bound

_FREE: Fact[Bound] = Known(value=Bound.ANYWHERE, sources=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What roles are held over."""

    id: str
    subscription: str
    kind: Operations
    keys: Fact[bool]  # keys of the resource open it
    bound: Fact[Bound]  # of requests for its data
    holds_logs: Callable[[str], bool] = lambda _: True  # of a scope below the resource
    definition: Callable[[str], Fact[RoleDefinition]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Role:
    """One role of one principal. `principal` is its object id, for what is denied."""

    held: Held
    principal: str
    definition: RoleDefinition
    scope: str
    condition: str
    source: Source
    direct: bool  # a principal itself, not a group of them
    eligible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Possible:
    action: ActionClass
    operation: str
    data: bool
    by_key: bool


def role_ways(resource: Resource, roles: Roles, holders: Holders, collected: Collected) -> None:
    """Adds what roles give to what was collected."""
    for listing in (roles.assignments, roles.delegations):
        for gap in listing.gaps:
            collected.doubt(gap.unknown, ActionClass, ALL_BUT_PUBLIC)
    _look_up(resource, roles, holders)
    for role in _held(resource, roles, holders, collected):
        grouped: dict[tuple[ActionClass, bool, bool], list[_Possible]] = {}
        for possible in _possible(resource, role, collected):
            if _given(resource, roles, role, possible, collected):
                grouped.setdefault((possible.action, possible.data, possible.by_key), []).append(possible)
        for several in grouped.values():
            _report(resource, roles, role, several, collected)


def _report(resource: Resource, roles: Roles, role: _Role, several: Sequence[_Possible], collected: Collected) -> None:
    """Takes a way that the second evaluator allows as well."""
    way = _way(resource, role, several)
    asked = [_asked(role, each, _place(resource, role)) for each in several]
    if proven(asked, roles, resource.definition, resource.subscription):
        collected.take(way)
    else:
        detail = f"the second evaluator does not allow what {way.via} seems to; please report this"
        collected.hide(way, undetermined(detail, (role.source,)))


def _asked(role: _Role, possible: _Possible, place: str) -> Request:
    """A request at a place, or for something in it where the operation is not done on the place itself."""
    itself = acts_on(possible.operation) == type_of(place)
    return Request(
        principal=role.principal,
        operation=possible.operation,
        data=possible.data,
        place=place if itself else f"{place}/any/one",
    )


def _look_up(resource: Resource, roles: Roles, holders: Holders) -> None:
    """Starts the reads of roles and then of their holders side by side; each is kept for whoever asks again."""
    assignments = roles.assignments.items
    holders.together(*(partial(resource.definition, each) for each in dict.fromkeys(one.role for one in assignments)))
    definitions = ((each, resource.definition(each.role)) for each in assignments)
    reaching = (one for one, found in definitions if isinstance(found, Known) and _reaches(resource, found.value))
    holders.together(*(partial(holders.of_assignment, each) for each in reaching))


def _held(resource: Resource, roles: Roles, holders: Holders, collected: Collected) -> Iterator[_Role]:
    for assignment in roles.assignments.items:
        definition = resource.definition(assignment.role)
        if isinstance(definition, Unknown):
            collected.doubt(definition, ActionClass, ALL_BUT_PUBLIC)
        elif _reaches(resource, definition.value) and not holders.gone(assignment):
            yield _assigned(assignment, definition.value, holders)
    for delegation in roles.delegations.items:
        if not within(delegation.scope, resource.id):
            continue
        definition = resource.definition(delegated_role(resource.subscription, delegation.role))
        if isinstance(definition, Unknown):
            collected.doubt(definition, ActionClass, ALL_BUT_PUBLIC)
        elif _reaches(resource, definition.value):
            yield _delegated(delegation, definition.value, holders)


def _reaches(resource: Resource, role: RoleDefinition) -> bool:
    """Nobody is looked up in the directory for a role that reaches nothing here."""
    return any(allows(role.permissions, each.operation, data=each.data) for each in _every(resource.kind))


def _assigned(assignment: RoleAssignment, definition: RoleDefinition, holders: Holders) -> _Role:
    return _Role(
        held=holders.of_assignment(assignment),
        principal=assignment.principal,
        definition=definition,
        scope=assignment.scope,
        condition=assignment.condition,
        source=assignment.source,
        direct=assignment.principal_type.lower() in {"user", "serviceprincipal"},
        eligible=assignment.eligible,
    )


def _delegated(delegation: Delegation, definition: RoleDefinition, holders: Holders) -> _Role:
    return _Role(
        held=holders.of_delegation(delegation),
        principal=delegation.principal,
        definition=definition,
        scope=delegation.scope,
        condition="",
        source=delegation.source,
        direct=False,
        eligible=delegation.eligible,
    )


def _every(kind: Operations) -> Iterator[_Possible]:
    sets: tuple[tuple[Mapping[ActionClass, tuple[str, ...]], bool], ...] = ((kind.data, True), (kind.management, False))
    for table, data in sets:
        for action, operations in table.items():
            for operation in operations:
                yield _Possible(action=action, operation=operation, data=data, by_key=False)
    for operation in kind.keys:
        for action in kind.opened:
            yield _Possible(action=action, operation=operation, data=False, by_key=True)


def _possible(resource: Resource, role: _Role, collected: Collected) -> tuple[_Possible, ...]:
    """What the role allows; with keys switched off, or on, or nobody knows which."""
    allowed = role.definition.permissions
    found = [
        each
        for each in _every(resource.kind)
        if allows(allowed, each.operation, data=each.data) and _lies_in(role.scope, each, resource)
    ]
    match resource.keys:
        case Known(value=True):
            return tuple(found)
        case Known():
            return tuple(each for each in found if not each.by_key)
        case Unknown() as unknown:
            for each in found:
                if each.by_key:
                    collected.hide(_way(resource, role, (each,)), unknown)
            return tuple(each for each in found if not each.by_key)


def _lies_in(scope: str, possible: _Possible, resource: Resource) -> bool:
    """Whether an operation can be done with a role held at a scope: below the resource, on what lies there only."""
    if within(scope, resource.id):
        return True
    if not within(resource.id, scope) or not resource.holds_logs(scope):
        return False
    if possible.data or possible.operation in resource.kind.of_parts:
        return True
    return possible.operation.lower().startswith((f"{type_of(scope)}/", "microsoft.authorization/"))


def _given(resource: Resource, roles: Roles, role: _Role, possible: _Possible, collected: Collected) -> bool:
    """Whether nothing takes the operation away; where something may, that is noted."""
    denied = _denied(_place(resource, role), roles, role, possible)
    if isinstance(denied, Unknown):
        collected.hide(_way(resource, role, (possible,)), denied)
        return False
    if not denied.value and (detail := _open(role)):
        collected.hide(_way(resource, role, (possible,)), undetermined(detail, (role.source,)))
        return False
    return not denied.value


def _open(role: _Role) -> str:
    if role.condition:
        return f"role assignment of `{role.definition.name}` has a condition, which only narrows it"
    if role.eligible:
        return f"whether `{role.held.name}` may activate role `{role.definition.name}` without anybody's approval"
    return ""


def _denied(place: str, roles: Roles, role: _Role, possible: _Possible) -> Fact[bool]:
    """Whether a deny assignment takes the operation from the principal; a filter that was not read may."""
    if roles.denials.gaps:
        return roles.denials.gaps[0].unknown
    answer: Fact[bool] = Known(value=False, sources=roles.denials.sources)
    for denial in roles.denials.items:
        if not _concerns(denial, place, possible) or not allows(
            denial.permissions, possible.operation, data=possible.data
        ):
            continue
        named = denial.everyone or role.principal in denial.principals
        if role.principal in denial.excluded:
            continue
        if named and role.direct and not denial.excluded and not denial.condition:
            return Known(value=True, sources=(denial.source,))
        if named or not _only_itself(denial):
            on = "its condition" if denial.condition else "groups"
            detail = f"whether deny assignment `{denial.name}` holds for `{role.held.name}` depends on {on}"
            answer = undetermined(detail, (denial.source,))
    return answer


def _only_itself(denial: DenyAssignment) -> bool:
    """Whether nobody is named through whom another principal could be meant: a group, say."""
    return not denial.principals


def _concerns(denial: DenyAssignment, place: str, possible: _Possible) -> bool:
    """Whether a denial holds for all of a place; of one that stops at its scope, what lies in it is free."""
    if denial.below:
        return within(denial.scope, place)
    there = denial.scope.rstrip("/").lower() == place.rstrip("/").lower()
    return there and acts_on(possible.operation) == type_of(place)


def _place(resource: Resource, role: _Role) -> str:
    return resource.id if within(role.scope, resource.id) else role.scope


def _way(resource: Resource, role: _Role, possible: Sequence[_Possible]) -> Way:
    first = possible[0]
    what = "account key, by " if first.by_key else ""
    return Way(
        held=role.held,
        action=first.action,
        operations=tuple(each.operation for each in possible),
        via=f"{what}role `{role.definition.name}` at {role.scope or '/'}",
        bound=resource.bound if first.data or first.by_key else _FREE,
        witness=f"{role.held.name} does {first.operation} on {_place(resource, role)}",
        conditions=role.condition,
        sources=(role.source, role.definition.source),
    )
