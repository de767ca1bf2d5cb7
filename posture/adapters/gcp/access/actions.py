"""What permissions are worth to whoever holds them, by resource: the weightiest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from posture.model.subjects import ActionClass

# `storage.buckets.update` sets lifecycle rules and takes retention policies off, so it deletes logs as well.
OF_STORE: Mapping[ActionClass, tuple[str, ...]] = {
    ActionClass.LIST: ("storage.objects.list",),
    ActionClass.READ: ("storage.objects.get",),
    ActionClass.WRITE: ("storage.objects.create", "storage.objects.update", "storage.objects.move"),
    ActionClass.DELETE: (
        "storage.objects.delete",
        "storage.buckets.delete",
        "storage.buckets.update",
        "storage.objects.overrideUnlockedRetention",
    ),
    ActionClass.ADMINISTER: (
        "storage.buckets.setIamPolicy",
        "storage.buckets.update",
        "storage.objects.setIamPolicy",
        "storage.managedFolders.setIamPolicy",
        "storage.objects.setRetention",
        "storage.buckets.setIpFilter",
        "storage.buckets.relocate",
    ),
}
OF_KEY: Mapping[ActionClass, tuple[str, ...]] = {
    ActionClass.READ: ("cloudkms.cryptoKeyVersions.useToDecrypt",),
    ActionClass.WRITE: ("cloudkms.cryptoKeyVersions.useToEncrypt",),
    ActionClass.DELETE: ("cloudkms.cryptoKeyVersions.destroy", "cloudkms.cryptoKeyVersions.update"),
    ActionClass.ADMINISTER: ("cloudkms.cryptoKeys.setIamPolicy", "cloudkms.cryptoKeys.update"),
}
# Whoever sets the policy of a level above can give themselves everything below it.
BY_LEVEL: Mapping[str, str] = {
    "projects": "resourcemanager.projects.setIamPolicy",
    "folders": "resourcemanager.folders.setIamPolicy",
    "organizations": "resourcemanager.organizations.setIamPolicy",
}
KINDS: Mapping[str, str] = {
    "projects": "cloudresourcemanager.googleapis.com/Project",
    "folders": "cloudresourcemanager.googleapis.com/Folder",
    "organizations": "cloudresourcemanager.googleapis.com/Organization",
}
BY_RING = "cloudkms.keyRings.setIamPolicy"
ON_BUCKET = frozenset({"storage.objects.list"})  # decided on the bucket, although it is about objects


def with_more(
    classes: Mapping[ActionClass, tuple[str, ...]], more: Sequence[str]
) -> Mapping[ActionClass, tuple[str, ...]]:
    """The same table with more ways to administer."""
    return {**classes, ActionClass.ADMINISTER: (*classes[ActionClass.ADMINISTER], *more)} if more else classes


def in_order(names: Iterable[str], classes: Mapping[ActionClass, tuple[str, ...]], action: ActionClass) -> str:
    """Permissions with commas between them, the weightiest first."""
    ranks = {name: rank for rank, name in enumerate(classes[action])}
    return ", ".join(sorted(set(names), key=lambda name: (ranks.get(name, len(ranks)), name)))
