"""Azure's own management SDKs: they write requests and follow pages; what is kept is the answer as it came.

Their models are left aside: those of storage take a page without its items for an empty one, those of authorization
drop what they do not know. So is the pipeline that the clients have by default: it registers resource providers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline.policies import ContentDecodePolicy, CustomHookPolicy
from azure.core.pipeline.transport import RequestsTransport

from posture.adapters.azure.ids import subscription_of
from posture.adapters.azure.live.errors import UNPARSEABLE, translated
from posture.adapters.azure.reads import ArmRead, Sdk
from posture.model.facts import Reason
from posture.reading import ReadFailure

Answer = Mapping[str, object]
Judge = Callable[[Any], Answer]  # a response as an answer; raises ReadFailure


class Management:
    """The clients of one cloud, by service, subscription and version; the caller guards against threads."""

    def __init__(
        self,
        base: str,
        credential: TokenCredential,
        policies: Callable[[], list[Any]],
        transport: RequestsTransport,
        judge: Judge,
    ) -> None:
        self._base = base
        self._credential = credential
        self._policies = policies
        self._transport = transport
        self._judge = judge
        self._clients: dict[tuple[Sdk, str, str], Any] = {}

    def operation(self, read: ArmRead, resource_id: str) -> Callable[..., Any]:
        """A read as a call of its SDK, which is named as the REST specification names the operation."""
        group, _, method = read.call.operation.partition(":")[2].partition("_")
        client = self._client(read, subscription_of(resource_id))
        arguments = _arguments(read, resource_id)
        call = getattr(getattr(client, _snake(group)), _snake(method))
        return lambda **options: call(*arguments, **options)

    def get(self, call: Callable[..., Any]) -> Answer:
        """One answer, whatever the SDK's models make of it."""
        kept: list[Answer] = []
        with translated():
            try:
                call(raw_response_hook=lambda response: kept.append(self._judge(response.http_response)))
            except UNPARSEABLE:
                if not kept:
                    raise
        return kept[0]

    def pages(self, call: Callable[..., Any]) -> Iterator[Answer]:
        """The pages; whoever takes them stops before a page that must not be asked for."""
        kept: list[Answer] = []
        with translated():
            pages = call(raw_response_hook=lambda response: kept.append(self._judge(response.http_response))).by_page()
        while True:
            broken = False
            with translated():
                try:
                    next(pages)
                except StopIteration:
                    return
                except UNPARSEABLE:
                    broken = True
                    if not kept:
                        raise
            yield kept.pop()
            if broken:
                words = "the SDK cannot read a page, and so does not know where the next one is"
                raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", words)

    def _client(self, read: ArmRead, subscription: str) -> Any:  # noqa: ANN401 - of one of the SDKs
        sdk = read.sdk
        asked = (sdk, subscription, read.api_version)
        if asked not in self._clients:
            hooked = [ContentDecodePolicy(), CustomHookPolicy(), *self._policies()]
            self._clients[asked] = _KINDS[sdk]()(
                self._credential,
                subscription or "00000000-0000-0000-0000-000000000000",
                base_url=self._base,
                api_version=read.api_version,
                policies=hooked,
                transport=self._transport,
            )
        return self._clients[asked]


def _storage() -> Any:  # noqa: ANN401 - a class of an SDK
    from azure.mgmt.storage import StorageManagementClient  # noqa: PLC0415 - only where an account is read

    return StorageManagementClient


def _authorization() -> Any:  # noqa: ANN401 - as above
    from azure.mgmt.authorization import AuthorizationManagementClient  # noqa: PLC0415 - only where roles are read

    return AuthorizationManagementClient


_KINDS: Mapping[Sdk, Callable[[], Any]] = {Sdk.STORAGE: _storage, Sdk.AUTHORIZATION: _authorization}


def _arguments(read: ArmRead, resource_id: str) -> tuple[str, ...]:
    """A scope whole, else the resource group and the names below it; an account has one blob service only."""
    if read.sdk is Sdk.AUTHORIZATION:
        return (resource_id.strip("/"),)
    _, _, _, *rest = resource_id.split("/")
    if not rest:
        return read.also
    named = zip(rest[4::2], rest[5::2], strict=False)
    return (rest[1], *(name for kind, name in named if kind.lower() != "blobservices"), *read.also)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
