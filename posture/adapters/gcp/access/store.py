"""Who can reach a bucket, over its policy, its lists, its managed folders and everything above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from posture.adapters.gcp.access import lists
from posture.adapters.gcp.access.actions import BY_LEVEL, KINDS, OF_STORE
from posture.adapters.gcp.access.filters import Filters
from posture.adapters.gcp.access.grants import NO_DENY_POLICY, NO_OTHER_DENY_POLICY, NO_PERIMETER, Judge
from posture.adapters.gcp.access.ways import Control, Layer, Reader, Resource
from posture.adapters.gcp.config import (
    AclEntry,
    BucketConfig,
    DenyRule,
    IpFilter,
    Level,
    ManagedFolder,
    Perimeter,
    Policy,
    ProjectConfig,
    RolePermissions,
)
from posture.adapters.gcp.constraints import SERVICE_ACCOUNT_KEYS
from posture.adapters.gcp.replay import Attached, Policies
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, any_true, united
from posture.model.subjects import Bound, Grant, Scope
from posture.model.trust import Holder

_PUBLIC = frozenset({"allUsers", "allAuthenticatedUsers"})
_EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What deciding needs beside the configuration."""

    role: Callable[[str], Fact[RolePermissions]]
    scope: Callable[[Holder], Fact[Scope]]
    now: datetime
    deny_policies: bool = True  # false: nobody is to ask


def store_grants(bucket: BucketConfig, prefix: str, project: ProjectConfig, world: World) -> Listing[Grant]:
    """Whom the bucket lets in. The public is cut off by prevention, named strangers are not."""
    bucket = replace(bucket, acl=_by_id(bucket.acl, project), default_acl=_by_id(bucket.default_acl, project))
    ways, gaps = lists.ways(bucket, _resource(bucket.name, prefix))
    filters = Filters(denied=denied_above(project.owner.levels, world), prevented=prevented(bucket, project))
    every = layers(bucket, project, prefix)
    judge = Judge(
        reader=Reader(OF_STORE, world.role, world.now),
        filters=filters,
        policies=as_written(every, filters, world, lists=bucket.acl.items, of_objects=bucket.default_acl.items),
        bound=bound(bucket.ip_filter, project.perimeter),
        scope=world.scope,
        assumed=assumptions(project.owner.levels, world, perimeter=project.perimeter is not None),
        signs=signs(project),
    )
    read = (bucket.acl, bucket.default_acl, bucket.folders, project.owner.levels)
    around = Listing(
        items=ways,
        gaps=(*gaps, *bucket.folders.gaps, *project.owner.levels.gaps),
        sources=united(*(listing.sources for listing in read)),
    )
    return judge.listing(every, around)


def _by_id(entries: Listing[AclEntry], project: ProjectConfig) -> Listing[AclEntry]:
    """A list names the teams of its own project by number, a policy by id: they are the same people."""
    number, identity = project.owner.number, project.owner.id
    if isinstance(number, Unknown) or isinstance(identity, Unknown):
        return entries
    end = f"-{number.value}"
    return replace(
        entries,
        items=tuple(
            replace(entry, entity=f"{entry.entity.removesuffix(end)}-{identity.value}")
            if entry.entity.startswith("project-") and entry.entity.endswith(end)
            else entry
            for entry in entries.items
        ),
    )


def signs(project: ProjectConfig) -> frozenset[str]:
    """The service accounts with keys that sign requests, where such requests are not known to be refused."""
    refused = project.refused_auth
    if isinstance(refused, Known) and SERVICE_ACCOUNT_KEYS in refused.value:
        return frozenset()
    return frozenset(key.service_account for key in project.hmac_keys.items if key.active)


def as_written(
    every: Iterable[Layer],
    filters: Filters,
    world: World,
    *,
    lists: Iterable[AclEntry] = (),
    of_objects: Iterable[AclEntry] = (),
) -> Policies:
    """The same for the second evaluator: policies as Google writes them, and whatever could be read."""

    def permissions(name: str) -> frozenset[str]:
        role = world.role(name)
        return role.value.permissions if isinstance(role, Known) and not role.value.deleted else frozenset()

    known = ((layer.name, layer.policy) for layer in every)
    return Policies(
        [Attached(resource=name, text=policy.value.text) for name, policy in known if isinstance(policy, Known)],
        denials=filters.denied.items,
        lists=lists,
        of_objects=of_objects,
        prevented=isinstance(filters.prevented, Known) and filters.prevented.value,
        permissions=permissions,
    )


def layers(bucket: BucketConfig, project: ProjectConfig, prefix: str = "") -> tuple[Layer, ...]:
    """Every policy that gives access to the bucket, the nearest first."""
    whole = _resource(bucket.name, prefix)
    own = Layer(name=whole.whole, words="the bucket", policy=bucket.policy, resource=whole, near=True)
    folders = tuple(_folder(folder, whole) for folder in bucket.folders.items)
    return (*folders, own, *above(project.owner.levels.items, whole))


