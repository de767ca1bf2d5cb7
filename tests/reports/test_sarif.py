"""SARIF: valid by its schema, within what code scanning takes, and the same finding keeps its fingerprint."""

from __future__ import annotations

import base64
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker

from posture.model.assessment import Assessment
from posture.model.logic import Severity
from posture.reports.options import Options
from posture.reports.sarif import LARGEST_FILE, MOST_RESULTS, MOST_RULES, MOST_TAGS, render
from tests.reports.assessments import BLOCKED, MAIN, all_pass, empty, failed, hostile, large, mixed, store

SCHEMA = Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json"


def log(assessment: Assessment) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(render(assessment, Options()))["runs"][0]
    return run


def notices(run: dict[str, Any]) -> str:
    return "\n".join(item["message"]["text"] for item in run["invocations"][0]["toolExecutionNotifications"])


@pytest.mark.parametrize("made", [mixed, hostile, empty, all_pass, lambda: large(5, 7)])
def test_the_log_is_valid(made: Callable[[], Assessment]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    document = json.loads(render(made(), Options()))
    Draft4Validator(schema, format_checker=FormatChecker()).validate(document)


@pytest.mark.parametrize("made", [mixed, hostile])
def test_what_code_scanning_requires_is_there(made: Callable[[], Assessment]) -> None:
    run = log(made())
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["id"]
        assert 0 < len(rule["name"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert 0.0 < float(rule["properties"]["security-severity"]) <= 10.0
        assert len(rule["properties"]["tags"]) <= MOST_TAGS
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
        assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")


def test_severities_fall_into_the_bands_of_code_scanning() -> None:
    rules = {rule["name"]: rule["properties"]["security-severity"] for rule in log(mixed())["tool"]["driver"]["rules"]}
    assert float(rules["public-policies-refused"]) > 9.0
    assert 7.0 <= float(rules["versions-kept"]) < 9.0
    assert 4.0 <= float(rules["key-rotated"]) < 7.0
    assert 0.0 < float(rules["access-logged"]) < 4.0


def test_kind_and_level_say_the_verdict() -> None:
    results = log(mixed())["results"]
    assert {(item["kind"], item["level"]) for item in results if "unknown" in item["message"]["text"]} == {
        ("open", "none")
    }
    assert all((item["level"] == "none") == (item["kind"] != "fail") for item in results)
    assert len([item for item in results if item["kind"] == "fail"]) == 7
    assert len([item for item in results if item["kind"] == "open"]) == 4


def test_only_a_waiver_that_holds_suppresses() -> None:
    suppressed = [item for item in log(mixed())["results"] if "suppressions" in item]
    assert [item["ruleId"] for item in suppressed] == ["audit-log-storage/versions-kept"]
    (suppression,) = suppressed[0]["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "platform-security" in suppression["justification"]


def test_what_is_left_out_is_announced() -> None:
    told = notices(log(mixed()))
    assert "7 rows that pass, 1 that do not apply" in told
    assert "not looked into: workspaces of databricks" in told
    assert "the waiver W-9 matches no row" in told


def test_the_fingerprint_survives_other_values_and_another_order() -> None:
    def prints(assessment: Assessment) -> set[str]:
        return {item["partialFingerprints"]["primaryLocationLineHash"] for item in log(assessment)["results"]}

    given = mixed()
    reworded = tuple(
        replace(
            finding,
            control=replace(finding.control, title="Other words"),
            evidence=tuple(replace(item, found="other") for item in finding.evidence),
        )
        for finding in given.findings[::-1]
    )
    assert prints(replace(given, findings=reworded)) == prints(given)
    assert len(prints(given)) == 11


def test_two_configurations_have_two_categories() -> None:
    run = mixed().run
    other = replace(mixed(), run=replace(run, identities=run.identities[:1]))
    category = log(mixed())["automationDetails"]["id"].rpartition("/")[0]
    assert category == "posture/live/default+europe+production"
    assert log(other)["automationDetails"]["id"].rpartition("/")[0] == "posture/live/default"


@given(st.text(max_size=40))
def test_the_path_is_relative_and_stays_where_it_is(uri: str) -> None:
    assessment = replace(mixed(), findings=(failed(BLOCKED, replace(MAIN, uri=uri), "false"),))
    (result,) = log(assessment)["results"]
    path = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    steps = path.split("/")
    assert path.isascii()
    assert not set(steps) & {"", ".", ".."}
    assert not set(path) & set(":?#\\ ")


def test_the_path_of_a_store_is_its_address() -> None:
    (result,) = log(replace(mixed(), findings=(failed(BLOCKED, MAIN, "false"),)))["results"]
    location = result["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "s3/acme-audit-logs/databricks"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "s3://acme-audit-logs/databricks"


def test_one_result_too_many_is_cut_and_announced() -> None:
    rows = tuple(failed(BLOCKED, store(f"b{number}", ""), "false") for number in range(MOST_RESULTS + 1))
    minor = replace(rows[0], control=replace(BLOCKED, id="minor", severity=Severity.LOW))
    run = log(replace(mixed(), findings=(minor, *rows[1:])))
    assert len(run["results"]) == MOST_RESULTS
    assert all(result["level"] == "error" for result in run["results"])  # the least severe one went
    assert "cut: 1 row " in notices(run)


def test_one_rule_too_many_is_cut_and_announced() -> None:
    rows = tuple(failed(replace(BLOCKED, id=f"c{number:05}"), MAIN, "false") for number in range(MOST_RULES + 1))
    run = log(replace(mixed(), findings=rows))
    assert len(run["tool"]["driver"]["rules"]) == MOST_RULES
    assert "cut: 1 row " in notices(run)


def test_a_file_that_is_too_large_is_cut_and_announced() -> None:
    noise = random.Random(7)  # noqa: S311 - bytes that do not compress, the same in every run
    big = tuple(
        failed(BLOCKED, store(f"b{number}", ""), base64.b85encode(noise.randbytes(800_000)).decode().replace("#", "h"))
        for number in range(14)
    )
    text = render(replace(mixed(), findings=big), Options())
    run = json.loads(text)["runs"][0]
    assert len(zlib.compress(text.encode())) <= LARGEST_FILE
    assert 0 < len(run["results"]) < len(big)
    assert f"cut: {len(big) - len(run['results'])} rows " in notices(run)


def test_one_tag_too_many_stands_in_the_help() -> None:
    fixed = 3  # security, audit-logs, store
    names = tuple(f"X{number}" for number in range(MOST_TAGS - fixed + 1))
    control = replace(BLOCKED, references=(("ours", names),))
    (rule,) = log(replace(mixed(), findings=(failed(control, MAIN, "false"),)))["tool"]["driver"]["rules"]
    assert len(rule["properties"]["tags"]) == MOST_TAGS
    assert f"ours/{names[-1]}" not in rule["properties"]["tags"]
    assert f"ours/{names[-1]}" in rule["help"]["text"]
