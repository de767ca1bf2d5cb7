"""The shipped policy on subjects of every kind of care, cell by cell: `verdicts.yaml` is written by hand.

All of it is asked of two independent peers. Where the second answers otherwise than AWS, `DIFFERENT` says so.
"""

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


NO_ACCOUNT_BLOCK = "ministack does not offer the Block Public Access flags of an account"
NO_STATUS = "ministack answers GetBucketPolicyStatus without an answer in it"
ENFORCED = "ministack gives the bucket of 2021 today's ownership, which takes its ACL out of force"
ACCOUNT_FLAGS = ("ignores-public-acls", "restricts-public-buckets", "refuses-public-acls", "refuses-public-policies")
DIFFERENT: Mapping[tuple[str, str], tuple[str, str]] = {  # on ministack: the verdict there, and why
    **{
        (f"account-{flag}", f"{store} store"): ("UNKNOWN", NO_ACCOUNT_BLOCK)
        for flag in ACCOUNT_FLAGS
        for store in ("good", "bad", "half-readable")
    },
    ("public-policies-restricted", "bad store"): ("UNKNOWN", NO_ACCOUNT_BLOCK),
    ("public-policies-refused", "bad store"): ("UNKNOWN", NO_ACCOUNT_BLOCK),
    ("bucket-policy-not-public", "good store"): ("UNKNOWN", NO_STATUS),
    ("bucket-policy-not-public", "bad store"): ("UNKNOWN", NO_STATUS),
    ("public-acls-ignored", "bad store"): ("PASS", ENFORCED),
    ("public-acls-refused", "bad store"): ("PASS", ENFORCED),
    ("objects-owned-by-bucket-owner", "bad store"): ("PASS", ENFORCED),
    ("no-public-read", "bad store"): ("PASS", ENFORCED),
    ("no-reading-from-outside", "bad store"): ("PASS", ENFORCED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A peer, its runs over the accounts, each made once, and where it differs."""

    run: Callable[[str], Run]
    different: Mapping[tuple[str, str], tuple[str, str]]
    unserved: frozenset[str] = frozenset()  # operations that fail for everybody
    codes: Mapping[str, int]


@pytest.fixture(scope="module", params=["moto", "ministack"])
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Peer:
    on_moto = request.param == "moto"
    world: World = request.getfixturevalue("world" if on_moto else "ministack_world")

    @cache
    def run(name: str) -> Run:
        {"good": world.good, "bad": world.bad, "hidden": world.hidden}[name]()
        folder = tmp_path_factory.mktemp(name)
        (folder / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
        return scanned(environment=world.environment, folder=folder)

    if on_moto:
        return Peer(run=run, different={}, codes={"good": 0, "bad": 1, "hidden": 1})
    unserved = frozenset(
        {
            "s3control:GetPublicAccessBlock",
            "s3control:GetAccessPointPolicyStatus",
            "s3control:GetMultiRegionAccessPointPolicyStatus",
        }
    )
    return Peer(run=run, different=DIFFERENT, unserved=unserved, codes={"good": 3, "bad": 1, "hidden": 1})


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


def test_every_difference_is_one() -> None:
    cells = {(cell.control, cell.subject): cell.verdict for cell in table()}
    assert [cell for cell, (verdict, reason) in DIFFERENT.items() if cells[cell] == verdict or not reason] == []


@pytest.mark.parametrize("cell", table(), ids=lambda cell: f"{cell.control}, {cell.subject}")
def test_the_verdict_is_the_one_written_by_hand(cell: Cell, peer: Peer) -> None:
    _, name, subject = SUBJECTS[cell.subject]
    run = peer.run(name)
    different = peer.different.get((cell.control, cell.subject))
    verdict, reason = different or (cell.verdict, cell.reason)
    assert run.rows[cell.control, subject].upper() == verdict, reason
    if different is None:
        (row,) = (row for row in run.report["findings"] if (row["control"], row["subject"]) == (cell.control, subject))
        found = {evidence["path"]: evidence["found"] for evidence in row["evidence"]}
        assert found.items() >= cell.facts.items(), cell.reason


@pytest.mark.parametrize("name", ["good", "bad", "hidden"])
def test_a_run_over_the_account_ends_with_its_code(name: str, peer: Peer) -> None:
    run, code = peer.run(name), peer.codes[name]
    assert (run.code, run.err) == (code, "")
    assert run.report["result"]["exit_code"] == code


def test_nothing_of_the_good_account_fails_to_be_read(peer: Peer) -> None:
    run = peer.run("good").report["run"]
    assert {operation["operation"] for operation in run["operations"] if operation["failed"]} == peer.unserved


def test_a_workspace_without_delivery_is_a_failing_row(peer: Peer) -> None:
    rows = peer.run("bad").rows
    workspaces = {
        subject.rpartition("/")[2]: outcome
        for (control, subject), outcome in rows.items()
        if control == "audit-log-delivery-enabled" and subject.startswith(f"{SOURCE}/workspaces/")
    }
    assert workspaces == {"6383650456894062": "pass", "4102272838062927": "fail", "2873465019283746": "fail"}
