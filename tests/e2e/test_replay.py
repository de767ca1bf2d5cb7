"""What comes after a scan: assessing it again, waivers, parameters, explanations, roles, and policies as files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from posture.adapters.registry import declared_calls
from posture.model.subjects import Provider
from posture.reports.registry import FORMATS
from posture.snapshot import dump, load
from tests.e2e.commands import Report, Row, Run, posture, scanned
from tests.e2e.world import CONFIGURATION, World, short_limits
from tests.testbeds.bed import READER_ROLES
from tests.testbeds.broken import Fault
from tests.testbeds.databricks import ACCOUNT

pytestmark = pytest.mark.peers

SOURCE = f"databricks://{ACCOUNT}"
GOOD = "s3://well-kept-audit-logs/audit"
RETIRED = "s3://retired-audit-logs"
HALF = "s3://half-readable-audit-logs/audit-logs"
BROKEN = (
    ("s3:GetBucketVersioning", Fault.THROTTLED),
    ("s3:GetBucketReplication", Fault.HALF),
    ("s3:GetBucketLifecycleConfiguration", Fault.WRONG_SHAPE),
    ("s3control:GetPublicAccessBlock", Fault.DENIED),
    ("kms:DescribeKey", Fault.RESET),
    ("cloudtrail:GetEventSelectors", Fault.CUT_OFF),
    ("iam:GetRole", Fault.MISSING_MEMBER),
)


def without_times(report: Report) -> str:
    return json.dumps({**report, "run": {**report["run"], "started": "", "finished": ""}}, indent=1)


@pytest.fixture(scope="module")
def kept(world: World, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run over the whole estate, with its snapshot."""
    world.mixed()
    folder = tmp_path_factory.mktemp("kept")
    (folder / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
    run = scanned(environment=world.environment, folder=folder)
    assert run.code == 1, run.err
    return run


@pytest.fixture
def again(kept: Run, world: World) -> Callable[..., Run]:
    """Another command in the folder of the kept run; the cloud must not be asked."""

    def run(*arguments: str) -> Run:
        before = len(world.bed.aws.calls), len(world.bed.databricks.calls)
        ended = posture(*arguments, environment={}, folder=kept.folder)
        assert (len(world.bed.aws.calls), len(world.bed.databricks.calls)) == before
        assert "Traceback" not in ended.err
        return ended

    return run


def test_a_snapshot_gives_the_same_result(kept: Run, again: Callable[..., Run]) -> None:
    run = again("assess", "snapshot.json", "--output", "again.json")
    assert run.code == kept.code
    assert without_times(run.read("again.json")) == without_times(kept.report)


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
def test_every_format_comes_out_the_same(kept: Run, again: Callable[..., Run], form: str) -> None:
    first, second = (again("assess", "snapshot.json", "--format", form) for _ in range(2))
    assert first.code == kept.code
    timeless = [re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}", "at", run.out) for run in (first, second)]
    assert timeless[0] == timeless[1]


def test_a_run_full_of_faults_is_replayed_as_it_was(world: World, tmp_path: Path) -> None:
    world.mixed()
    (tmp_path / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
    rules = [world.bed.aws.fault(operation, fault) for operation, fault in BROKEN]
    rules.append(world.bed.databricks.fault("databricks:networks", Fault.DENIED))
    with short_limits():
        run = scanned(environment=world.environment, folder=tmp_path)
    assert all(rule.met for rule in rules)
    assert (run.code, run.err) == (1, "")
    assert list(run.rows.values()).count("unknown") > 50
    world.good()
    second = posture("assess", "snapshot.json", "--output", "again.json", environment={}, folder=tmp_path)
    assert second.code == run.code
    assert without_times(second.read("again.json")) == without_times(run.report)
    assert world.bed.aws.calls == []


def test_a_snapshot_that_was_changed_is_refused(kept: Run, again: Callable[..., Run]) -> None:
    text = (kept.folder / "snapshot.json").read_text(encoding="utf-8")
    (kept.folder / "changed.json").write_text(text.replace("Suspended", "Enabled"), encoding="utf-8")
    run = again("assess", "changed.json")
    assert (run.code, run.out) == (2, "")
    assert "changed.json" in run.err


# --- baselines ---


def test_a_baseline_lets_a_run_pass_and_hides_nothing(kept: Run, again: Callable[..., Run]) -> None:
    written = again("assess", "snapshot.json", "--write-baseline", "baseline.json", "--output", "first.json")
    assert written.code == kept.code  # what is written now is for later runs
    bad = sum(written.read("first.json")["result"]["counts"][kind] for kind in ("fail", "unknown"))
    assert f"wrote the baseline baseline.json: {bad} rows, {bad} new, 0 gone" in written.err

    run = again("assess", "snapshot.json", "--baseline", "baseline.json", "--output", "known.json")
    report = run.read("known.json")
    assert report["result"]["counts"] | {"pass": 0, "not_applicable": 0} == {
        "fail": 0, "unknown": 0, "known": bad, "waived": 0, "pass": 0, "not_applicable": 0,
    }  # fmt: skip
    assert [row["outcome"] for row in report["findings"]] == [row["outcome"] for row in kept.report["findings"]]
    assert report["baseline"] | {"sha256": ""} == {"file": "baseline.json", "sha256": "", "rows": bad, "gone": 0}
    assert run.code == (3 if kept.report["unlooked"] else 0)


def test_a_row_that_a_baseline_lacks_fails_the_run(kept: Run, again: Callable[..., Run]) -> None:
    again("assess", "snapshot.json", "--write-baseline", "whole.json")
    whole = kept.read("whole.json")
    left = [row for row in whole["rows"] if row["outcome"] == "fail"][1:]
    (kept.folder / "part.json").write_text(json.dumps({**whole, "rows": left}), encoding="utf-8")
    run = again("assess", "snapshot.json", "--baseline", "part.json", "--output", "part-report.json")
    assert run.code == 1
    assert run.read("part-report.json")["result"]["counts"]["fail"] == 1


def test_a_baseline_keeps_its_first_days_and_is_refused_when_it_is_none(kept: Run, again: Callable[..., Run]) -> None:
    again("assess", "snapshot.json", "--write-baseline", "old.json")
    text = (kept.folder / "old.json").read_text(encoding="utf-8")
    earlier = re.sub(r'"first_seen": "[^"]+"', '"first_seen": "2020-02-02"', text)
    (kept.folder / "old.json").write_text(earlier, encoding="utf-8")
    run = again("assess", "snapshot.json", "--write-baseline", "old.json")
    assert (kept.folder / "old.json").read_text(encoding="utf-8") == earlier
    assert " 0 new, 0 gone" in run.err

    (kept.folder / "old.json").write_text(earlier.replace('"first_seen"', '"first_sean"', 1), encoding="utf-8")
    for option in ("--baseline", "--write-baseline"):
        refused = again("assess", "snapshot.json", option, "old.json")
        assert (refused.code, refused.out) == (2, "")
        assert "old.json:4: $.rows[0]: unknown key `first_sean`" in refused.err


# --- waivers ---


def waiver(kept: Run, control: str, subject: str, world: World, /, **changes: str) -> str:
    """A waiver file over a row of the kept run."""
    digest = next(
        row["facts_digest"] for row in kept.report["findings"] if (row["control"], row["subject"]) == (control, subject)
    )
    entry = {
        "id": "w-1",
        "control": control,
        "subject": subject,
        "status": "accepted_risk",
        "reason": "decommissioned at the end of the quarter",
        "owner": "ada@example.com",
        "approver": "grace@example.com",
        "ticket": "SEC-1",
        "created": f"{world.now - timedelta(days=30):%Y-%m-%d}",
        "expires": f"{world.now + timedelta(days=60):%Y-%m-%d}",
        "facts": digest,
        **changes,
    }
    (kept.folder / "waivers.yaml").write_text(json.dumps({"waivers": [entry]}), encoding="utf-8")
    return "waivers.yaml"


def waived(again: Callable[..., Run], control: str, subject: str, file: str) -> Report:
    run = again("assess", "snapshot.json", "--waivers", file, "--output", "waived.json")
    report = run.read("waived.json")
    row: Report = next(row for row in report["findings"] if (row["control"], row["subject"]) == (control, subject))
    return {**row, "unmatched": report["unmatched_waivers"], "said": run.out}


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (("versioning-enabled", RETIRED), "fail"),
        (("versioning-enabled", HALF), "unknown"),
        (("audit-log-delivery-recent", SOURCE), "fail"),
    ],
    ids=["a store's failure", "what is unknown", "a source's failure"],
)
def test_a_waiver_holds_and_its_row_stays(
    kept: Run, again: Callable[..., Run], world: World, row: Row, outcome: str
) -> None:
    found = waived(again, *row, waiver(kept, *row, world))
    assert (found["outcome"], found["standing"], found["waiver"]["state"]) == (outcome, "waived", "holds")
    assert "w-1" in found["said"]


