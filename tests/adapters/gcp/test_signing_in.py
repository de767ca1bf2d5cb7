"""As whom posture reads, by Google's real library against the stand-in: keys, users, impersonation, and their ends."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from posture.adapters.gcp.calls import GET_BUCKET
from posture.adapters.gcp.live.callers import Caller, Identity
from posture.adapters.gcp.live.limits import Limits
from posture.adapters.gcp.wing import GoogleWing
from posture.errors import CredentialError
from posture.model.facts import Reason, Unknown
from posture.model.settings import GoogleAccess, Settings
from posture.reading import Answered, Reading
from tests.testbeds import google
from tests.testbeds.broken import Answer
from tests.testbeds.faults import Rule, fault_proxy
from tests.testbeds.google import GoogleApi, google_api
from tests.testbeds.google_estate import ARCHIVE, good_state

pytestmark = pytest.mark.peers
SHORT = Limits(connect_seconds=2.0, read_seconds=2.0, retry_seconds=0.001, longest_wait=0.001)
AUDITOR = "auditor@acme-security.iam.gserviceaccount.com"
BECOME = GoogleAccess(impersonate=AUDITOR)


@pytest.fixture
def api() -> Iterator[GoogleApi]:
    with google_api(replace(good_state(), impersonable=frozenset({AUDITOR}))) as started:
        yield started


@pytest.fixture
def environment(api: GoogleApi, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    variables = google.environment(api.url, tmp_path)
    with mock.patch.dict(os.environ, variables, clear=True):
        yield variables


def caller(access: GoogleAccess | None = None) -> Caller:
    return Identity(access or GoogleAccess(), SHORT).caller(Reading(as_of=datetime.now(UTC)))


def ask(who: Caller) -> object:
    return who.read(GET_BUCKET, resource=ARCHIVE, bucket=ARCHIVE, projection="noAcl")


def refused(access: GoogleAccess | None = None) -> CredentialError:
    with pytest.raises(CredentialError) as caught:
        GoogleWing(Settings(google=access or GoogleAccess()), limits=SHORT).check_credentials(
            Reading(as_of=datetime.now(UTC))
        )
    return caught.value


def signed_in_as(who: Caller) -> object:
    answer = who.signed_in()
    assert isinstance(answer, Answered), answer
    return answer.value["principal"]


def point_at(folder: Path, credentials: Mapping[str, object]) -> None:
    """Application default credentials of another kind."""
    file = folder / "other.json"
    file.write_text(json.dumps(credentials), encoding="utf-8")
    os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(file)


def user(refresh: str) -> Mapping[str, object]:
    """What `gcloud auth application-default login` leaves behind."""
    return {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": refresh}


@pytest.mark.usefixtures("environment")
def test_another_account_is_read_as_where_the_settings_name_it(api: GoogleApi) -> None:
    who = caller(BECOME)
    assert isinstance(ask(who), Answered)
    assert signed_in_as(who) == AUDITOR
    paths = [request.path for request in api.requests]
    assert f"/v1/projects/-/serviceAccounts/{AUDITOR}:generateAccessToken" in paths


@pytest.mark.usefixtures("environment")
def test_an_account_that_may_not_be_read_as_says_which_role_is_missing(api: GoogleApi) -> None:
    api.state = good_state()
    error = refused(BECOME)
    assert "iam.serviceAccounts.getAccessToken" in error.message
    assert "roles/iam.serviceAccountTokenCreator" in error.help
    assert AUDITOR in error.help


@pytest.mark.usefixtures("environment")
def test_default_credentials_may_be_those_of_an_impersonated_account(api: GoogleApi, tmp_path: Path) -> None:
    url = f"{api.url}/v1/projects/-/serviceAccounts/{AUDITOR}:generateAccessToken"
    source = {**user(google.REFRESH), "token_uri": f"{api.url}/token"}
    kind = {"type": "impersonated_service_account", "delegates": [], "source_credentials": source}
    point_at(tmp_path, {**kind, "service_account_impersonation_url": url})
    endpoint = f"{api.url}/v1/projects/-/serviceAccounts/{{}}:generateAccessToken"  # the library takes no other host
    tokens = mock.patch("google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT", f"{api.url}/token")
    with mock.patch("google.auth.iam._IAM_ENDPOINT", endpoint), tokens:
        who = caller()
        assert isinstance(ask(who), Answered)
    assert signed_in_as(who) == AUDITOR


@pytest.mark.usefixtures("environment")
def test_a_user_reads_and_one_whose_session_ended_is_told_to_sign_in(api: GoogleApi, tmp_path: Path) -> None:
    with mock.patch("google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT", f"{api.url}/token"):
        point_at(tmp_path, user(google.REFRESH))
        assert isinstance(ask(caller()), Answered)
        point_at(tmp_path, user("revoked"))
        error = refused()
    assert "invalid_grant" in error.message
    assert "gcloud auth application-default login" in error.help
    assert "revoked" not in error.message


@pytest.mark.usefixtures("environment")
def test_a_token_that_ends_during_a_run_is_renewed(api: GoogleApi) -> None:
    who = caller()
    assert isinstance(who.signed_in(), Answered)
    api.expire()
    assert isinstance(ask(who), Answered)
    assert [request.path for request in api.requests].count("/token") == 2


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "Bucket is a requester pays bucket but no user project provided.", "code": 400}),
        (
            403,
            {
                "code": 403,
                "message": "Caller does not have required permission to use project p.",
                "details": [{"reason": "USER_PROJECT_DENIED"}],
            },
        ),
    ],
)
def test_who_is_charged_is_no_permission_of_the_bucket(
    api: GoogleApi, tmp_path: Path, status: int, error: Mapping[str, object]
) -> None:
    with fault_proxy(api.url) as proxy:
        os.environ.update(google.environment(proxy.url, tmp_path))
        content = (("Content-Type", "application/json"),)
        answer = Answer(status=status, headers=content, body=json.dumps({"error": error}).encode())
        proxy.add(Rule(operation="storage:buckets.get", answer=answer))
        unknown = ask(caller())
    assert isinstance(unknown, Unknown)
    assert (unknown.reason, unknown.needs) == (Reason.FAILED, "")
    assert "quota_project" in unknown.detail
