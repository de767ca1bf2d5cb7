"""A stand-in for the Databricks account API: documented shapes, checked requests, every request recorded.

It refuses what the real API refuses (paths, account ids, tokens) and, more strictly, query parameters that an operation
does not document: a permissive stand-in hides a client's mistakes.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

from tests.testbeds.process import base_environment
from tests.testbeds.serving import Handler, Server, serving

Json: TypeAlias = "Mapping[str, Json] | tuple[Json, ...] | list[Json] | str | int | float | bool | None"
Record: TypeAlias = Mapping[str, Json]

ACCOUNT = "449e7a5c-0000-4b8a-aaaf-000000000001"
TOKEN = "dapi-of-the-stand-in"
CLIENT_ID = "7a6b5c4d-0000-4000-8000-00000000c11e"
CLIENT_SECRET = "dose-of-the-stand-in"
_LIFETIME_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What the account holds, as the API's own JSON, and how it pages.

    `page_size` 0 means one page. `empty_page_first` serves a page without configurations that carries a token, which
    the API allows; `repeat_last_page` gives the last page a token for itself. `tokens_without_role` are valid but not
    an account admin's: 403.
    """

    account_id: str = ACCOUNT
    log_delivery: tuple[Record, ...] = ()
    storage_configurations: tuple[Record, ...] = ()
    credentials: tuple[Record, ...] = ()
    workspaces: tuple[Record, ...] = ()
    networks: tuple[Record, ...] = ()
    customer_managed_keys: tuple[Record, ...] = ()
    private_access_settings: tuple[Record, ...] = ()
    vpc_endpoints: tuple[Record, ...] = ()
    metastores: tuple[Record, ...] = ()
    page_size: int = 0
    empty_page_first: bool = False
    repeat_last_page: bool = False
    tokens: frozenset[str] = frozenset({TOKEN})
    tokens_without_role: frozenset[str] = frozenset()
    clients: frozenset[tuple[str, str]] = frozenset({(CLIENT_ID, CLIENT_SECRET)})
    cloud: str = "AWS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived; `headers` are without the token, `path` is whole, with the account id."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status and a JSON body."""

    status: int = 200
    body: Json = None


class RefusedError(Exception):
    """The request is one that the API refuses; carries the documented error body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status=status, body={"error_code": code, "message": message})


@dataclass(kw_only=True)
class AccountApi:
    """A running stand-in; replace `state` at any time, look at `requests` afterwards."""

    url: str
    state: AccountState
    requests: list[Request] = field(default_factory=list)
    issued: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self, state: AccountState | None = None) -> None:
        """Take a new state (an empty account by default) and forget requests and tokens."""
        with self.lock:
            self.state = state or AccountState()
            self.requests.clear()
            self.issued.clear()

    def answer(self, handler: Handler) -> None:
        """Answer one request and record it."""
        parts = urlsplit(handler.path)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        try:
            answer = _route(self, handler, parts.path, dict(query))
        except RefusedError as refused:
            answer = refused.answer
        headers = tuple((name, value) for name, value in handler.headers.items() if name.lower() != "authorization")
        with self.lock:
            self.requests.append(
                Request(method=handler.command, path=parts.path, query=query, headers=headers, status=answer.status)
            )
        handler.send(answer.status, (("Content-Type", "application/json"),), json.dumps(answer.body).encode())

    def change(self, **members: tuple[Record, ...]) -> None:
        """Replace single collections of the state."""
        self.state = replace(self.state, **members)  # type: ignore[arg-type]  # only the collections are passed


@contextmanager
def account_api(state: AccountState | None = None) -> Iterator[AccountApi]:
    """Serve the account API on a free port until the block ends."""
    api = AccountApi(url="", state=state or AccountState())
    server = Server(api.answer)
    api.url = server.url
    with serving(server):
        yield api


