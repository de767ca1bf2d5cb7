"""How the second evaluator reads the elements of a statement, and what follows from the caller, for one request."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from posture.iam.replay_conditions import UNDOCUMENTED, UNKNOWN, Truth, conditions, either, opposite, substitute
from posture.iam.replay_values import wildcard
from posture.iam.request import Caller, CallerKind, Request

ELEMENTS: Final = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"}


def full_context(request: Request) -> dict[str, tuple[str, ...]]:
    """The request's keys with those that follow from the caller."""
    context = _caller_keys(request.caller)
    context.update((name.lower(), values) for name, values in request.context)
    return {name: values for name, values in context.items() if values}


def _caller_keys(caller: Caller) -> dict[str, tuple[str, ...]]:
    kind, unknown = caller.kind, (UNKNOWN,)
    if kind is CallerKind.ANONYMOUS:
        return {
            "aws:principalaccount": ("anonymous",),
            "kms:calleraccount": (),
            "aws:principaltype": ("Anonymous",),
            "aws:userid": ("anonymous",),
        }
    if kind is CallerKind.SERVICE:
        name = caller.name or ""
        keys = ("aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "kms:calleraccount")
        return {
            **dict.fromkeys(keys, (UNDOCUMENTED,)),
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (name,),
            "aws:principalservicenameslist": (name,),
        }
    if kind is CallerKind.FEDERATED:
        return {}
    found = {
        "aws:principalisawsservice": ("false",),
        "aws:principalarn": (caller.arn,) if caller.arn else unknown,
        "aws:principalaccount": (caller.account,) if caller.account else unknown,
        "kms:calleraccount": (caller.account,) if caller.account else unknown,
        "aws:userid": unknown,
    }
    types = {
        CallerKind.USER: "User",
        CallerKind.ROLE_SESSION: "AssumedRole",
        CallerKind.ROOT: "Account",
        CallerKind.FEDERATED_USER: "FederatedUser",
    }
    found["aws:principaltype"] = (types[kind],) if kind in types else unknown
    name = (caller.arn or "").split("/")[-1]
    if kind is CallerKind.ROOT and caller.account:
        found["aws:userid"] = (caller.account,)
    elif kind is CallerKind.USER:
        found["aws:username"] = (name,) if caller.arn else unknown
        found["aws:userid"] = (caller.unique_id,) if caller.unique_id else unknown
    elif kind is CallerKind.FEDERATED_USER:
        found["aws:userid"] = (f"{caller.account}:{name}",)
    elif kind is CallerKind.ROLE_SESSION and caller.unique_id and caller.session:
        found["aws:userid"] = (f"{caller.unique_id}:{caller.session}",)
    elif kind is CallerKind.CANONICAL_USER:
        found["aws:username"] = unknown
    return {key: tuple(str(value) for value in values) for key, values in found.items()}


def applies(
    statement: Mapping[str, Any], request: Request, context: Mapping[str, tuple[str, ...]], *, variables: bool
) -> Truth:
    """Whether the statement matches the request; the first element that does not ends it."""
    checks: tuple[Callable[[], Truth], ...] = (
        lambda: _principal(statement, request.caller),
        lambda: _pair(statement, "Action", lambda text: _action(text, request.action)),
        lambda: _resource(statement, request.resource, context, variables=variables),
        lambda: conditions(statement, context, variables=variables),
        lambda: _tidy(statement),
    )
    found: Truth = True
    for check in checks:
        truth = check()
        if truth is False:
            return False
        found = None if truth is None else found
    return found


def _tidy(statement: Mapping[str, Any]) -> Truth:
    known = set(statement) <= {*ELEMENTS, "Condition"} and isinstance(statement.get("Sid", ""), str)
    return True if known and '"\\u0000twice"' not in json.dumps(statement, default=str) else None


def _pair(statement: Mapping[str, Any], name: str, matches: Callable[[str], Truth]) -> Truth:
    if (name in statement) == ("Not" + name in statement):
        return None
    values = statement.get(name, statement.get("Not" + name))
    listed = values if isinstance(values, list | tuple) else [values]
    if not listed or not all(isinstance(item, str) for item in listed):
        return None
    found = either(matches(item) for item in listed)
    return found if name in statement else opposite(found)


def _action(text: str, action: str) -> Truth:
    service, _, name = text.partition(":")
    if text in ("*", "*:*"):
        return True
    if not name or not service.replace("-", "").isalnum() or set(name) & set(" :/"):
        return None
    return wildcard(text.lower(), action.lower())


def _resource(
    statement: Mapping[str, Any], resource: str, context: Mapping[str, tuple[str, ...]], *, variables: bool
) -> Truth:
    if "Resource" not in statement and "NotResource" not in statement:
        actions = statement.get("Action", statement.get("NotAction"))
        listed = actions if isinstance(actions, list | tuple) else [actions]
        fine = [item for item in listed if isinstance(item, str) and _action(item, "") is not None]
        return True if fine and all(item.lower().startswith(("sts:", "ecr:")) for item in fine) else None

    def matches(text: str) -> Truth:
        if text == "*":
            return True
        if not text.startswith("arn:") or text.count(":") < 5:  # an ARN has six components  # noqa: PLR2004  # fixed by the format
            return None
        pieces = substitute(text, context, variables=variables, tail=True)
        return pieces if isinstance(pieces, bool | None) else wildcard(pieces, resource)

    return _pair(statement, "Resource", matches)


def _principal(statement: Mapping[str, Any], caller: Caller) -> Truth:
    if ("Principal" in statement) == ("NotPrincipal" in statement):
        return None
    element = statement.get("Principal", statement.get("NotPrincipal"))
    entries = _entries(element)
    if entries is None:
        return None
    if "Principal" in statement:
        return either(_names(kind, text, caller) for kind, text in entries)
    if any(text == "*" and kind == "AWS" for kind, text in entries):
        return False
    if statement.get("Effect") == "Allow" or not caller.account or caller.kind is CallerKind.FEDERATED:
        return opposite(either(_names(kind, text, caller) for kind, text in entries))
    return _spared(entries, caller)


def _spared(entries: list[tuple[str, str]], caller: Caller) -> Truth:
    """A Deny with NotPrincipal: only callers listed together with their account are surely spared."""
    near = [text for kind, text in entries if kind == "AWS" and caller.account in text.split(":")]
    if not near:
        return opposite(either(_names(kind, text, caller) for kind, text in entries))
    account = any(text == caller.account or text.endswith(":root") for text in near)
    session = any(":assumed-role/" in text for text in near)
    listed = caller.arn in near or caller.kind is CallerKind.ROOT
    return False if account and listed and not session else None


def _entries(element: object) -> list[tuple[str, str]] | None:
    if element == "*":
        return [("AWS", "*")]
    if not isinstance(element, Mapping) or not element:
        return None
    found: list[tuple[str, str]] = []
    for kind, value in element.items():
        listed = value if isinstance(value, list | tuple) else [value]
        if not listed or not all(isinstance(item, str) for item in listed):
            found.append((str(kind), "\0"))
        else:
            found.extend((str(kind), item) for item in listed)
    return found


def _names(kind: str, text: str, caller: Caller) -> Truth:
    match kind:
        case "AWS":
            return _aws(text, caller)
        case "Service":
            if "*" in text or "?" in text or "." not in text or not text.replace(".", "").replace("-", "").isalnum():
                return None
            return caller.kind is CallerKind.SERVICE and caller.name == text
        case "CanonicalUser":
            if not 32 <= len(text) <= 64 or set(text.lower()) - set("0123456789abcdef"):  # canonical ids  # noqa: PLR2004  # fixed by the format
                return None
            if caller.kind is CallerKind.CANONICAL_USER:
                return caller.name == text
            return None if caller.account else False
        case "Federated":
            if not text or set(text) & set("*? \0"):
                return None
            return caller.kind is CallerKind.FEDERATED and caller.name == text
        case _:
            return None


def _aws(text: str, caller: Caller) -> Truth:
    if text == "*":
        return True
    if text[:1] == "A" and ":" not in text and len(text) > 11 and text.isupper() | text.isalnum():  # unique ids  # noqa: PLR2004  # fixed by the format
        return False if text[:4].isalpha() and text[:4].isupper() and text.upper() == text else None
    account, kind, rest = _identity(text)
    if account is None:
        return None
    if caller.kind in (CallerKind.ANONYMOUS, CallerKind.SERVICE, CallerKind.FEDERATED):
        return False
    if not caller.account:
        return None
    if account != caller.account:
        return False
    if kind == "root":
        return True
    if kind == "assumed-role":
        role, _, session = rest.partition("/")
        same = caller.kind is CallerKind.ROLE_SESSION and (caller.arn or "").split("/")[-1] == role
        return same and caller.session == session
    return caller.arn == text


def _identity(text: str) -> tuple[str | None, str, str]:
    """Account, kind and name of an AWS principal; no account where AWS would refuse it."""
    if len(text) == 12 and text.isascii() and text.isdigit():  # an account id  # noqa: PLR2004  # fixed by the format
        return text, "root", ""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[3] or set(text) & set("*?$"):  # ARN  # noqa: PLR2004  # fixed by the format
        return None, "", ""
    account, (kind, _, name) = parts[4], parts[5].partition("/")
    proper = account == "cloudfront" or (
        len(account) == 12 and account.isascii() and account.isdigit()  # noqa: PLR2004  # fixed by the format
    )  # an account id
    shapes = {
        ("iam", "root"): not name and parts[5] == "root",
        ("iam", "user"): bool(name),
        ("iam", "role"): bool(name),
        ("sts", "federated-user"): bool(name) and "/" not in name,
        ("sts", "assumed-role"): name.count("/") == 1 and not name.startswith("/") and not name.endswith("/"),
    }
    return (account, kind, name) if proper and shapes.get((parts[2], kind)) else (None, "", "")
