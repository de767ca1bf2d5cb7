import json
import os
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from databricks.sdk import AccountClient
from databricks.sdk.core import Config as DatabricksConfig
from databricks.sdk.errors import InternalError, PermissionDenied

from tests.testbeds.aws import HOME, Accounts
from tests.testbeds.broken import Answer, Fault
from tests.testbeds.databricks import ACCOUNT, TOKEN, AccountApi, AccountState
from tests.testbeds.faults import FaultProxy, Rule
from tests.testbeds.operations import OPERATIONS, Protocol
from tests.testbeds.records import log_delivery, workspace
from tests.testbeds.seed import Bucket, allow_by_policy, new_bucket
from tests.testbeds.statements import tls_only
from tests.testbeds_test.calls import AWS_OPERATIONS, BUCKET, parameters, resource

pytestmark = pytest.mark.peers

Ask = Callable[[str], Mapping[str, Any]]
CODES = {
    (Protocol.S3, Fault.DENIED): "AccessDenied",
    (Protocol.S3, Fault.THROTTLED): "SlowDown",
    (Protocol.S3_CONTROL, Fault.DENIED): "AccessDenied",
    (Protocol.S3_CONTROL, Fault.THROTTLED): "SlowDown",
    (Protocol.JSON, Fault.DENIED): "AccessDeniedException",
    (Protocol.JSON, Fault.THROTTLED): "ThrottlingException",
    (Protocol.QUERY, Fault.DENIED): "AccessDenied",
    (Protocol.QUERY, Fault.THROTTLED): "Throttling",
}
WITHOUT_BODY = {Fault.DENIED: "403", Fault.THROTTLED: "503"}


@pytest.fixture(scope="module")
def clients(aws_proxy_process: FaultProxy) -> Mapping[str, Any]:
    session = Accounts(endpoint=aws_proxy_process.url).session
    config = Config(connect_timeout=1, read_timeout=0.5, retries={"mode": "standard", "total_max_attempts": 1})
    services = {name.partition(":")[0] for name in AWS_OPERATIONS}
    return {name: session.client(name, endpoint_url=aws_proxy_process.url, config=config) for name in services}


@pytest.fixture
def ask(clients: Mapping[str, Any], aws_proxy: FaultProxy) -> Ask:  # noqa: ARG001 the proxy is to be without rules
    def call(operation: str) -> Mapping[str, Any]:
        service, _, name = operation.partition(":")
        answer: Mapping[str, Any] = getattr(clients[service], xform_name(name))(**parameters(operation))
        return answer

    return call


@pytest.fixture
def bucket(accounts: Accounts) -> Bucket:
    made = Bucket(name=BUCKET, account=HOME)
    new_bucket(accounts, made)
    allow_by_policy(accounts, made, [tls_only(made)])
    return made


@pytest.mark.parametrize("operation", AWS_OPERATIONS)
def test_each_operation_is_recognised_and_can_be_refused(ask: Ask, aws_proxy: FaultProxy, operation: str) -> None:
    for fault in (Fault.DENIED, Fault.THROTTLED):
        rule = aws_proxy.fault(operation, fault, resource=resource(operation))
        with pytest.raises(ClientError) as refused:
            ask(operation)
        code = WITHOUT_BODY[fault] if operation == "s3:HeadBucket" else CODES[OPERATIONS[operation].protocol, fault]
        assert refused.value.response["Error"]["Code"] == code
        assert rule.met == 1
    (first, second) = aws_proxy.calls
    assert first == second
    assert (first.operation, first.resource, first.identity) == (operation, resource(operation), "testing")


@pytest.mark.parametrize("operation", AWS_OPERATIONS)
def test_an_answer_can_lack_its_member(ask: Ask, aws_proxy: FaultProxy, operation: str) -> None:
    aws_proxy.fault(operation, Fault.MISSING_MEMBER)
    answer = {name: value for name, value in ask(operation).items() if name != "ResponseMetadata"}
    assert not any(answer.values())


@pytest.mark.usefixtures("bucket")
def test_what_no_rule_meets_reaches_the_peer(ask: Ask, aws_proxy: FaultProxy) -> None:
    aws_proxy.fault("s3:GetBucketAcl", Fault.DENIED, resource="another")
    assert ask("s3:GetBucketAcl")["Grants"]
    assert ask("s3:HeadBucket")["BucketRegion"] == "us-east-1"
    assert ask("sts:GetCallerIdentity")["Account"] == HOME
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        ask("s3control:GetPublicAccessBlock")


