"""What `posture permissions` prints for Databricks."""

from __future__ import annotations

import json

from posture.adapters.databricks.permissions import permissions
from posture.adapters.databricks.wing import DatabricksWing
from posture.adapters.registry import declared_calls
from posture.model.settings import Settings
from posture.model.subjects import Provider


def test_the_role_and_every_read_it_is_for() -> None:
    given = permissions().as_json()
    assert given["account_role"] == "account_admin"
    assert given["writes"] == []
    assert json.loads(json.dumps(given)) == given
    declared = DatabricksWing(Settings()).calls
    assert permissions().reads == declared == declared_calls(Provider.DATABRICKS)
    assert all(call.permission == "account admin" and call.purpose for call in declared)
    assert [call.operation for call in declared] == [
        "databricks:log-delivery",
        "databricks:storage-configurations",
        "databricks:credentials",
        "databricks:workspaces",
        "databricks:networks",
    ]


def test_terraform() -> None:
    text = permissions().as_terraform()
    assert 'resource "databricks_service_principal_role" "posture" {' in text
    assert '  role                 = "account_admin"' in text
    assert text.count("{") == text.count("}")
    assert "{{" not in text
    assert "secret" not in text.partition("# Create the OAuth secret")[0]
