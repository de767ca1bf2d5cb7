"""What one answer about a bucket rules out is not asked for, and that answer is the source."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from posture.adapters.aws import calls
from posture.adapters.aws.live.implied import RULED_OUT
from posture.adapters.aws.wing import AwsWing
from posture.model.contributions import StoreContribution
from posture.model.facts import Fact, Known, Reason
from posture.model.settings import Settings
from posture.model.subjects import Ownership, Versioning, WormMode
from posture.reading import Call, Json, Kept, Needs
from tests.adapters.aws.access_world import (
    ENFORCED,
    FLAGS,
    STRANGER,
    access_point,
    allow,
    blocked,
    listed,
    owned,
    policy,
    rows,
    seen,
)
from tests.adapters.aws.recorded import OWNER_ID, Said, lead, recorded, store, value

COPIES: dict[str, Json] = {
    "ReplicationConfiguration": {
        "Rules": [{"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::copies"}}]
    }
}
LOCKED: dict[str, Json] = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
BOTH: Mapping[Call, Said] = {calls.GET_OBJECT_LOCK_CONFIGURATION: LOCKED, calls.GET_BUCKET_REPLICATION: COPIES}
OF_VERSIONS = {call.operation for call in BOTH}
SPARED = RULED_OUT.keys() | {"s3:GetBucketAcl"}
LISTS = Needs(["acl.grants_beyond_owner", "acl.ownership", "grants[].scope", "grants[].conditions"])
BY_CANONICAL_ID = allow({"CanonicalUser": OWNER_ID})


def asked(
    said: Mapping[Call, Said], more: tuple[Kept, ...] = (), *, needs: Needs | None = None
) -> tuple[StoreContribution, set[str]]:
    """The store, and which of the calls were made that may be spared."""
    reading = recorded(said, more=more, needs=needs)
    (only,) = AwsWing(Settings()).follow(lead(store()), reading).contributions
    assert isinstance(only, StoreContribution)
    return only, {kept.operation for kept in reading.kept()} & SPARED


def sources(fact: Fact[bool]) -> set[str]:
    return {source.operation for source in fact.sources}


@pytest.mark.parametrize("state", [{}, {"Status": "Suspended"}, {"Status": "Suspended", "MFADelete": "Disabled"}])
def test_without_versions_there_is_no_lock_and_no_copy(state: dict[str, Json]) -> None:
    found, made = asked({**BOTH, calls.GET_BUCKET_VERSIONING: state})
    assert made & OF_VERSIONS == set()
    assert (value(found.integrity.worm_enabled), value(found.integrity.worm_mode)) == (False, WormMode.NONE)
    assert (found.replication.items, found.replication.gaps) == ((), ())
    assert sources(found.integrity.worm_enabled) == {"s3:GetBucketVersioning"}
    assert {source.operation for source in found.replication.sources} == {"s3:GetBucketVersioning"}


@pytest.mark.parametrize(
    "state", [{"Status": "Enabled"}, {"Status": "Paused"}, Reason.DENIED, Reason.THROTTLED, Reason.MALFORMED]
)
def test_with_versions_or_where_nobody_knows_both_are_asked_for(state: Said) -> None:
    found, made = asked({**BOTH, calls.GET_BUCKET_VERSIONING: state})
    assert made >= OF_VERSIONS
    assert value(found.integrity.worm_enabled) is True
    assert len(found.replication.items) == 1
    assert isinstance(found.integrity.versioning, Known) is (state == {"Status": "Enabled"})
    if isinstance(found.integrity.versioning, Known):
        assert found.integrity.versioning.value is Versioning.ENABLED


def test_where_no_list_counts_it_is_read_for_a_snapshot_only() -> None:
    said = {**ENFORCED, **listed(("global/AllUsers", "READ"))}
    found, made = asked(said, needs=LISTS)
    whole, every = asked(said)
    assert ("s3:GetBucketAcl" in made, "s3:GetBucketAcl" in every) == (False, True)
    assert (found.acl, found.grants) == (whole.acl, whole.grants)
    assert value(found.acl.grants_beyond_owner) is False
    assert sources(found.acl.grants_beyond_owner) == {"s3:GetBucketOwnershipControls"}
    assert (found.grants.items, found.grants.gaps) == ((), ())


@pytest.mark.parametrize(
    "said",
    [
        owned("BucketOwnerPreferred"),
        owned("ObjectWriter"),
        owned("Everybody"),
        {calls.GET_BUCKET_OWNERSHIP_CONTROLS: "OwnershipControlsNotFoundError"},
        {calls.GET_BUCKET_OWNERSHIP_CONTROLS: Reason.DENIED},
    ],
)
def test_a_list_that_may_count_is_read(said: Mapping[Call, Said]) -> None:
    found, made = asked({**said, **listed(("global/AllUsers", "READ"))}, needs=LISTS)
    assert "s3:GetBucketAcl" in made
    assert value(found.acl.ownership) is not Ownership.ENFORCED
    assert value(found.acl.grants_beyond_owner) is not False


def test_the_list_tells_whose_canonical_id_a_policy_names() -> None:
    assert rows(seen(policy(BY_CANONICAL_ID), ENFORCED, listed())) == {(OWNER_ID, "read", "own")}
    found, made = asked({**policy(BY_CANONICAL_ID), **ENFORCED, **listed()}, needs=LISTS)
    assert "s3:GetBucketAcl" in made
    assert rows(found) == {(OWNER_ID, "read", "own")}


def test_the_list_tells_whose_canonical_id_an_access_point_names() -> None:
    point, more = access_point("side-door", BY_CANONICAL_ID)
    said = {**policy(allow("*")), **ENFORCED, **listed(), **blocked(), **point}
    _, made = asked(said, more, needs=LISTS)
    assert "s3:GetBucketAcl" in made
    plain, more = access_point("side-door", allow("*"))
    _, made = asked({**said, **plain}, more, needs=LISTS)
    assert "s3:GetBucketAcl" not in made


def test_without_a_policy_there_is_no_status_of_one() -> None:
    found, made = asked({calls.GET_BUCKET_POLICY: "NoSuchBucketPolicy"})
    assert "s3:GetBucketPolicyStatus" not in made
    assert value(found.exposure.policy_public) is False
    assert sources(found.exposure.policy_public) == {"s3:GetBucketPolicy"}


NAMED, EVERYONE = policy(allow(STRANGER)), policy(allow("*"))
WHO = Needs(["grants[].scope", "grants[].conditions"])
ITS_BIT_TOO = Needs(["grants[].scope", "grants[].conditions", "exposure.policy_public"])


@pytest.mark.parametrize(
    ("said", "needs", "made"),
    [(NAMED, WHO, False), (NAMED, ITS_BIT_TOO, True), (NAMED, None, True), (EVERYONE, WHO, True)],
)
def test_who_gets_in_by_a_policy_that_names_whom_it_lets_in_needs_no_status(
    said: Mapping[Call, Said],
    needs: Needs | None,
    made: bool,  # noqa: FBT001 - parametrised
) -> None:
    found, calls_made = asked({**said, **ENFORCED, **blocked(FLAGS)}, needs=needs)
    assert ("s3:GetBucketPolicyStatus" in calls_made) is made
    whole, _ = asked({**said, **ENFORCED, **blocked(FLAGS)})
    assert (found.grants.items, found.grants.sources) == (whole.grants.items, whole.grants.sources)
    unread, _ = asked({**said, **ENFORCED, **blocked(FLAGS), calls.GET_BUCKET_POLICY_STATUS: Reason.DENIED})
    assert (unread.grants == whole.grants) is (said is NAMED)
