"""Plans with something wrong in them, and a reader that asks everything of what is left."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

from posture.model.facts import Known
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from posture.terraform.values import Values
from tests.terraform.plans import Free

Place = tuple[str | int, ...]

JUNK: tuple[Free, ...] = (
    None, True, False, 0, -1, 1e308, 10**30, "", "x", "\u2028", [], {}, [None], [[[]]], {"a": True},
    "aws_s3_bucket.this", 'module.a["b', ["local.x"], {"references": ["each.value"]},
    {"references": [1]}, {"constant_value": None},
)  # fmt: skip
STORES = Identity(
    kinds=("aws_s3_bucket", "google_storage_bucket", "azurerm_storage_account", "x_store"),
    attributes=("bucket", "id", "name", "arn"),
)
PATHS: tuple[Place, ...] = (
    ("bucket",),
    ("store",),
    ("policy",),
    ("rule", 0, "to", 0, "store"),
    ("statement", 0, "resources"),
)


def places(value: object, place: Place = ()) -> Iterator[Place]:
    """Every place in a document."""
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield from places(inner, (*place, step))


def mutated(document: Free, where: list[Place], chance: random.Random) -> Free:
    """A copy in which some values are removed, renamed, moved about, or replaced by junk."""
    changed = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 2, 5))):
        *outer, last = chance.choice(where[1:])
        holder = _found(changed, tuple(outer))
        if not _has(holder, last):
            continue
        way = chance.random()
        if way < 0.2:
            del holder[last]
        elif way < 0.3 and isinstance(holder, dict):
            holder[chance.choice(("x", "address", "references", "values"))] = holder.pop(last)
        else:
            other = _found(document, chance.choice(where)) if way < 0.4 else chance.choice(JUNK)
            holder[last] = copy.deepcopy(other)
    return changed


def _has(value: object, step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _found(value: Free, place: Place) -> Free:
    for step in place:
        if not _has(value, step):
            return None
        value = value[step]
    return value


def ask_everything(plan: Plan) -> None:
    """Every question of the public interface, about every resource."""
    own = set(plan.resources)
    for resource in plan.resources:
        for values in (resource.after, resource.before):
            if values is not None:
                _ask(values)
        for path in PATHS:
            target = plan.target(resource, *path, identity=STORES)
            assert (
                not (isinstance(target.fact, Known) and isinstance(target.fact.value, Resource))
                or target.fact.value in own
            )
            plan.reached(resource, *path, identity=STORES)
            plan.formerly(resource, *path, identity=STORES)
        plan.provider_setting(resource, "region")
        plan.lines(resource)
    for departure in plan.departures:
        plan.lines(departure)
    for store in (*plan.of_kind("aws_s3_bucket"), *plan.of_kind("x_store")):
        for kind in ("aws_s3_bucket_versioning", "aws_s3_bucket_policy", "aws_s3_bucket_public_access_block", "x_rule"):
            plan.attached(store, kind, "store" if kind == "x_rule" else "bucket", identity=STORES)


def _ask(values: Values) -> None:
    for name in list(values.raw)[:8] if isinstance(values.raw, dict) else ():
        for reader in (
            values.value,
            values.text,
            values.flag,
            values.number,
            values.token,
            values.each,
            values.entries,
        ):
            reader(name)
        values.optional(name, 0, "x").value()
