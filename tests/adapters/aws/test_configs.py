"""Recorded answers in, configurations out, where the facts of a store do not show them."""

from __future__ import annotations

import json

import pytest

from posture.adapters.aws import calls, key_calls, role_calls
from posture.adapters.aws.arns import account_of, parsed, partition_of, region_of
from posture.adapters.aws.config import BucketConfig, KeyConfig, RoleConfig
from posture.adapters.aws.live.bucket import read_bucket
from posture.adapters.aws.live.callers import Callers
from posture.adapters.aws.live.keys import read_key
from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.live.owners import Owners
from posture.adapters.aws.live.roles import read_role
from posture.adapters.aws.wing import AwsWing
from posture.model.facts import Reason
from posture.model.leads import KeyRef, RoleRef, SourceRef, StoreRef
from posture.model.settings import Settings
from posture.model.subjects import KeyManager, Kind, Provider
from posture.reading import Call, Json, Kept
from tests.adapters.aws.recorded import ACCOUNT, BUCKET, KEY, REGION, Said, kept, recorded, store, value

POLICY: dict[str, Json] = {"Version": "2012-10-17", "Statement": []}
WRITER = f"arn:aws:iam::{ACCOUNT}:role/delivery/writer"


def bucket(said: dict[Call, Said], *more: Kept) -> BucketConfig:
    reading = recorded(said, more=more)
    owner = Owners(Callers(Settings(), Limits())).of(BUCKET, "", reading)
    return read_bucket(BUCKET, owner, reading)


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("NoSuchBucketPolicy", ""),
        ({"Policy": json.dumps(POLICY)}, POLICY),
        ({"Policy": json.dumps(POLICY)[:20]}, Reason.MALFORMED),
        ({"Policy": ""}, Reason.MALFORMED),
        ({"Policy": "[]"}, Reason.MALFORMED),
        ({"Policy": "[" * 100_000}, Reason.MALFORMED),
        (Reason.DENIED, Reason.DENIED),
    ],
    ids=("none", "whole", "half", "empty", "a list", "too deep", "denied"),
)
def test_bucket_policy(said: Said, policy: object) -> None:
    found = value(bucket({calls.GET_BUCKET_POLICY: said}).policy)
    assert (
        json.loads(found) if isinstance(found, str) and found and not isinstance(found, Reason) else found
    ) == policy


@pytest.mark.parametrize(
    ("said", "public"),
    [
        ("NoSuchBucketPolicy", False),
        ({"PolicyStatus": {"IsPublic": True}}, True),
        ({"PolicyStatus": {}}, Reason.MALFORMED),
    ],
)
def test_the_public_bit(said: Said, public: object) -> None:
    assert value(bucket({calls.GET_BUCKET_POLICY_STATUS: said}).policy_public) is public


def test_who_is_told_of_new_logs() -> None:
    said: dict[str, Json] = {
        "QueueConfigurations": [{"QueueArn": "arn:aws:sqs:::q"}],
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": "arn:aws:lambda:::f"}],
        "EventBridgeConfiguration": {},
    }
    told = bucket({calls.GET_BUCKET_NOTIFICATION_CONFIGURATION: said}).notified
    assert value(told) == ("arn:aws:sqs:::q", "arn:aws:lambda:::f", "eventbridge")
    nameless: dict[str, Json] = {"TopicConfigurations": [{}]}
    assert value(bucket({calls.GET_BUCKET_NOTIFICATION_CONFIGURATION: nameless}).notified) is Reason.MALFORMED


def test_tags() -> None:
    tagged: dict[str, Json] = {"TagSet": [{"Key": "owner", "Value": "security"}]}
    assert value(bucket({calls.GET_BUCKET_TAGGING: tagged}).tags) == (("owner", "security"),)
    assert value(bucket({}).tags) == ()
    assert value(bucket({calls.GET_BUCKET_TAGGING: {"TagSet": [{}]}}).tags) is Reason.MALFORMED


def test_a_location_that_is_no_name() -> None:
    assert value(bucket({calls.GET_BUCKET_LOCATION: {"LocationConstraint": 7}}).region) is Reason.MALFORMED


