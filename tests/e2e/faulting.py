"""The loop of the fault tests: each declared call broken in each way, on the good estate of a cloud and on the bad one.

Each verdict stays or becomes unknown, no row vanishes unsaid, and a row that rests on none of the broken answers keeps
its verdict.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import pytest

from posture import scanning
from posture.model.facts import Reason
from posture.policy.controls import facts_of_stores
from posture.policy.document import Policy, parse_policies
from posture.reading import Call, Needs
from tests.e2e.commands import Report, Row, Run, posture
from tests.e2e.reads import Rests, rests
from tests.policies.shipped import POLICIES
from tests.testbeds.broken import Fault
from tests.testbeds.faults import FaultProxy
from tests.testbeds.operations import OPERATIONS

REASONS: Mapping[Fault, frozenset[Reason]] = {
    Fault.DENIED: frozenset({Reason.DENIED}),
    Fault.THROTTLED: frozenset({Reason.THROTTLED}),
    Fault.RESET: frozenset({Reason.FAILED}),
    Fault.HANG: frozenset({Reason.TIMEOUT}),
    Fault.CUT_OFF: frozenset({Reason.FAILED, Reason.MALFORMED}),  # the network broke, and the answer is not whole
    Fault.WRONG_SHAPE: frozenset({Reason.MALFORMED}),
    Fault.HALF: frozenset({Reason.FAILED, Reason.MALFORMED}),  # botocore takes half an XML document for an error 500
    Fault.MISSING_MEMBER: frozenset({Reason.MALFORMED}),
}
BELOW = frozenset({Fault.CUT_OFF, Fault.HANG})
"""Faults that the SDKs notice below the operation: one call of each connection may stand for all of it."""

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """The calls of a cloud that are broken, and what is said of some: operations, each with its reason beside it."""

    calls: Mapping[str, Call]
    one_of_each_connection: frozenset[str] | None = None  # on which `BELOW` is tried; None: on every call
    not_in: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by estate: nothing there makes posture ask
    routing: frozenset[str] = _NONE  # decide how others are asked: without them any fact may be unknown
    discovery: frozenset[str] = _NONE  # lead to subjects: without them rows may be missing, which the run must say
    feeds_nothing: frozenset[str] = _NONE  # change no verdict: kept with the evidence, or nothing depends on them here
    decide_for_the_bad: frozenset[str] = _NONE  # change a verdict on the bad estate only
    assumed: frozenset[str] = _NONE  # refused, something is assumed, which is said beside each grant
    instead: Mapping[str, frozenset[str]] = field(default_factory=dict)  # what is asked where one did not rule it out
    facts_rest_on_several: bool = False  # so that one that fails by one answer fails without another

    def named(self) -> frozenset[str]:
        """Every operation that something is said of."""
        return frozenset().union(
            *(self.one_of_each_connection or _NONE, self.routing, self.discovery, self.feeds_nothing),
            *(self.decide_for_the_bad, self.assumed, *self.not_in.values()),
        )

    def cases(self) -> Iterator[object]:
        """Parameters `operation`, `fault` and `estate` of a test."""
        for operation in sorted(self.calls):
            for fault in REASONS:
                if fault is Fault.MISSING_MEMBER and OPERATIONS[operation].empty_is_an_answer:
                    continue
                chosen = self.one_of_each_connection
                if fault in BELOW and chosen is not None and operation not in chosen:
                    continue
                asked = [each for each in ("good", "bad") if operation not in self.not_in.get(each, _NONE)]
                for estate in asked[:1] if fault is Fault.HANG else asked:  # it takes the whole time limit
                    yield pytest.param(operation, fault, estate, id=f"{operation}, {fault}, {estate}")


class World(Protocol):
    """The peers of a cloud, and the estates that they can show."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What a run sees."""

    @property
    def configuration(self) -> str:
        """The posture.yaml of a run."""

    def good(self) -> None:
        """Show the well-kept estate, without faults."""

    def bad(self) -> None:
        """Show the neglected one, without faults."""

    def proxy(self, operation: str) -> FaultProxy:
        """What stands before the peer of an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The undisturbed run of an estate."""

    run: Run
    rests: Mapping[Row, Rests]


