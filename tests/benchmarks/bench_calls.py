"""What posture adds to a call: beside a bare botocore loop that makes the same calls, at once and 40 ms away.

Start-up and what is read once per account are taken out: every figure is the difference between many buckets and few.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import measuring
from tests.benchmarks.measuring import Command, Measured
from tests.benchmarks.options import Options
from tests.benchmarks.posture_command import CONCURRENCY, canned_stores, scan_of_file, stores_text
from tests.benchmarks.report import Aim, Report, Table
from tests.testbeds.aws import environment
from tests.testbeds.canned import CannedAws, canned_aws

TITLE = "the cost of a call, beside bare botocore"
LATENCIES = (0.0, 0.04)
BUCKETS = (20, 120)
SMALL = (5, 25)
_RUNS = 3  # a pair of a hundred buckets more is 1,400 calls, many enough for their mean to be steady
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What the buckets between few and many cost, run by run in pairs."""

    name: str
    few: Measured
    many: Measured

    @property
    def calls(self) -> float:
        """How many calls they took."""
        pairs = zip(self.few.samples, self.many.samples, strict=True)
        return statistics.median(many.calls - few.calls for few, many in pairs)

    @property
    def wall(self) -> float:
        """Seconds."""
        pairs = zip(self.few.samples, self.many.samples, strict=True)
        return statistics.median(many.wall - few.wall for few, many in pairs)

    @property
    def cpu_per_call(self) -> tuple[float, ...]:
        """Processor seconds per call, one figure per pair."""
        pairs = zip(self.few.samples, self.many.samples, strict=True)
        return tuple((many.cpu - few.cpu) / (many.calls - few.calls) for few, many in pairs)

    def ratio(self, other: Margin) -> float:
        """How many times the other's processor time a call takes, pair by pair."""
        return statistics.median(a / b for a, b in zip(self.cpu_per_call, other.cpu_per_call, strict=True))


def run(options: Options) -> Report:
    """Measure each latency."""
    margins = {latency: _margins(latency, options) for latency in LATENCIES}
    ours, *bare = margins[0.0]
    away, *_ = margins[LATENCIES[-1]]
    floors = _floors(LATENCIES[-1], away, bare[0])
    return Report(
        tables=tuple(_table(latency, each, bare[0]) for latency, each in margins.items()),
        aims=(
            Aim(what=f"CPU per call beside {bare[0].name}", measured=ours.ratio(bare[0]), limit=1.5, unit="x"),
            Aim(what="wall beside the floor, 40 ms away", measured=away.wall / max(floors), limit=1.5, unit="x"),
        ),
        notes=(
            "a call is a request of the buckets between few and many: start-up and account reads are taken out",
            f"the floor is the larger of calls x latency / {CONCURRENCY} and calls x the CPU of a bare call",
        ),
        runs={
            f"{each.name}, {name}, {latency * 1000:.0f} ms": getattr(each, name)
            for latency, group in margins.items()
            for each in group
            for name in ("few", "many")
        },
    )


def _margins(latency: float, options: Options) -> tuple[Margin, ...]:
    few, many = SMALL if options.small else BUCKETS
    with TemporaryDirectory() as scratch, canned_aws(latency=latency, buckets=many) as server:
        surroundings, folder = environment(server.url), Path(scratch)
        ours = tuple(_scan(number, surroundings, folder) for number in (few, many))
        operations = _operations_per_bucket(ours, server)
        threads = (1, CONCURRENCY) if not latency else (CONCURRENCY,)  # one thread would only wait
        bare = tuple(_bare(number, count, operations, surroundings) for count in threads for number in (few, many))
        measured = measuring.in_turn((*ours, *bare), repeat=min(options.repeat, _RUNS), meter=server.counts)
    names = ("posture", *(f"botocore, {count} thread{'s' if count > 1 else ''}" for count in threads))
    return tuple(
        Margin(name=name, few=measured[2 * place], many=measured[2 * place + 1]) for place, name in enumerate(names)
    )


def _scan(number: int, surroundings: Mapping[str, str], folder: Path) -> Command:
    text = stores_text(canned_stores(number))
    return scan_of_file(f"posture, {number} buckets", text, environment=surroundings, folder=folder)


def _operations_per_bucket(ours: tuple[Command, ...], server: CannedAws) -> tuple[str, ...]:
    """What posture asks of each bucket more, so the loop follows whatever posture comes to read of S3."""
    few, many = (measuring.run(command, meter=server.counts).counted for command in ours)
    more = (operation for operation, count in many.items() if count > few.get(operation, 0))
    return tuple(operation.removeprefix("s3:") for operation in more if operation.startswith("s3:"))


def _bare(number: int, threads: int, operations: tuple[str, ...], surroundings: Mapping[str, str]) -> Command:
    module = ("-m", "tests.benchmarks.bare_calls")
    arguments = ("--threads", str(threads), "--operations", ",".join(operations), str(number))
    return Command(
        name=f"botocore on {threads} threads, {number} buckets",
        argv=(sys.executable, *module, *arguments),
        environment=surroundings,
        folder=_ROOT,
    )


def _floors(latency: float, margin: Margin, bare: Margin) -> tuple[float, float]:
    return margin.calls * latency / CONCURRENCY, margin.calls * statistics.median(bare.cpu_per_call)


def _table(latency: float, margins: tuple[Margin, ...], bare: Margin) -> Table:
    rows = []
    for margin in margins:
        by_latency, by_cpu = _floors(latency, margin, bare)
        threads = "1 thread" not in margin.name
        rows.append(
            (
                margin.name,
                f"{margin.calls:.0f}",
                f"{statistics.median(margin.cpu_per_call) * 1000:.2f}",
                f"{margin.ratio(bare):.2f}x" if latency == 0 else "",
                f"{margin.wall:.2f}",
                f"{by_latency:.2f}" if threads else "",
                f"{by_cpu:.2f}",
            )
        )
    columns = ("", "calls", "CPU ms/call", f"to {bare.name}", "wall s", "floor: latency s", "floor: CPU s")
    return Table(caption=f"answers after {latency * 1000:.0f} ms", columns=columns, rows=tuple(rows))
