"""Runs one command, and writes what the kernel says it cost as JSON to a file. Standard library only, run with `-I -S`.

It stands between the bench and the command because a child's peak memory starts at that of the process that made it:
here a few megabytes, in the bench a whole boto3.
"""

import json
import os
import subprocess
import sys
import time


def main(result: str, command: list[str]) -> None:
    """Run the command with this process's own streams, environment and folder."""
    before = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the caller's command
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    figures = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),  # the systems disagree about the unit
        "code": process.returncode,
    }
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would double this process's memory
        json.dump(figures, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
