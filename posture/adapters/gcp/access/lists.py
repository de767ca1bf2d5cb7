"""Access control lists, where uniform access is off: what their roles give beside bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from posture.adapters.gcp.access.members import holder, of_entity
from posture.adapters.gcp.access.ways import Resource, Way
from posture.adapters.gcp.config import AclEntry, BucketConfig
from posture.model.facts import Gap, Known, Listing, Reason, Unknown
from posture.model.subjects import ActionClass

_List = Mapping[str, tuple[tuple[ActionClass, tuple[str, ...]], ...]]
_READER = ((ActionClass.LIST, ("storage.objects.list",)),)
_WRITER = (
    *_READER,
    (ActionClass.WRITE, ("storage.objects.create",)),
    (ActionClass.DELETE, ("storage.objects.delete",)),
)
ON_BUCKET: _List = {
    "READER": _READER,
    "WRITER": _WRITER,
    "OWNER": (
        *_WRITER[:-1],
        (ActionClass.DELETE, ("storage.objects.delete", "storage.buckets.update")),
        (ActionClass.ADMINISTER, ("storage.buckets.setIamPolicy", "storage.buckets.update")),
    ),
}
_OF_OBJECT = ((ActionClass.READ, ("storage.objects.get",)),)
ON_NEW_OBJECTS: _List = {
    "READER": _OF_OBJECT,
    "OWNER": (*_OF_OBJECT, (ActionClass.ADMINISTER, ("storage.objects.setIamPolicy",))),
}
_OBJECT_LISTS = "objects have lists of their own while uniform bucket-level access is off, and these are not read"


def ways(bucket: BucketConfig, resource: Resource) -> tuple[tuple[Way, ...], tuple[Gap, ...]]:
    """What the lists of a bucket give, and what they may give beside it."""
    given = (
        *_read(bucket.acl, ON_BUCKET, "the list of the bucket", resource),
        *_read(bucket.default_acl, ON_NEW_OBJECTS, "the list that new objects get", resource),
    )
    gaps = tuple(dict.fromkeys((*bucket.acl.gaps, *bucket.default_acl.gaps)))  # one where nobody knows if lists count
    return given, (*gaps, *_of_objects(bucket))


def _of_objects(bucket: BucketConfig) -> Iterator[Gap]:
    match bucket.uniform:
        case Known(value=uniform, sources=sources) if not uniform.enabled:
            unknown = Unknown(
                reason=Reason.UNDETERMINED,
                sources=sources,
                detail=_OBJECT_LISTS,
                needs="uniform bucket-level access on the bucket",
            )
            yield Gap(unknown=unknown, limits=(("action", (ActionClass.READ.value, ActionClass.ADMINISTER.value)),))
        case _:
            return


def _read(entries: Listing[AclEntry], roles: _List, words: str, resource: Resource) -> Iterator[Way]:
    for entry in entries.items:
        who = holder(of_entity(entry.entity))
        if who is None:
            continue
        for action, permissions in roles.get(entry.role, ()):
            yield Way(
                holder=who,
                action=action,
                permissions=permissions,
                role=entry.role,
                words=f"{entry.role} for `{entry.entity}` on {words}",
                resource=resource,
                layer=None,
                condition="",
                sources=(entry.source,),
            )
