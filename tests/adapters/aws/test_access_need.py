"""Whether a grant gives what a delivery is documented to need, or more: other actions, or objects beside its prefix."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.adapters.aws.access.need import StoreNeed
from posture.adapters.aws.access.ways import Resource, ways
from posture.iam import parse
from tests.adapters.aws.access_world import ARN, ENFORCED, WRITER, allow, deny, policy, seen, text, when
from tests.adapters.aws.recorded import ACCOUNT, NOW, value

OBJECTS = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload")
LISTS = ("s3:ListBucket", "s3:ListBucketMultipartUploads")
BELOW = [f"{ARN}/audit/", f"{ARN}/audit/*"]
OUTSIDE = f"{ARN}/audit/*"


def listing(*prefixes: str, operator: str = "StringLike") -> dict[str, Any]:
    return allow(WRITER, *LISTS, resource=ARN, **when(**{operator: {"s3:prefix": list(prefixes)}}))


DOCUMENTED = (
    allow(WRITER, "s3:GetBucketLocation", resource=ARN),
    allow(WRITER, *OBJECTS, "s3:ListMultipartUploadParts", resource=BELOW),
    listing("audit", "audit/*"),
)


def needed(*statements: dict[str, Any], prefix: str = "audit") -> dict[str, object]:
    """By class of actions, whether the writer's grant stays within need."""
    found = seen(policy(*statements), ENFORCED, prefix=prefix)
    return {str(value(grant.action)): value(grant.within_need) for grant in found.grants.items}


def test_the_documented_blocks_are_all_that_is_needed() -> None:
    assert needed(*DOCUMENTED) == dict.fromkeys(("list", "read", "write", "delete", "administer"), True)


def test_what_the_terraform_data_source_renders_is_more_in_every_class() -> None:
    actions = ("GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "ListBucket", "GetBucketLocation")
    wide = allow(WRITER, *(f"s3:{action}" for action in actions))
    assert needed(wide) == dict.fromkeys(("list", "read", "write", "delete"), False)
    assert needed(wide, prefix="") == {"list": True, "read": False, "write": True, "delete": True}


@pytest.mark.parametrize(
    ("statement", "action", "within"),
    [
        (allow(WRITER, "s3:PutObject", resource=OUTSIDE), "write", True),
        (allow(WRITER, "s3:PutObject", resource=f"{ARN}/audit*"), "write", False),
        (allow(WRITER, "s3:PutObject", resource=f"{ARN}/*"), "write", False),
        (allow(WRITER, "s3:PutObject", resource=[OUTSIDE, f"{ARN}/bills/*"]), "write", False),
        (allow(WRITER, "s3:PutObjectTagging", resource=OUTSIDE), "write", False),
        (allow(WRITER, "s3:GetObjectVersion", resource=OUTSIDE), "read", False),
        (allow(WRITER, "s3:GetBucketLocation", "s3:GetBucketAcl", resource=ARN), "read", False),
        (allow(WRITER, "s3:PutBucketPolicy", resource=ARN), "administer", False),
        (allow(WRITER, "s3:PutObjectAcl", resource=OUTSIDE), "administer", True),
        (allow(WRITER, "s3:ListBucket", resource=ARN), "list", False),
        (listing("audit/*"), "list", True),
        (listing("audit*"), "list", False),
        (listing("*"), "list", False),
        (listing("audit", operator="StringEquals"), "list", True),
        (listing("AUDIT/x", operator="StringEqualsIgnoreCase"), "list", False),
        (listing("audit/*", operator="StringLikeIfExists"), "list", False),
        (listing("bills", operator="StringNotEquals"), "list", False),
    ],
)
def test_one_more_action_or_place_is_more(statement: dict[str, Any], action: str, within: bool) -> None:  # noqa: FBT001 - parametrised
    assert needed(statement)[action] is within


def test_a_refusal_can_take_the_rest_away() -> None:
    beside = deny(Action="s3:PutObject", NotResource=OUTSIDE)
    del beside["Resource"]
    assert needed(allow(WRITER, "s3:PutObject", resource=f"{ARN}/*"), beside) == {"write": True}


resources = st.sampled_from([OUTSIDE, f"{ARN}/*", f"{ARN}/audit*", f"{ARN}/audit/x", f"{ARN}/b/*", ARN, BELOW])
tests = st.sampled_from(
    [
        {},
        when(StringLike={"s3:prefix": "audit/*"}),
        when(StringEquals={"s3:prefix": ["audit", "bills"]}),
        when(StringLikeIfExists={"s3:prefix": "audit/*"}),
        when(IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
    ]
)
actions = st.lists(st.sampled_from([*OBJECTS, *LISTS, "s3:GetBucketLocation"]), min_size=1, max_size=3)
allows = st.builds(lambda what, where, test: allow(WRITER, *what, resource=where, **test), actions, resources, tests)
refusals = st.builds(
    lambda what, where, test: deny(test.get("Condition"), Action=what, Resource=where), actions, resources, tests
)


@settings(max_examples=80)
@given(statements=st.lists(st.one_of(allows, allows, refusals), min_size=1, max_size=3))
def test_the_short_ways_to_an_answer_agree_with_the_search(statements: list[dict[str, Any]]) -> None:
    document = parse(text(*statements), "policy")
    resource = Resource(arn=ARN, owner=ACCOUNT, now=NOW, prefix="audit/")
    for way in ways(resource.reach([document])):
        quick, slow = StoreNeed((document,), resource, "audit/"), Searching((document,), resource, "audit/")
        assert quick.within(way) is slow.within(way)


class Searching(StoreNeed):
    """Without the short ways."""

    def _plainly_beyond(self, way: object) -> bool:  # noqa: ARG002 - as the short way takes it
        return False

    def _below(self, statement: object) -> bool:  # noqa: ARG002 - as above
        return False
