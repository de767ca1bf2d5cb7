"""Sessions and clients, made when the first call of an identity is made. The only module that imports the SDK's own.

They are of botocore, the core of boto3: resources and transfers, which boto3 adds to it, are not used here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.session import Session

from posture.adapters.aws.calls import ASSUME_ROLE
from posture.adapters.aws.live.errors import opened, translated
from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.live.models import ServiceModels
from posture.model.facts import Reason
from posture.model.settings import AwsAccess, Settings
from posture.reading import Call, ReadFailure

_HOME_REGION = "us-east-1"  # when neither the settings nor the environment nor the profile names one
_SESSION_NAME = "posture"  # what the account's own trail shows
_ROOTS = {  # answers that may be empty, so that only their outermost element tells them from no answer;
    # the second name is what compatible servers write that were generated from the service's model
    "GetBucketLocation": (b"LocationConstraint", b"GetBucketLocationResponse"),
    "GetBucketVersioning": (b"VersioningConfiguration", b"GetBucketVersioningResponse"),
    "GetBucketLogging": (b"BucketLoggingStatus", b"GetBucketLoggingResponse"),
    "GetBucketNotificationConfiguration": (b"NotificationConfiguration", b"GetBucketNotificationResponse"),
}
_BOOLEANS = re.compile(
    rb"<(?:\w+:)?(IsPublic|BlockPublicAcls|IgnorePublicAcls|BlockPublicPolicy|RestrictPublicBuckets|BucketKeyEnabled)"
    rb"(?:>([^<]*)<|\s*/>)"
)
_OUTERMOST = re.compile(rb"<(?:\w+:)?([A-Za-z]\w*)")


class Sessions:
    """One session per identity, one client per identity, service and Region; safe to use from all threads."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._settings = settings
        self._limits = limits
        self._access = {access.account: access for access in settings.accounts}
        self._lock = threading.RLock()  # sessions are not thread-safe; clients are, once made
        self._sessions: dict[str, Session] = {}
        self._clients: dict[tuple[str, str, str], BaseClient] = {}
        self._models: ServiceModels | None = None

    def perform(self, account: str, call: Call, region: str, parameters: Mapping[str, str]) -> Mapping[str, object]:
        """One answer as the identity for `account`, or as the default identity when that is empty."""
        ask = getattr(self._client(account, call, region), _method(call))
        with translated(parameters.get("ExpectedBucketOwner", "")):
            answer = ask(**parameters)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def pages(self, account: str, call: Call, region: str, parameters: Mapping[str, str]) -> Iterator[object]:
        """The items of all pages; a page without its member is no page."""
        member = call.required[0]
        client = self._client(account, call, region)
        with translated():
            paginated = client.can_paginate(_method(call))
            pages: Iterable[Mapping[str, object]] = (
                client.get_paginator(_method(call)).paginate(**parameters, **_page_size(call))
                if paginated
                else (getattr(client, _method(call))(**parameters),)
            )
            for page in pages:
                items = page.get(member)
                if not isinstance(items, list):
                    words = f"the answer lacks {member}; something between us and the provider answered in its place"
                    raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", words)
                yield from items
                if not paginated and page.get("NextToken"):
                    raise ReadFailure(
                        Reason.MALFORMED, "UnexpectedAnswer", f"there is more of {member} than AWS promises"
                    )

    def assume(self, access: AwsAccess) -> Mapping[str, object]:
        """Become the role of an account; the keys stay in the session, out of the answer."""
        with opened():
            fresh = self._assumer(access)
        with translated():
            credentials = RefreshableCredentials.create_from_metadata(fresh(), fresh, "assume-role")
        with opened(), self._lock:
            session = self._new_session(self._default().get_config_variable("region"))
            session._credentials = credentials  # noqa: SLF001 - the only way in for keys that renew
            self._sessions[access.account] = session
        return {"AssumedRole": access.role_arn}

    def _assumer(self, access: AwsAccess) -> Callable[[], dict[str, str]]:
        external = {"ExternalId": access.external_id} if access.external_id else {}
        client = self._client("", ASSUME_ROLE, self._region("", ""))

        def fresh() -> dict[str, str]:
            answer = client.assume_role(RoleArn=access.role_arn, RoleSessionName=_SESSION_NAME, **external)
            keys = answer["Credentials"]
            return {
                "access_key": keys["AccessKeyId"],
                "secret_key": keys["SecretAccessKey"],
                "token": keys["SessionToken"],
                "expiry_time": keys["Expiration"].isoformat(),
            }

        return fresh

    def _client(self, account: str, call: Call, region: str) -> BaseClient:
        service, _, _ = call.operation.partition(":")
        key = account, service, region or self._region(account, region)
        client = self._clients.get(key)
        if client is not None:  # making one takes as long as many calls, for which those to others need not wait
            return client
        with opened(), self._lock:
            client = self._clients.get(key)
            if client is None:
                client = self._clients[key] = self._new_client(*key)
        return client

    def _new_client(self, account: str, service: str, region: str) -> BaseClient:
        session = self._session(account)
        client = session.create_client(service, region_name=region, config=self._config(session))
        client.meta.events.register("after-call", _refuse_cut_off)
        if service in {"s3", "s3control"}:
            client.meta.events.register("after-call", _refuse_other_booleans)
        if service == "s3":
            for operation in _ROOTS:
                client.meta.events.register(f"after-call.s3.{operation}", _refuse_other_documents)
        return client

    def _config(self, session: Session) -> Config:
        mode = session.get_config_variable("retry_mode")
        retries: dict[str, Any] = {"mode": "standard" if mode == "legacy" else mode}
        if session.get_config_variable("max_attempts") is None:
            retries["total_max_attempts"] = self._limits.attempts
        return Config(
            retries=retries,
            connect_timeout=self._limits.connect_seconds,
            read_timeout=self._limits.read_seconds,
            max_pool_connections=max(self._settings.concurrency, 10),
            user_agent_extra="audit-log-posture",
        )

    def _region(self, account: str, region: str) -> str:
        with opened(), self._lock:
            return region or self._session(account).get_config_variable("region") or _HOME_REGION

    def _session(self, account: str) -> Session:
        if not account:
            return self._default()
        session = self._sessions.get(account)
        if session is None:
            access = self._access[account]
            session = self._sessions[account] = self._new_session(self._settings.aws_region, access.profile)
        return session

    def _default(self) -> Session:
        if "" not in self._sessions:
            self._sessions[""] = self._new_session(self._settings.aws_region, self._settings.aws_profile)
        return self._sessions[""]

    def _new_session(self, region: str | None, profile: str = "") -> Session:
        session = Session()
        if profile:
            session.set_config_variable("profile", profile)
        if region:
            session.set_config_variable("region", region)
        if self._models is None:
            self._models = ServiceModels(session.get_config_variable("data_path"))
        session.register_component("data_loader", self._models)  # read from disk once for all sessions
        return session


