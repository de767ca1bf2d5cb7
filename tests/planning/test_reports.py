"""What CI gets of a plan: alerts that keep their identity, rows on their lines, a baseline, what is introduced."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from jsonschema import Draft4Validator, Draft202012Validator

from posture.cli import main
from posture.model.logic import Outcome
from posture.planning import Asked, plan
from posture.policy.baseline import baseline_text, parse_baseline
from posture.reports.options import Options
from posture.reports.registry import FORMATS, render
from posture.snapshot import Document
from tests.planning.estate import BLOCK, BUCKET, VERSIONING, changing, judged, request
from tests.terraform.plans import change, planned

TESTS = Path(__file__).parent.parent
GENERATED = sorted((TESTS / "terraform" / "generated").glob("*.json"))
CONFIGURATIONS = TESTS / "terraform" / "configurations"
REFERENCE = TESTS / "terraform" / "generated" / "reference-create.json"
EVERYTHING = Asked(everything=True)


def schema(name: str) -> Any:  # noqa: ANN401 - the schema of a schema
    return json.loads((TESTS / "reports" / "schemas" / name).read_text(encoding="utf-8"))


def posture(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """A run of `posture plan`: its code, and its report as JSON."""
    code = main(["plan", *arguments, "--format", "json", "--output", str(folder / "report.json"), "--format", "github"])
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return code, report


def prints(report: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return {row["fingerprint"]: (row["control"], row["subject"]) for row in report["findings"]}


# --- every plan that Terraform made ---


@pytest.mark.parametrize("file", [file for file in GENERATED if file.stem != "errored"], ids=lambda file: file.stem)
def test_reports_of_real_plans_are_valid_and_tell_rows_apart(file: Path, tmp_path: Path) -> None:
    outputs = {name: tmp_path / f"report.{FORMATS[name].extension}" for name in FORMATS}
    arguments = [part for path in outputs.values() for part in ("--output", str(path))]
    assert main(["plan", str(file), "--all-buckets", *arguments]) in {0, 1, 3, 4}
    for name in ("sarif", "code-scanning"):
        log = json.loads(outputs[name].read_text(encoding="utf-8"))
        Draft4Validator(schema("sarif-2.1.0-rtm.5.json")).validate(log)
        found = [result["partialFingerprints"]["primaryLocationLineHash"] for result in log["runs"][0]["results"]]
        assert len(set(found)) == len(found)
    entries = json.loads(outputs["gitlab"].read_text(encoding="utf-8"))
    Draft202012Validator(schema("gitlab-code-quality.json")).validate(entries)
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)
    xmlschema.XMLSchema(str(TESTS / "reports" / "schemas" / "junit.xsd")).validate(outputs["junit"].read_text("utf-8"))


# --- identity ---


def test_rows_are_the_same_before_and_after_apply(tmp_path: Path) -> None:
    (_, create), (_, later) = (
        posture(tmp_path, str(REFERENCE.with_name(f"reference-{name}.json")), "--all-buckets")
        for name in ("create", "no-op")
    )
    assert prints(create) == prints(later)


def test_a_row_keeps_its_fingerprint_when_its_lines_move(tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(CONFIGURATIONS / "reference", moved)
    for file in moved.rglob("*.tf"):
        file.write_text(f"# a comment\n\n\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    reports = [
        posture(tmp_path, str(REFERENCE), "--all-buckets", "--source", str(source))[1]
        for source in (CONFIGURATIONS / "reference", moved)
    ]
    assert prints(reports[0]) == prints(reports[1])
    first, second = ([row["places"][0]["line"] for row in report["findings"] if row["places"]] for report in reports)
    assert second == [line + 3 for line in first]
    assert len(set(first)) > 3


def test_a_bucket_keeps_its_fingerprints_when_its_name_becomes_known() -> None:
    values = {"bucket_prefix": "acme-", "force_destroy": False}
    former = planned([change(BUCKET, values, ["bucket", "id", "arn"])])
    named = {**values, "bucket": "acme-1f", "id": "acme-1f", "arn": "arn:aws:s3:::acme-1f"}
    later = planned([change(BUCKET, named, actions=("no-op",), before=named)])
    first, second = (judged(each, EVERYTHING).assessment.findings for each in (former, later))
    assert {row.subject.uri for row in first} != {row.subject.uri for row in second}
    assert {row.fingerprint for row in first} == {row.fingerprint for row in second}


# --- baseline and --introduced ---


def test_a_baseline_of_a_plan_leaves_what_is_new(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    code, first = posture(tmp_path, str(REFERENCE), "--all-buckets", "--write-baseline", str(baseline))
    assert code == 1
    known = ("plan", str(REFERENCE), "--all-buckets", "--baseline", str(baseline))
    assert main(list(known)) == 0
    document = json.loads(baseline.read_text(encoding="utf-8"))
    left = [row for row in document["rows"] if row["control"] != "versioning-enabled"]
    assert len(left) == len(document["rows"]) - 1
    baseline.write_text(json.dumps({**document, "rows": left}), encoding="utf-8")
    code, second = posture(tmp_path, *known[1:])
    assert code == 1
    assert [row["control"] for row in second["findings"] if row["standing"] == "fail"] == ["versioning-enabled"]
    assert len(first["findings"]) == len(second["findings"])


def test_a_baseline_does_not_cover_what_a_later_plan_makes_worse() -> None:
    bad = changing({BLOCK: {"block_public_policy": False}})
    worse = changing({BLOCK: {"block_public_policy": False}, VERSIONING: {"versioning_configuration": []}})
    rows = judged(bad).assessment.findings
    text = baseline_text(rows, date(2026, 6, 1))
    with_baseline = replace(request(), baseline=Document(file="b.json", text=text))
    standing = {
        row.control.id: row.counts
        for row in plan(with_baseline, worse, Asked()).assessment.findings
        if row.outcome is Outcome.FAIL
    }
    assert parse_baseline(text, "b.json").entries
    assert standing["versioning-enabled"]
    assert not all(standing.values())


def test_what_a_plan_does_not_make_worse_is_known_and_shown() -> None:
    tfplan = changing({VERSIONING: {"versioning_configuration": [{"status": "Suspended", "mfa_delete": ""}]}})
    outcome = judged(tfplan, Asked(introduced=True))
    failed = [row for row in outcome.assessment.findings if row.outcome is Outcome.FAIL]
    assert "versioning-enabled" in {row.control.id for row in failed if row.introduced}
    log = json.loads(render("sarif", outcome.assessment, Options()))["runs"][0]["results"]
    states = {result["ruleId"].split("/")[1]: result["baselineState"] for result in log}
    assert states["versioning-enabled"] == "new"
    assert "unchanged" in states.values()
    assert len(log) == sum(row.outcome in (Outcome.FAIL, Outcome.UNKNOWN) for row in outcome.assessment.findings)
