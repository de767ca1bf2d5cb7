"""A run makes the calls that its controls need, and no other; what it leaves out changes no row.

The runs are replays of one that asked everything, so that each control has one of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import pytest

from posture.adapters.aws.calls import CALLS
from posture.adapters.starts import first_leads
from posture.adapters.wings import Wings
from posture.assess import assess
from posture.estate import Joined, join
from posture.model.assessment import Finding
from posture.model.facts import Known, Listing, Reason, Source, Unknown
from posture.model.subjects import About, Mode
from posture.policy.controls import facts_of_stores
from posture.policy.document import Control, Policy, load_policy
from posture.policy.glossary import glossary
from posture.policy.shipped import shipped_policies
from posture.policy.vocabulary import Record, vocabulary
from posture.reading import Call, Kept, Needs, Reading
from posture.scanning import moment_of
from posture.snapshot import Snapshot, load
from posture.worklist import walk
from tests.e2e.answers import in_an_organisation, open_in_every_way
from tests.e2e.commands import Run, posture, scanned
from tests.e2e.policies import policy
from tests.e2e.world import CONFIGURATION, World

pytestmark = pytest.mark.peers

POLICIES = tuple(load_policy(str(path)) for path in shipped_policies())
CONTROLS = tuple((policy, control) for policy in POLICIES for control in policy.controls)
DECLARED = {call.operation: call for call in CALLS}
Seen: TypeAlias = Known[Any] | Unknown | Listing[object]
ESTATES: Mapping[str, Callable[[Iterable[Kept]], Iterable[Kept]]] = {
    "as seeded": tuple,
    "in an organisation, one of them open in every way": lambda calls: open_in_every_way(
        in_an_organisation(calls), "well-kept-audit-logs"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a replay gave: the subjects with all their facts, and the rows of some policies."""

    subjects: tuple[Joined, ...]
    findings: tuple[Finding, ...]


