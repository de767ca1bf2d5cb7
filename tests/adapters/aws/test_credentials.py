"""Who can be asked as, told before anything is read."""

from __future__ import annotations

import socket

import pytest

from posture.adapters.aws.wing import AwsWing
from posture.errors import CredentialError
from posture.model.contributions import StoreContribution
from posture.model.facts import Unknown
from posture.model.settings import AwsAccess, Settings
from tests.adapters.aws.live import QUICK, environment, reading, role
from tests.adapters.aws.recorded import lead, store
from tests.testbeds.broken import Answer, Fault
from tests.testbeds.faults import FaultProxy, Rule

pytestmark = pytest.mark.peers


def check(settings: Settings | None = None) -> None:
    with reading() as once:
        AwsWing(settings or Settings(), limits=QUICK).check_credentials(once)


def refused(settings: Settings | None = None) -> CredentialError:
    with pytest.raises(CredentialError) as caught:
        check(settings)
    return caught.value


@pytest.fixture(autouse=True)
def _as_the_default_identity(monkeypatch: pytest.MonkeyPatch, aws_proxy: FaultProxy) -> None:
    environment(monkeypatch, aws_proxy.url)


def test_good_credentials_cost_one_call(aws_proxy: FaultProxy) -> None:
    check()
    assert [call.operation for call in aws_proxy.calls] == ["sts:GetCallerIdentity"]


def test_none_at_all(monkeypatch: pytest.MonkeyPatch, aws_proxy: FaultProxy) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = refused()
    assert error.message == "no usable credentials for AWS: NoCredentials: Unable to locate credentials"
    assert "AWS_PROFILE" in error.help
    assert aws_proxy.calls == []


def test_expired(aws_proxy: FaultProxy) -> None:
    body = b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>the token is old</Message></Error></ErrorResponse>"
    aws_proxy.add(Rule(operation="sts:GetCallerIdentity", answer=Answer(status=403, body=body)))
    assert refused().message == "no usable credentials for AWS: ExpiredToken: the token is old"


def test_a_profile_that_is_not_there() -> None:
    assert "nobody" in refused(Settings(aws_profile="nobody")).message


def test_a_role_needs_the_default_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "NoCredentials" in refused(Settings(accounts=(role("222222222222"),))).message


def test_nobody_assumes_no_role(monkeypatch: pytest.MonkeyPatch, aws_proxy: FaultProxy) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    wing = AwsWing(Settings(accounts=(role("222222222222"),)), limits=QUICK)
    with reading() as once:
        (seen,) = wing.follow(lead(store("", "any-logs"), account="222222222222"), once).contributions
        assert [call.operation for call in once.kept()] == ["sts:GetCallerIdentity"]
        assert [one.principal for one in wing.identities(once)] == [""]
    assert isinstance(seen, StoreContribution)
    assert isinstance(seen.encrypted, Unknown)
    assert seen.encrypted.detail == "NoCredentials: Unable to locate credentials"
    assert aws_proxy.calls == []


def test_a_profile_of_its_own_account_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    check(Settings(accounts=(AwsAccess(account="222222222222", profile="archive"),)))


def test_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment(monkeypatch, f"http://127.0.0.1:{port}")
    error = refused()
    assert error.message.startswith("cannot reach AWS: EndpointConnection")
    assert "AWS_ENDPOINT_URL" in error.help


@pytest.mark.parametrize("fault", [Fault.DENIED, Fault.FAILED, Fault.WRONG_SHAPE, Fault.RESET, Fault.HALF])
def test_an_answer_that_says_nothing_of_credentials_stops_nothing(aws_proxy: FaultProxy, fault: Fault) -> None:
    rule = aws_proxy.fault("sts:GetCallerIdentity", fault)
    check()
    assert rule.met == 1
