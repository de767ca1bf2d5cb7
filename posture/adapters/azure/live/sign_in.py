"""As whom Azure is read: the SDK's chain of credentials, and tokens of it."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from azure.core.credentials import AccessToken
from azure.identity import DefaultAzureCredential

from posture.adapters.azure.cloud import Cloud
from posture.model.settings import AzureAccess

_EARLY = 300  # seconds before its end a token is asked for anew, as azure-core does


class Chain(Protocol):
    """Whatever gives tokens."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - as the SDK declares it
        """A token for the scopes."""


def chain_of(access: AzureAccess, cloud: Cloud) -> Chain:
    """The chain that the settings describe; nobody is asked to sign in by a browser."""
    options: dict[str, Any] = {"managed_identity_client_id": access.client_id} if access.client_id else {}
    if access.cloud != "public":
        options["authority"] = cloud.authority
    return DefaultAzureCredential(
        additionally_allowed_tenants=[access.tenant] if access.tenant else [],
        exclude_interactive_browser_credential=True,
        **options,
    )


class InTenant:
    """A chain, asked for tokens of the tenant that the configuration names, and once for each until it ends.

    Not every credential keeps its tokens: that of the Azure CLI runs `az` for each, and each account has a client.
    """

    def __init__(self, chain: Chain, tenant: str) -> None:
        self._chain = chain
        self._tenant = tenant
        self._lock = threading.Lock()
        self._tokens: dict[tuple[object, ...], AccessToken] = {}

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - as the SDK declares it
        """A token; one that was turned away, which comes with claims, is made anew."""
        if self._tenant:
            options.setdefault("tenant_id", self._tenant)
        asked = (scopes, *sorted(options.items()))
        with self._lock:
            kept = self._tokens.get(asked)
            if kept is None or kept.expires_on - time.time() < _EARLY or options.get("claims"):
                kept = self._tokens[asked] = self._chain.get_token(*scopes, **options)
            return kept
