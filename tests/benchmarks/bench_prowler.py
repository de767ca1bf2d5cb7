"""posture and Prowler on the same buckets of the same moto server, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.estates import counted_moto, seed_buckets
from tests.benchmarks.measuring import Command, Measured, Sample, cpu, in_turn, megabytes, wall
from tests.benchmarks.options import Options
from tests.benchmarks.posture_command import scan_of_file, scan_of_stores, stores_text
from tests.benchmarks.prowler import VERSION, install_prowler, prowler_command
from tests.benchmarks.report import COSTS, Aim, Report, Table, cost_row
from tests.testbeds.aws import REGION, environment

TITLE = f"posture beside Prowler {VERSION}"
SIZES = (20, 200)
_FEW_RUNS = 3  # of the large estate, where a pair takes minutes
_ON_THE_COMMAND_LINE = 20  # up to here the stores are named by --store, above it in a file


def run(options: Options) -> Report:
    """Measure estates of each size; Prowler is installed when it is first needed."""
    prowler = None if options.skip_prowler else install_prowler(options.folder)
    measured = {size: _estate(size, prowler, options) for size in ((10,) if options.small else SIZES)}
    runs = {each.name: each for pair in measured.values() for each in pair}
    return Report(
        tables=tuple(_table(size, pair) for size, pair in measured.items()),
        aims=tuple(aim for size, pair in measured.items() for aim in _aims(size, pair)),
        notes=tuple(_notes(options)),
        runs=runs,
    )


def _estate(size: int, prowler: Path | None, options: Options) -> tuple[Measured, ...]:
    with TemporaryDirectory() as scratch, counted_moto() as moto:
        names = seed_buckets(moto.url, size)
        commands = _commands(names, environment(moto.url), prowler, Path(scratch))
        repeat = options.repeat if size <= _ON_THE_COMMAND_LINE else min(options.repeat, _FEW_RUNS)
        return in_turn(commands, repeat=repeat, meter=moto.requests)


def _commands(
    names: Sequence[str], surroundings: Mapping[str, str], prowler: Path | None, scratch: Path
) -> tuple[Command, ...]:
    uris = tuple(f"s3://{name}" for name in names)
    name = f"posture, {len(uris)} buckets"
    if len(uris) <= _ON_THE_COMMAND_LINE:
        ours = scan_of_stores(name, uris, environment=surroundings, folder=scratch)
    else:
        ours = scan_of_file(name, stores_text(uris), environment=surroundings, folder=scratch)
    if prowler is None:
        return (ours,)
    return ours, prowler_command(
        prowler,
        name=f"Prowler, {len(uris)} buckets",
        environment={**surroundings, "HOME": str(scratch)},
        region=REGION,
        out=scratch / "out",
    )


def _table(size: int, pair: tuple[Measured, ...]) -> Table:
    rows = [_row(each, size) for each in pair]
    if len(pair) > 1:
        ours, theirs = pair
        rows.append(
            (
                "Prowler / posture",
                *(f"{theirs.ratio(ours, figure):.1f}x" for figure in (wall, cpu, megabytes, _calls)),
                "",
            )
        )
    columns = ("", *COSTS, "requests", "per bucket")
    return Table(caption=f"{size} buckets, from hardened to bare, in one account", columns=columns, rows=tuple(rows))


def _row(measured: Measured, size: int) -> tuple[str, ...]:
    calls = measured.median(_calls)
    return cost_row(measured.name, measured, f"{calls:.0f}", f"{calls / size:.1f}")


def _aims(size: int, pair: tuple[Measured, ...]) -> Sequence[Aim]:
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


def _notes(options: Options) -> Sequence[str]:
    bound = "both wait for the one moto process; posture also reads access points, keys, roles and trails"
    return ("Prowler did NOT run: --skip-prowler", bound) if options.skip_prowler else (bound,)


def _calls(sample: Sample) -> float:
    return sample.calls
