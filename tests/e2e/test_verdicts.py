"""The shipped policy on subjects of every kind of care, cell by cell: `verdicts.yaml` is written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from posture.model.subjects import About
from posture.policy.document import parse_policy
from posture.policy.shipped import shipped_policies
from tests.e2e.commands import Run, scanned
from tests.e2e.world import CONFIGURATION, World
from tests.testbeds.databricks import ACCOUNT

pytestmark = pytest.mark.peers

SOURCE = f"databricks://{ACCOUNT}"
SUBJECTS: Mapping[str, tuple[About, str, str]] = {  # what it is about, the run that shows it, its address there
    "good source": (About.SOURCE, "good", SOURCE),
    "bad source": (About.SOURCE, "bad", SOURCE),
    "good store": (About.STORE, "good", "s3://well-kept-audit-logs/audit"),
    "bad store": (About.STORE, "bad", "s3://retired-audit-logs"),
    "half-readable store": (About.STORE, "hidden", "s3://half-readable-audit-logs/audit-logs"),
    "unreadable store": (About.STORE, "hidden", "s3://unreadable-audit-logs/audit-logs"),
    "good estate": (About.ESTATE, "good", "estate"),
    "bad estate": (About.ESTATE, "bad", "estate"),
    "half-readable and unreadable estate": (About.ESTATE, "hidden", "estate"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What must come out for a control and a subject, why, and the facts that must be among the deciding ones."""

    control: str
    subject: str
    verdict: str
    reason: str
    facts: Mapping[str, str]


def table() -> tuple[Cell, ...]:
    whole = yaml.safe_load(Path(__file__).with_name("verdicts.yaml").read_text(encoding="utf-8"))
    return tuple(
        Cell(control=control, subject=subject, verdict=verdict, reason=reason, facts=dict(*facts))
        for control, row in whole.items()
        for subject, (verdict, reason, *facts) in row.items()
    )


@pytest.fixture(scope="module")
def run_of(world: World, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """The run over one of the accounts, made once."""

    @cache
    def run(name: str) -> Run:
        {"good": world.good, "bad": world.bad, "hidden": world.hidden}[name]()
        folder = tmp_path_factory.mktemp(name)
        (folder / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
        return scanned(environment=world.environment, folder=folder)

    return run


def test_the_table_has_a_cell_for_every_control_and_subject() -> None:
    (file,) = shipped_policies()
    policy = parse_policy(file.read_text(encoding="utf-8"), file.name)
    controls = {control.info.id: control.info.about for control in policy.controls}
    expected = {
        (control, subject)
        for control, about in controls.items()
        for subject, (kind, _, _) in SUBJECTS.items()
        if kind is about
    }
    cells = [(cell.control, cell.subject) for cell in table()]
    assert sorted(cells) == sorted(expected)
    assert all(cell.reason for cell in table())


@pytest.mark.parametrize("cell", table(), ids=lambda cell: f"{cell.control}, {cell.subject}")
def test_the_verdict_is_the_one_written_by_hand(cell: Cell, run_of: Callable[[str], Run]) -> None:
    _, name, subject = SUBJECTS[cell.subject]
    run = run_of(name)
    assert run.rows[cell.control, subject].upper() == cell.verdict, cell.reason
    (row,) = (row for row in run.report["findings"] if (row["control"], row["subject"]) == (cell.control, subject))
    found = {evidence["path"]: evidence["found"] for evidence in row["evidence"]}
    assert found.items() >= cell.facts.items(), cell.reason


@pytest.mark.parametrize(("name", "code"), [("good", 0), ("bad", 1), ("hidden", 1)])
def test_a_run_over_the_account_ends_with_its_code(name: str, code: int, run_of: Callable[[str], Run]) -> None:
    run = run_of(name)
    assert (run.code, run.err) == (code, "")
    assert run.report["result"]["exit_code"] == code


def test_nothing_of_the_good_account_fails_to_be_read(run_of: Callable[[str], Run]) -> None:
    run = run_of("good").report["run"]
    assert [operation for operation in run["operations"] if operation["failed"]] == []


def test_a_workspace_without_delivery_is_a_failing_row(run_of: Callable[[str], Run]) -> None:
    rows = run_of("bad").rows
    workspaces = {
        subject.rpartition("/")[2]: outcome
        for (control, subject), outcome in rows.items()
        if control == "audit-log-delivery-enabled" and subject.startswith(f"{SOURCE}/workspaces/")
    }
    assert workspaces == {"6383650456894062": "pass", "4102272838062927": "fail", "2873465019283746": "fail"}
