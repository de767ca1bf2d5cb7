"""The complete record as JSON: one item of each list on a line, so that two reports can be compared line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from posture.model.assessment import Assessment
from posture.reports.lines import compact, lines
from posture.reports.options import Options
from posture.reports.record import VERSION, Report, report
from posture.reports.shape import Json, definitions, plain


def render(assessment: Assessment, options: Options) -> str:
    """The record; everything that is not printable ASCII is written as a JSON escape."""
    return "".join(pieces(assessment, options))


def pieces(assessment: Assessment, options: Options) -> Iterator[str]:  # noqa: ARG001 - as that of every format
    """The same, piece by piece: not all rows are there at once."""
    record = plain(report(assessment))
    return _document({**record, "findings": lines(assessment)})


def schema_files() -> dict[str, str]:
    """The published schema of the report, by file name."""
    return {"report.schema.json": json.dumps(_schema(), indent=2) + "\n"}


def _document(record: dict[str, Json]) -> Iterator[str]:
    opening = "{"
    for name, value in record.items():
        yield f'{opening}\n  "{name}": '
        if isinstance(value, dict):
            yield from _members("{", (f'"{key}": {compact(member)}' for key, member in value.items()), "}")
        elif isinstance(value, list):
            yield from _members("[", map(compact, value), "]")
        elif isinstance(value, Iterator):
            yield from _members("[", value, "]")
        else:
            yield compact(value)
        opening = ","
    yield "\n}\n"


def _members(opening: str, members: Iterator[str], closing: str) -> Iterator[str]:
    """One on a line; nothing between the brackets where there is none."""
    before, after = f"{opening}\n    ", f"{opening}{closing}"
    for member in members:
        yield f"{before}{member}"
        before, after = ",\n    ", f"\n  {closing}"
    yield after


def _schema() -> Json:
    found: dict[str, Json] = {}
    root = definitions(Report, found)
    found["Report"]["properties"]["schema"] = {"const": VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": VERSION,
        "title": "A report of posture",
        **root,
        "$defs": dict(sorted(found.items())),
    }
