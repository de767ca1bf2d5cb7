"""A small estate of Azure as azurerm 4 plans it: a workspace that delivers to a storage account, and what is beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from posture.model.subjects import About
from posture.planning import Asked, PlanOutcome
from posture.terraform.plan import Plan
from tests.parity.comparing import Facts, facts
from tests.planning.estate import judged
from tests.terraform.plans import Free, change, document, module, read, refs, written

SUBSCRIPTION = "00000000-0000-4000-8000-00000000000a"
TENANT = "00000000-0000-4000-8000-0000000000ff"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/audit"
ACCOUNT_ID = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/acmelogs"
WORKSPACE_ID = f"{GROUP}/providers/Microsoft.Databricks/workspaces/analytics"
VAULT_ID = f"{GROUP}/providers/Microsoft.KeyVault/vaults/acme-keys"
KEY_URL = "https://acme-keys.vault.azure.net/keys/logs"
HOST = "https://acmelogs.blob.core.windows.net"

ACCOUNT = "azurerm_storage_account.logs"
WORKSPACE = "azurerm_databricks_workspace.analytics"
SETTING = "azurerm_monitor_diagnostic_setting.audit"
WATCHING = "azurerm_monitor_diagnostic_setting.watch"
RULES = "azurerm_storage_account_network_rules.logs"
LIFECYCLE = "azurerm_storage_management_policy.logs"
CONTAINER = "azurerm_storage_container.logs"
WORM = "azurerm_storage_container_immutability_policy.logs"
VAULT = "azurerm_key_vault.keys"
KEY = "azurerm_key_vault_key.logs"
CUSTOMER_KEY = "azurerm_storage_account_customer_managed_key.logs"
LOCK = "azurerm_management_lock.logs"

NOW: Mapping[str, Mapping[str, Free]] = {
    ACCOUNT: {
        "id": ACCOUNT_ID,
        "name": "acmelogs",
        "resource_group_name": "audit",
        "location": "westeurope",
        "account_tier": "Standard",
        "account_replication_type": "GZRS",
        "primary_blob_endpoint": f"{HOST}/",
        "allow_nested_items_to_be_public": False,
        "cross_tenant_replication_enabled": False,
        "https_traffic_only_enabled": True,
        "infrastructure_encryption_enabled": True,
        "is_hns_enabled": False,
        "local_user_enabled": False,
        "min_tls_version": "TLS1_2",
        "nfsv3_enabled": False,
        "public_network_access_enabled": True,
        "sftp_enabled": False,
        "shared_access_key_enabled": False,
        "static_website": [],
        "blob_properties": [
            {
                "versioning_enabled": True,
                "change_feed_enabled": False,
                "cors_rule": [],
                "delete_retention_policy": [{"days": 30}],
                "container_delete_retention_policy": [{"days": 14}],
            }
        ],
        "customer_managed_key": [],
        "immutability_policy": [],
        "network_rules": [],
        "sas_policy": [{"expiration_period": "01.00:00:00", "expiration_action": "Block"}],
    },
    WORKSPACE: {
        "id": WORKSPACE_ID,
        "name": "analytics",
        "resource_group_name": "audit",
        "location": "westeurope",
        "sku": "premium",
        "custom_parameters": [{"storage_account_name": "dbstorageabc"}],
    },
    SETTING: {
        "id": f"{WORKSPACE_ID}|audit",
        "name": "audit",
        "target_resource_id": WORKSPACE_ID,
        "storage_account_id": ACCOUNT_ID,
        "eventhub_authorization_rule_id": "",
        "eventhub_name": "",
        "log_analytics_workspace_id": "",
        "partner_solution_id": "",
        "enabled_log": [{"category": "", "category_group": "allLogs"}],
    },
    WATCHING: {
        "id": f"{ACCOUNT_ID}/blobServices/default|watch",
        "name": "watch",
        "target_resource_id": f"{ACCOUNT_ID}/blobServices/default",
        "storage_account_id": "",
        "eventhub_authorization_rule_id": "",
        "eventhub_name": "",
        "log_analytics_workspace_id": f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/siem",
        "partner_solution_id": "",
        "enabled_log": [
            {"category": each, "category_group": ""} for each in ("StorageRead", "StorageWrite", "StorageDelete")
        ],
    },
    RULES: {
        "id": ACCOUNT_ID,
        "storage_account_id": ACCOUNT_ID,
        "default_action": "Deny",
        "bypass": ["AzureServices"],
        "ip_rules": ["203.0.113.0/24"],
        "virtual_network_subnet_ids": [],
        "private_link_access": [],
    },
    LIFECYCLE: {
        "id": f"{ACCOUNT_ID}/managementPolicies/default",
        "storage_account_id": ACCOUNT_ID,
        "rule": [
            {
                "name": "old",
                "enabled": True,
                "filters": [{"blob_types": ["appendBlob"], "prefix_match": ["insights-logs-"]}],
                "actions": [
                    {
                        "base_blob": [{"delete_after_days_since_modification_greater_than": 800}],
                        "version": [{"delete_after_days_since_creation": 800}],
                    }
                ],
            }
        ],
    },
    CONTAINER: {
        "id": f"{ACCOUNT_ID}/blobServices/default/containers/insights-logs-accounts",
        "resource_manager_id": f"{ACCOUNT_ID}/blobServices/default/containers/insights-logs-accounts",
        "name": "insights-logs-accounts",
        "storage_account_id": ACCOUNT_ID,
        "storage_account_name": "",
        "container_access_type": "private",
        "default_encryption_scope": "$account-encryption-key",
        "has_immutability_policy": True,
        "has_legal_hold": False,
    },
    WORM: {
        "storage_container_resource_manager_id": f"{ACCOUNT_ID}/blobServices/default/containers/insights-logs-accounts",
        "immutability_period_in_days": 400,
        "locked": True,
        "protected_append_writes_enabled": False,
        "protected_append_writes_all_enabled": True,
    },
    VAULT: {
        "id": VAULT_ID,
        "name": "acme-keys",
        "resource_group_name": "audit",
        "vault_uri": "https://acme-keys.vault.azure.net/",
        "tenant_id": TENANT,
        "purge_protection_enabled": True,
        "rbac_authorization_enabled": True,
        "access_policy": [],
    },
    KEY: {
        "id": f"{KEY_URL}/0123456789abcdef",
        "versionless_id": KEY_URL,
        "name": "logs",
        "key_vault_id": VAULT_ID,
        "rotation_policy": [{"expire_after": "P2Y", "automatic": [{"time_before_expiry": "P30D"}]}],
    },
    CUSTOMER_KEY: {
        "id": ACCOUNT_ID,
        "storage_account_id": ACCOUNT_ID,
        "key_vault_key_id": KEY_URL,
        "managed_hsm_key_id": None,
    },
    LOCK: {"name": "keep", "scope": ACCOUNT_ID, "lock_level": "CanNotDelete"},
}
EMPTY: Mapping[str, Mapping[str, Free]] = {}
_CHOSEN = {  # what only apply makes, by kind; and what the configuration refers to in its place
    "id": True, "resource_manager_id": True, "primary_blob_endpoint": True, "vault_uri": True, "versionless_id": True,
    "role_definition_resource_id": True,
}  # fmt: skip
LINKS: Mapping[str, Mapping[str, str]] = {
    SETTING: {"target_resource_id": f"{WORKSPACE}.id", "storage_account_id": f"{ACCOUNT}.id"},
    WATCHING: {"target_resource_id": f"{ACCOUNT}.id"},
    RULES: {"storage_account_id": f"{ACCOUNT}.id"},
    LIFECYCLE: {"storage_account_id": f"{ACCOUNT}.id"},
    CONTAINER: {"storage_account_id": f"{ACCOUNT}.id"},
    WORM: {"storage_container_resource_manager_id": f"{CONTAINER}.resource_manager_id"},
    KEY: {"key_vault_id": f"{VAULT}.id"},
    CUSTOMER_KEY: {"storage_account_id": f"{ACCOUNT}.id", "key_vault_key_id": f"{KEY}.versionless_id"},
    LOCK: {"scope": f"{ACCOUNT}.id"},
}


def changing(
    changes: Mapping[str, Free | None] | None = None,
    *,
    actions: Mapping[str, tuple[str, ...]] | None = None,
    without: Iterable[str] = (),
    more: Iterable[Mapping[str, Free]] = (),
    also: Mapping[str, Mapping[str, Free]] = EMPTY,
    **members: Free,
) -> dict[str, Free]:
    """The estate as it is, with other values after the plan; None destroys. What is not named stays as it is."""
    entries = []
    for address, before in {**NOW, **also}.items():
        if address in without:
            continue
        after = (changes or {}).get(address, before)
        after = None if after is None else {**before, **after}
        default = ("delete",) if after is None else ("no-op",) if after == before else ("update",)
        entries.append(change(address, after, actions=(actions or {}).get(address, default), before=before))
    return document([*entries, *more], **members)


def changed(*changes: Mapping[str, Free | None] | None, **given: Free) -> Plan:
    """The same, read."""
    return read(changing(*changes, **given))


def creating(
    changes: Mapping[str, Mapping[str, Free]] | None = None,
    *,
    without: Iterable[str] = (),
    references: Mapping[str, Mapping[str, str]] | None = None,
    more: Iterable[Mapping[str, Free]] = (),
    also: Mapping[str, Mapping[str, Free]] = EMPTY,
    instead: Mapping[str, Mapping[str, Free]] = EMPTY,
) -> dict[str, Free]:
    """The estate before anything is there: what apply makes is unknown, and the configuration tells what is what.

    `also` is more of it, and `instead` are whole entries.
    """
    entries, blocks = [], []
    for address, now in {**NOW, **also}.items():
        if address in without:
            continue
        links = {**LINKS.get(address, {}), **(references or {}).get(address, {})}
        values = {**now, **(changes or {}).get(address, {})}
        unknown = [name for name in values if name in links or name in _CHOSEN]
        entry = change(address, {k: v for k, v in values.items() if k not in unknown}, unknown)
        entries.append((instead or {}).get(address, entry))
        plain: dict[str, Free] = {name: {} for name in values if name not in links and name not in _CHOSEN}
        blocks.append(
            written(address, **plain, **{name: refs(to, to.rpartition(".")[0]) for name, to in links.items()})
        )
    configured = {"provider_config": {"x": {"name": "azurerm", "expressions": {}}}, "root_module": module(*blocks)}
    return document([*entries, *more], configuration=configured)


def created(*changes: Mapping[str, Mapping[str, Free]] | None, **given: Free) -> Plan:
    """The same, read."""
    return read(creating(*changes, **given))


def outcome(plan: Plan, **asked: Free) -> PlanOutcome:
    return judged(plan, Asked(**asked))


def known(found: PlanOutcome, uri: str = HOST, about: About = About.STORE) -> Facts:
    (one,) = (each for each in found.subjects if each.info.about is about and each.info.uri == uri)
    return facts(one.record, {})
