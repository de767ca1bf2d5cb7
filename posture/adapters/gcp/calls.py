"""Every Google operation that posture may call. The custom role and the fault tests are made from this table."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.reading import Call

STORAGE = "storage"
SEE_FILTER = "storage.buckets.getIpFilter"  # without it the answer of a bucket leaves its filter out


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A call and its request. `path` has places for parameters; `member` holds the items where the answer is a list.

    A `post` reads too: some of Google's reads take their options in a body.
    """

    call: Call
    path: str
    member: str = ""
    post: bool = False

    @property
    def service(self) -> str:
        """The service that answers, as its host begins."""
        return self.call.operation.partition(":")[0]


def _endpoint(
    operation: str,
    path: str,
    permission: str,
    purpose: str,
    *,
    member: str = "",
    required: tuple[str, ...] = (),
    post: bool = False,
) -> Endpoint:
    missing = frozenset({"notFound", "NOT_FOUND", "404"})
    call = Call(operation=operation, permission=permission, required=required, missing=missing, purpose=purpose)
    return Endpoint(call=call, path=path, member=member, post=post)


def _policy(operation: str, path: str, permission: str, purpose: str, *, post: bool = False) -> Endpoint:
    """A policy without bindings lacks the member; every policy has an etag."""
    return _endpoint(operation, path, permission, purpose, required=("etag",), post=post)


GET_BUCKET = _endpoint(
    "storage:buckets.get",
    "/b/{bucket}",
    "storage.buckets.get",
    "how a bucket is configured",
    required=("name", "projectNumber", "location"),
)
GET_BUCKET_POLICY = _policy(
    "storage:buckets.getIamPolicy", "/b/{bucket}/iam", "storage.buckets.getIamPolicy", "who can reach a bucket"
)
LIST_BUCKET_ACL = _endpoint(
    "storage:bucketAccessControls.list",
    "/b/{bucket}/acl",
    "storage.buckets.getIamPolicy",
    "who is on the list of a bucket, where lists count",
    member="items",
)
LIST_DEFAULT_ACL = _endpoint(
    "storage:defaultObjectAccessControls.list",
    "/b/{bucket}/defaultObjectAcl",
    "storage.buckets.getIamPolicy",
    "who gets on the list of a new object, where lists count",
    member="items",
)
LIST_MANAGED_FOLDERS = _endpoint(
    "storage:managedFolders.list",
    "/b/{bucket}/managedFolders",
    "storage.managedFolders.list",
    "which folders of a bucket have policies of their own",
    member="items",
)
GET_FOLDER_POLICY = _policy(
    "storage:managedFolders.getIamPolicy",
    "/b/{bucket}/managedFolders/{folder}/iam",
    "storage.managedFolders.getIamPolicy",
    "who can reach such a folder",
)
LIST_NOTIFICATIONS = _endpoint(
    "storage:notifications.list",
    "/b/{bucket}/notificationConfigs",
    "storage.buckets.get",
    "who is told of new logs",
    member="items",
)
LIST_HMAC_KEYS = _endpoint(
    "storage:projects.hmacKeys.list",
    "/projects/{project}/hmacKeys",
    "storage.hmacKeys.list",
    "which service accounts have keys that sign requests",
    member="items",
)

GET_PROJECT = _endpoint(
    "cloudresourcemanager:projects.get",
    "/v3/projects/{project}",
    "resourcemanager.projects.get",
    "which project owns a bucket, and what lies above it",
    required=("name", "projectId"),
)
GET_PROJECT_POLICY = _policy(
    "cloudresourcemanager:projects.getIamPolicy",
    "/v3/projects/{project}:getIamPolicy",
    "resourcemanager.projects.getIamPolicy",
    "who reaches its buckets by the project, and what it records of that",
    post=True,
)
TEST_PROJECT = _endpoint(
    "cloudresourcemanager:projects.testIamPermissions",
    "/v3/projects/{project}:testIamPermissions",
    "",
    "whether the IP filters of its buckets are shown to us, so that none is none",
    post=True,
)
GET_FOLDER = _endpoint(
    "cloudresourcemanager:folders.get",
    "/v3/folders/{folder}",
    "resourcemanager.folders.get",
    "what lies above a folder",
    required=("name", "parent"),
)
GET_FOLDER_OF_PROJECTS_POLICY = _policy(
    "cloudresourcemanager:folders.getIamPolicy",
    "/v3/folders/{folder}:getIamPolicy",
    "resourcemanager.folders.getIamPolicy",
    "who reaches buckets by a folder of projects",
    post=True,
)
GET_ORGANISATION = _endpoint(
    "cloudresourcemanager:organizations.get",
    "/v3/organizations/{organisation}",
    "resourcemanager.organizations.get",
    "the domain of our own people",
    required=("name", "displayName"),
)
GET_ORGANISATION_POLICY = _policy(
    "cloudresourcemanager:organizations.getIamPolicy",
    "/v3/organizations/{organisation}:getIamPolicy",
    "resourcemanager.organizations.getIamPolicy",
    "who reaches buckets by the organisation",
    post=True,
)
TEST_ORGANISATION = _endpoint(
    "cloudresourcemanager:organizations.testIamPermissions",
    "/v3/organizations/{organisation}:testIamPermissions",
    "",
    "whether every project of the organisation is shown to us, so that one that is not shown is a stranger's",
    post=True,
)

