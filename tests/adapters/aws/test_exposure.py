"""Recorded answers about the public, web pages and access control lists in, facts out."""

from __future__ import annotations

from dataclasses import fields

import pytest

from posture.adapters.aws import calls
from posture.model.facts import Reason
from posture.model.subjects import BlockPublicAccess, Ownership
from posture.reading import Json
from tests.adapters.aws.recorded import (
    OWNER_ID,
    Said,
    contribution,
    value,
)

GROUPS = "http://acs.amazonaws.com/groups"


def flags(*on: str) -> dict[str, Json]:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return {"PublicAccessBlockConfiguration": {name: name in on for name in names}}


def shown(block: BlockPublicAccess) -> tuple[object, ...]:
    return tuple(value(getattr(block, field.name)) for field in fields(block))


@pytest.mark.parametrize(
    ("account", "bucket", "effective"),
    [
        ("NoSuchPublicAccessBlockConfiguration", "NoSuchPublicAccessBlockConfiguration", (False,) * 4),
        (flags("BlockPublicAcls"), flags("RestrictPublicBuckets"), (True, False, False, True)),
        (flags("IgnorePublicAcls"), Reason.DENIED, (Reason.DENIED, True, Reason.DENIED, Reason.DENIED)),
        (Reason.THROTTLED, flags("IgnorePublicAcls"), (Reason.THROTTLED, True, Reason.THROTTLED, Reason.THROTTLED)),
        (flags(), {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}, (True, *[Reason.MALFORMED] * 3)),
    ],
)
def test_a_public_access_flag_holds_as_soon_as_one_level_sets_it(
    account: Said, bucket: Said, effective: tuple[object, ...]
) -> None:
    said = {calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK: account, calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK: bucket}
    assert shown(contribution(said).exposure.blocked.effective) == effective


def test_each_level_keeps_its_own_flags() -> None:
    said = {
        calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK: flags("BlockPublicPolicy"),
        calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK: flags(),
    }
    blocked = contribution(said).exposure.blocked
    assert shown(blocked.account) == (False, False, True, False)
    assert shown(blocked.bucket) == (False,) * 4


def test_the_flags_of_an_unknown_account_are_unknown() -> None:
    blocked = contribution({calls.LIST_BUCKETS: Reason.DENIED}).exposure.blocked
    assert shown(blocked.account) == (Reason.DENIED,) * 4


@pytest.mark.parametrize(
    ("said", "website"),
    [
        ("NoSuchWebsiteConfiguration", False),
        ({"IndexDocument": {"Suffix": "index.html"}}, True),
        ({"RedirectAllRequestsTo": {"HostName": "example.com"}}, True),
        ({}, Reason.MALFORMED),
        (Reason.DENIED, Reason.DENIED),
    ],
)
def test_website(said: Said, website: object) -> None:
    assert value(contribution({calls.GET_BUCKET_WEBSITE: said}).exposure.website) == website


@pytest.mark.parametrize(
    ("origins", "methods", "public"),
    [
        (["*"], ["GET"], True),
        (["https://*"], ["PUT", "GET"], True),
        (["http://*"], ["GET"], True),
        (["*"], ["PUT"], False),
        (["https://*.example.com"], ["GET"], False),
        (["https://example.com", "*"], ["GET"], True),
        (["http*"], ["GET"], True),
        (["null"], ["GET"], True),  # of a sandboxed frame, which any page can make
        (["https://a*"], ["GET"], False),
        (["app://*"], ["GET"], False),
    ],
)
def test_public_cors(origins: list[Json], methods: list[Json], public: object) -> None:
    rules: list[Json] = [
        {"AllowedOrigins": ["https://first.example"], "AllowedMethods": ["GET"]},
        {"AllowedOrigins": origins, "AllowedMethods": methods},
    ]
    fact = contribution({calls.GET_BUCKET_CORS: {"CORSRules": rules}}).exposure.public_cors
    assert value(fact) is public
    if public:
        assert fact.sources[-1].pointer == "/CORSRules/1"


