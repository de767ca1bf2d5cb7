"""The data plane of one storage account, by its own SDK: what Azure Resource Manager does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobServiceClient, ExponentialRetry

from posture.adapters.azure.live.errors import translated
from posture.adapters.azure.live.limits import Limits
from posture.model.facts import Reason
from posture.reading import ReadFailure

_POLICIES = b"SignedIdentifiers"


class BlobService:
    """Reads configuration only, never a blob."""

    def __init__(
        self, endpoint: str, credential: TokenCredential, transport: RequestsTransport, limits: Limits
    ) -> None:
        retry = ExponentialRetry(
            initial_backoff=1, increment_base=2, retry_total=limits.attempts - 1, random_jitter_range=1
        )
        self._client = BlobServiceClient(endpoint, credential=credential, retry_policy=retry, transport=transport)

    def website(self) -> Mapping[str, object]:
        """Whether it serves a static website."""
        with translated():
            properties = self._client.get_service_properties()
            return {"static_website": bool(properties["static_website"].enabled)}

    def acl(self, container: str) -> Mapping[str, object]:
        """The stored access policies of a container, with members as the REST API spells them."""
        with translated():
            client = self._client.get_container_client(container)
            found = client.get_container_access_policy(raw_response_hook=_looks_like_policies)
            return {"identifiers": [_identifier(each) for each in found["signed_identifiers"]]}


def _looks_like_policies(response: Any) -> None:  # noqa: ANN401 - as the SDK gives it
    """The SDK takes any other document for a container without policies."""
    answer = response.http_response
    if answer.status_code == 200 and _POLICIES not in answer.body():  # noqa: PLR2004 - success; failures are the SDK's
        words = "the answer lacks SignedIdentifiers; something between us and the provider answered in its place"
        raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", words)


def _identifier(signed: Any) -> Mapping[str, object]:  # noqa: ANN401 - a model that the SDK does not make public
    """Empty is left to each token."""
    policy = signed.access_policy
    told = {"Permission": policy.permission, "Start": policy.start, "Expiry": policy.expiry} if policy else {}
    return {"Id": signed.id, **{name: value or "" for name, value in told.items()}}