LIST_DENY_POLICIES = _endpoint(
    "iam:policies.listPolicies",
    "/v2/policies/{point}/denypolicies",
    "iam.denypolicies.list",
    "which deny policies cut what bindings give",
    member="policies",
)
GET_DENY_POLICY = _endpoint(
    "iam:policies.get",
    "/v2/policies/{point}/denypolicies/{policy}",
    "iam.denypolicies.get",
    "whom a deny policy stops",
    required=("rules",),
)
GET_ROLE = _endpoint("iam:roles.get", "/v1/{role}", "iam.roles.get", "what a role allows", required=("name",))

GET_CONSTRAINT = _endpoint(
    "orgpolicy:projects.policies.getEffectivePolicy",
    "/v2/projects/{project}/policies/{constraint}:getEffectivePolicy",
    "orgpolicy.policy.get",
    "public access prevention and transport rules that a project inherits",
    required=("name",),
)

LIST_SINKS = _endpoint(
    "logging:sinks.list",
    "/v2/{parent}/sinks",
    "logging.sinks.list",
    "which other logs are routed into the bucket",
    member="sinks",
)

LIST_TRANSFERS = _endpoint(
    "storagetransfer:transferJobs.list",
    "/v1/transferJobs",
    "storagetransfer.jobs.list",
    "where new logs are copied to",
    member="transferJobs",
)

LIST_ACCESS_POLICIES = _endpoint(
    "accesscontextmanager:accessPolicies.list",
    "/v1/accessPolicies",
    "accesscontextmanager.policies.list",
    "where the perimeters of the organisation are kept, where posture.yaml asks for them",
    member="accessPolicies",
)
LIST_PERIMETERS = _endpoint(
    "accesscontextmanager:servicePerimeters.list",
    "/v1/{policy}/servicePerimeters",
    "accesscontextmanager.servicePerimeters.list",
    "from where a project answers",
    member="servicePerimeters",
)

GET_KEY = _endpoint(
    "cloudkms:cryptoKeys.get",
    "/v1/{key}",
    "cloudkms.cryptoKeys.get",
    "the state of the key that encrypts the logs",
    required=("name", "purpose"),
)
LIST_KEY_VERSIONS = _endpoint(
    "cloudkms:cryptoKeyVersions.list",
    "/v1/{key}/cryptoKeyVersions",
    "cloudkms.cryptoKeyVersions.list",
    "whether a version that older logs need is scheduled for destruction",
    member="cryptoKeyVersions",
)
GET_KEY_POLICY = _policy(
    "cloudkms:cryptoKeys.getIamPolicy", "/v1/{key}:getIamPolicy", "cloudkms.cryptoKeys.getIamPolicy", "who can use it"
)
GET_KEY_RING_POLICY = _policy(
    "cloudkms:keyRings.getIamPolicy",
    "/v1/{ring}:getIamPolicy",
    "cloudkms.keyRings.getIamPolicy",
    "who can use every key of its ring",
)

ENDPOINTS = (
    GET_BUCKET,
    GET_BUCKET_POLICY,
    LIST_BUCKET_ACL,
    LIST_DEFAULT_ACL,
    LIST_MANAGED_FOLDERS,
    GET_FOLDER_POLICY,
    LIST_NOTIFICATIONS,
    LIST_HMAC_KEYS,
    GET_PROJECT,
    GET_PROJECT_POLICY,
    TEST_PROJECT,
    GET_FOLDER,
    GET_FOLDER_OF_PROJECTS_POLICY,
    GET_ORGANISATION,
    GET_ORGANISATION_POLICY,
    TEST_ORGANISATION,
    LIST_DENY_POLICIES,
    GET_DENY_POLICY,
    GET_ROLE,
    GET_CONSTRAINT,
    LIST_SINKS,
    LIST_TRANSFERS,
    LIST_ACCESS_POLICIES,
    LIST_PERIMETERS,
    GET_KEY,
    LIST_KEY_VERSIONS,
    GET_KEY_POLICY,
    GET_KEY_RING_POLICY,
)
CALLS = tuple(endpoint.call for endpoint in ENDPOINTS)

# Signing in reads nothing and needs no permission. It is recorded, so that a replay knows who asked, and is not among
# the declared reads, because without it there is no run.
SIGN_IN = Call(operation="oauth2:token", permission="", purpose="sign in")
