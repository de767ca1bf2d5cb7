"""A stand-in for Google's APIs: documented shapes, checked requests, every request recorded.

It serves what posture may read and nothing else, refuses what the real APIs refuse, and, more strictly, parameters that
an operation does not document: a permissive stand-in hides a client's mistakes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.testbeds.google_roles import ROLES
from tests.testbeds.process import base_environment
from tests.testbeds.serving import Handler, Server, serving

Json: TypeAlias = "Mapping[str, Json] | tuple[Json, ...] | list[Json] | str | int | float | bool | None"
Record: TypeAlias = Mapping[str, Json]

REFRESH = "a refresh token that is not revoked"
READER = "posture-reader@acme-security.iam.gserviceaccount.com"
SERVICES = (
    "ACCESSCONTEXTMANAGER",
    "CLOUDRESOURCEMANAGER",
    "IAM",
    "ORGPOLICY",
    "LOGGING",
    "TRANSFER",
    "CLOUDKMS",
    "IAMCREDENTIALS",
)
EMPTY: Record = {"version": 1, "etag": "CAE="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket: its metadata, its policy, its lists, its managed folders with theirs, whom it notifies."""

    metadata: Record
    policy: Record = field(default_factory=lambda: EMPTY)
    acl: tuple[Record, ...] = ()
    default_acl: tuple[Record, ...] = ()
    folders: Mapping[str, Record] = field(default_factory=dict)
    notifications: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A project (by number), folder or organisation; one that is hidden answers 403, as do those that do not exist."""

    record: Record
    policy: Record = field(default_factory=lambda: EMPTY)
    denials: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)  # rules by the name of their policy
    sinks: tuple[Record, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of Cloud KMS."""

    record: Record
    versions: tuple[Record, ...] = ()
    policy: Record = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleState:
    """Everything that the APIs know. Nodes are by `projects/1`, `folders/2`, `organizations/3`."""

    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: ROLES)
    constraints: Mapping[tuple[str, str], tuple[Record, ...]] = field(default_factory=dict)  # by number and name
    hmac_keys: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)  # by number
    transfers: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)  # by project id
    keys: Mapping[str, Key] = field(default_factory=dict)
    rings: Mapping[str, Record] = field(default_factory=dict)
    perimeters: tuple[Record, ...] = ()  # of the one access policy of every organisation
    impersonable: frozenset[str] = frozenset()  # service accounts as which whoever signed in may read
    shows_filters: bool = True  # the reader may see the IP filters of buckets
    shows_all: bool = True  # the reader sees every project of every organisation
    page_size: int = 0  # 0: one page


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int


class RefusedError(Exception):
    """The request is one that Google refuses."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {
            "error": {
                "code": status,
                "message": message,
                "status": {403: "PERMISSION_DENIED", 404: "NOT_FOUND", 401: "UNAUTHENTICATED"}.get(status, reason),
                "errors": [{"domain": "global", "reason": reason, "message": message}],
            }
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request in its parts."""

    method: str
    query: dict[str, str]
    body: Record

    def allows(self, *names: str) -> None:
        if unknown := sorted(self.query.keys() - {"prettyPrint", *names}):
            raise RefusedError(400, "invalidParameter", f"Unknown query parameter {unknown[0]}")

    def gets(self) -> None:
        if self.method != "GET":
            raise RefusedError(405, "methodNotAllowed", f"{self.method} is not served")


