"""Runs one command and ends it, with all its children, as soon as standard input closes.

The kernel closes a dead parent's pipes, so nothing outlives the parent, however it died and on every system. It runs
in a process group of its own, which is all that it ever signals. Standard library only: it is started with `python -I`.
"""

import os
import signal
import subprocess
import sys
import threading

_GRACE = 1.0


def main(command: list[str]) -> None:
    """Never return: the last act is a kill of the whole group, this process included."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 the caller's command
    threading.Thread(target=_end_with_the_parent, args=[child], daemon=True).start()
    child.wait()
    os.killpg(0, signal.SIGKILL)


def _end_with_the_parent(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1):
        pass
    child.terminate()
    threading.Event().wait(_GRACE)
    child.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
