"""What a bench says: tables for people, figures for `.bench/results.json`, and aims, which gate nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from tests.benchmarks.measuring import Measured, Sample, cpu, megabytes, wall

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a caption; the first column is text, the others are figures."""

    caption: str
    columns: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A figure beside what was hoped for. `at_least` says that more is better."""

    what: str
    measured: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of the limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One bench's result; `runs` holds every counted run, under the name of what was run."""

    tables: tuple[Table, ...]
    aims: tuple[Aim, ...] = ()
    notes: tuple[str, ...] = ()
    runs: Mapping[str, Measured]


def figures(measured: Measured, *names: Callable[[Sample], float]) -> Row:
    """The medians of the figures, with their spread where it is worth a word."""
    return tuple(_figure(measured, name) for name in names)


def cost_row(name: str, measured: Measured, *more: str) -> Row:
    """A row of the three costs of a process, and whatever else the table has."""
    return (name, *figures(measured, wall, cpu, megabytes), *more)


COSTS = ("wall s", "CPU s", "peak MB")


def lines(report: Report) -> Iterator[str]:
    """The report as text."""
    for table in report.tables:
        yield from _table(table)
    for aim in report.aims:
        side, word = "at least" if aim.at_least else "at most", "met" if aim.met else "NOT met"
        yield f"  aim {word}: {aim.what}: {aim.measured:.3g}{aim.unit}, {side} {aim.limit:g}{aim.unit}"
    for note in report.notes:
        yield f"  note: {note}"


def record(report: Report) -> Mapping[str, object]:
    """The report as JSON."""
    return {
        "tables": [asdict(table) for table in report.tables],
        "aims": [{**asdict(aim), "met": aim.met} for aim in report.aims],
        "notes": list(report.notes),
        "runs": {name: [asdict(sample) for sample in measured.samples] for name, measured in report.runs.items()},
    }


def _figure(measured: Measured, figure: Callable[[Sample], float]) -> str:
    low, high = measured.spread(figure)
    middle = measured.median(figure)
    return _short(middle) if len(measured.samples) == 1 else f"{_short(middle)} ({_short(low)}-{_short(high)})"


def _short(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2  # three digits are what such figures carry
    return f"{value:.{digits}f}"


def _table(table: Table) -> Sequence[str]:
    rows = (table.columns, *table.rows)
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.columns))]
    shown = [
        "  "
        + "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "  " + "  ".join("-" * width for width in widths)
    return [f"  {table.caption}", "", shown[0], rule, *shown[1:], ""]