def _method(call: Call) -> str:
    _, _, operation = call.operation.partition(":")
    return str(xform_name(operation))


def _page_size(call: Call) -> Mapping[str, object]:
    """S3 gives an account's buckets in pages only when asked for pages."""
    return {"PaginationConfig": {"PageSize": 1000}} if call.operation == "s3:ListBuckets" else {}


def _refuse_cut_off(http_response: Any, **_: object) -> None:  # noqa: ANN401 - botocore has no types
    """The SDK takes a connection that ends early for the end of the answer."""
    promised: str = http_response.headers.get("Content-Length", "")
    if not promised.isdecimal() or len(http_response.content) >= int(promised):
        return
    if "Content-Encoding" not in http_response.headers and "Transfer-Encoding" not in http_response.headers:
        words = f"{len(http_response.content)} of {promised} bytes of the answer arrived"
        raise ReadFailure(Reason.MALFORMED, "IncompleteRead", words)


def _refuse_other_booleans(http_response: Any, **_: object) -> None:  # noqa: ANN401 - botocore has no types
    """The SDK takes whatever is not `true` for false, also the `TRUE` that AWS's own pages show."""
    for name, text in _BOOLEANS.findall(http_response.content):
        if text not in {b"true", b"false"}:
            words = f"{name.decode()} is neither `true` nor `false`, which the SDK takes for false"
            raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", words)


def _refuse_other_documents(http_response: Any, model: Any, **_: object) -> None:  # noqa: ANN401 - botocore has no types
    if http_response.status_code >= 300:  # noqa: PLR2004 - an error is told as an error
        return
    body: bytes = http_response.content
    found = _OUTERMOST.search(body)
    expected = _ROOTS[model.name]
    if found is None or found[1] not in expected:
        words = f"the answer is no {expected[0].decode()}; something between us and the provider answered in its place"
        raise ReadFailure(Reason.MALFORMED, "UnexpectedAnswer", words)
