import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.testbeds.process import DidNotStartError, base_environment, running

PROCESSES = ("ps", "-e", "-o", "pgid=,stat=")
ROOT = Path(__file__).parents[2]
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", child])
print("ready", flush=True)
time.sleep(600)
"""


def alive(group: int) -> bool:
    listed = subprocess.run(PROCESSES, check=True, capture_output=True, text=True).stdout  # noqa: S603 ps
    rows = (line.split() for line in listed.splitlines())
    return any(int(of) == group and not state.startswith("Z") for of, state in rows)  # the dead may await init


def gone(group: int, *, within: float) -> bool:
    deadline = time.monotonic() + within
    while alive(group):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_server_is_gone_when_its_block_ends() -> None:
    command = [sys.executable, "-c", "import time; print('listening on 4711', flush=True); time.sleep(600)"]
    with running(command, ready=r"listening on (\d+)") as server:
        assert server.ready[1] == "4711"
        assert server.output() == "listening on 4711\n"
        assert alive(server.group)
    assert gone(server.group, within=1)


def test_a_server_that_ignores_sigterm_is_gone_with_its_children() -> None:
    with running([sys.executable, "-c", STUBBORN], ready="ready") as server:
        pass
    assert gone(server.group, within=1)


def test_a_server_is_gone_when_its_parent_was_killed() -> None:
    parent = (
        "import sys, time\n"
        "from tests.testbeds.process import running\n"
        f"with running([sys.executable, '-c', {STUBBORN!r}], ready='ready') as server:\n"
        "    print(server.group, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen(  # noqa: S603 the script above
        [sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        group = int(process.stdout.readline())
        assert alive(group)
        process.send_signal(signal.SIGKILL)
    assert gone(group, within=5)


def test_a_server_that_ends_says_why() -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such option: --prot')"]
    with pytest.raises(DidNotStartError, match="no such option: --prot"), running(command, ready="never"):
        pytest.fail("it did not start")


def test_a_server_that_says_nothing_is_given_up() -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with pytest.raises(DidNotStartError, match="it printed nothing"), running(command, ready="never", seconds=0.3):
        pytest.fail("it did not start")


def test_a_peer_knows_nothing_of_the_developers_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    command = [sys.executable, "-c", "import os; print('profile', os.environ.get('AWS_PROFILE'), flush=True)"]
    with running(command, ready=r"profile (\w+)", environment=base_environment()) as server:
        assert server.ready[1] == "None"
