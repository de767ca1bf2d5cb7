"""Every AWS operation that posture may call. The least-privilege role and the fault tests are made from this table."""

from __future__ import annotations

from posture.adapters.aws.multi_region_calls import MULTI_REGION_CALLS
from posture.adapters.aws.organisation_calls import ORGANISATION_CALLS
from posture.reading import Call

_ANY_BUCKET = "arn:aws:s3:::*"
_ANY_ACCESS_POINT = "arn:aws:s3:*:*:accesspoint/*"
_ANY_KEY = "arn:aws:kms:*:*:key/*"
_ANY_ROLE = "arn:aws:iam::*:role/*"
_ANY_POLICY = "arn:aws:iam::*:policy/*"
_ANY_TRAIL = "arn:aws:cloudtrail:*:*:trail/*"


def _bucket(
    operation: str, permission: str, purpose: str, *, absent: tuple[str, ...] = (), required: tuple[str, ...] = ()
) -> Call:
    return Call(
        operation=f"s3:{operation}",
        permission=f"s3:{permission}",
        resource=_ANY_BUCKET,
        absent=frozenset(absent),
        missing=frozenset({"NoSuchBucket"}),
        required=required,
        purpose=purpose,
    )


def _access_point(operation: str, purpose: str, *, absent: tuple[str, ...] = (), required: tuple[str, ...]) -> Call:
    return Call(
        operation=f"s3control:{operation}",
        permission=f"s3:{operation}",
        resource=_ANY_ACCESS_POINT,
        absent=frozenset(absent),
        missing=frozenset({"NoSuchAccessPoint"}),
        required=required,
        purpose=purpose,
    )


def _key(operation: str, purpose: str, *, absent: tuple[str, ...] = (), required: tuple[str, ...]) -> Call:
    return Call(
        operation=f"kms:{operation}",
        permission=f"kms:{operation}",
        resource=_ANY_KEY,
        absent=frozenset(absent),
        missing=frozenset({"NotFoundException"}),
        required=required,
        purpose=purpose,
    )


def _iam(operation: str, resource: str, purpose: str, *, required: tuple[str, ...]) -> Call:
    return Call(
        operation=f"iam:{operation}",
        permission=f"iam:{operation}",
        resource=resource,
        missing=frozenset({"NoSuchEntity"}),
        required=required,
        purpose=purpose,
    )


def _trail(operation: str, purpose: str, *, resource: str = _ANY_TRAIL, required: tuple[str, ...]) -> Call:
    return Call(
        operation=f"cloudtrail:{operation}",
        permission=f"cloudtrail:{operation}",
        resource=resource,
        missing=frozenset({"TrailNotFoundException"}),
        required=required,
        purpose=purpose,
    )


