"""Recorded replication rules in, copies and leads out."""

from __future__ import annotations

import pytest

from posture.adapters.aws import calls
from posture.model.facts import Known, Reason
from posture.model.leads import KeyRef
from posture.model.subjects import Role
from posture.reading import Call, Json
from tests.adapters.aws.recorded import (
    BUCKET,
    KEY,
    Said,
    contribution,
    encryption,
    followed,
    store,
    value,
)


def copies(*, status: Json = "Enabled", to: Json = "arn:aws:s3:::copies", **parts: Json) -> dict[str, Json]:
    destination: dict[str, Json] = {"Bucket": to}
    return {"ID": "copy", "Status": status, "Destination": destination, **({"Filter": {}} | parts)}


def replicated(*rules: dict[str, Json]) -> dict[str, Json]:
    return {"ReplicationConfiguration": {"Role": "arn:aws:iam::111122223333:role/copier", "Rules": list(rules)}}


TAGS: list[Json] = [{"Key": "a", "Value": "b"}]
FIRST_VERSION: dict[str, Json] = {
    "ID": "V1",
    "Prefix": "",
    "Status": "Enabled",
    "Destination": {"Bucket": "arn:aws:s3:::copies"},
}
KMS: dict[Call, Said] = {calls.GET_BUCKET_ENCRYPTION: encryption("aws:kms", KEY)}
KMS_TOO: dict[str, Json] = {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}}


@pytest.mark.parametrize(
    ("rules", "more", "covers"),
    [
        ([copies()], {}, [True]),
        ([copies(Filter={"Prefix": "audit"})], {}, [True]),
        ([copies(Filter={"Prefix": "audit/workspaceId=0/"})], {}, [False]),
        ([copies(Filter={"Prefix": "billing/"})], {}, []),
        ([copies(status="Disabled")], {}, []),
        ([copies(Filter={"Tag": {"Key": "copy", "Value": "yes"}})], {}, [Reason.UNDETERMINED]),
        ([copies(Filter={"And": {"Prefix": "audit/", "Tags": TAGS}})], {}, [Reason.UNDETERMINED]),
        ([FIRST_VERSION], {}, [True]),
        ([copies()], KMS, [False]),
        ([copies(**KMS_TOO)], KMS, [True]),
        ([copies()], {calls.GET_BUCKET_ENCRYPTION: Reason.DENIED}, [Reason.DENIED]),
        ([copies(**KMS_TOO)], {calls.GET_BUCKET_ENCRYPTION: Reason.DENIED}, [True]),
        ([copies(Filter={"Prefix": "billing/"}), copies()], {}, [True]),
    ],
)  # fmt: skip
def test_replication(rules: list[dict[str, Json]], more: dict[Call, Said], covers: list[object]) -> None:
    seen = contribution({calls.GET_BUCKET_REPLICATION: replicated(*rules), **more}, prefix="audit").replication
    assert [value(item.covers_prefix) for item in seen.items] == covers
    assert seen.gaps == ()


@pytest.mark.parametrize(
    ("rule", "copied"),
    [
        (copies(), False),
        (copies(DeleteMarkerReplication={"Status": "Disabled"}), False),
        (copies(DeleteMarkerReplication={"Status": "Enabled"}), True),
        (FIRST_VERSION, True),
    ],
)
def test_deletions_are_copied_where_the_rule_says_so_or_is_of_the_first_version(
    rule: dict[str, Json],
    copied: bool,  # noqa: FBT001 - parametrised
) -> None:
    (item,) = contribution({calls.GET_BUCKET_REPLICATION: replicated(rule)}).replication.items
    assert value(item.deletions_copied) is copied


REPLICA_KEY = "arn:aws:kms:eu-west-1:999999999999:alias/copies"
PROVIDERS = "the provider's"  # key
TARGETS = "as the target says"
PLAIN: dict[Call, Said] = {calls.GET_BUCKET_ENCRYPTION: encryption("AES256")}