def test_a_waiver_expires(kept: Run, again: Callable[..., Run], world: World) -> None:
    past = {"expires": f"{world.now - timedelta(days=1):%Y-%m-%d}"}
    row = waived(again, "versioning-enabled", RETIRED, waiver(kept, "versioning-enabled", RETIRED, world, **past))
    assert (row["standing"], row["waiver"]["state"]) == ("fail", "expired")


def test_a_waiver_does_not_outlive_its_facts(kept: Run, again: Callable[..., Run], world: World) -> None:
    other = {"facts": "0" * 64}
    row = waived(again, "versioning-enabled", RETIRED, waiver(kept, "versioning-enabled", RETIRED, world, **other))
    assert (row["standing"], row["waiver"]["state"]) == ("fail", "changed")


def test_a_waiver_that_names_no_row_is_told(kept: Run, again: Callable[..., Run], world: World) -> None:
    gone = {"subject": "s3://long-gone"}
    row = waived(again, "versioning-enabled", RETIRED, waiver(kept, "versioning-enabled", RETIRED, world, **gone))
    assert (row["standing"], row["waiver"], row["unmatched"]) == ("fail", None, ["w-1"])
    assert "w-1" in row["said"]


def test_a_waiver_of_an_unknown_control_is_refused(kept: Run, again: Callable[..., Run], world: World) -> None:
    file = waiver(kept, "versioning-enabled", RETIRED, world, control="versioning-enable")
    run = again("assess", "snapshot.json", "--waivers", file)
    assert (run.code, run.out) == (2, "")
    assert "versioning-enabled" in run.err


