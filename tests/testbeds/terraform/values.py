"""What a provider makes of a configuration: the planned object, and the object after apply."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from tf.types import Unknown

from tests.testbeds.terraform.schema import Attribute, Block, Nested, Value

Object: TypeAlias = dict[str, Value]

_INVENTED: Final[Mapping[str, Value]] = {"string": "", "bool": False, "number": 0}


def planned(block: Block, config: Object, prior: Object | None, settings: Mapping[str, str]) -> Object:
    """What will be: as it is written, else as it is now, else the provider's default, else known only after apply."""
    result: Object = {
        name: _planned_attribute(name, attribute, config[name], prior, settings)
        for name, attribute in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        result[name] = _planned_blocks(nested, config[name], prior[name] if prior is not None else None, settings)
    return result


def replaced(block: Block, now: Object, prior: Object) -> tuple[str, ...]:
    """The attributes whose change makes a new object."""
    return tuple(
        name
        for name, attribute in block.attributes.items()
        if "replaces" in attribute.flags and now[name] != prior[name]
    )


def applied(block: Block, now: Object, settings: Mapping[str, str]) -> Object:
    """The same with everything known. What is invented follows from what is known: the same every time."""
    digest = hashlib.sha256(json.dumps(now, sort_keys=True, default=str).encode()).hexdigest()
    return _applied(block, now, {**settings, "digest": digest, "number": str(int(digest[:12], 16))})


def _planned_attribute(
    name: str, attribute: Attribute, written: Value, prior: Object | None, settings: Mapping[str, str]
) -> Value:
    if written is not None:
        return written
    if attribute.default is not None:
        return attribute.default
    if not attribute.computed:
        return None
    if prior is not None:
        return prior[name]
    return settings[name] if name == "region" and "region" in settings else Unknown


def _planned_blocks(
    nested: Nested, written: Value, prior: Sequence[Object] | None, settings: Mapping[str, str]
) -> Value:
    if written is Unknown or (not written and not nested.computed):
        return written
    if not written:
        return Unknown if prior is None else prior
    return [planned(nested.block, config, _former(config, prior or ()), settings) for config in written]


def _former(config: Object, prior: Sequence[Object]) -> Object | None:
    """The block of the prior state that has all that is written of this one."""
    return next((old for old in prior if _agrees(config, old)), None)


def _agrees(config: Value, old: Value) -> bool:
    match config, old:
        case None, _:
            return True
        case dict(), dict():
            return all(_agrees(value, old.get(name)) for name, value in config.items())
        case list(), list():
            return len(config) == len(old) and all(map(_agrees, config, old))
        case _:
            return bool(config == old)


def _applied(block: Block, now: Object, known: Mapping[str, str]) -> Object:
    result: Object = {}
    for name, attribute in block.attributes.items():
        texts = {key: value for key, value in result.items() if isinstance(value, str)}
        given = {key: value if isinstance(value, str) else known.get(key, "") for key, value in now.items()}
        result[name] = _made(attribute, {**known, **given, **texts}) if now[name] is Unknown else now[name]
    for name, nested in block.blocks.items():
        result[name] = [] if now[name] is Unknown else [_applied(nested.block, each, known) for each in now[name]]
    return result


def _made(attribute: Attribute, known: Mapping[str, str]) -> Value:
    kind = json.loads(attribute.type)
    if not attribute.after:
        return ({} if kind[0] == "map" else []) if isinstance(kind, list) else _INVENTED[kind]
    text = attribute.after.format_map(known)
    return int(text) if kind == "number" else text
