"""Access control lists: canned ones by what S3 documents of each, and those that are written out."""

from __future__ import annotations

from typing import Final

from posture.adapters.aws.config import Acl, AclGrant, GranteeKind
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.terraform.place import Place

_GROUPS: Final = "http://acs.amazonaws.com/groups/"
_ALL_USERS: Final = f"{_GROUPS}global/AllUsers"
_AUTHENTICATED: Final = f"{_GROUPS}global/AuthenticatedUsers"
_LOG_DELIVERY: Final = f"{_GROUPS}s3/LogDelivery"
PRIVATE: Final = Acl(owner="", grants=())
_CANNED: Final = {  # what each gives beside the owner
    "private": (),
    "public-read": ((_ALL_USERS, "READ"),),
    "public-read-write": ((_ALL_USERS, "READ"), (_ALL_USERS, "WRITE")),
    "authenticated-read": ((_AUTHENTICATED, "READ"),),
    "log-delivery-write": ((_LOG_DELIVERY, "WRITE"), (_LOG_DELIVERY, "READ_ACP")),
    "bucket-owner-read": (),  # means nothing for a bucket
    "bucket-owner-full-control": (),
}
_KINDS: Final = {
    "CanonicalUser": (GranteeKind.ACCOUNT, "id"),
    "Group": (GranteeKind.GROUP, "uri"),
    "AmazonCustomerByEmail": (GranteeKind.EMAIL, "email_address"),
}


def canned(name: str, source: Source) -> Fact[Acl]:
    """What a canned list gives; the owner's own share is left out."""
    if name not in _CANNED:
        detail = f"what the canned access control list `{name}` gives is not decided"
        return Unknown(reason=Reason.UNDETERMINED, sources=(source,), detail=detail)
    grants = tuple(AclGrant(kind=GranteeKind.GROUP, grantee=uri, permission=each) for uri, each in _CANNED[name])
    return Known(value=Acl(owner="", grants=grants), sources=(source,))


def access_control_list(place: Place, owner: str) -> Fact[Acl]:
    """`aws_s3_bucket_acl`. `owner` is the canonical id of the bucket's account, empty where it is not known."""

    def read(name: str) -> Fact[Acl]:
        if name:
            return canned(name, place.values.source)
        return place.block("access_control_policy").then(written)

    def written(policy: Place | None) -> Fact[Acl]:
        if policy is None:
            return Known(value=PRIVATE, sources=(place.values.source,))
        owners = policy.block("owner").then(lambda block: block.text("id") if block else Known(value="", sources=()))
        known = owners.value if isinstance(owners, Known) else ""
        return policy.each("grant").then(lambda grants: _listed(grants, known or owner, policy))

    name = place.text("acl")
    if isinstance(name, Unknown) and place.at("access_control_policy").values.raw:
        return read("")  # the provider keeps both, and computes the one that is not written
    return name.then(read)


def inline_list(bucket: Place, owner: str) -> Fact[Acl]:
    """`acl` and `grant` of the bucket: after a refresh `grant` is what S3 answers, the owner's share included."""
    match bucket.each("grant"):
        case Known(value=grants) if grants:
            return _listed(grants, owner, bucket)
        case _:
            return bucket.text("acl").then(lambda name: canned(name or "private", bucket.values.source))


def _listed(grants: tuple[Place, ...], owner: str, place: Place) -> Fact[Acl]:
    found: list[AclGrant] = []
    for grant in grants:
        match _lines(grant, owner):
            case Known(value=lines):
                found.extend(lines)
            case Unknown() as unknown:
                return unknown
    return Known(value=Acl(owner=owner, grants=tuple(found)), sources=(place.values.source,))


def _lines(grant: Place, owner: str) -> Fact[tuple[AclGrant, ...]]:
    """A grant with a grantee block and one permission, or flat with a set of permissions."""
    grantee = grant.block("grantee").map(lambda block: block or grant)
    single = "permission" in grant.values.raw if isinstance(grant.values.raw, dict) else True
    permissions = grant.text("permission").map(lambda text: (text,)) if single else grant.texts("permissions")
    return grantee.then(lambda who: _named(who, owner)).then(
        lambda named: permissions.map(
            lambda texts: tuple(AclGrant(kind=named[0], grantee=named[1], permission=text) for text in texts)
        )
    )


def _named(who: Place, owner: str) -> Fact[tuple[GranteeKind, str]]:
    def read(kind: str) -> Fact[tuple[GranteeKind, str]]:
        if kind not in _KINDS:
            return who.at("type").values.misfit("a type of grantee")
        named, attribute = _KINDS[kind]
        if named is GranteeKind.ACCOUNT and not owner:
            return Unknown(
                reason=Reason.UNDETERMINED,
                sources=(who.values.source,),
                detail="the plan does not say whether this canonical user is the owner",
                needs="data.aws_canonical_user_id in the configuration, or --context",
            )
        return who.text(attribute).map(lambda name: (named, name))

    return who.text("type").then(read)
