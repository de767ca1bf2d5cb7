"""What a run asks of the clouds: each question once, and only what the wings declare."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from posture.adapters.aws.live.implied import RULED_OUT
from posture.adapters.registry import WINGS, declared_calls
from tests.e2e.commands import Run, scanned
from tests.e2e.world import CONFIGURATION, SIGN_IN, World
from tests.testbeds.faults import FaultProxy

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module", params=["world", "ministack_world"])
def world(request: pytest.FixtureRequest) -> World:
    """Both peers: what a run asks hangs on what it was answered."""
    peer: World = request.getfixturevalue(request.param)
    return peer


@pytest.fixture(scope="module")
def run(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run over the whole estate."""
    world.mixed()
    folder = tmp_path_factory.mktemp("counts")
    (folder / CONFIGURATION).write_text(world.configuration, encoding="utf-8")
    yield scanned(environment=world.environment, folder=folder)
    world.bed.aws.reset()


@pytest.fixture(params=["aws", "databricks"])
def proxy(request: pytest.FixtureRequest, world: World, run: Run) -> FaultProxy:
    assert run.code == 1, run.err
    proxies = {"aws": world.bed.aws, "databricks": world.bed.databricks}
    return proxies[request.param]


def test_each_question_is_asked_once(proxy: FaultProxy) -> None:
    counts = proxy.counts()
    assert len(counts) >= 8
    assert [(call, count) for call, count in counts.items() if count > 1] == []


def test_only_declared_operations_are_called(proxy: FaultProxy) -> None:
    declared = {call.operation for provider in WINGS for call in declared_calls(provider)}
    assert {call.operation for call in proxy.counts()} <= declared | SIGN_IN


def test_the_report_counts_what_arrived(run: Run, world: World) -> None:
    arrived = world.bed.aws.calls + world.bed.databricks.calls
    for told in run.report["run"]["operations"]:
        assert told["calls"] == sum(call.operation == told["operation"] for call in arrived), told["operation"]


def test_every_bucket_is_asked_for_the_same(run: Run, world: World) -> None:
    """No store is spared a question because another was asked it, and none is asked anything by accident.

    Only what another answer rules out is not asked for, nor a Region that the list of buckets gave.
    """
    assert run.code == 1
    asked: dict[str, set[str]] = {}
    for call in world.bed.aws.calls:
        if call.operation.startswith("s3:") and call.resource:
            asked.setdefault(call.resource, set()).add(call.operation)
    stores = {subject["name"] for subject in run.report["subjects"] if subject["about"] == "store"}
    assert asked.keys() == stores, "a bucket that no lead names was asked about"
    every = set.union(*asked.values())
    told = RULED_OUT.keys() | {"s3:GetBucketLocation"}
    spared = {name: every - operations - told for name, operations in asked.items()}
    assert {name: operations for name, operations in spared.items() if operations} == {}
