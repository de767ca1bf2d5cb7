"""The log stores of the estate, each seeded by its own function, alone in a clean moto or beside the others."""

from __future__ import annotations

from dataclasses import dataclass

from tests.testbeds import statements as say
from tests.testbeds.aws import Accounts
from tests.testbeds.databricks import ACCOUNT
from tests.testbeds.seed import (
    Bucket,
    allow_by_policy,
    block_account,
    encrypt,
    new_bucket,
    new_key,
    new_role,
    old_bucket,
    tell,
)

PLATFORM = "111111111111"
"""The account of the Databricks workspaces."""

LOG_ARCHIVE = "222222222222"
"""The account that keeps logs and runs nothing."""

LEGACY = "333333333333"
"""The account of an earlier platform."""

CLOSED = "444455556666"
"""The account that lets nobody in."""

FORMER_PARTNER = "555555555555"
"""An account of somebody else."""

ARCHIVE_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A seeded store: its bucket, the prefix of the delivery, and the role that writes there."""

    bucket: Bucket
    prefix: str
    writer: str

    @property
    def uri(self) -> str:
        """As `--store` takes it."""
        return f"s3://{self.bucket.name}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The well-kept store and all that keeps it."""

    store: Store
    key: str
    replica: Bucket
    replica_key: str
    access_logs: Bucket
    trail_logs: Bucket
    trail: str


def template_audit_logs(accounts: Accounts) -> Store:
    """A store exactly as Databricks' published security reference template configures it.

    The bucket's own default is the template's ownership setting; versioning is `Disabled`, which means never touched.
    """
    bucket = Bucket(name="template-audit-logs", account=PLATFORM)
    new_bucket(accounts, bucket)
    writer = new_role(accounts, PLATFORM, "template-audit-log-delivery", trust=[say.delivery_trust(ACCOUNT)])
    allow_by_policy(accounts, bucket, [say.data_source_policy(bucket, writer)])
    return Store(bucket=bucket, prefix="audit-logs", writer=writer)


def well_kept_audit_logs(accounts: Accounts) -> Archive:
    """A store that keeps every rule and the documented layout: own account, own key, locked, replicated, watched."""
    prefix = "audit"
    block_account(accounts, LOG_ARCHIVE)
    bucket = Bucket(name="well-kept-audit-logs", account=LOG_ARCHIVE)
    writer = new_role(
        accounts,
        LOG_ARCHIVE,
        "well-kept-audit-log-delivery",
        trust=[say.delivery_trust(ACCOUNT)],
        inline=say.documented_writes(bucket, prefix),
    )
    key = _archive_bucket(accounts, bucket, encrypts_for=writer)
    allow_by_policy(accounts, bucket, [say.tls_only(bucket), *say.documented_writes(bucket, prefix, principal=writer)])
    tell(accounts, bucket, EventBridgeConfiguration={})
    access_logs = _access_logs_of(accounts, bucket)
    replica, replica_key = _replica_of(accounts, bucket)
    trail, trail_logs = _data_events_of(accounts, bucket, replica)
    return Archive(
        store=Store(bucket=bucket, prefix=prefix, writer=writer),
        key=key,
        replica=replica,
        replica_key=replica_key,
        access_logs=access_logs,
        trail_logs=trail_logs,
        trail=trail,
    )


