"""Witnesses put to the second evaluator before they are reported: somebody of the class asks for one resource."""

from __future__ import annotations

from datetime import datetime

from posture.adapters.gcp.access.conditions import holds
from posture.adapters.gcp.access.ways import Way
from posture.adapters.gcp.replay import Caller, Policies, Request
from posture.model.facts import Reason, Unknown
from posture.model.logic import Answer
from posture.model.subjects import HolderKind
from posture.model.trust import Holder

_ANYBODY = "somebody.whom.no.policy.names"


def request(who: Holder, permission: str, way: Way, now: datetime) -> Request:
    """One concrete request by a way that gives the permission, and for which its condition holds."""
    question = way.asks(permission, now)
    found = holds(way.condition or "true", question)
    resource = question.name if found.example is None else found.example
    control = way.layer and way.layer.control(permission)
    if control:
        resource = control.name
    return Request(caller=somebody(who), permission=permission, resource=resource, kind=question.kind, at=now)


def somebody(who: Holder) -> Caller:
    """One of a class, of whom nothing else is known."""
    match who.kind:
        case HolderKind.ANONYMOUS:
            return Caller(member="")
        case HolderKind.PRINCIPAL:
            return Caller(member=who.name)
        case HolderKind.ANY_ACCOUNT:
            return Caller(member=f"user:{_ANYBODY}@gmail.com")
        case HolderKind.DOMAIN:
            return Caller(member=f"user:{_ANYBODY}@{who.name}")
        case HolderKind.FEDERATED:
            one = who.name if who.name.startswith("principal://") else f"principal://{_ANYBODY}"
            return Caller(member=one, sets=frozenset({who.name}))
        case _:
            return Caller(member=f"user:{_ANYBODY}@gmail.com", sets=frozenset({who.name}))


def told(asked: Request, who: Holder) -> str:
    """A request in words; the class says more than the one of it who asks."""
    return f"{who.name}: {asked.permission} on {asked.resource}"


def refuted(policies: Policies, asked: Request, who: Holder) -> Unknown | None:
    """Why a witness cannot be reported: the two evaluators disagree, which is an error of posture."""
    answer = policies.allow(asked)
    if answer is Answer.ALLOWED:
        return None
    words = f"internal error: the second evaluator answers `{answer}` to the witness: {told(asked, who)}"
    return Unknown(reason=Reason.UNDETERMINED, detail=words)
