"""What a table says of a provider's types, as Terraform's plugin protocol wants it.

An attribute is written `flags type = default -> after`: `required`, `optional`, `computed`, `sensitive`, `replaces` (a
change makes a new object); a type of the language, such as `string` or `list(string)`; the value that is planned when
none is given; and what it is after apply, with attributes before it in braces. A block is written `name (list):` or
`name (set):`; `computed` says that it is known only after apply when it is not written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

Value: TypeAlias = Any  # of Terraform's types: what they are, the schema says

_TABLES: Final = Path(__file__).with_name("tables")
_FLAGS: Final = frozenset({"required", "optional", "computed", "sensitive", "replaces"})
_ATTRIBUTE: Final = re.compile(r"(?P<words>[\w ()]+?)(?: = (?P<default>.+?))?(?: -> (?P<after>.+))?")
_BLOCK: Final = re.compile(r"(?P<name>\w+) \((?P<nesting>list|set)(?P<computed>, computed)?\)")
_COLLECTION: Final = re.compile(r"(list|set|map)\((\w+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute; `type` is Terraform's JSON notation of it."""

    type: str
    flags: frozenset[str]
    default: Value = None
    after: str = ""

    @property
    def computed(self) -> bool:
        """Whether the provider gives a value where the configuration has none."""
        return "computed" in self.flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The inside of a resource or of a nested block."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: Mapping[str, Nested] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """A block that may be written several times; `kind` is `list` or `set`."""

    kind: str
    computed: bool
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A provider: its own configuration, its resources, its data sources."""

    source: str
    provider: Block
    resources: Mapping[str, Block]
    data: Mapping[str, Block]


def providers() -> tuple[str, ...]:
    """The names of the tables that are there."""
    return tuple(sorted(path.stem for path in _TABLES.glob("*.yaml")))


def read_table(name: str) -> Table:
    """The table of a provider."""
    raw = yaml.safe_load(_TABLES.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    return Table(
        source=raw["source"],
        provider=_block(raw["provider"]),
        resources={kind: _block(body) for kind, body in raw["resources"].items()},
        data={kind: _block(body) for kind, body in raw["data"].items()},
    )


def _block(raw: Mapping[str, Value]) -> Block:
    attributes: dict[str, Attribute] = {}
    blocks: dict[str, Nested] = {}
    for name, body in raw.items():
        if isinstance(body, str):
            attributes[name] = _attribute(body)
            continue
        match = _BLOCK.fullmatch(name)
        assert match is not None, f"`{name}` is no block"
        blocks[match["name"]] = Nested(kind=match["nesting"], computed=bool(match["computed"]), block=_block(body))
    return Block(attributes=attributes, blocks=blocks)


def _attribute(text: str) -> Attribute:
    match = _ATTRIBUTE.fullmatch(text)
    assert match is not None, f"`{text}` is no attribute"
    *flags, kind = match["words"].split(" ")
    assert set(flags) <= _FLAGS, f"`{text}` has a flag that is none"
    collection = _COLLECTION.fullmatch(kind)
    return Attribute(
        type=json.dumps([collection[1], collection[2]] if collection else kind),
        flags=frozenset(flags),
        default=yaml.safe_load(match["default"]) if match["default"] else None,
        after=match["after"] or "",
    )
