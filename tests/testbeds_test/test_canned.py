import time

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.testbeds.aws import Accounts, loopback_names
from tests.testbeds.canned import CannedAws, canned_aws
from tests.testbeds_test.calls import AWS_OPERATIONS, parameters

pytestmark = pytest.mark.peers

NOT_CANNED = ("iam:", "s3control:GetAccessPoint", "s3control:GetMultiRegionAccessPoint")
NOT_SET = {
    "s3:GetBucketCors",
    "s3:GetBucketLifecycleConfiguration",
    "s3:GetBucketReplication",
    "s3:GetBucketTagging",
    "s3:GetBucketWebsite",
    "s3:GetObjectLockConfiguration",
}
OPERATIONS = tuple(name for name in AWS_OPERATIONS if not name.startswith(NOT_CANNED))


def answered(accounts: Accounts, operation: str) -> bool:
    service, _, name = operation.partition(":")
    try:
        getattr(accounts.client(service), xform_name(name))(**parameters(operation))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise
    return True


def test_every_read_of_a_bench_is_answered_and_counted(canned: CannedAws) -> None:
    accounts = Accounts(endpoint=canned.url)
    assert {operation for operation in OPERATIONS if not answered(accounts, operation)} == NOT_SET
    assert canned.counts() == dict.fromkeys(OPERATIONS, 1)


def test_what_is_not_in_the_table_is_refused(canned: CannedAws) -> None:
    accounts = Accounts(endpoint=canned.url)
    with pytest.raises(ClientError, match="NotCanned"):
        accounts.client("s3").get_bucket_request_payment(Bucket="audit-logs")
    with pytest.raises(ClientError, match="InvalidAction"):
        accounts.client("iam").get_role(RoleName="writer")


def test_the_answer_comes_after_the_latency_and_lists_as_many_buckets_as_asked() -> None:
    with canned_aws(latency=0.2, buckets=3) as server, loopback_names():
        s3 = Accounts(endpoint=server.url).client("s3")
        began = time.monotonic()
        assert len(s3.list_buckets()["Buckets"]) == 3
        assert time.monotonic() - began >= 0.2
