"""A stand-in for Azure Resource Manager, Microsoft Graph and the token endpoint of a managed identity.

No emulator serves these. Answers have the shapes of the official examples; requests are checked more strictly than
Azure does: api-version, bearer token and its audience, and query parameters that nobody documents.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from tests.testbeds.databricks import Json, Record
from tests.testbeds.process import base_environment
from tests.testbeds.serving import Handler, Server, serving

TENANT = "11111111-aaaa-4aaa-8aaa-000000000001"
READER = "22222222-bbbb-4bbb-8bbb-000000000002"
MSI_HEADER = "header-of-the-stand-in"
_MANAGEMENT, _STORAGE = "https://management.azure.com", "https://storage.azure.com"
_VERSIONS: Mapping[str, frozenset[str]] = {
    "": frozenset({"2022-12-01"}),
    "microsoft.authorization": frozenset({"2022-04-01", "2020-10-01", "2016-09-01"}),
    "microsoft.databricks": frozenset({"2024-05-01"}),
    "microsoft.eventhub": frozenset({"2024-01-01"}),
    "microsoft.insights": frozenset({"2021-05-01-preview"}),
    "microsoft.keyvault": frozenset({"2023-07-01"}),
    "microsoft.managedservices": frozenset({"2022-10-01"}),
    "microsoft.operationalinsights": frozenset({"2023-09-01"}),
    "microsoft.security": frozenset({"2022-12-01-preview", "2024-01-01"}),
    "microsoft.storage": frozenset({"2025-01-01"}),
}
_QUERY = frozenset({"api-version", "$skipToken", "$expandRegistrationDefinition"})
_GRAPH_QUERY = frozenset({"$select", "$top", "$skipToken"})
_OWN_CODES = {"managementpolicies": "ManagementPolicyNotFound", "roledefinitions": "RoleDefinitionDoesNotExist"}
_SCOPED = ("roleassignments", "denyassignments", "roleeligibilityscheduleinstances", "locks")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmState:
    """Everything by its id, as its own API would answer it; what has a scope is listed at, above and below it.

    `unregistered` are pairs of a subscription and a resource provider that it has not registered; `websites` the names
    of the accounts that serve one; `audience` is whom tokens are for; `stored_policies` are by `account/container`,
    each an id, letters and an end; `directory` the objects of Microsoft Graph by id, and `members` those of groups.
    """

    tenant: str = TENANT
    resources: tuple[Record, ...] = ()
    scoped: tuple[Record, ...] = ()
    directory: Mapping[str, Record] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unregistered: frozenset[tuple[str, str]] = frozenset()
    websites: frozenset[str] = frozenset()
    stored_policies: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    audience: str = _MANAGEMENT
    page_size: int = 2
    repeat_last_page: bool = False


class RefusedError(Exception):
    """A request that Azure refuses, with the documented error body."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.body: Record = {"error": {"code": code, "message": message or f"The stand-in says {code}."}}