def grant(grantee: str, permission: str) -> dict[str, Json]:
    named: dict[str, Json] = (
        {"URI": f"{GROUPS}/{grantee}", "Type": "Group"} if "/" in grantee else {"ID": grantee, "Type": "CanonicalUser"}
    )
    return {"Grantee": named, "Permission": permission}


def acl(*grants: dict[str, Json]) -> dict[str, Json]:
    return {"Owner": {"ID": OWNER_ID}, "Grants": [grant(OWNER_ID, "FULL_CONTROL"), *grants]}


def owned(how: str) -> dict[str, Json]:
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": how}]}}


PUBLIC = acl(grant("global/AllUsers", "READ"))
SIGNED = acl(grant("global/AuthenticatedUsers", "READ"))
BOTH = acl(grant("global/AllUsers", "READ"), grant("b" * 64, "READ"))
LOG_DELIVERY = acl(grant("s3/LogDelivery", "WRITE"), grant("s3/LogDelivery", "READ_ACP"))
NAMELESS: dict[str, Json] = {"Owner": {"ID": OWNER_ID}, "Grants": [{"Permission": "READ"}]}
STRANGER = acl(grant("b" * 64, "READ"))


@pytest.mark.parametrize(
    ("listed", "ownership", "block", "beyond"),
    [
        (acl(), owned("ObjectWriter"), flags(), False),
        (acl(), Reason.DENIED, Reason.DENIED, False),
        (STRANGER, owned("BucketOwnerEnforced"), flags(), False),
        (Reason.DENIED, owned("BucketOwnerEnforced"), flags(), False),
        (STRANGER, owned("BucketOwnerPreferred"), flags("IgnorePublicAcls"), True),
        (STRANGER, "OwnershipControlsNotFoundError", flags(), True),
        (STRANGER, Reason.DENIED, flags(), Reason.DENIED),
        (Reason.DENIED, owned("ObjectWriter"), flags("IgnorePublicAcls"), Reason.DENIED),
        (PUBLIC, owned("ObjectWriter"), flags(), True),
        (SIGNED, owned("ObjectWriter"), flags("BlockPublicAcls"), True),
        (PUBLIC, owned("ObjectWriter"), flags("IgnorePublicAcls"), False),
        (PUBLIC, Reason.DENIED, flags("IgnorePublicAcls"), False),
        (PUBLIC, owned("ObjectWriter"), Reason.THROTTLED, Reason.THROTTLED),
        (BOTH, owned("ObjectWriter"), flags("IgnorePublicAcls"), True),
        (LOG_DELIVERY, owned("ObjectWriter"), flags(), False),
        (acl(grant("s3/LogDelivery", "FULL_CONTROL")), owned("ObjectWriter"), flags(), True),
        ({"Owner": {}, "Grants": []}, owned("ObjectWriter"), flags(), Reason.MALFORMED),
        (NAMELESS, owned("ObjectWriter"), flags(), Reason.MALFORMED),
    ],
)
def test_acl(listed: Said, ownership: Said, block: Said, beyond: object) -> None:
    said = {
        calls.GET_BUCKET_ACL: listed,
        calls.GET_BUCKET_OWNERSHIP_CONTROLS: ownership,
        calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK: block,
    }
    assert value(contribution(said).acl.grants_beyond_owner) == beyond


@pytest.mark.parametrize(
    ("said", "ownership"),
    [
        ("OwnershipControlsNotFoundError", Ownership.WRITER),
        (owned("BucketOwnerEnforced"), Ownership.ENFORCED),
        (owned("BucketOwnerPreferred"), Ownership.PREFERRED),
        (owned("SomebodyElse"), Reason.MALFORMED),
        ({"OwnershipControls": {}}, Reason.MALFORMED),
    ],
)
def test_ownership(said: Said, ownership: object) -> None:
    assert value(contribution({calls.GET_BUCKET_OWNERSHIP_CONTROLS: said}).acl.ownership) == ownership
