"""Access control lists: canned ones by what S3 documents of each, and those that are written out."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from posture.adapters.aws.config import Acl, AclGrant, GranteeKind, UnreadLine
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.terraform.place import Place

_GROUPS: Final = "http://acs.amazonaws.com/groups/"
_ALL_USERS: Final = f"{_GROUPS}global/AllUsers"
_AUTHENTICATED: Final = f"{_GROUPS}global/AuthenticatedUsers"
_LOG_DELIVERY: Final = f"{_GROUPS}s3/LogDelivery"
_CANNED: Final = {  # what each gives beside the owner
    "private": (),
    "public-read": ((_ALL_USERS, "READ"),),
    "public-read-write": ((_ALL_USERS, "READ"), (_ALL_USERS, "WRITE")),
    "authenticated-read": ((_AUTHENTICATED, "READ"),),
    "log-delivery-write": ((_LOG_DELIVERY, "WRITE"), (_LOG_DELIVERY, "READ_ACP")),
    "bucket-owner-read": (),  # means nothing for a bucket
    "bucket-owner-full-control": (),
}
_GROUP: Final = (GranteeKind.GROUP, "uri")
_KINDS: Final = {
    "CanonicalUser": (GranteeKind.ACCOUNT, "id"),
    "Group": _GROUP,
    "AmazonCustomerByEmail": (GranteeKind.EMAIL, "email_address"),
}
_NOBODY_SAYS: Final = Unknown(
    reason=Reason.UNDETERMINED,
    detail="the plan does not say whether this canonical user is the owner",
    needs="data.aws_canonical_user_id, or a bucket of the account with aws_s3_bucket_ownership_controls, in the "
    "configuration, or --context",
)


def canned(name: str, source: Source, owner: str) -> Fact[Acl]:
    """What a canned list gives; the owner's own share is left out."""
    if name not in _CANNED:
        detail = f"what the canned access control list `{name}` gives is not decided"
        return Unknown(reason=Reason.UNDETERMINED, sources=(source,), detail=detail)
    grants = tuple(AclGrant(kind=GranteeKind.GROUP, grantee=uri, permission=each) for uri, each in _CANNED[name])
    return Known(value=Acl(owner=owner, grants=grants), sources=(source,))


def access_control_list(place: Place, owner: str) -> Fact[Acl]:
    """`aws_s3_bucket_acl`. `owner` is the canonical id of the bucket's account, empty where it is not known."""

    def read(name: str) -> Fact[Acl]:
        if name:
            return canned(name, place.values.source, owner)
        return place.block("access_control_policy").then(written)

    def written(policy: Place | None) -> Fact[Acl]:
        if policy is None:
            return Known(value=Acl(owner=owner, grants=()), sources=(place.values.source,))
        owners = policy.block("owner").then(lambda block: block.text("id") if block else Known(value="", sources=()))
        known = owners.value if isinstance(owners, Known) else ""
        return policy.each("grant").then(lambda grants: _listed(grants, known or owner, policy))

    name = place.text("acl")
    if isinstance(name, Unknown) and place.at("access_control_policy").values.raw:
        return read("")  # the provider keeps both, and computes the one that is not written
    return name.then(read)


def inline_list(bucket: Place, owner: str) -> Fact[Acl]:
    """`acl` and `grant` of the bucket: after a refresh `grant` is what S3 answers, the owner's share included."""
    grants, name = bucket.each("grant"), bucket.text("acl")
    if isinstance(name, Known) and name.value and not (isinstance(grants, Known) and grants.value):
        return canned(name.value, bucket.values.source, owner)
    return grants.then(
        lambda lines: (
            _listed(lines, owner, bucket)
            if lines
            else name.then(lambda text: canned(text or "private", bucket.values.source, owner))
        )
    )


def _listed(grants: tuple[Place, ...], owner: str, place: Place) -> Fact[Acl]:
    """A line that cannot be read hides no other one."""
    found: list[AclGrant] = []
    unread: list[UnreadLine] = []
    for grant in grants:
        match _lines(grant, owner):
            case Known(value=lines):
                found.extend(lines)
            case Unknown() as unknown:
                unread.append(UnreadLine(unknown=unknown, public=not _is_of_account(grant)))
    return Known(
        value=Acl(owner=owner, grants=tuple(found), unread=tuple(unread)),
        sources=(place.values.source,),
    )


def _lines(grant: Place, owner: str) -> Fact[tuple[AclGrant, ...]]:
    """A grant with a grantee block and one permission, or flat with a set of permissions."""
    single = "permission" in grant.values.raw if isinstance(grant.values.raw, dict) else True
    permissions = grant.text("permission").map(lambda text: (text,)) if single else grant.texts("permissions")
    return (
        _grantee(grant)
        .then(lambda who: _named(who, owner))
        .then(
            lambda named: permissions.map(
                lambda texts: tuple(AclGrant(kind=named[0], grantee=named[1], permission=text) for text in texts)
            )
        )
    )


def _grantee(grant: Place) -> Fact[Place]:
    return grant.block("grantee").map(lambda block: block or grant)


def _is_of_account(grant: Place) -> bool:
    """Whether a line names one account, whichever it is."""
    kind = _grantee(grant).then(lambda who: who.text("type"))
    return isinstance(kind, Known) and _KINDS.get(kind.value, _GROUP)[0] is not GranteeKind.GROUP


def _named(who: Place, owner: str) -> Fact[tuple[GranteeKind, str]]:
    def read(kind: str) -> Fact[tuple[GranteeKind, str]]:
        if kind not in _KINDS:
            return who.at("type").values.misfit("a type of grantee")
        named, attribute = _KINDS[kind]
        if named is GranteeKind.ACCOUNT and not owner:
            return replace(_NOBODY_SAYS, sources=(who.values.source,))
        return who.text(attribute).map(lambda name: (named, name))

    return who.text("type").then(read)
