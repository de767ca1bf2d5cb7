"""Resources of Azure as Azure Resource Manager answers them, in the shapes of the official examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.testbeds.arm import TENANT
from tests.testbeds.databricks import Json, Record

PLATFORM = "aaaaaaaa-0000-4000-8000-000000000001"
ARCHIVE = "bbbbbbbb-0000-4000-8000-000000000002"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
MODIFIED_DAYS = "daysAfterModificationGreaterThan"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_ROLES: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    OWNER: ("Owner", ("*",), (), ()),
    CONTRIBUTOR: (
        "Contributor",
        ("*",),
        ("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"),
        (),
    ),
    READER: ("Reader", ("*/read",), (), ()),
    BLOB_READER: ("Storage Blob Data Reader", (), (), (f"{_BLOBS}/read",)),
    BLOB_CONTRIBUTOR: (
        "Storage Blob Data Contributor",
        (),
        (),
        (f"{_BLOBS}/delete", f"{_BLOBS}/read", f"{_BLOBS}/write", f"{_BLOBS}/add/action"),
    ),
}


def subscription(identity: str, *, tenant: str = TENANT) -> Record:
    return {
        "id": f"/subscriptions/{identity}",
        "subscriptionId": identity,
        "tenantId": tenant,
        "displayName": identity[:8],
        "state": "Enabled",
    }


def role_definitions(subscription_id: str) -> tuple[Record, ...]:
    """The built-in roles as one subscription gives them."""
    return tuple(
        {
            "id": f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/roleDefinitions/{identity}",
            "properties": {
                "roleName": name,
                "type": "BuiltInRole",
                "permissions": [
                    {"actions": actions, "notActions": excluded, "dataActions": data, "notDataActions": []}
                ],
            },
        }
        for identity, (name, actions, excluded, data) in _ROLES.items()
    )


def custom_role(subscription_id: str, identity: str, name: str, permissions: Record) -> Record:
    return {
        "id": f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/roleDefinitions/{identity}",
        "properties": {"roleName": name, "type": "CustomRole", "permissions": [permissions]},
    }


def assigned(scope: str, role: str, principal: str, kind: str = "User", *, condition: str = "") -> Record:
    """A role assignment; `scope` may be a management group."""
    home = scope if scope.startswith("/subscriptions/") else f"/subscriptions/{ARCHIVE}"
    where = "/".join(home.split("/")[:3])
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{principal[:8]}-{role[:8]}",
        "properties": {
            "roleDefinitionId": f"{where}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": kind,
            "scope": scope,
            **({"condition": condition, "conditionVersion": "2.0"} if condition else {}),
        },
    }


def eligible(scope: str, role: str, principal: str, kind: str = "User") -> Record:
    """A role that its holder may activate."""
    given = assigned(scope, role, principal, kind)
    return {**given, "id": str(given["id"]).replace("roleAssignments", "roleEligibilityScheduleInstances")}


def denied(
    scope: str, actions: Sequence[str], *, principals: Sequence[str], excluded: Sequence[str] = (), data: bool = False
) -> Record:
    none: tuple[str, ...] = ()
    given: Record = {"actions": none if data else tuple(actions), "dataActions": tuple(actions) if data else none}
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/denyAssignments/deny-1",
        "name": "deny-1",
        "properties": {
            "denyAssignmentName": "protected by the platform",
            "permissions": [{**given, "notActions": [], "notDataActions": []}],
            "scope": scope,
            "doNotApplyToChildScopes": False,
            "principals": [{"id": each, "type": "SystemDefined"} for each in principals],
            "excludePrincipals": [{"id": each, "type": "ServicePrincipal"} for each in excluded],
        },
    }


def lock(scope: str, level: str = "CanNotDelete") -> Record:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/locks/keep",
        "name": "keep",
        "properties": {"level": level},
    }


def delegation(subscription_id: str, tenant: str, principal: str, role: str, *, eligible: bool = False) -> Record:
    """Azure Lighthouse: another tenant's principal manages the subscription."""
    return {
        "id": f"/subscriptions/{subscription_id}/providers/Microsoft.ManagedServices/registrationAssignments/msp",
        "properties": {
            "provisioningState": "Succeeded",
            "registrationDefinition": {
                "properties": {
                    "managedByTenantId": tenant,
                    "authorizations": [],
                    "eligibleAuthorizations" if eligible else "authorizations": [
                        {"principalId": principal, "principalIdDisplayName": "MSP operators", "roleDefinitionId": role}
                    ],
                }
            },
        },
    }


def databricks_workspace(subscription_id: str, name: str, *, number: int) -> Record:
    group = f"/subscriptions/{subscription_id}/resourceGroups/data"
    return {
        "id": f"{group}/providers/Microsoft.Databricks/workspaces/{name}",
        "name": name,
        "type": "Microsoft.Databricks/workspaces",
        "location": "westeurope",
        "sku": {"name": "premium"},
        "properties": {
            "workspaceId": str(number),
            "workspaceUrl": f"adb-{number}.1.azuredatabricks.net",
            "managedResourceGroupId": f"{group}-{name}-managed",
            "parameters": {"storageAccountName": {"type": "String", "value": f"dbstorage{name}"}},
        },
    }


