"""Recorded answers and official examples of Azure, which lie beside the checkout: no crash, no invented fact."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from posture.adapters.azure.live import storage_answers as answers
from posture.adapters.azure.live.firewalls import approved, key_in_vault
from posture.adapters.azure.live.members import Members
from posture.adapters.azure.live.roles import assignment, definition
from posture.adapters.azure.live.settings import setting
from posture.adapters.azure.live.storage import ENDPOINTS
from posture.model.facts import FOREVER, Known, Source, Unknown

FOLDER = Path(os.environ.get("POSTURE_CASES", Path(__file__).parents[3] / "shared" / "cases")) / "azure"
SOURCE = Source(operation="test")

pytestmark = [
    pytest.mark.cases,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="answers of Azure are not beside the checkout"),
]


def example(name: str) -> Mapping[str, Any]:
    body: Mapping[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["body"]
    return body


def recorded(kind: str) -> list[Mapping[str, Any]]:
    """Every object of a type in the recordings, listed or alone."""
    bodies = [each["body"] for each in json.loads((FOLDER / "recorded.json").read_text(encoding="utf-8"))]
    items = [item for body in bodies for item in body.get("value", [body])]
    return [item for item in items if str(item.get("type", "")).lower() == kind.lower()]


def members(body: Mapping[str, Any]) -> Members:
    return Members(body, SOURCE)


def value(fact: object) -> object:
    assert isinstance(fact, Known), fact
    return fact.value


def test_every_recorded_account_is_read() -> None:
    accounts = [members(each) for each in recorded("Microsoft.Storage/storageAccounts")]
    assert len(accounts) > 60
    for account in accounts:
        properties = account.inner("properties")
        absent = properties.get("allowBlobPublicAccess") is None
        assert value(properties.flag("allowBlobPublicAccess", absent=True)) in ({True} if absent else {True, False})
        value(answers.token_days(properties))
        value(answers.of_account(properties))
        value(approved(properties))
        encryption = properties.inner("encryption")
        value(key_in_vault(encryption, encryption.inner("keyvaultproperties")))


def test_what_recorded_accounts_say_beside_that() -> None:
    accounts = [members(each) for each in recorded("Microsoft.Storage/storageAccounts")]
    for account in accounts:
        properties = account.inner("properties")
        value(answers.key_reminder(properties))
        value(answers.tags(account))
        value(properties.text("allowedCopyScope", absent=""))
        assert value(properties.choice("dnsEndpointType", ENDPOINTS, absent=False)) in {True, False}
        assert value(account.inner("sku").text("name"))
    assert any(value(answers.tags(account)) for account in accounts)
    reminded = [value(answers.key_reminder(account.inner("properties"))) for account in accounts]
    assert any(each is not FOREVER for each in reminded) is any(
        account.inner("properties").inner("keyPolicy").raw for account in accounts
    )
    service = members(example("BlobServices_GetServiceProperties"))
    assert value(answers.change_feed(service)) is True
    assert value(answers.kept_days(service, "restorePolicy")) == 0


def test_the_example_of_an_account_with_a_key_of_ones_own() -> None:
    encryption = members(example("StorageAccounts_GetProperties")).inner("properties").inner("encryption")
    key = value(key_in_vault(encryption, encryption.inner("keyvaultproperties")))
    assert getattr(key, "url", "") == "https://myvault8569.vault.azure.net/keys/wrappingKey"


def test_the_examples_of_a_blob_service_containers_and_scopes() -> None:
    service = members(example("BlobServices_GetServiceProperties"))
    assert value(answers.versioning(service)) is True
    assert value(answers.kept_days(service, "deleteRetentionPolicy")) == 300
    assert value(answers.kept_days(service, "containerDeleteRetentionPolicy")) == 0
    assert value(answers.open_origins(service)) is True
    items = [answers.container(each, None) for each in members(example("BlobContainers_List")).each("value")]
    assert [value(each.public_access) for each in items] == ["Container", "None"]
    scopes = [answers.scope(each) for each in members(example("EncryptionScopes_List")).each("value")]
    assert [None if each is None else each[1] is not None for each in scopes].count(True) == 1


def test_lifecycle_rules_of_the_example_and_of_the_recordings() -> None:
    read = answers.lifecycle(members(example("ManagementPolicies_Get")))
    assert isinstance(read, Known)
    (rule,) = read.value
    assert (rule.after, rule.prefixes, rule.append_blobs) == (1000, ("olcmtestcontainer",), False)
    for each in recorded("Microsoft.Storage/storageAccounts/managementPolicies"):
        old = answers.lifecycle(members(each))
        assert isinstance(old, Known)
        assert [found.after for found in old.value] == [3]


def test_the_example_of_a_diagnostic_setting() -> None:
    (found,) = [setting(each) for each in members(example("DiagnosticSettings_List")).each("value")]
    assert found is not None
    assert found.groups == ("alllogs",)
    assert len(found.destinations) >= 2


def test_every_recorded_assignment_and_role_is_read() -> None:
    for each in recorded("Microsoft.Authorization/roleAssignments"):
        assert assignment(members(each)) is not None
    roles = recorded("Microsoft.Authorization/roleDefinitions")
    assert roles
    for each in roles:
        value(definition(members(each)))


def test_a_policy_on_signatures_that_only_logs_refuses_none() -> None:
    logs = {"sasPolicy": {"sasExpirationPeriod": "1.15:59:59", "expirationAction": "Log"}}
    assert value(answers.token_days(members(logs))) is FOREVER
    blocks = {"sasPolicy": {"sasExpirationPeriod": "1.15:59:59", "expirationAction": "Block"}}
    assert value(answers.token_days(members(blocks))) == 2
    broken = {"sasPolicy": {"sasExpirationPeriod": "soon", "expirationAction": "Block"}}
    assert isinstance(answers.token_days(members(broken)), Unknown)