def environment(url: str, *, account_id: str = ACCOUNT) -> dict[str, str]:
    """A child's whole environment for the account API at `url`, with OAuth client credentials."""
    return {
        **base_environment(),
        "DATABRICKS_HOST": url,
        "DATABRICKS_ACCOUNT_ID": account_id,
        "DATABRICKS_CLIENT_ID": CLIENT_ID,
        "DATABRICKS_CLIENT_SECRET": CLIENT_SECRET,
        "DATABRICKS_CONFIG_FILE": "/dev/null",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _route(api: AccountApi, handler: Handler, path: str, query: dict[str, str]) -> Answer:
    state, base = api.state, f"http://{handler.headers['Host']}/oidc/accounts"
    sent = handler.body()
    match path.strip("/").split("/"):
        case [".well-known", "databricks-config"]:
            _expect(handler, "GET")
            oidc = f"{base}/{{account_id}}"
            return Answer(body={"oidc_endpoint": oidc, "account_id": state.account_id, "cloud": state.cloud})
        case ["oidc", "accounts", account, ".well-known", "oauth-authorization-server"]:
            _expect(handler, "GET")
            _expect_account(state, account)
            issuer = f"{base}/{account}"
            authorize, token = f"{issuer}/v1/authorize", f"{issuer}/v1/token"
            return Answer(body={"issuer": issuer, "authorization_endpoint": authorize, "token_endpoint": token})
        case ["oidc", "accounts", account, "v1", "token"]:
            _expect(handler, "POST")
            _expect_account(state, account)
            return _issue(api, _basic(handler), dict(parse_qsl(sent.decode())))
        case ["api", "2.0", "accounts", account, collection, *rest] if collection in _COLLECTIONS and len(rest) <= 1:
            _authenticate(api, handler)
            _expect(handler, "GET")
            _expect_account(state, account)
            return _collection(state, collection, rest[0] if rest else None, query)
    raise RefusedError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{handler.command} {path}'")


def _expect(handler: Handler, method: str) -> None:
    if handler.command != method:
        raise RefusedError(405, "BAD_REQUEST", f"Method {handler.command} is not allowed by this stand-in")


def _authenticate(api: AccountApi, handler: Handler) -> None:
    scheme, _, token = (handler.headers.get("Authorization") or "").partition(" ")
    if scheme != "Bearer" or not token:
        message = "Credential was not sent or was of an unsupported type for this API."
        raise RefusedError(401, "UNAUTHENTICATED", message)
    if token in api.state.tokens_without_role:
        raise RefusedError(403, "PERMISSION_DENIED", "This API is only accessible to account admins")
    if token not in api.state.tokens | api.issued:
        raise RefusedError(401, "UNAUTHENTICATED", "Invalid access token.")


def _basic(handler: Handler) -> tuple[str, str]:
    scheme, _, encoded = (handler.headers.get("Authorization") or "").partition(" ")
    client, _, secret = base64.b64decode(encoded).decode().partition(":") if scheme == "Basic" else ("", "", "")
    return client, secret


def _issue(api: AccountApi, client: tuple[str, str], form: dict[str, str]) -> Answer:
    if client not in api.state.clients:
        return _no_token(401, "invalid_client", "Client authentication failed")
    if form.get("grant_type") != "client_credentials":
        return _no_token(400, "unsupported_grant_type", "Only client_credentials is served")
    if form.get("scope") != "all-apis":
        return _no_token(400, "invalid_scope", "Only all-apis is served")
    with api.lock:
        token = f"issued-{len(api.issued)}-to-{client[0]}"
        api.issued.add(token)
    return Answer(
        body={"access_token": token, "token_type": "Bearer", "expires_in": _LIFETIME_SECONDS, "scope": "all-apis"}
    )


def _no_token(status: int, error: str, description: str) -> Answer:
    return Answer(status=status, body={"error": error, "error_description": description})


_COLLECTIONS = {  # path → member of the state, and the member that identifies a record
    "log-delivery": ("log_delivery", "config_id"),
    "storage-configurations": ("storage_configurations", "storage_configuration_id"),
    "credentials": ("credentials", "credentials_id"),
    "workspaces": ("workspaces", "workspace_id"),
    "networks": ("networks", "network_id"),
    "customer-managed-keys": ("customer_managed_keys", "customer_managed_key_id"),
    "private-access-settings": ("private_access_settings", "private_access_settings_id"),
    "vpc-endpoints": ("vpc_endpoints", "vpc_endpoint_id"),
    "metastores": ("metastores", "metastore_id"),
}
_FILTERS = ("status", "credentials_id", "storage_configuration_id")


def _expect_account(state: AccountState, account: str) -> None:
    if account != state.account_id:
        raise RefusedError(404, "NOT_FOUND", f"Account {account} not found")


def _collection(state: AccountState, collection: str, identity: str | None, query: dict[str, str]) -> Answer:
    member, key = _COLLECTIONS[collection]
    records: tuple[Record, ...] = getattr(state, member)
    documented = {"page_token", *_FILTERS} if collection == "log-delivery" and identity is None else set()
    if unknown := sorted(query.keys() - documented):
        raise RefusedError(400, "INVALID_PARAMETER_VALUE", f"Unknown query parameter {unknown[0]}")
    if identity is not None:
        found = next((record for record in records if str(record[key]) == identity), None)
        if found is None:
            raise RefusedError(404, "RESOURCE_DOES_NOT_EXIST", f"{key} {identity} does not exist")
        wrapper = {"log-delivery": "log_delivery_configuration", "metastores": "metastore_info"}.get(collection)
        return Answer(body={wrapper: found} if wrapper else found)
    if collection == "metastores":
        return Answer(body={"metastores": records})
    if collection == "log-delivery":
        return _log_delivery_page(state, query)
    return Answer(body=records)


def _log_delivery_page(state: AccountState, query: dict[str, str]) -> Answer:
    chosen = [
        record
        for record in state.log_delivery
        if all(record.get(name) == query[name] for name in _FILTERS if name in query)
    ]
    size = state.page_size or max(len(chosen), 1)
    pages = [chosen[start : start + size] for start in range(0, len(chosen), size)] or [[]]
    if state.empty_page_first:
        pages.insert(0, [])
    names = [f"page-{number}" for number in range(len(pages))]
    token = query.get("page_token", names[0])
    if token not in names:
        raise RefusedError(400, "INVALID_PARAMETER_VALUE", "Invalid page token")
    number = names.index(token)
    body: dict[str, Json] = {"log_delivery_configurations": tuple(pages[number])}
    if number + 1 < len(pages):
        body["next_page_token"] = names[number + 1]
    elif state.repeat_last_page:
        body["next_page_token"] = names[number]
    return Answer(body=body)
