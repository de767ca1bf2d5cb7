"""The reads of stores and of the keys that encrypt them.

Operations are called as Microsoft's REST specifications call them, with the resource provider in front.
"""

from __future__ import annotations

from posture.adapters.azure.reads import UNREGISTERED, Sdk, listing, read

_STORAGE = "2025-01-01"
_EVENT_HUB = "2024-01-01"
_KEY_VAULT = "2023-07-01"
_LOG_ANALYTICS = "2023-09-01"

LIST_STORAGE_ACCOUNTS = listing(
    "storage:StorageAccounts_List",
    "Microsoft.Storage/storageAccounts/read",
    "/providers/Microsoft.Storage/storageAccounts",
    _STORAGE,
    "in which subscription a named storage account lies",
    absent=UNREGISTERED,
    sdk=Sdk.STORAGE,
)
GET_STORAGE_ACCOUNT = read(
    "storage:StorageAccounts_GetProperties",
    "Microsoft.Storage/storageAccounts/read",
    "",
    _STORAGE,
    "network, keys, anonymous access, encryption and immutability of the account",
    sdk=Sdk.STORAGE,
)
GET_BLOB_SERVICE = read(
    "storage:BlobServices_GetServiceProperties",
    "Microsoft.Storage/storageAccounts/blobServices/read",
    "/blobServices/default",
    _STORAGE,
    "versioning, soft deletion, the change feed and cross-origin rules",
    sdk=Sdk.STORAGE,
)
LIST_CONTAINERS = listing(
    "storage:BlobContainers_List",
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "/blobServices/default/containers",
    _STORAGE,
    "the containers of the logs: anonymous access, legal holds, immutability",
    sdk=Sdk.STORAGE,
)
GET_CONTAINER_IMMUTABILITY = read(
    "storage:BlobContainers_GetImmutabilityPolicy",
    "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/read",
    "/immutabilityPolicies/default",
    _STORAGE,
    "how long a container keeps logs from being changed",
    sdk=Sdk.STORAGE,
)
GET_MANAGEMENT_POLICY = read(
    "storage:ManagementPolicies_Get",
    "Microsoft.Storage/storageAccounts/managementPolicies/read",
    "/managementPolicies/default",
    _STORAGE,
    "when lifecycle rules delete logs",
    absent=("ManagementPolicyNotFound",),
    sdk=Sdk.STORAGE,
    also=("default",),
)
LIST_OBJECT_REPLICATION = listing(
    "storage:ObjectReplicationPolicies_List",
    "Microsoft.Storage/storageAccounts/objectReplicationPolicies/read",
    "/objectReplicationPolicies",
    _STORAGE,
    "where logs are copied to",
    sdk=Sdk.STORAGE,
)
LIST_ENCRYPTION_SCOPES = listing(
    "storage:EncryptionScopes_List",
    "Microsoft.Storage/storageAccounts/encryptionScopes/read",
    "/encryptionScopes",
    _STORAGE,
    "keys of single containers",
    sdk=Sdk.STORAGE,
)
LIST_LOCAL_USERS = listing(
    "storage:LocalUsers_List",
    "Microsoft.Storage/storageAccounts/localUsers/read",
    "/localUsers",
    _STORAGE,
    "users of the account itself, who sign in over SFTP",
    sdk=Sdk.STORAGE,
)
LIST_PERIMETERS = listing(
    "storage:NetworkSecurityPerimeterConfigurations_List",
    "Microsoft.Storage/storageAccounts/networkSecurityPerimeterConfigurations/read",
    "/networkSecurityPerimeterConfigurations",
    _STORAGE,
    "what the network security perimeter lets through",
    sdk=Sdk.STORAGE,
)
LIST_VAULTS = listing(
    "keyvault:Vaults_ListBySubscription",
    "Microsoft.KeyVault/vaults/read",
    "/providers/Microsoft.KeyVault/vaults",
    _KEY_VAULT,
    "the vault of the key that encrypts the logs",
    absent=UNREGISTERED,
)
GET_KEY = read(
    "keyvault:Keys_Get",
    "Microsoft.KeyVault/vaults/keys/read",
    "",
    _KEY_VAULT,
    "whether that key is enabled and rotated",
    missing=("KeyNotFound",),
)
GET_NAMESPACE = read(
    "eventhub:Namespaces_Get",
    "Microsoft.EventHub/namespaces/read",
    "",
    _EVENT_HUB,
    "keys, encryption and public access of an Event Hubs namespace",
)
LIST_NAMESPACES = listing(
    "eventhub:Namespaces_List",
    "Microsoft.EventHub/namespaces/read",
    "/providers/Microsoft.EventHub/namespaces",
    _EVENT_HUB,
    "in which subscription a named namespace lies",
    absent=UNREGISTERED,
)
GET_NETWORK_RULE_SET = read(
    "eventhub:Namespaces_GetNetworkRuleSet",
    "Microsoft.EventHub/namespaces/networkRuleSets/read",
    "/networkRuleSets/default",
    _EVENT_HUB,
    "from where a namespace answers",
)
LIST_EVENT_HUBS = listing(
    "eventhub:EventHubs_ListByNamespace",
    "Microsoft.EventHub/namespaces/eventhubs/read",
    "/eventhubs",
    _EVENT_HUB,
    "how long events stay",
)
GET_LOG_ANALYTICS = read(
    "operationalinsights:Workspaces_Get",
    "Microsoft.OperationalInsights/workspaces/read",
    "",
    _LOG_ANALYTICS,
    "retention, keys and public access of a Log Analytics workspace",
)
LIST_TABLES = listing(
    "operationalinsights:Tables_ListByWorkspace",
    "Microsoft.OperationalInsights/workspaces/tables/read",
    "/tables",
    _LOG_ANALYTICS,
    "how long the tables of the audit logs keep rows",
)
LIST_DATA_EXPORTS = listing(
    "operationalinsights:DataExports_ListByWorkspace",
    "Microsoft.OperationalInsights/workspaces/dataExports/read",
    "/dataExports",
    _LOG_ANALYTICS,
    "where the tables of the audit logs are copied to",
)
GET_CLUSTER = read(
    "operationalinsights:Clusters_Get",
    "Microsoft.OperationalInsights/clusters/read",
    "",
    _LOG_ANALYTICS,
    "the key of the dedicated cluster that encrypts a Log Analytics workspace",
)
GET_DEFENDER = read(
    "security:DefenderForStorage_Get",
    "Microsoft.Security/defenderForStorageSettings/read",
    "/providers/Microsoft.Security/defenderForStorageSettings/current",
    "2022-12-01-preview",
    "whether Defender for Storage watches the account",
    absent=UNREGISTERED,
)
GET_DEFENDER_PLAN = read(
    "security:Pricings_Get",
    "Microsoft.Security/pricings/read",
    "/providers/Microsoft.Security/pricings/StorageAccounts",
    "2024-01-01",
    "whether Defender for Storage watches every account of the subscription",
    absent=UNREGISTERED,
)

STORE_READS = (
    LIST_STORAGE_ACCOUNTS,
    GET_STORAGE_ACCOUNT,
    GET_BLOB_SERVICE,
    LIST_CONTAINERS,
    GET_CONTAINER_IMMUTABILITY,
    GET_MANAGEMENT_POLICY,
    LIST_OBJECT_REPLICATION,
    LIST_ENCRYPTION_SCOPES,
    LIST_LOCAL_USERS,
    LIST_PERIMETERS,
    LIST_VAULTS,
    GET_KEY,
    GET_NAMESPACE,
    LIST_NAMESPACES,
    GET_NETWORK_RULE_SET,
    LIST_EVENT_HUBS,
    GET_LOG_ANALYTICS,
    LIST_TABLES,
    LIST_DATA_EXPORTS,
    GET_CLUSTER,
    GET_DEFENDER,
    GET_DEFENDER_PLAN,
)
