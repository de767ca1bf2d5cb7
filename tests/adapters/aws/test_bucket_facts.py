"""Recorded answers of one bucket in, facts of its store out."""

from __future__ import annotations

import pytest

from posture.adapters.aws import calls
from posture.model.facts import Reason, Unknown
from posture.model.leads import KeyRef
from posture.model.subjects import Provider, Versioning, WormMode
from posture.reading import Json
from tests.adapters.aws.recorded import (
    ACCOUNT,
    BUCKET,
    KEY,
    REGION,
    Said,
    contribution,
    encryption,
    followed,
    value,
)

GOV_ALIAS = "arn:aws-us-gov:kms:us-gov-west-1:999999999999:alias/logs"


def key_ref(arn: str, *, account: str = ACCOUNT, region: str = REGION) -> KeyRef:
    return KeyRef(provider=Provider.AWS, key_id=arn, account=account, region=region)


GOV_KEY = key_ref(GOV_ALIAS, account="999999999999", region="us-gov-west-1")


@pytest.mark.parametrize(
    ("said", "region"),
    [({"LocationConstraint": None}, "us-east-1"), ({"LocationConstraint": "EU"}, "eu-west-1")],
)
def test_the_oldest_regions_have_odd_names(said: dict[str, Json], region: str) -> None:
    assert value(contribution({calls.GET_BUCKET_LOCATION: said}).region) == region


def test_owner_is_the_account_whose_list_shows_the_bucket() -> None:
    seen = contribution({})
    assert value(seen.account) == ACCOUNT
    assert value(seen.region) == REGION


def test_owner_is_unknown_when_no_list_shows_the_bucket() -> None:
    account = contribution({calls.LIST_BUCKETS: [{"Name": "another"}]}).account
    assert isinstance(account, Unknown)
    assert account.reason is Reason.NOT_COLLECTED
    assert "posture.yaml" in account.needs


def test_owner_is_unknown_for_the_reason_that_the_list_could_not_be_read() -> None:
    account = contribution({calls.LIST_BUCKETS: Reason.DENIED}).account
    assert isinstance(account, Unknown)
    assert (account.reason, account.needs) == (Reason.DENIED, "s3:ListAllMyBuckets")


def test_the_region_beside_the_bucket_in_the_list_stands_in_for_its_location() -> None:
    listed: list[Json] = [{"Name": BUCKET, "BucketRegion": REGION}]
    seen = contribution({calls.LIST_BUCKETS: listed, calls.GET_BUCKET_LOCATION: Reason.DENIED})
    assert value(seen.region) == REGION
    assert value(seen.encrypted) is True


def test_nothing_else_is_asked_of_a_bucket_that_is_not_there() -> None:
    seen = contribution({calls.GET_BUCKET_LOCATION: Reason.NOT_FOUND})
    assert value(seen.encrypted) is Reason.NOT_FOUND
    assert value(seen.retention.days) is Reason.NOT_FOUND
    assert value(seen.exposure.website) is Reason.NOT_FOUND
    assert seen.replication.gaps[0].unknown.reason is Reason.NOT_FOUND


