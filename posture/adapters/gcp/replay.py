"""A second, deliberately naive evaluator: one concrete request against policies as Google writes them.

It shares no evaluation code with the decision over classes of principals: it reads the JSON of allow policies itself
and follows the documentation step by step (deny policies, then allow policies from the resource upwards, then lists),
so that a witness which it allows was not produced by a shared mistake. What a request does not tell is taken as not so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from posture.adapters.gcp.config import AclEntry, DenyRule
from posture.adapters.gcp.replay_conditions import true_of
from posture.frozen import dataclass
from posture.model.logic import Answer

_PUBLIC = ("allUsers", "allAuthenticatedUsers")
_OF_BUCKET_LIST = {
    "READER": {"storage.buckets.get", "storage.objects.list"},
    "WRITER": {
        "storage.buckets.get",
        "storage.objects.list",
        "storage.objects.create",
        "storage.objects.delete",
        "storage.objects.setRetention",
    },
}
_OF_BUCKET_LIST["OWNER"] = _OF_BUCKET_LIST["WRITER"] | {
    "storage.buckets.getIamPolicy",
    "storage.buckets.setIamPolicy",
    "storage.buckets.setIpFilter",
    "storage.buckets.update",
    "storage.managedFolders.setIamPolicy",
}
_OF_OBJECT_LIST = {"READER": {"storage.objects.get"}}
_OF_OBJECT_LIST["OWNER"] = {
    "storage.objects.get",
    "storage.objects.getIamPolicy",
    "storage.objects.overrideUnlockedRetention",
    "storage.objects.setIamPolicy",
    "storage.objects.setRetention",
    "storage.objects.update",
}
_TEAMS = {"owners": "projectOwner", "editors": "projectEditor", "viewers": "projectViewer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: a member as bindings spell it, empty where nobody signed in, and all groups and sets that hold it."""

    member: str
    sets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `resource` is a name such as `projects/_/buckets/b/objects/o`, `kind` its type."""

    caller: Caller
    permission: str
    resource: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """An allow policy as JSON, and the resource that it is attached to."""

    resource: str
    text: str


@dataclass(frozen=True, slots=True)
class _Bound:
    """A role that a member has by one policy."""

    order: int
    resource: str
    role: str
    condition: str


class Policies:
    """Everything that decides about a store, from the nearest policy to that of the organisation.

    `lists` are those of the bucket, and `of_objects` those that new objects get, where lists count at all.
    """

    def __init__(
        self,
        attached: Iterable[Attached],
        *,
        denials: Iterable[DenyRule] = (),
        lists: Iterable[AclEntry] = (),
        of_objects: Iterable[AclEntry] = (),
        prevented: bool = False,
        permissions: Callable[[str], frozenset[str]],
    ) -> None:
        self._denials = tuple(denials)
        self._bucket_list = tuple(lists)
        self._object_list = tuple(of_objects)
        self._prevented = prevented
        self._permissions = permissions
        self._roles: dict[str, frozenset[str]] = {}
        self._order: dict[str, int] = {}
        self._bound: dict[str, list[_Bound]] = {}
        for order, policy in enumerate(attached):
            self._order[policy.resource] = order
            for binding in json.loads(policy.text).get("bindings", ()):
                self._bind(order, policy.resource, binding)

    def _bind(self, order: int, resource: str, binding: Mapping[str, Any]) -> None:
        condition = (binding.get("condition") or {}).get("expression", "")
        for member in binding["members"]:
            bound = _Bound(order, resource, binding["role"], condition)
            self._bound.setdefault(_plain(member), []).append(bound)

    def allow(self, request: Request) -> Answer:
        """Deny policies first, then allow policies and lists; else denied."""
        denied = [_denies(rule, request) for rule in self._denials]
        if True in denied:
            return Answer.DENIED
        allowed = [*self._by_bindings(request), self._by_lists(request)]
        if True in allowed and None not in denied:
            return Answer.ALLOWED
        return Answer.UNDETERMINED if True in allowed or None in allowed else Answer.DENIED

    def _by_bindings(self, request: Request) -> Iterator[bool | None]:
        for member in _members(request.caller):
            if member in _PUBLIC and self._prevented:
                continue
            for bound in self._bound.get(_plain(member), ()):
                if self._above(bound, request) and request.permission in self._of(bound.role):
                    yield true_of(bound.condition, request.resource, request.kind, request.at)

    def _above(self, bound: _Bound, request: Request) -> bool:
        """Whether a policy is inherited by the resource: that of a managed folder is by its objects alone."""
        bucket, inside, name = bound.resource.partition("/managedFolders/")
        if inside:
            of_folder = f"{bucket}/objects/{name}"
            return request.resource == bound.resource or request.resource.startswith(of_folder)
        if (
            bound.resource.count("/") > 1
        ):  # a bucket, a key or a ring of keys; not projects/1, folders/2, organizations/3
            return f"{request.resource}/".startswith(f"{bound.resource}/")
        return bound.order >= self._order.get(request.resource, 0)

    def _of(self, role: str) -> frozenset[str]:
        if role not in self._roles:
            self._roles[role] = self._permissions(role)
        return self._roles[role]

    def _by_lists(self, request: Request) -> bool:
        on_objects = (self._object_list, _OF_OBJECT_LIST) if "/objects/" in request.resource else ((), {})
        return any(
            self._listed(entry, request.caller) and request.permission in roles.get(entry.role, ())
            for entries, roles in ((self._bucket_list, _OF_BUCKET_LIST), on_objects)
            for entry in entries
        )

    def _listed(self, entry: AclEntry, caller: Caller) -> bool:
        if entry.entity in _PUBLIC:
            return not self._prevented and entry.entity in _members(caller)
        kind, _, name = entry.entity.partition("-")
        if kind == "project":
            team, _, project = name.partition("-")
            return f"{_TEAMS.get(team)}:{project}" in caller.sets
        if kind == "user":
            return caller.member.partition(":")[2].lower() == name.lower()
        return _plain(f"{kind}:{name}") in {_plain(member) for member in _members(caller)}


def _members(caller: Caller) -> Iterator[str]:
    """Every member of a binding that stands for the caller."""
    yield "allUsers"
    kind, _, address = caller.member.partition(":")
    if kind in {"user", "serviceAccount"}:  # identities of pools are not among these
        yield "allAuthenticatedUsers"
    if kind == "user":
        yield f"domain:{address.rpartition('@')[2]}"
    if caller.member:
        yield caller.member
        yield from caller.sets


def _plain(member: str) -> str:
    """Addresses and domains are the same in capitals; other names are as they are."""
    kind, _, name = member.partition(":")
    return f"{kind}:{name.lower()}" if kind in {"user", "serviceAccount", "group", "domain"} else member


def _denies(rule: DenyRule, request: Request) -> bool | None:
    service, _, rest = request.permission.partition(".")
    host = "cloudresourcemanager" if service == "resourcemanager" else service
    permission = f"{host}.googleapis.com/{rest}"
    if not any(_covers(each, permission) for each in rule.permissions):
        return False
    if any(_covers(each, permission) for each in rule.excepted_permissions):
        return False
    names = set(_principals(request.caller))
    if not names & {_plain_principal(each) for each in rule.principals}:
        return False
    if names & {_plain_principal(each) for each in rule.exceptions}:
        return False
    return None if rule.condition or rule.open else True


def _covers(written: str, permission: str) -> bool:
    """Whether a permission, or a group of them with stars for a resource or a verb, holds one."""
    service, _, rest = written.partition("/")
    asked_service, _, asked = permission.partition("/")
    if service != asked_service:
        return False
    if rest == "*":
        return True
    parts, asked_parts = rest.split("."), asked.split(".")
    return len(parts) == len(asked_parts) and all(
        part in ("*", one) for part, one in zip(parts, asked_parts, strict=True)
    )


def _principals(caller: Caller) -> Iterator[str]:
    """The caller as deny policies spell it, with everything that holds it."""
    yield "principalSet://goog/public:all"
    for member in (caller.member, *caller.sets):
        kind, _, address = member.partition(":")
        match kind:
            case "user":
                yield f"principal://goog/subject/{address.lower()}"
            case "serviceAccount":
                yield f"principal://iam.googleapis.com/projects/-/serviceAccounts/{address.lower()}"
            case "group":
                yield f"principalSet://goog/group/{address.lower()}"
            case _:
                yield member


def _plain_principal(principal: str) -> str:
    """The part of a principal that is an address, in small letters."""
    start, at, address = principal.rpartition("/")
    return f"{start}{at}{address.lower()}" if "@" in address else principal
