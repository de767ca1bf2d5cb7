"""Every format accounts for the same rows: it lists them, or it counts them and the registry says so."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from posture.model.assessment import Assessment
from posture.model.logic import Outcome
from posture.reports.options import Options
from posture.reports.registry import FORMATS, render
from posture.reports.view import standing
from tests.reports.assessments import large, mixed
from tests.reports.planned import planned

Rows = set[tuple[str, str]]  # control, subject


def in_text(text: str) -> Rows:
    rows: Rows = set()
    control, waiting, quiet = "", list[str](), False
    for line in text.splitlines():
        quiet |= line.startswith(("PASSED", "NOT APPLICABLE"))
        if found := re.match(r"(?:critical|high|medium|low) +(\S+)|  ([a-z-]+)$", line):
            control = found[1] or found[2]
        elif line.startswith("      leaves open "):
            rows |= {(name, uri) for name in line.split("leaves open ")[1].split(", ") for uri in waiting}
            waiting = []
        elif found := re.match(r"( {2,4})((?:s3|databricks)://\S+)", line):
            if quiet or len(found[1]) == 2:
                rows.add((control, found[2]))
            else:
                waiting.append(found[2])
    return rows


def in_json(text: str) -> Rows:
    return {(row["control"], row["subject"]) for row in json.loads(text)["findings"]}


def in_sarif(text: str) -> Rows:
    return {
        (item["ruleId"].split("/")[1], item["locations"][0]["logicalLocations"][0]["fullyQualifiedName"])
        for item in json.loads(text)["runs"][0]["results"]
    }


def in_github(text: str) -> Rows:
    rows: Rows = set()
    for line in text.splitlines():
        for message in line.split("::", 2)[2].split("%0A") if line.startswith("::") else ():
            if found := re.match(
                r"(?:critical|high|medium|low) ([a-z-]+): [^.]*\. ((?:s3|databricks)://[^ ]+)\. ", message
            ):
                rows.add((found[1], found[2]))
    return rows


def in_gitlab(text: str) -> Rows:
    rows: Rows = set()
    for entry in json.loads(text):
        if found := re.search(r": ((?:s3|databricks)://[^ ]+)\. ", entry["description"]):
            rows.add((entry["check_name"].split("/")[-1], found[1]))
    return {row for row in rows if row[0] != "discovery"}


def in_junit(text: str) -> Rows:
    suites = ET.fromstring(text).iter("testsuite")  # noqa: S314 - our own document
    return {
        (case.get("classname", ""), suite.get("name", ""))
        for suite in suites
        for case in suite.iter("testcase")
        if suite.get("name") != "discovery"
    }


def in_csv(text: str) -> Rows:
    lines = csv.DictReader(io.StringIO(text, newline=""))
    return {(line["control"], line["subject"]) for line in lines if line["counts_as"] != "not_looked_into"}


def in_markdown(text: str) -> Rows:
    rows: Rows = set()
    control = ""
    for line in text.splitlines():
        if found := re.match(r"<details><summary><b>\w+</b> <code>([a-z-]+)</code>", line):
            control = found[1]
        elif " leaves open " in line:
            uris, names = (re.findall(r"`([^`]+)`", part) for part in line.split(" leaves open "))
            rows |= {(name, uri) for name in names for uri in uris if "://" in uri}
        elif found := re.match(r"- `([a-z-]+)` on `([^`]+)`", line):
            rows.add((found[1], found[2]))
        elif found := re.match(r"- `([^`]+)`(?: at .*)?$", line):
            rows |= {(control, found[1])} if "://" in found[1] else set()
    return rows


def in_html(text: str) -> Rows:
    return set(re.findall(r' data-control="([^"]+)" data-subject="([^"]+)">', text))


READERS: dict[str, Callable[[str], Rows]] = {
    "text": in_text,
    "json": in_json,
    "sarif": in_sarif,
    "code-scanning": in_sarif,
    "github": in_github,
    "gitlab": in_gitlab,
    "junit": in_junit,
    "csv": in_csv,
    "markdown": in_markdown,
    "html": in_html,
}


def expected(assessment: Assessment, name: str) -> Rows:
    left_out = FORMATS[name].counts_only
    return {
        (finding.control.id, finding.subject.uri)
        for finding in assessment.findings
        if standing(finding) not in left_out
        and not (FORMATS[name].failures_only and finding.outcome is not Outcome.FAIL)
    }


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("made", [mixed, planned, lambda: large(4, 5)])
def test_every_row_is_listed_unless_the_registry_says_it_is_counted(name: str, made: Callable[[], Assessment]) -> None:
    assert READERS[name](render(name, made(), Options())) == expected(made(), name)


def test_a_terminal_lists_every_row_on_demand() -> None:
    everything = {(finding.control.id, finding.subject.uri) for finding in mixed().findings}
    assert in_text(render("text", mixed(), Options(verbosity=2))) == everything


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("text", "counted and not listed: 7 pass, 1 not applicable"),
        ("sarif", "not listed here: 7 rows that pass, 1 that do not apply"),
        ("code-scanning", "not listed here: 4 rows unknown, 1 waived"),
        ("github", "(not listed: 1 waived, 7 pass, 1 not applicable)"),
        ("markdown", "| pass | 7 |  |\n| not applicable | 1 |  |"),
    ],
)
def test_rows_that_are_not_listed_are_counted(name: str, told: str) -> None:
    assert told in render(name, mixed(), Options())


def test_each_format_that_counts_is_in_the_test_above() -> None:
    counting = {name for name, known in FORMATS.items() if known.counts_only}
    assert counting == {"text", "sarif", "code-scanning", "github", "gitlab", "markdown"}  # GitLab's has no room for it
