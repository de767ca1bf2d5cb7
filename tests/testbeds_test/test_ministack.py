from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.testbeds.aws import Credentials
from tests.testbeds.ministack import Ministack, allowing, installed

pytestmark = pytest.mark.peers


def test_a_user_may_what_the_policy_says_and_the_refusal_names_the_action(ministack_server: Ministack) -> None:
    ministack_server.client("s3").create_bucket(Bucket="audit-logs")
    reader = ministack_server.new_user("reader", allowing(["s3:GetBucketPolicy", "s3:GetBucketVersioning"]))
    s3 = ministack_server.client("s3", credentials=reader)
    assert "Status" not in s3.get_bucket_versioning(Bucket="audit-logs")
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="audit-logs")
    with pytest.raises(ClientError, match=r"AccessDenied.*s3:GetBucketAcl"):
        s3.get_bucket_acl(Bucket="audit-logs")
    ministack_server.change_user("reader", allowing(["s3:GetBucketAcl"]))
    assert s3.get_bucket_acl(Bucket="audit-logs")["Grants"]
    with pytest.raises(ClientError, match=r"AccessDenied.*s3:GetBucketPolicy"):
        s3.get_bucket_policy(Bucket="audit-logs")


def test_an_unknown_key_is_refused(ministack_server: Ministack) -> None:
    nobody = Credentials(key="AKIAIOSFODNN7EXAMPLE", secret="wrong")
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        ministack_server.client("s3", credentials=nobody).list_buckets()


def test_many_may_ask_for_the_installation_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        commands = {command for _, command in zip(range(4), pool.map(lambda _: installed(), range(4)), strict=True)}
    (command,) = commands
    assert command.exists()
