"""Who reads: one identity for all of Google Cloud, tried once, when something is first read."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from posture.adapters.gcp.calls import GET_ROLE, SIGN_IN, Endpoint
from posture.adapters.gcp.live.limits import Limits
from posture.frozen import dataclass
from posture.model.facts import Reason, Source, Unknown
from posture.model.settings import GoogleAccess
from posture.reading import Answer, Pages, Reading

if TYPE_CHECKING:
    from posture.adapters.gcp.live.sessions import Sessions

IDENTITY = "gcp:default"
_CONCERN_US = ("storage.", "cloudkms.cryptoKey", "cloudkms.keyRings", "resourcemanager.", "orgpolicy.")


class Identity:
    """The identity of the settings; Google's libraries are imported when it first makes a call."""

    def __init__(self, access: GoogleAccess, limits: Limits) -> None:
        self._access = access
        self._limits = limits
        self._lock = threading.Lock()
        self._sessions: Sessions | None = None

    @property
    def sessions(self) -> Sessions:
        """The connections; asked for only by a call that is really made."""
        from posture.adapters.gcp.live.sessions import Sessions  # noqa: PLC0415 - it imports Google's libraries

        with self._lock:
            if self._sessions is None:
                self._sessions = Sessions(self._access, self._limits)
            return self._sessions

    def caller(self, reading: Reading) -> Caller:
        """The identity in one reading."""
        blank = Caller(self, reading, None)
        answer = blank.signed_in()
        refused = isinstance(answer, Unknown) and answer.reason is not Reason.NOT_COLLECTED  # else nobody asked at all
        return Caller(self, reading, answer if isinstance(answer, Unknown) and refused else None)


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity in one reading. `refused` says why it cannot be used; then it makes no call at all."""

    identity: Identity
    reading: Reading
    refused: Unknown | None

    def signed_in(self) -> Answer:
        """As whom, or why not."""
        return self.reading.read(SIGN_IN, identity=IDENTITY, resource="", parameters={}, perform=self._sign_in)

    def _sign_in(self) -> Mapping[str, object]:
        return self.identity.sessions.sign_in()  # looked up late: it imports Google's libraries

    def read(self, endpoint: Endpoint, *, resource: str, **parameters: str) -> Answer:
        """One answer. Of a role only the permissions that concern us are kept: some have thousands."""
        if self.refused is not None:
            return self.refused

        def perform() -> Mapping[str, object]:
            answer = self.identity.sessions.perform(endpoint, _safe(parameters))
            return _reduced(answer) if endpoint is GET_ROLE else answer

        return self.reading.read(
            endpoint.call, identity=IDENTITY, resource=resource, parameters=parameters, perform=perform
        )

    def read_all(self, endpoint: Endpoint, *, resource: str, **parameters: str) -> Pages:
        """The items of all pages."""
        if self.refused is not None:
            source = Source(operation=endpoint.call.operation, resource=resource)
            return Pages(items=(), source=source, gap=self.refused)

        def pages() -> Iterator[object]:
            return self.identity.sessions.pages(endpoint, _safe(parameters))

        return self.reading.read_all(
            endpoint.call, identity=IDENTITY, resource=resource, parameters=parameters, pages=pages
        )


def _safe(parameters: Mapping[str, str]) -> Mapping[str, str]:
    """Names as a path takes them: a managed folder's has slashes, which are part of the name."""
    return {name: quote(value, safe="") if name == "folder" else value for name, value in parameters.items()}


def _reduced(role: Mapping[str, object]) -> Mapping[str, object]:
    permissions = role.get("includedPermissions")
    if not isinstance(permissions, list):
        return role
    kept = [name for name in permissions if isinstance(name, str) and name.startswith(_CONCERN_US)]
    return {**role, "includedPermissions": kept}
