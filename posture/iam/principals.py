"""The `Principal` and `NotPrincipal` elements, and whom they name."""

import re
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final

from posture.frozen import dataclass
from posture.iam.conditions import DUPLICATE, Doubt

ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
IDENTITY: Final = re.compile(
    r"arn:(aws|aws-us-gov|aws-cn|aws-iso|aws-iso-b|aws-iso-e|aws-iso-f|aws-eusc):"
    r"(?:iam::(\d{12}|cloudfront):(root|(?:user|role)/[^*?$]+)"
    r"|sts::(\d{12}):(federated-user/[^*?$/]+|assumed-role/[^*?$/]+/[^*?$/]+))",
    re.ASCII,
)
UNIQUE_ID: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{8,}", re.ASCII)
SERVICE: Final = re.compile(r"[a-z0-9][a-z0-9.-]*\.[a-z0-9.-]*[a-z]", re.ASCII)
CANONICAL: Final = re.compile(r"[0-9a-fA-F]{32,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """One assumed-role session, as a principal ARN names it."""

    arn: str
    account: str
    role: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """Whom a statement names; unique ids of deleted identities name nobody and are left out."""

    negated: bool = False
    everyone: bool = False
    accounts: frozenset[str] = frozenset()
    arns: Mapping[str, str] = field(default_factory=dict)  # user, role and federated-user ARNs with their account
    sessions: tuple[Session, ...] = ()
    services: frozenset[str] = frozenset()
    canonical: frozenset[str] = frozenset()
    federated: frozenset[str] = frozenset()
    doubts: tuple[Doubt, ...] = ()

    def doubting(self, doubt: Doubt) -> "Principals":
        """The same with one more doubt."""
        return replace(self, doubts=(*self.doubts, doubt))

    @property
    def partitions(self) -> frozenset[str]:
        """The partitions of the named identities."""
        return frozenset(arn.split(":", 2)[1] for arn in (*self.arns, *(entry.arn for entry in self.sessions)))


NO_PRINCIPALS: Final = Principals()


def parse_principals(raw: object, *, negated: bool) -> Principals:
    """Read the element; entries that AWS would refuse become doubts."""
    if raw == "*":
        return Principals(negated=negated, everyone=True)
    if not isinstance(raw, Mapping) or not raw:
        doubt = Doubt("a principal is `*` or an object of principal kinds", repr(raw))
        return Principals(negated=negated, doubts=(doubt,))
    found = Principals(negated=negated)
    for kind, value in ((kind, value) for kind, value in raw.items() if kind != DUPLICATE):
        items = value if isinstance(value, list | tuple) else [value]
        if not items or not all(isinstance(item, str) for item in items):
            found = found.doubting(Doubt(f"the `{kind}` principals are no texts", repr(value)))
            continue
        found = _kind(found, str(kind), tuple(items))
    return found


def _kind(found: Principals, kind: str, items: tuple[str, ...]) -> Principals:
    match kind:
        case "AWS":
            return _aws(found, items)
        case "Service":
            good, doubts = _sort(items, SERVICE, kind)
            return replace(found, services=found.services | good, doubts=(*found.doubts, *doubts))
        case "CanonicalUser":
            good, doubts = _sort(items, CANONICAL, kind)
            return replace(found, canonical=found.canonical | good, doubts=(*found.doubts, *doubts))
        case "Federated":
            good = frozenset(item for item in items if item and not set(item) & set("*? "))
            doubts = tuple(_odd(item, kind) for item in items if item not in good)
            return replace(found, federated=found.federated | good, doubts=(*found.doubts, *doubts))
        case _:
            return found.doubting(Doubt(f"`{kind}` is no kind of principal", repr((kind, items))))


def _sort(items: tuple[str, ...], shape: re.Pattern[str], kind: str) -> tuple[frozenset[str], tuple[Doubt, ...]]:
    good = frozenset(item for item in items if shape.fullmatch(item))
    return good, tuple(_odd(item, kind) for item in items if item not in good)


def _odd(item: str, kind: str) -> Doubt:
    return Doubt(f"`{item}` is no {kind} principal", item)


def _aws(found: Principals, items: tuple[str, ...]) -> Principals:
    everyone = found.everyone
    accounts, arns, sessions, doubts = set(found.accounts), dict(found.arns), list(found.sessions), list(found.doubts)
    for item in items:
        shape = IDENTITY.fullmatch(item)
        if item == "*":
            everyone = True
        elif ACCOUNT.fullmatch(item):
            accounts.add(item)
        elif shape is None and UNIQUE_ID.fullmatch(item):
            continue  # a deleted identity: it matches nobody and never comes back
        elif shape is None:
            doubts.append(_odd(item, "AWS"))
        elif shape[3] == "root":
            accounts.add(shape[2])
        elif shape[5] and shape[5].startswith("assumed-role/"):
            _, role, name = shape[5].split("/")
            sessions.append(Session(arn=item, account=shape[4], role=role, name=name))
        else:
            arns[item] = shape[2] or shape[4]
    return replace(
        found,
        everyone=everyone,
        accounts=frozenset(accounts),
        arns=arns,
        sessions=tuple(sessions),
        doubts=tuple(doubts),
    )
