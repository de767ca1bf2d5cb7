"""The printed role is enough, and each permission that it lacks is named: on a peer that checks identity policies."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from posture.adapters.aws import calls
from posture.adapters.aws.live.callers import Callers
from posture.adapters.aws.live.control_policies import read_control_policies
from posture.adapters.aws.multi_region_calls import GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS
from posture.adapters.aws.permissions import least_privilege
from posture.model.facts import Reason
from posture.model.leads import KeyRef, RoleRef
from posture.model.settings import Settings
from posture.model.subjects import Provider
from posture.reading import Call, Json, Kept
from tests.adapters.aws.live import QUICK, environment, reading, wing_of
from tests.adapters.aws.recorded import lead, store
from tests.testbeds.ministack import ACCOUNT, Ministack

pytestmark = pytest.mark.peers
BUCKET = "acme-audit-logs"
ARCHIVE = "acme-audit-archive"
NOBODY = '{"Version": "2012-10-17", "Statement": []}'
CONTROL_POLICY = "RESOURCE_CONTROL_POLICY"
NOT_PROVEN_HERE = frozenset(
    {
        calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK,  # the peer answers 400 InvalidURI
        calls.GET_ACCESS_POINT_POLICY_STATUS,  # the peer does not offer it
        GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS,  # nor this
        calls.ASSUME_ROLE,  # granted for named roles only
    }
)
PROVEN = tuple(call for call in calls.CALLS if call.permission and call not in NOT_PROVEN_HERE)


def without(permission: str) -> Mapping[str, Json]:
    """The printed role, less one permission."""
    document = json.loads(json.dumps(least_privilege()))
    for statement in document["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != permission]
    document["Statement"] = [statement for statement in document["Statement"] if statement["Action"]]
    return dict(document)


def new_member(ministack: Ministack) -> str:
    """A member account, under a control policy, of the organisation that ministack's account always manages."""
    organizations = ministack.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType=CONTROL_POLICY)
    made = organizations.create_policy(Name="perimeter", Description="", Type=CONTROL_POLICY, Content=NOBODY)
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root)
    status = organizations.create_account(Email="logs@example.com", AccountName="logs")["CreateAccountStatus"]
    member: str = status["AccountId"]
    return member


@pytest.fixture
def estate(ministack_server: Ministack) -> tuple[str, str, str]:
    """Two buckets, a key, an access point, a trail and a writer role; returns the key, the role, a member account."""
    s3 = ministack_server.client("s3")
    for name in (BUCKET, ARCHIVE):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_policy(Bucket=name, Policy=NOBODY)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        ownership = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}  # with neither, there would be less to ask
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=ownership)
    key: str = ministack_server.client("kms").create_key()["KeyMetadata"]["Arn"]
    iam = ministack_server.client("iam")
    writer: str = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=NOBODY)["Role"]["Arn"]
    allowed = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}'
    )
    iam.put_role_policy(RoleName="writer", PolicyName="inline", PolicyDocument=allowed)
    attached = iam.create_policy(PolicyName="attached", PolicyDocument=allowed)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="writer", PolicyArn=attached)
    ministack_server.client("s3control").create_access_point(AccountId=ACCOUNT, Name="side-door", Bucket=BUCKET)
    ministack_server.client("s3control", region="us-west-2").create_multi_region_access_point(
        AccountId=ACCOUNT, ClientToken="wide-door", Details={"Name": "wide-door", "Regions": [{"Bucket": BUCKET}]}
    )
    trails = ministack_server.client("cloudtrail")
    trails.create_trail(Name="watch", S3BucketName=BUCKET)
    trails.start_logging(Name="watch")
    return key, writer, new_member(ministack_server)


def made(
    ministack: Ministack, monkeypatch: pytest.MonkeyPatch, estate: tuple[str, str, str], policy: Mapping[str, Json]
) -> tuple[Kept, ...]:
    """Every call of a scan as a user with this policy."""
    key, writer, member = estate
    environment(monkeypatch, ministack.url, credentials=ministack.new_user("auditor", policy))
    of_key, of_role = KeyRef(provider=Provider.AWS, key_id=key), RoleRef(provider=Provider.AWS, arn=writer)
    wing = wing_of()
    with reading() as once:
        for target in (store("audit", BUCKET), of_key, of_role):
            wing.follow(lead(target), once)
        wing.follow(lead(store("audit", ARCHIVE), account=ACCOUNT), once)  # asked for its Region: no list
        wing.organisation(once)
        read_control_policies(member, Callers(Settings(), QUICK).default(once), once)
        return once.kept()


def test_the_printed_role_is_enough(
    ministack_server: Ministack, monkeypatch: pytest.MonkeyPatch, estate: tuple[str, str, str]
) -> None:
    kept = made(ministack_server, monkeypatch, estate, least_privilege())
    assert {one.operation for one in kept if one.reason is Reason.DENIED} == set()
    assert {call.operation for call in PROVEN} <= {one.operation for one in kept if one.reason is None}


@pytest.mark.parametrize("call", PROVEN, ids=lambda call: call.operation)
def test_a_permission_that_is_missing_is_the_one_that_is_named(
    ministack_server: Ministack, monkeypatch: pytest.MonkeyPatch, estate: tuple[str, str, str], call: Call
) -> None:
    kept = made(ministack_server, monkeypatch, estate, without(call.permission))
    denied = {one.operation for one in kept if one.reason is Reason.DENIED}
    assert denied == {call.operation}
