"""What it costs to start: help, version, one bucket, and what a Databricks account adds."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import Command, Measured, Sample, cpu, in_turn, megabytes, wall
from tests.benchmarks.options import Options
from tests.benchmarks.posture_command import POSTURE, scan_of_file, scan_of_stores
from tests.benchmarks.report import COSTS, Aim, Report, Row, Table, cost_row
from tests.testbeds import aws, databricks
from tests.testbeds.canned import canned_aws
from tests.testbeds.databricks import ACCOUNT, AccountState, account_api
from tests.testbeds.estate import good_account
from tests.testbeds.process import base_environment
from tests.testbeds.seed import Bucket
from tests.testbeds.stores import Store

TITLE = "starting, and what a Databricks account adds"
_RUNS = 7  # short runs are noisy and cheap
_STORE = Store(
    bucket=Bucket(name="bucket-00000", account=aws.HOME),
    prefix="audit",
    writer=f"arn:aws:iam::{aws.HOME}:role/audit-log-delivery",
)


def run(options: Options) -> Report:
    """Measure short commands beside the bare interpreter, and one bucket with and without a Databricks account."""
    repeat = 2 if options.small else max(options.repeat, _RUNS)
    bare, helped, versioned = in_turn(_short(), repeat=repeat)
    alone, discovered, boto, sdk = _scans(repeat)
    everything = (bare, helped, versioned, alone, discovered, boto, sdk)
    return Report(
        tables=(
            Table(
                caption="whole processes",
                columns=("", *COSTS),
                rows=(*(cost_row(each.name, each) for each in everything), _added(alone, discovered)),
            ),
        ),
        aims=(
            Aim(what="wall of `posture --help`", measured=helped.median(wall), limit=0.2, unit=" s"),
            Aim(what="CPU of one bucket with --store", measured=alone.median(cpu), limit=1.5, unit=" s"),
        ),
        notes=("AWS answers at once, from a table; the Databricks account has one delivery, to the same bucket",),
        runs={each.name: each for each in everything},
    )


def _short() -> tuple[Command, ...]:
    plain = base_environment()
    return (
        _python("pass", plain),
        Command(name="posture --help", argv=(str(POSTURE), "--help"), environment=plain),
        Command(name="posture --version", argv=(str(POSTURE), "--version"), environment=plain),
    )


def _scans(repeat: int) -> tuple[Measured, ...]:
    with TemporaryDirectory() as scratch, canned_aws() as server, account_api(_account()) as api:
        surroundings = {**databricks.environment(api.url), **aws.environment(server.url)}
        account = f"databricks:\n  - host: {api.url}\n    account_id: {ACCOUNT}\n"
        folder = Path(scratch)
        commands = (
            scan_of_stores("one bucket, by --store", (_STORE.uri,), environment=surroundings, folder=folder),
            scan_of_file("one bucket, by a Databricks account", account, environment=surroundings, folder=folder),
            _python("import boto3", surroundings),
            _python("import databricks.sdk", surroundings),
        )
        return in_turn(commands, repeat=repeat)


def _account() -> AccountState:
    return good_account(_STORE, now=datetime.now(UTC))


def _python(code: str, environment: Mapping[str, str]) -> Command:
    return Command(name=f"python -c '{code}'", argv=(sys.executable, "-c", code), environment=environment)


def _added(alone: Measured, discovered: Measured) -> Row:
    def difference(figure: Callable[[Sample], float]) -> str:
        pairs = zip(discovered.samples, alone.samples, strict=True)
        return f"{statistics.median(figure(more) - figure(less) for more, less in pairs):+.2f}"

    return ("what the account adds", *map(difference, (wall, cpu, megabytes)))
