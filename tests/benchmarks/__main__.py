"""`make bench`, or `python -m tests.benchmarks NAME …`. It reports and never judges: 1 means that something broke."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from posture.reports.registry import FORMATS
from tests.benchmarks import registry, report
from tests.benchmarks.measuring import BrokenRunError
from tests.benchmarks.options import Options
from tests.testbeds.process import DidNotStartError

FOLDER = Path(__file__).parents[2] / ".bench"
RESULTS = FOLDER / "results.json"


def main(arguments: list[str]) -> int:
    """Run the benches named, or all of them, one after the other; one that breaks does not stop the next."""
    chosen = _parser().parse_args(arguments)
    options = Options(
        folder=FOLDER,
        repeat=chosen.repeat or (1 if chosen.small else 5),
        small=chosen.small,
        skip_prowler=chosen.skip_prowler,
        beside=tuple(chosen.beside),
    )
    FOLDER.mkdir(exist_ok=True)
    broken = [name for name in chosen.bench or registry.names() if not _run(name, options)]
    print(f"figures: {RESULTS}")  # noqa: T201 - a command's output
    if broken:
        print(f"broke: {', '.join(broken)}")  # noqa: T201 - a command's output
    return int(bool(broken))


def _run(name: str, options: Options) -> bool:
    bench = registry.bench(name)
    started, before = datetime.now(UTC), _load()
    print(f"\n{name}: {bench.TITLE}  [load {before}]\n", flush=True)  # noqa: T201 - a command's output
    try:
        result = bench.run(options)
    except (BrokenRunError, DidNotStartError) as error:
        print(f"  BROKEN: {error}", flush=True)  # noqa: T201 - a command's output
        return False
    print("\n".join(report.lines(result)), flush=True)  # noqa: T201 - a command's output
    took = round((datetime.now(UTC) - started).total_seconds())
    print(f"  took {took // 60} min {took % 60} s  [load {_load()}]", flush=True)  # noqa: T201 - a command's output
    about = {
        "at": started.isoformat(timespec="seconds"),
        "took": took,
        "load": [before, _load()],
        "small": options.small,
    }
    _keep(name, {**about, **_machine(), **report.record(result)})
    return True


def _keep(name: str, result: Mapping[str, object]) -> None:
    """Replace one bench's figures; those of others stay, each with its own time and machine."""
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**kept, name: result}, indent=1) + "\n", encoding="utf-8")


def _machine() -> Mapping[str, object]:
    return {
        "processors": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("audit-log-posture", "boto3", "databricks-sdk", "moto")},
    }


def _load() -> str:
    return " ".join(f"{figure:.1f}" for figure in os.getloadavg())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("bench", nargs="*", help=f"{', '.join(registry.names())}; all of them when none is named")
    parser.add_argument("--repeat", type=int, help="counted runs of each command (5)")
    parser.add_argument(
        "--small", action="store_true", help="see that the benches work: small, once, figures mean little"
    )
    parser.add_argument("--skip-prowler", action="store_true", help="do not install or run Prowler, and say so")
    parser.add_argument(
        "--beside",
        action="append",
        default=[],
        choices=["save", *FORMATS],
        help="also measure `scale` with a snapshot (save) or a report in this format; repeatable",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
