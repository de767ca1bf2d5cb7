"""Composition over the real SDK: a bucket of moto with every kind of door, opened and shut again.

Moto's public bit is a guess of its own, and all its accounts share one canonical id: neither is asked about here.
"""

from __future__ import annotations

import pytest

from posture.adapters.aws.wing import AwsWing
from posture.model.contributions import StoreContribution
from tests.adapters.aws.access_world import rows
from tests.adapters.aws.live import environment, reading, wing_of
from tests.adapters.aws.recorded import lead, store, value
from tests.testbeds import statements as say
from tests.testbeds.aws import Accounts, Moto
from tests.testbeds.seed import ALL_FOUR, Bucket, allow_by_policy, block_account, document, old_bucket, own_objects

pytestmark = pytest.mark.peers
OWNER, PARTNER = "222222222222", "999988887777"
BUCKET = Bucket(name="many-doors", account=OWNER)
READER = f"arn:aws:iam::{PARTNER}:role/reader"


@pytest.fixture
def accounts(moto_process: Moto, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    moto_process.reset()
    environment(monkeypatch, moto_process.url)
    accounts = Accounts(endpoint=moto_process.url)
    old_bucket(accounts, BUCKET)
    return accounts


def seen(wing: AwsWing) -> StoreContribution:
    with reading() as once:
        (only,) = wing.follow(lead(store("", BUCKET.name), account=OWNER), once).contributions
    assert isinstance(only, StoreContribution)
    return only


def reads(principal: str, **more: object) -> dict[str, object]:
    who = "*" if principal == "*" else {"AWS": principal}
    objects = f"{BUCKET.arn}/*"
    return {"Effect": "Allow", "Principal": who, "Action": "s3:GetObject", "Resource": objects, **more}


def open_point(accounts: Accounts, name: str, statement: dict[str, object]) -> str:
    """An access point without Block Public Access, since moto calls every policy of one public."""
    control = accounts.client("s3control", account=OWNER)
    none = dict.fromkeys(ALL_FOUR, False)
    arn: str = control.create_access_point(
        AccountId=OWNER, Name=name, Bucket=BUCKET.name, PublicAccessBlockConfiguration=none
    )["AccessPointArn"]
    control.put_access_point_policy(AccountId=OWNER, Name=name, Policy=document([statement]))
    return arn


def test_every_door_of_a_bucket_is_seen_and_shut(accounts: Accounts) -> None:
    s3 = accounts.client("s3", account=OWNER)
    s3.put_bucket_acl(Bucket=BUCKET.name, ACL="public-read")
    point = open_point(accounts, "side", reads(READER, Resource="*"))
    by_point = {"Condition": {"StringEquals": {"s3:DataAccessPointArn": point}}}
    allow_by_policy(accounts, BUCKET, [say.tls_only(BUCKET), reads("*", **by_point)])
    wing = wing_of(OWNER)

    found = seen(wing)
    public_list = {("anonymous", "list", "public"), ("any_account", "list", "public")}
    assert rows(found) == {*public_list, (READER, "read", "outside")}
    assert [value(each.widens) for each in found.exposure.access_points.items] == [True]
    assert value(found.refusals.tls_required) is True
    assert value(found.exposure.policy_public) in {True, False}

    block_account(accounts, OWNER)
    assert public_list.isdisjoint(rows(seen(wing)))  # the list is ignored now

    own_objects(accounts, BUCKET, "BucketOwnerEnforced")
    refusal = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [BUCKET.arn, f"{BUCKET.arn}/*"],
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": OWNER}},
    }
    allow_by_policy(accounts, BUCKET, [say.tls_only(BUCKET), reads("*", **by_point), refusal])
    shut = seen(wing)
    assert {scope for _, _, scope in rows(shut)} <= {"own"}
    assert shut.grants.gaps == ()
    assert [value(each.widens) for each in shut.exposure.access_points.items] == [False]
