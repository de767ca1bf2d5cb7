"""A second, deliberately naive evaluator: one concrete request against policies as they are written.

It shares no evaluation code with the decision procedure: it reads the JSON itself and follows the documentation
element by element, so that a witness which it allows was not produced by a shared mistake.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from posture.frozen import dataclass
from posture.iam.replay_conditions import UNKNOWN, Truth
from posture.iam.replay_elements import applies, full_context
from posture.iam.request import CallerKind, Request


class Answer(StrEnum):
    """What AWS would say of one request, as far as it can be told."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer and the statement that decides it; `explicit` tells a Deny from the absence of an Allow."""

    answer: Answer
    statement: int | None = None
    sid: str = ""
    explicit: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy as plain JSON values; `odd` says what makes the whole of it doubtful."""

    statements: tuple[Mapping[str, Any], ...]
    variables: bool
    odd: str


def load(source: str | bytes | Mapping[str, object]) -> Loaded:
    """Read a policy text or take an already loaded object."""
    top: Any = source
    if not isinstance(source, Mapping):
        try:
            text = source.decode("utf-8") if isinstance(source, bytes) else source
            top = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            return Loaded((), variables=False, odd="the policy cannot be read")
    if not isinstance(top, Mapping) or "Statement" not in top:
        return Loaded((), variables=False, odd="the policy has no statements")
    listed = top["Statement"] if isinstance(top["Statement"], list | tuple) else [top["Statement"]]
    statements = tuple(item for item in listed if isinstance(item, Mapping))
    odd = "" if set(top) <= {"Version", "Id", "Statement"} else "the policy has an unknown element"
    if len(statements) < len(listed):
        odd = "a statement is not an object"
    if top.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        odd = "the policy version is unknown"
    return Loaded(statements, variables=top.get("Version") == "2012-10-17", odd=odd)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    return dict(pairs) if len(set(names)) == len(names) else {**dict(pairs), "\0twice": True}


def decide(policy: Loaded, request: Request) -> Decision:  # noqa: C901  # one branch a case
    """Explicit Deny first, then Allow, else denied; what is open stays open."""
    if request.caller.kind is CallerKind.ANONYMOUS and request.action.lower().partition(":")[0] in ("kms", "sts"):
        return Decision(answer=Answer.DENIED, reasons=("nobody calls this service without signing the request",))
    context = full_context(request)
    denying: list[int] = []
    allowing: list[int] = []
    maybe_denies: list[int] = []
    maybe_allows: list[int] = []
    for index, statement in enumerate(policy.statements):
        effect = statement.get("Effect")
        truth = applies(statement, request, context, variables=policy.variables)
        if policy.odd and truth:
            truth = None
        if truth is False:
            continue
        if effect not in ("Allow", "Deny"):
            maybe_allows.append(index)
            maybe_denies.append(index)
        elif effect == "Deny":
            (denying if truth else maybe_denies).append(index)
        else:
            (allowing if truth else maybe_allows).append(index)
    unread = bool(policy.odd) and (not policy.statements or policy.odd == "a statement is not an object")

    def answer(kind: Answer, index: int | None, *, explicit: bool = False) -> Decision:
        sid = policy.statements[index].get("Sid", "") if index is not None else ""
        reasons = (policy.odd,) if policy.odd else ()
        if kind is Answer.UNDETERMINED and index is not None:
            reasons = (*reasons, f"statement {index} cannot be decided for this request")
        return Decision(answer=kind, statement=index, sid=str(sid), explicit=explicit, reasons=reasons)

    if denying:
        return answer(Answer.DENIED, denying[0], explicit=True)
    if unread or (maybe_denies and (allowing or maybe_allows)):
        return answer(Answer.UNDETERMINED, maybe_denies[0] if maybe_denies else None)
    if allowing:
        return answer(Answer.ALLOWED, allowing[0])
    if maybe_allows:
        return answer(Answer.UNDETERMINED, maybe_allows[0])
    return answer(Answer.DENIED, None)


def denies(policy: Loaded, request: Request) -> Truth:
    """Whether an explicit Deny of the policy applies."""
    decision = decide(
        Loaded(
            tuple(item for item in policy.statements if item.get("Effect") != "Allow"), policy.variables, policy.odd
        ),
        request,
    )
    if decision.answer is Answer.UNDETERMINED:
        return None
    if decision.explicit:
        return True
    context = full_context(request)
    truths = [
        applies(item, request, context, variables=policy.variables)
        for item in policy.statements
        if item.get("Effect") != "Allow"
    ]
    return None if policy.odd or None in truths else False


def allows(
    document: str | bytes | Mapping[str, object],
    request: Request,
    *,
    owner: str | None = None,
    organisation: str | None = None,
) -> Decision:
    """Whether one policy allows one concrete request, with the statement that decides it.

    The request's context is taken as complete. `owner` and `organisation` (empty for none) supply the keys that speak
    of the resource's owner; without them such keys are open.
    """
    given = {key.lower() for key, _ in request.context}
    owned = ("aws:resourceaccount", "s3:resourceaccount")
    extra = [(key, (owner or UNKNOWN,)) for key in owned if key not in given]
    if "aws:resourceorgid" not in given and organisation != "":
        extra.append(("aws:resourceorgid", (organisation or UNKNOWN,)))
    return decide(load(document), replace(request, context=(*request.context, *extra)))
