"""The access control list: whether it counts, and whether it lets anyone in beside the owner."""

from __future__ import annotations

from posture.adapters.aws.config import Acl, AclGrant, BucketConfig, GranteeKind
from posture.model.facts import Fact, Known, Source, all_true, any_true
from posture.model.subjects import AccessControlList, Ownership

_GROUPS = "http://acs.amazonaws.com/groups/"
_PUBLIC_GROUPS = frozenset({f"{_GROUPS}global/AllUsers", f"{_GROUPS}global/AuthenticatedUsers"})
_LOG_DELIVERY = f"{_GROUPS}s3/LogDelivery"
_LOG_DELIVERY_NEEDS = frozenset({"WRITE", "READ_ACP"})  # what the canned ACL log-delivery-write gives it


def access_control_list(bucket: BucketConfig, ignore_public: Fact[bool]) -> AccessControlList:
    """`ignore_public` is IgnorePublicAcls in effect."""
    return AccessControlList(ownership=bucket.ownership, grants_beyond_owner=_beyond(bucket, ignore_public))


def _beyond(bucket: BucketConfig, ignore_public: Fact[bool]) -> Fact[bool]:
    """Under BucketOwnerEnforced no ACL counts, and under IgnorePublicAcls no grant to the public does."""
    counts = bucket.ownership.map(lambda ownership: ownership is not Ownership.ENFORCED)
    if isinstance(counts, Known) and not counts.value:
        return counts
    return all_true((counts, bucket.acl.then(lambda acl: _gives(acl, bucket.acl.sources, ignore_public))))


def _gives(acl: Acl, sources: tuple[Source, ...], ignore_public: Fact[bool]) -> Fact[bool]:
    """Whether any line counts; one that nobody can read may, since it may name an account."""
    strangers = [grant for grant in acl.grants if not _harmless(grant, acl.owner)]
    public = [grant for grant in strangers if grant.grantee in _PUBLIC_GROUPS]
    others: Fact[bool] = Known(value=len(public) < len(strangers), sources=sources)
    heeded = ignore_public.map(lambda ignored: not ignored)
    return any_true((others, *([heeded] if public else []), *(line.unknown for line in acl.unread)))


def _harmless(grant: AclGrant, owner: str) -> bool:
    """The owner itself; and S3's own log delivery, which writes access logs of buckets of the same account only.

    Anything more for that group is no part of access logging and counts.
    """
    if grant.kind is GranteeKind.ACCOUNT:
        return grant.grantee == owner
    return grant.grantee == _LOG_DELIVERY and grant.permission in _LOG_DELIVERY_NEEDS
