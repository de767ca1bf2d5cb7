"""The written configuration of a plan, module by module: lines for reports, and the locals that a plan leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from posixpath import join, normpath
from typing import TYPE_CHECKING, Final, TypeAlias

from posture.frozen import dataclass
from posture.terraform.configuration import MOST_REFERENCES

if TYPE_CHECKING:
    from posture.terraform.expressions import Body, Expression
    from posture.terraform.hcl import Block

SUFFIXES: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
MOST_BYTES: Final = 16 * 1024 * 1024  # of all files together

Names: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The files of one module, from the top of the repository where there is one. `local` is false for a download."""

    path: str
    local: bool
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a block starts. Only what is `local` lies in the user's repository."""

    file: str
    line: int
    block: str  # resource "aws_s3_bucket" "logs"
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an expression refers to. One that is `built` makes a new text, and is not what it refers to."""

    references: tuple[str, ...]
    built: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Module:
    folder: Folder
    blocks: Mapping[tuple[str, ...], tuple[str, Block]]
    locals: Mapping[str, Written]
    places: Mapping[str, tuple[str, Block]]  # of locals: the file and the block


class Sources:
    """Finds blocks in files that are read when they are first asked for. Without files it finds nothing."""

    def __init__(self, find: Callable[[Names], Folder | None] = lambda _: None) -> None:
        self._module = cache(lambda names: _scanned(find(names)))
        self._bodies: dict[tuple[Names, str, int], Body | None] = {}

    def line(self, module: Names, *words: str) -> Line | None:
        """Where a block of a module starts."""
        scanned = self._module(module)
        if scanned is None or words not in scanned.blocks:
            return None
        file, block = scanned.blocks[words]
        label = " ".join((words[0], *(f'"{word}"' for word in words[1:])))
        path = normpath(join(scanned.folder.path, file))
        return Line(file=path, line=block.line, block=label, local=scanned.folder.local)

    def local(self, module: Names, name: str) -> Written | None:
        """The expression of a local value."""
        scanned = self._module(module)
        return scanned.locals.get(name) if scanned is not None else None

    def attribute(self, module: Names, words: tuple[str, ...], name: str) -> Written | None:
        """The expression of an attribute that stands directly in a block."""
        scanned = self._module(module)
        if scanned is None or words not in scanned.blocks:
            return None
        return _written(scanned.blocks[words][1], name)

    def body(self, module: Names, words: tuple[str, ...]) -> Body | None:
        """A block as it is written, with the blocks in it."""
        scanned = self._module(module)
        if scanned is None or words not in scanned.blocks:
            return None
        return self._read(module, scanned, *scanned.blocks[words])

    def local_expression(self, module: Names, name: str) -> Expression | None:
        """A local value as it is written."""
        scanned = self._module(module)
        if scanned is None or name not in scanned.places:
            return None
        body = self._read(module, scanned, *scanned.places[name])
        return body.attributes.get(name) if body is not None else None

    def _read(self, module: Names, scanned: _Module, file: str, block: Block) -> Body | None:
        from posture.terraform.expression_reader import read_body  # noqa: PLC0415 - few plans come with files

        place = (module, file, block.line)
        if place not in self._bodies:
            text = next((text for name, text in scanned.folder.files if name == file), "")
            self._bodies[place] = None if file.endswith(".json") else read_body(text, block.words, block.line)
        return self._bodies[place]


def _scanned(folder: Folder | None) -> _Module | None:
    if folder is None:
        return None
    from posture.terraform.hcl import read_blocks, read_json_blocks  # noqa: PLC0415 - few plans come with files

    blocks: dict[tuple[str, ...], tuple[str, Block]] = {}
    values: dict[str, Written] = {}
    places: dict[str, tuple[str, Block]] = {}
    for file, text in folder.files:
        for block in read_json_blocks(text) if file.endswith(".json") else read_blocks(text):
            blocks.setdefault(block.words, (file, block))
            if block.words == ("locals",):
                values |= {name: written for name in block.references if (written := _written(block, name)) is not None}
                places |= dict.fromkeys(block.references, (file, block))
    return _Module(folder=folder, blocks=blocks, locals=values, places=places)


def _written(block: Block, name: str) -> Written | None:
    if name not in block.references:
        return None
    shown = block.references[name][: MOST_REFERENCES + 1]
    return Written(references=tuple(shown), built=name in block.built)
