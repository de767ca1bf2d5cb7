"""The instruments, on commands whose cost is known."""

import sys
from pathlib import Path

import pytest

from posture.policy.document import load_policy
from posture.policy.shipped import shipped_policies
from tests.benchmarks import measuring, registry
from tests.benchmarks.measuring import BrokenRunError, Command, Measured, Sample, cpu
from tests.benchmarks.shared_checks import CONTROLS, SHARED
from tests.testbeds.process import base_environment


def python(code: str) -> Command:
    return Command(name="probe", argv=(sys.executable, "-c", code), environment=base_environment())


def sample(seconds: float) -> Sample:
    return Sample(wall=1, cpu=seconds, peak=1, code=0)


def test_processor_time_is_the_command_s_own_and_its_children_s() -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    assert measuring.run(python(burn)).cpu >= 0.2
    assert measuring.run(python(child)).cpu >= 0.2
    assert measuring.run(python("import time; time.sleep(0.3)")).cpu < 0.2


def test_peak_memory_is_the_command_s_and_not_that_of_whoever_measures() -> None:
    ballast = bytearray(b"x" * 200_000_000)
    small, large = measuring.run(python("pass")), measuring.run(python("bytearray(b'x' * 100_000_000)"))
    assert small.megabytes < 50
    assert large.megabytes > 100
    assert ballast


def test_a_meter_counts_what_a_run_adds() -> None:
    readings = iter(({"a": 1, "b": 5}, {"a": 4, "b": 5, "c": 2}))
    assert measuring.run(python("pass"), meter=lambda: next(readings)).counted == {"a": 3, "c": 2}


def test_a_command_that_ends_otherwise_than_expected_breaks_the_run_with_its_own_words() -> None:
    with pytest.raises(BrokenRunError, match="ended with 3: why"):
        measuring.run(python("print('why'); raise SystemExit(3)"))


def test_a_command_that_does_not_end_is_ended() -> None:
    with pytest.raises(BrokenRunError, match="did not end within 1 s"):
        measuring.run(python("import time; time.sleep(60)"), seconds=1)


def test_commands_run_in_turn_and_the_first_round_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "order"
    note = "open({!r}, 'a').write({!r})"
    commands = (python(note.format(str(file), "a")), python(note.format(str(file), "b")))
    ours, theirs = measuring.in_turn(commands, repeat=2, warmup=1)
    assert file.read_text("utf-8") == "ababab"
    assert len(ours.samples) == len(theirs.samples) == 2


def test_a_ratio_is_taken_pair_by_pair() -> None:
    ours = Measured(name="ours", samples=tuple(map(sample, (1, 10, 100))))
    theirs = Measured(name="theirs", samples=tuple(map(sample, (2, 30, 400))))
    assert theirs.ratio(ours, cpu) == 3


def test_every_bench_is_in_the_registry() -> None:
    modules = {path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")}
    assert modules == set(registry.names())


def test_the_controls_beside_prowler_are_there() -> None:
    shipped = {control.info.id for path in shipped_policies() for control in load_policy(str(path)).controls}
    assert set(CONTROLS) <= shipped
    assert all(SHARED.values())
