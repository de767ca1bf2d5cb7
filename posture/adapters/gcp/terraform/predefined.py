"""What Google's own roles allow, as far as it concerns logs: for plans that no scan stands beside.

Each entry was compared with what `iam.roles.get` answered for the role, as the public data set iann0036/iam-dataset
recorded it; the roles of lists stand apart. Answers change: a scan asks Google itself, and its answer comes first. A
role that is not here is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from posture.adapters.gcp.access.actions import BY_LEVEL, BY_RING, OF_KEY, OF_STORE
from posture.adapters.gcp.access.legacy import LEGACY


def _objects(*verbs: str) -> frozenset[str]:
    return frozenset(f"storage.objects.{verb}" for verb in verbs)


_STORAGE: Final = frozenset(name for group in OF_STORE.values() for name in group)
_KEYS: Final = frozenset(name for group in OF_KEY.values() for name in group) | {BY_RING}
_USE: Final = frozenset({"cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"})
_LEVELS: Final = frozenset(BY_LEVEL.values())
_ALL_OBJECTS: Final = frozenset(name for name in _STORAGE if name.startswith("storage.objects."))
_FOLDERS: Final = frozenset({"storage.managedFolders.setIamPolicy"})
_POLICIES: Final = frozenset(name for name in _STORAGE | _KEYS | _LEVELS if name.endswith(".setIamPolicy"))
_NOTHING: Final[frozenset[str]] = frozenset()  # of what counts here

_RECORDED: Final[Mapping[str, frozenset[str]]] = {
    "roles/storage.admin": _STORAGE,
    "roles/storage.objectAdmin": _ALL_OBJECTS,
    "roles/storage.objectUser": _objects("list", "get", "create", "update", "move", "delete"),
    "roles/storage.objectViewer": _objects("list", "get"),
    "roles/storage.objectCreator": _objects("create"),
    "roles/storage.folderAdmin": _ALL_OBJECTS | _FOLDERS,
    "roles/storage.bucketViewer": _NOTHING,
    "roles/storage.insightsCollectorService": _NOTHING,
    "roles/storage.hmacKeyAdmin": _NOTHING,
    "roles/browser": _NOTHING,
    "roles/viewer": _NOTHING,
    "roles/editor": frozenset(
        {"storage.buckets.delete", "cloudkms.cryptoKeyVersions.update", "cloudkms.cryptoKeys.update"}
    ),
    "roles/owner": frozenset({"storage.buckets.delete", "resourcemanager.projects.setIamPolicy"}) | _KEYS,
    "roles/iam.securityAdmin": _POLICIES | _objects("list"),
    "roles/iam.securityReviewer": _objects("list"),  # it lists whatever can be listed
    "roles/resourcemanager.projectIamAdmin": frozenset({BY_LEVEL["projects"]}),
    "roles/resourcemanager.folderIamAdmin": frozenset({BY_LEVEL["folders"]}),
    "roles/resourcemanager.folderAdmin": frozenset({BY_LEVEL["projects"], BY_LEVEL["folders"]}),
    "roles/resourcemanager.organizationAdmin": _LEVELS,
    "roles/logging.admin": _NOTHING,
    "roles/logging.viewer": _NOTHING,
    "roles/logging.logWriter": _NOTHING,
    "roles/monitoring.viewer": _NOTHING,
    "roles/cloudkms.admin": _KEYS - _USE,
    "roles/cloudkms.viewer": _NOTHING,
    "roles/cloudkms.publicKeyViewer": _NOTHING,
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": _USE,
    "roles/cloudkms.cryptoKeyEncrypter": frozenset({"cloudkms.cryptoKeyVersions.useToEncrypt"}),
    "roles/cloudkms.cryptoKeyDecrypter": frozenset({"cloudkms.cryptoKeyVersions.useToDecrypt"}),
}
PREDEFINED: Final = {**_RECORDED, **LEGACY}
