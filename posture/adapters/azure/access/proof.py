"""Puts what the decision found to the second evaluator, as concrete requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from posture.adapters.azure.config import RoleDefinition, Roles
from posture.adapters.azure.replay import Assigned, Request, replay
from posture.model.facts import Fact, Known
from posture.model.logic import Answer

Definition = Callable[[str], Fact[RoleDefinition]]


def proven(requests: Iterable[Request], roles: Roles, definition: Definition, subscription: str) -> bool:
    """Whether every request is allowed."""
    assigned = tuple(_assigned(roles, definition, subscription))
    return all(replay(each, assigned, roles.denials.items) is Answer.ALLOWED for each in requests)


def delegated_role(subscription: str, role: str) -> str:
    """The id, in a subscription, of the built-in role that a delegation names."""
    return f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def _assigned(roles: Roles, definition: Definition, subscription: str) -> Iterator[Assigned]:
    for assignment in roles.assignments.items:
        found = definition(assignment.role)
        if isinstance(found, Known):
            yield Assigned(
                principal=assignment.principal,
                scope=assignment.scope,
                permissions=found.value.permissions,
                open=bool(assignment.condition) or assignment.eligible,
            )
    for delegation in roles.delegations.items:
        found = definition(delegated_role(subscription, delegation.role))
        if isinstance(found, Known):
            yield Assigned(
                principal=delegation.principal,
                scope=delegation.scope,
                permissions=found.value.permissions,
                open=delegation.eligible,
            )
