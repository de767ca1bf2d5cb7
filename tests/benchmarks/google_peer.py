"""Google's APIs for the benches: a project of buckets, and the further reads that Prowler makes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.testbeds.google import Bucket, GoogleState, Json, Record, RefusedError, served
from tests.testbeds.google_estate import (
    DOMAIN,
    LOGS,
    LOGS_ID,
    ORGANISATION,
    archive,
    documented,
    good_state,
    neglected,
)
from tests.testbeds.google_hosts import google_hosts
from tests.testbeds.serving import Handler

_PROJECT: Record = {
    "projectId": LOGS_ID,
    "projectNumber": LOGS,
    "name": LOGS_ID,
    "lifecycleState": "ACTIVE",
    "createTime": "2026-01-01T00:00:00Z",
}
_ADDED = frozenset({"alt", "prettyPrint"})  # by Google's older client, to every query


@dataclass
class GooglePeer:
    """A running peer that counts the requests it has answered."""

    state: GoogleState
    environment: Mapping[str, str] = field(default_factory=dict)
    answered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def requests(self) -> Mapping[str, int]:
        """All requests so far."""
        return {"requests": self.answered}

    def answer(self, handler: Handler) -> None:
        """Answer whoever asks; who it is makes no difference here."""
        with self.lock:
            self.answered += 1
        sent, parts = handler.body(), urlsplit(handler.path)
        query = {name: value for name, value in parse_qsl(parts.query) if name not in _ADDED}
        try:
            status, body = 200, self._answered(handler, unquote(parts.path), query, sent)
        except RefusedError as refused:
            status, body = refused.status, refused.body
        handler.send(status, (("Content-Type", "application/json"),), json.dumps(body).encode())

    def _answered(self, handler: Handler, path: str, query: dict[str, str], sent: bytes) -> Json:
        if path == "/token":
            return {"access_token": "t", "token_type": "Bearer", "expires_in": 3600}
        service = (handler.headers.get("Host") or "").partition(".")[0]
        if (found := self._for_prowler(service, path)) is not None:
            return found
        return served(self.state, handler.command, path, query, json.loads(sent) if sent else {})

    def _for_prowler(self, service: str, path: str) -> Json:
        match service, path:
            case "storage", "/storage/v1/b":
                buckets = self.state.buckets.items()
                return {"items": tuple({"id": name, "name": name, **bucket.metadata} for name, bucket in buckets)}
            case "serviceusage", _:
                return {"name": path, "state": "ENABLED"}
            case "cloudresourcemanager", "/v1/projects":
                return {"projects": (_PROJECT,)}
            case "cloudresourcemanager", "/v1/organizations:search":
                return {"organizations": ({"name": ORGANISATION, "displayName": DOMAIN},)}
            case "cloudresourcemanager", str() if path == f"/v1/projects/{LOGS_ID}":
                return _PROJECT
            case "cloudresourcemanager", str() if path == f"/v1/projects/{LOGS_ID}:getIamPolicy":
                return self.state.nodes[f"projects/{LOGS}"].policy
            case "logging", str() if path.endswith("/metrics"):
                return {"metrics": ()}
            case _:
                return None


@contextmanager
def google_peer(count: int, folder: Path) -> Iterator[GooglePeer]:
    """A project with so many buckets, well kept, as documented and neglected in turn."""
    peer = GooglePeer(replace(good_state(), buckets=dict(_buckets(count))))
    with google_hosts(peer.answer, folder) as environment:
        peer.environment = environment
        yield peer


def _buckets(count: int) -> Iterator[tuple[str, Bucket]]:
    for number, bucket in enumerate(islice(cycle((archive(), documented(), neglected())), count)):
        yield f"bench-audit-logs-{number:04}", replace(bucket, metadata={**bucket.metadata, "projectNumber": LOGS})
