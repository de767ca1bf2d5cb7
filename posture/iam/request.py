"""One concrete request: who asks, for what, on which resource, with which context."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from posture.frozen import dataclass

ROOT_SUFFIX: Final = "root"


class CallerKind(StrEnum):
    """The kinds of caller that AWS tells apart, because each brings other condition keys."""

    ANONYMOUS = "anonymous"
    USER = "user"
    ROLE_SESSION = "role_session"
    ROOT = "root"
    FEDERATED_USER = "federated_user"
    SERVICE = "service"
    CANONICAL_USER = "canonical_user"
    FEDERATED = "federated"


ACCOUNT_KINDS: Final = frozenset({CallerKind.USER, CallerKind.ROLE_SESSION, CallerKind.ROOT, CallerKind.FEDERATED_USER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who signs the request; `arn` is what `aws:PrincipalArn` says, so the role's ARN for a role session."""

    kind: CallerKind
    arn: str | None = None
    account: str | None = None
    session: str | None = None
    unique_id: str | None = None
    name: str | None = None  # service host, canonical id or identity provider

    def describe(self) -> str:
        """The caller in one line."""
        if self.kind is CallerKind.ROLE_SESSION and self.arn and self.session:
            return f"{self.arn} (session {self.session})"
        return self.arn or self.name or self.unique_id or self.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as the policies see it; `context` holds the keys that do not follow from the caller."""

    caller: Caller
    action: str
    resource: str
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()


def read_caller(principal: str) -> Caller:
    """Read a caller as people write it: `*` for anonymous, an ARN, an account id for its root user, a service host."""
    if principal in ("*", "anonymous"):
        return Caller(kind=CallerKind.ANONYMOUS)
    if len(principal) == 12 and principal.isascii() and principal.isdigit():  # an account id  # noqa: PLR2004  # fixed by the format
        return Caller(kind=CallerKind.ROOT, arn=f"arn:aws:iam::{principal}:root", account=principal)
    parts = principal.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn":  # an ARN has six components  # noqa: PLR2004  # fixed by the format
        return _from_arn(principal, parts)
    if principal.startswith(("AIDA", "AROA")) and "." not in principal:
        kind = CallerKind.USER if principal.startswith("AIDA") else CallerKind.ROLE_SESSION
        return Caller(kind=kind, unique_id=principal)
    if len(principal) == 64:  # a canonical user id  # noqa: PLR2004  # fixed by the format
        return Caller(kind=CallerKind.CANONICAL_USER, name=principal)
    if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return Caller(kind=CallerKind.SERVICE, name=principal)
    message = f"`{principal}` names no caller"
    raise ValueError(message)


def _from_arn(principal: str, parts: list[str]) -> Caller:
    account, rest = parts[4], parts[5]
    kind, _, name = rest.partition("/")
    if parts[2] == "iam" and rest == ROOT_SUFFIX:
        return Caller(kind=CallerKind.ROOT, arn=principal, account=account)
    if parts[2] == "iam" and kind == "user" and name:
        return Caller(kind=CallerKind.USER, arn=principal, account=account)
    if parts[2] == "iam" and kind == "role" and name:
        return Caller(kind=CallerKind.ROLE_SESSION, arn=principal, account=account, session="session")
    if parts[2] == "iam" and kind in ("saml-provider", "oidc-provider") and name:
        return Caller(kind=CallerKind.FEDERATED, name=principal, account=account)
    if parts[2] == "sts" and kind == "federated-user" and name:
        return Caller(kind=CallerKind.FEDERATED_USER, arn=principal, account=account)
    role, _, session = name.partition("/")
    if parts[2] == "sts" and kind == "assumed-role" and role and session:
        arn = f"arn:{parts[1]}:iam::{account}:role/{role}"
        return Caller(kind=CallerKind.ROLE_SESSION, arn=arn, account=account, session=session)
    message = f"`{principal}` names no caller"
    raise ValueError(message)


def make_request(
    *, principal: str, action: str, resource: str, context: Mapping[str, str | Iterable[str]] | None = None
) -> Request:
    """Build a request from plain values; a context value is one text or a list of texts."""
    pairs = tuple(
        (key, (value,) if isinstance(value, str) else tuple(value)) for key, value in sorted((context or {}).items())
    )
    return Request(caller=read_caller(principal), action=action, resource=resource, context=pairs)