@pytest.mark.parametrize(
    ("said", "encrypted", "bucket_key", "key"),
    [
        (encryption("AES256"), True, False, None),
        (encryption("AES256", bucket_key=True), True, False, None),
        (encryption("aws:kms"), True, False, None),
        (encryption("aws:kms", "alias/aws/s3"), True, False, None),
        (encryption("aws:kms", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3"), True, False, None),
        (encryption("aws:kms", KEY, bucket_key=True), True, True, key_ref(KEY)),
        (encryption("aws:kms:dsse", KEY), True, False, key_ref(KEY)),
        (encryption("aws:kms", KEY.rpartition("/")[2]), True, False, key_ref(KEY)),
        (encryption("aws:kms", GOV_ALIAS), True, False, GOV_KEY),
        (encryption("aws:kms", "alias/logs"), True, False, Reason.UNDETERMINED),
        (encryption("rot13"), Reason.UNDETERMINED, False, None),
        ("ServerSideEncryptionConfigurationNotFoundError", False, False, None),
        (Reason.DENIED, Reason.DENIED, Reason.DENIED, Reason.DENIED),
        ({"ServerSideEncryptionConfiguration": {}}, Reason.MALFORMED, Reason.MALFORMED, Reason.MALFORMED),
    ],
)  # fmt: skip
def test_encryption(said: Said, encrypted: object, bucket_key: object, key: object) -> None:
    seen = contribution({calls.GET_BUCKET_ENCRYPTION: said})
    assert (value(seen.encrypted), value(seen.bucket_key), value(seen.key)) == (encrypted, bucket_key, key)


def test_the_key_of_the_bucket_is_a_lead_that_its_own_account_reads() -> None:
    foreign = "arn:aws:kms:eu-central-1:999999999999:key/0d5a1d2e-0000-4000-8000-000000000009"
    (found,) = followed({calls.GET_BUCKET_ENCRYPTION: encryption("aws:kms", foreign)}, prefix="audit").leads
    assert found.target == key_ref(foreign, account="999999999999")
    assert found.account == "999999999999"
    assert found.found.how == f"default key of s3://{BUCKET}/audit"
    assert found.found.source is not None
    assert found.found.source.pointer == "/ServerSideEncryptionConfiguration/Rules/0"


@pytest.mark.parametrize(
    ("said", "versioning", "mfa_delete"),
    [
        ({}, Versioning.NEVER, False),
        ({"Status": "Enabled"}, Versioning.ENABLED, False),
        ({"Status": "Suspended", "MFADelete": "Enabled"}, Versioning.SUSPENDED, True),
        ({"Status": "Enabled", "MFADelete": "Disabled"}, Versioning.ENABLED, False),
        ({"Status": "Perhaps"}, Reason.MALFORMED, Reason.MALFORMED),
        (Reason.DENIED, Reason.DENIED, Reason.DENIED),
    ],
)
def test_versioning(said: Said, versioning: object, mfa_delete: object) -> None:
    integrity = contribution({calls.GET_BUCKET_VERSIONING: said}).integrity
    assert (value(integrity.versioning), value(integrity.mfa_delete)) == (versioning, mfa_delete)


def locked(**retention: Json) -> dict[str, Json]:
    rule: dict[str, Json] = {"Rule": {"DefaultRetention": retention}} if retention else {}
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **rule}}


@pytest.mark.parametrize(
    ("said", "enabled", "mode", "days"),
    [
        ("ObjectLockConfigurationNotFoundError", False, WormMode.NONE, 0),
        (locked(), True, WormMode.NONE, 0),
        (locked(Mode="COMPLIANCE", Days=400), True, WormMode.COMPLIANCE, 400),
        (locked(Mode="GOVERNANCE", Years=2), True, WormMode.GOVERNANCE, 730),
        (locked(Mode="COMPLIANCE", Days=400, Years=0), True, WormMode.COMPLIANCE, 400),
        (locked(Mode="COMPLIANCE"), *[Reason.MALFORMED] * 3),
        (locked(Mode="SOMETIMES", Days=1), *[Reason.MALFORMED] * 3),
        ({"ObjectLockConfiguration": {}}, *[Reason.MALFORMED] * 3),
    ],
)
def test_object_lock(said: Said, enabled: object, mode: object, days: object) -> None:
    integrity = contribution({calls.GET_OBJECT_LOCK_CONFIGURATION: said}).integrity
    assert (value(integrity.worm_enabled), value(integrity.worm_mode), value(integrity.worm_days)) == (
        enabled,
        mode,
        days,
    )


@pytest.mark.parametrize(
    ("said", "logged", "target", "itself"),
    [
        ({}, False, "", False),
        (
            {"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "s3/"}},
            True,
            "s3://access-logs/s3",
            False,
        ),
        ({"LoggingEnabled": {"TargetBucket": BUCKET, "TargetPrefix": ""}}, True, f"s3://{BUCKET}", True),
        ({"LoggingEnabled": {}}, *[Reason.MALFORMED] * 3),
        (Reason.DENIED, *[Reason.DENIED] * 3),
    ],
)
def test_access_logging(said: Said, logged: object, target: object, itself: object) -> None:
    seen = followed({calls.GET_BUCKET_LOGGING: said})
    monitoring = contribution({calls.GET_BUCKET_LOGGING: said}).monitoring
    assert (value(monitoring.access_logged), value(monitoring.target), value(monitoring.target_is_self)) == (
        logged,
        target,
        itself,
    )
    assert seen.leads == ()  # access logs are not audit logs


def test_grants_are_unread_with_the_policy() -> None:
    (gap,) = contribution({calls.GET_BUCKET_POLICY: Reason.DENIED}).grants.gaps
    assert (gap.unknown.reason, gap.limits) == (Reason.DENIED, ())