class Bench:
    """Both estates, each run once without a fault."""

    def __init__(self, world: World, reads: Reads, folders: pytest.TempPathFactory) -> None:
        self._world = world
        self._reads = reads
        self._folders = folders
        self._needs = Needs(facts_of_stores(POLICIES))
        self._baselines: dict[str, Baseline] = {}

    def baseline(self, estate: str) -> Baseline:
        """The run of an estate that nothing disturbed."""
        if estate not in self._baselines:
            self._begin(estate)
            run = self._run(estate, "--save", "snapshot.json")
            assert run.err == ""
            self._baselines[estate] = Baseline(run=run, rests=rests(run))
        return self._baselines[estate]

    def check(self, operation: str, fault: Fault, estate: str) -> None:
        """Break a call for a whole run, and compare."""
        baseline = self.baseline(estate)
        self._begin(estate)
        rule = self._world.proxy(operation).fault(operation, fault)
        kept_only = not self._needs.include(self._reads.calls[operation])
        run = self._run(estate, *(("--save", "snapshot.json") if kept_only else ()))
        assert rule.met, f"{operation} is not exercised: seed what makes posture ask, or say why not"
        compared = _Compared(reads=self._reads, base=baseline, run=run, operation=operation, fault=fault, estate=estate)
        compared.check()

    def _begin(self, estate: str) -> None:
        {"good": self._world.good, "bad": self._world.bad}[estate]()

    def _run(self, estate: str, *save: str) -> Run:
        folder = self._folders.mktemp(estate)
        (folder / "posture.yaml").write_text(self._world.configuration, encoding="utf-8")
        report = ("--format", "json", "--output", "report.json")
        return posture("scan", *report, *save, environment=self._world.environment, folder=folder)


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """A disturbed run beside the undisturbed one."""

    reads: Reads
    base: Baseline
    run: Run
    operation: str
    fault: Fault
    estate: str

    @cached_property
    def missing(self) -> frozenset[Row]:
        return frozenset(self.base.run.rows.keys() - self.run.rows.keys())

    @cached_property
    def changed(self) -> frozenset[Row]:
        return frozenset(row for row, outcome in self.run.rows.items() if outcome != self.base.run.rows.get(row))

    def check(self) -> None:
        run, base = self.run, self.base
        assert run.code in {0, 1, 3}, run.err
        assert run.err == ""
        assert not run.rows.keys() - base.run.rows.keys(), "rows of nothing"
        self._nothing_vanishes_or_flips()
        if self.operation in self.reads.assumed and self.fault is Fault.DENIED:
            assert not self.changed
            return
        self._what_rests_on_it_is_open()
        assert run.code == _code(run)
        assert [row for row in self.changed if not self._explained(row, run.report)] == []

    def _nothing_vanishes_or_flips(self) -> None:
        run = self.run
        if self.missing:
            assert self.operation in self.reads.discovery, self.missing
            assert run.report["unlooked"], "rows are missing, and the run does not say that it did not see all"
        assert {run.rows[row] for row in self.changed} <= {"unknown"}, {row: run.rows[row] for row in self.changed}
        if self.operation not in self.reads.routing:
            assert [row for row in self.changed if not self._concerned(row)] == []

    def _concerned(self, row: Row) -> bool:
        """Whether the call can change a row: it rests on it, or on what the call would have led to, and says so."""
        led = self.operation in self.reads.discovery
        return self.operation in self.base.rests[row].operations or (led and self._explained(row, self.run.report))

    def _what_rests_on_it_is_open(self) -> None:
        rests_on_it = {
            row for row, rest in self.base.rests.items() if rest.single and self.operation in rest.operations
        }
        allowed = {"unknown", "fail"} if self.reads.facts_rest_on_several else {"unknown"}
        closed = [row for row in rests_on_it if self.run.rows.get(row, "unknown") not in allowed]
        assert [row for row in closed if not self._told_instead(row)] == []
        of_the_bad = self.reads.not_in.get("good", _NONE) | self.reads.decide_for_the_bad
        if self.estate == ("bad" if self.operation in of_the_bad else "good"):
            assert bool(self.changed or self.missing) is (self.operation not in self.reads.feeds_nothing)

    def _told_instead(self, row: Row) -> bool:
        """Whether the row now rests on a call that the broken one would have ruled out."""
        told = {source["operation"] for seen in self._evidence(row, self.run.report) for source in seen["sources"]}
        return not told.isdisjoint(self.reads.instead.get(self.operation, _NONE))

    def _evidence(self, row: Row, report: Report) -> list[Any]:
        (finding,) = (each for each in report["findings"] if (each["control"], each["subject"]) == row)
        evidence: list[Any] = finding["evidence"]
        return evidence

    def _explained(self, row: Row, report: Report) -> bool:
        """Whether the row names the call, why it gave nothing and, when it was refused, the permission it needs."""
        unknowns = [seen["unknown"] for seen in self._evidence(row, report) if seen["unknown"]]
        if self.operation in self.reads.routing:
            return bool(unknowns)
        needs = self.reads.calls[self.operation].permission if self.fault is Fault.DENIED else ""
        return any(
            any(source["operation"] == self.operation for source in unknown["sources"])
            and unknown["reason"] in REASONS[self.fault]
            and unknown["needs"] == needs
            for unknown in unknowns
        )


def _code(run: Run) -> int:
    """By what the run itself shows: a failure, then anything unknown or not looked into."""
    outcomes = set(run.rows.values())
    if "fail" in outcomes:
        return 1
    return 3 if "unknown" in outcomes or run.report["unlooked"] else 0


@contextmanager
def many_runs() -> Iterator[None]:
    """Hundreds of runs: policies are parsed once, and garbage is collected once in a while instead of all the time."""
    parsed: dict[tuple[tuple[str, str], ...], tuple[Policy, ...]] = {}

    def once(documents: Iterable[tuple[str, str]]) -> tuple[Policy, ...]:
        texts = tuple(documents)
        return parsed.get(texts) or parsed.setdefault(texts, tuple(parse_policies(texts)))

    gc.collect()
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "parse_policies", once)
        yield
    gc.set_threshold(*before)
    gc.unfreeze()