def test_a_run_in_which_all_that_is_wrong_is_waived_is_clean(
    kept: Run, again: Callable[..., Run], world: World
) -> None:
    policy = kept.folder / "one.yaml"
    shown = again("policy", "check", "default")
    assert shown.code == 0
    policy.write_text(ONE_CONTROL, encoding="utf-8")
    first = again("assess", "snapshot.json", "--policy", "one.yaml", "--output", "one.json")
    rows = [row for row in first.read("one.json")["findings"] if row["outcome"] in {"fail", "unknown"}]
    assert first.code == 1
    entries = [
        {
            "id": f"w-{number}",
            "control": "no-open-cors",
            "subject": row["subject"],
            "status": "accepted_risk",
            "reason": "known",
            "owner": "ada@example.com",
            "approver": "grace@example.com",
            "ticket": "SEC-2",
            "created": f"{world.now:%Y-%m-%d}",
            "expires": f"{world.now + timedelta(days=9):%Y-%m-%d}",
            "facts": row["facts_digest"],
        }
        for number, row in enumerate(rows)
    ]
    (kept.folder / "all.yaml").write_text(json.dumps({"waivers": entries}), encoding="utf-8")
    run = again("assess", "snapshot.json", "--policy", "one.yaml", "--waivers", "all.yaml", "--output", "two.json")
    counts = run.read("two.json")["result"]["counts"]
    assert counts["waived"] == len(rows)
    assert run.code == 3, "one place could not be looked into, whatever is waived"


ONE_CONTROL = """\
policy: one
title: One control
controls:
  - id: no-open-cors
    title: No origin but ours may read
    severity: high
    since: "0.1"
    about: store
    why: For a test.
    fix: {aws: Remove the rule.}
    references: {soc2: ["CC6.1"]}
    require: {exposure.public_cors: {equals: false}}
    examples:
      pass: [{exposure.public_cors: false}]
      fail: [{exposure.public_cors: true}]
      unknown: [{exposure.public_cors: {unknown: denied}}]
"""


# --- rules and reports ---


