"""What `iam.roles.get` answers for predefined roles, as far as the tests need it (recorded in iann0036/iam-dataset)."""

from __future__ import annotations

from collections.abc import Mapping

_OBJECTS = ("create", "delete", "get", "list", "move", "restore", "update")
_ALL_OBJECTS = (*_OBJECTS, "getIamPolicy", "setIamPolicy", "setRetention", "overrideUnlockedRetention")
_BUCKETS = ("create", "delete", "get", "getIamPolicy", "list", "relocate", "setIamPolicy", "update", "getIpFilter")
_FOLDERS = ("storage.managedFolders.getIamPolicy", "storage.managedFolders.setIamPolicy")
_USE = ("cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt")
_KEYS = (
    "cloudkms.cryptoKeyVersions.destroy",
    "cloudkms.cryptoKeyVersions.update",
    "cloudkms.cryptoKeys.setIamPolicy",
    "cloudkms.cryptoKeys.update",
    "cloudkms.keyRings.setIamPolicy",
)


def _objects(*verbs: str) -> tuple[str, ...]:
    return tuple(f"storage.objects.{verb}" for verb in verbs)


def _buckets(*verbs: str) -> tuple[str, ...]:
    return tuple(f"storage.buckets.{verb}" for verb in verbs)


ROLES: Mapping[str, tuple[str, ...]] = {
    "roles/storage.admin": (
        *_buckets(*_BUCKETS, "setIpFilter"),
        *_FOLDERS,
        *_objects(*_ALL_OBJECTS),
        "resourcemanager.projects.get",
    ),
    "roles/storage.objectAdmin": (*_objects(*_ALL_OBJECTS), "resourcemanager.projects.get"),
    "roles/storage.objectUser": (*_objects(*_OBJECTS), "resourcemanager.projects.get"),
    "roles/storage.objectViewer": (*_objects("get", "list"), "resourcemanager.projects.get"),
    "roles/storage.objectCreator": (*_objects("create"), "resourcemanager.projects.get"),
    "roles/storage.legacyBucketReader": (*_buckets("get"), *_objects("list")),
    "roles/storage.legacyBucketWriter": (*_buckets("get"), *_objects("create", "delete", "list", "setRetention")),
    "roles/storage.legacyBucketOwner": (
        *_buckets("get", "getIamPolicy", "setIamPolicy", "setIpFilter", "update"),
        *_FOLDERS,
        *_objects("create", "delete", "list", "restore", "setRetention"),
    ),
    "roles/storage.legacyObjectReader": _objects("get"),
    "roles/storage.legacyObjectOwner": _objects(
        *("get", "getIamPolicy", "setIamPolicy", "setRetention", "overrideUnlockedRetention", "update")
    ),
    "roles/owner": (
        *_buckets("create", "delete", "list"),
        *_KEYS,
        *_USE,
        "resourcemanager.projects.setIamPolicy",
        "run.jobs.run",
    ),
    "roles/editor": (
        *_buckets("create", "delete", "list"),
        "cloudkms.cryptoKeyVersions.update",
        "cloudkms.cryptoKeys.update",
        "run.jobs.run",
    ),
    "roles/viewer": (*_buckets("list"), "run.jobs.get"),
    "roles/resourcemanager.organizationAdmin": (
        "resourcemanager.folders.setIamPolicy",
        "resourcemanager.organizations.setIamPolicy",
        "resourcemanager.projects.setIamPolicy",
    ),
    "roles/resourcemanager.folderAdmin": (
        "resourcemanager.folders.setIamPolicy",
        "resourcemanager.projects.setIamPolicy",
    ),
    "roles/resourcemanager.folderIamAdmin": ("resourcemanager.folders.get", "resourcemanager.folders.setIamPolicy"),
    "roles/iam.securityReviewer": (
        *_buckets("getIamPolicy", "list"),
        *_objects("getIamPolicy", "list"),
        "cloudkms.cryptoKeys.getIamPolicy",
    ),
    "roles/logging.viewer": ("logging.logs.list",),
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": _USE,
    "roles/cloudkms.cryptoKeyDecrypter": ("cloudkms.cryptoKeyVersions.useToDecrypt",),
    "roles/cloudkms.admin": _KEYS,
}
