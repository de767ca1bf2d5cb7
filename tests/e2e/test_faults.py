"""Every declared call, broken in every way, on the good account and on the bad one: nothing flips, nothing vanishes."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from posture.adapters.registry import WINGS, declared_calls
from posture.model.facts import Reason
from posture.model.subjects import Provider
from posture.reading import Call
from tests.e2e.commands import Report, Row, Run, posture
from tests.e2e.reads import Rests, rests
from tests.e2e.world import CONFIGURATION, World, short_limits
from tests.testbeds.broken import Fault
from tests.testbeds.faults import FaultProxy
from tests.testbeds.operations import OPERATIONS

pytestmark = pytest.mark.peers

BROKEN_ELSEWHERE: Mapping[Provider, str] = {
    Provider.AZURE: "adapters/azure/test_faults.py",  # fact by fact: no verdict flips where no fact does
    Provider.GCP: "e2e/test_google_faults.py",
}
CALLS: Mapping[str, Call] = {
    call.operation: call for provider in WINGS if provider not in BROKEN_ELSEWHERE for call in declared_calls(provider)
}
REASONS: Mapping[Fault, frozenset[Reason]] = {
    Fault.DENIED: frozenset({Reason.DENIED}),
    Fault.THROTTLED: frozenset({Reason.THROTTLED}),
    Fault.RESET: frozenset({Reason.FAILED}),
    Fault.CUT_OFF: frozenset({Reason.FAILED, Reason.MALFORMED}),  # the network broke, and the answer is not whole
    Fault.WRONG_SHAPE: frozenset({Reason.MALFORMED}),
    Fault.HALF: frozenset({Reason.FAILED, Reason.MALFORMED}),  # botocore takes half an XML document for an error 500
    Fault.MISSING_MEMBER: frozenset({Reason.MALFORMED}),
}

NOT_EXERCISED: Mapping[str, str] = {
    f"organizations:{name}": "these accounts are in no organisation; broken in the tests of control policies"
    for name in ("ListAccounts", "ListParents", "ListPoliciesForTarget", "DescribePolicy")
}
ONLY_OF_THE_GOOD: Mapping[str, str] = {
    **{f"kms:{name}": "the bad store has no key" for name in ("DescribeKey", "GetKeyPolicy", "ListGrants")},
    "kms:GetKeyRotationStatus": "the bad store has no key",
    **{f"cloudtrail:{name}": "the bad account has no trail" for name in ("GetEventSelectors", "GetTrailStatus")},
    "iam:GetRolePolicy": "the bad store's writer has no policy of its own",
}

ONE_OF_EACH_PROTOCOL = {
    "databricks:log-delivery",
    "iam:GetRole",
    "kms:DescribeKey",
    "s3:GetBucketVersioning",
    "s3:GetBucketPolicy",
    "s3control:GetPublicAccessBlock",
}
"""Where a body that ends before its promised length is tried; the SDKs notice it below the operation."""

ROUTING: Mapping[str, str] = {
    "sts:GetCallerIdentity": "in whose name AWS is read",
    "sts:AssumeRole": "in whose name AWS is read",
    "s3:ListBuckets": "whose bucket it is, and so in whose name it is read",
    "s3:GetBucketLocation": "where the bucket is read",
}
"""Reads that decide how others are made: without them any fact of AWS may be unknown."""

FEEDS_NOTHING = {
    *("s3:GetBucketTagging", "s3:GetBucketNotificationConfiguration", "databricks:networks"),
    "s3:GetBucketAcl",  # under BucketOwnerEnforced no list counts
    *("s3control:GetAccessPointPolicy", "s3control:GetAccessPointPolicyStatus"),  # the bucket policy delegates nothing
    *("s3control:GetMultiRegionAccessPointPolicy", "s3control:GetMultiRegionAccessPointPolicyStatus"),
}
"""Reads that change nothing for the good account: they are kept with the evidence, or nothing there depends on them."""

ASSUMED = {"organizations:DescribeOrganization"}
"""Refused, it is assumed that no organisation restricts anything, which is said beside each grant."""

DISCOVERY = {"databricks:log-delivery", "databricks:storage-configurations", "databricks:workspaces"}
DISCOVERY |= {"s3:GetBucketReplication", *ROUTING}
"""Reads that lead to subjects: without them rows may be missing, and the run must say that it did not see all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The undisturbed run of an account."""

    run: Run
    rests: Mapping[Row, Rests]

    def concerns(self, row: Row, operation: str) -> bool:
        """Whether an operation can change a row; the inventory is complete by every read that leads to subjects."""
        control, _ = row
        found = operation in DISCOVERY and control == "inventory-complete"
        return found or operation in self.rests[row].operations


class Bench:
    """Both accounts, each run once without a fault."""

    def __init__(self, world: World, folders: pytest.TempPathFactory) -> None:
        self._world = world
        self._folders = folders
        self._baselines: dict[str, Baseline] = {}

    def baseline(self, account: str) -> Baseline:
        if account not in self._baselines:
            self._begin(account)
            run = self._run(account, "--save", "snapshot.json")
            assert run.err == ""
            self._baselines[account] = Baseline(run=run, rests=rests(run))
        return self._baselines[account]

    def broken(self, account: str, operation: str, fault: Fault) -> Run:
        """The account's run with a fault; a fault that nobody met proves nothing."""
        self._begin(account)
        rule = self._proxy(operation).fault(operation, fault)
        run = self._run(account)
        assert rule.met, f"{operation} is not exercised: seed what makes posture ask, or say why in the lists above"
        return run

    def _begin(self, account: str) -> None:
        {"good": self._world.good, "bad": self._world.bad}[account]()

    def _proxy(self, operation: str) -> FaultProxy:
        return self._world.bed.databricks if operation.startswith("databricks:") else self._world.bed.aws

    def _run(self, account: str, *save: str) -> Run:
        folder = self._folders.mktemp(account)
        (folder / CONFIGURATION).write_text(self._world.configuration, encoding="utf-8")
        report = ("--format", "json", "--output", "report.json")
        return posture("scan", *report, *save, environment=self._world.environment, folder=folder)


