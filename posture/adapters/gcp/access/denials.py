"""Deny policies: whom a rule stops for certain, whom it may stop, whom it spares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from fnmatch import fnmatchcase

from posture.adapters.gcp.access.members import holder as holder_of
from posture.adapters.gcp.config import DenyRule
from posture.model.subjects import HolderKind
from posture.model.trust import Holder

EVERYBODY = "principalSet://goog/public:all"
_SUBJECT = "principal://goog/subject/"
_ACCOUNT = "principal://iam.googleapis.com/projects/-/serviceAccounts/"
_GROUP = "principalSet://goog/group/"
_ONE = (_SUBJECT, _ACCOUNT)
_DELETED = "deleted:"
_PUBLIC = (HolderKind.ANONYMOUS, HolderKind.ANY_ACCOUNT)
_TEAMS = (HolderKind.DOMAIN, HolderKind.ACCOUNT)
_HOSTS = {"resourcemanager": "cloudresourcemanager"}


class Stops(IntEnum):
    """Whether a rule stops somebody."""

    NO = 0
    MAYBE = 1
    YES = 2


def stops(rule: DenyRule, holder: Holder, permission: str) -> Stops:
    """Whether a rule takes a permission from a holder. A condition asks for tags, which are not read.

    A class is stopped where all of it is but those whom the rule spares by name.
    """
    if not _about(rule, permission):
        return Stops.NO
    hit = max((_is(principal, holder) for principal in rule.principals), default=Stops.NO)
    left_out = max((_is(principal, holder) for principal in rule.exceptions), default=Stops.NO)
    if hit is Stops.NO or left_out is Stops.YES:
        return Stops.NO
    return Stops.MAYBE if rule.condition or rule.open or left_out is Stops.MAYBE else hit


def spared(rules: Iterable[DenyRule], holder: Holder, permissions: Iterable[str]) -> Iterator[tuple[Holder, bool]]:
    """Whom the rules that stop a wide class leave in by name, and whether they are in the class for certain."""
    if holder.kind not in (*_PUBLIC, *_TEAMS):
        return
    for rule in rules:
        if any(stops(rule, holder, permission) is Stops.YES for permission in permissions):
            for principal in rule.exceptions:
                who = None if principal.startswith(_DELETED) else holder_of(_member(principal))
                certain = who and _within(who, holder)
                if who and certain is not None:
                    yield who, bool(certain)


def _within(who: Holder, whole: Holder) -> bool | None:
    """Whether a principal is in a wide class: None where it cannot be, false where nobody says."""
    kind = who.name.partition(":")[0]
    if whole.kind is HolderKind.ANONYMOUS:
        return True
    if whole.kind is HolderKind.ANY_ACCOUNT:
        return kind in {"user", "serviceAccount", "group"}
    if whole.kind is HolderKind.DOMAIN and kind == "serviceAccount":
        return None
    return whole.kind is HolderKind.DOMAIN and kind == "user" and who.account == whole.name


def _member(principal: str) -> str:
    """A principal of a deny policy as bindings spell it."""
    for start, kind in ((_SUBJECT, "user"), (_ACCOUNT, "serviceAccount"), (_GROUP, "group")):
        if principal.startswith(start):
            return f"{kind}:{principal.removeprefix(start)}"
    return principal


def _is(principal: str, holder: Holder) -> Stops:
    """Whether a principal of a rule is, or holds, whoever a grant is for; a part of a wide class is not the class."""
    if principal in {EVERYBODY, holder.name}:
        return Stops.YES
    if holder.kind in _PUBLIC or principal.startswith(_DELETED):
        return Stops.NO
    member = _member(principal)
    kind, _, address = member.partition(":")
    own, _, mine = holder.name.partition(":")
    if holder.kind in _TEAMS:
        return Stops.NO if principal.startswith(_ONE) else Stops.MAYBE
    if kind == own and address.lower() == mine.lower():
        return Stops.YES
    return Stops.NO if principal.startswith(_ONE) and own != "group" else Stops.MAYBE


def _about(rule: DenyRule, permission: str) -> bool:
    spelled = _spelled(permission)
    return _names(rule.permissions, spelled) and not _names(rule.excepted_permissions, spelled)


def _names(permissions: tuple[str, ...], spelled: str) -> bool:
    return any(fnmatchcase(spelled, permission) for permission in permissions)


def _spelled(permission: str) -> str:
    """`storage.objects.get` is `storage.googleapis.com/objects.get` in deny policies."""
    service, _, rest = permission.partition(".")
    return f"{_HOSTS.get(service, service)}.googleapis.com/{rest}"
