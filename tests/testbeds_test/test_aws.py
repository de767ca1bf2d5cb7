import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from tests.testbeds.aws import HOME, Accounts, Moto, environment
from tests.testbeds.seed import ALL_FOUR, Bucket, block_account, new_access_point, new_bucket, new_organization

pytestmark = pytest.mark.peers

PLATFORM = Bucket(name="platform-logs", account="111111111111")
ARCHIVE = Bucket(name="archive.logs", account="222222222222", region="eu-west-1")


def test_each_account_has_its_own_identity_and_buckets(accounts: Accounts) -> None:
    new_bucket(accounts, PLATFORM)
    new_bucket(accounts, ARCHIVE)
    for bucket in (PLATFORM, ARCHIVE):
        assert accounts.client("sts", account=bucket.account).get_caller_identity()["Account"] == bucket.account
        names = accounts.client("s3", account=bucket.account).list_buckets()["Buckets"]
        assert [entry["Name"] for entry in names] == [bucket.name]
    with pytest.raises(ClientError, match="AccessDenied"):
        accounts.client("s3").get_bucket_acl(Bucket=ARCHIVE.name)


def test_a_new_bucket_has_the_defaults_of_today(accounts: Accounts) -> None:
    new_bucket(accounts, ARCHIVE)
    s3 = accounts.client("s3", account=ARCHIVE.account, region=ARCHIVE.region)
    assert s3.get_bucket_location(Bucket=ARCHIVE.name)["LocationConstraint"] == "eu-west-1"
    assert s3.get_public_access_block(Bucket=ARCHIVE.name)["PublicAccessBlockConfiguration"] == ALL_FOUR
    (rule,) = s3.get_bucket_encryption(Bucket=ARCHIVE.name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    (rule,) = s3.get_bucket_ownership_controls(Bucket=ARCHIVE.name)["OwnershipControls"]["Rules"]
    assert rule == {"ObjectOwnership": "BucketOwnerEnforced"}


def test_account_settings_are_reached_under_the_account_s_own_name(accounts: Accounts) -> None:
    block_account(accounts, ARCHIVE.account)
    answer = accounts.client("s3control", account=ARCHIVE.account).get_public_access_block(AccountId=ARCHIVE.account)
    assert answer["PublicAccessBlockConfiguration"] == ALL_FOUR
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        accounts.client("s3control").get_public_access_block(AccountId=HOME)


def test_access_points_and_organisations_can_be_seeded(accounts: Accounts) -> None:
    new_bucket(accounts, PLATFORM)
    arn = new_access_point(accounts, PLATFORM, "readers")
    listed = accounts.client("s3control", account=PLATFORM.account).list_access_points(
        AccountId=PLATFORM.account, Bucket=PLATFORM.name
    )
    assert [point["AccessPointArn"] for point in listed["AccessPointList"]] == [arn]
    identity, members = new_organization(accounts, HOME, ["platform"])
    organizations = accounts.client("organizations")
    assert organizations.describe_organization()["Organization"]["Id"] == identity
    assert members["platform"] in {account["Id"] for account in organizations.list_accounts()["Accounts"]}


def test_a_read_that_moto_does_not_know_is_not_taken_for_an_answer(accounts: Accounts) -> None:
    new_bucket(accounts, PLATFORM)
    with pytest.raises(AssertionError, match="GetBucketRequestPayment: the peer answered with an object listing"):
        accounts.client("s3", account=PLATFORM.account).get_bucket_request_payment(Bucket=PLATFORM.name)


def test_a_reset_peer_is_empty(aws: Moto, accounts: Accounts) -> None:
    new_bucket(accounts, Bucket(name="soon-gone", account=HOME))
    aws.reset()
    assert accounts.client("s3").list_buckets()["Buckets"] == []


def test_a_child_reaches_the_peer_by_its_environment_alone(aws: Moto) -> None:
    script = (
        "import boto3\n"
        "print(boto3.client('sts').get_caller_identity()['Account'])\n"
        "try: boto3.client('s3control').get_public_access_block(AccountId='123456789012')\n"
        "except Exception as error: print(error.response['Error']['Code'])\n"
    )
    child = subprocess.run(  # noqa: S603 the script above
        [sys.executable, "-c", script], env=environment(aws.url), check=True, capture_output=True, text=True
    )
    assert child.stdout.split() == [HOME, "NoSuchPublicAccessBlockConfiguration"]
