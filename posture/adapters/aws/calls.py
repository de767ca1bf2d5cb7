"""Every AWS operation that posture may call. The least-privilege role and the fault tests are made from this table."""

from __future__ import annotations

from dataclasses import replace

from posture.adapters.aws.decided import DOORS, EFFECTIVE_BLOCKS, WHAT_IS_REFUSED, WHO_GETS_IN, WHOM_LISTS_LET_IN
from posture.adapters.aws.key_calls import KEY_CALLS, KEY_FACTS
from posture.adapters.aws.multi_region_calls import MULTI_REGION_CALLS
from posture.adapters.aws.organisation_calls import ORGANISATION_CALLS
from posture.adapters.aws.role_calls import ANY_ROLE, ROLE_CALLS
from posture.adapters.aws.trail_calls import TRAIL_CALLS
from posture.reading import Call

_ANY_BUCKET = "arn:aws:s3:::*"
_ANY_ACCESS_POINT = "arn:aws:s3:*:*:accesspoint/*"
_DEFAULT_ENCRYPTION = (
    *("encryption.at_rest", "encryption.twice", "encryption.key", "encryption.bucket_key"),
    *(*KEY_FACTS, "encryption.key_recoverable", "encryption.wrong_encryption_refused"),
)
_COPIED = ("resilience.replicated", "resilience.replicas[].covers_prefix")  # under which key decides what a rule copies


def _bucket(
    operation: str,
    permission: str,
    purpose: str,
    *,
    absent: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    facts: tuple[str, ...] | None,
) -> Call:
    return Call(
        operation=f"s3:{operation}",
        permission=f"s3:{permission}",
        resource=_ANY_BUCKET,
        absent=frozenset(absent),
        missing=frozenset({"NoSuchBucket"}),
        required=required,
        purpose=purpose,
        facts=facts,
    )


def _access_point(operation: str, purpose: str, *, required: str) -> Call:
    return Call(
        operation=f"s3control:{operation}",
        permission=f"s3:{operation}",
        resource=_ANY_ACCESS_POINT,
        absent=frozenset({"NoSuchAccessPointPolicy"}),
        missing=frozenset({"NoSuchAccessPoint"}),
        required=(required,),
        purpose=purpose,
        facts=DOORS,
    )


LIST_BUCKETS = Call(
    operation="s3:ListBuckets",
    permission="s3:ListAllMyBuckets",
    required=("Buckets",),
    purpose="which account owns a bucket",
)
GET_BUCKET_LOCATION = _bucket(
    "GetBucketLocation",
    "GetBucketLocation",
    "the Region to read the bucket in",
    required=("LocationConstraint",),
    facts=None,
)
GET_BUCKET_ENCRYPTION = _bucket(
    "GetBucketEncryption",
    "GetEncryptionConfiguration",
    "the default encryption and its key",
    absent=("ServerSideEncryptionConfigurationNotFoundError",),
    required=("ServerSideEncryptionConfiguration",),
    facts=(*_DEFAULT_ENCRYPTION, *_COPIED),
)
GET_BUCKET_POLICY = _bucket(
    "GetBucketPolicy",
    "GetBucketPolicy",
    "who the bucket policy lets in",
    absent=("NoSuchBucketPolicy",),
    required=("Policy",),
    facts=("exposure.policy_public", "exposure.policy_public_as_documented", *WHAT_IS_REFUSED, *WHO_GETS_IN),
)
GET_BUCKET_POLICY_STATUS = _bucket(
    "GetBucketPolicyStatus",
    "GetBucketPolicyStatus",
    "whether AWS itself calls the policy public",
    absent=("NoSuchBucketPolicy",),
    required=("PolicyStatus",),
    facts=("exposure.policy_public", *WHO_GETS_IN),
)
STATUS_OF_A_NAMING_POLICY = replace(GET_BUCKET_POLICY_STATUS, facts=("exposure.policy_public",))
GET_BUCKET_PUBLIC_ACCESS_BLOCK = _bucket(
    "GetPublicAccessBlock",
    "GetBucketPublicAccessBlock",
    "Block Public Access of the bucket",
    absent=("NoSuchPublicAccessBlockConfiguration",),
    required=("PublicAccessBlockConfiguration",),
    facts=("exposure.blocked.bucket", *EFFECTIVE_BLOCKS),
)
GET_BUCKET_ACL = _bucket(
    "GetBucketAcl",
    "GetBucketAcl",
    "who the access control list lets in",
    required=("Owner", "Grants"),
    facts=WHOM_LISTS_LET_IN,
)
LIST_THAT_DOES_NOT_COUNT = replace(GET_BUCKET_ACL, facts=())
GET_BUCKET_OWNERSHIP_CONTROLS = _bucket(
    "GetBucketOwnershipControls",
    "GetBucketOwnershipControls",
    "whether access control lists count",
    absent=("OwnershipControlsNotFoundError",),
    required=("OwnershipControls",),
    facts=("acl.ownership", *WHOM_LISTS_LET_IN),
)
GET_BUCKET_VERSIONING = _bucket(
    "GetBucketVersioning",
    "GetBucketVersioning",
    "versioning and MFA delete, and whether there can be replication",
    facts=None,
)
GET_OBJECT_LOCK_CONFIGURATION = _bucket(
    "GetObjectLockConfiguration",
    "GetBucketObjectLockConfiguration",
    "write-once protection",
    absent=("ObjectLockConfigurationNotFoundError",),
    required=("ObjectLockConfiguration",),
    facts=("integrity.worm_enabled", "integrity.worm_mode", "integrity.worm_days"),
)
GET_BUCKET_LIFECYCLE_CONFIGURATION = _bucket(
    "GetBucketLifecycleConfiguration",
    "GetLifecycleConfiguration",
    "when logs are removed",
    absent=("NoSuchLifecycleConfiguration",),
    required=("Rules",),
    facts=("retention",),
)
GET_BUCKET_LOGGING = _bucket(
    "GetBucketLogging",
    "GetBucketLogging",
    "server access logging",
    facts=("monitoring.access_logged", "monitoring.target", "monitoring.target_is_self"),
)
GET_BUCKET_REPLICATION = _bucket(
    "GetBucketReplication",
    "GetReplicationConfiguration",
    "where logs are copied to",
    absent=("ReplicationConfigurationNotFoundError",),
    required=("ReplicationConfiguration",),
    facts=None,
)
GET_BUCKET_WEBSITE = _bucket(
    "GetBucketWebsite",
    "GetBucketWebsite",
    "static website hosting",
    absent=("NoSuchWebsiteConfiguration",),
    facts=("exposure.website",),
)
GET_BUCKET_CORS = _bucket(
    "GetBucketCors",
    "GetBucketCORS",
    "which web origins may read",
    absent=("NoSuchCORSConfiguration",),
    required=("CORSRules",),
    facts=("exposure.public_cors",),
)
GET_BUCKET_NOTIFICATION_CONFIGURATION = _bucket(
    "GetBucketNotificationConfiguration",
    "GetBucketNotification",
    "who is told of new logs",
    facts=("exposure.subscribers",),
)
GET_BUCKET_TAGGING = _bucket(
    "GetBucketTagging",
    "GetBucketTagging",
    "the tags of the bucket",
    absent=("NoSuchTagSet",),
    required=("TagSet",),
    facts=("labels",),
)

