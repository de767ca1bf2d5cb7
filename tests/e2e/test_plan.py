"""`posture plan` as a user runs it: exit codes, what is looked at, the context of a real scan, and bad input."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.commands import COMMAND, Run, installed, posture, scanned
from tests.e2e.policies import policy
from tests.e2e.world import CONFIGURATION, World
from tests.planning.estate import BUCKET, DELIVERY, NOW, POLICY, VERSIONING, changed
from tests.terraform.plans import Free, change, document

SUSPENDED = {VERSIONING: {"versioning_configuration": [{"status": "Suspended"}]}}
DATABRICKS = tuple(address for address in NOW if address.startswith("databricks"))
SECONDS = 20.0  # that any refusal may take on a busy machine


@pytest.fixture
def planned(tmp_path: Path) -> Callable[..., Run]:
    """Check a plan by one policy on versioning, with a report."""
    rule = policy(tmp_path, "integrity.versioning", "enabled")

    def run(body: Mapping[str, Free], *arguments: str) -> Run:
        (tmp_path / "plan.json").write_text(json.dumps(body), encoding="utf-8")
        kept = ("--policy", rule, "--output", "report.json")
        return posture("plan", "plan.json", *kept, *arguments, environment={}, folder=tmp_path)

    return run


def unknown_versioning() -> dict[str, Free]:
    """The versioning that only apply decides."""
    rest = [each for each in changed()["resource_changes"] if each["address"] != VERSIONING]
    values = {"bucket": "acme-logs", "versioning_configuration": [{}]}
    marks: Free = {"versioning_configuration": [{"status": True}]}
    return document([*rest, change(VERSIONING, values, marks, actions=("update",), before=NOW[VERSIONING])])


@pytest.mark.parametrize(
    ("body", "arguments", "code"),
    [
        (changed(), (), 0),
        (changed(SUSPENDED), (), 1),
        (changed(SUSPENDED), ("--fail-on", "critical"), 0),
        (unknown_versioning(), (), 3),
        (unknown_versioning(), ("--allow-unknown",), 0),
        (changed(complete=False), (), 3),
        (changed(complete=False), ("--allow-unknown",), 3),
        (changed(SUSPENDED, complete=False), (), 1),
        (changed(without=DATABRICKS), (), 4),
        (changed(without=DATABRICKS), ("--store", BUCKET), 0),
        (changed(without=DATABRICKS), ("--store", "s3://acme-logs/audit"), 0),
        (changed(without=DATABRICKS), ("--all-buckets",), 0),
        (changed(without=DATABRICKS), ("--store", "s3://of-somebody-else"), 3),
        (document([]), (), 4),
        (changed(SUSPENDED), ("--introduced",), 1),
        (changed(), ("--introduced",), 0),
    ],
    ids=[
        *("kept", "suspended", "below the threshold", "unknown", "unknown allowed", "incomplete"),
        *("incomplete allowed", "incomplete and failing", "nothing named", "an address", "a URI", "all buckets"),
        *("a store elsewhere", "empty", "worse", "not worse"),
    ],
)
def test_the_exit_code_says_how_it_ended(
    planned: Callable[..., Run], body: Free, arguments: tuple[str, ...], code: int
) -> None:
    run = planned(body, *arguments)
    assert run.code == code, (run.out, run.err)
    assert "Traceback" not in run.err
    assert run.report["result"]["exit_code"] == code
    assert run.report["run"]["mode"] == "planned"


def test_a_plan_with_nothing_to_check_says_why(planned: Callable[..., Run]) -> None:
    run = planned(changed(without=DATABRICKS))
    assert "1 store" in run.err
    assert "--all-buckets" in run.err
    assert "none of its 0 resources" in planned(document([])).err


@pytest.mark.parametrize("text", ["aws_s3_bucket.log", "nonsense", "module.x", "s3://", "gs://b"])
def test_a_store_that_is_not_in_the_plan_is_refused(planned: Callable[..., Run], text: str) -> None:
    run = planned(changed(), "--store", text)
    assert run.code == 2
    assert text in run.err


def test_a_store_is_named_by_its_resource_or_its_module_too(planned: Callable[..., Run]) -> None:
    names = ("module.logs[0].aws_s3_bucket.this", "module.logs[1].aws_s3_bucket.this")
    body = document([change(name, {"bucket": f"logs-{index}"}, ["id"]) for index, name in enumerate(names)])
    assert len(planned(body, "--store", "module.logs").report["subjects"]) == 4, "two stores, two changes"
    assert len(planned(body, "--store", names[1]).report["subjects"]) == 2


def test_a_state_is_checked_only_when_it_is_said_to_be_one(planned: Callable[..., Run]) -> None:
    entries = [{**change(address), "values": values} for address, values in NOW.items()]
    state = {"format_version": "1.0", "values": {"root_module": {"resources": entries}}}
    refused = planned(state)
    assert (refused.code, "--state" in refused.err) == (2, True)
    assert planned(state, "--state").code == 0
    assert planned(changed(), "--state").code == 2


def test_standard_input_and_the_installed_command(tmp_path: Path) -> None:
    rule = policy(tmp_path, "integrity.versioning", "enabled")
    run = subprocess.run(  # noqa: S603 our own program
        [str(COMMAND), "plan", "-", "--policy", rule],
        input=json.dumps(changed(SUSPENDED)).encode("utf-16"),
        cwd=tmp_path,
        env={},
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert run.returncode == 1, run.stderr
    assert b"aws_s3_bucket_versioning.logs" in run.stdout


def test_the_row_is_where_its_resource_is_written(planned: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('\nresource "aws_s3_bucket_versioning" "logs" {\n}\n', encoding="utf-8")
    found = planned(changed(SUSPENDED), "--source", ".").report["findings"]
    places = [row["places"] for row in found if row["outcome"] == "fail"]
    assert [(place[0]["file"], place[0]["line"]) for place in places] == [("main.tf", 2)]


# --- context ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scan(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapshot of a scan over the whole estate."""
    world.mixed()
    folder = tmp_path_factory.mktemp("context")
    (folder / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
    run = scanned(environment=world.environment, folder=folder)
    assert run.code == 1, run.err
    return folder / "snapshot.json"


@pytest.mark.peers
def test_the_context_says_which_bucket_holds_logs_and_what_its_account_decides(
    scan: Path, planned: Callable[..., Run], world: World
) -> None:
    name = "well-kept-audit-logs"
    now = {**NOW[BUCKET], "bucket": name, "id": name, "arn": f"arn:aws:s3:::{name}"}
    state: Free = {"bucket": name, "id": name, "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}]}
    body = document(
        [
            change(BUCKET, now, actions=("no-op",), before=now),
            change(
                VERSIONING,
                {**state, "versioning_configuration": [{"status": "Suspended"}]},
                actions=("update",),
                before=state,
            ),
        ]
    )
    asked = len(world.bed.aws.calls), len(world.bed.databricks.calls)
    assert planned(body).code == 4, "the plan alone does not know that this bucket holds logs"
    run = planned(body, "--context", str(scan))
    assert (len(world.bed.aws.calls), len(world.bed.databricks.calls)) == asked
    assert run.code == 1, run.err
    uri = f"s3://{name}/audit"
    assert {subject["uri"] for subject in run.report["subjects"]} == {uri, BUCKET}
    assert run.rows["integrity-versioning-high", uri] == "fail"
    assert run.report["run"]["operations"], "the record names the calls of the scan that had a say"
    whole = planned(body, "--context", str(scan), "--policy", "default")
    assert whole.rows["account-refuses-public-policies", uri] in {"pass", "fail"}


@pytest.mark.peers
def test_the_context_tells_what_a_plan_does_not_set_of_a_bucket_outside_of_it(
    scan: Path, planned: Callable[..., Run]
) -> None:
    name = "well-kept-audit-logs"
    state: Free = {"bucket": name, "versioning_configuration": [{"status": "Suspended", "mfa_delete": ""}]}
    run = planned(document([change(VERSIONING, state, ["id"])]), "--context", str(scan), "--policy", "default")
    uri = f"s3://{name}/audit"
    assert {subject["uri"] for subject in run.report["subjects"]} == {uri, VERSIONING}
    assert run.rows["versioning-enabled", uri] == "fail", "the plan suspends it"
    assert run.rows["bucket-refuses-public-policy", uri] == "pass", "as the scan saw it"
    assert run.rows["protections-kept", VERSIONING] == "fail", "it was enabled, says the scan"


@pytest.mark.peers
def test_a_changed_snapshot_is_refused(scan: Path, planned: Callable[..., Run], tmp_path: Path) -> None:
    text = scan.read_text(encoding="utf-8").replace("well-kept-audit-logs", "other-logs")
    (tmp_path / "changed.json").write_text(text, encoding="utf-8")
    run = planned(changed(), "--context", "changed.json")
    assert run.code == 2
    assert "changed" in run.err


# --- bad input --------------------------------------------------------------------------------------------------------


def archive(**entries: bytes) -> bytes:
    """A ZIP file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return buffer.getvalue()


def cyclic() -> bytes:
    """Outputs and inputs that lead back to where they came from."""
    configuration = {
        "root_module": {
            "module_calls": {
                "a": {
                    "source": "./a",
                    "expressions": {"x": {"references": ["module.a.y", "module.a"]}},
                    "module": {"outputs": {"y": {"expression": {"references": ["var.x"]}}}},
                }
            },
            "resources": [
                {
                    "address": POLICY,
                    "mode": "managed",
                    "type": "aws_s3_bucket_policy",
                    "name": "logs",
                    "provider_config_key": "aws",
                    "expressions": {"bucket": {"references": ["module.a.y", "module.a"]}},
                }
            ],
        }
    }
    entries = [each for each in changed()["resource_changes"] if each["address"] != POLICY]
    unknown = change(POLICY, {}, ["bucket", "policy"])
    return json.dumps(document([*entries, unknown], configuration=configuration)).encode()


WHOLE = json.dumps(changed()).encode()
REFUSED: dict[str, bytes] = {
    "empty": b"",
    "truncated": WHOLE[: len(WHOLE) // 2],
    "not UTF-8": WHOLE.replace(b"acme-logs", b"acme\xff\xfelogs"),
    "100 MB": b" " * (100 << 20),
    "deeply nested": b'{"format_version":"1.2","resource_changes":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested, but parsable": b'{"format_version":"1.2","x":' + b"[" * 900 + b"]" * 900 + b',"resource_changes":[]}',
    "not an object": b"[1, 2, 3]",
    "another tool's plan": b'{"steps": [{"op": "create", "urn": "urn:x"}], "changeSummary": {"create": 1}}',
    "a template": b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}',
    "a raw state": b'{"version": 4, "serial": 1, "lineage": "x", "resources": []}',
    "a log": b'{"@level":"info","@message":"Terraform 1.15.5"}\n{"@level":"info"}\n',
    "another major version": b'{"format_version": "2.0", "resource_changes": []}',
    "a plan that failed": json.dumps({**changed(), "errored": True}).encode(),
    "changes of the wrong type": b'{"format_version": "1.2", "resource_changes": {"a": 1}}',
    "an address of the wrong type": b'{"format_version": "1.2", "resource_changes": [{"address": 7}]}',
    "a ZIP bomb": archive(tfplan=b"0" * (300 << 20)),
    "a ZIP that leaves": archive(tfplan=b"x", **{"tfconfig/m-/../../../etc/passwd.tf": b"x"}),
    "another ZIP": archive(readme=b"hello"),
    "a broken ZIP": archive(tfplan=b"x")[:-30],
    "binary": struct.pack("<64I", *range(64)),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_bad_input_is_refused_with_a_reason(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(data)
    began = time.process_time()
    run = posture("plan", "input", "--all-buckets", environment={"PATH": ""}, folder=tmp_path)
    assert run.code == 2, (run.out[:300], run.err[:300])
    assert time.process_time() - began < SECONDS
    assert run.err.startswith("posture: input")
    assert len(run.err) < 1000
    assert "Traceback" not in run.err


def test_references_in_a_circle_leave_unknown_and_end(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(cyclic())
    run = posture("plan", "plan.json", "--output", "report.json", environment={}, folder=tmp_path)
    assert run.code == 1
    assert "unknown" in run.rows.values()


@pytest.mark.parametrize("junk", [None, 7, [None], {"a": [1]}], ids=repr)
def test_values_of_the_wrong_type_are_unknown_and_never_an_error(junk: Free, tmp_path: Path) -> None:
    for address, values in NOW.items():
        body = changed({address: dict.fromkeys(values, junk)}, actions={address: ("update",)})
        (tmp_path / "plan.json").write_text(json.dumps(body), encoding="utf-8")
        run = posture("plan", "plan.json", "--store", "s3://acme-logs", environment={}, folder=tmp_path)
        assert run.code in {1, 3}, (address, run.err)
        assert "Traceback" not in run.err


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("nowhere.json", ".", "a\0b"):
        run = posture("plan", name, environment={}, folder=tmp_path)
        assert (run.code, "cannot be read" in run.err) == (2, True)


def test_a_secret_is_never_said(tmp_path: Path) -> None:
    secret = "hunter2-hunter2"
    body = changed(
        {BUCKET: {"tags": {"password": secret}}, DELIVERY: {"config_name": secret}}, variables={"x": {"value": secret}}
    )
    for entry in body["resource_changes"]:
        entry["change"]["after_sensitive"] = {"tags": True, "config_name": True}
    (tmp_path / "plan.json").write_text(json.dumps(body), encoding="utf-8")
    run = installed("plan", "plan.json", "-vv", environment={}, folder=tmp_path)
    assert run.code == 1
    assert secret not in run.out + run.err
