"""A small what-if of Azure Resource Manager: a template with a workspace, an account and what belongs to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from posture.planning import Asked, PlanOutcome
from posture.terraform.plan import Plan
from posture.terraform.read import parse_plan
from tests.planning.estate import judged
from tests.terraform.plans import Free

GROUP = "/subscriptions/00000000-0000-4000-8000-00000000000a/resourceGroups/audit"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/acmelogs"
SERVICE = f"{ACCOUNT}/blobServices/default"
CONTAINER = f"{SERVICE}/containers/insights-logs-accounts"
WORM = f"{CONTAINER}/immutabilityPolicies/default"
LIFECYCLE = f"{ACCOUNT}/managementPolicies/default"
LOCK = f"{ACCOUNT}/providers/Microsoft.Authorization/locks/keep"
WORKSPACE = f"{GROUP}/providers/Microsoft.Databricks/workspaces/analytics"
SETTING = f"{WORKSPACE}/providers/Microsoft.Insights/diagnosticSettings/audit"
WATCHING = f"{SERVICE}/providers/Microsoft.Insights/diagnosticSettings/watch"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/acme-keys"
KEY = f"{VAULT}/keys/logs"
SIEM = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/siem"
HOST = "https://acmelogs.blob.core.windows.net"
SOURCE = f"azure:/{WORKSPACE}".lower()

NOW: Mapping[str, Free] = {
    ACCOUNT: {
        "location": "westeurope",
        "sku": {"name": "Standard_GZRS"},
        "properties": {
            "allowBlobPublicAccess": False,
            "allowSharedKeyAccess": False,
            "allowCrossTenantReplication": False,
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
            "publicNetworkAccess": "Enabled",
            "networkAcls": {
                "defaultAction": "Deny",
                "bypass": "AzureServices",
                "ipRules": [{"value": "203.0.113.0/28", "action": "Allow"}],
            },
            "encryption": {
                "requireInfrastructureEncryption": True,
                "keySource": "Microsoft.Keyvault",
                "keyvaultproperties": {"keyname": "logs", "keyvaulturi": "https://acme-keys.vault.azure.net"},
            },
        },
    },
    SERVICE: {"properties": {"isVersioningEnabled": True, "deleteRetentionPolicy": {"enabled": True, "days": 30}}},
    CONTAINER: {"properties": {"publicAccess": "None"}},
    WORM: {
        "properties": {
            "immutabilityPeriodSinceCreationInDays": 400,
            "state": "Locked",
            "allowProtectedAppendWritesAll": True,
        }
    },
    LIFECYCLE: {
        "properties": {
            "policy": {
                "rules": [
                    {
                        "name": "old",
                        "enabled": True,
                        "type": "Lifecycle",
                        "definition": {
                            "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 800}}},
                            "filters": {"blobTypes": ["appendBlob"]},
                        },
                    }
                ]
            }
        }
    },
    LOCK: {"properties": {"level": "CanNotDelete"}},
    WORKSPACE: {
        "location": "westeurope",
        "properties": {"parameters": {"storageAccountName": {"value": "dbstorageabc"}}},
    },
    SETTING: {
        "properties": {"storageAccountId": ACCOUNT, "logs": [{"categoryGroup": "allLogs", "enabled": True}]},
    },
    WATCHING: {
        "properties": {
            "workspaceId": SIEM,
            "logs": [{"category": f"Storage{each}", "enabled": True} for each in ("Read", "Write", "Delete")],
        }
    },
    VAULT: {
        "location": "westeurope",
        "properties": {
            "enablePurgeProtection": True,
            "enableRbacAuthorization": True,
            "accessPolicies": [],
        },
    },
    KEY: {
        "properties": {
            "attributes": {"enabled": True},
            "rotationPolicy": {"lifetimeActions": [{"action": {"type": "rotate"}}]},
        }
    },
}


def whole(identity: str, body: Free) -> Free:
    """A resource with what every one has."""
    return None if body is None else {"id": identity, "name": identity.rpartition("/")[2], **body}


def result(changes: Iterable[Free], **members: Free) -> Free:
    return {"status": "Succeeded", "changes": list(changes), "error": None, **members}


def read(body: Free) -> Plan:
    return parse_plan(json.dumps(body).encode(), "what-if.json")


def created(changes: Mapping[str, Free] | None = None, *, without: Iterable[str] = ()) -> Free:
    """The template where nothing is there yet; a body of None leaves `after` out."""
    return result(
        {"resourceId": identity, "changeType": "Create", "before": None, "after": whole(identity, body)}
        for identity, body in {**NOW, **(changes or {})}.items()
        if identity not in without
    )


def changed(changes: Mapping[str, Free], *, types: Mapping[str, str] | None = None) -> Free:
    """The same deployed before: what is not named stays as it is; None deletes."""
    found = []
    for identity, before in NOW.items():
        after = changes.get(identity, before)
        word = "Delete" if after is None else "NoChange" if after == before else "Modify"
        found.append(
            {
                "resourceId": identity,
                "changeType": (types or {}).get(identity, word),
                "before": whole(identity, before),
                "after": whole(identity, after),
            }
        )
    return result(found)


def outcome(body: Free, **asked: Free) -> PlanOutcome:
    return judged(read(body), Asked(**asked))
