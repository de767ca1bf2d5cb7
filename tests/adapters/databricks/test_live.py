"""The real SDK against the account stand-in, whole and with every answer broken."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from posture.adapters.databricks.live.sign_in import account_host
from posture.adapters.databricks.wing import DatabricksWing
from posture.adapters.wing import Followed
from posture.errors import CredentialError
from posture.model.contributions import SourceContribution
from posture.model.facts import Reason
from posture.model.leads import Found, Lead, SourceRef, StoreRef
from posture.model.settings import DatabricksAccess, Settings
from posture.model.subjects import Kind, Provider
from posture.reading import Reading
from tests.adapters.databricks.accounts import (
    NOW,
    account,
    config,
    contribution,
    credential,
    only_delivery,
    reason,
    storage,
    value,
    workspace,
)
from tests.testbeds import databricks as stand_in
from tests.testbeds.broken import Answer, Fault
from tests.testbeds.databricks import AccountApi, AccountState
from tests.testbeds.faults import FaultProxy, Rule
from tests.testbeds.serving import Handler, Server, serving

STATE = AccountState(
    log_delivery=(config(),),
    storage_configurations=(storage("logs", "acme-logs"), storage("root", "acme-root")),
    credentials=(
        credential("writer", "arn:aws:iam::111122223333:role/writes-logs"),
        credential("compute", "arn:aws:iam::444455556666:role/runs-clusters"),
    ),
    workspaces=(workspace(1), workspace(2)),
    networks=({"network_id": "n1", "vpc_id": "vpc-1"},),
)
NO_ROLE = "dapi-of-nobody"


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("DATABRICKS_", "ARM_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "databrickscfg"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))  # no `az`, no `databricks`: neither is asked for a token


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """OAuth credentials of a service principal in the environment."""
    monkeypatch.setenv("DATABRICKS_CLIENT_ID", stand_in.CLIENT_ID)
    monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", stand_in.CLIENT_SECRET)


@pytest.fixture
def api(databricks: AccountApi) -> AccountApi:
    """An account with one working delivery and two workspaces."""
    databricks.reset(STATE)
    return databricks


@pytest.fixture
def proxy(api: AccountApi, databricks_proxy: FaultProxy) -> FaultProxy:
    """Before that account; the SDK's limits are short, so that a hanging peer costs seconds."""
    assert api.state is STATE
    return databricks_proxy


def wing(
    url: str, *, account_id: str = stand_in.ACCOUNT, profile: str = "", seconds: float = 60.0, answers_within: int = 1
) -> DatabricksWing:
    access = DatabricksAccess(host=url, account_id=account_id, profile=profile)
    settings = Settings(databricks=(access,), seconds_per_target=seconds)
    return DatabricksWing(settings, http_timeout_seconds=answers_within, retry_timeout_seconds=1)


def lead(url: str, *, account_id: str = stand_in.ACCOUNT) -> Lead:
    ref = SourceRef(provider=Provider.DATABRICKS, host=url, account_id=account_id)
    return Lead(target=ref, found=Found(how="the test"))


@contextmanager
def reading() -> Iterator[Reading]:
    made = Reading(as_of=NOW, concurrency=8)
    try:
        yield made
    finally:
        made.close()


def follow(url: str, *, account_id: str = stand_in.ACCOUNT, seconds: float = 60.0) -> Followed:
    with reading() as made:
        return wing(url, account_id=account_id, seconds=seconds).follow(lead(url, account_id=account_id), made)


def gap_reasons(given: SourceContribution) -> dict[str, set[Reason]]:
    return {
        "deliveries": {gap.unknown.reason for gap in given.deliveries.gaps},
        "sources": {gap.unknown.reason for gap in given.sources.gaps},
        "stores": {gap.unknown.reason for gap in given.workspace_stores.gaps},
        "accounts": {gap.unknown.reason for gap in given.workspace_accounts.gaps},
    }


