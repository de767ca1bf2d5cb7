import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from databricks.sdk import AccountClient
from databricks.sdk.core import Config
from databricks.sdk.service.billing import LogDeliveryConfigStatus, LogType

from tests.testbeds import stores
from tests.testbeds.aws import Accounts
from tests.testbeds.databricks import ACCOUNT, TOKEN, AccountApi, AccountState
from tests.testbeds.estate import (
    ANALYTICS,
    SANDBOX,
    SCIENCE,
    bad_account,
    good_account,
    hide_half,
    seed_estate,
    silent_account,
)
from tests.testbeds.faults import FaultProxy
from tests.testbeds.seed import Bucket
from tests.testbeds.stores import Archive, Store

pytestmark = pytest.mark.peers

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def account(api: AccountApi, state: AccountState) -> AccountClient:
    api.reset(state)
    config = Config(host=api.url, account_id=ACCOUNT, token=TOKEN, auth_type="pat", config_file=os.devnull)
    return AccountClient(config=config)


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as refused:
        read()
    code: str = refused.value.response["Error"]["Code"]
    return code


def test_the_template_is_as_the_vendor_publishes_it(accounts: Accounts) -> None:
    store = stores.template_audit_logs(accounts)
    s3, name = accounts.client("s3", account=store.bucket.account), store.bucket.name
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    assert set(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()) == {True}
    for absent in ("bucket_replication", "object_lock_configuration", "bucket_lifecycle_configuration"):
        with pytest.raises(ClientError, match=r"NotFound|NoSuchLifecycle"):
            getattr(s3, f"get_{absent}")(Bucket=name)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    role = accounts.client("iam", account=store.bucket.account).get_role(RoleName="template-audit-log-delivery")["Role"]
    assert role["Arn"] == store.writer
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": ACCOUNT}}
    assert store.uri == "s3://template-audit-logs/audit-logs"


def test_the_well_kept_store_keeps_every_rule(accounts: Accounts) -> None:
    archive = stores.well_kept_audit_logs(accounts)
    for bucket, key in ((archive.store.bucket, archive.key), (archive.replica, archive.replica_key)):
        s3 = accounts.client("s3", account=bucket.account, region=bucket.region)
        kms = accounts.client("kms", account=bucket.account, region=bucket.region)
        (rule,) = s3.get_bucket_encryption(Bucket=bucket.name)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
        assert rule["BucketKeyEnabled"]
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
        assert s3.get_bucket_versioning(Bucket=bucket.name)["Status"] == "Enabled"
        lock = s3.get_object_lock_configuration(Bucket=bucket.name)["ObjectLockConfiguration"]
        assert lock["Rule"]["DefaultRetention"]["Days"] == 400
    s3 = accounts.client("s3", account=stores.LOG_ARCHIVE)
    name = archive.store.bucket.name
    assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetBucket"] == archive.access_logs.name
    (rule,) = s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]["Rules"]
    assert rule["Destination"]["Bucket"] == archive.replica.arn
    trails = accounts.client("cloudtrail", account=stores.LOG_ARCHIVE)
    assert trails.get_trail_status(Name=archive.trail)["IsLogging"]
    (selector,) = trails.get_event_selectors(TrailName=archive.trail)["EventSelectors"]
    assert f"{archive.store.bucket.arn}/" in selector["DataResources"][0]["Values"]


@pytest.mark.parametrize(
    "seed",
    [
        stores.template_audit_logs,
        stores.well_kept_audit_logs,
        stores.retired_audit_logs,
        stores.workspace_root,
        stores.half_readable_audit_logs,
        stores.unreadable_audit_logs,
    ],
)
def test_each_store_stands_alone_and_only_its_account_reads_it(
    accounts: Accounts, seed: Callable[[Accounts], Store | Archive]
) -> None:
    seeded = seed(accounts)
    store = seeded.store if isinstance(seeded, Archive) else seeded
    name = store.bucket.name
    assert accounts.client("s3", account=store.bucket.account).get_bucket_acl(Bucket=name)["Grants"]
    assert refusal(lambda: accounts.client("s3").get_bucket_acl(Bucket=name)) == "AccessDenied"


def test_half_of_one_store_can_be_hidden(accounts: Accounts, aws_proxy: FaultProxy) -> None:
    store, other = stores.half_readable_audit_logs(accounts), stores.template_audit_logs(accounts)
    hide_half(aws_proxy, store)
    reader = Accounts(endpoint=aws_proxy.url, session=accounts.session).client("s3", account=stores.PLATFORM)
    assert refusal(lambda: reader.get_bucket_policy(Bucket=store.bucket.name)) == "AccessDenied"
    assert reader.get_bucket_policy(Bucket=other.bucket.name)["Policy"]
    assert reader.get_public_access_block(Bucket=store.bucket.name)["PublicAccessBlockConfiguration"]


def test_the_account_and_the_buckets_agree(accounts: Accounts, databricks: AccountApi) -> None:
    estate = seed_estate(accounts, now=NOW)
    client = account(databricks, estate.databricks)
    buckets = {
        storage.storage_configuration_id: storage.root_bucket_info.bucket_name
        for storage in client.storage.list()
        if storage.root_bucket_info is not None
    }
    roles = {
        credential.credentials_id: credential.aws_credentials.sts_role.role_arn
        for credential in client.credentials.list()
        if credential.aws_credentials is not None and credential.aws_credentials.sts_role is not None
    }
    audit = [found for found in client.log_delivery.list() if found.log_type is LogType.AUDIT_LOGS]
    assert {
        (buckets[found.storage_configuration_id], roles[found.credentials_id], found.delivery_path_prefix or "")
        for found in audit
    } == {(store.bucket.name, store.writer, store.prefix) for store in estate.stores}
    assert {workspace.workspace_id for workspace in client.workspaces.list()} == {ANALYTICS, SCIENCE, SANDBOX}
    disabled = [found for found in audit if found.status is LogDeliveryConfigStatus.DISABLED]
    assert [buckets[found.storage_configuration_id] for found in disabled] == ["retired-audit-logs"]


def test_freshness_is_counted_from_the_given_now(databricks: AccountApi) -> None:
    store = Store(bucket=Bucket(name="logs", account=stores.PLATFORM), prefix="", writer="arn:writer")
    (good,) = account(databricks, good_account(store, now=NOW)).log_delivery.list()
    assert good.log_delivery_status is not None
    assert good.log_delivery_status.last_successful_attempt_time == "2026-11-21T11:40:00Z"
    (bad,) = account(databricks, bad_account(store, now=NOW)).log_delivery.list()
    assert bad.log_delivery_status is not None
    assert bad.log_delivery_status.last_successful_attempt_time == f"{NOW - timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"
    assert bad.workspace_ids_filter == [ANALYTICS]
    silent = account(databricks, silent_account())
    assert list(silent.log_delivery.list()) == []
    assert len(list(silent.workspaces.list())) == 3
