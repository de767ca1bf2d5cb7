"""The access control list as a policy, so that the engine cuts it by the same refusals."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from posture.adapters.aws.config import Acl, AclGrant, GranteeKind, UnreadLine
from posture.frozen import dataclass
from posture.iam import Document, PrincipalKind, Reach, parse
from posture.model.facts import Fact, Gap, Known, Reason, Source, Unknown, all_true
from posture.model.subjects import ActionClass, Bound, HolderKind, Ownership, Scope

LIST_NAME: Final = "access control list"
_GROUPS: Final = "http://acs.amazonaws.com/groups/"
_EVERYONE: Final = f"{_GROUPS}global/AllUsers"
_ANY_ACCOUNT: Final = f"{_GROUPS}global/AuthenticatedUsers"
_LOG_DELIVERY: Final = f"{_GROUPS}s3/LogDelivery"
_LOGGING: Final = "logging.s3.amazonaws.com"
_SIGNED: Final = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}

_ACTIONS: Final = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
    "WRITE": ("s3:PutObject",),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
_FULL: Final = tuple(action for actions in _ACTIONS.values() for action in actions)
_GIVES: Final = (  # what any grant of a list looks like; without public ones, the first
    (("scope", (Scope.OWN, Scope.OUTSIDE)), ("kind", (HolderKind.CANONICAL_USER,))),
    (
        ("scope", (Scope.OWN, Scope.OUTSIDE, Scope.PUBLIC)),
        ("kind", (HolderKind.CANONICAL_USER, HolderKind.ANONYMOUS, HolderKind.ANY_ACCOUNT, HolderKind.SERVICE)),
    ),
)
_NEVER: Final = (("delivers", ("false",)), ("confused_deputy", ("false",)), ("bound", (Bound.ANYWHERE.value,)))
_CLASSES: Final = (ActionClass.LIST, ActionClass.READ, ActionClass.WRITE, ActionClass.ADMINISTER)
_OBJECTS_UNREAD: Final = "every object has an access control list of its own, which a reading of the bucket cannot see"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedGrants:
    """Lines of an access control list as one policy; `public` tells whether IgnorePublicAcls takes them away."""

    document: Document
    names: tuple[str, ...]
    sources: tuple[Source, ...]
    public: bool

    def told(self, answer: Reach) -> Reach:
        """The answer without what this way of asking adds: conditions, and services as members of a group."""
        dropped = PrincipalKind.SERVICE if self.public else None
        return replace(
            answer,
            classes=tuple(
                replace(each, conditions=()) for each in answer.classes if each.principal.kind is not dropped
            ),
            undetermined=tuple(
                each for each in answer.undetermined if each.principal is None or each.principal.kind is not dropped
            ),
        )


def listed_grants(acl: Acl, owner: str, source: Source, arn: str) -> tuple[ListedGrants, ...]:
    """What the list gives to others than the owner: to the public, and to everybody else."""
    lines = [(place, line) for place, line in enumerate(acl.grants) if not _of_owner(line, acl.owner)]
    groups = {
        True: [(place, line) for place, line in lines if line.grantee in (_EVERYONE, _ANY_ACCOUNT)],
        False: [(place, line) for place, line in lines if line.grantee not in (_EVERYONE, _ANY_ACCOUNT)],
    }
    return tuple(
        ListedGrants(
            document=parse(_policy([line for _, line in group], owner, arn), LIST_NAME),
            names=tuple(f"{line.permission} to {line.grantee.removeprefix(_GROUPS)}" for _, line in group),
            sources=tuple(source.at("Grants", place) for place, _ in group),
            public=public,
        )
        for public, group in groups.items()
        if group
    )


def _of_owner(line: AclGrant, owner: str) -> bool:
    return line.kind is GranteeKind.ACCOUNT and line.grantee == owner


def _policy(lines: list[AclGrant], owner: str, arn: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [_statement(line, owner, arn) for line in lines]})


def _statement(line: AclGrant, owner: str, arn: str) -> dict[str, object]:
    actions = _FULL if line.permission == "FULL_CONTROL" else _ACTIONS.get(line.permission, _FULL)
    statement: dict[str, object] = {"Effect": "Allow", "Action": list(actions), "Resource": [arn, f"{arn}/*"]}
    match line.grantee:
        case value if value == _EVERYONE:
            return statement | {"Principal": "*"}
        case value if value == _ANY_ACCOUNT:
            return statement | {"Principal": "*", "Condition": _SIGNED}
        case value if value == _LOG_DELIVERY:  # S3 takes only targets in the account of the source
            condition = {"StringEquals": {"aws:SourceAccount": owner}}
            return statement | {"Principal": {"Service": _LOGGING}, "Condition": condition}
        case value:
            return statement | {"Principal": {"CanonicalUser": value}}


def in_force(ownership: Fact[Ownership], ignore_public: Fact[bool], *, public: bool) -> Fact[bool]:
    """Whether such grants count: not under BucketOwnerEnforced, and public ones not under IgnorePublicAcls."""
    counts = ownership.map(lambda value: value is not Ownership.ENFORCED)
    return all_true((counts, ignore_public.map(lambda ignored: not ignored))) if public else counts


def unread_list(unknown: Unknown, ownership: Fact[Ownership], ignore_public: Fact[bool]) -> tuple[Gap, ...]:
    """What an access control list that could not be read may give."""
    return unread_lines((UnreadLine(unknown=unknown, public=True),), ownership, ignore_public)


def unread_lines(lines: Iterable[UnreadLine], ownership: Fact[Ownership], ignore_public: Fact[bool]) -> tuple[Gap, ...]:
    """What lines of one that could not be read may give."""
    if enforced(ownership):
        return ()
    actions = ("action", tuple(kind.value for kind in _CLASSES))
    return tuple(
        Gap(unknown=line.unknown, limits=(actions, *_scopes(ignore_public, public=line.public))) for line in lines
    )


def unread_objects(ownership: Fact[Ownership], ignore_public: Fact[bool]) -> tuple[Gap, ...]:
    """What the lists of single objects may give: to read them, unless lists count for nothing."""
    if enforced(ownership):
        return ()
    unknown = (
        ownership
        if isinstance(ownership, Unknown)
        else Unknown(
            reason=Reason.UNDETERMINED,
            sources=ownership.sources,
            detail=_OBJECTS_UNREAD,
            needs="object ownership BucketOwnerEnforced, under which no such list counts, or a Deny of reading "
            "for strangers in the bucket policy or a resource control policy",
        )
    )
    limits = (("action", (ActionClass.READ.value,)), *_scopes(ignore_public))
    return (Gap(unknown=unknown, limits=limits),)


def enforced(ownership: Fact[Ownership]) -> bool:
    """Whether no list counts for sure."""
    return isinstance(ownership, Known) and ownership.value is Ownership.ENFORCED


def _scopes(ignore_public: Fact[bool], *, public: bool = True) -> tuple[tuple[str, tuple[str, ...]], ...]:
    ignored = isinstance(ignore_public, Known) and ignore_public.value
    gives = _GIVES[1] if public and not ignored else _GIVES[0]
    return (*((name, tuple(value.value for value in values)) for name, values in gives), *_NEVER)
