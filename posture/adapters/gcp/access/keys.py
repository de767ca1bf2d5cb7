"""Who can use or manage a key, by its policy, its ring's, and everything above its project."""

from __future__ import annotations

from posture.adapters.gcp.access.actions import BY_RING, OF_KEY
from posture.adapters.gcp.access.grants import Judge
from posture.adapters.gcp.access.store import World, above, denied_above
from posture.adapters.gcp.access.ways import Layer, Reader, Resource
from posture.adapters.gcp.config import KeyConfig, Level
from posture.model.facts import Known, Listing
from posture.model.subjects import Bound, Grant


def key_grants(key: KeyConfig, levels: Listing[Level], world: World) -> Listing[Grant]:
    """Prevention is about buckets: a key that is open to the public is open."""
    resource = Resource(whole=key.name, whole_kind="cloudkms.googleapis.com/CryptoKey")
    judge = Judge(
        reader=Reader(OF_KEY, resource, world.role, world.now),
        denied=denied_above(levels),
        prevented=Known(value=False, sources=()),
        bound=Known(value=Bound.NONE, sources=()),
        scope=world.scope,
    )
    own = tuple(
        Layer(
            name=name,
            words="the key" if "/cryptoKeys/" in name else "its key ring",
            policy=policy,
            more="" if "/cryptoKeys/" in name else BY_RING,
            near=True,
        )
        for name, policy in key.policies
    )
    return judge.listing(
        (*own, *(above(level) for level in levels.items)), Listing(items=(), gaps=levels.gaps, sources=levels.sources)
    )
