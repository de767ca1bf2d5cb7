"""How answers are laid out: the table of who can do what, and below it one block for each way in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field

from posture.frozen import dataclass
from posture.model.subjects import ActionClass
from posture.reports.terminal import Line, line

BLANK = line()
CELL = 7
NARROWEST, WIDEST = 60, 100  # of the table
SHORT = {"administer": "admin"}
STYLES = {"yes": "bold red", "if": "red", "?": "bold yellow"}
LEGEND = {
    "yes": "yes: from anywhere, by a grant without conditions",
    "if": "if: under conditions, or from named networks only",
    "?": "?: undetermined, or partly",
}
ALWAYS = tuple(kind.value for kind in ActionClass)
NOBODY = line(("Nobody is let in.", "bold"))


@mutable_dataclass(slots=True)
class Row:
    """One caller, or class of callers, with the cell of each action class."""

    who: str
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One way in under its action class."""

    who: str
    details: tuple[tuple[str, str], ...]


def widen(cells: dict[str, str], column: str, cell: str) -> None:
    """Of several ways, the widest is what the table shows."""
    before = cells.get(column, "")
    open_ones = "?" if "?" in before + cell else ""
    widest = max(before.removesuffix("?"), cell.removesuffix("?"), key=("", "if", "yes").index)
    cells[column] = f"{widest}{open_ones}"


def table(rows: Sequence[Row], kinds: Sequence[str], width: int) -> Iterator[Line]:
    """One row for each caller; a caller that is too long for its column has its cells below it."""
    room = width - CELL * len(kinds)
    yield line((f"{'who':<{room}}" + "".join(f"{SHORT.get(kind, kind):>{CELL}}" for kind in kinds), "dim"))
    for row in rows:
        cells = [(f"{row.cells.get(kind, '') or '·':>{CELL}}", row.cells.get(kind, "")) for kind in kinds]
        styled = [(text, STYLES.get(cell.removesuffix("?") or cell, "dim")) for text, cell in cells]
        if len(row.who) < room:
            yield line(f"{row.who:<{room}}", *styled)
        else:
            yield line(row.who, hang=2)
            yield line(" " * room, *styled)
    seen = "".join(cell for row in rows for cell in row.cells.values())
    told = [text for cell, text in LEGEND.items() if cell in seen]
    yield line(("; ".join([*told, "·: no more than wider rows say"]), "dim"))


def section(kind: str, entries: Sequence[Entry], doubts: Sequence[Entry], after: Sequence[Line] = ()) -> Iterator[Line]:
    """Everyone who can do one class of actions, then what is open about it."""
    yield BLANK
    yield line((kind.upper(), "bold"))
    for entry in entries:
        yield from _entry_lines(entry, "bold")
    for entry in doubts:
        yield from _entry_lines(entry, "bold yellow")
    yield from after
    if entries and not doubts and not after:
        yield line("nobody else", indent=2)


def nobody(kinds: Sequence[str]) -> Iterator[Line]:
    """The classes of actions that are open to nobody."""
    if kinds:
        yield BLANK
        yield line((", ".join(kinds).upper(), "bold"))
        yield line("nobody", indent=2)


def labelled(label: str, text: str, *, width: int = 6, indent: int = 0) -> Line:
    """A text beside its label."""
    return line((f"{label:<{width}}", "dim"), text, indent=indent, hang=width)


def _entry_lines(entry: Entry, style: str) -> Iterator[Line]:
    yield line((entry.who, style), indent=2, hang=2)
    for label, text in entry.details:
        yield labelled(label, text, indent=4)
