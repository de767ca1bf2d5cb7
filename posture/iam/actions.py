"""The actions that a question ranges over, each with the class that decides what it is worth to an outsider."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from posture.frozen import dataclass
from posture.iam.actions_table import ROWS
from posture.iam.wildcard import glob, matches


class ActionClass(StrEnum):
    """What an action does to the resource; `other` is an action that the table does not know."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ADMINISTER = "administer"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action; `places` says whether S3 decides it on the bucket, on an object, or elsewhere."""

    name: str
    action_class: ActionClass
    places: frozenset[str]


LEVELS: Final = {
    "List": ActionClass.LIST,
    "Read": ActionClass.READ,
    "Write": ActionClass.WRITE,
    "Tagging": ActionClass.WRITE,
    "Tagging, Write": ActionClass.WRITE,
    "Permissions management": ActionClass.ADMINISTER,
    "Permissions management, Write": ActionClass.ADMINISTER,
}
DECIDING: Final = {  # where the purpose of an action, not its access level, decides
    ActionClass.LIST: ("s3:ListBucket s3:ListBucketVersions s3:ListBucketMultipartUploads s3:ListMultipartUploadParts"),
    ActionClass.READ: (
        "s3:GetObject s3:GetObjectVersion s3:GetObjectAttributes s3:GetObjectVersionAttributes s3:GetObjectTorrent "
        "s3:GetObjectVersionForReplication kms:Decrypt kms:ReEncryptFrom"
    ),
    ActionClass.WRITE: ("s3:PutObject s3:RestoreObject s3:AbortMultipartUpload s3:PutObjectTagging s3:ReplicateObject"),
    ActionClass.DELETE: (
        "s3:DeleteObject s3:DeleteObjectVersion s3:ReplicateDelete s3:DeleteBucket s3:PutLifecycleConfiguration "
        "kms:ScheduleKeyDeletion kms:DisableKey kms:DeleteImportedKeyMaterial"
    ),
    ActionClass.ADMINISTER: (
        "s3:PutBucketPolicy s3:DeleteBucketPolicy s3:PutBucketAcl s3:PutObjectAcl s3:PutObjectVersionAcl "
        "s3:PutBucketPublicAccessBlock s3:PutBucketOwnershipControls s3:PutBucketVersioning "
        "s3:PutBucketObjectLockConfiguration s3:PutObjectRetention s3:PutObjectLegalHold "
        "s3:BypassGovernanceRetention s3:PutEncryptionConfiguration s3:PutReplicationConfiguration "
        "s3:PutInventoryConfiguration s3:PutBucketLogging s3:PutBucketNotification "
        "s3:ObjectOwnerOverrideToBucketOwner kms:PutKeyPolicy kms:CreateGrant"
    ),
}
FRESH_NAME: Final = "AnActionNoPolicyNames"


def signed_only(action: str) -> bool:
    """Whether AWS takes the request with a signature only, so that nobody makes it anonymously.

    A web identity or an assertion stands in for one where STS takes those, and then the caller is federated. A key
    policy's `*` means every identity in every account (KMS Developer Guide, key policies).
    """
    return action.lower().startswith(("kms:", "sts:"))


@cache
def known_actions(service: str) -> tuple[Action, ...]:
    """The table's actions of a service, empty where it is not in the table."""
    deciding = {name: kind for kind, names in DECIDING.items() for name in names.split()}
    found: list[Action] = []
    for row_service, level, place, names in ROWS:
        if row_service == service:
            places = frozenset(place.split("+"))
            for short in names.split():
                name = f"{service}:{short}"
                kind = deciding.get(name, LEVELS[level])
                found.append(Action(name=name, action_class=kind, places=places))
    return tuple(found)


def universe(services: Iterable[str], patterns: Iterable[str]) -> tuple[Action, ...]:
    """The actions of the services: the table's, those that the policies name beside it, and one that nobody names."""
    texts = sorted(set(patterns))
    found: list[Action] = []
    for service in sorted(set(services)):
        known = known_actions(service)
        names = {action.name.lower() for action in known}
        found.extend(known)
        extra = [text for text in texts if text.startswith(f"{service}:") and not set(text) & set("*?")]
        if not known:
            extra.append(f"{service}:{FRESH_NAME}")
        places = frozenset({"bucket", "object"}) if service == "s3" else frozenset({"any"})
        found.extend(
            Action(name=text, action_class=ActionClass.OTHER, places=places) for text in extra if text not in names
        )
    return tuple(found)


def services_of(patterns: Iterable[str]) -> frozenset[str]:
    """The services that action patterns name."""
    return frozenset(text.partition(":")[0] for text in patterns if ":" in text and not text.startswith("*"))


@lru_cache(maxsize=4096)
def select(pattern: str, names: tuple[str, ...]) -> frozenset[int]:
    """Which of the lower-case action names a lower-case pattern matches."""
    if pattern in ("*", "*:*"):
        return frozenset(range(len(names)))
    if "*" not in pattern and "?" not in pattern:
        return frozenset(index for index, name in enumerate(names) if name == pattern)
    shape = glob(pattern)
    return frozenset(index for index, name in enumerate(names) if matches(shape, name))
