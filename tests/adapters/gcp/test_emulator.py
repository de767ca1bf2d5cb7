"""The reads of Cloud Storage against a peer that somebody else wrote: what its SDK sets is what posture reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage.client import Client

from posture.adapters.gcp.config import BucketConfig
from posture.adapters.gcp.live.bucket import read_bucket
from posture.adapters.gcp.live.callers import Identity
from posture.adapters.gcp.live.limits import Limits
from posture.model.facts import Known, Unknown
from posture.model.settings import GoogleAccess
from posture.model.subjects import Versioning
from posture.reading import Reading
from tests.testbeds import google
from tests.testbeds.google import google_api
from tests.testbeds.google_estate import KEY

pytestmark = pytest.mark.peers
BUCKET = "acme-audit"
CONDITION = 'resource.name.startsWith("projects/_/buckets/acme-audit/objects/logs/")'


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    from gcp_storage_emulator.server import create_server  # type: ignore[import-untyped] # noqa: PLC0415 - only this test needs it

    server = create_server("127.0.0.1", 0, in_memory=True)
    server.start()
    host, port = server._api._httpd.server_address[:2]  # noqa: SLF001 - it does not say where it listens
    yield f"http://{host}:{port}"
    server.stop()


def _nobody() -> Any:  # noqa: ANN401 - the library is not typed
    return AnonymousCredentials()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def read(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> BucketConfig:
    """A bucket that the SDK made and changed, as posture reads it; only signing in is the stand-in's."""
    client = Client(project="acme-logs", credentials=_nobody(), client_options={"api_endpoint": emulator})
    bucket: Any = client.create_bucket(BUCKET)
    bucket.iam_configuration.uniform_bucket_level_access_enabled = True
    bucket.iam_configuration.public_access_prevention = "enforced"
    bucket.default_kms_key_name = KEY
    bucket.retention_period = 400 * 86400
    bucket.add_lifecycle_delete_rule(age=800, matches_prefix=["logs/"])
    bucket.enable_logging("acme-usage", object_prefix="x")
    bucket.versioning_enabled = True
    bucket.patch()  # it drops some settings that come with the creation
    policy = bucket.get_iam_policy(requested_policy_version=3)
    policy.version = 3
    condition = {"title": "logs", "expression": CONDITION}
    policy.bindings = [
        {"role": "roles/storage.objectViewer", "members": {"user:a@acme.example"}, "condition": condition}
    ]
    bucket.set_iam_policy(policy)
    with google_api() as api:
        folder: Path = tmp_path_factory.mktemp("key")
        variables = {**google.environment(api.url, folder), "STORAGE_EMULATOR_HOST": emulator}
        with mock.patch.dict(os.environ, variables, clear=True):
            caller = Identity(GoogleAccess(), Limits()).caller(Reading(as_of=datetime.now(UTC)))
            return read_bucket(BUCKET, "logs", caller)


def test_what_the_sdk_set_is_read(read: BucketConfig) -> None:
    for fact, expected in (
        (read.versioning, Versioning.ENABLED),
        (read.prevention, True),
        (read.key, KEY),
        (read.website, False),
    ):
        assert isinstance(fact, Known)
        assert fact.value == expected
    assert isinstance(read.ip_filter, Unknown)  # nobody says whether it would be shown
    assert isinstance(read.uniform, Known)
    assert read.uniform.value.enabled
    assert isinstance(read.retention, Known)
    assert read.retention.value is not None
    assert read.retention.value.seconds == 400 * 86400
    assert isinstance(read.lifecycle, Known)
    assert [(rule.age, rule.prefixes) for rule in read.lifecycle.value] == [(800, ("logs/",))]
    assert isinstance(read.usage_logs, Known)
    assert read.usage_logs.value is not None
    assert (read.usage_logs.value.bucket, read.usage_logs.value.prefix) == ("acme-usage", "x")


def test_bindings_with_conditions_are_read(read: BucketConfig) -> None:
    assert isinstance(read.policy, Known)
    (binding,) = read.policy.value.bindings
    assert (binding.members, binding.condition) == (("user:a@acme.example",), CONDITION)


def test_what_the_peer_does_not_serve_is_a_gap(read: BucketConfig) -> None:
    assert read.folders.gaps
    assert read.notified.gaps