@pytest.mark.usefixtures("bucket")
def test_half_a_policy_with_status_200_is_taken_for_a_whole_one(ask: Ask, aws_proxy: FaultProxy) -> None:
    whole = ask("s3:GetBucketPolicy")["Policy"]
    for fault in (Fault.HALF, Fault.CUT_OFF):  # botocore does not compare the body with its promised length
        aws_proxy.fault("s3:GetBucketPolicy", fault)
        half = ask("s3:GetBucketPolicy")["Policy"]
        assert half == whole[: len(whole) // 2]
        with pytest.raises(json.JSONDecodeError):
            json.loads(half)


@pytest.mark.usefixtures("bucket")
def test_what_botocore_raises_for_an_answer_that_it_cannot_parse(ask: Ask, aws_proxy: FaultProxy) -> None:
    for operation, fault, raised in (
        ("s3:GetBucketAcl", "half", ClientError),
        ("s3:GetBucketLocation", "half", ParseError),
        ("s3control:ListAccessPoints", "half", ResponseParserError),
        ("sts:GetCallerIdentity", "cut_off", ResponseParserError),
        ("iam:GetRole", "wrong_shape", KeyError),
        ("kms:DescribeKey", "wrong_shape", AttributeError),
    ):
        aws_proxy.fault(operation, fault)
        with pytest.raises(raised):
            ask(operation)


@pytest.mark.parametrize("operation", ["kms:ListGrants", "organizations:ListAccounts", "cloudtrail:DescribeTrails"])
def test_botocore_takes_half_of_a_json_answer_for_an_empty_one(ask: Ask, aws_proxy: FaultProxy, operation: str) -> None:
    aws_proxy.fault(operation, "half")
    assert ask(operation).keys() == {"ResponseMetadata"}


def test_a_connection_can_break_and_an_answer_never_come(ask: Ask, aws_proxy: FaultProxy) -> None:
    aws_proxy.fault("kms:DescribeKey", "reset")
    with pytest.raises(ConnectionClosedError):
        ask("kms:DescribeKey")
    aws_proxy.fault("kms:DescribeKey", "hang")
    with pytest.raises(ReadTimeoutError):
        ask("kms:DescribeKey")


@pytest.mark.usefixtures("bucket")
def test_a_throttled_call_succeeds_when_retried(aws_proxy: FaultProxy) -> None:
    rule = aws_proxy.fault("s3:GetBucketVersioning", "throttled", times=1)
    client = Accounts(endpoint=aws_proxy.url).client("s3")
    assert client.get_bucket_versioning(Bucket=BUCKET)["ResponseMetadata"]["RetryAttempts"] == 1
    assert rule.met == 1
    assert aws_proxy.count("s3:GetBucketVersioning", resource=BUCKET) == 2


@pytest.mark.usefixtures("bucket")
def test_a_rule_can_be_written_by_hand_and_the_newest_wins(ask: Ask, aws_proxy: FaultProxy) -> None:
    aws_proxy.add(Rule(header=("X-Amz-Target", r"TrentService\."), fault=Fault.DENIED))
    aws_proxy.add(Rule(method="GET", path=rf"^/{BUCKET}$", query="acl", answer=Answer(status=418)))
    with pytest.raises(ClientError, match="AccessDeniedException"):
        ask("kms:ListGrants")
    with pytest.raises(ClientError, match="418"):
        ask("s3:GetBucketAcl")
    aws_proxy.fault("s3:GetBucketAcl", Fault.DENIED)
    with pytest.raises(ClientError, match="AccessDenied"):
        ask("s3:GetBucketAcl")


@pytest.mark.usefixtures("bucket")
def test_calls_are_counted_by_operation_resource_and_page(ask: Ask, aws_proxy: FaultProxy) -> None:
    ask("s3:GetBucketAcl")
    ask("s3:GetBucketAcl")
    ask("s3:HeadBucket")
    assert sorted((call.operation, times) for call, times in aws_proxy.counts().items()) == [
        ("s3:GetBucketAcl", 2),
        ("s3:HeadBucket", 1),
    ]


def test_a_call_outside_the_table_does_not_hide(clients: Mapping[str, Any], aws_proxy: FaultProxy) -> None:
    clients["s3"].create_bucket(Bucket=BUCKET)
    clients["kms"].list_keys()
    clients["s3"].list_objects_v2(Bucket=BUCKET)
    assert [call.operation for call in aws_proxy.calls] == [
        f"s3:PUT /{BUCKET}",
        "kms:ListKeys",
        f"s3:GET /{BUCKET}?list-type",
    ]


def test_a_misspelt_operation_is_refused(aws_proxy: FaultProxy) -> None:
    with pytest.raises(ValueError, match="unknown operation `s3:GetBucketAcls`, did you mean `s3:GetBucketAcl`"):
        aws_proxy.fault("s3:GetBucketAcls", "denied")


@pytest.fixture
def account(databricks: AccountApi, databricks_proxy: FaultProxy) -> AccountClient:
    deliveries = tuple(log_delivery(name, storage="s", credentials="c") for name in ("one", "two"))
    databricks.reset(AccountState(log_delivery=deliveries, workspaces=(workspace(17, "a", storage="r"),), page_size=1))
    config = DatabricksConfig(
        host=databricks_proxy.url,
        account_id=ACCOUNT,
        token=TOKEN,
        auth_type="pat",
        config_file=os.devnull,
        http_timeout_seconds=0.5,
        retry_timeout_seconds=1,
    )
    return AccountClient(config=config)


def test_the_account_api_can_be_refused(account: AccountClient, databricks_proxy: FaultProxy) -> None:
    databricks_proxy.fault("databricks:log-delivery", "denied")
    with pytest.raises(PermissionDenied):
        list(account.log_delivery.list())
    databricks_proxy.fault("databricks:workspaces", "failed")
    with pytest.raises(InternalError):
        account.workspaces.list()
    assert databricks_proxy.count("databricks:workspaces") == 1


def test_a_later_page_can_be_refused(account: AccountClient, databricks_proxy: FaultProxy) -> None:
    databricks_proxy.add(Rule(operation="databricks:log-delivery", query="page_token", fault=Fault.DENIED))
    deliveries = account.log_delivery.list()
    assert next(deliveries).config_id == "one"
    with pytest.raises(PermissionDenied):
        next(deliveries)


def test_the_account_api_can_throttle(account: AccountClient, databricks_proxy: FaultProxy) -> None:
    databricks_proxy.fault("databricks:workspaces", "throttled")
    with pytest.raises(TimeoutError):
        account.workspaces.list()


def test_the_sdk_takes_a_list_without_its_member_for_an_empty_one(
    account: AccountClient, databricks_proxy: FaultProxy
) -> None:
    for fault in ("wrong_shape", "missing_member"):
        databricks_proxy.fault("databricks:log-delivery", fault)
        assert list(account.log_delivery.list()) == []
