"""Which calls a run needs: those that a fact rests on which some control reads, and those that every run makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from posture.reading.calls import Call


class Needs:
    """The facts of stores that a run asks for, by their paths; those of items are written `grants[].scope`."""

    def __init__(self, facts: Iterable[str]) -> None:
        self._paths = frozenset(path for fact in facts for path in _above(fact))

    def include(self, call: Call) -> bool:
        """Whether the run makes a call."""
        return call.facts is None or not self._paths.isdisjoint(call.facts)


def _above(fact: str) -> Iterator[str]:
    """The path and those above it: `a.b[].c`, `a.b`, `a`."""
    while fact:
        yield fact
        fact = fact.rpartition(".")[0].removesuffix("[]")