@pytest.mark.usefixtures("secret")
class TestAnswers:
    """What is read when everything answers."""

    def test_the_whole_account(self, api: AccountApi) -> None:
        followed = follow(api.url)
        given = contribution(followed)
        assert [source.name for source in given.sources.items] == [stand_in.ACCOUNT, "ws-1", "ws-2"]
        assert value(account(followed).delivery.covers_all_workspaces) is True
        assert [item.target.uri for item in followed.leads if isinstance(item.target, StoreRef)] == [
            "s3://acme-logs/audit"
        ]
        assert gap_reasons(given) == {"deliveries": set(), "sources": set(), "stores": set(), "accounts": set()}
        assert followed.unlooked == ()

    @pytest.mark.parametrize("empty_page_first", [True, False])
    def test_all_pages_and_empty_ones(self, api: AccountApi, *, empty_page_first: bool) -> None:
        configs = tuple(config(f"c{number}") for number in range(7))
        api.reset(AccountState(log_delivery=configs, page_size=3, empty_page_first=empty_page_first))
        assert len(contribution(follow(api.url)).deliveries.items) == 7

    def test_an_empty_account_is_read_whole(self, api: AccountApi) -> None:
        api.reset()
        followed = follow(api.url)
        assert value(account(followed).delivery.enabled) is False
        assert followed.unlooked == ()
        assert gap_reasons(contribution(followed))["sources"] == set()

    def test_the_documented_object_is_taken_for_the_array_too(self, proxy: FaultProxy) -> None:
        """The API reference shows `{"workspaces": […]}`, the SDK takes the answer for an array."""
        body = json.dumps({"workspaces": [workspace(5)]}).encode()
        proxy.add(Rule(operation="databricks:workspaces", answer=Answer(body=body)))
        assert [source.name for source in contribution(follow(proxy.url)).sources.items[1:]] == ["ws-5"]

    def test_each_call_is_made_once(self, proxy: FaultProxy) -> None:
        made = wing(proxy.url)
        with reading() as first:
            made.check_credentials(first)
            again = [made.follow(lead(proxy.url), first) for _ in range(2)]
            assert again[0] == again[1]
            declared = {call.operation for call in made.calls}
            assert {kept.operation for kept in first.kept()} == declared | {"databricks:token"}
        assert set(proxy.counts().values()) == {1}
        assert {call.operation for call in proxy.calls} == declared | {
            "databricks:config",
            "databricks:oidc",
            "databricks:token",
        }

    def test_who_asked(self, api: AccountApi) -> None:
        made = wing(api.url)
        with reading() as live:
            assert made.identities(live) == ()
            made.follow(lead(api.url), live)
            (identity,) = made.identities(live)
        assert (identity.label, identity.principal, identity.account) == (
            "default",
            stand_in.CLIENT_ID,
            stand_in.ACCOUNT,
        )

    def test_a_replay_needs_nobody_and_says_the_same(self, api: AccountApi, monkeypatch: pytest.MonkeyPatch) -> None:
        with reading() as live:
            made = wing(api.url)
            followed, identities = made.follow(lead(api.url), live), made.identities(live)
            kept = live.kept()
        requests = len(api.requests)
        monkeypatch.delenv("DATABRICKS_CLIENT_SECRET")
        replay = Reading(as_of=NOW, replayed=kept)
        made = wing(api.url)
        made.check_credentials(replay)
        assert made.follow(lead(api.url), replay) == followed
        assert made.identities(replay) == identities
        assert len(api.requests) == requests

    def test_snapshots_hold_no_secret(self, api: AccountApi) -> None:
        with reading() as live:
            wing(api.url).follow(lead(api.url), live)
            assert stand_in.CLIENT_SECRET not in repr(live.kept())
            assert not any(token in repr(live.kept()) for token in api.issued)