@dataclass(kw_only=True)
class GoogleApi:
    """A running stand-in; replace `state` at any time, look at `requests` afterwards."""

    url: str
    state: GoogleState
    requests: list[Request] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    made: int = 0  # tokens
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self, state: GoogleState | None = None) -> None:
        """Take a new state (nothing at all by default) and forget the requests."""
        with self.lock:
            self.state = state or GoogleState()
            self.requests.clear()

    def answer(self, handler: Handler) -> None:
        """Answer one request and record it."""
        parts = urlsplit(handler.path)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        sent = handler.body()
        status = 200
        try:
            body: Json = self._answered(handler, parts.path, dict(query), sent)
        except RefusedError as refused:
            status, body = refused.status, refused.body
        with self.lock:
            self.requests.append(Request(method=handler.command, path=parts.path, query=query, status=status))
        handler.send(status, (("Content-Type", "application/json"),), json.dumps(body).encode())

    def _answered(self, handler: Handler, path: str, query: dict[str, str], sent: bytes) -> Json:
        if path == "/token":
            return self._token(handler, dict(parse_qsl(sent.decode())))
        scheme, _, token = (handler.headers.get("Authorization") or "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            raise RefusedError(401, "authError", "Invalid Credentials")
        body: Record = json.loads(sent) if sent else {}
        if path.endswith(":generateAccessToken"):
            return self._impersonated(path, body)
        return served(self.state, handler.command, path, query, body)

    def _token(self, handler: Handler, form: dict[str, str]) -> Json:
        grant = form.get("grant_type")
        signed = grant == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        if handler.command != "POST" or not (signed or form.get("refresh_token") == REFRESH):
            raise RefusedError(400, "invalid_grant", "only signed assertions are taken, and one refresh token")
        return {"access_token": self._new_token(), "token_type": "Bearer", "expires_in": 3600}

    def _impersonated(self, path: str, body: Record) -> Json:
        """A token of another account, for whoever has signed in; only the accounts of the state may be had so."""
        account = unquote(path).partition("/serviceAccounts/")[2].partition(":")[0]
        if "scope" not in body or account not in self.state.impersonable:
            words = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
            raise RefusedError(403, "IAM_PERMISSION_DENIED", words)
        return {"accessToken": self._new_token(), "expireTime": "2100-01-01T00:00:00Z"}

    def _new_token(self) -> str:
        with self.lock:
            self.made += 1
            token = f"token-{self.made}"
            self.tokens.add(token)
        return token

    def expire(self) -> None:
        """Take no token any more that was made so far."""
        with self.lock:
            self.tokens.clear()


def served(state: GoogleState, method: str, path: str, query: dict[str, str], body: Record) -> Json:
    """The answer to one request of somebody who has signed in. Raises RefusedError."""
    plain = unquote(path)
    for pattern, serve in _ROUTES:
        if match := pattern.fullmatch(plain):
            return serve(state, _Asked(method, query, body), *match.groups())
    raise RefusedError(404, "notFound", f"Not Found: {method} {plain}")


@contextmanager
def google_api(state: GoogleState | None = None) -> Iterator[GoogleApi]:
    """Serve Google's APIs on a free port until the block ends."""
    api = GoogleApi(url="", state=state or GoogleState())
    server = Server(api.answer)
    api.url = server.url
    with serving(server):
        yield api


def environment(url: str, folder: Path) -> dict[str, str]:
    """A child's whole environment for the APIs at `url`, with the key of a service account in `folder`."""
    overrides = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}": url for service in SERVICES}
    return {
        **base_environment(),
        **overrides,
        "STORAGE_EMULATOR_HOST": url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(account_file(folder, f"{url}/token")),
        "NO_GCE_CHECK": "true",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def account_file(folder: Path, token_uri: str) -> Path:
    """The key of a service account, in a file of the folder, that signs in at this address."""
    file = folder / "service-account.json"
    file.write_text(json.dumps(_account_key(token_uri)), encoding="utf-8")
    return file


@cache
def _private_key() -> str:
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - only where a key is needed
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()


def _account_key(token_uri: str) -> Record:
    return {
        "type": "service_account",
        "project_id": "acme-security",
        "private_key_id": "stand-in",
        "private_key": _private_key(),
        "client_email": READER,
        "client_id": "1",
        "token_uri": token_uri,
    }


# --- what is served ---------------------------------------------------------------------------------------------------


def _page(state: GoogleState, asked: _Asked, member: str, items: tuple[Json, ...], **more: Json) -> Json:
    """An empty list is left out, as Google does."""
    size = state.page_size or max(len(items), 1)
    start = int(asked.query.get("pageToken", "0"))
    answer: dict[str, Json] = {**more, member: items[start : start + size]} if items else dict(more)
    if start + size < len(items):
        answer["nextPageToken"] = str(start + size)
    return answer


def _seen(policy: Record, version: str) -> Record:
    """Below version 3 conditions are not told in full, so that nobody takes a narrow binding for a wide one."""
    if version == "3":
        return policy
    bindings = policy.get("bindings", ())
    shown = [
        {**item, "role": f"{item['role']}_withcond_0"} if "condition" in item else item
        for item in (bindings if isinstance(bindings, tuple | list) else ())
        if isinstance(item, Mapping)
    ]
    return {**policy, "bindings": tuple(shown)}


def _bucket_of(state: GoogleState, name: str) -> Bucket:
    if name not in state.buckets:
        raise RefusedError(404, "notFound", "The specified bucket does not exist.")
    return state.buckets[name]


def _bucket(state: GoogleState, asked: _Asked, name: str) -> Json:
    """Whoever may not see the filter is not told that there is one."""
    asked.gets()
    asked.allows("projection")
    if asked.query.get("projection", "noAcl") != "noAcl":
        raise RefusedError(400, "invalidParameter", "lists are served by their own calls")
    told: Record = {"kind": "storage#bucket", "name": name, **_bucket_of(state, name).metadata}
    return {member: value for member, value in told.items() if state.shows_filters or member != "ipFilter"}


def _bucket_policy(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows("optionsRequestedPolicyVersion")
    policy = _seen(_bucket_of(state, name).policy, asked.query.get("optionsRequestedPolicyVersion", "1"))
    return {"kind": "storage#policy", "resourceId": f"projects/_/buckets/{name}", **policy}


def _bucket_list(state: GoogleState, asked: _Asked, name: str, kind: str) -> Json:
    asked.gets()
    asked.allows()
    bucket = _bucket_of(state, name)
    access = bucket.metadata.get("iamConfiguration")
    uniform = access.get("uniformBucketLevelAccess") if isinstance(access, Mapping) else None
    if isinstance(uniform, Mapping) and uniform.get("enabled"):
        words = "Cannot get legacy ACL for a bucket that has uniform bucket-level access."
        raise RefusedError(400, "invalid", words)
    items = bucket.acl if kind == "acl" else bucket.default_acl
    return _page(state, asked, "items", items, kind="storage#accessControls")


def _folders(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows("pageToken")
    items = tuple({"kind": "storage#managedFolder", "name": each} for each in _bucket_of(state, name).folders)
    return _page(state, asked, "items", items, kind="storage#managedFolders")


def _folder_policy(state: GoogleState, asked: _Asked, name: str, folder: str) -> Json:
    asked.gets()
    asked.allows("optionsRequestedPolicyVersion")
    if folder not in _bucket_of(state, name).folders:
        raise RefusedError(404, "notFound", "The specified managed folder does not exist.")
    return _seen(state.buckets[name].folders[folder], asked.query.get("optionsRequestedPolicyVersion", "1"))


def _notifications(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows()
    return _page(state, asked, "items", _bucket_of(state, name).notifications, kind="storage#notifications")


def _hmac_keys(state: GoogleState, asked: _Asked, project: str) -> Json:
    asked.gets()
    asked.allows("pageToken")
    return _page(state, asked, "items", state.hmac_keys.get(project, ()), kind="storage#hmacKeysMetadata")


def _node_of(state: GoogleState, name: str) -> Node:
    node = state.nodes.get(name) or next(
        (
            node
            for node in state.nodes.values()
            if name.startswith("projects/") and node.record.get("projectId") == name.removeprefix("projects/")
        ),
        None,
    )
    if node is None or node.hidden:
        words = f"The caller does not have permission on {name}, or it may not exist"
        raise RefusedError(403, "forbidden", words)
    return node


def _node(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows()
    return _node_of(state, name).record


def _node_policy(state: GoogleState, asked: _Asked, name: str) -> Json:
    options = asked.body.get("options")
    if asked.method != "POST" or not isinstance(options, Mapping) or asked.body.keys() - {"options"}:
        raise RefusedError(400, "badRequest", "options are expected in a POST")
    asked.allows()
    return _seen(_node_of(state, name).policy, str(options.get("requestedPolicyVersion", 1)))


def _tested(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.allows()
    if asked.method != "POST" or name not in state.nodes:
        raise RefusedError(403, "forbidden", f"no permissions on {name}")
    shown = state.shows_all if name.startswith("organizations/") else state.shows_filters
    return {"permissions": asked.body["permissions"]} if shown else {}


def _denials(state: GoogleState, asked: _Asked, point: str) -> Json:
    """The list leaves the rules out, as documented."""
    asked.gets()
    asked.allows("pageToken")
    node = _node_of(state, point)
    base = f"policies/cloudresourcemanager.googleapis.com%2F{point.replace('/', '%2F')}/denypolicies"
    items = tuple({"name": f"{base}/{name}", "kind": "DenyPolicy"} for name in node.denials)
    return _page(state, asked, "policies", items)


def _denial(state: GoogleState, asked: _Asked, point: str, name: str) -> Json:
    asked.gets()
    asked.allows()
    rules = _node_of(state, point).denials.get(name)
    if rules is None:
        raise RefusedError(404, "notFound", f"no deny policy {name}")
    return {"name": name, "kind": "DenyPolicy", "rules": tuple({"denyRule": rule} for rule in rules)}


def _role(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows()
    if name not in state.roles:
        raise RefusedError(404, "notFound", f"The role named {name} was not found.")
    return {"name": name, "title": name, "includedPermissions": state.roles[name], "etag": "AA=="}


def _constraint(state: GoogleState, asked: _Asked, project: str, constraint: str) -> Json:
    asked.gets()
    asked.allows()
    lists = {"gcp.restrictTLSVersion", "storage.restrictAuthTypes", "iam.allowedPolicyMemberDomains"}
    none: tuple[Record, ...] = ({"allowAll": True},) if constraint in lists else ({"enforce": False},)
    rules = state.constraints.get((project, constraint), none)
    return {"name": f"projects/{project}/policies/{constraint}", "spec": {"rules": rules}}


def _sinks(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows("pageToken", "pageSize")
    return _page(state, asked, "sinks", _node_of(state, name).sinks)


def _transfers(state: GoogleState, asked: _Asked) -> Json:
    asked.gets()
    asked.allows("filter", "pageToken")
    if "filter" not in asked.query:
        raise RefusedError(400, "badRequest", "filter is required")
    project = json.loads(asked.query["filter"])["projectId"]
    return _page(state, asked, "transferJobs", state.transfers.get(project, ()))


def _access_policies(state: GoogleState, asked: _Asked) -> Json:
    asked.gets()
    asked.allows("parent", "pageToken")
    if not asked.query.get("parent", "").startswith("organizations/"):
        raise RefusedError(400, "badRequest", "parent is required")
    return _page(state, asked, "accessPolicies", ({"name": "accessPolicies/1", "parent": asked.query["parent"]},))


def _perimeters(state: GoogleState, asked: _Asked, policy: str) -> Json:
    asked.gets()
    asked.allows("pageToken")
    if policy != "accessPolicies/1":
        raise RefusedError(404, "notFound", f"no {policy}")
    return _page(state, asked, "servicePerimeters", state.perimeters)


def _key_of(state: GoogleState, name: str) -> Key:
    if name not in state.keys:
        raise RefusedError(404, "notFound", f"CryptoKey {name} not found.")
    return state.keys[name]


def _key(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows()
    return {"name": name, **_key_of(state, name).record}


def _versions(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows("pageToken")
    return _page(state, asked, "cryptoKeyVersions", _key_of(state, name).versions)


def _key_policy(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows("options.requestedPolicyVersion")
    return _seen(_key_of(state, name).policy, asked.query.get("options.requestedPolicyVersion", "1"))


def _ring_policy(state: GoogleState, asked: _Asked, name: str) -> Json:
    asked.gets()
    asked.allows("options.requestedPolicyVersion")
    return _seen(state.rings.get(name, EMPTY), asked.query.get("options.requestedPolicyVersion", "1"))


_NODE = r"((?:projects|folders|organizations)/[^/:]+)"
_RING = r"(projects/[^/]+/locations/[^/]+/keyRings/[^/:]+)"
_KEY = r"(projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/:]+)"
_ROUTES: tuple[tuple[re.Pattern[str], Callable[..., Json]], ...] = tuple(
    (re.compile(pattern), serve)
    for pattern, serve in (
        (r"/storage/v1/b/([^/]+)", _bucket),
        (r"/storage/v1/b/([^/]+)/iam", _bucket_policy),
        (r"/storage/v1/b/([^/]+)/(acl|defaultObjectAcl)", _bucket_list),
        (r"/storage/v1/b/([^/]+)/managedFolders", _folders),
        (r"/storage/v1/b/([^/]+)/managedFolders/(.+)/iam", _folder_policy),
        (r"/storage/v1/b/([^/]+)/notificationConfigs", _notifications),
        (r"/storage/v1/projects/([^/]+)/hmacKeys", _hmac_keys),
        (rf"/v3/{_NODE}", _node),
        (rf"/v3/{_NODE}:getIamPolicy", _node_policy),
        (r"/v3/((?:organizations|projects)/[^/:]+):testIamPermissions", _tested),
        (rf"/v2/policies/cloudresourcemanager\.googleapis\.com/{_NODE}/denypolicies", _denials),
        (rf"/v2/policies/cloudresourcemanager\.googleapis\.com/{_NODE}/denypolicies/([^/]+)", _denial),
        (r"/v1/((?:(?:projects|organizations)/[^/]+/)?roles/[^/]+)", _role),
        (r"/v2/projects/([^/]+)/policies/([^/:]+):getEffectivePolicy", _constraint),
        (rf"/v2/{_NODE}/sinks", _sinks),
        (r"/v1/transferJobs", _transfers),
        (r"/v1/accessPolicies", _access_policies),
        (r"/v1/(accessPolicies/[^/]+)/servicePerimeters", _perimeters),
        (rf"/v1/{_KEY}", _key),
        (rf"/v1/{_KEY}/cryptoKeyVersions", _versions),
        (rf"/v1/{_KEY}:getIamPolicy", _key_policy),
        (rf"/v1/{_RING}:getIamPolicy", _ring_policy),
    )
)
