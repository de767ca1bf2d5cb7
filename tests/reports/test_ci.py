"""What CI systems take: planned rows on their lines, below every limit, told apart by what stays the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker

from posture.model.assessment import Assessment, Place
from posture.model.logic import Outcome, Severity
from posture.model.subjects import Mode
from posture.reports.github import LONGEST, MOST, escaped
from posture.reports.options import Options
from posture.reports.places import LOCK, NO_LINE
from posture.reports.registry import render
from posture.reports.sarif import MOST_LOCATIONS
from tests.reports.assessments import BLOCKED, EUROPE, MAIN, all_pass, empty, failed, hostile, large, mixed, store
from tests.reports.planned import LINELESS, MODULE, ROOT, SATELLITE, planned

SCHEMAS = Path(__file__).parent / "schemas"
EVERY: tuple[Callable[[], Assessment], ...] = (mixed, planned, hostile, empty, all_pass, lambda: large(5, 7))


@cache
def schema(name: str) -> Any:  # noqa: ANN401 - the schema of a schema
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def results(assessment: Assessment, name: str = "sarif") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render(name, assessment, Options()))["runs"][0]["results"]
    return found


def result(assessment: Assessment, rule: str, uri: str, name: str = "sarif") -> dict[str, Any]:
    (one,) = (
        item
        for item in results(assessment, name)
        if item["ruleId"].endswith(f"/{rule}")
        and item["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == uri
    )
    return one


def at(item: dict[str, Any]) -> tuple[str, int]:
    place = item["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


# --- SARIF ---


@pytest.mark.parametrize("name", ["sarif", "code-scanning"])
@pytest.mark.parametrize("made", EVERY)
def test_every_log_is_valid(name: str, made: Callable[[], Assessment]) -> None:
    validator = Draft4Validator(schema("sarif-2.1.0-rtm.5.json"), format_checker=FormatChecker())
    validator.validate(json.loads(render(name, made(), Options())))


def test_a_planned_row_stands_at_its_block() -> None:
    assert at(result(planned(), "encrypted-with-customer-key", ROOT.uri)["locations"][0]) == ("infra/main.tf", 12)


def test_a_row_that_a_satellite_decided_stands_at_the_satellite() -> None:
    item = result(planned(), "versions-kept", ROOT.uri)
    assert at(item["locations"][0]) == (SATELLITE.file, SATELLITE.line)
    names = [name["fullyQualifiedName"] for name in item["locations"][0]["logicalLocations"]]
    assert names == [ROOT.uri, "aws_s3_bucket_versioning.logs"]
    assert "At infra/main.tf:31 (aws_s3_bucket_versioning.logs)" in item["message"]["text"]


def test_a_row_of_a_module_stands_at_its_caller_and_names_the_callers_beyond() -> None:
    item = result(planned(), "encrypted-with-customer-key", MODULE.uri)
    assert at(item["locations"][0]) == ("infra/archive.tf", 3)
    (beyond,) = item["relatedLocations"]
    assert at(beyond) == ("main.tf", 40)
    assert beyond["message"]["text"] == "called by module.stack"
    assert 'module.archive["eu"].aws_s3_bucket.this[0]' in item["message"]["text"]


def test_a_row_without_a_line_stands_at_a_committed_file_and_says_so() -> None:
    item = result(planned(), "retained-long-enough", LINELESS.uri)
    assert at(item["locations"][0]) == (LOCK, 1)
    assert NO_LINE in item["message"]["text"]
    assert NO_LINE not in result(planned(), "retained-long-enough", ROOT.uri)["message"]["text"]


def test_a_path_is_spelt_as_a_uri() -> None:
    place = Place(address="a.b", file="./modules/log store/a#1.tf", line=2)
    given_row = failed(BLOCKED, replace(ROOT, places=(place,)), "false")
    assert at(results(replace(planned(), findings=(given_row,)))[0]["locations"][0]) == (
        "modules/log%20store/a%231.tf", 2,
    )  # fmt: skip


def test_code_scanning_gets_failures_only_and_no_category_of_its_own() -> None:
    for made in (mixed, planned):
        run = json.loads(render("code-scanning", made(), Options()))["runs"][0]
        assert {item["kind"] for item in run["results"]} == {"fail"}
        assert not [item for item in run["results"] if "suppressions" in item]
        assert "automationDetails" not in run  # the category of the upload fills it only where there is none
        rows = [row for row in made().findings if row.outcome is Outcome.FAIL and not row.waived]
        assert len(run["results"]) == len(rows)


def test_a_baseline_says_what_is_new_changed_and_unchanged() -> None:
    told = {(item["ruleId"].split("/")[1], item["baselineState"]) for item in results(planned())}
    assert ("encrypted-with-customer-key", "unchanged") in told
    assert ("encrypted-with-customer-key", "new") in told
    assert ("retained-long-enough", "updated") in told
    assert not [item for item in results(mixed()) if "baselineState" in item]


def test_a_change_is_told_from_what_was_there_before_it() -> None:
    rows = tuple(replace(row, baseline=None, introduced=row.subject != ROOT) for row in planned().findings)
    given_run = replace(planned(), findings=rows, baseline=None)
    states = {item["baselineState"] for item in results(given_run) if at(item["locations"][0])[0] == "infra/main.tf"}
    assert states == {"unchanged"}
    assert "Known before this change" in result(given_run, "versions-kept", ROOT.uri)["message"]["text"]
    assert "(fail, before this change)" in render("text", given_run, Options(width=200))
    assert "known (fail) before this change" in render("junit", given_run, Options())
    assert "before this change" in render("html", given_run, Options())
    assert "(fail, before this change)" in render("markdown", given_run, Options())
    assert ",before the change" in render("csv", given_run, Options())


def test_a_run_with_nothing_new_says_why_it_passes() -> None:
    known = tuple(row for row in planned().findings if row.known or row.waived or row.outcome is Outcome.PASS)
    text = render("text", replace(planned(), findings=known, exit_code=0), Options(width=100))
    assert "exit code       0: everything else passed; 2 rows known before, 1 row waived" in text


def test_a_row_called_from_everywhere_names_as_many_places_as_are_shown() -> None:
    calls = tuple(
        Place(address=f"module.m{number}", file="main.tf", line=number + 1) for number in range(MOST_LOCATIONS + 1)
    )
    (item,) = results(replace(planned(), findings=(failed(BLOCKED, replace(ROOT, places=calls), "false"),)))
    assert len(item["locations"]) + len(item["relatedLocations"]) == MOST_LOCATIONS
    assert f"called at main.tf:{MOST_LOCATIONS + 1} (module.m{MOST_LOCATIONS})" in item["message"]["text"]


def test_a_page_about_a_plan_does_not_speak_of_what_runs() -> None:
    told = "will be as expected once this plan is applied"
    assert told in render("html", planned(), Options())
    assert told not in render("html", mixed(), Options())


# --- GitHub ---


def commands(assessment: Assessment) -> list[str]:
    return [line for line in render("github", assessment, Options()).splitlines() if line.startswith("::")]


@pytest.mark.parametrize("made", [*EVERY, lambda: large(200, 4)])
def test_a_step_stays_below_what_github_shows(made: Callable[[], Assessment]) -> None:
    lines = commands(made())
    for level in ("error", "warning"):
        assert sum(line.startswith(f"::{level} ") for line in lines) <= MOST
    assert all(len(line) < 12 * LONGEST for line in lines)


def test_what_has_no_room_is_counted() -> None:
    lines = commands(large(30, 3))
    assert "30 rows failed; 21 more places in the full report (cut)" in lines[0]
    assert len(lines) == 2 * MOST


def test_exactly_as_many_places_as_have_room_are_whole() -> None:
    rows = tuple(failed(BLOCKED, store(f"b{number}", ""), "false") for number in range(MOST - 1))
    lines = commands(replace(mixed(), findings=rows, unlooked=()))
    assert len(lines) == MOST
    assert "cut" not in lines[0]


def test_rows_of_one_line_are_one_annotation() -> None:
    rows = tuple(failed(replace(BLOCKED, id=f"c-{name}"), ROOT, "false") for name in "abcdefghijkl")
    lines = commands(replace(planned(), findings=rows))
    assert len(lines) == 2
    assert lines[1].startswith(
        "::error file=infra/main.tf,line=12,title=12 rows failed%3A aws_s3_bucket.logs::critical"
    )
    assert "and 2 more rows (cut)" in lines[1]


def test_an_error_is_what_sets_the_exit_code() -> None:
    low = replace(BLOCKED, severity=Severity.LOW)
    given_run = replace(planned(), findings=(failed(low, ROOT, "false"),), fail_on=Severity.HIGH, exit_code=0)
    assert [line.split(" ")[0] for line in commands(given_run)] == ["::warning", "::warning"]


def test_a_run_that_found_nothing_to_check_is_an_error() -> None:
    assert commands(empty()) == [
        "::error title=posture::nothing was checked: no store and no source of audit logs was found"
    ]
    assert commands(all_pass()) == []


@given(st.text(alphabet="%:,\r\nab"))
def test_nothing_ends_a_property_or_a_message(text: str) -> None:
    assert not set(escaped(text, within=True)) & set(":,\r\n")
    assert not set(escaped(text, within=False)) & set("\r\n")
    back = escaped(text, within=True).replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%0D", "\r")
    assert back.replace("%25", "%") == text


# --- GitLab ---


def entries(assessment: Assessment) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render("gitlab", assessment, Options()))
    return found


@pytest.mark.parametrize("made", EVERY)
def test_a_report_for_gitlab_is_valid_and_every_fingerprint_is_its_own(made: Callable[[], Assessment]) -> None:
    Draft202012Validator(schema("gitlab-code-quality.json")).validate(entries(made()))
    prints = [entry["fingerprint"] for entry in entries(made())]
    assert len(set(prints)) == len(prints)


def test_gitlab_shows_rows_at_their_lines_with_its_own_severities() -> None:
    told = {(entry["check_name"].split("/")[1], entry["severity"]) for entry in entries(planned())}
    assert told == {
        ("public-policies-refused", "info"),
        ("encrypted-with-customer-key", "critical"),
        ("versions-kept", "critical"),
        ("retained-long-enough", "major"),
    }
    (one,) = (entry for entry in entries(planned()) if entry["check_name"].endswith("/versions-kept"))
    assert one["location"] == {"path": "infra/main.tf", "lines": {"begin": 31}}


def test_two_policies_with_the_same_control_are_two_entries() -> None:
    rows = tuple(failed(replace(BLOCKED, policy=policy), MAIN, "false") for policy in ("one", "two"))
    assert len({entry["fingerprint"] for entry in entries(replace(mixed(), findings=rows, unlooked=()))}) == 2


# --- JUnit ---


@pytest.mark.parametrize("made", EVERY)
def test_junit_is_valid_by_its_schema(made: Callable[[], Assessment]) -> None:
    xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd")).validate(render("junit", made(), Options()))


@pytest.mark.parametrize(
    ("taken", "put"),
    [
        ('tests="', 'test="'),
        ("</testcase>", '<skipped message="x" /></testcase>'),
        ('timestamp="2026', 'timestamp="26'),
    ],
)
def test_the_schema_of_junit_refuses_what_readers_refuse(taken: str, put: str) -> None:
    text = render("junit", mixed(), Options())
    assert taken in text
    assert not xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd")).is_valid(text.replace(taken, put, 1))


def test_a_case_names_its_file_and_line() -> None:
    text = render("junit", planned(), Options())
    assert 'file="infra/main.tf" line="31"' in text
    assert "called at main.tf:40 (module.stack)" in text
    assert not re.search(r'file="', render("junit", mixed(), Options()))


# --- every format ---


@pytest.mark.parametrize(
    "name", ["text", "json", "sarif", "code-scanning", "gitlab", "junit", "csv", "markdown", "html"]
)
def test_address_file_and_line_are_there(name: str) -> None:
    text = render(name, planned(), Options(width=200))
    assert "aws_s3_bucket.logs" in text
    assert "infra/main.tf" in text
    assert re.search(r"main\.tf[^\n]{0,60}\b12\b|infra/main\.tf,12", text)


def test_a_row_worse_than_its_baseline_says_so() -> None:
    for name in ("text", "sarif", "github", "gitlab", "junit", "markdown", "html"):
        assert "baseline since 2026-10-03, but not for these facts" in " ".join(
            render(name, planned(), Options()).split()
        )


def test_live_rows_have_no_lock_file() -> None:
    assert EUROPE.mode is Mode.LIVE
    assert LOCK not in render("sarif", mixed(), Options())