def test_a_control_is_checked_alone(kept: Run, again: Callable[..., Run], world: World) -> None:
    file = waiver(kept, "versioning-enabled", RETIRED, world)
    arguments = ("--control", "website-hosting-off", "--waivers", file, "--output", "alone.json")
    narrow = again("assess", "snapshot.json", *arguments)
    report = narrow.read("alone.json")
    assert report["run"]["selection"] == {
        "controls": ["website-hosting-off"],
        "of": sum(policy["controls"] for policy in kept.report["run"]["policies"]),
    }
    assert "selected by --control: website-hosting-off" in " ".join(narrow.out.split())
    rows = {(row["control"], row["subject"]): row["outcome"] for row in report["findings"]}
    assert rows == {row: outcome for row, outcome in kept.rows.items() if row[0] == "website-hosting-off"}
    assert report["unmatched_waivers"] == [], "a waiver of what is not looked at names nothing here"
    run = again("assess", "snapshot.json", "--policy", "default", "--output", "whole.json")
    whole = run.read("whole.json")
    assert (whole["result"], whole["run"]["selection"]) == (kept.report["result"], None)
    wrong = again("assess", "snapshot.json", "--control", "website-hosting-of")
    assert (wrong.code, wrong.out) == (2, "")
    assert "website-hosting-off" in wrong.err


def test_a_parameter_moves_the_line(kept: Run, again: Callable[..., Run]) -> None:
    again("assess", "snapshot.json", "--parameter", "minimum_retention_days=90", "--output", "p.json")
    report = kept.read("p.json")
    rows = {(row["control"], row["subject"]): row["outcome"] for row in report["findings"]}
    assert kept.rows["retained-long-enough", RETIRED] == "fail"
    assert rows["retained-long-enough", RETIRED] == "pass"
    assert rows["older-versions-retained-long-enough", RETIRED] == "fail"
    assert {row for row in rows if rows[row] != kept.rows[row]} == {("retained-long-enough", RETIRED)}
    (used,) = (use for use in report["run"]["policies"][0]["parameters"] if use["name"] == "minimum_retention_days")
    assert (used["value"], used["default"], used["overridden"]) == ("90", "365", True)


def test_several_reports_at_once_and_one_on_the_terminal(kept: Run, again: Callable[..., Run]) -> None:
    files = ("--output", "a.json", "--output", "a.sarif", "--output", "a.md")
    run = again("assess", "snapshot.json", *files)
    assert run.code == 1
    assert kept.read("a.json")["result"] == kept.report["result"]
    assert kept.read("a.sarif")["version"] == "2.1.0"
    assert RETIRED in (kept.folder / "a.md").read_text(encoding="utf-8")
    assert RETIRED in run.out
    run = again("assess", "snapshot.json", "--format", "csv", "--format", "json", "--output", "b.csv")
    assert json.loads(run.out)["result"] == kept.report["result"]
    assert (kept.folder / "b.csv").read_text(encoding="utf-8").count(RETIRED) >= 39


def test_a_store_is_explained(kept: Run, again: Callable[..., Run]) -> None:
    run = again("explain", RETIRED, "--snapshot", "snapshot.json")
    assert run.code == 0
    said = " ".join(run.out.split())
    for words in ("333333333333", "eu-west-1", "integrity.versioning: suspended", "s3:GetBucketVersioning"):
        assert words in said
    for control in {control for control, subject in kept.rows if subject == RETIRED}:
        assert control in run.out
    run = again("explain", HALF, "--snapshot", "snapshot.json")
    assert "needs s3:GetBucketVersioning" in run.out


def test_a_control_is_explained(kept: Run, again: Callable[..., Run]) -> None:
    assert "integrity.versioning" in again("explain", "versioning-enabled").out
    said = again("explain", "versioning-enabled", "--snapshot", "snapshot.json").out
    for subject in {subject for control, subject in kept.rows if control == "versioning-enabled"}:
        assert subject in said


def test_what_options_say_of_rules_holds_for_an_explanation_too(kept: Run, again: Callable[..., Run]) -> None:
    """A control of our own, in the configuration or in the run that was saved, is explained like any other."""
    (kept.folder / "ours.yaml").write_text(ONE_CONTROL.replace("no-open-cors", "our-cors"), encoding="utf-8")
    (kept.folder / "rules.yaml").write_text("policies: [ours.yaml]\n", encoding="utf-8")
    assert again("explain", "our-cors").code == 2
    assert "our-cors" in again("explain", "our-cors", "--config", "rules.yaml").out
    judged = again("explain", "our-cors", "--snapshot", "snapshot.json", "--policy", "ours.yaml")
    assert f"FAIL      {RETIRED}" in judged.out
    years = ("--parameter", "minimum_retention_days=4000")
    said = again("explain", "retained-long-enough", "--snapshot", "snapshot.json", *years).out
    assert "expected at least 4000" in said
    assert "expected at least 365" not in said
    refused = again("explain", RETIRED, "--snapshot", "snapshot.json", "--store", HALF)
    assert (refused.code, "--store says what to read" in refused.err) == (2, True)


