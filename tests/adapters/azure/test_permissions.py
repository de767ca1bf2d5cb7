"""The custom role holds what the calls need, only reads, and no data."""

from __future__ import annotations

import json

from posture.adapters.azure.calls import CALLS, GRAPH_CALLS
from posture.adapters.registry import PERMISSIONS
from posture.model.settings import AzureAccess, Settings


def test_the_role_is_the_calls() -> None:
    needed = json.loads(PERMISSIONS["azure"](Settings(), "", None).json)
    assert set(needed["role"]["Actions"]) == {call.permission for call in CALLS if call not in GRAPH_CALLS}
    assert needed["graph"]["application_permission"] == "Directory.Read.All"


def test_nothing_is_written_and_no_key_is_listed() -> None:
    role = json.loads(PERMISSIONS["azure"](Settings(), "", None).json)["role"]
    reads = {action for action in role["Actions"] if action.endswith("/read")}
    assert {*role["Actions"]} - reads == {"Microsoft.Storage/storageAccounts/blobServices/containers/getAcl/action"}
    assert role["DataActions"] == []


def test_scopes_and_terraform_name_the_subscriptions() -> None:
    one = "aaaaaaaa-0000-4000-8000-000000000001"
    needed = PERMISSIONS["azure"](Settings(azure=AzureAccess(subscriptions=(one,))), "", None)
    assert json.loads(needed.json)["role"]["AssignableScopes"] == [f"/subscriptions/{one}"]
    assert f'assignable_scopes = ["/subscriptions/{one}"]' in needed.terraform
    assert all(action in needed.terraform for action in json.loads(needed.json)["role"]["Actions"])
