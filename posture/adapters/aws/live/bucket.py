"""Reads everything about one bucket, in its own Region and as the identity that owns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from posture.adapters.aws import calls
from posture.adapters.aws.config import AccessPoint, Acl, BucketConfig
from posture.adapters.aws.live import bucket_answers as answers
from posture.adapters.aws.live.access_points import access_points, list_access_points
from posture.adapters.aws.live.account import describe_trails, read_account_block
from posture.adapters.aws.live.answers import Record, setting
from posture.adapters.aws.live.implied import UNVERSIONED, names_canonical_user, narrowed, ruled_out
from posture.adapters.aws.live.multi_region import list_multi_region
from posture.adapters.aws.live.owners import Owner
from posture.model.facts import Fact, Known, Listing, Reason, Source, Unknown
from posture.model.subjects import Ownership
from posture.reading import Answer, Call, Reading

T = TypeVar("T")
_OF_DIRECTORY_BUCKETS = ("--x-s3", "--xa-s3")  # how their names and those of their access points end, and no others
_DIRECTORY_BUCKET = Unknown(
    reason=Reason.UNSUPPORTED,
    detail="a directory bucket of S3 is not read; Databricks documents delivery to general purpose buckets only",
)


class BucketReader:
    """The reads of one bucket; S3 is told whom we believe to be the owner, so that no stranger's bucket is judged."""

    def __init__(self, name: str, owner: Owner) -> None:
        self.name = name
        self.owner = owner
        self._parameters = _parameters(name, owner)
        self._answers: dict[str, Answer] = {}  # of this bucket: most are looked at more than once
        self.region = self._region()

    def ask(self, call: Call) -> Answer:
        """One answer about the bucket; S3 is not asked for what another answer rules out."""
        answer = self._answers.get(call.operation)
        if answer is None:
            answer = ruled_out(call, self.ask) or self.told(narrowed(call, self.ask))
            self._answers[call.operation] = answer
        return answer

    def told(self, call: Call) -> Answer:
        """What S3 itself says."""
        region = self.region.value if isinstance(self.region, Known) else ""
        return self._read(call, region)

    def _read(self, call: Call, region: str) -> Answer:
        return self.owner.caller.read(call, resource=self.name, parameters=self._parameters, region=region)

    def gone(self) -> Unknown | None:
        """Why nothing more need be asked: the bucket is not there, or has another API."""
        match self.region:
            case Unknown(reason=Reason.NOT_FOUND):
                return self.region
            case Unknown() if self.region is _DIRECTORY_BUCKET:
                return _DIRECTORY_BUCKET
            case _:
                return None

    def _region(self) -> Fact[str]:
        """The SDK opens a session for any call to a directory bucket, which is more than reading: none is made."""
        if self.name.endswith(_OF_DIRECTORY_BUCKETS):
            return _DIRECTORY_BUCKET
        if self.owner.listed_region:
            source = Source(operation=calls.LIST_BUCKETS.operation, resource=self.name)
            return Known(value=self.owner.listed_region, sources=(source,))
        return setting(self._read(calls.GET_BUCKET_LOCATION, ""), answers.region, absent="")


def _parameters(name: str, owner: Owner) -> Mapping[str, str]:
    match owner.account:
        case Known(value=account):
            return {"Bucket": name, "ExpectedBucketOwner": account}
        case Unknown():
            return {"Bucket": name}


def read_bucket(name: str, owner: Owner, reading: Reading) -> BucketConfig:
    """The bucket's configuration; the calls are made side by side, and then looked at one by one."""
    reader = BucketReader(name, owner)
    gone = reader.gone()
    if gone is None:
        _make_calls(reader, reading)
    elif isinstance(owner.account, Unknown):  # what is not there has no owner that somebody could name
        owner = replace(owner, account=gone)
    points = access_points(name, owner, reader.region, reading)

    def fact(call: Call, read: Callable[[Record, Source], Fact[T]], *, absent: T) -> Fact[T]:
        return setting(gone or reader.ask(call), read, absent=absent)

    return BucketConfig(
        name=name,
        account=owner.account,
        region=reader.region,
        encryption=fact(calls.GET_BUCKET_ENCRYPTION, answers.encryption, absent=None),
        policy=fact(calls.GET_BUCKET_POLICY, answers.policy, absent=""),
        policy_public=fact(calls.GET_BUCKET_POLICY_STATUS, answers.public, absent=False),
        block=answers.block(gone or reader.ask(calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK)),
        acl=setting(gone or _list(reader, points), answers.acl, absent=Acl(owner="", grants=())),
        ownership=fact(calls.GET_BUCKET_OWNERSHIP_CONTROLS, answers.ownership, absent=Ownership.WRITER),
        versioning=fact(calls.GET_BUCKET_VERSIONING, answers.versioning, absent=UNVERSIONED),
        object_lock=fact(calls.GET_OBJECT_LOCK_CONFIGURATION, answers.object_lock, absent=None),
        lifecycle=fact(calls.GET_BUCKET_LIFECYCLE_CONFIGURATION, answers.lifecycle, absent=()),
        logging=fact(calls.GET_BUCKET_LOGGING, answers.logging, absent=None),
        replication=fact(calls.GET_BUCKET_REPLICATION, answers.replication, absent=()),
        website=fact(calls.GET_BUCKET_WEBSITE, answers.website, absent=False),
        cors=fact(calls.GET_BUCKET_CORS, answers.cors, absent=()),
        notified=fact(calls.GET_BUCKET_NOTIFICATION_CONFIGURATION, answers.notified, absent=()),
        tags=fact(calls.GET_BUCKET_TAGGING, answers.tags, absent=()),
        access_points=points,
    )


def _list(reader: BucketReader, points: Listing[AccessPoint]) -> Answer:
    """The access control list, which access points may need too: it tells the owner's canonical id."""
    needed = any(names_canonical_user(point.policy) for point in points.items)
    return (reader.told if needed else reader.ask)(calls.GET_BUCKET_ACL)


def _make_calls(reader: BucketReader, reading: Reading) -> None:
    """Starts every call at once."""
    reading.together(
        *(partial(reader.ask, call) for call in calls.BUCKET_CALLS),
        lambda: read_account_block(reader.owner),
        lambda: list_access_points(reader.owner, reader.region),
        lambda: list_multi_region(reader.owner, reader.region),
        lambda: describe_trails(reader.owner, reader.region),
    )
