import json
import os
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from urllib.error import HTTPError

import pytest
from databricks.sdk import AccountClient
from databricks.sdk.core import Config
from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated
from databricks.sdk.service.billing import LogDeliveryConfigStatus, LogDeliveryConfiguration

from tests.testbeds.databricks import ACCOUNT, CLIENT_ID, CLIENT_SECRET, TOKEN, AccountApi, AccountState
from tests.testbeds.records import attempt, credential, delivered, log_delivery, storage_configuration, workspace

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STATE = AccountState(
    log_delivery=tuple(
        log_delivery(
            f"delivery-{number}",
            storage="logs",
            credentials="writer",
            prefix="audit-logs",
            status="DISABLED" if number % 2 else "ENABLED",
            health=delivered(NOW),
        )
        for number in range(5)
    ),
    storage_configurations=(storage_configuration("logs", "audit-logs"),),
    credentials=(credential("writer", "arn:aws:iam::111111111111:role/writer"),),
    workspaces=(workspace(17, "analytics", storage="root"),),
)


def client(api: AccountApi, *, account: str = ACCOUNT, token: str = TOKEN) -> AccountClient:
    return AccountClient(
        config=Config(
            host=api.url,
            account_id=account,
            token=token,
            auth_type="pat",
            config_file=os.devnull,
            http_timeout_seconds=2,
            retry_timeout_seconds=2,
        )
    )


def ids(found: list[LogDeliveryConfiguration]) -> list[str | None]:
    return [delivery.config_id for delivery in found]


def ask(api: AccountApi, path: str, *, method: str = "GET") -> tuple[int, str]:
    request = urllib.request.Request(api.url + path, method=method, headers={"Authorization": f"Bearer {TOKEN}"})  # noqa: S310 loopback
    with pytest.raises(HTTPError) as refused, urllib.request.urlopen(request, timeout=2):  # noqa: S310 loopback
        pytest.fail("it was answered")
    with refused.value as error:
        return error.code, json.load(error)["error_code"]


@pytest.mark.parametrize(("page_size", "empty_first"), [(0, False), (2, False), (2, True), (1, True)])
def test_all_pages_are_read_whatever_their_size(databricks: AccountApi, page_size: int, *, empty_first: bool) -> None:
    databricks.reset(replace(STATE, page_size=page_size, empty_page_first=empty_first))
    assert ids(list(client(databricks).log_delivery.list())) == [f"delivery-{number}" for number in range(5)]


def test_a_page_that_names_itself_as_the_next_never_ends(databricks: AccountApi) -> None:
    databricks.reset(replace(STATE, repeat_last_page=True))
    found = client(databricks).log_delivery.list()
    assert ids([next(found) for _ in range(11)])[::5] == ["delivery-0", "delivery-0", "delivery-0"]


def test_deliveries_are_filtered_as_asked(databricks: AccountApi) -> None:
    databricks.reset(replace(STATE, page_size=1))
    deliveries = client(databricks).log_delivery
    assert ids(list(deliveries.list(status=LogDeliveryConfigStatus.DISABLED))) == ["delivery-1", "delivery-3"]
    assert ids(list(deliveries.list(credentials_id="another"))) == []
    assert len(ids(list(deliveries.list(storage_configuration_id="logs")))) == 5


def test_one_delivery_and_the_bare_arrays(databricks: AccountApi) -> None:
    databricks.reset(STATE)
    account = client(databricks)
    one = account.log_delivery.get("delivery-3").log_delivery_configuration
    assert one is not None
    assert one.delivery_path_prefix == "audit-logs"
    assert one.log_delivery_status is not None
    assert one.log_delivery_status.last_successful_attempt_time == "2026-11-21T11:40:00Z"
    (storage,) = account.storage.list()
    assert storage.root_bucket_info is not None
    assert storage.root_bucket_info.bucket_name == "audit-logs"
    (writer,) = account.credentials.list()
    assert writer.aws_credentials is not None
    assert writer.aws_credentials.sts_role is not None
    assert writer.aws_credentials.sts_role.role_arn == "arn:aws:iam::111111111111:role/writer"
    assert [workspace.workspace_name for workspace in account.workspaces.list()] == ["analytics"]
    for empty in (account.networks, account.encryption_keys, account.private_access, account.vpc_endpoints):
        assert list(empty.list()) == []
    assert list(account.metastores.list()) == []


