"""Planned keys of Cloud KMS as the record of a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from posture.adapters.gcp.config import KeyConfig, Policy
from posture.adapters.gcp.terraform import identities
from posture.adapters.gcp.terraform.around import KEY, RING
from posture.adapters.gcp.terraform.defaults import KEY_PURPOSE, KEY_WAIT_SECONDS
from posture.adapters.gcp.terraform.documents import written
from posture.adapters.gcp.terraform.settings import seconds
from posture.adapters.gcp.terraform.workshop import Workshop
from posture.model.facts import Fact, Known, Unknown, any_true, both
from posture.terraform.place import Place
from posture.terraform.resources import Resource

T = TypeVar("T")


def key_config(key: Resource, tools: Workshop) -> KeyConfig:
    """The key as it will be."""
    place = Place(values=key.after, resource=key)
    name = tools.names.key(key)
    ring = name.partition("/cryptoKeys/")[0]
    was = tools.context.key(name)
    former = dict(was.policies)

    def of_old(read: Callable[[], Fact[T]], fresh: Fact[T]) -> Fact[T]:
        return fresh if key.made else read()

    on_key = tools.policies.end(
        tools.neighbours.of(key, KEY, identities.KEY), of_old(lambda: former[name], _nobody(key)), key.after.source
    )
    return KeyConfig(
        name=name,
        enabled=of_old(lambda: _state(place, was), _has_version(place)),
        rotating=both(place.text("rotation_period"), place.text("purpose")).map(
            lambda pair: bool(pair[0]) and (pair[1] or KEY_PURPOSE) == KEY_PURPOSE
        ),
        wait_seconds=_wait(place, key, tools),
        ending=of_old(lambda: was.ending, Known(value=False, sources=(key.after.source,))),
        policies=((name, on_key), (ring, _on_ring(key, ring, former.get(ring), tools))),
        project=name.split("/")[1] if name.startswith("projects/") else "",
    )


def _nobody(resource: Resource) -> Fact[Policy]:
    source = resource.after.source
    return Known(value=Policy(bindings=(), audits=(), text=written(()), source=source), sources=(source,))


def _has_version(place: Place) -> Fact[bool]:
    """A new key has an enabled version, unless it is to be made or imported later."""
    later = any_true((place.flag("skip_initial_version_creation"), _or_false(place, "import_only")))
    return later.map(lambda none: not none)


def _or_false(place: Place, attribute: str) -> Fact[bool]:
    """A flag that the provider fills in; false where it is not written."""
    flag = place.flag(attribute)
    return Known(value=False, sources=flag.sources) if isinstance(flag, Unknown) else flag


def _state(place: Place, was: KeyConfig) -> Fact[bool]:
    """By the primary version as the last refresh saw it; a scan may know it better where it did not."""
    block = place.block("primary")
    if isinstance(block, Known) and block.value is not None:
        return block.value.text("state").map(lambda state: state == "ENABLED")
    return was.enabled


def _wait(place: Place, key: Resource, tools: Workshop) -> Fact[int]:
    wait = seconds(place.at("destroy_scheduled_duration"))
    if isinstance(wait, Unknown):
        unwritten = key.made and tools.plan.sets(key, "destroy_scheduled_duration") is False
        return Known(value=KEY_WAIT_SECONDS, sources=wait.sources) if unwritten else wait
    return wait.map(lambda found: found or KEY_WAIT_SECONDS)


def _on_ring(key: Resource, name: str, was: Fact[Policy] | None, tools: Workshop) -> Fact[Policy]:
    target = tools.plan.target(key, "key_ring", identity=identities.RING).fact
    if isinstance(target, Known) and target.value is not None:
        ring = target.value
        base = _nobody(ring) if ring.made else was or tools.context.key(f"{name}/cryptoKeys/-").policies[1][1]
        return tools.policies.end(tools.neighbours.of(ring, RING, identities.RING), base, ring.after.source)
    around = tools.neighbours.by_name(RING, frozenset({name}))
    return tools.policies.end(around, was or tools.context.key(name).policies[1][1], key.after.source)
