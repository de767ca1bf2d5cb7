"""What a person sees while a run takes longer than a moment: one line on stderr, only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from posture.worklist import Progress


def meanwhile(work: Callable[[], None], watch: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """The watcher, and some work that is done once, while the first answers are awaited."""

    def watching(step: Progress) -> None:
        if step.target is None:
            work()
        watch(step)

    return watching


@contextmanager
def progress() -> Iterator[Callable[[Progress], None]]:
    """A watcher for `scan`; silent where stderr is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
    from rich.text import Text  # noqa: PLC0415 - as above

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    with console.status(Text("reading …")) as status:

        def show(step: Progress) -> None:
            status.update(Text(f"{step.done} of {step.known} places read"))

        yield show