def test_access_points_of_this_bucket_only() -> None:
    listed: list[Json] = [
        {"Name": "side", "Bucket": BUCKET, "NetworkOrigin": "VPC", "VpcConfiguration": {"VpcId": "vpc-1"}},
        {"Name": "elsewhere", "Bucket": "another"},
    ]
    at = {"AccountId": ACCOUNT, "Name": "side", "Region": REGION}
    said: dict[str, Json] = {"Name": "side", "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    found = bucket(
        {calls.LIST_ACCESS_POINTS: listed},
        kept(
            calls.GET_ACCESS_POINT,
            said,
            resource="side",
            parameters=at,
        ),
        kept(calls.GET_ACCESS_POINT_POLICY, "NoSuchAccessPointPolicy", resource="side", parameters=at),
        kept(calls.GET_ACCESS_POINT_POLICY_STATUS, Reason.DENIED, resource="side", parameters=at),
    ).access_points
    (only,) = found.items
    assert (only.name, only.network, only.vpc) == ("side", "VPC", "vpc-1")
    assert (value(only.block.block_public_acls), value(only.block.ignore_public_acls)) == (True, Reason.MALFORMED)
    assert (value(only.policy), value(only.policy_public)) == ("", Reason.DENIED)
    assert found.gaps == ()


def test_access_points_that_could_not_be_listed_are_a_gap() -> None:
    assert bucket({calls.LIST_ACCESS_POINTS: Reason.DENIED}).access_points.gaps[0].unknown.reason is Reason.DENIED
    assert bucket({calls.LIST_BUCKETS: Reason.DENIED}).access_points.gaps[0].unknown.reason is Reason.DENIED


def key(ref: KeyRef, *answers: Kept) -> KeyConfig:
    reading = recorded({}, more=answers)
    return read_key(ref, Callers(Settings(), Limits()).default(reading), reading)


def of_key(call: Call, said: Said, *, named: str = KEY, **more: str) -> Kept:
    return kept(call, said, resource=named, parameters={"KeyId": named, "Region": REGION, **more})


def test_a_key_in_the_providers_words() -> None:
    metadata: dict[str, Json] = {
        "KeyManager": "AWS",
        "KeyState": "PendingReplicaDeletion",
        "Enabled": False,
        "Arn": KEY,
    }
    held: list[Json] = [{"GranteePrincipal": WRITER, "Operations": ["Decrypt"]}]
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/logs"
    found = key(
        KeyRef(provider=Provider.AWS, key_id=alias),
        of_key(key_calls.DESCRIBE_KEY, {"KeyMetadata": metadata}, named=alias),
        of_key(key_calls.GET_KEY_ROTATION_STATUS, "UnsupportedOperationException"),
        of_key(key_calls.GET_KEY_POLICY, {"Policy": json.dumps(POLICY)}, PolicyName="default"),
        of_key(key_calls.LIST_GRANTS, held),
    )
    assert value(found.arn) == KEY
    assert (value(found.manager), value(found.enabled), value(found.state)) == (
        KeyManager.PROVIDER,
        False,
        "PendingReplicaDeletion",
    )
    assert value(found.rotating) is False
    assert json.loads(str(value(found.policy))) == POLICY
    assert [(one.grantee, one.operations) for one in found.grants.items] == [(WRITER, ("Decrypt",))]


def test_a_key_that_could_not_be_described_keeps_what_else_is_known() -> None:
    found = key(
        KeyRef(provider=Provider.AWS, key_id=KEY),
        of_key(key_calls.DESCRIBE_KEY, Reason.DENIED),
        of_key(key_calls.GET_KEY_ROTATION_STATUS, {"KeyRotationEnabled": True}),
        of_key(key_calls.GET_KEY_POLICY, {"Policy": "half"}, PolicyName="default"),
        of_key(key_calls.LIST_GRANTS, Reason.THROTTLED),
    )
    assert (value(found.manager), value(found.enabled), value(found.state)) == (Reason.DENIED,) * 3
    assert (value(found.rotating), value(found.policy)) == (True, Reason.MALFORMED)
    assert found.grants.gaps[0].unknown.reason is Reason.THROTTLED


