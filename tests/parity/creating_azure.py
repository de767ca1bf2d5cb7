"""What Azure would answer for what a Terraform state says is there: the requests that the azurerm provider makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tests.parity.creating import Values, resources
from tests.testbeds import azure_records as made
from tests.testbeds.arm import ArmState
from tests.testbeds.databricks import Json, Record

SUBSCRIPTION: Final = "00000000-0000-0000-0000-0000000000aa"
_READER: Final = "00000000-0000-0000-0000-0000000000f1"
_PRICING: Final = "azurerm_security_center_subscription_pricing"
_SERVICE: Final = "/blobServices/default"


def arm_state(state: Values, blobs: str, now: datetime) -> ArmState:
    """The whole subscription; `blobs` is where the blob services of the accounts answer."""
    found = [(each["type"], each["values"]) for each in resources(state["values"]["root_module"])]
    unmade = {kind for kind, _ in found} - {*_CREATORS, *_SCOPED, *_WITHIN, "azurerm_resource_group"}
    assert not unmade, f"nothing makes {unmade}"
    of_kind = _OfKind(found, blobs, now)
    records = [record for kind, values in found if kind in _CREATORS for record in _CREATORS[kind](of_kind, values)]
    return ArmState(
        resources=(made.subscription(SUBSCRIPTION), *made.role_definitions(SUBSCRIPTION), *records),
        scoped=tuple(_SCOPED[kind](values) for kind, values in found if kind in _SCOPED),
        directory={_READER: made.application("reader")},
    )


class _OfKind:
    """The values of other resources beside one."""

    def __init__(self, found: list[tuple[str, Values]], blobs: str, now: datetime) -> None:
        self._found = found
        self.blobs = blobs
        self.now = now.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")

    def beside(self, kind: str, attribute: str, identity: str) -> Iterator[Values]:
        return (values for each, values in self._found if each == kind and values[attribute] == identity)

    def endpoints(self, identity: str) -> Iterator[Values]:
        """The private endpoints that lead to a resource."""
        for kind, values in self._found:
            if kind == "azurerm_private_endpoint":
                (connection,) = values["private_service_connection"]
                if connection["private_connection_resource_id"] == identity:
                    yield connection

    @property
    def paid(self) -> bool:
        """Whether the subscription pays for Defender for Storage, which then watches every account."""
        return any(_is_paid(values) for kind, values in self._found if kind == _PRICING)


def _is_paid(values: Values) -> bool:
    return (values["resource_type"], values["tier"]) == ("StorageAccounts", "Standard")


def _connected(connection: Values) -> Record:
    status = "Pending" if connection["is_manual_connection"] else "Approved"
    return {"properties": {"privateLinkServiceConnectionState": {"status": status}}}


def _account(found: _OfKind, values: Values) -> Iterator[Record]:
    identity, name = values["id"], values["name"]
    rules = next(found.beside("azurerm_storage_account_network_rules", "storage_account_id", identity), None)
    key = next(found.beside("azurerm_storage_account_customer_managed_key", "storage_account_id", identity), None)
    yield {
        "id": identity,
        "name": name,
        "location": values["location"],
        "tags": values["tags"] or {},
        "sku": {"name": f"{values['account_tier']}_{values['account_replication_type']}"},
        "properties": {
            "allowBlobPublicAccess": values["allow_nested_items_to_be_public"],
            "allowSharedKeyAccess": values["shared_access_key_enabled"],
            "allowCrossTenantReplication": values["cross_tenant_replication_enabled"],
            "minimumTlsVersion": values["min_tls_version"],
            "supportsHttpsTrafficOnly": values["https_traffic_only_enabled"],
            "publicNetworkAccess": "Enabled" if values["public_network_access_enabled"] else "Disabled",
            "isHnsEnabled": values["is_hns_enabled"],
            "isSftpEnabled": values["sftp_enabled"],
            "isNfsV3Enabled": values["nfsv3_enabled"],
            "isLocalUserEnabled": values["local_user_enabled"],
            "networkAcls": _rules(rules),
            "keyCreationTime": {"key1": found.now, "key2": found.now},
            "encryption": {
                "requireInfrastructureEncryption": values["infrastructure_encryption_enabled"],
                **_encryption(key),
            },
            "primaryEndpoints": {"blob": f"{found.blobs}/{name}"},
            "privateEndpointConnections": [_connected(each) for each in found.endpoints(identity)],
        },
    }
    yield {"id": identity + _SERVICE, "name": "default", "properties": _service(values["blob_properties"])}
    yield made.defender({"id": identity}, enabled=found.paid)


def _rules(values: Values | None) -> Record:
    if values is None:
        return {"defaultAction": "Allow", "bypass": "AzureServices"}
    return {
        "defaultAction": values["default_action"],
        "bypass": ", ".join(values["bypass"]),
        "ipRules": [{"value": each, "action": "Allow"} for each in values["ip_rules"]],
        "virtualNetworkRules": [{"id": each} for each in values["virtual_network_subnet_ids"]],
    }


def _encryption(values: Values | None) -> Record:
    if values is None:
        return {"keySource": "Microsoft.Storage"}
    vault, _, name = values["key_vault_key_id"].partition("/keys/")
    return {"keySource": "Microsoft.Keyvault", "keyvaultproperties": {"keyvaulturi": vault, "keyname": name}}


def _service(blocks: list[Values]) -> Record:
    """A service of which nothing is written keeps nothing."""
    if not blocks:
        return {}
    (block,) = blocks
    return {
        "isVersioningEnabled": block["versioning_enabled"],
        "changeFeed": {"enabled": bool(block["change_feed_enabled"])},
        "deleteRetentionPolicy": _kept(block["delete_retention_policy"]),
        "containerDeleteRetentionPolicy": _kept(block["container_delete_retention_policy"]),
    }


def _kept(blocks: list[Values]) -> Record:
    return {"enabled": True, "days": blocks[0]["days"]} if blocks else {"enabled": False}


def _container(found: _OfKind, values: Values) -> Iterator[Record]:
    identity, attribute = values["resource_manager_id"], "storage_container_resource_manager_id"
    policies = list(found.beside("azurerm_storage_container_immutability_policy", attribute, identity))
    levels = {"private": "None", "blob": "Blob", "container": "Container"}
    yield {
        "id": identity,
        "name": values["name"],
        "properties": {
            "publicAccess": levels[values["container_access_type"]],
            "hasImmutabilityPolicy": bool(policies),
            "hasLegalHold": False,
            "defaultEncryptionScope": values["default_encryption_scope"],
        },
    }
    for each in policies:
        yield {
            "id": f"{identity}/immutabilityPolicies/default",
            "name": "default",
            "properties": {
                "immutabilityPeriodSinceCreationInDays": each["immutability_period_in_days"],
                "state": "Locked" if each["locked"] else "Unlocked",
                "allowProtectedAppendWrites": each["protected_append_writes_enabled"],
                "allowProtectedAppendWritesAll": each["protected_append_writes_all_enabled"],
            },
        }


def _lifecycle(_: _OfKind, values: Values) -> Iterator[Record]:
    account: Record = {"id": values["storage_account_id"]}
    yield made.management_policy(account, *map(_lifecycle_rule, values["rule"]))


def _lifecycle_rule(rule: Values) -> Record:
    (filters,), (actions,) = rule["filters"], rule["actions"]
    given: dict[str, Json] = {}
    clocks = {"modification": "daysAfterModificationGreaterThan", "creation": "daysAfterCreationGreaterThan"}
    for block in actions["base_blob"]:
        days = {arm: block[f"delete_after_days_since_{each}_greater_than"] for each, arm in clocks.items()}
        given["baseBlob"] = {"delete": {name: float(count) for name, count in days.items() if count >= 0}}
    for block in actions["version"]:
        given["version"] = {"delete": {clocks["creation"]: float(block["delete_after_days_since_creation"])}}
    return {
        "name": rule["name"],
        "enabled": rule["enabled"],
        "type": "Lifecycle",
        "definition": {
            "actions": given,
            "filters": {"blobTypes": filters["blob_types"], "prefixMatch": filters["prefix_match"] or []},
        },
    }


def _setting(_: _OfKind, values: Values) -> Iterator[Record]:
    logs = values["enabled_log"]
    yield made.diagnostic_setting(
        values["target_resource_id"],
        values["name"],
        groups=[each["category_group"] for each in logs if each["category_group"]],
        categories=[each["category"] for each in logs if each["category"]],
        storage=values["storage_account_id"] or "",
        log_analytics=values["log_analytics_workspace_id"] or "",
        hub_rule=values["eventhub_authorization_rule_id"] or "",
        hub=values["eventhub_name"] or "",
    )


def _workspace(_: _OfKind, values: Values) -> Iterator[Record]:
    (parameters,) = values["custom_parameters"]
    yield {
        "id": values["id"],
        "name": values["name"],
        "location": values["location"],
        "properties": {"parameters": {"storageAccountName": {"value": parameters["storage_account_name"]}}},
    }


def _log_analytics(_: _OfKind, values: Values) -> Iterator[Record]:
    access = {True: "Enabled", False: "Disabled"}
    yield {
        "id": values["id"],
        "name": values["name"],
        "location": values["location"],
        "properties": {
            "retentionInDays": values["retention_in_days"],
            "publicNetworkAccessForIngestion": access[values["internet_ingestion_enabled"]],
            "publicNetworkAccessForQuery": access[values["internet_query_enabled"]],
            "features": {"disableLocalAuth": not values["local_authentication_enabled"]},
        },
    }


def _pricing(_: _OfKind, values: Values) -> Iterator[Record]:
    yield {
        "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/pricings/{values['resource_type']}",
        "name": values["resource_type"],
        "properties": {"pricingTier": values["tier"]},
    }


def _scope(_: _OfKind, values: Values) -> Iterator[Record]:
    key: Record = {"keyUri": values["key_vault_key_id"]}
    yield {
        "id": values["id"],
        "name": values["name"],
        "properties": {"source": values["source"], "keyVaultProperties": key},
    }


def _namespace(_: _OfKind, values: Values) -> Iterator[Record]:
    (rules,) = values["network_rulesets"]
    yield {
        "id": values["id"],
        "name": values["name"],
        "location": values["location"],
        "properties": {
            "disableLocalAuth": not values["local_authentication_enabled"],
            "minimumTlsVersion": values["minimum_tls_version"],
            "publicNetworkAccess": "Enabled" if values["public_network_access_enabled"] else "Disabled",
        },
    }
    yield {
        "id": f"{values['id']}/networkRuleSets/default",
        "properties": {
            "defaultAction": rules["default_action"],
            "trustedServiceAccessEnabled": rules["trusted_service_access_enabled"],
            "ipRules": [{"ipMask": each["ip_mask"], "action": each["action"]} for each in rules["ip_rule"]],
        },
    }


def _hub(_: _OfKind, values: Values) -> Iterator[Record]:
    properties: Record = {"messageRetentionInDays": values["message_retention"]}
    yield {"id": values["id"], "name": values["name"], "properties": properties}


def _vault(_: _OfKind, values: Values) -> Iterator[Record]:
    yield {
        "id": values["id"],
        "name": values["name"],
        "location": values["location"],
        "properties": {
            "tenantId": values["tenant_id"],
            "vaultUri": values["vault_uri"],
            "enableSoftDelete": True,
            "enablePurgeProtection": bool(values["purge_protection_enabled"]),
            "enableRbacAuthorization": bool(values["enable_rbac_authorization"]),
            "accessPolicies": [],
        },
    }


def _key(_: _OfKind, values: Values) -> Iterator[Record]:
    rotates = any(policy["automatic"] for policy in values["rotation_policy"])
    yield made.vault_key({"id": values["key_vault_id"]}, values["name"], rotates=rotates)


def _assignment(values: Values) -> Record:
    assert values["role_definition_name"] == "Storage Blob Data Reader"
    return made.assigned(values["scope"], made.BLOB_READER, values["principal_id"], values["principal_type"])


def _lock(values: Values) -> Record:
    return made.lock(values["scope"], values["lock_level"])


_CREATORS: Final[Mapping[str, Callable[[_OfKind, Any], Iterator[Record]]]] = {
    "azurerm_storage_account": _account,
    "azurerm_storage_container": _container,
    "azurerm_storage_management_policy": _lifecycle,
    "azurerm_monitor_diagnostic_setting": _setting,
    "azurerm_databricks_workspace": _workspace,
    "azurerm_log_analytics_workspace": _log_analytics,
    "azurerm_eventhub_namespace": _namespace,
    "azurerm_eventhub": _hub,
    "azurerm_storage_encryption_scope": _scope,
    _PRICING: _pricing,
    "azurerm_key_vault": _vault,
    "azurerm_key_vault_key": _key,
}
_SCOPED: Final[Mapping[str, Callable[[Values], Record]]] = {
    "azurerm_role_assignment": _assignment,
    "azurerm_management_lock": _lock,
}
_WITHIN: Final = frozenset(  # made with what they belong to
    {
        "azurerm_storage_account_network_rules",
        "azurerm_private_endpoint",
        "azurerm_eventhub_namespace_authorization_rule",
        "azurerm_storage_account_customer_managed_key",
        "azurerm_storage_container_immutability_policy",
    }
)