@pytest.fixture(scope="module")
def asked(world: World, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Every answer of a run over the good store, the bad one, the half readable one and the rest."""
    world.mixed()
    folder = tmp_path_factory.mktemp("needs")
    (folder / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
    run = scanned(environment=world.environment, folder=folder)
    assert run.code == 1, run.err
    return load((folder / "snapshot.json").read_text(encoding="utf-8"), "snapshot.json")


@pytest.fixture(scope="module", params=list(ESTATES))
def snapshot(asked: Snapshot, request: pytest.FixtureRequest) -> Snapshot:
    return replace(asked, kept=tuple(ESTATES[request.param](asked.kept)))


@pytest.fixture(scope="module")
def whole(snapshot: Snapshot) -> Told:
    return told(snapshot, None, POLICIES)


class Without(Needs):
    """All calls but one."""

    def __init__(self, withheld: Call) -> None:
        super().__init__(())
        self.withheld = withheld

    def include(self, call: Call) -> bool:
        return call != self.withheld


def told(snapshot: Snapshot, needs: Needs | None, policies: Iterable[Policy]) -> Told:
    settings = snapshot.request.settings
    reading = Reading(as_of=moment_of(snapshot.request.as_of), replayed=snapshot.kept, needs=needs)
    found = walk(first_leads(settings), Wings(settings).of, settings, reading, lambda _: None)
    subjects = tuple(join(found, Mode.LIVE))
    assessed = assess(policies, subjects, (), reading.as_of.date())
    return Told(subjects=subjects, findings=tuple(assessed.findings))


def facts(record: object, words: Record, prefix: str = "") -> Iterator[tuple[str, str, Seen]]:
    """Every fact and list of a record: its path as controls write it, its place, and itself."""
    for path, word in words.fields.items():
        yield prefix + path, path, word.read(record)
    for path, listed in words.lists.items():
        listing: Listing[object] = listed.read(record)
        yield prefix + path, path, replace(listing, items=())
        for place, item in enumerate(listing.items):
            for inner, _, fact in facts(item, listed.record):
                yield f"{prefix}{path}[].{inner}", f"{path}[{place}].{inner}", fact


def of_stores(run: Told) -> Mapping[tuple[str, str, str], Seen]:
    """By store, path and place."""
    words = vocabulary(About.STORE)
    return {
        (joined.info.uri, path, place): fact
        for joined in run.subjects
        if joined.info.about is About.STORE
        for path, place, fact in facts(joined.record, words)
    }


def sources(fact: Seen) -> tuple[Source, ...]:
    if isinstance(fact, Listing):
        return (*fact.sources, *(source for gap in fact.gaps for source in gap.unknown.sources))
    return fact.sources


def rests(path: str, call: Call) -> bool:
    return Needs((path,)).include(call)


def test_what_a_call_declares_is_a_fact_of_stores_or_a_group_of_them() -> None:
    paths = {row.path for row in glossary() if row.about is About.STORE}
    above = {part for path in paths for part in (path, *parents(path))}
    for call in CALLS:
        assert set(call.facts or ()) <= above, call.operation
        assert len(set(call.facts or ())) == len(call.facts or ()), call.operation


def test_only_what_leads_to_stores_or_says_as_whom_is_called_by_every_run() -> None:
    assert {call.operation for call in CALLS if call.facts is None} == {
        *("sts:GetCallerIdentity", "sts:AssumeRole"),
        *("s3:ListBuckets", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetBucketReplication"),
    }


def parents(path: str) -> Iterator[str]:
    while path := path.rpartition(".")[0].removesuffix("[]"):
        yield path


def test_every_source_of_a_fact_declares_it(whole: Told) -> None:
    seen = Counter[str]()
    for (uri, path, _), fact in of_stores(whole).items():
        for source in sources(fact):
            if source.operation in DECLARED:
                seen[source.operation] += 1
                assert rests(path, DECLARED[source.operation]), f"{path} of {uri} rests on {source.operation}"
    assert len(seen) >= 30


@pytest.mark.parametrize("call", [call for call in CALLS if call.facts is not None], ids=lambda call: call.operation)
def test_without_a_call_no_other_fact_changes(call: Call, snapshot: Snapshot, whole: Told) -> None:
    """Facts that a call decides by not being asked any more are declared too, though they do not name it."""
    before, after = of_stores(whole), of_stores(told(snapshot, Without(call), ()))
    changed = {path for uri, path, place in before if before[uri, path, place] != after.get((uri, path, place))}
    changed |= {path for uri, path, place in after.keys() - before.keys()}
    assert {path for path in changed if not rests(path, call)} == set()


def test_each_control_alone_has_the_rows_that_it_has_in_a_whole_run(snapshot: Snapshot, whole: Told) -> None:
    """Controls that need the same calls share a run. No fact that was left out is the evidence of anything."""
    runs: dict[frozenset[str], Told] = {}
    for owner, control in CONTROLS:
        alone = replace(owner, controls=(control,))
        needs = Needs(facts_of_stores((alone,)))
        calls = frozenset(call.operation for call in CALLS if needs.include(call))
        if calls not in runs:
            runs[calls] = told(snapshot, needs, POLICIES)
        rows = rows_of(control, runs[calls])
        assert rows == rows_of(control, whole), control.info.id
        reasons = {seen.unknown.reason for row in rows for seen in row.evidence if seen.unknown}
        assert Reason.NOT_NEEDED not in reasons, control.info.id
    assert 10 < len(runs) < len(CONTROLS)


def rows_of(control: Control, run: Told) -> tuple[Finding, ...]:
    return tuple(row for row in run.findings if row.control == control.info)


def test_what_is_left_out_is_unknown_and_says_so(snapshot: Snapshot) -> None:
    few = of_stores(told(snapshot, Needs(("integrity.versioning",)), ()))
    store = "s3://well-kept-audit-logs/audit"
    left_out = few[store, "exposure.website", "exposure.website"]
    assert isinstance(left_out, Unknown)
    assert left_out.reason is Reason.NOT_NEEDED
    assert [source.operation for source in left_out.sources] == ["s3:GetBucketWebsite"]
    grants = few[store, "grants", "grants"]
    assert isinstance(grants, Listing)
    assert {gap.unknown.reason for gap in grants.gaps} == {Reason.NOT_NEEDED}


def live(world: World, tmp_path_factory: pytest.TempPathFactory, *arguments: str) -> Run:
    world.mixed()
    folder = tmp_path_factory.mktemp("few")
    (folder / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
    policy(folder, "integrity.versioning", "enabled")
    report = ("--output", "report.json")
    return posture("scan", *report, *arguments, environment=world.environment, folder=folder)


def test_a_small_policy_asks_little_of_a_bucket(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    run = live(world, tmp_path_factory, "--policy", "integrity-versioning-high.yaml")
    stores = {subject["name"] for subject in run.report["subjects"] if subject["about"] == "store"}
    asked = Counter((call.operation, call.resource) for call in world.bed.aws.calls)
    assert len(stores) >= 6
    for store in stores:
        of_store = {operation for operation, resource in asked if resource == store}
        few = of_store - {"s3:GetBucketLocation"}
        assert few in ({"s3:GetBucketVersioning"}, {"s3:GetBucketVersioning", "s3:GetBucketReplication"})
    services = {operation.partition(":")[0] for operation, _ in asked}
    assert services == {"s3", "sts"}


def test_the_shipped_policy_asks_what_it_needs_and_with_a_snapshot_everything(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    asked: list[set[str]] = []
    runs: list[Run] = []
    for arguments in ((), ("--save", "snapshot.json")):
        runs.append(live(world, tmp_path_factory, *arguments))
        asked.append({call.operation for call in world.bed.aws.calls})
    assert asked[1] - asked[0] == {"s3:GetBucketTagging"}
    assert asked[0] <= asked[1]
    assert runs[0].rows == runs[1].rows
