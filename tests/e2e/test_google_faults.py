"""Every declared call to Google, broken in every way, on the good store and on the bad one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from posture.adapters.registry import declared_calls
from posture.model.facts import Reason
from posture.model.subjects import Provider
from posture.reading import Call
from tests.e2e.commands import Report, Row, Run, posture
from tests.e2e.google import GoogleWorld, google_world, short_google_limits
from tests.e2e.reads import Rests, rests
from tests.testbeds.broken import Fault
from tests.testbeds.operations import OPERATIONS

pytestmark = pytest.mark.peers

CALLS: Mapping[str, Call] = {call.operation: call for call in declared_calls(Provider.GCP)}
REASONS: Mapping[Fault, frozenset[Reason]] = {
    Fault.DENIED: frozenset({Reason.DENIED}),
    Fault.THROTTLED: frozenset({Reason.THROTTLED}),
    Fault.RESET: frozenset({Reason.FAILED}),
    Fault.CUT_OFF: frozenset({Reason.FAILED}),
    Fault.WRONG_SHAPE: frozenset({Reason.MALFORMED}),
    Fault.HALF: frozenset({Reason.MALFORMED}),
    Fault.MISSING_MEMBER: frozenset({Reason.MALFORMED}),
}
ONLY_OF_THE_GOOD = {
    *(name for name in CALLS if name.startswith("cloudkms:")),  # the bad bucket has no key
    *("storage:managedFolders.getIamPolicy", "cloudresourcemanager:folders.get"),
    "cloudresourcemanager:folders.getIamPolicy",  # its project lies right under the organisation
}
ONLY_OF_THE_BAD = {
    *("storage:bucketAccessControls.list", "storage:defaultObjectAccessControls.list"),  # lists do not count elsewhere
    "cloudresourcemanager:organizations.testIamPermissions",  # nobody of a project that is not shown is bound elsewhere
}
ROUTING = {"storage:buckets.get", "cloudresourcemanager:projects.get", "cloudresourcemanager:folders.get"}
"""Reads that decide what else is read: without them any fact of Google may be unknown."""

FEEDS_NOTHING = {
    "storage:notifications.list",  # kept with the evidence
    "storage:bucketAccessControls.list",  # what it opens is open by bindings as well
    "storage:defaultObjectAccessControls.list",  # as above
}
DISCOVERY = {"storagetransfer:transferJobs.list", *ROUTING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The undisturbed run of an account."""

    run: Run
    rests: Mapping[Row, Rests]


class Bench:
    """Both estates, each run once without a fault."""

    def __init__(self, world: GoogleWorld, folders: pytest.TempPathFactory) -> None:
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
        self._begin(account)
        rule = self._world.google.fault(operation, fault)
        run = self._run(account)
        assert rule.met, f"{operation} is not exercised"
        return run

    def _begin(self, account: str) -> None:
        {"good": self._world.good, "bad": self._world.bad}[account]()

    def _run(self, account: str, *save: str) -> Run:
        folder = self._folders.mktemp(account)
        (folder / "posture.yaml").write_text(self._world.configuration, encoding="utf-8")
        report = ("--format", "json", "--output", "report.json")
        return posture("scan", *report, *save, environment=self._world.environment, folder=folder)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with google_world(tmp_path_factory.mktemp("key")) as world, short_google_limits():
        yield Bench(world, tmp_path_factory)


def cases() -> Iterator[object]:
    for operation in sorted(CALLS):
        for fault in REASONS:
            if fault is Fault.MISSING_MEMBER and OPERATIONS[operation].empty_is_an_answer:
                continue
            if fault is Fault.CUT_OFF and operation not in {"storage:buckets.get", "iam:roles.get"}:
                continue  # one of each connection
            for account, not_there in (("good", ONLY_OF_THE_BAD), ("bad", ONLY_OF_THE_GOOD)):
                if operation not in not_there:
                    yield pytest.param(operation, fault, account, id=f"{operation}, {fault}, {account}")


def test_every_declared_call_can_be_broken() -> None:
    assert CALLS.keys() <= OPERATIONS.keys()
    assert CALLS.keys() >= ONLY_OF_THE_GOOD | ONLY_OF_THE_BAD | ROUTING | FEEDS_NOTHING
    assert not ONLY_OF_THE_GOOD & ONLY_OF_THE_BAD


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
        concerned = {
            row
            for row, rest in baseline.rests.items()
            if operation in rest.operations or (operation in DISCOVERY and row[0] == "inventory-complete")
        }
        assert changed - concerned == set()
    fed = {row for row, rest in baseline.rests.items() if rest.single and operation in rest.operations}
    if operation not in FEEDS_NOTHING:
        assert changed or missing or all(run.rows[row] in {"unknown", "fail"} for row in fed)
    assert run.code == _code(run)
    assert [row for row in changed if not _explained(row, run.report, operation, fault)] == []


def _code(run: Run) -> int:
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
