"""Lines for a terminal: words are wrapped and never cut, colours are extra, provider text is inert."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeAlias

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style

from posture.frozen import dataclass
from posture.reports.options import Options
from posture.reports.plain import printable, unprompted

Piece: TypeAlias = tuple[str, str]  # text, style

NARROWEST = 40

_TOGETHER = 500  # lines that are painted at once
_TOKEN = re.compile(r" +|[^ ]+")
_PART = re.compile(r"/?[^/]+(?:/[^/]+)?/?|/+")  # a kind and a name, as ids pair them


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces of one logical line; where it wraps, it goes on under `hang`."""

    pieces: tuple[Piece, ...]
    indent: int = 0
    hang: int = 0


def line(*pieces: Piece | str, indent: int = 0, hang: int = 0) -> Line:
    """A logical line; a bare string has no style."""
    return Line(tuple((piece, "") if isinstance(piece, str) else piece for piece in pieces), indent, hang)


def painted(lines: Iterable[Line], options: Options) -> str:
    """The lines as text of at most the wanted width; only a single longer word goes beyond it, whole.

    An id that is a path, as Azure's are, goes on after one of its slashes.
    """
    return "".join(painting(lines, options))


def painting(lines: Iterable[Line], options: Options) -> Iterator[str]:
    """The same, some lines at a time."""
    screen = io.StringIO()
    console = Console(
        file=screen,
        width=max(options.width, NARROWEST),
        force_terminal=options.colour,
        color_system="standard" if options.colour else None,
        no_color=not options.colour,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    waiting = iter(lines)
    while some := tuple(islice(waiting, _TOGETHER)):
        console.print(_Lines(some), soft_wrap=True, end="")
        yield screen.getvalue()
        screen.seek(0)
        screen.truncate()


@dataclass(frozen=True, slots=True)
class _Lines:
    lines: tuple[Line, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        styles: dict[str, Style] = {}
        width = console.width
        for logical in self.lines:
            for row in _wrapped(logical, width):
                for text, style in row:
                    if style not in styles:
                        styles[style] = console.get_style(style) if style else Style.null()
                    yield Segment(text, styles[style])
                yield Segment.line()


def _wrapped(logical: Line, width: int) -> Iterator[list[Piece]]:
    indent = logical.indent
    row: list[Piece] = []
    used = indent
    for space, word in _fitting(_words(logical.pieces), width - logical.indent - logical.hang):
        cells = sum(_cells(text) for text, _ in word)
        gained = used + len(space) > logical.indent + logical.hang  # else the word stands no further left below
        if row and gained and used + len(space) + cells > width:
            yield _closed(row, indent)
            indent = logical.indent + logical.hang
            row, used, space = [], indent, ""  # noqa: PLW2901 - the space at the break is spent
        row += [(space, ""), *word]
        used += len(space) + cells
    yield _closed(row, indent)


def _words(pieces: tuple[Piece, ...]) -> Iterator[tuple[str, list[Piece]]]:
    """Each word with the space before it; a word can have several styles (a name and its comma)."""
    space, word = "", list[Piece]()
    for text, style in pieces:
        for token in _TOKEN.findall(printable(text)):
            if token[0] != " ":
                word.append((token, style))
                continue
            if word:
                yield space, _joined(word)
                space, word = "", []
            space += token
    if word:
        yield space, _joined(word)


def _fitting(words: Iterable[tuple[str, list[Piece]]], most: int) -> Iterator[tuple[str, list[Piece]]]:
    """The words; a path that no line can hold in its parts, which nothing keeps on one line."""
    for space, word in words:
        path = len(word) == 1 and word[0][0].startswith("/") and _cells(word[0][0]) > most
        if not path:
            yield space, word
            continue
        (text, style), gap = word[0], space
        for part in filter(None, _PART.findall(text)):
            yield gap, [(part, style)]
            gap = ""


def _joined(word: list[Piece]) -> list[Piece]:
    """The word, inert as a whole too: two harmless pieces side by side can be a command."""
    text = "".join(piece for piece, _ in word)
    return word if printable(text) == text else [(printable(text), word[0][1])]


def _closed(row: list[Piece], indent: int) -> list[Piece]:
    text = "".join(piece for piece, _ in row)
    guard = "\\" if unprompted(text) != text else ""
    return [(" " * indent + guard, ""), *row] if row else []


def _cells(word: str) -> int:
    return len(word) if word.isascii() else cell_len(word)
