"""Azure, where something is wrong with who asks, or with what is asked about: a message or an unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.azure import NAMED, AzureWorld, azure_world, short_azure_limits
from tests.e2e.commands import Run, posture
from tests.testbeds.arm import TENANT
from tests.testbeds.azure import KEPT, NEGLECTED, OTHER_TENANT, bad_state
from tests.testbeds.azure_records import ARCHIVE, PLATFORM
from tests.testbeds.broken import Answer
from tests.testbeds.faults import Rule

pytestmark = pytest.mark.peers

OLD = f"https://{NEGLECTED}.blob.core.windows.net"
ARCHIVED = f"https://{KEPT}.blob.core.windows.net"
JSON = (("Content-Type", "application/json"),)


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureWorld]:
    with azure_world(tmp_path_factory.mktemp("tls")) as world, short_azure_limits(2.0):
        yield world


def scan(world: AzureWorld, folder: Path, configuration: str = "") -> Run:
    (folder / "posture.yaml").write_text(configuration or world.configuration, encoding="utf-8")
    report = ("--format", "json", "--output", "report.json")
    return posture("scan", *report, environment=world.environment, folder=folder)


def of(run: Run, subject: str) -> dict[str, str]:
    return {control: outcome for (control, uri), outcome in run.rows.items() if uri == subject}


def test_credentials_of_another_tenant_are_a_usage_error_before_anything_is_read(
    azure: AzureWorld, tmp_path: Path
) -> None:
    azure.good()
    run = scan(azure, tmp_path, azure.configuration.replace(TENANT, OTHER_TENANT))
    assert run.code == 2
    assert TENANT in run.err
    assert f"az login --tenant {OTHER_TENANT}" in run.err
    assert "Traceback" not in run.err
    assert azure.azure.calls == []


def test_a_token_that_expired_leaves_everything_unknown(azure: AzureWorld, tmp_path: Path) -> None:
    """Azure refuses every call from some moment on; what was named keeps its rows."""
    azure.bad()
    refused = b'{"error": {"code": "ExpiredAuthenticationToken", "message": "The access token expiry is in the past."}}'
    rule = azure.azure.add(Rule(path="^/subscriptions", answer=Answer(status=401, headers=JSON, body=refused)))
    run = scan(azure, tmp_path)
    assert rule.met
    assert run.err == ""
    assert run.code == 3
    assert set(of(run, OLD).values()) <= {"unknown", "not_applicable"}
    assert "unknown" in of(run, OLD).values()
    assert "ExpiredAuthenticationToken" in run.said
    assert run.report["unlooked"]


def test_a_subscription_without_the_resource_providers_holds_none_of_their_stores(
    azure: AzureWorld, tmp_path: Path
) -> None:
    """The named stores are found nowhere, which is unknown and says where was looked; nothing failed to be read."""
    state = bad_state(azure.azure.url, now=datetime.now(UTC))
    providers = ("microsoft.storage", "microsoft.eventhub", "microsoft.keyvault", "microsoft.databricks")
    none = frozenset((each, provider) for each in (PLATFORM, ARCHIVE) for provider in providers)
    azure.begin(replace(state, unregistered=none), stores=NAMED)
    run = scan(azure, tmp_path)
    assert run.err == ""
    assert run.code == 3
    assert "fail" not in of(run, OLD).values()
    assert of(run, OLD)["versioning-enabled"] == "unknown"
    assert "is in none of the 2 subscriptions that were looked through" in run.said
    assert run.report["unlooked"] == []


def test_an_account_that_is_deleted_between_two_calls_is_not_taken_for_one_without_settings(
    azure: AzureWorld, tmp_path: Path
) -> None:
    """The account was still answered; each further answer says that it is not there."""
    azure.good()
    before = of(scan(azure, tmp_path), ARCHIVED)
    azure.good()
    gone = b'{"error": {"code": "ResourceNotFound", "message": "The Resource was not found."}}'
    azure.azure.add(Rule(path=f"storageAccounts/{KEPT}/", answer=Answer(status=404, headers=JSON, body=gone)))
    run = scan(azure, tmp_path)
    assert run.err == ""
    after = of(run, ARCHIVED)
    assert after.keys() == before.keys()
    assert {after[control] for control in before if after[control] != before[control]} == {"unknown"}
    for control in (
        "retained-long-enough",
        "versioning-enabled",
        "store-locked-against-deletion",
        "object-lock-enabled",
    ):
        assert (before[control], after[control]) == ("pass", "unknown")
    assert after["shared-keys-closed"] == "pass"  # by the answer that came
