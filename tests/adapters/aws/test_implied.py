"""What one answer tells of another: AWS is not asked for it, and the fact names the answer that told."""

from __future__ import annotations

from typing import Any

import pytest

from posture.adapters.aws import calls
from posture.adapters.aws.config import BucketConfig
from posture.adapters.aws.live.bucket import read_bucket
from posture.adapters.aws.live.callers import Callers
from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.live.owners import Owners
from posture.model.facts import Fact, Known, Reason
from posture.model.settings import Settings
from posture.reading import Call
from tests.adapters.aws.recorded import BUCKET, REGION, Said, recorded, value

LISTED: dict[Call, Said] = {
    calls.LIST_BUCKETS: [{"Name": BUCKET, "BucketRegion": REGION}],
    calls.GET_BUCKET_LOCATION: Reason.DENIED,
}
NO_POLICY: dict[Call, Said] = {
    calls.GET_BUCKET_POLICY: "NoSuchBucketPolicy",
    calls.GET_BUCKET_POLICY_STATUS: Reason.DENIED,
}


def config(said: dict[Call, Said]) -> BucketConfig:
    once = recorded(said)
    return read_bucket(BUCKET, Owners(Callers(Settings(), Limits())).of(BUCKET, "", once), once)


def told(fact: Fact[Any]) -> tuple[object, str]:
    """What is known, and by which answer."""
    return value(fact), fact.sources[0].operation


def test_the_list_of_buckets_names_the_region() -> None:
    assert told(config(LISTED).region) == (REGION, "s3:ListBuckets")


def test_a_list_without_regions_leaves_them_to_be_asked_for() -> None:
    assert told(config({}).region) == (REGION, "s3:GetBucketLocation")


def test_without_a_policy_there_is_no_status_of_one() -> None:
    assert told(config(NO_POLICY).policy_public) == (False, "s3:GetBucketPolicy")


@pytest.mark.parametrize("said", [Reason.DENIED, {"Policy": "{}"}])
def test_a_policy_that_may_be_there_has_a_status(said: Said) -> None:
    seen = config({**NO_POLICY, calls.GET_BUCKET_POLICY: said})
    assert not isinstance(seen.policy_public, Known)
