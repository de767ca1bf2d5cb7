"""The installed `posture` command under measurement, on named stores."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.measuring import Command

POSTURE = Path(sys.executable).with_name("posture")
SCANNED = frozenset({0, 1, 3})  # all passed, something failed, something is unknown
CONCURRENCY = 16  # calls in flight when nothing is said


def scan_of_stores(
    name: str,
    uris: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    controls: Iterable[str] = (),
) -> Command:
    """`posture scan --store … --store …`, in a folder where no configuration is found."""
    stores = (word for uri in uris for word in ("--store", uri))
    return _scan(name, *stores, *_only(controls), environment=environment, folder=folder)


def scan_of_file(
    name: str,
    text: str,
    *arguments: str,
    environment: Mapping[str, str],
    folder: Path,
    controls: Iterable[str] = (),
) -> Command:
    """`posture scan --config …` of a configuration with this text."""
    file = folder / f"{name.replace(' ', '-')}.yaml"
    file.write_text(text, encoding="utf-8")
    return _scan(name, "--config", str(file), *arguments, *_only(controls), environment=environment, folder=folder)


def stores_text(uris: Sequence[str]) -> str:
    """The part of a configuration that names stores."""
    return "stores:\n" + "".join(f"  - uri: {uri}\n" for uri in uris)


def canned_stores(count: int) -> tuple[str, ...]:
    """The first so many stores that the canned AWS lists."""
    return tuple(f"s3://bucket-{number:05}" for number in range(count))


def _only(controls: Iterable[str]) -> Iterator[str]:
    for control in controls:
        yield from ("--control", control)


def _scan(name: str, *arguments: str, environment: Mapping[str, str], folder: Path) -> Command:
    argv = (str(POSTURE), "scan", *arguments)
    return Command(name=name, argv=argv, environment=environment, expected=SCANNED, folder=folder)
