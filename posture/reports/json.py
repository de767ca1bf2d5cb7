"""The complete record as JSON: one item of each list on a line, so that two reports can be compared line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from posture.model.assessment import Assessment
from posture.reports.options import Options
from posture.reports.record import VERSION, Report, report
from posture.reports.shape import Json, definitions, plain


def render(assessment: Assessment, options: Options) -> str:  # noqa: ARG001 - every format has this signature
    """The record; everything that is not printable ASCII is written as a JSON escape."""
    return "\n".join(_document(plain(report(assessment)))) + "\n"


def schema_files() -> dict[str, str]:
    """The published schema of the report, by file name."""
    return {"report.schema.json": json.dumps(_schema(), indent=2) + "\n"}


def compact(value: Json) -> str:
    """JSON on one line; no CI runner finds a command of its own (`##[error]`) in it."""
    return json.dumps(value, separators=(", ", ": ")).replace("##", "#\\u0023")


def _document(record: dict[str, Json]) -> Iterator[str]:
    yield "{"
    last = len(record) - 1
    for place, (name, value) in enumerate(record.items()):
        comma = "" if place == last else ","
        if isinstance(value, list) and value:
            yield f'  "{name}": ['
            yield ",\n".join(f"    {compact(item)}" for item in value)
            yield f"  ]{comma}"
        elif isinstance(value, dict):
            yield f'  "{name}": {{'
            yield ",\n".join(f'    "{key}": {compact(member)}' for key, member in value.items())
            yield f"  }}{comma}"
        else:
            yield f'  "{name}": {compact(value)}{comma}'
    yield "}"


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
