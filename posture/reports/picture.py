"""The summary picture: a bar for each severity, parts by how rows count. Every part is also a number in the table."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.model.logic import Severity
from posture.reports.tally import Tally
from posture.reports.view import Standing

WIDTH = 600  # of the longest bar, in units of the drawing
SLIVER = 14  # a part is never drawn narrower: one failure among thousands is seen
DIGIT = 8  # of a number's width

SHOWN = (Standing.FAIL, Standing.UNKNOWN, Standing.KNOWN, Standing.WAIVED, Standing.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a bar, with the number that is written on it where it has room."""

    kind: Standing
    number: int
    left: float
    width: float

    @property
    def labelled(self) -> bool:
        """Whether the number fits."""
        return self.width >= DIGIT * len(f"{self.number:,}") + 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The rows of one severity that apply."""

    severity: Severity
    number: int
    parts: tuple[Part, ...]


def bars(tally: Tally) -> tuple[Bar, ...]:
    """A bar for each severity that occurs, worst first, all on one scale."""
    by_kind = {kind: tally.severities(kind) for kind in SHOWN}
    tallies = {
        severity: {kind: numbers[severity] for kind, numbers in by_kind.items() if severity in numbers}
        for severity in reversed(Severity)
    }
    longest = max((sum(tally.values()) for tally in tallies.values()), default=0)
    scale = (WIDTH - SLIVER * len(SHOWN)) / longest if longest else 0.0
    return tuple(
        Bar(severity=severity, number=sum(tally.values()), parts=_parts(tally, scale))
        for severity, tally in tallies.items()
        if tally
    )


def _parts(tally: dict[Standing, int], scale: float) -> tuple[Part, ...]:
    parts: list[Part] = []
    left = 0.0
    for kind, number in tally.items():
        width = round(SLIVER + number * scale, 1)
        parts.append(Part(kind=kind, number=number, left=round(left, 1), width=width))
        left += width
    return tuple(parts)