def _resource(bucket: str, prefix: str) -> Resource:
    name = f"projects/_/buckets/{bucket}"
    return Resource(
        whole=name,
        whole_kind="storage.googleapis.com/Bucket",
        objects=f"{name}/objects/{f'{prefix}/' if prefix else ''}",
        object_kind="storage.googleapis.com/Object",
    )


def _folder(folder: ManagedFolder, bucket: Resource) -> Layer:
    """A managed folder: of the logs it reaches those that lie in it, and it lists no others."""
    name, kind = f"{bucket.whole}/managedFolders/{folder.name}", "storage.googleapis.com/ManagedFolder"
    inside = f"{bucket.whole}/objects/{folder.name}"
    objects = max(inside, bucket.objects, key=len)
    return Layer(
        name=name,
        words=f"managed folder `{folder.name}`",
        policy=folder.policy,
        resource=replace(bucket, whole=name, whole_kind=kind, objects=objects),
        near=True,
        part=True,
    )


def above(levels: Iterable[Level], resource: Resource, *controls: Control) -> Iterator[Layer]:
    """A project, its folders and its organisation as layers: each also gives control of those that lie below it."""
    for level in levels:
        sort = level.name.partition("/")[0]
        permission, kind = BY_LEVEL[sort], KINDS[sort]
        if all(control.permission != permission for control in controls):  # of several folders, the nearest
            controls = (Control(permission=permission, name=level.name, kind=kind), *controls)
        yield Layer(name=level.name, words=level.name, policy=level.policy, resource=resource, more=controls)


def assumptions(levels: Listing[Level], world: World, *, perimeter: bool) -> tuple[str, ...]:
    """What every grant takes for granted, because nobody asked for it."""
    told = (
        (NO_PERIMETER, not perimeter),
        (NO_DENY_POLICY, not world.deny_policies),
        (NO_OTHER_DENY_POLICY, world.deny_policies and any(map(_unasked, _undenied(levels)))),
    )
    return tuple(words for words, unread in told if unread)


def denied_above(levels: Listing[Level], world: World) -> Listing[DenyRule]:
    """The rules of all deny policies that a resource inherits; a level that could not be read may have some.

    What nobody asked for, as in a plan without a scan, leaves no grant in doubt: each says what it takes for granted.
    """
    asked = (gap for gap in _undenied(levels) if world.deny_policies and not _unasked(gap))
    return Listing(
        items=tuple(rule for level in levels.items for rule in level.denied.items),
        gaps=tuple(asked),
        sources=united(levels.sources, *(level.denied.sources for level in levels.items)),
    )


def _undenied(levels: Listing[Level]) -> tuple[Gap, ...]:
    """Where there may be deny policies that are not here."""
    return (*levels.gaps, *(gap for level in levels.items for gap in level.denied.gaps))


def _unasked(gap: Gap) -> bool:
    return gap.unknown.reason is Reason.NOT_COLLECTED


def prevented(bucket: BucketConfig, project: ProjectConfig) -> Fact[bool]:
    """Public access prevention in effect: by the bucket, or by what its project inherits."""
    return any_true((bucket.prevention, project.prevents_public))


def public(bucket: BucketConfig, project: ProjectConfig) -> Fact[bool]:
    """Whether any policy that counts for the bucket names the public, whatever prevention makes of that."""
    policies = [layer.policy for layer in layers(bucket, project)]
    named = any_true(policy.then(_names_public) for policy in policies)
    if isinstance(named, Known) and not named.value and project.owner.levels.gaps:
        return project.owner.levels.gaps[0].unknown
    return named


def _names_public(policy: Policy) -> Fact[bool]:
    if any(_PUBLIC & set(binding.members) for binding in policy.bindings):
        return Known(value=True, sources=(policy.source,))
    return policy.doubts[0] if policy.doubts else Known(value=False, sources=(policy.source,))


def bound(ip_filter: Fact[IpFilter | None], perimeter: Fact[Perimeter | None] | None) -> Fact[Bound]:
    """From where grants can be used: from inside of a perimeter, else through the bucket's IP filter.

    Whose a network is cannot be told from its ranges, nor whom the doors of a perimeter let in.
    """

    def narrowed(found: IpFilter | None) -> Bound:
        if found is None or _EVERYWHERE & {*found.ranges}:
            return Bound.ANYWHERE
        return Bound.NAMED_NETWORK

    def inside(found: Perimeter | None) -> Fact[Bound]:
        if found is None:
            return ip_filter.map(narrowed)
        if not found.doors:
            return Known(value=Bound.OWN_NETWORK, sources=())
        detail = f"perimeter {found.name} has access levels or ingress rules, and whom they let in is not decided here"
        return Unknown(reason=Reason.UNDETERMINED, detail=detail)

    return ip_filter.map(narrowed) if perimeter is None else perimeter.then(inside)
