"""The account API's answers for what a Terraform state says of an account."""

from __future__ import annotations

from datetime import datetime

from tests.parity.creating import Values, resources
from tests.testbeds.databricks import AccountState
from tests.testbeds.records import credential, delivered, log_delivery, storage_configuration


def account_state(state: Values, now: datetime) -> AccountState:
    """The account, whose deliveries work."""
    found = [(each["type"], each["values"]) for each in resources(state["values"]["root_module"])]
    return AccountState(
        credentials=tuple(
            credential(values["credentials_id"], values["role_arn"])
            for kind, values in found
            if kind == "databricks_mws_credentials"
        ),
        storage_configurations=tuple(
            storage_configuration(values["storage_configuration_id"], values["bucket_name"])
            for kind, values in found
            if kind == "databricks_mws_storage_configurations"
        ),
        log_delivery=tuple(
            log_delivery(
                values["config_id"],
                name=values["config_name"],
                storage=values["storage_configuration_id"],
                credentials=values["credentials_id"],
                prefix=values["delivery_path_prefix"] or "",
                status=values["status"],
                log_type=values["log_type"],
                workspaces=values["workspace_ids_filter"] or (),
                health=delivered(now),
            )
            for kind, values in found
            if kind == "databricks_mws_log_delivery"
        ),
    )