def test_a_store_that_was_not_found_is_not_explained(again: Callable[..., Run]) -> None:
    run = again("explain", "s3://retired-audit-log", "--snapshot", "snapshot.json")
    assert run.code == 2
    assert RETIRED in run.err


def test_the_role_for_aws_is_complete_in_both_forms(again: Callable[..., Run]) -> None:
    role = json.loads(again("permissions", "--cloud", "aws").out)
    actions = {action for statement in role["Statement"] for action in statement["Action"]}
    assert actions == {call.permission for call in declared_calls(Provider.AWS) if call.permission}
    (become,) = (statement for statement in role["Statement"] if "sts:AssumeRole" in statement["Action"])
    assert sorted(become["Resource"]) == sorted(READER_ROLES.values()), "those of posture.yaml, and no others"
    terraform = again("permissions", "--cloud", "aws", "--format", "terraform").out
    assert all(f'"{action}"' in terraform for action in actions)


def test_the_role_for_databricks_is_told_in_both_forms(again: Callable[..., Run]) -> None:
    told = again("permissions", "--cloud", "databricks")
    assert json.loads(told.out)
    terraform = again("permissions", "--cloud", "databricks", "--format", "terraform").out
    assert "databricks_service_principal" in terraform
    for text in (told.out, terraform):
        assert "account" in text
        assert "admin" in text


def test_policies_are_checked_listed_and_shown(kept: Run, again: Callable[..., Run]) -> None:
    assert "0 wrong" in again("policy", "check", "default").out
    (kept.folder / "bad.yaml").write_text(
        ONE_CONTROL.replace("[{exposure.public_cors: true}]", "[{exposure.public_cors: false}]")
    )
    run = again("policy", "check", "bad.yaml")
    assert run.code == 2
    assert "bad.yaml:15: `no-open-cors`: an example listed under fail, gives pass (exposure.public_cors" in run.err
    listed = again("policy", "list").out
    controls = {control for control, _ in kept.rows}
    assert all(control in listed for control in controls)
    for control in sorted(controls):
        shown = again("policy", "show", control)
        assert shown.code == 0
        assert control in shown.out
    schema = json.loads(again("policy", "schema").out)
    assert schema["$schema"].startswith("https://json-schema.org/")


def test_a_policy_of_which_nothing_is_in_force_judges_nothing(kept: Run, again: Callable[..., Run]) -> None:
    """It can be listed; a run by it would pass whatever it saw."""
    text = ONE_CONTROL.replace("about: store", "about: store\n    status: deprecated")
    (kept.folder / "retired.yaml").write_text(text.replace("title: One control", 'title: "One\\e control"'), "utf-8")
    listed = again("policy", "list", "--policy", "retired.yaml")
    assert (listed.code, listed.out.splitlines()[1:]) == (0, ["  and 1 retired control, never judged"])
    assert "\x1b" not in listed.out
    run = again("assess", "snapshot.json", "--policy", "retired.yaml")
    assert (run.code, run.out) == (2, "")
    assert "retired.yaml: every control is retired" in run.err


@pytest.mark.parametrize("words", [("assess",), ("explain", "versioning-enabled", "--snapshot")])
def test_policies_that_another_release_saved_are_told_as_its(
    kept: Run, again: Callable[..., Run], words: tuple[str, ...]
) -> None:
    saved = load((kept.folder / "snapshot.json").read_text(encoding="utf-8"), "snapshot.json")
    (policy,) = saved.request.policies
    older = replace(policy, text=policy.text.replace("integrity.versioning", "integrity.versions"))
    text = dump(replace(saved, version="0.0.9", request=replace(saved.request, policies=(older,))))
    (kept.folder / "older.json").write_text(text, encoding="utf-8")
    run = again(*words, "older.json")
    assert run.code == 2
    assert "older.json: its policies, saved by posture 0.0.9, are refused by this release: audit-log-st" in run.err
    assert "`--policy default`" in run.err
    assert again(*words, "older.json", "--policy", "default").code in {0, 1}