def retired_audit_logs(accounts: Accounts) -> Store:
    """A store of 2021 that nobody looks after: the whole vendor account may write, logs go after 90 days.

    A partner of long ago is still told of each new log.
    """
    bucket = Bucket(name="retired-audit-logs", account=LEGACY, region="eu-west-1")
    old_bucket(accounts, bucket)
    writer = new_role(accounts, LEGACY, "retired-audit-log-delivery", trust=[say.delivery_trust(ACCOUNT)])
    allow_by_policy(accounts, bucket, [say.data_source_policy(bucket, f"arn:aws:iam::{say.VENDOR}:root")])
    s3 = accounts.client("s3", account=LEGACY, region=bucket.region)
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Suspended"})
    expiry = {
        "ID": "tidy",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": 90},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=bucket.name, LifecycleConfiguration={"Rules": [expiry]})
    s3.put_bucket_cors(
        Bucket=bucket.name,
        CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    )
    topic = accounts.client("sns", account=FORMER_PARTNER, region=bucket.region).create_topic(Name="new-logs")
    tell(accounts, bucket, TopicConfigurations=[{"TopicArn": topic["TopicArn"], "Events": ["s3:ObjectCreated:*"]}])
    s3.put_object(Bucket=bucket.name, Key="workspaceId=0/date=2024-02-29/auditlogs_1.json", Body=b"{}\n")
    return Store(bucket=bucket, prefix="", writer=writer)


def workspace_root(accounts: Accounts) -> Store:
    """A workspace's root bucket that audit logs are delivered to as well."""
    bucket = Bucket(name="acme.workspace-root", account=PLATFORM, region="us-west-2")
    new_bucket(accounts, bucket)
    writer = new_role(
        accounts,
        PLATFORM,
        "root-audit-log-delivery",
        trust=[say.delivery_trust(ACCOUNT)],
        inline=say.documented_writes(bucket, "audit-logs"),
    )
    tagged = {"StringEquals": {"aws:PrincipalTag/DatabricksAccountId": ACCOUNT}}
    vendor = say.data_source_policy(bucket, f"arn:aws:iam::{say.VENDOR}:root", condition=tagged)
    allow_by_policy(accounts, bucket, [vendor])
    return Store(bucket=bucket, prefix="audit-logs", writer=writer)


def half_readable_audit_logs(accounts: Accounts) -> Store:
    """A decent store, some of whose reads a test or the demo refuses: see `estate.HIDDEN_READS`."""
    bucket = Bucket(name="half-readable-audit-logs", account=PLATFORM)
    new_bucket(accounts, bucket)
    writer = new_role(
        accounts,
        PLATFORM,
        "half-readable-audit-log-delivery",
        trust=[say.delivery_trust(ACCOUNT)],
        inline=say.documented_writes(bucket, "audit-logs"),
    )
    s3 = accounts.client("s3", account=PLATFORM)
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    allow_by_policy(accounts, bucket, [say.tls_only(bucket), say.data_source_policy(bucket, writer)])
    return Store(bucket=bucket, prefix="audit-logs", writer=writer)


def unreadable_audit_logs(accounts: Accounts) -> Store:
    """A store in an account that refuses everybody: every read of it is denied."""
    bucket = Bucket(name="unreadable-audit-logs", account=CLOSED)
    new_bucket(accounts, bucket)
    writer = new_role(accounts, CLOSED, "unreadable-audit-log-delivery", trust=[say.delivery_trust(ACCOUNT)])
    return Store(bucket=bucket, prefix="audit-logs", writer=writer)


def _archive_bucket(accounts: Accounts, bucket: Bucket, *, encrypts_for: str) -> str:
    new_bucket(accounts, bucket, options={"ObjectLockEnabledForBucket": True})
    admitted = [say.administered_by(bucket.account), say.encrypts(encrypts_for)]
    key = new_key(accounts, bucket.account, bucket.region, admitted)
    encrypt(accounts, bucket, {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, bucket_key=True)
    s3 = accounts.client("s3", account=bucket.account, region=bucket.region)
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    retention = {"Mode": "COMPLIANCE", "Days": ARCHIVE_DAYS}
    s3.put_object_lock_configuration(
        Bucket=bucket.name,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
    )
    return key


def _access_logs_of(accounts: Accounts, bucket: Bucket) -> Bucket:
    target = Bucket(name=f"{bucket.name}-access", account=bucket.account, region=bucket.region)
    new_bucket(accounts, target)
    allow_by_policy(accounts, target, [say.tls_only(target), say.access_log_delivery(target, bucket)])
    accounts.client("s3", account=bucket.account, region=bucket.region).put_bucket_logging(
        Bucket=bucket.name,
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": target.name, "TargetPrefix": f"{bucket.name}/"}},
    )
    return target


def _replica_of(accounts: Accounts, bucket: Bucket) -> tuple[Bucket, str]:
    replica = Bucket(name=f"{bucket.name}-replica", account=bucket.account, region="us-west-2")
    role = new_role(
        accounts,
        bucket.account,
        "replicate-audit-logs",
        trust=[say.service_trust("s3.amazonaws.com")],
        inline=say.replicates(bucket, replica),
    )
    key = _archive_bucket(accounts, replica, encrypts_for=role)
    allow_by_policy(accounts, replica, [say.tls_only(replica)])
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": {"Bucket": replica.arn, "EncryptionConfiguration": {"ReplicaKmsKeyID": key}},
    }
    accounts.client("s3", account=bucket.account, region=bucket.region).put_bucket_replication(
        Bucket=bucket.name, ReplicationConfiguration={"Role": role, "Rules": [rule]}
    )
    return replica, key


def _data_events_of(accounts: Accounts, bucket: Bucket, replica: Bucket) -> tuple[str, Bucket]:
    name = "audit-log-object-events"
    target = Bucket(name=f"{bucket.name}-trail", account=bucket.account, region=bucket.region)
    new_bucket(accounts, target)
    allow_by_policy(accounts, target, [say.tls_only(target), *say.trail_delivery(target, name)])
    cloudtrail = accounts.client("cloudtrail", account=bucket.account, region=bucket.region)
    trail: str = cloudtrail.create_trail(
        Name=name, S3BucketName=target.name, IsMultiRegionTrail=True, EnableLogFileValidation=True
    )["TrailARN"]
    selector = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": [f"{bucket.arn}/", f"{replica.arn}/"]}],
    }
    cloudtrail.put_event_selectors(TrailName=name, EventSelectors=[selector])
    cloudtrail.start_logging(Name=name)
    return trail, target
