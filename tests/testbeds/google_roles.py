"""What Google's predefined roles allow, as far as it concerns the tests (Cloud Storage and Cloud KMS documentation)."""

from __future__ import annotations

from collections.abc import Mapping

_OBJECTS = ("create", "delete", "get", "list", "update")
_ALL_OBJECTS = (*_OBJECTS, "getIamPolicy", "setIamPolicy", "setRetention", "overrideUnlockedRetention", "restore")
_BUCKETS = ("create", "delete", "get", "getIamPolicy", "list", "setIamPolicy", "update", "getIpFilter", "setIpFilter")


def _objects(*verbs: str) -> tuple[str, ...]:
    return tuple(f"storage.objects.{verb}" for verb in verbs)


def _buckets(*verbs: str) -> tuple[str, ...]:
    return tuple(f"storage.buckets.{verb}" for verb in verbs)


ROLES: Mapping[str, tuple[str, ...]] = {
    "roles/storage.admin": (*_buckets(*_BUCKETS), *_objects(*_ALL_OBJECTS), "resourcemanager.projects.get"),
    "roles/storage.objectAdmin": (*_objects(*_ALL_OBJECTS), "resourcemanager.projects.get"),
    "roles/storage.objectUser": (*_objects(*_OBJECTS), "resourcemanager.projects.get"),
    "roles/storage.objectViewer": (*_objects("get", "list"), "resourcemanager.projects.get"),
    "roles/storage.objectCreator": (*_objects("create"), "resourcemanager.projects.get"),
    "roles/storage.legacyBucketReader": (*_buckets("get"), *_objects("list")),
    "roles/storage.legacyBucketWriter": (*_buckets("get"), *_objects("create", "delete", "list")),
    "roles/storage.legacyBucketOwner": (
        *_buckets("get", "getIamPolicy", "setIamPolicy", "update"),
        *_objects("create", "delete", "list"),
    ),
    "roles/storage.legacyObjectReader": _objects("get"),
    "roles/storage.legacyObjectOwner": _objects(
        *("get", "getIamPolicy", "overrideUnlockedRetention", "setIamPolicy", "setRetention", "update")
    ),
    "roles/owner": (*_buckets("create", "delete", "list"), "resourcemanager.projects.setIamPolicy", "run.jobs.run"),
    "roles/editor": (*_buckets("create", "delete", "list"), "run.jobs.run"),
    "roles/viewer": (*_buckets("list"), "run.jobs.get"),
    "roles/resourcemanager.organizationAdmin": (
        "resourcemanager.folders.setIamPolicy",
        "resourcemanager.organizations.setIamPolicy",
        "resourcemanager.projects.setIamPolicy",
    ),
    "roles/logging.viewer": ("logging.logs.list",),
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": (
        "cloudkms.cryptoKeyVersions.useToDecrypt",
        "cloudkms.cryptoKeyVersions.useToEncrypt",
    ),
    "roles/cloudkms.cryptoKeyDecrypter": ("cloudkms.cryptoKeyVersions.useToDecrypt",),
    "roles/cloudkms.admin": (
        "cloudkms.cryptoKeyVersions.destroy",
        "cloudkms.cryptoKeyVersions.update",
        "cloudkms.cryptoKeys.setIamPolicy",
        "cloudkms.cryptoKeys.update",
        "cloudkms.keyRings.setIamPolicy",
    ),
}
