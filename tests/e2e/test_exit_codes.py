"""How a run ends: each exit code, which of them wins, and that reports are written whatever it is."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from posture.adapters.aws.wing import AwsWing
from posture.adapters.wing import Followed
from posture.model.leads import Lead
from posture.model.settings import Settings
from posture.reading import Reading
from posture.snapshot import Document, Request, Snapshot, dump
from tests.e2e.commands import COMMAND, Run, installed, posture, scanned
from tests.e2e.policies import policy
from tests.e2e.world import CONFIGURATION, World, short_limits
from tests.testbeds.broken import Fault
from tests.testbeds.databricks import CLIENT_SECRET

pytestmark = pytest.mark.peers

TEMPLATE = "s3://template-audit-logs/audit-logs"
RETIRED = "s3://retired-audit-logs"
HALF = "s3://half-readable-audit-logs/audit-logs"
CLOSED = "s3://unreadable-audit-logs/audit-logs"
VERSIONED = ("integrity.versioning", "enabled")


@pytest.fixture
def stores(world: World, tmp_path: Path) -> Callable[..., Run]:
    """A scan of named stores only: Databricks is not asked, one policy decides."""
    world.hidden()
    accounts = world.configuration.partition("accounts:")[2]
    (tmp_path / CONFIGURATION).write_text(f"accounts:{accounts}", encoding="utf-8")

    def scan(*arguments: str) -> Run:
        return scanned(*arguments, environment=world.environment, folder=tmp_path)

    return scan


@pytest.fixture
def refused(world: World, tmp_path: Path) -> Callable[..., Run]:
    """A command that must be refused before anything is read."""
    world.good()

    def run(*arguments: str, **changes: str) -> Run:
        environment = {**world.environment, **changes}
        ended = posture(*arguments, environment={k: v for k, v in environment.items() if v}, folder=tmp_path)
        assert ended.code == 2, ended.out
        assert "Traceback" not in ended.err
        assert ended.err
        return ended

    return run


def test_0_when_everything_passes(stores: Callable[..., Run], tmp_path: Path) -> None:
    run = stores("--store", HALF, "--policy", policy(tmp_path, "exposure.website", "false"))
    assert (run.code, run.report["result"]["exit_code"], set(run.rows.values())) == (0, 0, {"pass"})


def test_1_when_a_control_fails(stores: Callable[..., Run], tmp_path: Path) -> None:
    run = stores("--store", RETIRED, "--policy", policy(tmp_path, *VERSIONED))
    assert (run.code, run.report["result"]["exit_code"], set(run.rows.values())) == (1, 1, {"fail"})


def test_3_when_something_is_unknown(stores: Callable[..., Run], tmp_path: Path) -> None:
    run = stores("--store", HALF, "--policy", policy(tmp_path, *VERSIONED))
    assert (run.code, run.report["result"]["exit_code"], set(run.rows.values())) == (3, 3, {"unknown"})


def test_3_when_discovery_is_incomplete_though_every_row_passes(world: World, tmp_path: Path) -> None:
    world.good()
    world.bed.aws.fault("s3:GetBucketReplication", Fault.DENIED, resource="well-kept-audit-logs")
    (tmp_path / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
    rule = ("--policy", policy(tmp_path, "exposure.website", "false"))
    for leave in ((), ("--allow-unknown",)):
        run = scanned(*rule, *leave, environment=world.environment, folder=tmp_path)
        assert (run.code, set(run.rows.values())) == (3, {"pass"})
        assert run.report["unlooked"]


def test_4_when_there_was_nothing_to_check(world: World, tmp_path: Path) -> None:
    """The command line always names something; a snapshot of the library's may not."""
    text = (tmp_path / policy(tmp_path, *VERSIONED)).read_text(encoding="utf-8")
    request = Request(
        settings=Settings(), policies=(Document(file="p.yaml", text=text),), as_of=f"{world.now:%Y-%m-%dT%H:%M:%SZ}"
    )
    (tmp_path / "empty.json").write_text(dump(Snapshot(request=request, kept=(), version="0")), encoding="utf-8")
    arguments = ("assess", "empty.json", "--output", "report.json")
    run = posture(*arguments, environment=world.environment, folder=tmp_path)
    assert (run.code, run.report["result"]["exit_code"], run.rows) == (4, 4, {})


