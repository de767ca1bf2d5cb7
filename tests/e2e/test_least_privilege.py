"""The printed role reads a store to the end; without one of its permissions, rows are unknown and the report names it.

Against ministack, which checks identity policies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from posture.adapters.registry import declared_calls
from posture.model.subjects import Provider
from tests.e2e.commands import Run, posture, scanned
from tests.e2e.reads import rests
from tests.e2e.world import short_limits
from tests.testbeds.aws import environment
from tests.testbeds.ministack import ACCOUNT, Ministack

pytestmark = pytest.mark.peers

BUCKET = "acme-audit-logs"
STORE = f"s3://{BUCKET}/audit"
UNSUPPORTED = {
    "s3control:GetPublicAccessBlock",
    "s3control:GetAccessPointPolicyStatus",
    "s3control:GetMultiRegionAccessPointPolicyStatus",
}
"""What ministack does not offer; it says so, and the facts are unknown for that reason."""

PERMISSIONS = {
    call.permission: call.operation
    for call in declared_calls(Provider.AWS)
    if call.permission and call.operation not in UNSUPPORTED and call.operation.partition(":")[0] != "sts"
}
READ_FOR_A_STORE = sorted(
    permission
    for permission, operation in PERMISSIONS.items()
    if operation.partition(":")[0] in {"s3", "cloudtrail", "kms"}
)


@pytest.fixture(scope="module")
def peer(ministack_process: Ministack) -> Ministack:
    """A store with a key of its own, versions, retention, a log and a trail."""
    ministack_process.reset()
    s3, kms = ministack_process.client("s3"), ministack_process.client("kms")
    trails = ministack_process.client("cloudtrail")
    s3.create_bucket(Bucket=BUCKET)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
        },
    )
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    trails.create_trail(Name="watch", S3BucketName=BUCKET)
    trails.start_logging(Name="watch")
    return ministack_process


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The role as the command prints it."""
    folder = tmp_path_factory.mktemp("role")
    run = posture("permissions", "--cloud", "aws", environment={}, folder=folder)
    assert (run.code, run.err) == (0, "")
    role: Mapping[str, Any] = json.loads(run.out)
    return role


@pytest.fixture(scope="module")
def whole(peer: Ministack, printed: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run of a user who may what the printed role allows."""
    credentials = peer.new_user("auditor", printed)
    with short_limits():
        return scanned(
            "--store",
            STORE,
            environment=environment(peer.url, credentials=credentials),
            folder=tmp_path_factory.mktemp("whole"),
        )


def needs(run: Run) -> set[str]:
    """Every permission that the report says is missing."""
    return {
        seen["unknown"]["needs"]
        for row in run.report["findings"]
        for seen in row["evidence"]
        if seen["unknown"] and seen["unknown"]["reason"] == "denied"
    }


def test_the_printed_role_is_enough(whole: Run) -> None:
    assert whole.code == 1, whole.err
    assert needs(whole) == set()
    calls = {count["operation"] for count in whole.report["run"]["operations"] if count["failed"]}
    assert calls <= UNSUPPORTED
    assert whole.rows["encryption-key-enabled", STORE] == "pass"
    assert whole.report["subjects"][0]["account"] == ACCOUNT


@pytest.mark.parametrize("control", ["versioning-enabled", "encryption-key-rotating", "no-public-read"])
def test_the_role_for_one_control_is_enough_for_it(peer: Ministack, whole: Run, tmp_path: Path, control: str) -> None:
    only = ("--control", control)
    told = posture("permissions", "--cloud", "aws", *only, environment={}, folder=tmp_path)
    credentials = peer.new_user(f"only-{control}", json.loads(told.out))
    arguments = ("--store", STORE, *only, "--output", "report.json")
    surroundings = environment(peer.url, credentials=credentials)
    with short_limits():
        run = posture("scan", *arguments, environment=surroundings, folder=tmp_path)
    assert run.rows == {row: outcome for row, outcome in whole.rows.items() if row[0] == control}
    assert needs(run) == set()
    assert {count["operation"] for count in run.report["run"]["operations"] if count["failed"]} <= UNSUPPORTED


@pytest.mark.parametrize("permission", READ_FOR_A_STORE)
def test_a_missing_permission_is_named(
    peer: Ministack, printed: Mapping[str, Any], whole: Run, tmp_path: Path, permission: str
) -> None:
    credentials = peer.new_user(f"without-{permission.replace(':', '-')}", _without(printed, permission))
    with short_limits():
        run = scanned("--store", STORE, environment=environment(peer.url, credentials=credentials), folder=tmp_path)
    changed = {row for row in whole.rows if run.rows[row] != whole.rows[row]}
    assert {run.rows[row] for row in changed} <= {"unknown"}
    assert run.rows.keys() == whole.rows.keys()
    resting = {row for row, rest in rests(whole).items() if PERMISSIONS[permission] in rest.operations}
    single = {row for row, rest in rests(whole).items() if PERMISSIONS[permission] in rest.operations and rest.single}
    assert {row for row in single if whole.rows[row] != "unknown"} <= changed
    if not resting:
        return
    assert needs(run) <= {permission}
    if changed:
        assert needs(run) == {permission}
        assert permission in " ".join(run.out.split())


def _without(role: Mapping[str, Any], permission: str) -> dict[str, Any]:
    less = json.loads(json.dumps(role))
    for statement in less["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != permission]
    less["Statement"] = [statement for statement in less["Statement"] if statement["Action"]]
    return dict(less)
