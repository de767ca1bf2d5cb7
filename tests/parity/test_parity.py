"""What a plan knows is what is there after apply: fact by fact, verdict by verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

import posture
from posture import snapshot
from posture.estate import Joined
from posture.model.logic import Outcome
from posture.model.subjects import About, Kind, Provider
from posture.planning import Asked, PlanOutcome
from tests.e2e.commands import scanned
from tests.parity.comparing import Facts, called, differences, facts, known
from tests.parity.estates import ESTATES, OF_REAL_PROVIDER, Made
from tests.testbeds.terraform import real_aws
from tests.testbeds.terraform.workspace import Terraform

pytestmark = [pytest.mark.terraform, pytest.mark.peers]

DECIDED = frozenset({Outcome.PASS, Outcome.FAIL})
PLANS = ("first", "first with its files", "first as it is saved", "again", "again with a scan")
_ABOUT = frozenset({About.STORE, About.SOURCE})  # an estate is more than one plan, a change is no part of it
_OF_A_CLOUD = re.compile(r"[a-z0-9]+:[A-Za-z._]+")  # a call, and no resource of a plan
_RESTS_ON_THE_ACCOUNT = {  # what lists of objects give the public, which its Block Public Access may ignore
    ("no-public-read", "s3://parity-inline-access"),
}
Verdicts = Mapping[tuple[str, str], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What posture says of one form of the estate: facts by subject, verdicts by control and subject."""

    subjects: Mapping[str, Facts]
    verdicts: Verdicts
    asked: Mapping[tuple[str, str], frozenset[str]]  # of what is unknown, the operations that would have told it

    @property
    def decided(self) -> Verdicts:
        """Without what is unknown or does not apply."""
        return {row: outcome for row, outcome in self.verdicts.items() if outcome in DECIDED}


@pytest.fixture(scope="module", params=sorted(ESTATES))
def sides(
    request: pytest.FixtureRequest, terraform_command: Terraform, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Side]:
    """The live side, and each way to look at the plans."""
    if request.param in OF_REAL_PROVIDER and not real_aws.available():
        pytest.skip("the real provider exists for Linux on x86-64 only")
    folder = tmp_path_factory.mktemp("parity")
    with ESTATES[request.param](terraform_command, folder) as made:
        scan = folder / "scan"
        scan.mkdir()
        (scan / "posture.yaml").write_text(made.configuration, encoding="utf-8")
        run = scanned(environment=made.environment, folder=scan)
        assert run.code == 1, run.err
        saved = snapshot.load((scan / "snapshot.json").read_text(encoding="utf-8"), "snapshot.json")
    replayed = posture.replay(saved)
    live = _side(replayed.subjects, replayed.assessment, {})
    return {"live": live, **{name: _planned(name, made, saved) for name in PLANS}}


def _planned(name: str, made: Made, saved: snapshot.Snapshot) -> Side:
    plan = made.again if name.startswith("again") else made.first
    if name.endswith("saved"):
        plan = plan.with_suffix(".bin")
    source = made.source if name.endswith("files") else None
    asked = Asked(context=saved if name.endswith("scan") else None)
    outcome: PlanOutcome = posture.plan(saved.request, posture.read_plan(str(plan), source=source), asked)
    return _side(outcome.subjects, outcome.assessment, made.names)


def _of_a_tenant(joined: Joined) -> bool:
    """The Databricks account of a tenant of Azure, which no plan holds."""
    return (joined.info.provider, joined.info.kind) == (Provider.AZURE, Kind.ACCOUNT)


def _side(subjects: tuple[Joined, ...], assessment: posture.Assessment, names: Mapping[str, str]) -> Side:
    own = [each for each in subjects if each.info.about in _ABOUT and not _of_a_tenant(each)]
    return Side(
        subjects={str(called(each.info.uri, names)): facts(each.record, names) for each in own},
        verdicts={
            (row.control.id, str(called(row.subject.uri, names))): row.outcome
            for row in assessment.findings
            if row.subject.about in _ABOUT
        },
        asked={
            (row.control.id, str(called(row.subject.uri, names))): frozenset(
                source.operation for seen in row.deciding if seen.unknown is not None for source in seen.unknown.sources
            )
            for row in assessment.findings
            if row.subject.about in _ABOUT
        },
    )


@pytest.mark.parametrize("name", PLANS)
def test_both_have_the_same_subjects(sides: Mapping[str, Side], name: str) -> None:
    assert sides[name].subjects.keys() == sides["live"].subjects.keys()


@pytest.mark.parametrize("name", PLANS)
def test_every_fact_that_a_plan_knows_is_the_live_one(sides: Mapping[str, Side], name: str) -> None:
    live = sides["live"].subjects
    found = [each for uri, own in sides[name].subjects.items() for each in differences(own, live[uri], f"{uri} ")]
    assert found == []


@pytest.mark.parametrize("name", PLANS)
def test_every_verdict_that_a_plan_decides_is_the_live_one(sides: Mapping[str, Side], name: str) -> None:
    live = sides["live"].verdicts
    same = {row: outcome for row, outcome in sides[name].decided.items() if live[row] is not Outcome.NOT_APPLICABLE}
    assert {row: (outcome, live[row]) for row, outcome in same.items() if live[row] is not outcome} == {}


def test_apply_turns_no_verdict(sides: Mapping[str, Side]) -> None:
    first, again = sides["first"].decided, sides["again"].decided
    assert {row: again[row] for row in first.keys() & again.keys() if first[row] is not again[row]} == {}


def test_what_a_plan_of_no_change_leaves_open_lies_outside_of_it(sides: Mapping[str, Side]) -> None:
    first, again = sides["first"].decided, sides["again"]
    lost = {row: again.asked[row] for row in first.keys() - again.decided.keys()}
    inside = {row: asked for row, asked in lost.items() if not all(map(_OF_A_CLOUD.fullmatch, asked))}
    assert inside.keys() <= _RESTS_ON_THE_ACCOUNT


def test_files_and_scans_only_add(sides: Mapping[str, Side]) -> None:
    assert sides["first"].decided.items() <= sides["first with its files"].decided.items()
    assert sides["first with its files"].verdicts == sides["first as it is saved"].verdicts
    assert sides["again"].decided.items() <= sides["again with a scan"].decided.items()


def test_the_plans_decide_most_rows(sides: Mapping[str, Side]) -> None:
    rows = len(sides["live"].decided)
    counts = {name: len(sides[name].decided) for name in PLANS}
    knows = {name: sum(len(list(known(own))) for own in sides[name].subjects.values()) for name in PLANS}
    print(f"decided {counts} of {rows}, known {knows}")  # noqa: T201 - the counts are the result
    assert counts["first"] > 0.5 * rows
    assert counts["again with a scan"] > 0.9 * rows


def test_a_difference_would_be_found(sides: Mapping[str, Side]) -> None:
    stores = ("s3://", "gs://", "https://")
    one, other, *_ = (own for uri, own in sides["first"].subjects.items() if uri.startswith(stores))
    assert list(differences(one, other))
    assert list(differences(one, {}))