GET_ACCOUNT_PUBLIC_ACCESS_BLOCK = Call(
    operation="s3control:GetPublicAccessBlock",
    permission="s3:GetAccountPublicAccessBlock",
    absent=frozenset({"NoSuchPublicAccessBlockConfiguration"}),
    required=("PublicAccessBlockConfiguration",),
    purpose="Block Public Access of the account",
    facts=("exposure.blocked.account", *EFFECTIVE_BLOCKS),
)
LIST_ACCESS_POINTS = Call(
    operation="s3control:ListAccessPoints",
    permission="s3:ListAccessPoints",
    required=("AccessPointList",),
    purpose="other doors to the bucket",
    facts=DOORS,
)
GET_ACCESS_POINT = Call(
    operation="s3control:GetAccessPoint",
    permission="s3:GetAccessPoint",  # AWS lets no policy limit it to a resource
    missing=frozenset({"NoSuchAccessPoint"}),
    required=("Name",),
    purpose="Block Public Access and network of an access point",
    facts=DOORS,
)
GET_ACCESS_POINT_POLICY = _access_point(
    "GetAccessPointPolicy",
    "who an access point lets in",
    required="Policy",
)
GET_ACCESS_POINT_POLICY_STATUS = _access_point(
    "GetAccessPointPolicyStatus",
    "whether AWS itself calls an access point public",
    required="PolicyStatus",
)

GET_CALLER_IDENTITY = Call(
    operation="sts:GetCallerIdentity", permission="", required=("Account", "Arn"), purpose="who asks"
)
ASSUME_ROLE = Call(
    operation="sts:AssumeRole",
    permission="sts:AssumeRole",
    resource=ANY_ROLE,
    purpose="to read the accounts that posture.yaml names with a role",
)

BUCKET_CALLS = (  # what is read of every bucket, in its own Region; what may rule a call out stands before it
    GET_BUCKET_ENCRYPTION,
    GET_BUCKET_POLICY,
    GET_BUCKET_POLICY_STATUS,
    GET_BUCKET_PUBLIC_ACCESS_BLOCK,
    GET_BUCKET_OWNERSHIP_CONTROLS,
    GET_BUCKET_ACL,
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
    *KEY_CALLS,
    *ROLE_CALLS,
    *TRAIL_CALLS,
    GET_CALLER_IDENTITY,
    ASSUME_ROLE,
    *ORGANISATION_CALLS,
)
