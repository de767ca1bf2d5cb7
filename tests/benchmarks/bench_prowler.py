"""posture and Prowler on the same buckets of the same moto server, one after the other.

Once with the checks that both have, and once each with all that it checks of a bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.estates import counted_moto, seed_buckets
from tests.benchmarks.measuring import Command, Measured, Sample, cpu, in_turn, megabytes, wall
from tests.benchmarks.options import Options
from tests.benchmarks.posture_command import scan_of_file, scan_of_stores, stores_text
from tests.benchmarks.prowler import VERSION, install_prowler, prowler_command
from tests.benchmarks.report import COSTS, Aim, Report, Table, cost_row
from tests.benchmarks.shared_checks import CONTROLS, SHARED
from tests.testbeds.aws import REGION, environment

TITLE = f"posture beside Prowler {VERSION}"
SIZES = (20, 200)
_FEW_RUNS = 3  # of the large estate, where a pair takes minutes
_SHARED, _ALL = "checks that both have", "all checks"
_ON_THE_COMMAND_LINE = 20  # up to here the stores are named by --store, above it in a file


def run(options: Options) -> Report:
    """Measure estates of each size; Prowler is installed when it is first needed."""
    prowler = None if options.skip_prowler else install_prowler(options.folder)
    measured = {size: _estate(size, prowler, options) for size in ((10,) if options.small else SIZES)}
    return Report(
        tables=tuple(_table(size, pairs) for size, pairs in measured.items()),
        aims=tuple(aim for size, (shared, *_) in measured.items() for aim in _aims(size, shared)),
        notes=tuple(_notes(options)),
        runs={each.name: each for pairs in measured.values() for pair in pairs for each in pair},
    )


Pair = tuple[Measured, ...]  # posture's runs, and Prowler's where it ran


def _estate(size: int, prowler: Path | None, options: Options) -> tuple[Pair, Pair]:
    with TemporaryDirectory() as scratch, counted_moto() as moto:
        names = seed_buckets(moto.url, size)
        surroundings = environment(moto.url)
        shared = _commands(_SHARED, names, surroundings, prowler, Path(scratch))
        whole = _commands(_ALL, names, surroundings, prowler, Path(scratch))
        repeat = options.repeat if size <= _ON_THE_COMMAND_LINE else min(options.repeat, _FEW_RUNS)
        measured = in_turn((*shared, *whole), repeat=repeat, meter=moto.requests)
        return measured[: len(shared)], measured[len(shared) :]


def _commands(
    what: str, names: Sequence[str], surroundings: Mapping[str, str], prowler: Path | None, scratch: Path
) -> tuple[Command, ...]:
    uris = tuple(f"s3://{name}" for name in names)
    name, controls = f"posture, {len(uris)} buckets, {what}", CONTROLS if what == _SHARED else ()
    if len(uris) <= _ON_THE_COMMAND_LINE:
        ours = scan_of_stores(name, uris, environment=surroundings, folder=scratch, controls=controls)
    else:
        ours = scan_of_file(name, stores_text(uris), environment=surroundings, folder=scratch, controls=controls)
    if prowler is None:
        return (ours,)
    return ours, prowler_command(
        prowler,
        name=f"Prowler, {len(uris)} buckets, {what}",
        environment={**surroundings, "HOME": str(scratch)},
        region=REGION,
        out=scratch / "out",
        checks=tuple(SHARED) if what == _SHARED else (),
    )


def _table(size: int, pairs: Sequence[Pair]) -> Table:
    columns = ("", *COSTS, "requests", "per bucket")
    rows = tuple(row for pair in pairs for row in _rows(size, pair))
    return Table(caption=f"{size} buckets, from hardened to bare, in one account", columns=columns, rows=rows)


def _rows(size: int, pair: Pair) -> Iterator[tuple[str, ...]]:
    yield from (_row(each, size) for each in pair)
    if len(pair) > 1:
        ours, theirs = pair
        ratios = (f"{theirs.ratio(ours, figure):.1f}x" for figure in (wall, cpu, megabytes, _calls))
        yield ("Prowler / posture", *ratios, "")


def _row(measured: Measured, size: int) -> tuple[str, ...]:
    calls = measured.median(_calls)
    return cost_row(measured.name, measured, f"{calls:.0f}", f"{calls / size:.1f}")


def _aims(size: int, pair: Pair) -> Sequence[Aim]:
    memory = Aim(what=f"peak memory, {size} buckets", measured=pair[0].median(megabytes), limit=120, unit=" MB")
    if len(pair) == 1:
        return (memory,)
    ours, theirs = pair
    times_wall = theirs.ratio(ours, wall)
    if size > _ON_THE_COMMAND_LINE:
        return memory, Aim(what=f"less wall, {size} buckets", measured=times_wall, limit=4, unit="x", at_least=True)
    times_cpu = theirs.ratio(ours, cpu)
    return (
        memory,
        Aim(what=f"less wall, {size} buckets", measured=times_wall, limit=15, unit="x", at_least=True),
        Aim(what=f"less CPU, {size} buckets", measured=times_cpu, limit=15, unit="x", at_least=True),
    )


def _notes(options: Options) -> Iterator[str]:
    if options.skip_prowler:
        yield "Prowler did NOT run: --skip-prowler"
    yield "both wait for the one moto process"
    yield "its list of buckets names no Regions, as S3's does: posture asks each bucket for its own, a request of each"
    yield f"of Prowler's checks {len(SHARED)} ask what {len(CONTROLS)} controls ask; it reads the same for any of them"
    yield "of the rest posture reads keys and roles too, and decides who gets in"


def _calls(sample: Sample) -> float:
    return sample.calls
