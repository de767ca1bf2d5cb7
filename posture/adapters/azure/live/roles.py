"""Role assignments, role definitions, deny assignments and delegations, as Azure Resource Manager answers them."""

from __future__ import annotations

from dataclasses import replace

from posture.adapters.azure import calls
from posture.adapters.azure.config import (
    Delegation,
    DenyAssignment,
    PermissionSet,
    RoleAssignment,
    RoleDefinition,
    Roles,
)
from posture.adapters.azure.ids import subscription_of
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.members import Members
from posture.model.facts import Fact, Gap, Known, Listing

_EVERYONE = "00000000-0000-0000-0000-000000000000"


def read_roles(arm: Arm, resource_id: str) -> Roles:
    """Whatever is assigned at the resource, above it (inherited) and below it (on single containers)."""
    active = listing(arm.ask_all(calls.LIST_ROLE_ASSIGNMENTS, resource_id), assignment)
    eligible = listing(arm.ask_all(calls.LIST_ELIGIBLE_ROLES, resource_id), assignment)
    return Roles(
        assignments=Listing(
            items=(*active.items, *(replace(each, eligible=True) for each in eligible.items)),
            gaps=(*active.gaps, *eligible.gaps),
            sources=(*active.sources, *eligible.sources),
        ),
        denials=listing(arm.ask_all(calls.LIST_DENY_ASSIGNMENTS, resource_id), denial),
        delegations=delegations(arm, f"/subscriptions/{subscription_of(resource_id)}"),
    )


def read_definition(arm: Arm, role_id: str) -> Fact[RoleDefinition]:
    """What a role lets its holder do."""
    return fact(arm.ask(calls.GET_ROLE_DEFINITION, role_id), definition)


def assignment(item: Members) -> RoleAssignment | None:
    """One assignment; a condition only narrows it."""
    properties = item.inner("properties")
    role, principal, scope = (properties.word(name) for name in ("roleDefinitionId", "principalId", "scope"))
    if not role or not principal or not scope:
        return None
    return RoleAssignment(
        role=role,
        principal=principal,
        principal_type=properties.word("principalType"),
        scope=scope,
        condition=properties.word("condition"),
        source=item.source,
    )


def definition(item: Members) -> Fact[RoleDefinition]:
    """A role, built in or custom."""
    properties = item.inner("properties")
    permissions = tuple(permission_set(each) for each in properties.each("permissions"))
    if not permissions or not properties.word("roleName"):
        return item.malformed("role")
    found = RoleDefinition(name=properties.word("roleName"), permissions=permissions, source=item.source)
    return Known(value=found, sources=(item.source,))


def denial(item: Members) -> DenyAssignment | None:
    """One deny assignment."""
    properties = item.inner("properties")
    permissions = tuple(permission_set(each) for each in properties.each("permissions"))
    if not permissions or not properties.word("scope"):
        return None
    principals = tuple(each.word("id") for each in properties.each("principals"))
    return DenyAssignment(
        name=properties.word("denyAssignmentName") or item.word("name"),
        permissions=permissions,
        principals=principals,
        excluded=tuple(each.word("id") for each in properties.each("excludePrincipals")),
        everyone=_EVERYONE in principals,
        scope=properties.word("scope"),
        below=properties.get("doNotApplyToChildScopes") is not True,
        source=item.source,
        condition=properties.word("condition"),
    )


def permission_set(each: Members) -> PermissionSet:
    """Actions less the excluded ones."""
    return PermissionSet(
        actions=each.words("actions"),
        not_actions=each.words("notActions"),
        data_actions=each.words("dataActions"),
        not_data_actions=each.words("notDataActions"),
    )


def delegations(arm: Arm, subscription: str) -> Listing[Delegation]:
    """What other tenants may do in a subscription; each assignment carries its definition, as it was asked to."""
    listed = listing(arm.ask_all(calls.LIST_DELEGATIONS, subscription), _delegated)
    return Listing(
        items=tuple(each for several in listed.items for each in several),
        gaps=tuple(Gap(unknown=gap.unknown) for gap in listed.gaps),
        sources=listed.sources,
    )


def _delegated(item: Members) -> tuple[Delegation, ...] | None:
    outer = item.inner("properties")
    inner = outer.inner("registrationDefinition").inner("properties")
    tenant = inner.word("managedByTenantId")
    if not tenant or inner.get("authorizations") is None:
        return None
    scope = item.word("id").lower().partition("/providers/microsoft.managedservices")[0]
    return tuple(
        Delegation(
            tenant=tenant,
            principal=each.word("principalId"),
            principal_name=each.word("principalIdDisplayName"),
            role=each.word("roleDefinitionId"),
            scope=scope,
            source=item.source,
            eligible=eligible,
        )
        for name, eligible in (("authorizations", False), ("eligibleAuthorizations", True))
        for each in inner.each(name)
    )
