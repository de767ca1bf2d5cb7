"""The Azure part of the estate: a well kept archive, a neglected account, a stream, a table, three workspaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.testbeds import azure_records as made
from tests.testbeds.arm import TENANT, ArmState
from tests.testbeds.azure_records import ARCHIVE, PLATFORM
from tests.testbeds.databricks import Record

ANNA = "10000000-0000-4000-8000-00000000000a"
GUEST = "20000000-0000-4000-8000-00000000000b"
PIPELINE = "30000000-0000-4000-8000-00000000000c"
AUDITORS = "40000000-0000-4000-8000-00000000000d"
OTHER_TENANT = "99999999-eeee-4eee-8eee-000000000009"
CATEGORIES = ("accounts", "clusters", "jobs", "notebook", "secrets", "sqlPermissions", "unityCatalog", "workspace")
KEPT, NEGLECTED, STREAM = "acmeauditarchive", "acmelogsold", "acme-siem"


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureEstate:
    """What was seeded, by the ids that leads need, and the state of the stand-in."""

    kept: str
    neglected: str
    stream: str
    table: str
    state: ArmState

    @property
    def stores(self) -> tuple[str, ...]:
        """The URIs of the stores."""
        return (
            f"https://{KEPT}.blob.core.windows.net",
            f"https://{NEGLECTED}.blob.core.windows.net",
            f"https://{STREAM}.servicebus.windows.net/databricks",
        )


def azure_estate(url: str, *, now: datetime) -> AzureEstate:
    """Everything; `url` is where the blob services of the accounts answer."""
    kept, neglected = _kept(url, now), _neglected(url, now)
    stream, table = _stream(), _table()
    workspaces = [
        made.databricks_workspace(PLATFORM, name, number=number)
        for number, name in enumerate(("analytics", "science", "sandbox"), 8321790000000001)
    ]
    archive, old = str(kept[0]["id"]), str(neglected[0]["id"])
    hub_rule = f"{stream[0]['id']}/authorizationRules/RootManageSharedAccessKey"
    state = ArmState(
        resources=(
            made.subscription(PLATFORM),
            made.subscription(ARCHIVE),
            made.defender_plan(PLATFORM, paid=False),
            made.defender_plan(ARCHIVE, paid=True),
            *made.role_definitions(PLATFORM),
            *made.role_definitions(ARCHIVE),
            *workspaces,
            made.diagnostic_setting(
                str(workspaces[0]["id"]),
                "to-archive",
                groups=("allLogs",),
                storage=archive,
                hub_rule=hub_rule,
                hub="databricks",
                log_analytics=str(table[0]["id"]),
            ),
            made.diagnostic_setting(
                str(workspaces[1]["id"]), "to-old", categories=("accounts", "clusters", "jobs"), storage=old
            ),
            *kept,
            *neglected,
            *stream,
            *table,
        ),
        scoped=(
            made.assigned(f"/subscriptions/{ARCHIVE}", made.OWNER, ANNA),
            made.assigned(archive, made.BLOB_READER, AUDITORS, "Group"),
            made.assigned(f"/subscriptions/{PLATFORM}", made.CONTRIBUTOR, PIPELINE, "ServicePrincipal"),
            made.assigned(old, made.BLOB_CONTRIBUTOR, GUEST),
            made.lock(f"/subscriptions/{ARCHIVE}/resourceGroups/logs"),
        ),
        directory={
            ANNA: made.user("anna@acme.example"),
            GUEST: made.user("bob_other.example#EXT#@acme.example", guest=True),
            PIPELINE: made.application("pipeline", tenant=OTHER_TENANT),
        },
        members={AUDITORS: (ANNA,)},
        unregistered=frozenset({(ARCHIVE, "microsoft.databricks")}),
        websites=frozenset({NEGLECTED}),
        stored_policies={
            f"{NEGLECTED}/insights-logs-accounts": (
                ("partner", "rl", (now + timedelta(days=900)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")),
                ("scripts", "racwdl", ""),
            )
        },
    )
    return AzureEstate(kept=archive, neglected=old, stream=str(stream[0]["id"]), table=str(table[0]["id"]), state=state)


def good_state(url: str, *, now: datetime) -> ArmState:
    """One workspace, and the three stores that it delivers to; a container and the table have keys of their own."""
    estate = azure_estate(url, now=now)
    own: Record = {
        "id": f"{estate.kept}/encryptionScopes/own",
        "name": "own",
        "properties": {
            "source": "Microsoft.KeyVault",
            "keyVaultProperties": {"keyUri": "https://acme-keys.vault.azure.net/keys/audit"},
        },
    }
    jobs = made.container(
        {"id": estate.kept}, "insights-logs-jobs", {"defaultEncryptionScope": "own", "hasImmutabilityPolicy": True}
    )
    cluster, table = _clustered(estate)
    return changed(
        estate.state,
        own,
        jobs,
        cluster,
        table,
        without=(estate.neglected, "/workspaces/science", "/workspaces/sandbox"),
    )


def _clustered(estate: AzureEstate) -> tuple[Record, Record]:
    """The table in a dedicated cluster, which encrypts with a key of the customer."""
    table = next(each for each in estate.state.resources if each["id"] == estate.table)
    properties = table["properties"]
    assert isinstance(properties, Mapping)
    features = properties["features"]
    assert isinstance(features, Mapping)
    identity = estate.table.partition("/workspaces/")[0] + "/clusters/acme-cluster"
    named = {"keyVaultUri": "https://acme-keys.vault.azure.net", "keyName": "audit", "keyVersion": ""}
    cluster: Record = {"id": identity, "name": "acme-cluster", "properties": {"keyVaultProperties": named}}
    return cluster, {**table, "properties": {**properties, "features": {**features, "clusterResourceId": identity}}}


def bad_state(url: str, *, now: datetime) -> ArmState:
    """One workspace that delivers little, into the neglected account: with local users, and in a perimeter."""
    estate = azure_estate(url, now=now)
    account = next(each for each in estate.state.resources if each["id"] == estate.neglected)
    properties = account["properties"]
    assert isinstance(properties, Mapping)
    local: Record = {"isSftpEnabled": True, "isLocalUserEnabled": True, "publicNetworkAccess": "SecuredByPerimeter"}
    user: Record = {
        "id": f"{estate.neglected}/localUsers/ftp",
        "name": "ftp",
        "properties": {
            "permissionScopes": [{"permissions": "rl", "service": "blob", "resourceName": "insights-logs-jobs"}]
        },
    }
    inbound: Record = {"properties": {"direction": "Inbound", "addressPrefixes": ["198.51.100.0/28"]}}
    perimeter: Record = {
        "id": f"{estate.neglected}/networkSecurityPerimeterConfigurations/p",
        "name": "p",
        "properties": {
            "resourceAssociation": {"name": "a", "accessMode": "Enforced"},
            "profile": {"accessRules": [inbound]},
        },
    }
    furnished: Record = {**account, "properties": {**properties, **local}}
    gone = (estate.kept, estate.table, "/workspaces/analytics", "/workspaces/sandbox")
    return changed(estate.state, furnished, user, perimeter, without=gone)


def changed(state: ArmState, *new: Record, without: Iterable[str] = ()) -> ArmState:
    """Other resources in the place of those with their ids, and none whose id has one of these parts."""
    replaced = {str(each["id"]).lower() for each in new}
    parts = [each.lower() for each in without]
    kept = (
        each
        for each in state.resources
        if (identity := str(each["id"]).lower()) not in replaced and not any(part in identity for part in parts)
    )
    return replace(state, resources=(*kept, *new))


def _kept(url: str, now: datetime) -> tuple[Record, ...]:
    created = (now - timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    key_vault = made.vault(
        ARCHIVE,
        "acme-keys",
        {
            "enableSoftDelete": True,
            "enablePurgeProtection": True,
            "enableRbacAuthorization": True,
            "accessPolicies": [],
        },
    )
    account = made.storage_account(
        ARCHIVE,
        KEPT,
        {
            "allowBlobPublicAccess": False,
            "allowSharedKeyAccess": False,
            "allowCrossTenantReplication": False,
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
            "publicNetworkAccess": "Enabled",
            "networkAcls": {
                "bypass": "AzureServices",
                "defaultAction": "Deny",
                "ipRules": [{"value": "203.0.113.0/28", "action": "Allow"}],
                "virtualNetworkRules": [],
                "resourceAccessRules": [],
            },
            "keyCreationTime": {"key1": created, "key2": created},
            "encryption": {
                "keySource": "Microsoft.Keyvault",
                "requireInfrastructureEncryption": True,
                "keyvaultproperties": {
                    "keyvaulturi": "https://acme-keys.vault.azure.net",
                    "keyname": "audit",
                    "keyversion": "",
                },
            },
            "primaryEndpoints": {"blob": f"{url}/{KEPT}"},
            "privateEndpointConnections": [],
        },
        sku="Standard_GRS",
    )
    held = {"hasImmutabilityPolicy": True}
    containers = [made.container(account, f"insights-logs-{each.lower()}", held) for each in CATEGORIES]
    return (
        account,
        made.blob_service(
            account,
            {
                "isVersioningEnabled": True,
                "deleteRetentionPolicy": {"enabled": True, "days": 30},
                "containerDeleteRetentionPolicy": {"enabled": True, "days": 30},
                "changeFeed": {"enabled": True},
                "cors": {"corsRules": []},
            },
        ),
        *containers,
        made.container(account, "insights-metrics-pt1m", {"publicAccess": "Container"}),
        *(made.immutability(account, str(each["name"]), days=400) for each in containers),
        made.management_policy(account, made.deletion("after two years", 730)),
        made.defender(account, enabled=True),
        made.diagnostic_setting(
            f"{account['id']}/blobServices/default",
            "watch",
            groups=("allLogs",),
            log_analytics=str(_table()[0]["id"]),
        ),
        key_vault,
        made.vault_key(key_vault, "audit"),
    )


def _neglected(url: str, now: datetime) -> tuple[Record, ...]:
    created = (now - timedelta(days=1200)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    account = made.storage_account(
        PLATFORM,
        NEGLECTED,
        {
            "supportsHttpsTrafficOnly": False,
            "networkAcls": {
                "bypass": "None",
                "defaultAction": "Allow",
                "ipRules": [],
                "virtualNetworkRules": [],
            },
            "keyCreationTime": {"key1": created, "key2": created},
            "encryption": {"keySource": "Microsoft.Storage"},
            "primaryEndpoints": {"blob": f"{url}/{NEGLECTED}"},
        },
    )
    return (
        account,
        made.blob_service(
            account,
            {
                "cors": {"corsRules": [{"allowedOrigins": ["*"], "allowedMethods": ["GET"]}]},
                "deleteRetentionPolicy": {"enabled": False},
            },
        ),
        made.container(account, "insights-logs-accounts", {"publicAccess": "Blob"}),
        made.container(account, "insights-logs-clusters", {"publicAccess": "Container"}),
        made.container(account, "insights-logs-jobs"),
        made.management_policy(account, made.deletion("tidy up", 30)),
        made.defender(account, enabled=False),
    )


def _stream() -> tuple[Record, ...]:
    identity = f"/subscriptions/{PLATFORM}/resourceGroups/siem/providers/Microsoft.EventHub/namespaces/{STREAM}"
    namespace: Record = {
        "id": identity,
        "name": STREAM,
        "location": "westeurope",
        "properties": {"disableLocalAuth": False, "minimumTlsVersion": "1.2", "publicNetworkAccess": "Enabled"},
    }
    rules: Record = {
        "id": f"{identity}/networkRuleSets/default",
        "properties": {"defaultAction": "Deny", "trustedServiceAccessEnabled": True, "ipRules": []},
    }
    hub: Record = {
        "id": f"{identity}/eventhubs/databricks",
        "name": "databricks",
        "properties": {"messageRetentionInDays": 7},
    }
    return (namespace, rules, hub)


def _table() -> tuple[Record, ...]:
    group = f"/subscriptions/{PLATFORM}/resourceGroups/siem"
    identity = f"{group}/providers/Microsoft.OperationalInsights/workspaces/acme-sentinel"
    workspace: Record = {
        "id": identity,
        "name": "acme-sentinel",
        "location": "westeurope",
        "properties": {
            "customerId": TENANT,
            "retentionInDays": 90,
            "features": {"disableLocalAuth": True},
            "publicNetworkAccessForQuery": "Enabled",
            "publicNetworkAccessForIngestion": "Disabled",
        },
    }
    kept: Record = {
        "id": f"{identity}/tables/DatabricksAccounts",
        "name": "DatabricksAccounts",
        "properties": {"retentionInDays": 90, "totalRetentionInDays": 730},
    }
    return (workspace, kept)
