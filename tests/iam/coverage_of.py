"""Whether an answer of `reach` accounts for a concrete request; written against the answer's documentation only."""

import ipaddress

from posture.iam import Bound, BoundKind, CallerKind, PrincipalClass, PrincipalKind, Reach, Request

IN_ACCOUNTS = {CallerKind.USER, CallerKind.ROLE_SESSION, CallerKind.ROOT, CallerKind.FEDERATED_USER}


def accounted_for(answer: Reach, request: Request) -> bool:
    for item in answer.classes:
        if request.action in item.actions and names(item.principal, request) and within(item.bound, request):
            return True
    return any(
        request.action in item.actions and (item.principal is None or names(item.principal, request))
        for item in answer.undetermined
    )


def names(principal: PrincipalClass, request: Request) -> bool:  # one line a kind
    caller = request.caller
    context = {key.lower(): values for key, values in request.context}
    match principal.kind:
        case PrincipalKind.ANONYMOUS:
            return caller.kind is CallerKind.ANONYMOUS
        case PrincipalKind.ANY_ACCOUNT:
            return caller.kind in IN_ACCOUNTS
        case PrincipalKind.ACCOUNT:
            return caller.kind in IN_ACCOUNTS and caller.account in principal.names
        case PrincipalKind.PRINCIPAL:
            role = (caller.arn or "").rpartition("/")[2]
            session = f"arn:aws:sts::{caller.account}:assumed-role/{role}/{caller.session}"
            return caller.arn in principal.names or (
                caller.kind is CallerKind.ROLE_SESSION and session in principal.names
            )
        case PrincipalKind.ORGANISATION:
            return any(value in principal.names for value in context.get("aws:principalorgid", ()))
        case PrincipalKind.ACCOUNT_PATTERN:
            texts = (caller.arn or "", caller.account or "")
            return any(naive(pattern, text) for pattern in principal.names for text in texts if text)
        case PrincipalKind.UNIQUE_ID:
            return caller.unique_id in principal.names
        case PrincipalKind.SERVICE:
            known = caller.name in principal.names or "*" in principal.names
            sources = {value for key in SOURCES for value in context.get(key, ())}
            sources |= {text.split(":")[4] for text in sources if text.startswith("arn:") and text.split(":")[4]}
            told = principal.source is None or principal.source in sources
            silent = not sources  # a service that tells no source is covered by any class of its name
            return caller.kind is CallerKind.SERVICE and known and (told or silent)
        case _:
            return False


SOURCES = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid")


def within(bound: Bound, request: Request) -> bool:
    context = {key.lower(): values for key, values in request.context}
    if bound.kind is BoundKind.NONE:
        return True
    if bound.kind is BoundKind.ACCESS_POINT:
        return any(arn.split(":")[4] in bound.names for arn in context.get("s3:dataaccesspointarn", ()))
    for name in bound.names:
        key, _, value = name.partition("=")
        for present in context.get(key.lower(), ()):
            if key == "aws:SourceIp":
                if ipaddress.ip_address(present) in ipaddress.ip_network(value, strict=False):
                    return True
            elif present == value:
                return True
    return False


def naive(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(naive(pattern[1:], text[index:]) for index in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and naive(pattern[1:], text[1:])