def test_an_alias_that_could_not_be_resolved_leaves_nothing_to_ask() -> None:
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/logs"
    found = key(
        KeyRef(provider=Provider.AWS, key_id=alias), of_key(key_calls.DESCRIBE_KEY, {"KeyMetadata": {}}, named=alias)
    )
    assert {value(found.arn), value(found.manager), value(found.rotating), value(found.policy)} == {Reason.MALFORMED}
    assert found.grants.gaps[0].unknown.reason is Reason.MALFORMED


def role(arn: str, *answers: Kept) -> RoleConfig:
    reading = recorded({}, more=answers)
    return read_role(RoleRef(provider=Provider.AWS, arn=arn), Callers(Settings(), Limits()).default(reading), reading)


def of_role(call: Call, said: Said, **more: str) -> Kept:
    return kept(call, said, resource=WRITER, parameters={"RoleName": "writer", **more})


def test_a_role_and_its_policies() -> None:
    shared = "arn:aws:iam::aws:policy/Shared"
    broken = "arn:aws:iam::aws:policy/Broken"
    third: dict[str, Json] = {"Policy": {"DefaultVersionId": "v3"}}
    found = role(
        WRITER,
        of_role(role_calls.GET_ROLE, {"Role": {"Arn": WRITER, "AssumeRolePolicyDocument": POLICY}}),
        of_role(role_calls.LIST_ROLE_POLICIES, ["inline"]),
        of_role(role_calls.GET_ROLE_POLICY, {"PolicyDocument": "not JSON"}, PolicyName="inline"),
        of_role(role_calls.LIST_ATTACHED_ROLE_POLICIES, [{"PolicyArn": shared}, {"PolicyArn": broken}]),
        kept(role_calls.GET_POLICY, third, resource=shared, parameters={"PolicyArn": shared}),
        kept(role_calls.GET_POLICY, {"Policy": {}}, resource=broken, parameters={"PolicyArn": broken}),
        kept(
            role_calls.GET_POLICY_VERSION,
            {"PolicyVersion": {"Document": POLICY}},
            resource=shared,
            parameters={"PolicyArn": shared, "VersionId": "v3"},
        ),
    )
    assert json.loads(str(value(found.trust_policy))) == POLICY
    inline, attached, unread = found.policies.items
    assert value(inline.document) is Reason.MALFORMED
    assert json.loads(str(value(attached.document))) == POLICY
    assert value(unread.document) is Reason.MALFORMED


def test_a_role_of_the_same_name_elsewhere_is_another_role() -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/writer"
    found = role(WRITER, of_role(role_calls.GET_ROLE, {"Role": {"Arn": other, "AssumeRolePolicyDocument": POLICY}}))
    assert value(found.trust_policy) is Reason.NOT_FOUND
    assert len(found.policies.gaps) == 2


@pytest.mark.parametrize(
    ("text", "account", "region"),
    [
        (KEY, ACCOUNT, REGION),
        (WRITER, ACCOUNT, ""),
        ("arn:aws:s3:::logs", "", ""),
        ("alias/logs", "", ""),
        ("arn:x", "", ""),
    ],
)
def test_parts_of_arns(text: str, account: str, region: str) -> None:
    assert (account_of(text), region_of(text)) == (account, region)
    assert (parsed(text) is not None) is text.startswith("arn:aws:")


def test_what_the_wing_follows() -> None:
    wing = AwsWing(Settings())
    blob = StoreRef(provider=Provider.AZURE, kind=Kind.STORAGE_ACCOUNT, name="logs")
    account = SourceRef(provider=Provider.DATABRICKS, host="https://accounts.cloud.databricks.com", account_id="x")
    ours = (store(), KeyRef(provider=Provider.AWS, key_id=KEY), RoleRef(provider=Provider.AWS, arn=WRITER))
    others = (blob, KeyRef(provider=Provider.AZURE, key_id="vault"), RoleRef(provider=Provider.GCP, arn="x"), account)
    assert [wing.handles(target) for target in (*ours, *others)] == [True] * 3 + [False] * 4
    assert wing.provider is Provider.AWS
    assert wing.calls == calls.CALLS


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("us-isob-east-1", "aws-iso-b")],
)
def test_partitions(region: str, partition: str) -> None:
    assert partition_of(region) == partition
