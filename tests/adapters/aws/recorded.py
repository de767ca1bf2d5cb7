"""Recorded answers in place of calls: a bucket of which nothing is configured, and whatever a test says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from posture.adapters.aws import calls, trail_calls
from posture.adapters.aws.multi_region_calls import CONTROL_REGION, LIST_MULTI_REGION_ACCESS_POINTS
from posture.adapters.aws.wing import AwsWing
from posture.adapters.wing import Followed
from posture.model.contributions import StoreContribution
from posture.model.facts import Known, Reason, Unknown
from posture.model.leads import Found, Lead, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import Kind, Provider
from posture.reading import Call, Json, Kept, Needs, Reading

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNT = "111122223333"
BUCKET = "acme-audit-logs"
REGION = "eu-central-1"
OWNER_ID = "a" * 64
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0d5a1d2e-0000-4000-8000-000000000001"
READ_AT = "2026-03-01T12:00:00Z"

Said = Mapping[str, Json] | list[Json] | Reason | str
"""An answer, the items of all pages, the reason for none, or the code that says "not configured"."""

_OF_THE_BUCKET: dict[Call, Said] = {
    calls.GET_BUCKET_ENCRYPTION: {
        "ServerSideEncryptionConfiguration": {
            "Rules": [
                {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False},
            ]
        }
    },
    calls.GET_BUCKET_POLICY: "NoSuchBucketPolicy",
    calls.GET_BUCKET_POLICY_STATUS: "NoSuchBucketPolicy",
    calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK: "NoSuchPublicAccessBlockConfiguration",
    calls.GET_BUCKET_ACL: {
        "Owner": {"ID": OWNER_ID},
        "Grants": [{"Grantee": {"ID": OWNER_ID, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}],
    },
    calls.GET_BUCKET_OWNERSHIP_CONTROLS: "OwnershipControlsNotFoundError",
    calls.GET_BUCKET_VERSIONING: {},
    calls.GET_OBJECT_LOCK_CONFIGURATION: "ObjectLockConfigurationNotFoundError",
    calls.GET_BUCKET_LIFECYCLE_CONFIGURATION: "NoSuchLifecycleConfiguration",
    calls.GET_BUCKET_LOGGING: {},
    calls.GET_BUCKET_REPLICATION: "ReplicationConfigurationNotFoundError",
    calls.GET_BUCKET_WEBSITE: "NoSuchWebsiteConfiguration",
    calls.GET_BUCKET_CORS: "NoSuchCORSConfiguration",
    calls.GET_BUCKET_NOTIFICATION_CONFIGURATION: {},
    calls.GET_BUCKET_TAGGING: "NoSuchTagSet",
}


def recorded(said: Mapping[Call, Said], *, more: tuple[Kept, ...] = (), needs: Needs | None = None) -> Reading:
    """A reading that holds one bucket's answers; `said` replaces any of them, `more` adds other calls."""
    return Reading(as_of=NOW, replayed=(*_answers(said), *more), needs=needs)


def _answers(said: Mapping[Call, Said]) -> tuple[Kept, ...]:
    if calls.GET_BUCKET_POLICY_STATUS in said:  # there is no status without a policy
        said = {calls.GET_BUCKET_POLICY: {"Policy": "{}"}, **said}
    if {calls.GET_OBJECT_LOCK_CONFIGURATION, calls.GET_BUCKET_REPLICATION} & said.keys():  # nor either without versions
        said = {calls.GET_BUCKET_VERSIONING: {"Status": "Enabled"}, **said}
    located = said.get(calls.GET_BUCKET_LOCATION, {"LocationConstraint": REGION})
    of_bucket = {"Bucket": BUCKET, "ExpectedBucketOwner": ACCOUNT}
    bucket = [
        kept(call, said.get(call, default), resource=BUCKET, parameters={**of_bucket, "Region": REGION})
        for call, default in _OF_THE_BUCKET.items()
    ]
    block = said.get(calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK, "NoSuchPublicAccessBlockConfiguration")
    account = {"AccountId": ACCOUNT}
    return (
        kept(calls.GET_CALLER_IDENTITY, {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/auditor"}),
        kept(calls.LIST_BUCKETS, said.get(calls.LIST_BUCKETS, [{"Name": BUCKET}])),
        kept(calls.GET_BUCKET_LOCATION, located, resource=BUCKET, parameters=of_bucket),
        *bucket,
        kept(calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK, block, resource=ACCOUNT, parameters=account),
        kept(
            calls.LIST_ACCESS_POINTS,
            said.get(calls.LIST_ACCESS_POINTS, []),
            resource=ACCOUNT,
            parameters={**account, "Region": REGION},
        ),
        kept(
            LIST_MULTI_REGION_ACCESS_POINTS,
            said.get(LIST_MULTI_REGION_ACCESS_POINTS, []),
            resource=ACCOUNT,
            parameters={**account, "Region": CONTROL_REGION},
        ),
        kept(
            trail_calls.DESCRIBE_TRAILS,
            said.get(trail_calls.DESCRIBE_TRAILS, {"trailList": []}),
            resource=REGION,
            parameters={"Region": REGION},
        ),
    )


def kept(
    call: Call,
    said: Said,
    *,
    resource: str = "",
    parameters: Mapping[str, str] | None = None,
    identity: str = "default",
) -> Kept:
    """One call as a reading keeps it."""
    blank = Kept(
        identity=f"aws:{identity}",
        operation=call.operation,
        parameters=tuple(sorted((parameters or {}).items())),
        resource=resource,
        read_at=READ_AT,
        answer=said if isinstance(said, Mapping) else None,
        items=tuple(said) if isinstance(said, list) else None,
        absent=said if isinstance(said, str) and not isinstance(said, Reason) else "",
        reason=said if isinstance(said, Reason) else None,
        detail="AccessDenied: as recorded" if said is Reason.DENIED else "",
    )
    assert isinstance(said, Reason | Mapping | list) or said in call.absent, f"{call.operation} never says {said}"
    return blank


def store(prefix: str = "", name: str = BUCKET) -> StoreRef:
    return StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=name, prefix=prefix)


def lead(target: Target, *, account: str = "") -> Lead:
    return Lead(target=target, found=Found(how="a test names it"), account=account)


def followed(said: Mapping[Call, Said], *, prefix: str = "", more: tuple[Kept, ...] = ()) -> Followed:
    """What the wing makes of the recorded answers."""
    return AwsWing(Settings()).follow(lead(store(prefix)), recorded(said, more=more))


def contribution(said: Mapping[Call, Said], *, prefix: str = "", more: tuple[Kept, ...] = ()) -> StoreContribution:
    (only,) = followed(said, prefix=prefix, more=more).contributions
    assert isinstance(only, StoreContribution)
    return only


def value(fact: Known[Any] | Unknown) -> object:
    """The value, or the reason why there is none."""
    return fact.value if isinstance(fact, Known) else fact.reason


def encryption(algorithm: str, key: str = "", *, bucket_key: bool = False) -> dict[str, Json]:
    default = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})
    rule: dict[str, Json] = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
