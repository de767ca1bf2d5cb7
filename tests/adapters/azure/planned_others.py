"""What stands beside the planned estate: a stream, a table, keys of their own, and who gets in. See `planned`."""

from __future__ import annotations

from collections.abc import Mapping

from tests.adapters.azure.planned import (
    ACCOUNT,
    ACCOUNT_ID,
    GROUP,
    KEY,
    KEY_URL,
    LINKS,
    NOW,
    SETTING,
)
from tests.terraform.plans import Free

NAMESPACE = "azurerm_eventhub_namespace.siem"
HUB = "azurerm_eventhub.logs"
RULE = "azurerm_eventhub_namespace_authorization_rule.send"
HUB_KEY = "azurerm_eventhub_namespace_customer_managed_key.siem"
TABLES = "azurerm_log_analytics_workspace.siem"
TABLE = "azurerm_log_analytics_workspace_table.accounts"
CLUSTER = "azurerm_log_analytics_cluster.own"
CLUSTER_KEY = "azurerm_log_analytics_cluster_customer_managed_key.own"
LINK = "azurerm_log_analytics_linked_service.own"
ENDPOINT = "azurerm_private_endpoint.logs"
COPIES = "azurerm_storage_object_replication.logs"
COPY = "azurerm_storage_account.copy"
SCOPE = "azurerm_storage_encryption_scope.logs"
ROLE = "azurerm_role_definition.reader"
ASSIGNED = "azurerm_role_assignment.reader"
NAMESPACE_ID = f"{GROUP}/providers/Microsoft.EventHub/namespaces/acme-siem"
RULE_ID = f"{NAMESPACE_ID}/authorizationRules/send"
TABLES_ID = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/siem"
CLUSTER_ID = f"{GROUP}/providers/Microsoft.OperationalInsights/clusters/own"
COPY_ID = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/acmecopy"
ROLE_ID = f"{GROUP.partition('/resourceGroups')[0]}/providers/Microsoft.Authorization/roleDefinitions/own"
STREAM = "https://acme-siem.servicebus.windows.net/logs"
ROWS = f"https://management.azure.com{TABLES_ID}".lower()

STREAMED: Mapping[str, Mapping[str, Free]] = {
    NAMESPACE: {
        "id": NAMESPACE_ID,
        "name": "acme-siem",
        "resource_group_name": "audit",
        "location": "westeurope",
        "sku": "Premium",
        "local_authentication_enabled": False,
        "minimum_tls_version": "1.2",
        "public_network_access_enabled": True,
        "network_rulesets": [
            {
                "default_action": "Deny",
                "trusted_service_access_enabled": True,
                "public_network_access_enabled": True,
                "ip_rule": [{"ip_mask": "203.0.113.0/28", "action": "Allow"}],
                "virtual_network_rule": [],
            }
        ],
    },
    HUB: {
        "id": f"{NAMESPACE_ID}/eventhubs/logs",
        "name": "logs",
        "namespace_id": NAMESPACE_ID,
        "namespace_name": "acme-siem",
        "message_retention": 7,
        "retention_description": [],
    },
    RULE: {"id": RULE_ID, "name": "send", "namespace_name": "acme-siem", "resource_group_name": "audit"},
    HUB_KEY: {
        "id": NAMESPACE_ID,
        "eventhub_namespace_id": NAMESPACE_ID,
        "key_vault_key_ids": [f"{KEY_URL}/0123456789abcdef"],
        "infrastructure_encryption_enabled": True,
    },
    SETTING: {**NOW[SETTING], "eventhub_authorization_rule_id": RULE_ID, "eventhub_name": "logs"},
}
STREAMED_LINKS: Mapping[str, Mapping[str, str]] = {
    HUB: {"namespace_id": f"{NAMESPACE}.id"},
    HUB_KEY: {"eventhub_namespace_id": f"{NAMESPACE}.id", "key_vault_key_ids": f"{KEY}.id"},
    SETTING: {**LINKS[SETTING], "eventhub_authorization_rule_id": f"{RULE}.id"},
}
TABLED: Mapping[str, Mapping[str, Free]] = {
    TABLES: {
        "id": TABLES_ID,
        "name": "siem",
        "resource_group_name": "audit",
        "location": "westeurope",
        "sku": "PerGB2018",
        "retention_in_days": 90,
        "allow_resource_only_permissions": False,
        "internet_ingestion_enabled": True,
        "internet_query_enabled": False,
        "local_authentication_enabled": False,
        "local_authentication_disabled": True,
    },
    TABLE: {
        "id": f"{TABLES_ID}/tables/DatabricksAccounts",
        "name": "DatabricksAccounts",
        "workspace_id": TABLES_ID,
        "retention_in_days": 90,
        "total_retention_in_days": 730,
    },
    CLUSTER: {
        "id": CLUSTER_ID,
        "name": "own",
        "resource_group_name": "audit",
        "location": "westeurope",
        "size_gb": 100,
    },
    CLUSTER_KEY: {"id": CLUSTER_ID, "log_analytics_cluster_id": CLUSTER_ID, "key_vault_key_id": KEY_URL},
    LINK: {"id": f"{TABLES_ID}/linkedServices/Cluster", "workspace_id": TABLES_ID, "write_access_id": CLUSTER_ID},
    SETTING: {**NOW[SETTING], "log_analytics_workspace_id": TABLES_ID},
}
TABLED_LINKS: Mapping[str, Mapping[str, str]] = {
    TABLE: {"workspace_id": f"{TABLES}.id"},
    CLUSTER_KEY: {"log_analytics_cluster_id": f"{CLUSTER}.id", "key_vault_key_id": f"{KEY}.versionless_id"},
    LINK: {"workspace_id": f"{TABLES}.id", "write_access_id": f"{CLUSTER}.id"},
    SETTING: {**LINKS[SETTING], "log_analytics_workspace_id": f"{TABLES}.id"},
}

