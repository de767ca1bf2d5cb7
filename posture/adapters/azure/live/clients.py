"""The SDK's credential and pipelines: made when a call is really made, and shared by all threads of a run."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from azure.core import PipelineClient
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    HeadersPolicy,
    RedirectPolicy,
    RetryPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from requests import Session
from requests.adapters import HTTPAdapter

from posture.adapters.azure.cloud import Cloud
from posture.adapters.azure.live.errors import refusal, translated
from posture.adapters.azure.live.limits import Limits
from posture.adapters.azure.live.sign_in import InTenant, chain_of
from posture.adapters.azure.reads import ArmRead, Sdk
from posture.model.facts import Reason
from posture.model.settings import AzureAccess
from posture.reading import ReadFailure

if TYPE_CHECKING:
    from posture.adapters.azure.live.blobs import BlobService
    from posture.adapters.azure.live.management import Management


class Clients:
    """One credential, and one pipeline for each API."""

    def __init__(self, access: AzureAccess, cloud: Cloud, limits: Limits, *, connections: int) -> None:
        self._access = access
        self._cloud = cloud
        self._limits = limits
        self._lock = threading.Lock()
        self._credential: InTenant | None = None
        self._pipelines: dict[tuple[str, str], PipelineClient[Any, Any]] = {}
        self._managing: Management | None = None
        self._transport = _transport(limits, connections)
        logging.getLogger("azure").addHandler(logging.NullHandler())  # else its warnings go to standard error

    def claims(self) -> Mapping[str, str]:
        """Who signs in: the tenant and the object id in the token for Azure Resource Manager, and a name for people."""
        with translated():
            token = self.credential().get_token(self._cloud.scope).token
            body = token.split(".")[1]
            told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        name = next((told[key] for key in ("upn", "unique_name", "appid") if told.get(key)), "")
        return {"tenant": str(told.get("tid", "")), "object": str(told.get("oid", "")), "name": str(name)}

    def resource(self, read: ArmRead, resource_id: str) -> Mapping[str, object]:
        """One answer of Azure Resource Manager."""
        cloud = self._cloud
        if read.sdk is Sdk.NONE:
            return self.get(cloud.resource_manager, cloud.scope, f"{resource_id}{read.suffix}", _query(read))
        return self._management().get(self._operation(read, resource_id))

    def resources(self, read: ArmRead, resource_id: str) -> Iterator[object]:
        """The items of all pages of a listing of Azure Resource Manager."""
        cloud = self._cloud
        if read.sdk is Sdk.NONE:
            return self.pages(cloud.resource_manager, cloud.scope, f"{resource_id}{read.suffix}", _query(read))
        pages = self._management().pages(self._operation(read, resource_id))
        return self._items(cloud.resource_manager, lambda _: next(pages, {}), "")

    def get(self, base: str, scope: str, path: str, query: Mapping[str, str]) -> Mapping[str, object]:
        """One answer, which is an object."""
        address = f"{base}{path}?{urlencode(query, safe='$,()')}" if query else f"{base}{path}"
        return self._sent(base, scope, address)

    def pages(self, base: str, scope: str, path: str, query: Mapping[str, str]) -> Iterator[object]:
        """The items of all pages."""
        first = f"{base}{path}?{urlencode(query, safe='$,()')}"
        return self._items(base, lambda address: self._sent(base, scope, address), first)

    def _items(self, base: str, page_at: Callable[[str], Mapping[str, object]], address: str) -> Iterator[object]:
        """A page without `value` is no page, and a link that came before would never end."""
        seen = set[str]()
        ends = time.monotonic() + self._limits.listing_seconds
        while time.monotonic() < ends:
            seen.add(address)
            page = page_at(address)
            items = page.get("value")
            if not isinstance(items, list):
                words = "the answer lacks value; something between us and the provider answered in its place"
                raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", words)
            yield from items
            link = page.get("nextLink") or page.get("@odata.nextLink")
            if not link:
                return
            address = self._next(base, link, seen)
        raise ReadFailure(Reason.TIMEOUT, "Timeout", "the listing has more pages than the time limit allows")

    def blobs(self, endpoint: str) -> BlobService:
        """The data plane of one account."""
        from posture.adapters.azure.live.blobs import BlobService  # noqa: PLC0415 - a second of imports

        return BlobService(endpoint, self.credential(), self._transport, self._limits)

    def credential(self) -> InTenant:
        """As whom everything is read."""
        with self._lock:
            if self._credential is None:
                self._credential = InTenant(chain_of(self._access, self._cloud), self._access.tenant)
            return self._credential

    def _sent(self, base: str, scope: str, address: str) -> Mapping[str, object]:
        with translated():
            return _answer(self._pipeline(base, scope).send_request(HttpRequest("GET", address)))

    def _operation(self, read: ArmRead, resource_id: str) -> Callable[..., Any]:
        """The SDKs are imported and their clients made one after the other."""
        management = self._management()
        with translated(), self._lock:
            return management.operation(read, resource_id)

    def _management(self) -> Management:
        from posture.adapters.azure.live.management import Management  # noqa: PLC0415 - only where an SDK is asked

        credential, cloud = self.credential(), self._cloud
        with self._lock:
            if self._managing is None:
                self._managing = Management(
                    cloud.resource_manager,
                    credential,
                    lambda: self._policies(credential, cloud.scope),
                    self._transport,
                    _answer,
                )
            return self._managing

    def _next(self, base: str, link: object, seen: set[str]) -> str:
        """A link leads to the host that was asked, or the token would go elsewhere; and to a page that was not read."""
        if not isinstance(link, str) or urlsplit(link)[:2] != urlsplit(base)[:2]:
            raise ReadFailure(Reason.MALFORMED, "UnexpectedLink", "the next page lies on another host")
        if link in seen:
            raise ReadFailure(Reason.MALFORMED, "PageRepeated", "the listing leads back to a page that was read")
        return link

    def _pipeline(self, base: str, scope: str) -> PipelineClient[Any, Any]:
        credential = self.credential()
        with self._lock:
            if (base, scope) not in self._pipelines:
                policies = self._policies(credential, scope)
                self._pipelines[base, scope] = PipelineClient(
                    base_url=base, policies=policies, transport=self._transport
                )
            return self._pipelines[base, scope]

    def _policies(self, credential: InTenant, scope: str) -> list[Any]:
        return [
            HeadersPolicy({"Accept": "application/json"}),
            UserAgentPolicy("audit-log-posture"),
            RedirectPolicy(permit_redirects=False),
            _Retry(self._limits),
            BearerTokenCredentialPolicy(credential, scope),
        ]


class _Retry(RetryPolicy[Any, Any]):
    """The SDK's own retries, but for a pause that would outlast the time a target has."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(
            retry_total=limits.attempts - 1, retry_backoff_factor=0.5, retry_backoff_max=limits.pause_seconds
        )
        self._longest = limits.pause_seconds

    def is_retry(self, settings: dict[str, Any], response: Any) -> bool:  # noqa: ANN401 - as the SDK declares it
        """Whether to ask again."""
        return (self.get_retry_after(response) or 0) <= self._longest and super().is_retry(settings, response)


def _transport(limits: Limits, connections: int) -> RequestsTransport:
    """One for all, so that few connections are open however many accounts there are.

    A session of its own has room for ten to a host, and warns on standard error about the eleventh.
    """
    session = Session()
    session.mount("https://", HTTPAdapter(pool_maxsize=connections, max_retries=0))
    return RequestsTransport(
        session=session, connection_timeout=limits.connect_seconds, read_timeout=limits.read_seconds
    )


def _answer(response: Any) -> Mapping[str, object]:  # noqa: ANN401 - of either generation of azure-core
    """What came, which is an object; or the failure that it tells of."""
    body = response.text()
    if response.status_code != 200:  # noqa: PLR2004 - a GET has no other success
        raise refusal(response.status_code, body)
    answer = json.loads(body)
    if not isinstance(answer, dict):
        raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", "the answer is not an object")
    return answer


def _query(read: ArmRead) -> Mapping[str, str]:
    return {"api-version": read.api_version, **dict(read.query)}