BROKEN = {
    Fault.DENIED: Reason.DENIED,
    Fault.THROTTLED: Reason.THROTTLED,
    Fault.FAILED: Reason.FAILED,
    Fault.RESET: Reason.FAILED,
    Fault.HANG: Reason.TIMEOUT,
    Fault.HALF: Reason.MALFORMED,
    Fault.CUT_OFF: Reason.FAILED,
    Fault.WRONG_SHAPE: Reason.MALFORMED,
    Fault.MISSING_MEMBER: Reason.MALFORMED,
}
LISTINGS = ("log-delivery", "storage-configurations", "credentials", "workspaces", "networks")


@pytest.mark.usefixtures("secret")
class TestFaults:
    """A call that gives no answer is a reason, never an absence."""

    @pytest.mark.parametrize(("fault", "expected"), BROKEN.items())
    def test_every_listing_broken(self, proxy: FaultProxy, fault: Fault, expected: Reason) -> None:
        rules = [proxy.fault(f"databricks:{name}", fault) for name in LISTINGS]
        made = wing(proxy.url, answers_within=1 if fault is Fault.HANG else 10)  # a busy machine answers late
        with reading() as live:
            followed = made.follow(lead(proxy.url), live)
            reasons = {kept.operation: kept.reason for kept in live.kept()}
        assert all(rule.met for rule in rules)
        assert reasons == {f"databricks:{name}": expected for name in LISTINGS} | {"databricks:token": None}
        assert reason(account(followed).delivery.enabled) is expected
        assert set(gap_reasons(contribution(followed))) == {"deliveries", "sources", "stores", "accounts"}
        assert all(found == {expected} for found in gap_reasons(contribution(followed)).values())
        assert len(followed.unlooked) == 2
        unknown = followed.unlooked[0].unknown
        assert unknown.needs == ("account admin" if fault is Fault.DENIED else "")
        assert unknown.detail
        assert "Config:" not in unknown.detail

    @pytest.mark.parametrize(
        ("broken", "lost"),
        [
            ("log-delivery", {"deliveries"}),
            ("storage-configurations", {"stores"}),
            ("credentials", {"accounts"}),
            ("workspaces", {"sources", "stores", "accounts"}),
            ("networks", set()),
        ],
    )
    def test_one_broken_listing_hides_no_other(self, proxy: FaultProxy, broken: str, lost: set[str]) -> None:
        proxy.fault(f"databricks:{broken}", Fault.DENIED)
        followed = follow(proxy.url)
        found = {name for name, reasons in gap_reasons(contribution(followed)).items() if reasons}
        assert found == lost
        assert account(followed).name == stand_in.ACCOUNT

    @pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.RESET])
    def test_a_bad_moment_is_retried(self, proxy: FaultProxy, fault: Fault) -> None:
        rule = proxy.fault("databricks:workspaces", fault, times=1)
        access = DatabricksAccess(host=proxy.url, account_id=stand_in.ACCOUNT)
        patient = DatabricksWing(Settings(databricks=(access,)), http_timeout_seconds=2, retry_timeout_seconds=8)
        with reading() as live:
            assert len(contribution(patient.follow(lead(proxy.url), live)).sources.items) == 3
        assert rule.met == 1

    def test_a_page_that_fails_leaves_those_before_it(self, proxy: FaultProxy, api: AccountApi) -> None:
        api.change(log_delivery=tuple(config(f"c{number}") for number in range(4)))
        api.state = AccountState(log_delivery=api.state.log_delivery, page_size=2)
        rule = proxy.fault("databricks:log-delivery", Fault.FAILED)
        rule.query = "page_token"
        given = contribution(follow(proxy.url))
        assert len(given.deliveries.items) == 2
        assert gap_reasons(given)["deliveries"] == {Reason.FAILED}

    def test_a_page_that_names_itself_as_the_next(self, proxy: FaultProxy) -> None:
        body = json.dumps({"log_delivery_configurations": [config()], "next_page_token": "again"}).encode()
        rule = proxy.add(Rule(operation="databricks:log-delivery", answer=Answer(body=body)))
        followed = follow(proxy.url)
        assert rule.met == 2
        assert gap_reasons(contribution(followed))["deliveries"] == {Reason.MALFORMED}
        assert value(account(followed).delivery.enabled) is True

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"3",
            b'"text"',
            b"true",
            b"{}",
            b"<html><title>Sign in</title></html>",
            b'{"log_delivery_configurations": null}',
            b'{"log_delivery_configurations": {"0": {}}}',
            b'{"log_delivery_configurations": [], "next_page_token": 3}',
            b"\xff\xfe",
            b'{"a":' * 100_000,
        ],
    )
    def test_a_body_that_is_no_listing(self, proxy: FaultProxy, body: bytes) -> None:
        for name in ("log-delivery", "workspaces"):
            proxy.add(Rule(operation=f"databricks:{name}", answer=Answer(body=body)))
        found = gap_reasons(contribution(follow(proxy.url)))
        assert (found["deliveries"], found["sources"]) == ({Reason.MALFORMED}, {Reason.MALFORMED})

    @pytest.mark.parametrize(
        ("status", "code", "expected"),
        [
            (401, "UNAUTHENTICATED", Reason.DENIED),
            (404, "NOT_FOUND", Reason.NOT_FOUND),
            (404, "ENDPOINT_NOT_FOUND", Reason.UNSUPPORTED),
            (400, "INVALID_PARAMETER_VALUE", Reason.FAILED),
            (501, "NOT_IMPLEMENTED", Reason.UNSUPPORTED),
            (503, "TEMPORARILY_UNAVAILABLE", Reason.FAILED),
            (504, "DEADLINE_EXCEEDED", Reason.TIMEOUT),
        ],
    )
    def test_each_refusal_has_its_reason(self, proxy: FaultProxy, status: int, code: str, expected: Reason) -> None:
        body = json.dumps({"error_code": code, "message": "as the test says"}).encode()
        proxy.add(Rule(operation="databricks:log-delivery", answer=Answer(status=status, body=body)))
        unknown = follow(proxy.url).unlooked[0].unknown
        assert unknown.reason is expected
        assert unknown.detail == f"{code}: as the test says"

    @pytest.mark.parametrize("status", [200, 403, 502])
    def test_the_page_of_a_proxy_is_told_as_one(self, proxy: FaultProxy, status: int) -> None:
        """Neither a role that is missing nor a bug of the SDK, which is what the SDK calls it.

        A page with a title may be one of Databricks, and the title is what it says.
        """
        page = b"<html><body>Ask your administrator</body></html>"
        proxy.add(Rule(operation="databricks:log-delivery", answer=Answer(status=status, body=page)))
        unknown = follow(proxy.url).unlooked[0].unknown
        assert (unknown.reason, unknown.needs) == (Reason.MALFORMED, "")
        assert "the answer cannot be read as one of Databricks" in unknown.detail

    def test_a_page_of_html_is_shortened(self, proxy: FaultProxy) -> None:
        body = b"<html>" + b"x" * 20_000
        proxy.add(Rule(operation="databricks:log-delivery", answer=Answer(status=500, body=body)))
        assert len(follow(proxy.url).unlooked[0].unknown.detail) < 400


