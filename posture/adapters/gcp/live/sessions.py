"""Credentials and connections of Google's libraries, made when the first call is made."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import google.auth
from google.auth import impersonated_credentials
from google.auth.credentials import Credentials
from google.auth.transport.requests import Request
from google.cloud._http import JSONConnection
from google.cloud.storage.client import Client
from google.cloud.storage.retry import DEFAULT_RETRY

from posture.adapters.gcp.calls import STORAGE, Endpoint
from posture.adapters.gcp.live.errors import translated
from posture.adapters.gcp.live.limits import Limits
from posture.model.facts import Reason
from posture.model.settings import GoogleAccess
from posture.reading import Json, ReadFailure

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"  # as the gcloud command knows them
_HOSTS = {"cloudresourcemanager": "CLOUDRESOURCEMANAGER", "iam": "IAM", "orgpolicy": "ORGPOLICY", "logging": "LOGGING"}
_HOSTS |= {"accesscontextmanager": "ACCESSCONTEXTMANAGER", "storagetransfer": "TRANSFER", "cloudkms": "CLOUDKMS"}
_EXPECTED = frozenset({"kind", "nextPageToken", "totalSize", "etag", "unreachable"})  # beside the items of a list


class _Rest(JSONConnection):
    """Google's JSON APIs beside Cloud Storage, through the same session."""

    API_BASE_URL = ""
    API_VERSION = ""
    API_URL_TEMPLATE = "{api_base_url}{path}"


class Sessions:
    """One identity and its connections; safe to use from all threads."""

    def __init__(self, access: GoogleAccess, limits: Limits) -> None:
        self._access = access
        self._limits = limits
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._retry = DEFAULT_RETRY.with_timeout(limits.retry_seconds).with_delay(maximum=limits.longest_wait)

    def sign_in(self) -> Mapping[str, Json]:
        """Become somebody; the token stays in the session, out of the answer."""
        with translated():
            credentials: Any = self._opened()._credentials  # noqa: SLF001 - the client made them ready
            credentials.refresh(Request())
        principal = getattr(credentials, "service_account_email", "") or getattr(credentials, "account", "")
        return {"principal": principal or "user credentials"}

    def perform(self, endpoint: Endpoint, parameters: Mapping[str, str]) -> Mapping[str, object]:
        """One answer."""
        with translated():
            return self._send(endpoint, parameters, {})

    def pages(self, endpoint: Endpoint, parameters: Mapping[str, str]) -> Iterator[object]:
        """The items of all pages; a page of another shape is no page, and one that comes again ends nothing."""
        token, seen = "", set[str]()
        while True:
            with translated():
                page = self._send(endpoint, parameters, {"pageToken": token} if token else {})
            items = page.get(endpoint.member, [])
            if not isinstance(items, list) or page.keys() - _EXPECTED - {endpoint.member}:
                words = f"the answer is no list of {endpoint.member}; something in between answered in its place"
                raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", words)
            yield from items
            token = str(page.get("nextPageToken") or "")
            if not token:
                return
            if token in seen:
                raise ReadFailure(Reason.MALFORMED, "RepeatedPage", "a page names itself as the next one")
            seen.add(token)

    def _send(self, endpoint: Endpoint, parameters: Mapping[str, str], more: Mapping[str, str]) -> Mapping[str, object]:
        path = endpoint.path.format(**parameters)
        inside = {name for name in parameters if f"{{{name}}}" in endpoint.path}
        rest = {name: value for name, value in parameters.items() if name not in inside} | dict(more)
        timeout = (self._limits.connect_seconds, self._limits.read_seconds)
        body = _body(rest) if endpoint.post else None
        query = None if endpoint.post else rest
        method = "POST" if endpoint.post else "GET"
        client = self._opened()
        if endpoint.service == STORAGE:
            send = client._connection.api_request  # noqa: SLF001 - typed objects hide what was not sent
            answer = send(method, path, query_params=query, timeout=timeout, retry=self._retry)
        else:
            send = self._retry(_rest(client).api_request)
            base = _host(endpoint.service)
            answer = send(method, path, query_params=query, data=body, api_base_url=base, timeout=timeout)
        if not isinstance(answer, Mapping):
            raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", "the answer is no JSON object")
        return answer

    def _opened(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = Client(project="-", credentials=self._credentials())
            return self._client

    def _credentials(self) -> Credentials:
        quota = self._access.quota_project or None
        credentials, _ = google.auth.default(scopes=_SCOPES, quota_project_id=quota)
        if not self._access.impersonate:
            return credentials
        become: Any = impersonated_credentials.Credentials
        impersonated: Credentials = become(
            source_credentials=credentials,
            target_principal=self._access.impersonate,
            target_scopes=list(_SCOPES),
            quota_project_id=quota,
            iam_endpoint_override=_impersonation(self._access.impersonate),
        )
        return impersonated


def _rest(client: Any) -> Any:  # noqa: ANN401 - the library is not typed
    return _Rest(client, client._connection._client_info)  # type: ignore[no-untyped-call] # noqa: SLF001 - as above


def _body(options: Mapping[str, str]) -> dict[str, object]:
    """What a reading POST asks for."""
    if "permissions" in options:
        return {"permissions": options["permissions"].split(",")}
    return {"options": {"requestedPolicyVersion": 3}}


def _host(service: str) -> str:
    override = os.environ.get(f"{_OVERRIDE}{_HOSTS[service]}", "")
    return (override or f"https://{service}.{_universe()}").rstrip("/")


def _impersonation(principal: str) -> str | None:
    override = os.environ.get(f"{_OVERRIDE}IAMCREDENTIALS", "").rstrip("/")
    return f"{override}/v1/projects/-/serviceAccounts/{principal}:generateAccessToken" if override else None


def _universe() -> str:
    return os.environ.get("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "") or "googleapis.com"
