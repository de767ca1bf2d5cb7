"""Access control lists, where uniform access is off: what their roles give beside bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from posture.adapters.gcp.access.actions import OF_STORE
from posture.adapters.gcp.access.legacy import BY_BUCKET_ENTRY, BY_OBJECT_ENTRY, LEGACY
from posture.adapters.gcp.access.members import holder, of_entity
from posture.adapters.gcp.access.ways import Resource, Way
from posture.adapters.gcp.config import AclEntry, BucketConfig
from posture.model.facts import Gap, Known, Listing, Reason, Unknown
from posture.model.subjects import ActionClass

_Classes: TypeAlias = tuple[tuple[ActionClass, tuple[str, ...]], ...]


def _classes(role: str) -> _Classes:
    held = ((action, tuple(name for name in names if name in LEGACY[role])) for action, names in OF_STORE.items())
    return tuple((action, names) for action, names in held if names)


_ON_BUCKET: Final = {entry: _classes(role) for entry, role in BY_BUCKET_ENTRY.items()}
_ON_NEW_OBJECTS: Final = {entry: _classes(role) for entry, role in BY_OBJECT_ENTRY.items()}
_OF_OBJECT: Final = (
    ("action", tuple(action.value for action, _ in _ON_NEW_OBJECTS["OWNER"])),
    ("actions", tuple(", ".join(names) for _, names in _ON_NEW_OBJECTS["OWNER"])),  # READER has the same of reading
)
_OBJECT_LISTS = "objects have lists of their own while uniform bucket-level access is off, and these are not read"


def ways(bucket: BucketConfig, resource: Resource) -> tuple[tuple[Way, ...], tuple[Gap, ...]]:
    """What the lists of a bucket give, and what they may give beside it."""
    given = (
        *_read(bucket.acl, _ON_BUCKET, "the list of the bucket", resource),
        *_read(bucket.default_acl, _ON_NEW_OBJECTS, "the list that new objects get", resource),
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
            yield Gap(unknown=unknown, limits=_OF_OBJECT)
        case _:
            return


def _read(entries: Listing[AclEntry], roles: Mapping[str, _Classes], words: str, resource: Resource) -> Iterator[Way]:
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