def test_an_enum_that_the_sdk_does_not_know_reads_as_none(databricks: AccountApi) -> None:
    strange = log_delivery("new", storage="s", credentials="c", status="PAUSED", health=attempt("DELAYED"))
    databricks.reset(AccountState(log_delivery=(strange,)))
    (found,) = client(databricks).log_delivery.list()
    assert found.status is None
    assert found.log_delivery_status is not None
    assert found.log_delivery_status.status is None


def test_client_credentials_get_a_token_that_works(databricks: AccountApi, caplog: pytest.LogCaptureFixture) -> None:
    databricks.reset(STATE)
    config = Config(
        host=databricks.url,
        account_id=ACCOUNT,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        config_file=os.devnull,
        retry_timeout_seconds=2,
    )
    assert config.auth_type == "oauth-m2m"
    assert len(AccountClient(config=config).workspaces.list()) == 1  # type: ignore[arg-type]  # a list, typed Iterator
    assert [request.path.rpartition(ACCOUNT)[2] for request in databricks.requests] == [
        "/.well-known/databricks-config",
        "/.well-known/oauth-authorization-server",
        "/v1/token",
        "/workspaces",
    ]
    assert not caplog.records


def test_wrong_client_credentials_are_refused(databricks: AccountApi) -> None:
    with pytest.raises(ValueError, match="invalid_client"):
        Config(
            host=databricks.url,
            account_id=ACCOUNT,
            client_id=CLIENT_ID,
            client_secret="wrong",
            config_file=os.devnull,
            retry_timeout_seconds=2,
        ).authenticate()


def test_tokens_and_accounts_are_checked(databricks: AccountApi) -> None:
    databricks.reset(replace(STATE, tokens_without_role=frozenset({"user"})))
    with pytest.raises(Unauthenticated):
        list(client(databricks, token="expired").log_delivery.list())
    with pytest.raises(PermissionDenied):
        list(client(databricks, token="user").log_delivery.list())
    with pytest.raises(NotFound):
        list(client(databricks, account=ACCOUNT.replace("1", "2")).log_delivery.list())


def test_what_the_api_does_not_document_is_refused(databricks: AccountApi) -> None:
    prefix = f"/api/2.0/accounts/{ACCOUNT}"
    assert ask(databricks, f"{prefix}/log-delivery?page_size=5") == (400, "INVALID_PARAMETER_VALUE")
    assert ask(databricks, f"{prefix}/log-delivery?page_token=made-up") == (400, "INVALID_PARAMETER_VALUE")
    assert ask(databricks, f"{prefix}/workspaces?status=RUNNING") == (400, "INVALID_PARAMETER_VALUE")
    assert ask(databricks, f"{prefix}/log-delivery/none") == (404, "RESOURCE_DOES_NOT_EXIST")
    assert ask(databricks, f"{prefix}/log-deliveries") == (404, "ENDPOINT_NOT_FOUND")
    assert ask(databricks, f"{prefix}/log-delivery", method="POST") == (405, "BAD_REQUEST")


def test_requests_are_recorded_without_the_token(databricks: AccountApi) -> None:
    databricks.reset(STATE)
    list(client(databricks).log_delivery.list(status=LogDeliveryConfigStatus.ENABLED))
    last = databricks.requests[-1]
    assert (last.method, last.path) == ("GET", f"/api/2.0/accounts/{ACCOUNT}/log-delivery")
    assert last.query == (("status", "ENABLED"),)
    assert "user-agent" in {name.lower() for name, _ in last.headers}
    assert TOKEN not in repr(databricks.requests)
