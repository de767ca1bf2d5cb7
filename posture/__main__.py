"""`python -m posture`, and the `posture` command."""

import gc
import os
import sys
from contextlib import suppress

from posture.cli import main

_NEW_RECORDS = 300_000  # a run makes many records and few cycles: looking for them costs more than they hold


def run() -> None:
    """Run the command line and leave with its exit code, at once.

    The interpreter would free every record one by one and look for cycles in them, which costs a fifth of a run, and
    wait for threads that still wait for a server that hangs.
    """
    gc.set_threshold(_NEW_RECORDS)
    kept: list[object] = []
    code = main(sys.argv[1:], kept)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more
            if stream is not None:  # closed before the program began
                stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
