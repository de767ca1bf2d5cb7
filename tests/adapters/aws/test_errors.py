"""Every way in which the SDK can fail, made by a server of our own, and what becomes of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from posture.adapters.aws.calls import (
    GET_BUCKET_ACL,
    GET_BUCKET_ENCRYPTION,
    GET_BUCKET_LOCATION,
    GET_BUCKET_LOGGING,
    GET_BUCKET_POLICY,
    GET_BUCKET_POLICY_STATUS,
    GET_BUCKET_PUBLIC_ACCESS_BLOCK,
    GET_BUCKET_VERSIONING,
    GET_CALLER_IDENTITY,
    LIST_BUCKETS,
)
from posture.adapters.aws.key_calls import DESCRIBE_KEY
from posture.adapters.aws.live.errors import failure
from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.live.sessions import Sessions
from posture.adapters.aws.role_calls import GET_ROLE
from posture.model.facts import Reason
from posture.model.settings import Settings
from posture.reading import Call, ReadFailure
from tests.adapters.aws.live import QUICK, environment
from tests.testbeds.serving import Handler, Server, serving

BUCKET = {"Bucket": "logs"}
KEY = {"KeyId": "0d5a1d2e-0000-4000-8000-000000000001"}


@dataclass(kw_only=True)
class Peer:
    """Answers every request in the same way, and counts them."""

    answer: Callable[[Handler], None] = lambda handler: handler.send(200, (), b"")
    url: str = ""
    paths: list[str] = field(default_factory=list)

    def take(self, handler: Handler) -> None:
        handler.body()
        self.paths.append(handler.path)
        self.answer(handler)

    def says(self, status: int, body: str, *, length: int | None = None) -> None:
        self.answer = lambda handler: handler.send(status, (), body.encode(), length=length)


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    one = Peer()
    server = Server(one.take)
    one.url = server.url
    environment(monkeypatch, one.url)
    with serving(server):
        yield one


def failed(call: Call, parameters: Mapping[str, str], *, limits: Limits = QUICK) -> ReadFailure:
    with pytest.raises(ReadFailure) as caught:
        Sessions(Settings(), limits).perform("", call, "us-east-1", parameters)
    return caught.value


def s3_error(code: str) -> str:
    return f"<Error><Code>{code}</Code><Message>because</Message></Error>"


def query_error(code: str) -> str:
    return f"<ErrorResponse>{s3_error(code)}</ErrorResponse>"


def json_error(code: str) -> str:
    return f'{{"__type": "{code}", "message": "because"}}'


@pytest.mark.parametrize(
    ("call", "parameters", "status", "body", "expected"),
    [
        (GET_BUCKET_POLICY, BUCKET, 403, s3_error("AccessDenied"), (Reason.DENIED, "AccessDenied")),
        (GET_BUCKET_POLICY, BUCKET, 403, "", (Reason.DENIED, "403")),
        (GET_BUCKET_POLICY, BUCKET, 404, s3_error("NoSuchBucket"), (Reason.FAILED, "NoSuchBucket")),
        (GET_BUCKET_POLICY, BUCKET, 404, "<html>not here</html>", (Reason.UNSUPPORTED, "404")),
        (GET_BUCKET_POLICY, BUCKET, 405, s3_error("MethodNotAllowed"), (Reason.UNSUPPORTED, "MethodNotAllowed")),
        (GET_BUCKET_POLICY, BUCKET, 501, s3_error("NotImplemented"), (Reason.UNSUPPORTED, "NotImplemented")),
        (GET_BUCKET_POLICY, BUCKET, 501, s3_error("Whatever"), (Reason.UNSUPPORTED, "Whatever")),
        (GET_BUCKET_POLICY, BUCKET, 400, s3_error("InvalidURI"), (Reason.UNSUPPORTED, "InvalidURI")),
        (GET_BUCKET_POLICY, BUCKET, 503, s3_error("SlowDown"), (Reason.THROTTLED, "SlowDown")),
        (GET_BUCKET_POLICY, BUCKET, 429, s3_error("Whatever"), (Reason.THROTTLED, "Whatever")),
        (GET_BUCKET_POLICY, BUCKET, 500, s3_error("InternalError"), (Reason.FAILED, "InternalError")),
        (GET_BUCKET_POLICY, BUCKET, 400, s3_error("RequestTimeout"), (Reason.TIMEOUT, "RequestTimeout")),
        (GET_BUCKET_POLICY, BUCKET, 400, s3_error("ExpiredToken"), (Reason.FAILED, "ExpiredToken")),
        (GET_BUCKET_POLICY, BUCKET, 403, s3_error("InvalidAccessKeyId"), (Reason.FAILED, "InvalidAccessKeyId")),
        (GET_BUCKET_POLICY, BUCKET, 403, s3_error("SignatureDoesNotMatch"), (Reason.FAILED, "SignatureDoesNotMatch")),
        (DESCRIBE_KEY, KEY, 400, json_error("AccessDeniedException"), (Reason.DENIED, "AccessDeniedException")),
        (DESCRIBE_KEY, KEY, 400, json_error("ThrottlingException"), (Reason.THROTTLED, "ThrottlingException")),
        (DESCRIBE_KEY, KEY, 400, json_error("NotFoundException"), (Reason.FAILED, "NotFoundException")),
        (DESCRIBE_KEY, KEY, 400, json_error("InvalidAction"), (Reason.UNSUPPORTED, "InvalidAction")),
        (DESCRIBE_KEY, KEY, 500, "<!doctype html><p>sorry", (Reason.FAILED, "500")),
        (GET_ROLE, {"RoleName": "writer"}, 500, "<!doctype html><p>sorry", (Reason.MALFORMED, "ResponseParser")),
        (GET_CALLER_IDENTITY, {}, 403, query_error("InvalidClientTokenId"), (Reason.FAILED, "InvalidClientTokenId")),
        (GET_BUCKET_ENCRYPTION, BUCKET, 200, "<ServerSideEncryptionConf", (Reason.FAILED, "500")),
        (GET_BUCKET_ACL, BUCKET, 200, "no XML at all", (Reason.FAILED, "500")),
        (GET_ROLE, {"RoleName": "writer"}, 200, "<GetRoleResponse><GetRoleRes", (Reason.MALFORMED, "ResponseParser")),
        (DESCRIBE_KEY, KEY, 200, '{"KeyMetadata": "unexpected"}', (Reason.MALFORMED, "UnexpectedAnswer")),
        (GET_BUCKET_VERSIONING, BUCKET, 200, "", (Reason.MALFORMED, "UnexpectedAnswer")),
        (GET_BUCKET_VERSIONING, BUCKET, 200, "<ListBucketResult/>", (Reason.MALFORMED, "UnexpectedAnswer")),
        (GET_BUCKET_LOGGING, BUCKET, 200, "<Unexpected/>", (Reason.MALFORMED, "UnexpectedAnswer")),
        (GET_BUCKET_LOCATION, BUCKET, 200, "<Unexpected>1</Unexpected>", (Reason.MALFORMED, "UnexpectedAnswer")),
        (GET_BUCKET_LOCATION, BUCKET, 403, s3_error("AccessDenied"), (Reason.DENIED, "AccessDenied")),
    ],
)  # fmt: skip
def test_answers(
    *, peer: Peer, call: Call, parameters: Mapping[str, str], status: int, body: str, expected: tuple[Reason, str]
) -> None:
    peer.says(status, body)
    caught = failed(call, parameters)
    assert (caught.reason, caught.code) == expected
    assert "<" not in caught.message


@pytest.mark.parametrize("text", ["<IsPublic>TRUE</IsPublic>", "<IsPublic>perhaps</IsPublic>", "<IsPublic/>"])
def test_a_boolean_that_is_none_is_not_false(peer: Peer, text: str) -> None:
    peer.says(200, f"<PolicyStatus>{text}</PolicyStatus>")
    caught = failed(GET_BUCKET_POLICY_STATUS, BUCKET)
    assert (caught.reason, caught.message.partition(" is ")[0]) == (Reason.MALFORMED, "IsPublic")


@pytest.mark.parametrize("text", ["", "maybe", " true", "1"])
def test_block_public_access_is_no_guess_of_the_sdk(peer: Peer, text: str) -> None:
    flags = ("IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    others = "".join(f"<{name}>true</{name}>" for name in flags)
    flag = "<BlockPublicAcls>%s</BlockPublicAcls>"
    document = f"<PublicAccessBlockConfiguration>{others}{flag}</PublicAccessBlockConfiguration>"
    peer.says(200, document % text)
    assert "BlockPublicAcls is neither" in failed(GET_BUCKET_PUBLIC_ACCESS_BLOCK, BUCKET).message
    peer.says(200, document % "false")
    answer = Sessions(Settings(), QUICK).perform("", GET_BUCKET_PUBLIC_ACCESS_BLOCK, "us-east-1", BUCKET)
    assert answer["PublicAccessBlockConfiguration"] == {**dict.fromkeys(flags, True), "BlockPublicAcls": False}


PAGE = "<!DOCTYPE html><html><head><title>Blocked</title></head><body>Ask your administrator<br></body></html>"


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (GET_BUCKET_VERSIONING, 200),
        *((call, status) for call in (GET_BUCKET_VERSIONING, GET_BUCKET_POLICY, DESCRIBE_KEY) for status in (403, 502)),
    ],
)
def test_the_page_of_a_proxy_is_told_as_one(peer: Peer, call: Call, status: int) -> None:
    """No permission resolves it, and the provider is not to blame."""
    peer.answer = lambda handler: handler.send(status, (("Content-Type", "text/html; charset=utf-8"),), PAGE.encode())
    caught = failed(call, KEY if call is DESCRIBE_KEY else BUCKET)
    assert (caught.reason, caught.message.partition(";")[0]) == (
        Reason.FAILED,
        "the answer is a web page, not one of the service",
    )


@pytest.mark.parametrize("body", ["<VersioningConf", '{"a": 1}', "no XML at all"])
def test_an_answer_that_cannot_be_read_is_no_error_of_the_server(peer: Peer, body: str) -> None:
    peer.says(200, body)
    caught = failed(GET_BUCKET_VERSIONING, BUCKET)
    assert (caught.reason, caught.message.partition(",")[0]) == (Reason.FAILED, "the answer names no error")


@pytest.mark.parametrize("body", ["<ListAllMyBucketsResult/>", "<Unexpected/>", ""])
def test_a_page_without_its_member_is_no_page(peer: Peer, body: str) -> None:
    peer.says(200, body)
    with pytest.raises(ReadFailure) as caught:
        list(Sessions(Settings(), QUICK).pages("", LIST_BUCKETS, "us-east-1", {}))
    assert (caught.value.reason, caught.value.code) == (Reason.MALFORMED, "UnexpectedAnswer")


def test_a_page_that_repeats_its_token(peer: Peer) -> None:
    peer.says(
        200,
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>logs</Name></Bucket></Buckets>"
        "<ContinuationToken>again</ContinuationToken></ListAllMyBucketsResult>",
    )
    pages = Sessions(Settings(), QUICK).pages("", LIST_BUCKETS, "us-east-1", {})
    first = next(pages)
    with pytest.raises(ReadFailure) as caught:
        list(pages)
    assert caught.value.reason is Reason.MALFORMED
    assert first == {"Name": "logs"}


def test_an_answer_that_is_cut_off(peer: Peer) -> None:
    peer.says(200, "<VersioningConfiguration/>", length=5000)
    caught = failed(GET_BUCKET_VERSIONING, BUCKET)
    assert (caught.reason, caught.code) == (Reason.MALFORMED, "IncompleteRead")


def test_a_connection_that_ends_without_an_answer(peer: Peer) -> None:
    def hang_up(handler: Handler) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    peer.answer = hang_up
    caught = failed(GET_BUCKET_POLICY, BUCKET)
    assert (caught.reason, caught.code) == (Reason.FAILED, "ConnectionClosed")


def test_no_answer_in_time(peer: Peer) -> None:
    released = []

    def wait(handler: Handler) -> None:
        handler.connection.settimeout(5)
        released.append(handler.rfile.read(1))  # until the client goes away

    peer.answer = wait
    caught = failed(GET_BUCKET_POLICY, BUCKET, limits=Limits(connect_seconds=1, read_seconds=0.2, attempts=1))
    assert (caught.reason, caught.code) == (Reason.TIMEOUT, "ReadTimeout")


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment(monkeypatch, f"http://127.0.0.1:{port}")
    caught = failed(GET_BUCKET_POLICY, BUCKET)
    assert (caught.reason, caught.code) == (Reason.FAILED, "EndpointConnection")


def test_no_credentials(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    caught = failed(GET_BUCKET_POLICY, BUCKET)
    assert (caught.reason, caught.code) == (Reason.FAILED, "NoCredentials")
    assert peer.paths == []


def test_half_of_the_credentials(monkeypatch: pytest.MonkeyPatch, peer: Peer) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert failed(GET_BUCKET_POLICY, BUCKET).code == "PartialCredentials"
    assert peer.paths == []


def test_a_profile_that_is_not_there(peer: Peer) -> None:
    with pytest.raises(ReadFailure) as caught:
        Sessions(Settings(aws_profile="nobody"), QUICK).perform("", GET_BUCKET_POLICY, "us-east-1", BUCKET)
    assert caught.value.code == "ProfileNotFound"
    assert "nobody" in caught.value.message
    assert peer.paths == []


def test_an_endpoint_that_is_none(monkeypatch: pytest.MonkeyPatch, peer: Peer) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "no endpoint")
    caught = failed(GET_BUCKET_POLICY, BUCKET)
    assert (caught.reason, caught.code) == (Reason.FAILED, "InvalidSetting")
    assert "no endpoint" in caught.message
    assert peer.paths == []


def test_a_mistake_of_ours_is_no_answer_of_the_provider(monkeypatch: pytest.MonkeyPatch, peer: Peer) -> None:
    with pytest.raises(AttributeError, match="get_bucket_of_gold"):
        failed(Call(operation="s3:GetBucketOfGold", permission=""), BUCKET)
    monkeypatch.setattr(Sessions, "_config", lambda _self, session: session.nothing_of_this_name)
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        failed(GET_BUCKET_POLICY, BUCKET)
    assert peer.paths == []


def test_a_configuration_file_that_is_broken(monkeypatch: pytest.MonkeyPatch, peer: Peer, tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.write_text("[profile\nregion")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    assert failed(GET_BUCKET_POLICY, BUCKET).code == "ConfigParse"
    assert peer.paths == []


def test_a_bucket_name_that_cannot_be(peer: Peer) -> None:
    caught = failed(GET_BUCKET_POLICY, {"Bucket": "büro"})
    assert (caught.reason, caught.code) == (Reason.FAILED, "ParamValidation")
    assert peer.paths == []


def test_the_expected_owner_is_told_beside_a_refusal(peer: Peer) -> None:
    peer.says(403, s3_error("AccessDenied"))
    caught = failed(GET_BUCKET_POLICY, {**BUCKET, "ExpectedBucketOwner": "111122223333"})
    assert caught.message == "because (also said when the bucket belongs to another account than 111122223333)"


def test_a_used_up_retry_budget_is_told(peer: Peer) -> None:
    peer.says(500, s3_error("InternalError"))
    sessions = Sessions(Settings(), Limits(connect_seconds=1, read_seconds=2, attempts=2))
    words = ""
    for _ in range(60):
        with pytest.raises(ReadFailure) as caught:
            sessions.perform("", GET_BUCKET_POLICY, "us-east-1", BUCKET)
        words = caught.value.message
        if "retry budget" in words:
            break
    assert words == "because (not retried to the end: the client's retry budget was used up)"


@pytest.mark.parametrize(("setting", "requests"), [("", 2), ("1", 1), ("4", 4)])
def test_the_users_own_number_of_attempts_wins(
    peer: Peer, monkeypatch: pytest.MonkeyPatch, setting: str, requests: int
) -> None:
    if setting:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", setting)
    peer.says(500, s3_error("InternalError"))
    failed(GET_BUCKET_POLICY, BUCKET, limits=Limits(connect_seconds=1, read_seconds=2, attempts=2))
    assert len(peer.paths) == requests


def test_anything_else_of_the_sdk_is_a_failure_by_its_name() -> None:
    from botocore.exceptions import NoRegionError  # noqa: PLC0415 - the one exception that no peer can cause here

    caught = failure(NoRegionError())
    assert (caught.reason, caught.code) == (Reason.FAILED, "NoRegion")