def diagnostic_setting(
    resource: str,
    name: str,
    *,
    groups: Sequence[str] = (),
    categories: Sequence[str] = (),
    storage: str = "",
    hub_rule: str = "",
    hub: str = "",
    log_analytics: str = "",
    partner: str = "",
) -> Record:
    retention: Record = {"enabled": False, "days": 0}
    logs: list[Json] = [{"categoryGroup": each, "enabled": True, "retentionPolicy": retention} for each in groups]
    logs += [{"category": each, "enabled": True, "retentionPolicy": retention} for each in categories]
    return {
        "id": f"{resource}/providers/Microsoft.Insights/diagnosticSettings/{name}",
        "name": name,
        "type": "Microsoft.Insights/diagnosticSettings",
        "properties": {
            "storageAccountId": storage or None,
            "eventHubAuthorizationRuleId": hub_rule or None,
            "eventHubName": hub or None,
            "workspaceId": log_analytics or None,
            "marketplacePartnerId": partner or None,
            "logs": logs,
            "metrics": [],
            "logAnalyticsDestinationType": None,
        },
    }


def storage_account(subscription_id: str, name: str, properties: Record, *, sku: str = "Standard_LRS") -> Record:
    group = f"/subscriptions/{subscription_id}/resourceGroups/logs"
    return {
        "id": f"{group}/providers/Microsoft.Storage/storageAccounts/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts",
        "kind": "StorageV2",
        "location": "westeurope",
        "sku": {"name": sku, "tier": "Standard"},
        "tags": {"purpose": "audit-logs"},
        "properties": {"provisioningState": "Succeeded", **properties},
    }


def blob_service(account: Record, properties: Record) -> Record:
    return {"id": f"{account['id']}/blobServices/default", "name": "default", "properties": properties}


def container(account: Record, name: str, properties: Record | None = None) -> Record:
    return {
        "id": f"{account['id']}/blobServices/default/containers/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
        "properties": {
            "publicAccess": "None",
            "leaseStatus": "Unlocked",
            "hasImmutabilityPolicy": False,
            "hasLegalHold": False,
            **(properties or {}),
        },
    }


def immutability(account: Record, name: str, *, days: int, state: str = "Locked", appends: bool = True) -> Record:
    return {
        "id": f"{account['id']}/blobServices/default/containers/{name}/immutabilityPolicies/default",
        "name": "default",
        "properties": {
            "immutabilityPeriodSinceCreationInDays": days,
            "state": state,
            "allowProtectedAppendWrites": appends,
        },
    }


def management_policy(account: Record, *rules: Record) -> Record:
    return {
        "id": f"{account['id']}/managementPolicies/default",
        "name": "DefaultManagementPolicy",
        "properties": {"policy": {"rules": rules}},
    }


def deletion(name: str, days: int, *, prefixes: Sequence[str] = (), types: Sequence[str] = ("appendBlob",)) -> Record:
    return {
        "name": name,
        "type": "Lifecycle",
        "enabled": True,
        "definition": {
            "actions": {"baseBlob": {"delete": {MODIFIED_DAYS: float(days)}}},
            "filters": {"blobTypes": tuple(types), "prefixMatch": tuple(prefixes)},
        },
    }


def defender(account: Record, *, enabled: bool) -> Record:
    return {
        "id": f"{account['id']}/providers/Microsoft.Security/defenderForStorageSettings/current",
        "name": "current",
        "properties": {"isEnabled": enabled},
    }


def defender_plan(subscription_id: str, *, paid: bool) -> Record:
    """Of the whole subscription."""
    return {
        "id": f"/subscriptions/{subscription_id}/providers/Microsoft.Security/pricings/StorageAccounts",
        "name": "StorageAccounts",
        "properties": {"pricingTier": "Standard" if paid else "Free"},
    }


def data_export(workspace: str, name: str, tables: Sequence[str], destination: str, *, hub: str = "") -> Record:
    """A rule of a Log Analytics workspace."""
    kind = "EventHub" if "/namespaces/" in destination else "StorageAccount"
    return {
        "id": f"{workspace}/dataExports/{name}",
        "name": name,
        "properties": {
            "tableNames": tuple(tables),
            "enable": True,
            "destination": {
                "resourceId": destination,
                "type": kind,
                **({"metaData": {"eventHubName": hub}} if hub else {}),
            },
        },
    }


def capturing(account: str, container: str) -> Record:
    """The member of a hub that captures its events."""
    return {
        "enabled": True,
        "encoding": "Avro",
        "destination": {
            "name": "EventHubArchive.AzureBlockBlob",
            "properties": {"storageAccountResourceId": account, "blobContainer": container},
        },
    }


def vault(subscription_id: str, name: str, properties: Record) -> Record:
    return {
        "id": f"/subscriptions/{subscription_id}/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/{name}",
        "name": name,
        "location": "westeurope",
        "properties": {"tenantId": TENANT, "vaultUri": f"https://{name}.vault.azure.net/", **properties},
    }


def vault_key(of: Record, name: str, *, enabled: bool = True, rotates: bool = True) -> Record:
    actions: list[Json] = [{"trigger": {"timeAfterCreate": "P90D"}, "action": {"type": "rotate"}}] if rotates else []
    return {
        "id": f"{of['id']}/keys/{name}",
        "name": name,
        "properties": {
            "attributes": {"enabled": enabled},
            "kty": "RSA",
            "rotationPolicy": {"lifetimeActions": actions},
        },
    }


def user(name: str, *, guest: bool = False) -> Record:
    return {
        "@odata.type": "#microsoft.graph.user",
        "displayName": name,
        "userPrincipalName": name,
        "userType": "Guest" if guest else "Member",
    }


def application(name: str, *, tenant: str | None = TENANT) -> Record:
    """Without an owner it is a managed identity."""
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "displayName": name,
        "appOwnerOrganizationId": tenant,
        "servicePrincipalType": "Application" if tenant else "ManagedIdentity",
    }