def under(key: str) -> dict[str, Json]:
    """A rule that copies what is under a KMS key, and encrypts the copies with this one."""
    target: dict[str, Json] = {"Bucket": "arn:aws:s3:::copies", "EncryptionConfiguration": {"ReplicaKmsKeyID": key}}
    return copies(**KMS_TOO) | {"Destination": target}


@pytest.mark.parametrize(
    ("rule", "more", "expected"),
    [
        (copies(), PLAIN, PROVIDERS),  # whatever the default of the target is
        (under(REPLICA_KEY), PLAIN, PROVIDERS),
        (under(REPLICA_KEY), KMS, REPLICA_KEY),
        (under(REPLICA_KEY), {calls.GET_BUCKET_ENCRYPTION: encryption("aws:kms:dsse", KEY)}, REPLICA_KEY),
        (under("arn:aws:kms:eu-west-1:999999999999:alias/aws/s3"), KMS, PROVIDERS),
        (under("alias/copies"), KMS, Reason.UNDETERMINED),
        (copies(**KMS_TOO), KMS, TARGETS),
        (copies(), KMS, TARGETS),
        (copies(), {calls.GET_BUCKET_ENCRYPTION: "ServerSideEncryptionConfigurationNotFoundError"}, TARGETS),
        (copies(), {calls.GET_BUCKET_ENCRYPTION: Reason.DENIED}, Reason.DENIED),
    ],
)
def test_copies_are_encrypted_as_their_originals_are(
    rule: dict[str, Json], more: dict[Call, Said], expected: object
) -> None:
    seen = followed({calls.GET_BUCKET_REPLICATION: replicated(rule), **more})
    (only,) = seen.contributions
    (item,) = only.replication.items  # type: ignore[union-attr]  # a store's
    named = TARGETS if item.key is None else value(item.key)
    assert (PROVIDERS if named is None else getattr(named, "key_id", named)) == expected
    if isinstance(item.key, Known):  # a key rests on both: how originals are encrypted, and what the rule says
        assert calls.GET_BUCKET_ENCRYPTION.operation in {source.operation for source in item.key.sources}
    keys = [lead.target for lead in seen.leads if isinstance(lead.target, KeyRef) and lead.role is Role.REPLICA]
    assert [ref.key_id for ref in keys] == ([REPLICA_KEY] if expected == REPLICA_KEY else [])


def test_a_replica_is_a_lead_with_the_account_that_the_rule_names() -> None:
    handed_over: dict[str, Json] = {"Bucket": "arn:aws:s3:::copies", "Account": "999999999999"}
    rules = (copies(), {**copies(), "Destination": handed_over}, copies(to="arn:aws:s3:::other"))
    seen = followed({calls.GET_BUCKET_REPLICATION: replicated(*rules)}, prefix="audit")
    assert [(lead.target, lead.role, lead.account) for lead in seen.leads] == [
        (store("audit", "copies"), Role.REPLICA, "999999999999"),
        (store("audit", "other"), Role.REPLICA, ""),
    ]
    (only,) = seen.contributions
    assert [value(item.account) for item in only.replication.items] == [  # type: ignore[union-attr]  # a store's
        Reason.UNDETERMINED,
        "999999999999",
        Reason.UNDETERMINED,
    ]


@pytest.mark.parametrize("said", [Reason.DENIED, {"ReplicationConfiguration": {}}, replicated({"Status": "Enabled"})])
def test_unread_replication_is_a_place_that_was_not_looked_into(said: Said) -> None:
    seen = followed({calls.GET_BUCKET_REPLICATION: said})
    assert seen.leads == ()
    (place,) = seen.unlooked
    assert place.what == f"the replication rules of s3://{BUCKET}"
    (only,) = seen.contributions
    assert only.replication.gaps[0].unknown == place.unknown  # type: ignore[union-attr]  # a store's


def test_no_replication_is_known() -> None:
    seen = followed({})
    assert seen.unlooked == ()
    assert seen.leads == ()
