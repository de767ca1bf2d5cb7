"""moto's server as a peer for boto3: several accounts, and what a child process needs to reach it."""

from __future__ import annotations

import re
import socket
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.testbeds.loopback.sitecustomize import loopback_first
from tests.testbeds.process import base_environment, running

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.client import BaseClient

HOME = "123456789012"
"""The account in which moto sees the access key `testing`."""

REGION = "us-east-1"
LOOPBACK_NAMES = Path(__file__).with_name("loopback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """One identity's keys; `token` is empty for long-lived ones."""

    key: str = "testing"
    secret: str = "testing"
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moto:
    """A running moto server."""

    port: int

    @property
    def url(self) -> str:
        """The endpoint; a name, because S3 Control puts an account id before it."""
        return f"http://localhost:{self.port}"

    def reset(self) -> None:
        """Forget everything, the assumed roles too: take new `Accounts` afterwards."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/moto-api/reset", method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 a fixed loopback address
            answer.read()


@contextmanager
def moto(*, settings: Mapping[str, str] | None = None) -> Iterator[Moto]:
    """Run moto's server from the current environment; accounts cannot read each other's buckets, as in AWS."""
    environment = {
        **base_environment(),
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",  # parsing them takes longer than all else
        "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "false",
        **(settings or {}),
    }
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", "0"]
    with running(command, ready=r"Running on http://127\.0\.0\.1:(\d+)", environment=environment) as server:
        yield Moto(port=int(server.ready[1]))


def environment(endpoint: str, *, credentials: Credentials | None = None, region: str = REGION) -> dict[str, str]:
    """A child's whole environment for AWS at `endpoint`: nothing of the developer's own profiles or proxies."""
    keys = credentials or Credentials()
    token = {"AWS_SESSION_TOKEN": keys.token} if keys.token else {}
    return {
        **base_environment(),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": keys.key,
        "AWS_SECRET_ACCESS_KEY": keys.secret,
        **token,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONPATH": str(LOOPBACK_NAMES),
    }


@contextmanager
def loopback_names() -> Iterator[None]:
    """Let `*.localhost` be loopback in this process, as `LOOPBACK_NAMES` does in a child."""
    resolve = socket.getaddrinfo
    socket.getaddrinfo = loopback_first(resolve)
    try:
        yield
    finally:
        socket.getaddrinfo = resolve


def refuse_false_ok(session: Session) -> None:
    """Make a client of `session` raise when a peer answers a read it does not know with an object listing.

    boto3 would parse that to an empty answer. Call it before the session's first client is made.
    """
    session.events.register("after-call.s3", _refuse_listing)


def _refuse_listing(http_response: Any, model: Any, **_: object) -> None:  # noqa: ANN401 botocore has no types
    root = re.search(rb"<([A-Za-z]\w*)", http_response.content)
    listing = http_response.status_code == 200 and root is not None and root[1] == b"ListBucketResult"
    if listing and model.name not in {"ListObjects", "ListObjectsV2"}:
        message = f"{model.name}: the peer answered with an object listing"
        raise AssertionError(message)


def new_session() -> Session:
    """A boto3 session that knows no credentials of the machine, guarded against false answers."""
    import boto3  # noqa: PLC0415 the package imports without the SDKs

    session = boto3.Session("testing", "testing", region_name=REGION)
    refuse_false_ok(session)
    return session


@dataclass(kw_only=True)
class Accounts:
    """boto3 clients per account and region against one endpoint, from one session (a second one costs 0.2 s)."""

    endpoint: str
    lacking: frozenset[str] = frozenset()  # operations that the peer does not offer: seeding does without
    session: Session = field(default_factory=new_session)
    _keys: dict[str, Credentials] = field(default_factory=dict, init=False)
    _clients: dict[tuple[str, str, str], BaseClient] = field(default_factory=dict, init=False)

    def credentials(self, account: str) -> Credentials:
        """Keys that act in `account`, by assuming a role there; moto needs no such role to exist."""
        if account == HOME:
            return Credentials()
        if account not in self._keys:
            answer = self.client("sts").assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/posture-seed", RoleSessionName="seed"
            )["Credentials"]
            self._keys[account] = Credentials(
                key=answer["AccessKeyId"], secret=answer["SecretAccessKey"], token=answer["SessionToken"]
            )
        return self._keys[account]

    def client(self, service: str, *, account: str = HOME, region: str = REGION) -> BaseClient:
        """A client that retries little and waits briefly: the peer is on this machine."""
        name = (service, account, region)
        if name not in self._clients:
            self._clients[name] = self._new(service, self.credentials(account), region)
        return self._clients[name]

    def _new(self, service: str, keys: Credentials, region: str) -> BaseClient:
        from botocore.config import Config  # noqa: PLC0415 the package imports without the SDKs

        return self.session.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=keys.key,
            aws_secret_access_key=keys.secret,
            aws_session_token=keys.token or None,
            config=Config(
                retries={"mode": "standard", "total_max_attempts": 2},
                connect_timeout=2,
                read_timeout=10,
            ),
        )
