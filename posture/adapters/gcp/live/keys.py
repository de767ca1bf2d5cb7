"""Reads a Cloud KMS key, its versions, and the policies of it and its ring."""

from __future__ import annotations

from posture.adapters.gcp import calls
from posture.adapters.gcp.config import KeyConfig
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.live.policies import policy
from posture.adapters.gcp.members import Record, found, listed, record, seconds, setting, text
from posture.model.facts import Fact, Known, Source

_SYMMETRIC = "ENCRYPT_DECRYPT"
_DEFAULT_WAIT = 30 * 86400  # of a key that names no other period
_LATEST = {"options.requestedPolicyVersion": "3"}


def read_key(name: str, caller: Caller) -> KeyConfig:
    """The key by its resource name."""
    ring = name.partition("/cryptoKeys/")[0]
    described = caller.read(calls.GET_KEY, resource=name, key=name)
    on_key = caller.read(calls.GET_KEY_POLICY, resource=name, key=name, **_LATEST)
    on_ring = caller.read(calls.GET_KEY_RING_POLICY, resource=ring, ring=ring, **_LATEST)
    return KeyConfig(
        name=name,
        enabled=setting(described, _enabled),
        rotating=setting(described, _rotating),
        wait_seconds=setting(described, _wait),
        ending=_ending(name, caller),
        policies=((name, policy(on_key)), (ring, policy(on_ring))),
        project=name.split("/")[1] if name.startswith("projects/") else "",
    )


def _enabled(answer: Record, source: Source) -> Fact[bool]:
    """A key whose primary version is gone has none; objects cannot be encrypted with it."""
    if "primary" not in answer:
        return Known(value=False, sources=(source.at("primary"),))
    state = text(record(answer["primary"]), "state")
    return found(state == "ENABLED" if state else None, source.at("primary", "state"), "state of the primary version")


def _rotating(answer: Record, source: Source) -> Fact[bool]:
    """A period makes Cloud KMS rotate; only symmetric keys have one."""
    rotates = text(answer, "purpose") == _SYMMETRIC and bool(seconds(answer, "rotationPeriod"))
    return Known(value=rotates, sources=(source.at("rotationPeriod"),))


def _wait(answer: Record, source: Source) -> Fact[int]:
    place = source.at("destroyScheduledDuration")
    if "destroyScheduledDuration" not in answer:
        return Known(value=_DEFAULT_WAIT, sources=(place,))
    return found(seconds(answer, "destroyScheduledDuration"), place, "destroyScheduledDuration")


def _ending(name: str, caller: Caller) -> Fact[bool]:
    """Older versions decrypt older logs, so each of them counts."""
    pages = caller.read_all(calls.LIST_KEY_VERSIONS, resource=name, key=name)
    versions = listed(pages, lambda item, _source: text(item, "state") or None, "key version")
    if "DESTROY_SCHEDULED" in versions.items:
        return Known(value=True, sources=versions.sources)
    if versions.gaps:
        return versions.gaps[0].unknown
    return Known(value=False, sources=versions.sources)