LIST_BUCKETS = Call(
    operation="s3:ListBuckets",
    permission="s3:ListAllMyBuckets",
    required=("Buckets",),
    purpose="which account owns a bucket",
)
GET_BUCKET_LOCATION = _bucket(
    "GetBucketLocation", "GetBucketLocation", "the Region to read the bucket in", required=("LocationConstraint",)
)
GET_BUCKET_ENCRYPTION = _bucket(
    "GetBucketEncryption",
    "GetEncryptionConfiguration",
    "the default encryption and its key",
    absent=("ServerSideEncryptionConfigurationNotFoundError",),
    required=("ServerSideEncryptionConfiguration",),
)
GET_BUCKET_POLICY = _bucket(
    "GetBucketPolicy",
    "GetBucketPolicy",
    "who the bucket policy lets in",
    absent=("NoSuchBucketPolicy",),
    required=("Policy",),
)
GET_BUCKET_POLICY_STATUS = _bucket(
    "GetBucketPolicyStatus",
    "GetBucketPolicyStatus",
    "whether AWS itself calls the policy public",
    absent=("NoSuchBucketPolicy",),
    required=("PolicyStatus",),
)
GET_BUCKET_PUBLIC_ACCESS_BLOCK = _bucket(
    "GetPublicAccessBlock",
    "GetBucketPublicAccessBlock",
    "Block Public Access of the bucket",
    absent=("NoSuchPublicAccessBlockConfiguration",),
    required=("PublicAccessBlockConfiguration",),
)
GET_BUCKET_ACL = _bucket(
    "GetBucketAcl", "GetBucketAcl", "who the access control list lets in", required=("Owner", "Grants")
)
GET_BUCKET_OWNERSHIP_CONTROLS = _bucket(
    "GetBucketOwnershipControls",
    "GetBucketOwnershipControls",
    "whether access control lists count",
    absent=("OwnershipControlsNotFoundError",),
    required=("OwnershipControls",),
)
GET_BUCKET_VERSIONING = _bucket("GetBucketVersioning", "GetBucketVersioning", "versioning and MFA delete")
GET_OBJECT_LOCK_CONFIGURATION = _bucket(
    "GetObjectLockConfiguration",
    "GetBucketObjectLockConfiguration",
    "write-once protection",
    absent=("ObjectLockConfigurationNotFoundError",),
    required=("ObjectLockConfiguration",),
)
GET_BUCKET_LIFECYCLE_CONFIGURATION = _bucket(
    "GetBucketLifecycleConfiguration",
    "GetLifecycleConfiguration",
    "when logs are removed",
    absent=("NoSuchLifecycleConfiguration",),
    required=("Rules",),
)
GET_BUCKET_LOGGING = _bucket("GetBucketLogging", "GetBucketLogging", "server access logging")
GET_BUCKET_REPLICATION = _bucket(
    "GetBucketReplication",
    "GetReplicationConfiguration",
    "where logs are copied to",
    absent=("ReplicationConfigurationNotFoundError",),
    required=("ReplicationConfiguration",),
)
GET_BUCKET_WEBSITE = _bucket(
    "GetBucketWebsite", "GetBucketWebsite", "static website hosting", absent=("NoSuchWebsiteConfiguration",)
)
GET_BUCKET_CORS = _bucket(
    "GetBucketCors",
    "GetBucketCORS",
    "which web origins may read",
    absent=("NoSuchCORSConfiguration",),
    required=("CORSRules",),
)
GET_BUCKET_NOTIFICATION_CONFIGURATION = _bucket(
    "GetBucketNotificationConfiguration", "GetBucketNotification", "who is told of new logs"
)
GET_BUCKET_TAGGING = _bucket(
    "GetBucketTagging", "GetBucketTagging", "the tags of the bucket", absent=("NoSuchTagSet",), required=("TagSet",)
)

GET_ACCOUNT_PUBLIC_ACCESS_BLOCK = Call(
    operation="s3control:GetPublicAccessBlock",
    permission="s3:GetAccountPublicAccessBlock",
    absent=frozenset({"NoSuchPublicAccessBlockConfiguration"}),
    required=("PublicAccessBlockConfiguration",),
    purpose="Block Public Access of the account",
)
LIST_ACCESS_POINTS = Call(
    operation="s3control:ListAccessPoints",
    permission="s3:ListAccessPoints",
    required=("AccessPointList",),
    purpose="other doors to the bucket",
)
GET_ACCESS_POINT = Call(
    operation="s3control:GetAccessPoint",
    permission="s3:GetAccessPoint",  # AWS lets no policy limit it to a resource
    missing=frozenset({"NoSuchAccessPoint"}),
    required=("Name",),
    purpose="Block Public Access and network of an access point",
)
GET_ACCESS_POINT_POLICY = _access_point(
    "GetAccessPointPolicy",
    "who an access point lets in",
    absent=("NoSuchAccessPointPolicy",),
    required=("Policy",),
)
GET_ACCESS_POINT_POLICY_STATUS = _access_point(
    "GetAccessPointPolicyStatus",
    "whether AWS itself calls an access point public",
    absent=("NoSuchAccessPointPolicy",),
    required=("PolicyStatus",),
)

