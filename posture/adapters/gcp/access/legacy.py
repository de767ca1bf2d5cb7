"""The roles that stand for entries of access control lists, and what they allow as far as it concerns logs.

Google says that such a role is equivalent to the entry (REST reference of Cloud Storage, role of `PolicyBindings`), so
one table serves both. What they allow is from Google's reference of predefined roles; recordings of `iam.roles.get`
from before there was a retention of single objects lack `setRetention` and `overrideUnlockedRetention`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BY_BUCKET_ENTRY: Final[Mapping[str, str]] = {
    "OWNER": "roles/storage.legacyBucketOwner",
    "WRITER": "roles/storage.legacyBucketWriter",
    "READER": "roles/storage.legacyBucketReader",
}
BY_OBJECT_ENTRY: Final[Mapping[str, str]] = {
    "OWNER": "roles/storage.legacyObjectOwner",
    "READER": "roles/storage.legacyObjectReader",
}
_READER: Final = frozenset({"storage.objects.list"})
_WRITER: Final = _READER | {"storage.objects.create", "storage.objects.delete", "storage.objects.setRetention"}
LEGACY: Final[Mapping[str, frozenset[str]]] = {
    "roles/storage.legacyBucketReader": _READER,
    "roles/storage.legacyBucketWriter": _WRITER,
    "roles/storage.legacyBucketOwner": _WRITER
    | {
        "storage.buckets.setIamPolicy",
        "storage.buckets.setIpFilter",
        "storage.buckets.update",
        "storage.managedFolders.setIamPolicy",
    },
    "roles/storage.legacyObjectReader": frozenset({"storage.objects.get"}),
    "roles/storage.legacyObjectOwner": frozenset(
        {
            "storage.objects.get",
            "storage.objects.overrideUnlockedRetention",
            "storage.objects.setIamPolicy",
            "storage.objects.setRetention",
            "storage.objects.update",
        }
    ),
}
