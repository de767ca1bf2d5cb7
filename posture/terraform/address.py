"""Addresses and references, cut by a tokenizer that knows quotes: a key may hold a dot or a bracket."""

from __future__ import annotations

import json
import re
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from posture.frozen import dataclass


class Special(Enum):
    """An instance key that is no key: of every instance, or of the instance that asks."""

    ALL = "*"
    SAME = "same"


Key: TypeAlias = str | int | Special | None

MANAGED: Final = "managed"
DATA: Final = "data"
_MOST_CHARACTERS: Final = 10_000  # of one address
_MODES: Final = frozenset({DATA, "ephemeral", "list"})
_TOKEN: Final = re.compile(r'(?:^|(?!^)\.)([^\s.\[\]"]+)|\[("(?:[^"\\]|\\.)*"|[^\]"]*)\]')
_SAME: Final = frozenset({"each.key", "count.index"})


class Step(NamedTuple):
    """One module call on the way down, with the key of its instance."""

    name: str
    key: Key = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a resource instance is. `kind` is its type, with the mode in front unless it is managed: `data.aws_x`."""

    text: str
    modules: tuple[Step, ...]
    kind: str
    name: str
    key: Key

    @property
    def keyed(self) -> bool:
        """Whether it holds a text that the configuration made up: the key of a `for_each`."""
        return '"' in self.text


class Root(StrEnum):
    """What a reference starts from."""

    RESOURCE = "resource"
    MODULE = "module"
    VARIABLE = "var"
    LOCAL = "local"
    EACH = "each"
    OTHER = "other"  # count, path, terraform, self: nothing can be followed from there


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One reference of an expression, as far as it can be followed. `attribute` is empty where the text has none."""

    root: Root
    name: str
    kind: str = ""
    key: Key = None
    attribute: str = ""


def parse_address(text: str) -> Address | None:
    """The parts of an absolute address; None when it is not one."""
    tokens = _tokens(text)
    if tokens is None:
        return None
    modules: list[Step] = []
    at = 0
    while tokens[at : at + 1] == ["module"] and len(tokens) > at + 1 and isinstance(name := tokens[at + 1], str):
        key, used = _key(tokens, at + 2)
        modules.append(Step(name, key))
        at += 2 + used
    mode = tokens[at] if at < len(tokens) - 2 and tokens[at] in _MODES else ""
    at += bool(mode)
    key = None
    match tokens[at:]:
        case [str(kind), str(name)]:
            pass
        case [str(kind), str(name), (key,)]:
            pass
        case _:
            return None
    return Address(text=text, modules=tuple(modules), kind=f"{mode}.{kind}" if mode else kind, name=name, key=key)


@lru_cache(maxsize=4096)  # each instance of a block asks for those of the block
def parse_reference(text: str) -> Reference:
    """What a reference names; one that cannot be read leads nowhere."""
    tokens = _tokens(text) or []
    match tokens:
        case ["module", str(name), *rest]:
            key, used = _key(rest, 0)
            return Reference(root=Root.MODULE, name=name, key=key, attribute=_word(rest, used))
        case ["var" | "local" | "each" as head, str(name), *rest]:
            key, used = _key(rest, 0)
            return Reference(root=Root(head), name=name, key=key, attribute=_word(rest, used))
        case ["count" | "path" | "terraform" | "self", *_]:
            return Reference(root=Root.OTHER, name=text)
        case [str(mode), str(kind), str(name), *rest] if mode in _MODES:
            return _of_resource(f"{mode}.{kind}", name, rest)
        case [str(kind), str(name), *rest]:
            return _of_resource(kind, name, rest)
        case _:
            return Reference(root=Root.OTHER, name=text)


@lru_cache(maxsize=4096)
def leaves(references: tuple[str, ...]) -> tuple[str, ...]:
    """The most specific references: each is followed by its parents, which say nothing more."""
    found: dict[str, None] = {}
    last = ""
    for text in references:
        if not (last.startswith(text) and last[len(text) :][:1] in {".", "["}):
            found[text] = None
        last = text
    return tuple(found)


Tokens: TypeAlias = "list[str | tuple[Key]]"


def _of_resource(kind: str, name: str, rest: Tokens) -> Reference:
    key, used = _key(rest, 0)
    return Reference(root=Root.RESOURCE, kind=kind, name=name, key=key, attribute=_word(rest, used))


def _tokens(text: str) -> Tokens | None:
    """Words as text, indices as tuples of one; None when something else stands between them."""
    if len(text) > _MOST_CHARACTERS:
        return None
    found: Tokens = []
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() != end:
            return None
        end = match.end()
        word, index = match.groups()
        if word is not None:
            found.append(word)
        else:
            found.append((_index(index),))
    return found if end == len(text) and found else None


def _index(text: str) -> Key:
    if text.startswith('"'):
        return _unquoted(text)
    if text.isascii() and text.isdigit() and len(text) < 19:  # noqa: PLR2004 - no count is longer than that
        return int(text)
    return Special.SAME if text in _SAME else Special.ALL


def _unquoted(text: str) -> str:
    try:
        value = json.loads(text, strict=False)
    except ValueError:
        value = text[1:-1]
    return str(value).replace("$${", "${").replace("%%{", "%{")


def _key(tokens: Tokens, at: int) -> tuple[Key, int]:
    """The key that stands here, and how many tokens it takes. `x.0.id` is the old way to write `x[0].id`."""
    match tokens[at : at + 1]:
        case [(key,)]:
            return key, 1
        case [str(word)] if word.isascii() and word.isdigit():
            return _index(word), 1
        case [str("*")]:
            return Special.ALL, 1
        case _:
            return None, 0


def _word(tokens: Tokens, at: int) -> str:
    for token in tokens[at:]:
        if isinstance(token, str):
            return token
    return ""
