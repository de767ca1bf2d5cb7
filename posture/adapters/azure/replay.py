"""A second, deliberately naive evaluator: one concrete request against assignments as Azure keeps them.

It shares no evaluation code with the decision over holders: it follows Microsoft's pages on how access is determined
step by step (deny assignments first, then any role that allows the operation at or above the place), so that a witness
which it allows was not produced by a shared mistake. What a request does not tell is taken as not so.
"""

from __future__ import annotations

from collections.abc import Iterable

from posture.adapters.azure.config import DenyAssignment, PermissionSet
from posture.frozen import dataclass
from posture.model.logic import Answer

_EVERYONE = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks, with all groups that hold them, for which operation at which place."""

    principal: str
    groups: frozenset[str] = frozenset()
    operation: str
    data: bool
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A role that somebody has at a scope; `open` where a condition or an activation decides over it."""

    principal: str
    scope: str
    permissions: tuple[PermissionSet, ...]
    open: bool


def replay(request: Request, assigned: Iterable[Assigned], denials: Iterable[DenyAssignment]) -> Answer:
    """Denied whatever roles say, else allowed by one role, else not."""
    refused = [_refused(request, denial) for denial in denials]
    if Answer.DENIED in refused:
        return Answer.DENIED
    roles = [role for role in assigned if _grants(request, role)]
    if not roles:
        return Answer.DENIED
    sure = any(not role.open for role in roles) and Answer.UNDETERMINED not in refused
    return Answer.ALLOWED if sure else Answer.UNDETERMINED


def _grants(request: Request, role: Assigned) -> bool:
    mine = role.principal == request.principal or role.principal in request.groups
    return mine and _above(role.scope, request.place) and _permits(role.permissions, request)


def _refused(request: Request, denial: DenyAssignment) -> Answer:
    """ALLOWED where the denial is not about the request."""
    there = _above(denial.scope, request.place) if denial.below else _segments(denial.scope) == _segments(request.place)
    me = {request.principal, *request.groups}
    named = bool(me & set(denial.principals)) or _EVERYONE in denial.principals
    if not there or not named or me & set(denial.excluded) or not _permits(denial.permissions, request):
        return Answer.ALLOWED
    return Answer.UNDETERMINED if denial.condition else Answer.DENIED


def _permits(permissions: Iterable[PermissionSet], request: Request) -> bool:
    for each in permissions:
        yes, no = (each.data_actions, each.not_data_actions) if request.data else (each.actions, each.not_actions)
        if _among(yes, request.operation) and not _among(no, request.operation):
            return True
    return False


def _among(patterns: Iterable[str], operation: str) -> bool:
    return any(_like(pattern.lower(), operation.lower()) for pattern in patterns)


def _like(pattern: str, text: str) -> bool:
    """By what stands before, between and behind the stars."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    if not text.startswith(first):
        return False
    text = text[len(first) :]
    for part in rest[:-1]:
        at = text.find(part)
        if at < 0:
            return False
        text = text[at + len(part) :]
    return text.endswith(rest[-1])


def _above(scope: str, place: str) -> bool:
    outer, inner = _segments(scope), _segments(place)
    group = outer[:3] == ["providers", "microsoft.management", "managementgroups"]
    return group or inner[: len(outer)] == outer


def _segments(path: str) -> list[str]:
    return [segment for segment in path.lower().split("/") if segment]
