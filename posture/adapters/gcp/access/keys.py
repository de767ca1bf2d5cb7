"""Who can use or manage a key, by its policy, its ring's, and everything above its project."""

from __future__ import annotations

from collections.abc import Sequence

from posture.adapters.gcp.access.actions import BY_RING, OF_KEY
from posture.adapters.gcp.access.filters import Filters
from posture.adapters.gcp.access.grants import Judge
from posture.adapters.gcp.access.store import World, above, as_written, assumptions, denied_above
from posture.adapters.gcp.access.ways import Control, Layer, Reader, Resource
from posture.adapters.gcp.config import KeyConfig, Level, Policy
from posture.model.facts import Fact, Known, Listing
from posture.model.subjects import Bound, Grant

_RING = "cloudkms.googleapis.com/KeyRing"


def key_grants(key: KeyConfig, levels: Listing[Level], world: World) -> Listing[Grant]:
    """Prevention is about buckets: a key that is open to the public is open."""
    kind = "cloudkms.googleapis.com/CryptoKey"
    resource = Resource(whole=key.name, whole_kind=kind)
    rings = [Control(permission=BY_RING, name=name, kind=_RING) for name, _ in key.policies if name != key.name]
    own = (_layer(name, policy, resource, rings) for name, policy in key.policies)
    every = (*own, *above(levels.items, resource, *rings))
    filters = Filters(denied=denied_above(levels, world), prevented=Known(value=False, sources=()))
    judge = Judge(
        reader=Reader(OF_KEY, world.role, world.now),
        filters=filters,
        policies=as_written(every, filters, world),
        bound=Known(value=Bound.ANYWHERE, sources=()),
        scope=world.scope,
        assumed=assumptions(levels, world, perimeter=False),
    )
    return judge.listing(every, Listing(items=(), gaps=levels.gaps, sources=levels.sources))


def _layer(name: str, policy: Fact[Policy], key: Resource, rings: Sequence[Control]) -> Layer:
    """The key itself, or its ring."""
    more = tuple(ring for ring in rings if ring.name == name)
    words = "its key ring" if more else "the key"
    return Layer(name=name, words=words, policy=policy, resource=key, more=more, near=True)
