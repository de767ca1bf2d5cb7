"""Google's real libraries against the stand-in: signing in, retries, pages, and errors in Google's own words."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from posture.adapters.gcp.calls import GET_BUCKET, GET_PROJECT, LIST_NOTIFICATIONS, LIST_SINKS
from posture.adapters.gcp.live.callers import Caller, Identity
from posture.adapters.gcp.live.limits import Limits
from posture.adapters.gcp.wing import GoogleWing
from posture.errors import CredentialError
from posture.model.facts import Reason, Unknown
from posture.model.settings import GoogleAccess, Settings
from posture.reading import Answered, Reading
from tests.testbeds import google
from tests.testbeds.broken import Answer, Fault
from tests.testbeds.faults import FaultProxy, Rule, fault_proxy
from tests.testbeds.google import GoogleApi, GoogleState, google_api
from tests.testbeds.google_estate import ARCHIVE, LOGS, LOGS_ID, good_state

pytestmark = pytest.mark.peers
SHORT = Limits(connect_seconds=2.0, read_seconds=2.0, retry_seconds=0.001, longest_wait=0.001)
PATIENT = Limits(connect_seconds=2.0, read_seconds=2.0, retry_seconds=10.0, longest_wait=0.01)


@pytest.fixture(scope="module")
def api() -> Iterator[GoogleApi]:
    with google_api() as started:
        yield started


@pytest.fixture
def proxy(api: GoogleApi) -> Iterator[FaultProxy]:
    api.reset(good_state())
    with fault_proxy(api.url) as before:
        yield before


@pytest.fixture
def environment(proxy: FaultProxy, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    variables = google.environment(proxy.url, tmp_path)
    with mock.patch.dict(os.environ, variables, clear=True):
        yield variables


def caller(limits: Limits = SHORT, access: GoogleAccess | None = None) -> Caller:
    return Identity(access or GoogleAccess(), limits).caller(Reading(as_of=datetime.now(UTC)))


def ask(who: Caller) -> Answered | Unknown:
    answer = who.read(GET_BUCKET, resource=ARCHIVE, bucket=ARCHIVE, projection="noAcl")
    assert isinstance(answer, Answered | Unknown)
    return answer


def failed(who: Caller) -> Unknown:
    answer = ask(who)
    assert isinstance(answer, Unknown)
    return answer


@pytest.mark.usefixtures("environment")
def test_a_service_account_signs_in_once_and_reads(api: GoogleApi) -> None:
    who = caller()
    assert isinstance(ask(who), Answered)
    assert isinstance(who.read(GET_PROJECT, resource=LOGS, project=LOGS), Answered)
    assert [request.path for request in api.requests].count("/token") == 1
    signed_in = who.signed_in()
    assert isinstance(signed_in, Answered)
    assert signed_in.value == {"principal": google.READER}


@pytest.mark.usefixtures("environment")
def test_a_call_is_tried_again_until_the_time_is_up(proxy: FaultProxy) -> None:
    proxy.fault("storage:buckets.get", Fault.THROTTLED, times=2)
    assert isinstance(ask(caller(PATIENT)), Answered)
    proxy.fault("cloudresourcemanager:projects.get", Fault.FAILED, times=2)
    assert isinstance(caller(PATIENT).read(GET_PROJECT, resource=LOGS, project=LOGS), Answered)
    rule = proxy.fault("storage:buckets.get", Fault.THROTTLED)
    assert failed(caller()).reason is Reason.THROTTLED
    assert rule.met == 1


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.DENIED, Reason.DENIED),
        (Fault.FAILED, Reason.FAILED),
        (Fault.RESET, Reason.FAILED),
        (Fault.HANG, Reason.TIMEOUT),
        (Fault.HALF, Reason.MALFORMED),
        (Fault.WRONG_SHAPE, Reason.MALFORMED),
        (Fault.MISSING_MEMBER, Reason.MALFORMED),
    ],
)
def test_what_goes_wrong(proxy: FaultProxy, fault: Fault, reason: Reason) -> None:
    proxy.fault("storage:buckets.get", fault)
    unknown = failed(caller())
    assert unknown.reason is reason
    assert unknown.detail
    assert proxy.url not in unknown.detail
    assert unknown.needs == ("storage.buckets.get" if fault is Fault.DENIED else "")


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("status", "body", "reason", "words"),
    [
        (
            404,
            {"error": {"code": 404, "message": "gone", "errors": [{"reason": "notFound"}]}},
            Reason.NOT_FOUND,
            "gone",
        ),
        (501, {"error": {"code": 501, "message": "no"}}, Reason.UNSUPPORTED, "no"),
        (401, {"error": {"code": 401, "message": "who"}}, Reason.FAILED, "who"),
        (
            403,
            {"error": {"code": 403, "message": "API off", "details": [{"reason": "SERVICE_DISABLED"}]}},
            Reason.UNSUPPORTED,
            "SERVICE_DISABLED: API off",
        ),
        (
            403,
            {"error": {"code": 403, "message": "slow down", "errors": [{"reason": "userRateLimitExceeded"}]}},
            Reason.THROTTLED,
            "slow down",
        ),
    ],
)
def test_errors_in_googles_words(proxy: FaultProxy, status: int, body: object, reason: Reason, words: str) -> None:
    content = (("Content-Type", "application/json"),)
    answer = Answer(status=status, headers=content, body=json.dumps(body).encode())
    proxy.add(Rule(operation="storage:buckets.get", answer=answer))
    unknown = failed(caller())
    assert unknown.reason is reason
    assert words in unknown.detail


@pytest.mark.usefixtures("environment")
def test_a_page_of_something_in_between_is_no_message(proxy: FaultProxy) -> None:
    page = Answer(
        status=502, headers=(("Content-Type", "text/html"),), body=b"<html>Bad Gateway<script>x</script></html>"
    )
    proxy.add(Rule(operation="storage:buckets.get", answer=page))
    assert "web page" in failed(caller()).detail


@pytest.mark.usefixtures("environment")
def test_pages_are_followed_to_their_end(api: GoogleApi) -> None:
    state = good_state()
    many = tuple({"name": f"s{number}", "destination": "x"} for number in range(5))
    node = f"projects/{LOGS}"
    nodes = {**state.nodes, node: google.Node(record=state.nodes[node].record, sinks=many)}
    api.reset(GoogleState(nodes=nodes, page_size=2))
    pages = caller().read_all(LIST_SINKS, resource=node, parent=node)
    assert len(pages.items) == 5
    assert pages.gap is None


@pytest.mark.usefixtures("environment")
def test_a_page_that_names_itself_ends_with_a_gap(proxy: FaultProxy) -> None:
    body = json.dumps({"kind": "storage#notifications", "items": [{"topic": "t"}], "nextPageToken": "again"}).encode()
    answer = Answer(headers=(("Content-Type", "application/json"),), body=body)
    proxy.add(Rule(operation="storage:notifications.list", answer=answer))
    pages = caller().read_all(LIST_NOTIFICATIONS, resource=ARCHIVE, bucket=ARCHIVE)
    assert len(pages.items) == 2
    assert pages.gap is not None
    assert pages.gap.reason is Reason.MALFORMED


@pytest.mark.usefixtures("environment")
def test_the_quota_project_is_named_in_every_call(proxy: FaultProxy) -> None:
    rule = proxy.add(
        Rule(header=("x-goog-user-project", "^acme-tools$"), operation="storage:buckets.get", answer=Answer(body=b"{}"))
    )
    failed(caller(access=GoogleAccess(quota_project="acme-tools")))
    assert rule.met == 1


def test_without_credentials_the_message_says_what_to_set(tmp_path: Path) -> None:
    empty = {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "NO_GCE_CHECK": "true",
        "CLOUDSDK_CONFIG": str(tmp_path),
    }
    with mock.patch.dict(os.environ, empty, clear=True), pytest.raises(CredentialError) as caught:
        GoogleWing(Settings(), limits=SHORT).check_credentials(Reading(as_of=datetime.now(UTC)))
    assert "Google Cloud" in caught.value.message
    assert "GOOGLE_APPLICATION_CREDENTIALS" in caught.value.help


def test_a_key_that_google_refuses_is_told_and_never_shown(proxy: FaultProxy, tmp_path: Path) -> None:
    refused = json.dumps({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}).encode()
    answer = Answer(status=400, headers=(("Content-Type", "application/json"),), body=refused)
    proxy.add(Rule(operation="oauth2:token", answer=answer))
    with mock.patch.dict(os.environ, google.environment(proxy.url, tmp_path), clear=True):
        wing = GoogleWing(Settings(google=GoogleAccess()), limits=SHORT)
        reading = Reading(as_of=datetime.now(UTC))
        with pytest.raises(CredentialError) as caught:
            wing.check_credentials(reading)
    assert "Invalid JWT Signature" in caught.value.message
    assert "PRIVATE KEY" not in str(reading.kept())
    assert LOGS_ID not in caught.value.message
