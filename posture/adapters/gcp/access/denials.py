"""Deny policies: whom a rule stops for certain, whom it may stop."""

from __future__ import annotations

from enum import IntEnum
from fnmatch import fnmatchcase

from posture.adapters.gcp.config import DenyRule
from posture.model.subjects import HolderKind
from posture.model.trust import Holder

EVERYBODY = "principalSet://goog/public:all"
_SUBJECT = "principal://goog/subject/"
_ACCOUNT = "principal://iam.googleapis.com/projects/-/serviceAccounts/"
_GROUP = "principalSet://goog/group/"
_WIDE = (HolderKind.ANONYMOUS, HolderKind.ANY_ACCOUNT, HolderKind.DOMAIN, HolderKind.ACCOUNT)
_HOSTS = {"resourcemanager": "cloudresourcemanager"}


class Stops(IntEnum):
    """Whether a rule stops somebody."""

    NO = 0
    MAYBE = 1
    YES = 2


def stops(rule: DenyRule, holder: Holder, permission: str) -> Stops:
    """Whether a rule takes a permission from a holder. A condition asks for tags, which are not read."""
    spelled = _spelled(permission)
    if not _names(rule.permissions, spelled) or _names(rule.excepted_permissions, spelled):
        return Stops.NO
    hit = max((_is(principal, holder) for principal in rule.principals), default=Stops.NO)
    spared = max((_is(principal, holder) for principal in rule.exceptions), default=Stops.NO)
    if hit is Stops.NO or spared is Stops.YES:
        return Stops.NO
    return Stops.MAYBE if rule.condition or spared is Stops.MAYBE else hit


def _is(principal: str, holder: Holder) -> Stops:
    """Whether a principal of a rule is, or holds, whoever a grant is for; a part of a wide class is not the class."""
    if principal in {EVERYBODY, holder.name}:
        return Stops.YES
    kind, _, address = holder.name.partition(":")
    if kind == "user" and principal.startswith(_SUBJECT):
        return Stops.YES if principal.removeprefix(_SUBJECT).lower() == address.lower() else Stops.NO
    if kind == "serviceAccount" and principal.startswith(_ACCOUNT):
        return Stops.YES if principal.removeprefix(_ACCOUNT) == address else Stops.NO
    if kind == "group" and principal.startswith(_GROUP):
        return Stops.YES if principal.removeprefix(_GROUP).lower() == address.lower() else Stops.MAYBE
    if holder.kind in _WIDE:
        return Stops.NO
    return Stops.NO if principal.startswith((_SUBJECT, _ACCOUNT)) and kind != "group" else Stops.MAYBE


def _names(permissions: tuple[str, ...], spelled: str) -> bool:
    return any(fnmatchcase(spelled, permission) for permission in permissions)


def _spelled(permission: str) -> str:
    """`storage.objects.get` is `storage.googleapis.com/objects.get` in deny policies."""
    service, _, rest = permission.partition(".")
    return f"{_HOSTS.get(service, service)}.googleapis.com/{rest}"
