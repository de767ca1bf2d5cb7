"""posture and Prowler on the same buckets of one Google project, by Google's own host names, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.google_peer import google_peer
from tests.benchmarks.measuring import Command, Measured, Sample, cpu, in_turn, megabytes, wall
from tests.benchmarks.options import Options
from tests.benchmarks.posture_command import scan_of_file, stores_text
from tests.benchmarks.prowler import VERSION, install_prowler, prowler_google_command
from tests.benchmarks.report import COSTS, Report, Table, cost_row
from tests.testbeds.google_estate import LOGS_ID

TITLE = f"posture beside Prowler {VERSION} on Google Cloud"
SIZES = (1, 20, 200)
_MOST_RUNS = 3  # a run of Prowler takes half a minute whatever it finds


def run(options: Options) -> Report:
    """Measure projects of each size; Prowler is installed when it is first needed."""
    prowler = None if options.skip_prowler else install_prowler(options.folder)
    measured = {size: _project(size, prowler, options) for size in ((3,) if options.small else SIZES)}
    return Report(
        tables=tuple(_table(size, runs) for size, runs in measured.items()),
        notes=(
            *(("Prowler did NOT run: --skip-prowler",) if options.skip_prowler else ()),
            "posture also reads lists, keys, managed folders, roles, and the policies of everything above the project",
        ),
        runs={each.name: each for runs in measured.values() for each in runs},
    )


def _project(size: int, prowler: Path | None, options: Options) -> tuple[Measured, ...]:
    with TemporaryDirectory() as scratch, google_peer(size, Path(scratch)) as peer:
        names = stores_text([f"gs://{name}" for name in peer.state.buckets])
        ours = scan_of_file(f"posture, {_buckets(size)}", names, environment=peer.environment, folder=Path(scratch))
        theirs = () if prowler is None else (_prowler(size, prowler, peer.environment, Path(scratch)),)
        return in_turn((ours, *theirs), repeat=min(options.repeat, _MOST_RUNS), meter=peer.requests)


def _table(size: int, runs: tuple[Measured, ...]) -> Table:
    rows = [cost_row(each.name, each, f"{each.median(_calls):.0f}") for each in runs]
    if len(runs) > 1:
        ours, theirs = runs
        ratios = (f"{theirs.ratio(ours, figure):.1f}x" for figure in (wall, cpu, megabytes, _calls))
        rows.append(("Prowler / posture", *ratios))
    caption = f"{_buckets(size)} of one project, well kept, as documented and neglected in turn"
    return Table(caption=caption, columns=("", *COSTS, "requests"), rows=tuple(rows))


def _prowler(size: int, prowler: Path, environment: Mapping[str, str], folder: Path) -> Command:
    name = f"Prowler, {_buckets(size)}"
    return prowler_google_command(prowler, name=name, environment=environment, project=LOGS_ID, out=folder / "out")


def _buckets(size: int) -> str:
    return "1 bucket" if size == 1 else f"{size} buckets"


def _calls(sample: Sample) -> float:
    return sample.calls
