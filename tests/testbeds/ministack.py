"""ministack as a peer for boto3: it checks identity policies, so least privilege can be proven on it.

Its pin of botocore conflicts with ours, so it lives in an environment of its own, made on first use.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.testbeds.aws import REGION, Accounts, Credentials
from tests.testbeds.process import base_environment, running

if TYPE_CHECKING:
    from botocore.client import BaseClient

VERSION = "1.5.33"
ACCOUNT = "000000000000"
"""The account in which ministack sees the access key `test`, which may do everything."""

ROOT_KEY = Credentials(key="test", secret="test")
_ENVIRONMENT = Path(__file__).parents[2] / ".venv-ministack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ministack:
    """A running ministack that checks identity policies."""

    port: int

    @property
    def url(self) -> str:
        """The endpoint; a name, because S3 Control puts an account id before it."""
        return f"http://localhost:{self.port}"

    def reset(self) -> None:
        """Forget everything, users and their keys too."""
        url = f"http://127.0.0.1:{self.port}/_ministack/reset"
        with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10) as answer:
            answer.read()

    def client(self, service: str, *, credentials: Credentials = ROOT_KEY, region: str = REGION) -> BaseClient:
        """A client with these credentials, by default those that may do everything."""
        import boto3  # noqa: PLC0415 the package imports without the SDKs

        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=credentials.key,
            aws_secret_access_key=credentials.secret,
            aws_session_token=credentials.token or None,
        )

    def new_user(self, name: str, policy: Mapping[str, object]) -> Credentials:
        """Make a user who may do what this policy document allows, and nothing else."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Credentials(key=key["AccessKeyId"], secret=key["SecretAccessKey"])

    def change_user(self, name: str, policy: Mapping[str, object]) -> None:
        """Replace what a user may do."""
        self.client("iam").put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(policy))


def allowing(actions: Iterable[str]) -> Mapping[str, object]:
    """The policy document that allows these actions everywhere."""
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass(kw_only=True)
class MinistackAccounts(Accounts):
    """Clients for ministack, where an access key of twelve digits is the account."""

    lacking: frozenset[str] = frozenset({"s3control:PutPublicAccessBlock"})

    def credentials(self, account: str) -> Credentials:
        """Keys that act in `account`."""
        return Credentials(key=account, secret=ROOT_KEY.secret)


@contextmanager
def ministack(*, checks_policies: bool = True) -> Iterator[Ministack]:
    """Run ministack on loopback only, until the block ends; it checks who may do what, if it shall."""
    environment = {
        **base_environment(),
        "AUTH": str(checks_policies).lower(),
        "BIND_HOST": "127.0.0.1",  # it would listen on every interface
        "GATEWAY_PORT": "0",
    }
    with running([str(installed())], ready=r"Running on http://127\.0\.0\.1:(\d+)", environment=environment) as server:
        yield Ministack(port=int(server.ready[1]))


def installed() -> Path:
    """The command, installed now if it was not; parallel runs wait for the one that installs."""
    command = _ENVIRONMENT / "bin" / "ministack"
    done = _ENVIRONMENT / f"ministack-{VERSION}"
    _ENVIRONMENT.mkdir(exist_ok=True)
    with (_ENVIRONMENT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            python = _ENVIRONMENT / "bin" / "python"
            _run([sys.executable, "-m", "venv", str(_ENVIRONMENT)])
            _run([str(python), "-m", "pip", "install", "--quiet", f"ministack=={VERSION}"])
            done.touch()
    return command


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)  # noqa: S603 the commands above
