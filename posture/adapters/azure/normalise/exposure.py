"""What a storage account offers to the world."""

from __future__ import annotations

from posture.adapters.azure.config import StorageAccountConfig
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, all_true, any_true
from posture.model.subjects import AccessControlList, Blocked, BlockPublicAccess, Exposure, Ownership

_YES: Fact[bool] = Known(value=True, sources=())
_NO: Fact[bool] = Known(value=False, sources=())


def exposure(account: StorageAccountConfig) -> Exposure:
    """The account's switch decides over every container; a static website is served whatever it says."""
    refused = account.anonymous.map(lambda allowed: not allowed)
    level = BlockPublicAccess(
        block_public_acls=_YES,  # there are no access control lists for the public
        ignore_public_acls=_YES,
        block_public_policy=refused,
        restrict_public_buckets=refused,
    )
    public = _some_container_public(account)
    return Exposure(
        blocked=Blocked(account=level, bucket=level, effective=level),
        public_blocked=all_true((refused, account.website.map(lambda served: not served))),
        policy_public=public,
        policy_public_as_documented=public,
        owner_locked_out=_NO,
        access_points=Listing(items=()),
        website=account.website,
        public_cors=account.open_origins,
    )


def acl(account: StorageAccountConfig) -> AccessControlList:
    """Only a hierarchical namespace has lists, of directories and files, and only the data itself shows them."""
    unread = Unknown(
        reason=Reason.NOT_COLLECTED,
        sources=account.hierarchical.sources,
        detail="the access control lists of directories and files are not read",
    )
    return AccessControlList(
        ownership=Known(value=Ownership.ENFORCED, sources=()),
        grants_beyond_owner=account.hierarchical.then(lambda there: unread if there else _NO),
    )


def _some_container_public(account: StorageAccountConfig) -> Fact[bool]:
    opened = any_true(
        (
            *(each.public_access.map(lambda level: level != "None") for each in account.containers.items),
            *(gap.unknown for gap in account.containers.gaps),
            Known(value=False, sources=account.containers.sources),
        )
    )
    return all_true((account.anonymous, opened))
