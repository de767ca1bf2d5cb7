"""The JSON record: its schema, its order, and nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import posture
from posture.model.assessment import Assessment
from posture.reports.json import render, schema_files
from posture.reports.options import Options
from tests.reports.assessments import HOSTILE, all_pass, empty, hostile, large, mixed

PUBLISHED = Path(posture.__file__).parent / "schemas" / "report.schema.json"


def test_the_published_schema_is_the_generated_one() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_files()["report.schema.json"]


@pytest.mark.parametrize("made", [mixed, hostile, empty, all_pass, lambda: large(4, 7)])
def test_a_report_is_valid_by_the_published_schema(made: Callable[[], Assessment]) -> None:
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(render(made(), Options())))


@pytest.mark.parametrize("place", ["run", "result", "findings", "subjects", "controls", "unlooked"])
def test_the_schema_is_closed(place: str) -> None:
    validator = Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))
    report = json.loads(render(mixed(), Options()))
    target = report[place][0] if isinstance(report[place], list) else report[place]
    target["one_more"] = 1
    assert not validator.is_valid(report)


def test_rows_point_at_controls_and_subjects_that_are_there() -> None:
    report = json.loads(render(mixed(), Options()))
    controls = {(item["policy"], item["id"]) for item in report["controls"]}
    subjects = {(item["about"], item["uri"]) for item in report["subjects"]}
    assert {(row["policy"], row["control"]) for row in report["findings"]} == controls
    assert {(row["about"], row["subject"]) for row in report["findings"]} <= subjects


def test_counts_add_up_to_the_rows() -> None:
    report = json.loads(render(mixed(), Options()))
    assert report["result"]["counts"] == {
        "fail": 6,
        "unknown": 4,
        "known": 0,
        "waived": 1,
        "pass": 7,
        "not_applicable": 1,
    }
    assert sum(report["result"]["counts"].values()) == report["result"]["rows"] == len(report["findings"])


def test_a_waived_row_keeps_its_outcome() -> None:
    (row,) = (row for row in json.loads(render(mixed(), Options()))["findings"] if row["standing"] == "waived")
    assert row["outcome"] == "fail"
    assert row["waiver"]["expires"] == "2027-02-01"


def test_hostile_text_comes_back_as_it_was_and_is_ascii_on_the_way() -> None:
    text = render(hostile(), Options())
    assert text.isascii()
    assert "##" not in text
    assert json.loads(text)["unmatched_waivers"] == [HOSTILE]
