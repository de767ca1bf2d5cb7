"""Every provider operation that posture reads, and how its request is recognised on the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit


class Protocol(StrEnum):
    """How a service writes its errors."""

    S3 = "s3"
    S3_CONTROL = "s3control"
    JSON = "json"
    QUERY = "query"
    DATABRICKS = "databricks"
    GOOGLE = "google"
    ARM = "arm"
    GRAPH = "graph"
    BLOB = "blob"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: what singles out its request, what its resource is, and two answers that are none.

    `service` is the signing name (`s3` for S3 Control too). `query` is the sub-resource that must be present; without
    one, none of S3's may be. `selector` is the X-Amz-Target or the form's Action. `resource` is the group of the path,
    the query parameter, or the member of the body that names the resource; the first that is there.
    `missing` is a well-formed answer without the member that must be there; where a real answer may be just that
    (versioning never touched, logging off), `empty_is_an_answer`. `wrong` is well-formed and has another shape.
    """

    name: str
    protocol: Protocol
    service: str
    method: str
    path: re.Pattern[str]
    query: str = ""
    selector: str = ""
    resource: tuple[str, ...] = ()
    missing: bytes = b""
    wrong: bytes = b""
    empty_is_an_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, named. `identity` is the access key (or the scheme of another authorization), never a secret.

    `detail` is what distinguishes two requests for the same resource: the rest of query and body, a page's token say.
    """

    operation: str
    identity: str
    region: str
    resource: str
    detail: str


_S3_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_BUCKET = re.compile(r"/(?P<bucket>[^/]+)/?")
_UNEXPECTED = b"<Unexpected><Member>1</Member></Unexpected>"


def _s3(name: str, query: str, root: str, *, empty_is_an_answer: bool = False) -> Operation:
    return Operation(
        name=f"s3:{name}",
        protocol=Protocol.S3,
        service="s3",
        method="GET",
        path=_BUCKET,
        query=query,
        resource=("bucket",),
        missing=f"<{root} {_S3_NAMESPACE}/>".encode() if root else b"",
        wrong=_UNEXPECTED if root else b'["unexpected"]',
        empty_is_an_answer=empty_is_an_answer,
    )


def _s3control(name: str, path: str, root: str, *resource: str) -> Operation:
    return Operation(
        name=f"s3control:{name}",
        protocol=Protocol.S3_CONTROL,
        service="s3",
        method="GET",
        path=re.compile(f"/v20180820/{path}"),
        resource=(*resource, "x-amz-account-id"),
        missing=f"<{root}/>".encode(),
        wrong=_UNEXPECTED,
    )


def _json(service: str, prefix: str, name: str, member: str, *resource: str) -> Operation:
    return Operation(
        name=f"{service}:{name}",
        protocol=Protocol.JSON,
        service=service,
        method="POST",
        path=re.compile("/"),
        selector=f"{prefix}.{name}",
        resource=resource,
        missing=b"{}",
        wrong=json.dumps({member: "unexpected"}).encode(),
    )


def _query(service: str, name: str, *resource: str) -> Operation:
    empty = (
        f"<{name}Response><{name}Result/><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></{name}Response>"
    )
    return Operation(
        name=f"{service}:{name}",
        protocol=Protocol.QUERY,
        service=service,
        method="POST",
        path=re.compile("/"),
        selector=name,
        resource=resource,
        missing=empty.encode(),
        wrong=_UNEXPECTED,
    )


def _databricks(name: str, path: str, wrong: str, *, method: str = "GET") -> Operation:
    return Operation(
        name=f"databricks:{name}",
        protocol=Protocol.DATABRICKS,
        service="",
        method=method,
        path=re.compile(path),
        resource=("id",),
        missing=b"{}",
        wrong=wrong.encode(),
    )


def _google(name: str, path: str, wrong: str = '{"unexpected": 1}', *, method: str = "GET") -> Operation:
    """An answer without anything is an empty list; everything else has members that are always there."""
    return Operation(
        name=name,
        protocol=Protocol.GOOGLE,
        service="",
        method=method,
        path=re.compile(path),
        resource=("id",),
        missing=b"{}",
        wrong=wrong.encode(),
        empty_is_an_answer=name.endswith(("list", "listPolicies", "testIamPermissions")),
    )


def _azure(name: str, path: str, *, items: bool = False, protocol: Protocol = Protocol.ARM) -> Operation:
    """`path` is the end of the path; the whole is the resource."""
    return Operation(
        name=name,
        protocol=protocol,
        service="",
        method="GET",
        path=re.compile(rf"(?P<id>.*{path})", re.IGNORECASE),
        resource=("id",),
        missing=b"{}",
        wrong=b'{"value": "unexpected"}' if items else b'["unexpected"]',
    )


_MULTI_REGION = "mrap/instances"
_TRENT = "TrentService"
_TRAIL = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"
_ORGANIZATION = "AWSOrganizationsV20161128"
_ACCOUNT_API = "/api/2.0/accounts/[^/]+/"
_GCS = "/storage/v1/b"
_ARRAYS = (
    "storage-configurations",
    "credentials",
    "workspaces",
    "networks",
    "customer-managed-keys",
    "private-access-settings",
    "vpc-endpoints",
)

_STORAGE = "/providers/Microsoft.Storage/storageAccounts"
_EVENT_HUB = "/providers/Microsoft.EventHub/namespaces"
_INSIGHTS = "/providers/Microsoft.OperationalInsights/workspaces"
AZURE = (
    _azure("resources:Subscriptions_List", "/subscriptions", items=True),
    _azure("resources:Subscriptions_Get", "/subscriptions/[^/]+"),
    _azure("databricks:Workspaces_ListBySubscription", "/providers/Microsoft.Databricks/workspaces", items=True),
    _azure("databricks:Workspaces_Get", "/providers/Microsoft.Databricks/workspaces/[^/]+"),
    _azure("insights:DiagnosticSettings_List", "/providers/Microsoft.Insights/diagnosticSettings", items=True),
    _azure("storage:StorageAccounts_List", _STORAGE, items=True),
    _azure("storage:StorageAccounts_GetProperties", f"{_STORAGE}/[^/]+"),
    _azure("storage:BlobServices_GetServiceProperties", "/blobServices/default"),
    _azure("storage:BlobContainers_List", "/blobServices/default/containers", items=True),
    _azure("storage:BlobContainers_GetImmutabilityPolicy", "/immutabilityPolicies/default"),
    _azure("storage:ManagementPolicies_Get", "/managementPolicies/default"),
    _azure("storage:ObjectReplicationPolicies_List", "/objectReplicationPolicies", items=True),
    _azure("storage:EncryptionScopes_List", "/encryptionScopes", items=True),
    _azure("storage:LocalUsers_List", "/localUsers", items=True),
    _azure(
        "storage:NetworkSecurityPerimeterConfigurations_List", "/networkSecurityPerimeterConfigurations", items=True
    ),
    _azure(
        "authorization:RoleAssignments_ListForScope", "/providers/Microsoft.Authorization/roleAssignments", items=True
    ),
    _azure("authorization:RoleDefinitions_GetById", "/providers/Microsoft.Authorization/roleDefinitions/[^/]+"),
    _azure(
        "authorization:DenyAssignments_ListForScope", "/providers/Microsoft.Authorization/denyAssignments", items=True
    ),
    _azure(
        "authorization:RoleEligibilityScheduleInstances_ListForScope",
        "/providers/Microsoft.Authorization/roleEligibilityScheduleInstances",
        items=True,
    ),
    _azure("authorization:ManagementLocks_ListByScope", "/providers/Microsoft.Authorization/locks", items=True),
    _azure(
        "managedservices:RegistrationAssignments_List",
        "/providers/Microsoft.ManagedServices/registrationAssignments",
        items=True,
    ),
    _azure("keyvault:Vaults_ListBySubscription", "/providers/Microsoft.KeyVault/vaults", items=True),
    _azure("keyvault:Keys_Get", "/providers/Microsoft.KeyVault/vaults/[^/]+/keys/[^/]+"),
    _azure("eventhub:Namespaces_List", _EVENT_HUB, items=True),
    _azure("eventhub:Namespaces_Get", f"{_EVENT_HUB}/[^/]+"),
    _azure("eventhub:Namespaces_GetNetworkRuleSet", "/networkRuleSets/default"),
    _azure("eventhub:EventHubs_ListByNamespace", "/eventhubs", items=True),
    _azure("operationalinsights:Workspaces_Get", f"{_INSIGHTS}/[^/]+"),
    _azure("operationalinsights:Clusters_Get", "/providers/Microsoft.OperationalInsights/clusters/[^/]+"),
    _azure("operationalinsights:Tables_ListByWorkspace", "/tables", items=True),
    _azure("operationalinsights:DataExports_ListByWorkspace", "/dataExports", items=True),
    _azure("security:Pricings_Get", "/providers/Microsoft.Security/pricings/StorageAccounts"),
    _azure("security:DefenderForStorage_Get", "/providers/Microsoft.Security/defenderForStorageSettings/current"),
    _azure("graph:GetUser", "/v1.0/users/[^/]+", protocol=Protocol.GRAPH),
    _azure("graph:GetServicePrincipal", "/v1.0/servicePrincipals/[^/]+", protocol=Protocol.GRAPH),
    _azure("graph:ListTransitiveMembers", "/v1.0/groups/[^/]+/transitiveMembers", items=True, protocol=Protocol.GRAPH),
    Operation(
        name="blob:GetBlobServiceProperties",
        protocol=Protocol.BLOB,
        service="",
        method="GET",
        path=re.compile("/(?P<id>[^/]+)/?"),
        query="properties",
        resource=("id",),
        missing=b"<StorageServiceProperties/>",
        wrong=b'["unexpected"]',
        empty_is_an_answer=True,
    ),
    Operation(
        name="blob:GetContainerAcl",
        protocol=Protocol.BLOB,
        service="",
        method="GET",
        path=re.compile("/(?P<id>[^/]+/[^/]+)/?"),
        query="acl",
        resource=("id",),
        missing=b"<SignedIdentifiers/>",
        wrong=_UNEXPECTED,
        empty_is_an_answer=True,
    ),
)

_ALL = (
    Operation(
        name="s3:ListBuckets",
        protocol=Protocol.S3,
        service="s3",
        method="GET",
        path=re.compile("/"),
        missing=f"<ListAllMyBucketsResult {_S3_NAMESPACE}/>".encode(),
        wrong=_UNEXPECTED,
    ),
    Operation(
        name="s3:HeadBucket", protocol=Protocol.S3, service="s3", method="HEAD", path=_BUCKET, resource=("bucket",)
    ),
    _s3("GetBucketLocation", "location", "LocationConstraint", empty_is_an_answer=True),
    _s3("GetBucketEncryption", "encryption", "ServerSideEncryptionConfiguration"),
    _s3("GetBucketPolicy", "policy", ""),
    _s3("GetBucketPolicyStatus", "policyStatus", "PolicyStatus"),
    _s3("GetPublicAccessBlock", "publicAccessBlock", "PublicAccessBlockConfiguration"),
    _s3("GetBucketAcl", "acl", "AccessControlPolicy"),
    _s3("GetBucketOwnershipControls", "ownershipControls", "OwnershipControls"),
    _s3("GetBucketVersioning", "versioning", "VersioningConfiguration", empty_is_an_answer=True),
    _s3("GetObjectLockConfiguration", "object-lock", "ObjectLockConfiguration"),
    _s3("GetBucketLifecycleConfiguration", "lifecycle", "LifecycleConfiguration"),
    _s3("GetBucketLogging", "logging", "BucketLoggingStatus", empty_is_an_answer=True),
    _s3("GetBucketReplication", "replication", "ReplicationConfiguration"),
    _s3("GetBucketWebsite", "website", "WebsiteConfiguration"),
    _s3("GetBucketCors", "cors", "CORSConfiguration"),
    _s3("GetBucketNotificationConfiguration", "notification", "NotificationConfiguration", empty_is_an_answer=True),
    _s3("GetBucketTagging", "tagging", "Tagging"),
    _s3control("GetPublicAccessBlock", "configuration/publicAccessBlock", "PublicAccessBlockConfiguration"),
    _s3control("ListAccessPoints", "accesspoint", "ListAccessPointsResult", "bucket"),
    _s3control("GetAccessPoint", "accesspoint/(?P<name>[^/]+)", "GetAccessPointResult", "name"),
    _s3control("GetAccessPointPolicy", "accesspoint/(?P<name>[^/]+)/policy", "GetAccessPointPolicyResult", "name"),
    _s3control(
        "GetAccessPointPolicyStatus",
        "accesspoint/(?P<name>[^/]+)/policyStatus",
        "GetAccessPointPolicyStatusResult",
        "name",
    ),
    _s3control("ListMultiRegionAccessPoints", _MULTI_REGION, "ListMultiRegionAccessPointsResult"),
    _s3control(
        "GetMultiRegionAccessPointPolicy",
        f"{_MULTI_REGION}/(?P<name>[^/]+)/policy",
        "GetMultiRegionAccessPointPolicyResult",
        "name",
    ),
    _s3control(
        "GetMultiRegionAccessPointPolicyStatus",
        f"{_MULTI_REGION}/(?P<name>[^/]+)/policystatus",
        "GetMultiRegionAccessPointPolicyStatusResult",
        "name",
    ),
    _json("kms", _TRENT, "DescribeKey", "KeyMetadata", "KeyId"),
    _json("kms", _TRENT, "GetKeyPolicy", "Policy", "KeyId"),
    _json("kms", _TRENT, "GetKeyRotationStatus", "KeyRotationEnabled", "KeyId"),
    _json("kms", _TRENT, "ListGrants", "Grants", "KeyId"),
    _query("iam", "GetRole", "RoleName"),
    _query("iam", "ListRolePolicies", "RoleName"),
    _query("iam", "GetRolePolicy", "RoleName"),
    _query("iam", "ListAttachedRolePolicies", "RoleName"),
    _query("iam", "GetPolicy", "PolicyArn"),
    _query("iam", "GetPolicyVersion", "PolicyArn"),
    _json("cloudtrail", _TRAIL, "DescribeTrails", "trailList"),
    _json("cloudtrail", _TRAIL, "GetEventSelectors", "EventSelectors", "TrailName"),
    _json("cloudtrail", _TRAIL, "GetTrailStatus", "IsLogging", "Name"),
    _query("sts", "GetCallerIdentity"),
    _query("sts", "AssumeRole", "RoleArn"),
    _json("organizations", _ORGANIZATION, "DescribeOrganization", "Organization"),
    _json("organizations", _ORGANIZATION, "ListAccounts", "Accounts"),
    _json("organizations", _ORGANIZATION, "ListParents", "Parents", "ChildId"),
    _json("organizations", _ORGANIZATION, "ListPoliciesForTarget", "Policies", "TargetId"),
    _json("organizations", _ORGANIZATION, "DescribePolicy", "Policy", "PolicyId"),
    _google("oauth2:token", "/token", '["unexpected"]', method="POST"),
    _google("storage:buckets.get", f"{_GCS}/(?P<id>[^/]+)"),
    _google("storage:buckets.getIamPolicy", f"{_GCS}/(?P<id>[^/]+)/iam"),
    _google("storage:bucketAccessControls.list", f"{_GCS}/(?P<id>[^/]+)/acl"),
    _google("storage:defaultObjectAccessControls.list", f"{_GCS}/(?P<id>[^/]+)/defaultObjectAcl"),
    _google("storage:managedFolders.list", f"{_GCS}/(?P<id>[^/]+)/managedFolders"),
    _google("storage:managedFolders.getIamPolicy", f"{_GCS}/(?P<id>[^/]+)/managedFolders/.+/iam"),
    _google("storage:notifications.list", f"{_GCS}/(?P<id>[^/]+)/notificationConfigs"),
    _google("storage:projects.hmacKeys.list", "/storage/v1/projects/(?P<id>[^/]+)/hmacKeys"),
    *(
        operation
        for kind in ("projects", "folders", "organizations")
        for operation in (
            _google(f"cloudresourcemanager:{kind}.get", f"/v3/{kind}/(?P<id>[^/:]+)"),
            _google(
                f"cloudresourcemanager:{kind}.getIamPolicy", f"/v3/{kind}/(?P<id>[^/:]+):getIamPolicy", method="POST"
            ),
        )
    ),
    _google(
        "cloudresourcemanager:projects.testIamPermissions",
        "/v3/projects/(?P<id>[^/:]+):testIamPermissions",
        method="POST",
    ),
    _google(
        "cloudresourcemanager:organizations.testIamPermissions",
        "/v3/organizations/(?P<id>[^/:]+):testIamPermissions",
        method="POST",
    ),
    _google("iam:policies.listPolicies", "/v2/policies/.+/(?P<id>[^/]+)/denypolicies"),
    _google("iam:policies.get", "/v2/policies/.+/denypolicies/(?P<id>[^/]+)"),
    _google("iam:roles.get", "/v1/(?P<id>(.+/)?roles/[^/]+)"),
    _google("orgpolicy:projects.policies.getEffectivePolicy", "/v2/projects/.+/(?P<id>[^/:]+):getEffectivePolicy"),
    _google("logging:sinks.list", "/v2/(?P<id>[^/]+/[^/]+)/sinks"),
    _google("storagetransfer:transferJobs.list", "/v1/transferJobs"),
    _google("accesscontextmanager:accessPolicies.list", "/v1/accessPolicies"),
    _google("accesscontextmanager:servicePerimeters.list", "/v1/(?P<id>accessPolicies/[^/]+)/servicePerimeters"),
    _google("cloudkms:cryptoKeys.get", "/v1/(?P<id>.+/cryptoKeys/[^/:]+)"),
    _google("cloudkms:cryptoKeyVersions.list", "/v1/(?P<id>.+/cryptoKeys/[^/:]+)/cryptoKeyVersions"),
    _google("cloudkms:cryptoKeys.getIamPolicy", "/v1/(?P<id>.+/cryptoKeys/[^/:]+):getIamPolicy"),
    _google("cloudkms:keyRings.getIamPolicy", "/v1/(?P<id>.+/keyRings/[^/:]+):getIamPolicy"),
    _databricks("config", r"/\.well-known/databricks-config", '["unexpected"]'),
    _databricks("oidc", r"/oidc/accounts/[^/]+/\.well-known/oauth-authorization-server", '["unexpected"]'),
    _databricks("token", "/oidc/accounts/[^/]+/v1/token", '["unexpected"]', method="POST"),
    _databricks("log-delivery", f"{_ACCOUNT_API}log-delivery", '["unexpected"]'),
    _databricks("log-delivery-get", f"{_ACCOUNT_API}log-delivery/(?P<id>[^/]+)", '["unexpected"]'),
    _databricks("metastores", f"{_ACCOUNT_API}metastores", '["unexpected"]'),
    _databricks("metastores-get", f"{_ACCOUNT_API}metastores/(?P<id>[^/]+)", '["unexpected"]'),
    *(_databricks(name, f"{_ACCOUNT_API}{name}", '{"unexpected": 1}') for name in _ARRAYS),
    *(_databricks(f"{name}-get", f"{_ACCOUNT_API}{name}/(?P<id>[^/]+)", '["unexpected"]') for name in _ARRAYS),
    *AZURE,
)

OPERATIONS: Mapping[str, Operation] = {operation.name: operation for operation in _ALL}
"""By name as in `s3:GetBucketAcl`, `databricks:log-delivery`, `databricks:workspaces-get`."""

_SUB_RESOURCES = frozenset(operation.query for operation in _ALL if operation.query and operation not in AZURE)
_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")


def recognise(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Call:
    """Name a request; one that no operation matches is called by what it says it is, so that it cannot hide."""
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    lower = {name.lower(): value for name, value in headers.items()}
    authorization = lower.get("authorization", "")
    scope = _SCOPE.search(authorization)
    identity, region, service = scope.groups() if scope else (authorization.partition(" ")[0].lower(), "", "")
    members = _members(lower, body)
    selector = lower.get("x-amz-target") or members.get("Action", "")
    for operation in _ALL:
        if operation.method != method or operation.service != service or operation.selector != selector:
            continue
        path = operation.path.fullmatch(unquote(parts.path))
        if path is None or not _same_sub_resource(operation, query):
            continue
        found = {**members, **query, **lower, **{name: value for name, value in path.groupdict().items() if value}}
        return Call(
            operation=operation.name,
            identity=identity,
            region=region,
            resource=next((found[name] for name in operation.resource if name in found), ""),
            detail=f"{parts.query} {body.decode(errors='replace')}".strip(),
        )
    asked = "?".join([parts.path, *list(query)[:1]])
    unknown = selector.rpartition(".")[2] or f"{method} {asked}"
    return Call(
        operation=f"{service or 'http'}:{unknown}", identity=identity, region=region, resource="", detail=parts.query
    )


def _same_sub_resource(operation: Operation, query: Mapping[str, str]) -> bool:
    if operation.protocol is Protocol.BLOB:
        return query.get("comp") == operation.query
    if operation.protocol is not Protocol.S3:
        return True
    return operation.query in query if operation.query else not _SUB_RESOURCES & query.keys()


def _members(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The body's members that are text, of a form or of JSON."""
    if "x-amz-target" in headers and body:
        sent = json.loads(body)
        return {name: value for name, value in sent.items() if isinstance(value, str)}
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode()))
    return {}