def test_70_for_a_bug_in_a_wing(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(_wing: AwsWing, _lead: Lead, _reading: Reading) -> Followed:
        raise ZeroDivisionError("the secret of the universe")

    world.bad()
    monkeypatch.setattr(AwsWing, "follow", bug)
    run = posture("scan", "--store", RETIRED, environment=world.environment, folder=tmp_path)
    assert (run.code, run.out) == (70, "")
    assert "this is a bug in posture: ZeroDivisionError" in run.err
    assert "POSTURE_TRACEBACK=1" in run.err
    assert "Traceback" not in run.err
    assert "the secret of the universe" not in run.err
    told = {**world.environment, "POSTURE_TRACEBACK": "1"}
    assert "Traceback" in posture("scan", "--store", RETIRED, environment=told, folder=tmp_path).err


def test_130_when_interrupted_while_a_server_hangs(world: World, tmp_path: Path) -> None:
    world.good()
    rule = world.bed.aws.fault("s3:GetBucketAcl", Fault.HANG)
    scan = subprocess.Popen(  # noqa: S603 our own program
        [str(COMMAND), "scan", "--store", TEMPLATE],
        env=world.environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with scan:
        while not rule.met:
            assert scan.poll() is None
        scan.send_signal(signal.SIGINT)
        try:
            _, err = scan.communicate(timeout=10)
        finally:
            scan.kill()
            world.bed.aws.reset()
    assert scan.returncode == 130
    assert "posture: interrupted" in err
    assert "Traceback" not in err


def test_130_when_the_reader_of_its_output_leaves(world: World, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [str(COMMAND), "policy", "list"]
    run = subprocess.run(  # noqa: S603 our own program
        command, env=world.environment, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (run.returncode, run.stderr) == (130, "")


def test_a_failure_wins_over_what_is_unknown(stores: Callable[..., Run], tmp_path: Path) -> None:
    run = stores("--store", RETIRED, "--store", HALF, "--policy", policy(tmp_path, *VERSIONED))
    assert set(run.rows.values()) == {"fail", "unknown"}
    assert run.code == 1


def test_what_is_unknown_wins_over_a_failure_below_the_threshold(stores: Callable[..., Run], tmp_path: Path) -> None:
    both = ("--store", RETIRED, "--store", HALF, "--policy", policy(tmp_path, *VERSIONED))
    assert stores(*both, "--fail-on", "critical").code == 3
    assert stores(*both, "--fail-on", "critical", "--allow-unknown").code == 0
    assert stores(*both, "--allow-unknown").code == 1


@pytest.mark.parametrize("severity", ["low", "medium", "high", "critical"])
@pytest.mark.parametrize("threshold", ["low", "medium", "high", "critical"])
def test_only_failures_at_the_threshold_count(
    stores: Callable[..., Run], tmp_path: Path, severity: str, threshold: str
) -> None:
    rule = policy(tmp_path, *VERSIONED, severity=severity)
    run = stores("--store", RETIRED, "--policy", rule, "--fail-on", threshold)
    ranks = ["low", "medium", "high", "critical"]
    assert run.code == (1 if ranks.index(severity) >= ranks.index(threshold) else 0)
    assert set(run.rows.values()) == {"fail"}, "a failure below the threshold stays visible"
    assert "not versioned" in run.out or "suspended" in run.out


def test_leave_for_the_unknown_is_said(stores: Callable[..., Run], tmp_path: Path) -> None:
    run = stores("--store", HALF, "--policy", policy(tmp_path, *VERSIONED), "--allow-unknown")
    assert run.code == 0
    assert run.report["result"]["exit_code_if_unknown_is_not_allowed"] == 3
    assert "unknown, which was allowed; the code would have been 3" in run.out


def test_there_is_no_leave_where_discovery_is_incomplete(stores: Callable[..., Run], tmp_path: Path) -> None:
    run = stores("--store", CLOSED, "--policy", policy(tmp_path, *VERSIONED), "--allow-unknown")
    assert run.report["unlooked"]
    assert run.code == 3


def test_the_installed_command_ends_with_the_same_codes(world: World, tmp_path: Path) -> None:
    world.hidden()
    accounts = world.configuration.partition("accounts:")[2]
    (tmp_path / CONFIGURATION).write_text(f"accounts:{accounts}", encoding="utf-8")
    rule = ("--policy", policy(tmp_path, *VERSIONED), "--output", "report.json")
    for store, code in ((RETIRED, 1), (HALF, 3)):
        run = installed("scan", "--store", store, *rule, environment=world.environment, folder=tmp_path)
        assert (run.code, run.report["result"]["exit_code"]) == (code, code), run.err
    run = installed("scan", "--store", "not-a-store", environment=world.environment, folder=tmp_path)
    assert (run.code, run.out) == (2, "")


REFUSED_TEXTS = {
    "policy": ("controls: [", "policies.yaml"),
    "misspelt policy": ("policy: p\ntitle: t\ncontrolz: []\n", "policies.yaml"),
    "waivers": ("waivers: [{id: w}]\n", "waivers.yaml"),
    "configuration": ("databrick: []\n", "posture.yaml"),
    "snapshot": ('{"schema": "something else"}', "snapshot.json"),
}


@pytest.mark.parametrize("kind", REFUSED_TEXTS)
def test_2_for_a_file_that_is_refused(kind: str, refused: Callable[..., Run], tmp_path: Path) -> None:
    text, name = REFUSED_TEXTS[kind]
    (tmp_path / name).write_text(text, encoding="utf-8")
    command = {
        "policies.yaml": ("scan", "--store", TEMPLATE, "--policy", name),
        "waivers.yaml": ("scan", "--store", TEMPLATE, "--waivers", name),
        "posture.yaml": ("scan",),
        "snapshot.json": ("assess", name),
    }[name]
    assert name in refused(*command, "--output", "report.json").err
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scann",), "scann"),
        (("scan", "--stores", TEMPLATE), "--stores"),
        (("scan", "--store", "ftp://bucket"), "ftp://bucket"),
        (("scan", "--store", TEMPLATE, "--fail-on", "terrible"), "terrible"),
        (("scan", "--store", TEMPLATE, "--format", "pdf"), "pdf"),
        (("scan", "--store", TEMPLATE, "--format", "json", "--format", "csv"), "cannot both be printed"),
        (("scan", "--store", TEMPLATE, "--parameter", "minimum_retention_days"), "NAME=VALUE"),
        (("scan", "--store", TEMPLATE, "--parameter", "minimum_retention_days=89"), "minimum_retention_days"),
        (("scan", "--store", TEMPLATE, "--parameter", "minimum_retention=900"), "minimum_retention"),
        (("scan", "--store", TEMPLATE, "--policy", "nowhere.yaml"), "nowhere.yaml"),
        (("scan", "--store", TEMPLATE, "--config", "nowhere.yaml"), "nowhere.yaml"),
        (("scan", "--store", TEMPLATE, "--output", "nowhere/report.json"), "nowhere"),
        (("scan", "--store", TEMPLATE, "--format", "json", "--output", "."), "folder"),
        (("scan", "--store", TEMPLATE, "--output", "report.unheard-of"), "report.unheard-of"),
        (("scan", "--store", TEMPLATE, "--save", "nowhere/snapshot.json"), "nowhere"),
        (("assess", "nowhere.json"), "nowhere.json"),
        (("explain", "no-such-control"), "no-such-control"),
        (("policy", "show", "no-such-control"), "no-such-control"),
        (("permissions", "--cloud", "ibm"), "ibm"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_2_for_what_cannot_be(
    arguments: tuple[str, ...], words: str, refused: Callable[..., Run], world: World
) -> None:
    assert words in refused(*arguments).err
    assert world.bed.aws.calls == [], "it was refused, and yet the cloud was asked"


def test_2_without_credentials_for_aws(refused: Callable[..., Run]) -> None:
    run = refused("scan", "--store", TEMPLATE, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert "no usable credentials for AWS" in run.err
    assert "AWS_PROFILE" in run.err


def test_2_without_credentials_for_databricks(refused: Callable[..., Run]) -> None:
    run = refused("scan", DATABRICKS_CLIENT_ID="", DATABRICKS_CLIENT_SECRET="")
    assert "no credentials for Databricks" in run.err
    assert "DATABRICKS_CLIENT_SECRET" in run.err


FORMATS = ("txt", "json", "sarif", "xml", "csv", "md", "html")


@pytest.mark.parametrize(("store", "code"), [(RETIRED, 1), (HALF, 3), (TEMPLATE, 0)])
def test_reports_are_written_whatever_the_code(
    stores: Callable[..., Run], tmp_path: Path, store: str, code: int
) -> None:
    field = ("exposure.website", "false") if code == 0 else VERSIONED
    outputs = [argument for ending in FORMATS for argument in ("--output", f"all.{ending}")]
    assert stores("-v", "--store", store, "--policy", policy(tmp_path, *field), *outputs).code == code
    for ending in FORMATS:
        text = (tmp_path / f"all.{ending}").read_text(encoding="utf-8")
        passed_over = ending in {"sarif", "md"} and code == 0  # they list what a reviewer must look at
        assert store in text or passed_over, ending
        assert len(text) > 200, ending


SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "seeded-secret-key-of-forty-characters-00",
    "AWS_SESSION_TOKEN": "seeded-session-token-of-the-environment",
}
EXTERNAL_ID = "seeded-external-id"


@pytest.mark.parametrize("fault", [None, Fault.DENIED, Fault.WRONG_SHAPE, Fault.HALF, Fault.RESET])
def test_no_secret_is_ever_written(world: World, tmp_path: Path, fault: Fault | None) -> None:
    world.mixed()
    configuration = world.configuration.replace('"}', f'", external_id: {EXTERNAL_ID}}}')
    assert EXTERNAL_ID in configuration
    (tmp_path / CONFIGURATION).write_text(configuration, encoding="utf-8")
    if fault is not None:
        for operation in ("s3:GetBucketAcl", "kms:DescribeKey", "sts:AssumeRole", "iam:GetRole"):
            world.bed.aws.fault(operation, fault)
        world.bed.databricks.fault("databricks:workspaces", fault)
    environment = {**world.environment, **SECRETS}
    outputs = [argument for ending in FORMATS for argument in ("--output", f"all.{ending}")]
    world.bed.aws.memory = {}
    with short_limits():
        run = scanned("-vv", *outputs, environment=environment, folder=tmp_path)
    assert run.code == 1, run.err
    sent = {call.detail for call in world.bed.aws.calls if call.operation == "sts:AssumeRole"}
    assert any(EXTERNAL_ID in detail for detail in sent), "the secrets were not in use"
    issued = issued_by(world)
    assert bool(issued) is (fault is None)
    (tmp_path / CONFIGURATION).unlink()
    said = run.said
    assert TEMPLATE in said
    for secret in (*SECRETS.values(), CLIENT_SECRET, EXTERNAL_ID, "issued-0-to", *issued):
        assert secret not in said


def issued_by(world: World) -> set[str]:
    """The secrets that AWS gave out for roles, and then forgets."""
    answers, world.bed.aws.memory = world.bed.aws.memory or {}, None
    texts = [answer.body.decode() for call, answer in answers.items() if call.operation == "sts:AssumeRole"]
    return {found for text in texts for found in re.findall(r"<(?:SecretAccessKey|SessionToken)>([^<]+)<", text)}


def test_no_secret_is_written_when_signing_in_fails(refused: Callable[..., Run]) -> None:
    wrong = "wrong-secret-of-the-environment"
    run = refused("scan", DATABRICKS_CLIENT_SECRET=wrong)
    assert wrong not in run.out + run.err


def test_the_code_in_the_report_is_the_code_of_the_process(stores: Callable[..., Run], tmp_path: Path) -> None:
    run = stores("--store", HALF, "--store", RETIRED, "--policy", policy(tmp_path, *VERSIONED))
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["result"]["exit_code"] == run.code