@dataclass(kw_only=True)
class Arm:
    """A running stand-in; replace `state` at any time. `requests` are method, path and status, in their order."""

    url: str
    state: ArmState
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self, state: ArmState) -> None:
        """Take a new state, and forget requests."""
        with self.lock:
            self.state = state
            self.requests.clear()

    def answer(self, handler: Handler) -> None:
        """Answer one request and record it."""
        handler.body()
        parts = urlsplit(handler.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        content = "application/json"
        try:
            if query.get("comp") == "properties":
                content, status, body = "application/xml", 200, _blob_service(self.state, handler, parts.path)
            elif query.get("comp") == "acl":
                content, status, body = "application/xml", 200, _container_acl(self.state, handler, parts.path)
            else:
                status, body = 200, json.dumps(_route(self.state, handler, unquote(parts.path), query)).encode()
        except RefusedError as refused:
            status, body = refused.status, json.dumps(refused.body).encode()
        with self.lock:
            self.requests.append((handler.command, parts.path, status))
        handler.send(status, (("Content-Type", content),), body)


@contextmanager
def arm(state: ArmState | None = None) -> Iterator[Arm]:
    """Serve on a free port until the block ends; TLS is for whoever stands before it."""
    peer = Arm(url="", state=state or ArmState())
    server = Server(peer.answer)
    peer.url = server.url
    with serving(server):
        yield peer


def environment(peer: str, certificate: str) -> dict[str, str]:
    """A child's whole environment: a managed identity at `peer`, and trust in the certificate of the bed."""
    return {
        **base_environment(),
        "IDENTITY_ENDPOINT": f"{peer}/msi/token",
        "IDENTITY_HEADER": MSI_HEADER,
        "REQUESTS_CA_BUNDLE": certificate,
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _route(state: ArmState, handler: Handler, path: str, query: dict[str, str]) -> Json:
    if handler.command != "GET":
        raise RefusedError(405, "MethodNotAllowed")
    if path == "/msi/token":
        return _token(state, handler, query)
    if path.startswith("/v1.0/"):
        _authenticate(handler, f"{_own_url(handler)}")
        return _directory(state, handler, path, query)
    _authenticate(handler, state.audience)
    return _managed(state, handler, path.rstrip("/"), query)


def _token(state: ArmState, handler: Handler, query: dict[str, str]) -> Json:
    if handler.headers.get("X-IDENTITY-HEADER") != MSI_HEADER:
        raise RefusedError(401, "Unauthorized")
    expires = int(time.time()) + 3600
    claims = {
        "aud": query.get("resource", ""),
        "iss": f"https://sts.windows.net/{state.tenant}/",
        "tid": state.tenant,
        "oid": READER,
        "appid": READER,
        "iat": expires - 7200,
        "nbf": expires - 7200,
        "exp": expires,
    }
    token = ".".join(_segment(each) for each in ({"alg": "none", "typ": "JWT"}, claims)) + "."
    return {
        "access_token": token,
        "expires_on": str(expires),
        "resource": str(claims["aud"]),
        "token_type": "Bearer",
        "client_id": READER,
    }


def _segment(value: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _authenticate(handler: Handler, audience: str) -> None:
    scheme, _, token = (handler.headers.get("Authorization") or "").partition(" ")
    if scheme != "Bearer" or token.count(".") != 2:
        raise RefusedError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if claims["aud"].rstrip("/") != audience or claims["exp"] < time.time():
        raise RefusedError(401, "InvalidAuthenticationToken", f"The access token is for {claims['aud']}.")


def _own_url(handler: Handler) -> str:
    return f"https://{handler.headers['Host']}"


def _managed(state: ArmState, handler: Handler, path: str, query: dict[str, str]) -> Json:
    lowered = path.lower()
    provider = next(iter(re.findall(r"/providers/([^/]+)", lowered)[-1:]), "")
    _check_query(query, _QUERY)
    version = query.get("api-version")
    if version is None:
        raise RefusedError(400, "MissingApiVersionParameter", "The api-version query parameter is required.")
    if version not in _VERSIONS.get(provider, frozenset()):
        raise RefusedError(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.")
    subscription = lowered.split("/")[2] if lowered.startswith("/subscriptions/") else ""
    if (subscription, provider) in state.unregistered:
        raise RefusedError(409, "MissingSubscriptionRegistration")
    byid = {str(each["id"]).lower(): each for each in state.resources}
    if _is_collection(lowered):
        return _page(state, handler, path, query, _listed(state, byid, lowered))
    if lowered not in byid:
        kind = lowered.rpartition("/")[0].rpartition("/")[2]
        raise RefusedError(404, _OWN_CODES.get(kind, "ResourceNotFound"), f"The Resource '{path}' was not found.")
    return byid[lowered]


def _check_query(query: Mapping[str, str], documented: frozenset[str]) -> None:
    if unknown := sorted(query.keys() - documented):
        raise RefusedError(400, "InvalidQueryParameter", f"Unknown query parameter {unknown[0]}")


def _is_collection(path: str) -> bool:
    """After a provider come type and name by turns; a type at the end is a collection."""
    _, mark, after = path.rpartition("/providers/")
    return len(after.split("/")) % 2 == 0 if mark else path == "/subscriptions"


def _listed(state: ArmState, byid: Mapping[str, Record], path: str) -> list[Record]:
    owner, _, rest = path.rpartition("/providers/")
    kind = rest.rpartition("/")[2]
    if path == "/subscriptions":
        return [each for identity, each in byid.items() if identity.count("/") == 2]
    parent = owner if rest.count("/") == 1 else path.rpartition("/")[0]
    if parent not in byid:
        raise RefusedError(404, "ResourceNotFound", f"The Resource '{parent}' was not found.")
    if kind in _SCOPED:
        return [each for each in state.scoped if _kind_of(each) == kind and _touches(each, owner, kind)]
    if owner.count("/") == 2 and rest.count("/") == 1:
        found = re.compile(rf"{re.escape(owner)}(/resourcegroups/[^/]+)?/providers/{re.escape(rest)}/[^/]+")
        return [each for identity, each in byid.items() if found.fullmatch(identity)]
    return [each for identity, each in byid.items() if re.fullmatch(rf"{re.escape(path)}/[^/]+", identity)]


def _kind_of(record: Record) -> str:
    return str(record["id"]).lower().rpartition("/")[0].rpartition("/")[2]


def _touches(record: Record, resource: str, kind: str) -> bool:
    scope = str(record["id"]).lower().partition("/providers/microsoft.authorization/")[0]
    above = resource == scope or resource.startswith(f"{scope}/") or scope.startswith("/providers/")
    return above or (kind != "locks" and scope.startswith(f"{resource}/"))


def _page(state: ArmState, handler: Handler, path: str, query: dict[str, str], items: list[Record]) -> Json:
    start = int(query.get("$skipToken", "0"))
    end = start + state.page_size
    body: dict[str, Json] = {"value": tuple(items[start:end])}
    if end < len(items) or (state.repeat_last_page and items):
        after = {**query, "$skipToken": str(end if end < len(items) else start)}
        body["nextLink"] = f"{_own_url(handler)}{path}?{urlencode(after)}"
    return body


def _directory(state: ArmState, handler: Handler, path: str, query: dict[str, str]) -> Json:
    _check_query(query, _GRAPH_QUERY)
    _, _, kind, identity, *rest = path.split("/")
    if kind == "groups" and rest == ["transitiveMembers"] and identity in state.members:
        members: list[Record] = [{**state.directory[each], "id": each} for each in state.members.get(identity, ())]
        page = _page(state, handler, path, query, members)
        assert isinstance(page, dict)
        return {"value": page["value"], **({"@odata.nextLink": page["nextLink"]} if "nextLink" in page else {})}
    wanted = {"users": "#microsoft.graph.user", "servicePrincipals": "#microsoft.graph.servicePrincipal"}.get(kind)
    found = state.directory.get(identity)
    if found is None or found.get("@odata.type") != wanted:
        raise RefusedError(404, "Request_ResourceNotFound", f"Resource '{identity}' does not exist.")
    return {**found, "id": identity}


def _blob_service(state: ArmState, handler: Handler, path: str) -> bytes:
    _authenticate(handler, _STORAGE)
    served = "true" if path.strip("/") in state.websites else "false"
    return (
        f"<StorageServiceProperties><StaticWebsite><Enabled>{served}</Enabled></StaticWebsite>"
        "</StorageServiceProperties>"
    ).encode()


def _container_acl(state: ArmState, handler: Handler, path: str) -> bytes:
    _authenticate(handler, _STORAGE)
    kept = state.stored_policies.get(path.strip("/"), ())
    return f"<SignedIdentifiers>{''.join(_identifier(*each) for each in kept)}</SignedIdentifiers>".encode()


def _identifier(identity: str, letters: str, end: str) -> str:
    """What a policy leaves to each token is not written."""
    told = {"Expiry": end, "Permission": letters}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in told.items() if value)
    return f"<SignedIdentifier><Id>{identity}</Id><AccessPolicy>{inner}</AccessPolicy></SignedIdentifier>"
