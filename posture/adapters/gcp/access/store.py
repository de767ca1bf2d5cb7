"""Who can reach a bucket, over its policy, its lists, its managed folders and everything above it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from posture.adapters.gcp.access import lists
from posture.adapters.gcp.access.actions import BY_LEVEL, OF_STORE
from posture.adapters.gcp.access.grants import NO_PERIMETER, Judge
from posture.adapters.gcp.access.ways import Layer, Reader, Resource
from posture.adapters.gcp.config import (
    BucketConfig,
    DenyRule,
    IpFilter,
    Level,
    Perimeter,
    Policy,
    ProjectConfig,
    RolePermissions,
)
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, any_true, united
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


def store_grants(bucket: BucketConfig, prefix: str, project: ProjectConfig, world: World) -> Listing[Grant]:
    """Whom the bucket lets in. The public is cut off by prevention, named strangers are not."""
    ways, gaps = lists.ways(bucket)
    objects = f"projects/_/buckets/{bucket.name}/objects/{f'{prefix}/' if prefix else ''}"
    resource = Resource(
        whole=f"projects/_/buckets/{bucket.name}",
        whole_kind="storage.googleapis.com/Bucket",
        objects=objects,
        object_kind="storage.googleapis.com/Object",
    )
    judge = Judge(
        reader=Reader(OF_STORE, resource, world.role, world.now),
        denied=denied_above(project.owner.levels),
        prevented=prevented(bucket, project),
        bound=bound(bucket.ip_filter, project.perimeter),
        scope=world.scope,
        kept_away=NO_PERIMETER if project.perimeter is None else "",
        signs=frozenset(key.service_account for key in project.hmac_keys.items if key.active),
    )
    read = (bucket.acl, bucket.default_acl, bucket.folders, project.owner.levels)
    around = Listing(
        items=ways,
        gaps=(*gaps, *bucket.folders.gaps, *project.owner.levels.gaps),
        sources=united(*(listing.sources for listing in read)),
    )
    return judge.listing(layers(bucket, project), around)


def layers(bucket: BucketConfig, project: ProjectConfig) -> tuple[Layer, ...]:
    """Every policy that gives access to the bucket, the nearest first."""
    own = Layer(name=bucket.name, words="the bucket", policy=bucket.policy, near=True)
    folders = tuple(
        Layer(name=folder.name, words=f"managed folder `{folder.name}`", policy=folder.policy, near=True)
        for folder in bucket.folders.items
    )
    return (own, *folders, *(above(level) for level in project.owner.levels.items))


def above(level: Level) -> Layer:
    """A project, folder or organisation as a layer."""
    return Layer(name=level.name, words=level.name, policy=level.policy, more=BY_LEVEL[level.name.partition("/")[0]])


def denied_above(levels: Listing[Level]) -> Listing[DenyRule]:
    """The rules of all deny policies that a resource inherits; a level that is not known may have some."""
    return Listing(
        items=tuple(rule for level in levels.items for rule in level.denied.items),
        gaps=(*levels.gaps, *(gap for level in levels.items for gap in level.denied.gaps)),
        sources=united(levels.sources, *(level.denied.sources for level in levels.items)),
    )


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
            return Bound.NONE
        return Bound.NAMED_NETWORK

    def inside(found: Perimeter | None) -> Fact[Bound]:
        if found is None:
            return ip_filter.map(narrowed)
        if not found.doors:
            return Known(value=Bound.OWN_NETWORK, sources=())
        detail = f"perimeter {found.name} has access levels or ingress rules, and whom they let in is not decided here"
        return Unknown(reason=Reason.UNDETERMINED, detail=detail)

    return ip_filter.map(narrowed) if perimeter is None else perimeter.then(inside)
