"""`python -m posture`, and the `posture` command."""

import gc
import os
import sys
from contextlib import suppress

from posture.cli import Exit, main

_NEW_RECORDS = (
    50_000  # a run makes many records and few cycles: looking for cycles more often costs a tenth of its time
)


def run() -> None:
    """Run the command line and leave with its exit code, at once where nothing should be waited for."""
    gc.set_threshold(_NEW_RECORDS)
    code = main(sys.argv[1:])
    gc.freeze()  # the records go with the process: looking for cycles in them at its end costs a seventh of a run
    if code in (Exit.INTERRUPTED, Exit.BUG):
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(code)  # threads may still wait for a server that hangs, and the interpreter would wait for them
    sys.exit(code)


if __name__ == "__main__":
    run()
