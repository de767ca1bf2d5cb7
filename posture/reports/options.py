"""How a report is wanted; formats that have no use for an option ignore it."""

from __future__ import annotations

from posture.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Width in terminal cells; verbosity 1 lists what passed, 2 also what did not apply and every source in full."""

    width: int = 80
    colour: bool = False
    verbosity: int = 0
