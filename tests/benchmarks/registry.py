"""The benches by name. One line adds a bench: a module with `TITLE` and `run(options)`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from tests.benchmarks.options import Options
from tests.benchmarks.report import Report

_MODULES: Mapping[str, str] = {
    "start": "tests.benchmarks.bench_start",
    "calls": "tests.benchmarks.bench_calls",
    "iam": "tests.benchmarks.bench_iam",
    "prowler": "tests.benchmarks.bench_prowler",
    "google": "tests.benchmarks.bench_google",
    "plans": "tests.benchmarks.bench_plans",
    "scale": "tests.benchmarks.bench_scale",
}


class Bench(Protocol):
    """What a bench module offers."""

    TITLE: str

    def run(self, options: Options) -> Report:
        """Measure and report."""


def names() -> tuple[str, ...]:
    """The benches that are there, in the order in which they run."""
    return tuple(name for name, module in _MODULES.items() if find_spec(module) is not None)


def bench(name: str) -> Bench:
    """One bench; its module is imported now."""
    module: Bench = import_module(_MODULES[name])
    return module
