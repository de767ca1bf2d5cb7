"""Which operations of Azure reach logs, by what they let their holder do.

Sources: Azure built-in roles and resource provider operations, as Microsoft publishes them.
"""

from __future__ import annotations

from collections.abc import Mapping

from posture.frozen import dataclass
from posture.model.subjects import ActionClass

_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_STORAGE = "Microsoft.Storage/storageAccounts"
_EVENT_HUB = "Microsoft.EventHub/namespaces"
_LOG_ANALYTICS = "Microsoft.OperationalInsights/workspaces"
_VAULT = "Microsoft.KeyVault/vaults"
_AUTHORIZATION = "Microsoft.Authorization"
_ASSIGN = (
    f"{_AUTHORIZATION}/roleAssignments/write",
    f"{_AUTHORIZATION}/roleDefinitions/write",
    f"{_AUTHORIZATION}/roleAssignmentScheduleRequests/write",
    f"{_AUTHORIZATION}/roleEligibilityScheduleRequests/write",
)
_EVERYTHING = (ActionClass.LIST, ActionClass.READ, ActionClass.WRITE, ActionClass.DELETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """What reaches one kind of resource.

    `data` are data actions, which pass the network rules of the resource; `management` go to Azure Resource Manager,
    which no rule of the resource keeps out. Whoever may do one of `keys` holds the keys, and by them all of `opened`.
    """

    data: Mapping[ActionClass, tuple[str, ...]]
    management: Mapping[ActionClass, tuple[str, ...]]
    keys: tuple[str, ...]
    opened: tuple[ActionClass, ...]
    of_parts: tuple[str, ...] = ()  # management of the resource by name, that a role on a part of it gives for the part


STORAGE = Operations(
    data={
        ActionClass.LIST: (f"{_BLOBS}/read",),
        ActionClass.READ: (f"{_BLOBS}/read",),
        ActionClass.WRITE: (f"{_BLOBS}/write", f"{_BLOBS}/add/action", f"{_BLOBS}/move/action"),
        ActionClass.DELETE: (
            f"{_BLOBS}/delete",
            f"{_BLOBS}/deleteBlobVersion/action",
            f"{_BLOBS}/permanentDelete/action",
            f"{_BLOBS}/move/action",
        ),
        ActionClass.ADMINISTER: (
            f"{_BLOBS}/modifyPermissions/action",
            f"{_BLOBS}/manageOwnership/action",
            f"{_BLOBS}/runAsSuperUser/action",
            f"{_BLOBS}/immutableStorage/runAsSuperUser/action",
        ),
    },
    management={
        ActionClass.DELETE: (f"{_STORAGE}/delete", f"{_STORAGE}/blobServices/containers/delete"),
        ActionClass.ADMINISTER: (
            f"{_STORAGE}/write",
            f"{_STORAGE}/blobServices/write",
            f"{_STORAGE}/blobServices/containers/write",
            f"{_STORAGE}/managementPolicies/write",
            f"{_STORAGE}/objectReplicationPolicies/write",
            f"{_STORAGE}/localusers/write",
            f"{_STORAGE}/localusers/regeneratePassword/action",
            f"{_STORAGE}/localusers/listKeys/action",
            f"{_STORAGE}/privateEndpointConnectionsApproval/action",
            f"{_STORAGE}/encryptionScopes/write",
            f"{_STORAGE}/blobServices/containers/clearLegalHold/action",
            f"{_STORAGE}/blobServices/containers/immutabilityPolicies/write",
            f"{_STORAGE}/blobServices/containers/immutabilityPolicies/delete",
            *_ASSIGN,
        ),
    },
    keys=tuple(
        f"{_STORAGE}/{each}/action" for each in ("listKeys", "regenerateKey", "listAccountSas", "listServiceSas")
    ),
    opened=_EVERYTHING,
)
EVENT_HUB = Operations(
    data={
        ActionClass.READ: (f"{_EVENT_HUB}/messages/receive/action",),
        ActionClass.WRITE: (f"{_EVENT_HUB}/messages/send/action",),
    },
    management={
        ActionClass.DELETE: (f"{_EVENT_HUB}/delete", f"{_EVENT_HUB}/eventhubs/delete"),
        ActionClass.ADMINISTER: (f"{_EVENT_HUB}/write", f"{_EVENT_HUB}/eventhubs/write", *_ASSIGN),
    },
    keys=(
        f"{_EVENT_HUB}/authorizationRules/listkeys/action",
        f"{_EVENT_HUB}/eventhubs/authorizationRules/listkeys/action",
    ),
    opened=(ActionClass.READ, ActionClass.WRITE),
)
_QUERIES = (
    f"{_LOG_ANALYTICS}/query/read",
    f"{_LOG_ANALYTICS}/query/DatabricksAccounts/read",  # of a table, as roles may name it
    f"{_LOG_ANALYTICS}/search/action",
)
LOG_ANALYTICS = Operations(
    data={},
    management={
        ActionClass.READ: _QUERIES,
        ActionClass.DELETE: (
            f"{_LOG_ANALYTICS}/delete",
            f"{_LOG_ANALYTICS}/purge/action",
            f"{_LOG_ANALYTICS}/tables/delete",
        ),
        ActionClass.ADMINISTER: (f"{_LOG_ANALYTICS}/write", f"{_LOG_ANALYTICS}/tables/write", *_ASSIGN),
    },
    keys=(f"{_LOG_ANALYTICS}/sharedKeys/action", f"{_LOG_ANALYTICS}/regenerateSharedKey/action"),
    opened=(ActionClass.WRITE,),
    of_parts=_QUERIES,
)
VAULT_KEY = Operations(
    data={
        ActionClass.READ: (f"{_VAULT}/keys/decrypt/action", f"{_VAULT}/keys/unwrap/action"),
        ActionClass.WRITE: (f"{_VAULT}/keys/encrypt/action", f"{_VAULT}/keys/wrap/action"),
        ActionClass.DELETE: (f"{_VAULT}/keys/delete", f"{_VAULT}/keys/purge/action"),
        ActionClass.ADMINISTER: (f"{_VAULT}/keys/update/action", f"{_VAULT}/keyrotationpolicies/write"),
    },
    management={
        ActionClass.DELETE: (f"{_VAULT}/delete",),
        ActionClass.ADMINISTER: (f"{_VAULT}/write", f"{_VAULT}/accessPolicies/write", *_ASSIGN),
    },
    keys=(),
    opened=(),
)
POLICY_PERMISSIONS = {  # what access policies of a vault call the same, in lower case
    "decrypt": ActionClass.READ,
    "unwrapkey": ActionClass.READ,
    "encrypt": ActionClass.WRITE,
    "wrapkey": ActionClass.WRITE,
    "delete": ActionClass.DELETE,
    "purge": ActionClass.DELETE,
    "update": ActionClass.ADMINISTER,
    "setrotationpolicy": ActionClass.ADMINISTER,
}
