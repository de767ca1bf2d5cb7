"""An estate of buckets in one account of moto, from hardened to bare, and moto with its requests counted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.testbeds import statements as say
from tests.testbeds.aws import HOME, Accounts, loopback_names
from tests.testbeds.process import Running, base_environment, running
from tests.testbeds.seed import (
    Bucket,
    allow_by_policy,
    encrypt,
    new_access_point,
    new_bucket,
    new_key,
    new_role,
    old_bucket,
)

_OUTSIDER = "arn:aws:iam::999988887777:root"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedMoto:
    """A running moto that says how many requests it has answered: it prints a line for each."""

    url: str
    server: Running

    def requests(self) -> Mapping[str, int]:
        """All requests so far."""
        return {"requests": self.server.output().count(" HTTP/1.1")}


@contextmanager
def counted_moto() -> Iterator[CountedMoto]:
    """Run moto's server, as one process: its speed bounds whoever asks it."""
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", "0"]
    settings = {**base_environment(), "MOTO_IAM_LOAD_MANAGED_POLICIES": "false"}
    ready = r"Running on http://127\.0\.0\.1:(\d+)"
    with running(command, ready=ready, environment=settings) as server, loopback_names():
        yield CountedMoto(url=f"http://localhost:{server.ready[1]}", server=server)


def seed_buckets(url: str, count: int) -> tuple[str, ...]:
    """Make that many buckets, one configuration after the other, and return their names."""
    accounts = Accounts(endpoint=url)
    key = new_key(accounts, HOME, "us-east-1", [say.administered_by(HOME)])
    writer = new_role(accounts, HOME, "bench-log-delivery", trust=[say.delivery_trust("bench")])
    names = tuple(f"bench-audit-logs-{number:04}" for number in range(count))
    for number, name in enumerate(names):
        bucket = Bucket(name=name, account=HOME)
        CONFIGURATIONS[number % len(CONFIGURATIONS)](accounts, bucket, key, writer)
    return names


Configure = Callable[[Accounts, Bucket, str, str], None]


def _locked(accounts: Accounts, bucket: Bucket, key: str, writer: str) -> None:
    _watched(accounts, bucket, key, writer, options={"ObjectLockEnabledForBucket": True})
    retention = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}}
    accounts.client("s3").put_object_lock_configuration(Bucket=bucket.name, ObjectLockConfiguration=retention)


def _watched(
    accounts: Accounts, bucket: Bucket, key: str, writer: str, *, options: Mapping[str, object] | None = None
) -> None:
    new_bucket(accounts, bucket, options=options)
    encrypt(accounts, bucket, {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, bucket_key=True)
    _version(accounts, bucket)
    _expire(accounts, bucket, days=400)
    allow_by_policy(accounts, bucket, [say.tls_only(bucket), *say.documented_writes(bucket, "audit", principal=writer)])


def _versioned(accounts: Accounts, bucket: Bucket, _: str, writer: str) -> None:
    new_bucket(accounts, bucket)
    _version(accounts, bucket)
    allow_by_policy(accounts, bucket, [say.tls_only(bucket), say.data_source_policy(bucket, writer)])


def _as_aws_makes_it(accounts: Accounts, bucket: Bucket, _: str, writer: str) -> None:
    new_bucket(accounts, bucket)
    allow_by_policy(accounts, bucket, [say.data_source_policy(bucket, writer)])


def _short_lived(accounts: Accounts, bucket: Bucket, _: str, writer: str) -> None:
    new_bucket(accounts, bucket)
    _expire(accounts, bucket, days=90)
    allow_by_policy(accounts, bucket, [say.data_source_policy(bucket, writer)])


def _with_another_door(accounts: Accounts, bucket: Bucket, _: str, writer: str) -> None:
    new_bucket(accounts, bucket)
    allow_by_policy(accounts, bucket, [say.data_source_policy(bucket, writer)])
    new_access_point(accounts, bucket, f"door-{bucket.name[-4:]}")


def _vendor_wide(accounts: Accounts, bucket: Bucket, _: str, __: str) -> None:
    old_bucket(accounts, bucket)
    allow_by_policy(accounts, bucket, [say.data_source_policy(bucket, f"arn:aws:iam::{say.VENDOR}:root")])


def _shared(accounts: Accounts, bucket: Bucket, _: str, writer: str) -> None:
    old_bucket(accounts, bucket)
    readers = [say.data_source_policy(bucket, writer), say.data_source_policy(bucket, _OUTSIDER)]
    allow_by_policy(accounts, bucket, readers)


def _public(accounts: Accounts, bucket: Bucket, _: str, __: str) -> None:
    old_bucket(accounts, bucket)
    allow_by_policy(accounts, bucket, [say.data_source_policy(bucket, "*")])


def _bare(accounts: Accounts, bucket: Bucket, _: str, __: str) -> None:
    old_bucket(accounts, bucket)
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    accounts.client("s3").put_bucket_cors(Bucket=bucket.name, CORSConfiguration={"CORSRules": [rule]})


CONFIGURATIONS: tuple[Configure, ...] = (  # from hardened to bare
    _locked,
    _watched,
    _versioned,
    _as_aws_makes_it,
    _with_another_door,
    _short_lived,
    _vendor_wide,
    _shared,
    _public,
    _bare,
)


def _version(accounts: Accounts, bucket: Bucket) -> None:
    enabled = {"Status": "Enabled"}
    accounts.client("s3").put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration=enabled)


def _expire(accounts: Accounts, bucket: Bucket, *, days: int) -> None:
    rule = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days}}
    accounts.client("s3").put_bucket_lifecycle_configuration(
        Bucket=bucket.name, LifecycleConfiguration={"Rules": [rule]}
    )