DESCRIBE_KEY = _key("DescribeKey", "who manages the key, and its state", required=("KeyMetadata",))
GET_KEY_POLICY = _key("GetKeyPolicy", "who may use the key", required=("Policy",))
GET_KEY_ROTATION_STATUS = _key(
    "GetKeyRotationStatus",
    "whether the key rotates",
    absent=("UnsupportedOperationException",),  # asymmetric keys and keys in a custom store cannot rotate
    required=("KeyRotationEnabled",),
)
LIST_GRANTS = _key("ListGrants", "who else may use the key", required=("Grants",))

GET_ROLE = _iam("GetRole", _ANY_ROLE, "who may become the writer", required=("Role",))
LIST_ROLE_POLICIES = _iam("ListRolePolicies", _ANY_ROLE, "what the writer may do", required=("PolicyNames",))
GET_ROLE_POLICY = _iam("GetRolePolicy", _ANY_ROLE, "what the writer may do", required=("PolicyDocument",))
LIST_ATTACHED_ROLE_POLICIES = _iam(
    "ListAttachedRolePolicies", _ANY_ROLE, "what the writer may do", required=("AttachedPolicies",)
)
GET_POLICY = _iam("GetPolicy", _ANY_POLICY, "which version of a policy is in force", required=("Policy",))
GET_POLICY_VERSION = _iam(
    "GetPolicyVersion", _ANY_POLICY, "what an attached policy allows", required=("PolicyVersion",)
)

DESCRIBE_TRAILS = _trail("DescribeTrails", "which trails watch the bucket", resource="*", required=("trailList",))
GET_EVENT_SELECTORS = _trail("GetEventSelectors", "which object events a trail records", required=("TrailARN",))
GET_TRAIL_STATUS = _trail("GetTrailStatus", "whether a trail is running", required=("IsLogging",))

GET_CALLER_IDENTITY = Call(
    operation="sts:GetCallerIdentity", permission="", required=("Account", "Arn"), purpose="who asks"
)
ASSUME_ROLE = Call(
    operation="sts:AssumeRole",
    permission="sts:AssumeRole",
    resource=_ANY_ROLE,
    purpose="to read the accounts that posture.yaml names with a role",
)

BUCKET_CALLS = (  # what is read of every bucket, in its own Region
    GET_BUCKET_ENCRYPTION,
    GET_BUCKET_POLICY,
    GET_BUCKET_POLICY_STATUS,
    GET_BUCKET_PUBLIC_ACCESS_BLOCK,
    GET_BUCKET_ACL,
    GET_BUCKET_OWNERSHIP_CONTROLS,
    GET_BUCKET_VERSIONING,
    GET_OBJECT_LOCK_CONFIGURATION,
    GET_BUCKET_LIFECYCLE_CONFIGURATION,
    GET_BUCKET_LOGGING,
    GET_BUCKET_REPLICATION,
    GET_BUCKET_WEBSITE,
    GET_BUCKET_CORS,
    GET_BUCKET_NOTIFICATION_CONFIGURATION,
    GET_BUCKET_TAGGING,
)

CALLS = (
    LIST_BUCKETS,
    GET_BUCKET_LOCATION,
    *BUCKET_CALLS,
    GET_ACCOUNT_PUBLIC_ACCESS_BLOCK,
    LIST_ACCESS_POINTS,
    GET_ACCESS_POINT,
    GET_ACCESS_POINT_POLICY,
    GET_ACCESS_POINT_POLICY_STATUS,
    *MULTI_REGION_CALLS,
    DESCRIBE_KEY,
    GET_KEY_POLICY,
    GET_KEY_ROTATION_STATUS,
    LIST_GRANTS,
    GET_ROLE,
    LIST_ROLE_POLICIES,
    GET_ROLE_POLICY,
    LIST_ATTACHED_ROLE_POLICIES,
    GET_POLICY,
    GET_POLICY_VERSION,
    DESCRIBE_TRAILS,
    GET_EVENT_SELECTORS,
    GET_TRAIL_STATUS,
    GET_CALLER_IDENTITY,
    ASSUME_ROLE,
    *ORGANISATION_CALLS,
)