@pytest.fixture(scope="module")
def bench(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Hundreds of runs: AWS answers from memory, and garbage is collected once in a while instead of all the time."""
    world.bed.aws.memory = {}
    with short_limits(), rare_collection():
        yield Bench(world, tmp_path_factory)
    world.bed.aws.memory = None


@contextmanager
def rare_collection() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def cases() -> Iterator[object]:
    for operation in sorted(CALLS.keys() - NOT_EXERCISED.keys()):
        for fault in REASONS:
            if fault is Fault.MISSING_MEMBER and OPERATIONS[operation].empty_is_an_answer:
                continue
            if fault is Fault.CUT_OFF and operation not in ONE_OF_EACH_PROTOCOL:
                continue
            for account in ("good", "bad"):
                if account == "good" or operation not in ONLY_OF_THE_GOOD:
                    yield pytest.param(operation, fault, account, id=f"{operation}, {fault}, {account}")


def test_every_declared_call_can_be_broken() -> None:
    assert CALLS.keys() <= OPERATIONS.keys()
    assert all((Path(__file__).parents[1] / file).is_file() for file in BROKEN_ELSEWHERE.values())
    assert NOT_EXERCISED.keys() | ONLY_OF_THE_GOOD.keys() | ROUTING.keys() <= CALLS.keys()


@pytest.mark.parametrize(("operation", "fault", "account"), tuple(cases()))
def test_a_broken_call_only_makes_unknown(bench: Bench, operation: str, fault: Fault, account: str) -> None:
    baseline = bench.baseline(account)
    run = bench.broken(account, operation, fault)
    assert run.code in {0, 1, 3}, run.err
    assert run.err == ""
    missing = baseline.run.rows.keys() - run.rows.keys()
    assert not run.rows.keys() - baseline.run.rows.keys(), "rows of nothing"
    if missing:
        assert operation in DISCOVERY, missing
        assert run.report["unlooked"], "rows are missing, and the run does not say that it did not see all"
    changed = {row for row, outcome in run.rows.items() if outcome != baseline.run.rows[row]}
    assert {run.rows[row] for row in changed} <= {"unknown"}, {row: run.rows[row] for row in changed}
    if operation not in ROUTING:
        assert [row for row in changed if not baseline.concerns(row, operation)] == []
    if operation in ASSUMED and fault is Fault.DENIED:
        assert not changed
        return
    fed = {row for row, rest in baseline.rests.items() if rest.single and operation in rest.operations}
    assert [row for row in fed if run.rows.get(row, "unknown") != "unknown"] == []
    if account == "good":
        assert bool(changed or missing) is (operation not in FEEDS_NOTHING)
    assert run.code == _code(run)
    assert [row for row in changed if not _explained(row, run.report, operation, fault)] == []


def _code(run: Run) -> int:
    """By what the run itself shows: a failure, then anything unknown or not looked into."""
    outcomes = set(run.rows.values())
    if "fail" in outcomes:
        return 1
    return 3 if "unknown" in outcomes or run.report["unlooked"] else 0


def _explained(row: Row, report: Report, operation: str, fault: Fault) -> bool:
    """Whether the row names the broken call, why it gave nothing and, when it was refused, the permission it needs."""
    (finding,) = (each for each in report["findings"] if (each["control"], each["subject"]) == row)
    unknowns = [seen["unknown"] for seen in finding["evidence"] if seen["unknown"]]
    if operation in ROUTING:
        return bool(unknowns)
    needs = CALLS[operation].permission if fault is Fault.DENIED else ""
    return any(
        any(source["operation"] == operation for source in unknown["sources"])
        and unknown["reason"] in REASONS[fault]
        and unknown["needs"] == needs
        for unknown in unknowns
    )
