"""The wing with the real SDK, as the identities of a seeded estate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime

import pytest

from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.wing import AwsWing
from posture.model.facts import Fact, Known, Unknown
from posture.model.settings import AwsAccess, Settings
from posture.reading import Kept, Reading
from tests.testbeds import aws

QUICK = Limits(connect_seconds=1, read_seconds=2, attempts=1)


def environment(
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str,
    *,
    credentials: aws.Credentials | None = None,
    region: str = "us-east-1",
) -> None:
    """This process as a user of AWS at `endpoint`, with nothing of the developer's own."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"):
        monkeypatch.delenv(name, raising=False)
    for name, text in aws.environment(endpoint, credentials=credentials, region=region).items():
        if name.startswith("AWS_") or name == "NO_PROXY":
            monkeypatch.setenv(name, text)


def role(account: str) -> AwsAccess:
    """Moto needs no such role to exist."""
    return AwsAccess(account=account, role_arn=f"arn:aws:iam::{account}:role/posture-reader", external_id="posture")


def wing_of(*accounts: str, settings: Settings | None = None) -> AwsWing:
    return AwsWing(replace(settings or Settings(), accounts=tuple(role(account) for account in accounts)), limits=QUICK)


@contextmanager
def reading(*, concurrency: int = 8, replayed: tuple[Kept, ...] | None = None) -> Iterator[Reading]:
    one = Reading(as_of=datetime(2026, 3, 1, tzinfo=UTC), concurrency=concurrency, replayed=replayed)
    try:
        yield one
    finally:
        one.close()


def facts_of(record: object, path: str = "") -> Mapping[str, Fact[object]]:
    """Every fact in a record by its path; a listing counts by its items, and each gap as an unknown one."""
    if isinstance(record, Known | Unknown):
        return {path: record}
    if isinstance(record, tuple):
        return {
            name: fact for place, item in enumerate(record) for name, fact in facts_of(item, f"{path}/{place}").items()
        }
    if is_dataclass(record):
        inner = (facts_of(getattr(record, field.name), f"{path}/{field.name}") for field in fields(record))
        return {name: fact for facts in inner for name, fact in facts.items()}
    return {}
