"""Every Azure operation that posture may call. The custom role and the fault tests are made from this table.

Operations are called as Microsoft's REST specifications call them, with the resource provider in front.
"""

from __future__ import annotations

from posture.adapters.azure.reads import UNREGISTERED, Sdk, listing, read
from posture.adapters.azure.store_calls import STORE_READS
from posture.reading import Call

GRAPH_SCOPE = "Directory.Read.All"
_GRAPH = f"Microsoft Graph: {GRAPH_SCOPE}"
_AUTHORIZATION = "2022-04-01"

LIST_SUBSCRIPTIONS = listing(
    "resources:Subscriptions_List",
    "Microsoft.Resources/subscriptions/read",
    "/subscriptions",
    "2022-12-01",
    "where workspaces and stores may lie",
)
GET_SUBSCRIPTION = read(
    "resources:Subscriptions_Get",
    "Microsoft.Resources/subscriptions/read",
    "",
    "2022-12-01",
    "the tenant of a store's owner",
    required=("tenantId",),
)
LIST_WORKSPACES = listing(
    "databricks:Workspaces_ListBySubscription",
    "Microsoft.Databricks/workspaces/read",
    "/providers/Microsoft.Databricks/workspaces",
    "2024-05-01",
    "the workspaces whose events must be delivered",
    absent=UNREGISTERED,
)
GET_WORKSPACE = read(
    "databricks:Workspaces_Get",
    "Microsoft.Databricks/workspaces/read",
    "",
    "2024-05-01",
    "the Region of a workspace, and its own storage",
)
LIST_DIAGNOSTIC_SETTINGS = listing(
    "insights:DiagnosticSettings_List",
    "Microsoft.Insights/diagnosticSettings/read",
    "/providers/Microsoft.Insights/diagnosticSettings",
    "2021-05-01-preview",
    "which audit logs are delivered, where to, and whether access to the store is recorded",
)
LIST_ROLE_ASSIGNMENTS = listing(
    "authorization:RoleAssignments_ListForScope",
    "Microsoft.Authorization/roleAssignments/read",
    "/providers/Microsoft.Authorization/roleAssignments",
    _AUTHORIZATION,
    "who has a role on the store or above it",
    sdk=Sdk.AUTHORIZATION,
)
GET_ROLE_DEFINITION = read(
    "authorization:RoleDefinitions_GetById",
    "Microsoft.Authorization/roleDefinitions/read",
    "",
    _AUTHORIZATION,
    "what a role lets its holder do",
    missing=("RoleDefinitionDoesNotExist",),
    sdk=Sdk.AUTHORIZATION,
)
LIST_DENY_ASSIGNMENTS = listing(
    "authorization:DenyAssignments_ListForScope",
    "Microsoft.Authorization/denyAssignments/read",
    "/providers/Microsoft.Authorization/denyAssignments",
    _AUTHORIZATION,
    "what is denied whatever roles say",
    sdk=Sdk.AUTHORIZATION,
)
LIST_ELIGIBLE_ROLES = listing(
    "authorization:RoleEligibilityScheduleInstances_ListForScope",
    "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
    "/providers/Microsoft.Authorization/roleEligibilityScheduleInstances",
    "2020-10-01",
    "who may activate a role on the store or above it (Privileged Identity Management)",
    absent=("AadPremiumLicenseRequired",),
    sdk=Sdk.AUTHORIZATION,
)
LIST_LOCKS = listing(
    "authorization:ManagementLocks_ListByScope",
    "Microsoft.Authorization/locks/read",
    "/providers/Microsoft.Authorization/locks",
    "2016-09-01",
    "whether a lock keeps the store from being deleted",
)
LIST_DELEGATIONS = listing(
    "managedservices:RegistrationAssignments_List",
    "Microsoft.ManagedServices/registrationAssignments/read",
    "/providers/Microsoft.ManagedServices/registrationAssignments",
    "2022-10-01",
    "which other tenants manage the subscription (Azure Lighthouse)",
    absent=UNREGISTERED,
    query=(("$expandRegistrationDefinition", "true"),),
)

ARM_READS = (
    LIST_SUBSCRIPTIONS,
    GET_SUBSCRIPTION,
    LIST_WORKSPACES,
    GET_WORKSPACE,
    LIST_DIAGNOSTIC_SETTINGS,
    LIST_ROLE_ASSIGNMENTS,
    GET_ROLE_DEFINITION,
    LIST_DENY_ASSIGNMENTS,
    LIST_ELIGIBLE_ROLES,
    LIST_LOCKS,
    LIST_DELEGATIONS,
    *STORE_READS,
)

GET_USER = Call(
    operation="graph:GetUser",
    permission=_GRAPH,
    missing=frozenset({"Request_ResourceNotFound"}),
    required=("id",),
    purpose="whether a user is a guest",
)
GET_SERVICE_PRINCIPAL = Call(
    operation="graph:GetServicePrincipal",
    permission=_GRAPH,
    missing=frozenset({"Request_ResourceNotFound"}),
    required=("id",),
    purpose="which tenant an application is at home in",
)
LIST_GROUP_MEMBERS = Call(
    operation="graph:ListTransitiveMembers",
    permission=_GRAPH,
    missing=frozenset({"Request_ResourceNotFound"}),
    required=("value",),
    purpose="who is in a group, and whether anyone of it is from elsewhere",
)
GET_BLOB_SERVICE_PROPERTIES = Call(
    operation="blob:GetBlobServiceProperties",
    permission="Microsoft.Storage/storageAccounts/blobServices/read",
    purpose="whether the account serves a static website",
)

GET_CONTAINER_ACL = Call(
    operation="blob:GetContainerAcl",
    permission="Microsoft.Storage/storageAccounts/blobServices/containers/getAcl/action",
    missing=frozenset({"ContainerNotFound", "ContainerBeingDeleted"}),
    required=("identifiers",),
    purpose="the stored access policies of a container of logs, which bound signed tokens",
)

GRAPH_CALLS = (GET_USER, GET_SERVICE_PRINCIPAL, LIST_GROUP_MEMBERS)
CALLS = (*(each.call for each in ARM_READS), *GRAPH_CALLS, GET_BLOB_SERVICE_PROPERTIES, GET_CONTAINER_ACL)

# Signing in reads nothing and needs no permission. It is recorded, so that a replay knows who asked.
SIGN_IN = Call(operation="azure:token", permission="", purpose="sign in")
