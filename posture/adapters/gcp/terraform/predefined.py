"""What Google's own roles allow, as far as it concerns logs: for plans that no scan stands beside.

After Google's reference of roles ("Cloud Storage roles and permissions", "Cloud KMS roles", "Basic roles", "Resource
Manager roles"). A scan asks Google itself, and its answer comes first. A role that is not here is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from posture.adapters.gcp.access.actions import BY_LEVEL, BY_RING, OF_KEY, OF_STORE


def _objects(*verbs: str) -> frozenset[str]:
    return frozenset(f"storage.objects.{verb}" for verb in verbs)


_STORAGE: Final = frozenset(name for group in OF_STORE.values() for name in group)
_KEYS: Final = frozenset(name for group in OF_KEY.values() for name in group) | {BY_RING}
_USE: Final = frozenset({"cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"})
_LEVELS: Final = frozenset(BY_LEVEL.values())
_ALL_OBJECTS: Final = frozenset(name for name in _STORAGE if name.startswith("storage.objects."))
_FOLDERS: Final = frozenset({"storage.managedFolders.setIamPolicy"})
_POLICIES: Final = frozenset(name for name in _STORAGE | _KEYS | _LEVELS if name.endswith(".setIamPolicy"))
_BUCKET_WRITER: Final = _objects("list", "create", "delete", "setRetention")

PREDEFINED: Final[Mapping[str, frozenset[str]]] = {
    "roles/storage.admin": _STORAGE,
    "roles/storage.objectAdmin": _ALL_OBJECTS,
    "roles/storage.objectUser": _objects("list", "get", "create", "update", "move", "delete"),
    "roles/storage.objectViewer": _objects("list", "get"),
    "roles/storage.objectCreator": _objects("create"),
    "roles/storage.folderAdmin": _ALL_OBJECTS | _FOLDERS,
    "roles/storage.bucketViewer": frozenset(),
    "roles/storage.insightsCollectorService": frozenset(),
    "roles/storage.hmacKeyAdmin": frozenset(),
    "roles/storage.legacyBucketReader": _objects("list"),
    "roles/storage.legacyBucketWriter": _BUCKET_WRITER,
    "roles/storage.legacyBucketOwner": _BUCKET_WRITER | {"storage.buckets.setIamPolicy", "storage.buckets.update"},
    "roles/storage.legacyObjectReader": _objects("get"),
    "roles/storage.legacyObjectOwner": _objects(
        "get", "update", "setIamPolicy", "setRetention", "overrideUnlockedRetention"
    ),
    "roles/viewer": frozenset(),
    "roles/browser": frozenset(),
    "roles/editor": frozenset({"storage.buckets.delete", "cloudkms.cryptoKeys.update"}),
    "roles/owner": frozenset({"storage.buckets.delete", "resourcemanager.projects.setIamPolicy"}) | _KEYS,
    "roles/iam.securityAdmin": _POLICIES,
    "roles/iam.securityReviewer": frozenset(),
    "roles/resourcemanager.projectIamAdmin": frozenset({BY_LEVEL["projects"]}),
    "roles/resourcemanager.folderIamAdmin": frozenset({BY_LEVEL["projects"], BY_LEVEL["folders"]}),
    "roles/resourcemanager.folderAdmin": frozenset({BY_LEVEL["projects"], BY_LEVEL["folders"]}),
    "roles/resourcemanager.organizationAdmin": _LEVELS,
    "roles/logging.viewer": frozenset(),
    "roles/logging.admin": frozenset(),
    "roles/logging.logWriter": frozenset(),
    "roles/monitoring.viewer": frozenset(),
    "roles/cloudkms.admin": _KEYS - _USE,
    "roles/cloudkms.viewer": frozenset(),
    "roles/cloudkms.publicKeyViewer": frozenset(),
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": _USE,
    "roles/cloudkms.cryptoKeyEncrypter": frozenset({"cloudkms.cryptoKeyVersions.useToEncrypt"}),
    "roles/cloudkms.cryptoKeyDecrypter": frozenset({"cloudkms.cryptoKeyVersions.useToDecrypt"}),
}