BESIDE: Mapping[str, Mapping[str, Free]] = {
    ENDPOINT: {
        "name": "logs",
        "private_service_connection": [
            {"name": "logs", "private_connection_resource_id": ACCOUNT_ID, "is_manual_connection": False}
        ],
    },
    COPY: {**NOW[ACCOUNT], "id": COPY_ID, "name": "acmecopy", "primary_blob_endpoint": "https://acmecopy.blob.x/"},
    COPIES: {
        "source_storage_account_id": ACCOUNT_ID,
        "destination_storage_account_id": COPY_ID,
        "rules": [
            {
                "source_container_name": "insights-logs-accounts",
                "destination_container_name": "copy",
                "copy_blobs_created_after": "OnlyNewObjects",
                "filter_out_blobs_with_prefix": [],
            }
        ],
    },
    SCOPE: {
        "name": "logs",
        "storage_account_id": ACCOUNT_ID,
        "source": "Microsoft.KeyVault",
        "key_vault_key_id": KEY_URL,
    },
    ROLE: {
        "id": f"{ROLE_ID}|{ROLE_ID.partition('/providers')[0]}",
        "role_definition_id": "own",
        "role_definition_resource_id": ROLE_ID,
        "name": "log reader",
        "scope": ROLE_ID.partition("/providers")[0],
        "permissions": [
            {
                "actions": [],
                "not_actions": [],
                "data_actions": ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
                "not_data_actions": [],
            }
        ],
    },
    ASSIGNED: {
        "scope": ACCOUNT_ID,
        "role_definition_id": ROLE_ID,
        "role_definition_name": "",
        "principal_id": "00000000-0000-0000-0000-0000000000f1",
        "principal_type": "ServicePrincipal",
        "condition": "",
    },
}
BESIDE_LINKS: Mapping[str, Mapping[str, str]] = {
    COPIES: {
        "source_storage_account_id": f"{ACCOUNT}.id",
        "destination_storage_account_id": f"{COPY}.id",
    },
    SCOPE: {"storage_account_id": f"{ACCOUNT}.id", "key_vault_key_id": f"{KEY}.versionless_id"},
    ASSIGNED: {"scope": f"{ACCOUNT}.id", "role_definition_id": f"{ROLE}.role_definition_resource_id"},
}
