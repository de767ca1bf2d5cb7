"""Ten thousand buckets: whether time grows as they do, and what they take of memory."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import Measured, Sample, cpu, in_turn, megabytes
from tests.benchmarks.options import Options
from tests.benchmarks.posture_command import canned_stores, scan_of_file, stores_text
from tests.benchmarks.report import COSTS, Aim, Report, Row, Table, cost_row
from tests.testbeds.aws import environment
from tests.testbeds.canned import canned_aws

TITLE = "many buckets"
SIZES = (1_000, 3_000, 10_000)
SMALL = (30, 100, 300)
_REPEATED = 1_000  # above this a run takes minutes: once is enough
_TWO_HOURS = 7200


def run(options: Options) -> Report:
    """Measure each size against the smallest possible run."""
    sizes = SMALL if options.small else SIZES
    baseline = _measured(1, options.repeat)
    measured = {size: _measured(size, options.repeat if size <= _REPEATED else 1) for size in sizes}
    beside = {what: _measured(sizes[-1], 1, what) for what in options.beside}
    least, most = measured[sizes[0]], measured[sizes[-1]]
    growth = math.log(_more(most, baseline) / _more(least, baseline)) / math.log(sizes[-1] / sizes[0])
    memory = most.median(megabytes) - baseline.median(megabytes)
    sized = {1: baseline, **measured}
    rows = [_row(f"{size:,}", size, each, baseline) for size, each in sized.items()]
    rows += [_row(f"{sizes[-1]:,} and {what}", sizes[-1], each, baseline) for what, each in beside.items()]
    columns = ("buckets", *COSTS, "MB over one", "CPU ms/bucket", "calls/bucket")
    return Report(
        tables=(Table(caption="answers at once, from a table", columns=columns, rows=tuple(rows)),),
        aims=(
            Aim(what=f"growth of CPU from {sizes[0]} to {sizes[-1]} buckets (1 is linear)", measured=growth, limit=1.1),
            Aim(what=f"memory of {sizes[-1]} buckets over that of one", measured=memory, limit=200, unit=" MB"),
        ),
        runs={each.name: each for each in (*sized.values(), *beside.values())},
    )


def _measured(size: int, repeat: int, beside: str = "") -> Measured:
    """`beside` is what else is written: a snapshot, or a report in this format."""
    with TemporaryDirectory() as scratch, canned_aws(buckets=size) as server:
        text = stores_text(canned_stores(size))
        name = f"{size} buckets and {beside}" if beside else f"{size} buckets"
        written = {"": (), "save": ("--save", "snapshot.json")}.get(beside, ("--format", beside, "--output", "report"))
        command = scan_of_file(name, text, *written, environment=environment(server.url), folder=Path(scratch))
        warmup = 0 if beside or size > _REPEATED else 1
        (measured,) = in_turn((command,), repeat=repeat, warmup=warmup, meter=server.counts, seconds=_TWO_HOURS)
    return measured


def _row(name: str, size: int, measured: Measured, baseline: Measured) -> Row:
    over = measured.median(megabytes) - baseline.median(megabytes)
    per_bucket = _more(measured, baseline) / size * 1000
    calls = measured.median(_calls) / size
    return cost_row(name, measured, f"{over:.0f}", f"{per_bucket:.1f}" if size > 1 else "", f"{calls:.1f}")


def _more(measured: Measured, baseline: Measured) -> float:
    return measured.median(cpu) - baseline.median(cpu)


def _calls(sample: Sample) -> float:
    return sample.calls
