"""What commands cost as whole processes, by the kernel's own account, run in turn so that a noisy machine hits all."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("launcher.py")
_MEGABYTE = 1_000_000


class BrokenRunError(RuntimeError):
    """A command ended with a code that it should not, or not at all; the message carries the end of what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command under measurement, and the exit codes with which it counts as having worked."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    expected: frozenset[int] = frozenset({0})
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One finished run; `peak` is in bytes, and of the largest process of the run. `counted` is what a meter gained."""

    wall: float
    cpu: float
    peak: int
    code: int
    counted: Mapping[str, int] = field(default_factory=dict)

    @property
    def megabytes(self) -> float:
        """The peak in units of 10^6 bytes."""
        return self.peak / _MEGABYTE

    @property
    def calls(self) -> int:
        """All that the meter gained."""
        return sum(self.counted.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All counted runs of one command."""

    name: str
    samples: tuple[Sample, ...]

    def median(self, figure: Callable[[Sample], float]) -> float:
        """The figure to quote."""
        return statistics.median(map(figure, self.samples))

    def spread(self, figure: Callable[[Sample], float]) -> tuple[float, float]:
        """The least and the most: how noisy the machine was."""
        return min(map(figure, self.samples)), max(map(figure, self.samples))

    def ratio(self, other: Measured, figure: Callable[[Sample], float]) -> float:
        """How much of the other's figure this one needs, pair by pair, as the two ran one after the other."""
        pairs = zip(self.samples, other.samples, strict=True)
        return statistics.median(figure(mine) / figure(theirs) for mine, theirs in pairs)


Meter = Callable[[], Mapping[str, int]]


def wall(sample: Sample) -> float:
    """Seconds from start to end."""
    return sample.wall


def cpu(sample: Sample) -> float:
    """Processor seconds, user and system, of the command and its children."""
    return sample.cpu


def megabytes(sample: Sample) -> float:
    """Peak memory in units of 10^6 bytes."""
    return sample.megabytes


def in_turn(
    commands: Sequence[Command], *, repeat: int, warmup: int = 1, meter: Meter | None = None, seconds: float = 1800
) -> tuple[Measured, ...]:
    """Run the commands A B A B …, after runs that do not count and that fill caches."""
    rounds = [[run(command, meter=meter, seconds=seconds) for command in commands] for _ in range(warmup + repeat)]
    counted = rounds[warmup:]
    return tuple(
        Measured(name=command.name, samples=tuple(samples))
        for command, samples in zip(commands, zip(*counted, strict=True), strict=True)
    )


def run(command: Command, *, meter: Meter | None = None, seconds: float = 1800) -> Sample:
    """Run a command once; raises BrokenRunError when it does not end as expected."""
    before = meter() if meter else {}
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile() as printed:
        result = Path(scratch) / "figures.json"
        argv = [sys.executable, "-I", "-S", str(_LAUNCHER), str(result), *command.argv]
        with _ended_for_certain(argv, command, printed.fileno()) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                raise BrokenRunError(f"{command.name} did not end within {seconds:.0f} s") from None
        printed.seek(0)
        said = printed.read()[-4000:].decode(errors="replace").strip()
        if not result.exists():
            raise BrokenRunError(f"{command.name} was not measured: {said}")
        figures = json.loads(result.read_text("utf-8"))
    if figures["code"] not in command.expected:
        raise BrokenRunError(f"{command.name} ended with {figures['code']}: {said}")
    after = meter() if meter else {}
    return Sample(
        **figures, counted={name: n - before.get(name, 0) for name, n in after.items() if n > before.get(name, 0)}
    )


@contextmanager
def _ended_for_certain(argv: Sequence[str], command: Command, printed: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603 - the benches' own commands
        argv,
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=printed,
        env=dict(command.environment),
        cwd=command.folder,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # a group of its own: nothing else is in it
            process.wait()