def test_a_listing_without_end_ends_with_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count()

    def endless(handler: Handler) -> None:
        if "/log-delivery" in handler.path:
            page = {"log_delivery_configurations": [], "next_page_token": f"page-{next(numbers)}"}
            handler.send(200, (), json.dumps(page).encode())
        elif "/api/" in handler.path:
            handler.send(200, (), b"[]")
        else:
            handler.send(404, (), b"{}")

    monkeypatch.setenv("DATABRICKS_TOKEN", stand_in.TOKEN)
    with serving(Server(endless)) as server:
        begun = time.monotonic()
        followed = follow(server.url, seconds=1.0)
    assert time.monotonic() - begun < 5
    assert next(numbers) > 2
    assert gap_reasons(contribution(followed))["deliveries"] == {Reason.TIMEOUT}


def test_an_answer_that_trickles_ends_with_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte comes within the HTTP limit, so that no limit of the SDK ends it."""

    def trickle(handler: Handler) -> None:
        if "/networks" not in handler.path:
            handler.send(200 if "/api/" in handler.path else 404, (), b"[]")
            return
        handler.send_response_only(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.25)

    monkeypatch.setenv("DATABRICKS_TOKEN", stand_in.TOKEN)
    with serving(Server(trickle)) as server, reading() as live:
        begun = time.monotonic()
        wing(server.url).follow(lead(server.url), live)
        assert time.monotonic() - begun < 5
        reasons = {kept.operation: kept.reason for kept in live.kept()}
    assert reasons["databricks:networks"] is Reason.TIMEOUT


def test_what_a_peer_echoes_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def echo(handler: Handler) -> None:
        sent = f"you sent {handler.headers.get('Authorization', 'nothing').split()[-1]} to {handler.path}"
        body = json.dumps({"error_code": "PERMISSION_DENIED", "message": sent}).encode()
        handler.send(403 if "/api/" in handler.path else 404, (), body)

    monkeypatch.setenv("DATABRICKS_TOKEN", "a-token-of-no-known-shape")
    with serving(Server(echo)) as server:
        followed = follow(server.url)
    assert "you sent" in followed.unlooked[0].unknown.detail
    assert "a-token-of-no-known-shape" not in repr(followed)


class TestSignIn:
    """Without credentials that work there is no run, and a message says what to set."""

    def refusal(self, made: DatabricksWing) -> CredentialError:
        with reading() as live, pytest.raises(CredentialError) as refused:
            made.check_credentials(live)
        text = f"{refused.value.message} {refused.value.help}"
        for hidden in (stand_in.CLIENT_SECRET, stand_in.TOKEN, "wrong-secret", "Traceback", "Config:"):
            assert hidden not in text
        assert refused.value.help
        return refused.value

    def test_a_wrong_secret(self, api: AccountApi, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABRICKS_CLIENT_ID", stand_in.CLIENT_ID)
        monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", "wrong-secret")
        refused = self.refusal(wing(api.url))
        assert refused.message == (
            f"Databricks at `{api.url}` refused to sign us in: invalid_client: Client authentication failed"
        )
        assert "DATABRICKS_CLIENT_SECRET" in refused.help

    def test_what_was_refused_once_is_not_tried_again(self, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABRICKS_CLIENT_ID", stand_in.CLIENT_ID)
        monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", "wrong-secret")
        made = wing(proxy.url)
        self.refusal(made)
        with reading() as live:
            followed = made.follow(lead(proxy.url), live)
        assert reason(account(followed).delivery.enabled) is Reason.DENIED
        assert proxy.count("databricks:token") == 1

    @pytest.mark.usefixtures("secret")
    def test_a_wrong_account(self, api: AccountApi) -> None:
        refused = self.refusal(wing(api.url, account_id="11111111-2222-4333-8444-555555555555"))
        assert refused.message == (
            f"Databricks at `{api.url}` does not know the account `11111111-2222-4333-8444-555555555555`"
        )
        assert "DATABRICKS_ACCOUNT_ID" in refused.help

    def test_no_credentials(self, api: AccountApi) -> None:
        refused = self.refusal(wing(api.url))
        assert refused.message == f"no credentials for Databricks at `{api.url}`"
        assert "DATABRICKS_CLIENT_ID" in refused.help

    @pytest.mark.usefixtures("secret")
    def test_no_host(self) -> None:
        refused = self.refusal(wing(""))
        assert refused.message == "no Databricks account host is given"
        assert "--store s3://" in refused.help
        assert "https://accounts.cloud.databricks.us (govcloud)" in refused.help

    def test_no_account_id(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABRICKS_TOKEN", stand_in.TOKEN)
        with serving(Server(lambda handler: handler.send(404, (), b"{}"))) as server:
            refused = self.refusal(wing(server.url, account_id=""))
            assert refused.message == f"no Databricks account id is given for `{server.url}`"
        assert "DATABRICKS_ACCOUNT_ID" in refused.help

    @pytest.mark.usefixtures("secret")
    def test_an_unreachable_host(self) -> None:
        begun = time.monotonic()
        refused = self.refusal(wing("http://127.0.0.1:9"))
        assert refused.message == "cannot reach Databricks at `http://127.0.0.1:9`: Connection refused"
        assert time.monotonic() - begun < 10

    @pytest.mark.usefixtures("secret")
    def test_a_host_that_never_answers(self, proxy: FaultProxy) -> None:
        proxy.fault("databricks:config", Fault.HANG)
        refused = self.refusal(wing(proxy.url))
        assert refused.message == f"Databricks at `{proxy.url}` did not let us sign in within 2 seconds"

    @pytest.mark.usefixtures("secret")
    @pytest.mark.parametrize("operation", ["databricks:oidc", "databricks:token"])
    def test_a_sign_in_that_never_answers(self, proxy: FaultProxy, operation: str) -> None:
        """The SDK would wait for ever: it asks for tokens without a time limit."""
        proxy.fault(operation, Fault.HANG)
        begun = time.monotonic()
        refused = self.refusal(wing(proxy.url))
        assert refused.message == f"Databricks at `{proxy.url}` did not let us sign in within 2 seconds"
        assert time.monotonic() - begun < 10

    @pytest.mark.usefixtures("secret")
    @pytest.mark.parametrize("operation", ["databricks:oidc", "databricks:token"])
    @pytest.mark.parametrize(
        "answer",
        [
            Answer(body=b"<html>"),
            Answer(body=b"[]", headers=(("Content-Type", "application/json"),)),
            Answer(body=b"{}", headers=(("Content-Type", "application/json"),)),
            Answer(status=403, body=b"<html>"),
            Answer(status=500, body=b"no"),
            Answer(status=403, body=b"[]", headers=(("Content-Type", "application/json"),)),
        ],
    )
    def test_a_sign_in_that_answers_nonsense(self, proxy: FaultProxy, operation: str, answer: Answer) -> None:
        proxy.add(Rule(operation=operation, answer=answer))
        refused = self.refusal(wing(proxy.url))
        assert refused.message.startswith(f"Databricks at `{proxy.url}` ")
        if answer.body != b"no":
            assert "did not sign us in: the answer cannot be read as one of Databricks" in refused.message
            assert "HTTPS_PROXY" in refused.help

    @pytest.mark.usefixtures("secret")
    def test_two_methods_at_once(self, api: AccountApi, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABRICKS_TOKEN", stand_in.TOKEN)
        refused = self.refusal(wing(api.url))
        assert "more than one authorization method configured: oauth and pat" in refused.message

    def test_a_profile(self, api: AccountApi, tmp_path: Path) -> None:
        (tmp_path / "databrickscfg").write_text(
            f"[audit]\nhost = {api.url}\naccount_id = {stand_in.ACCOUNT}\n"
            f"client_id = {stand_in.CLIENT_ID}\nclient_secret = {stand_in.CLIENT_SECRET}\n"
        )
        made = wing("", account_id="", profile="audit")
        with reading() as live:
            made.check_credentials(live)
            followed = made.follow(lead("", account_id=""), live)
            (identity,) = made.identities(live)
        assert account(followed).uri == f"databricks://{stand_in.ACCOUNT}"
        assert (identity.label, identity.account) == ("audit", stand_in.ACCOUNT)

    def test_a_profile_that_is_not_there(self, tmp_path: Path) -> None:
        (tmp_path / "databrickscfg").write_text("[other]\nhost = https://example.com\n")
        refused = self.refusal(wing("", account_id="", profile="audit"))
        assert "has no audit profile configured" in refused.message

    def test_everything_from_the_environment(self, api: AccountApi, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABRICKS_HOST", api.url)
        monkeypatch.setenv("DATABRICKS_ACCOUNT_ID", stand_in.ACCOUNT)
        monkeypatch.setenv("DATABRICKS_TOKEN", stand_in.TOKEN)
        with reading() as live:
            made = wing("", account_id="")
            followed = made.follow(lead("", account_id=""), live)
            assert made.identities(live)[0].principal == "pat credentials"
        assert value(account(followed).delivery.enabled) is True

    @pytest.mark.usefixtures("secret")
    def test_a_host_that_publishes_no_metadata(self, proxy: FaultProxy, caplog: pytest.LogCaptureFixture) -> None:
        proxy.add(Rule(operation="databricks:config", answer=Answer(status=404, body=b"{}")))
        followed = follow(proxy.url)
        assert value(account(followed).delivery.enabled) is True
        assert caplog.records == []

    def test_a_token_without_the_role(self, api: AccountApi, monkeypatch: pytest.MonkeyPatch) -> None:
        api.state = AccountState(tokens_without_role=frozenset({NO_ROLE}))
        monkeypatch.setenv("DATABRICKS_TOKEN", NO_ROLE)
        followed = follow(api.url)
        assert reason(account(followed).delivery.enabled) is Reason.DENIED
        assert followed.unlooked[0].unknown.needs == "account admin"

    def test_an_expired_token(self, api: AccountApi, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABRICKS_TOKEN", "expired")
        unknown = follow(api.url).unlooked[0].unknown
        assert (unknown.reason, unknown.detail) == (Reason.DENIED, "UNAUTHENTICATED: Invalid access token")

    def test_a_wrong_account_behind_a_token(self, api: AccountApi, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABRICKS_TOKEN", stand_in.TOKEN)
        followed = follow(api.url, account_id="11111111-2222-4333-8444-555555555555")
        assert reason(account(followed).delivery.enabled) is Reason.NOT_FOUND

    def test_a_profile_that_cannot_be_used_is_a_row_by_its_name(self) -> None:
        with reading() as live:
            followed = wing("", account_id="", profile="audit").follow(lead("", account_id=""), live)
        assert account(followed).uri == "databricks://audit"

    def test_a_run_that_cannot_sign_in_still_has_the_account(self, api: AccountApi) -> None:
        """The scan checks credentials first; should they end later, the row must stay."""
        followed = follow(api.url)
        assert account(followed).uri == f"databricks://{stand_in.ACCOUNT}"
        assert reason(account(followed).delivery.enabled) is Reason.NOT_COLLECTED
        assert len(followed.unlooked) == 2


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("commercial", "https://accounts.cloud.databricks.com"),
        ("govcloud", "https://accounts.cloud.databricks.us"),
        ("dod", "https://accounts-dod.cloud.databricks.mil"),
        ("https://example.com", "https://example.com"),
        ("", ""),
    ],
)
def test_a_partition_stands_for_its_host(given: str, host: str) -> None:
    assert account_host(given) == host


def test_only_accounts_are_for_this_wing() -> None:
    made = DatabricksWing(Settings())
    bucket = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="acme-logs")
    assert made.provider is Provider.DATABRICKS
    assert made.handles(lead("https://example.com").target)
    assert not made.handles(bucket)
    with reading() as live:
        assert made.follow(Lead(target=bucket, found=Found(how="the test")), live) == Followed()


@pytest.mark.usefixtures("secret")
def test_an_account_that_nobody_configured_is_read_all_the_same(api: AccountApi) -> None:
    """A lead may come from elsewhere than the settings."""
    made = DatabricksWing(Settings(), http_timeout_seconds=1, retry_timeout_seconds=1)
    with reading() as live:
        assert value(only_delivery(made.follow(lead(api.url), live)).audit) is True
