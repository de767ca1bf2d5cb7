"""What the command line of the benches says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How much to run, and where files may lie. `small` is for seeing that a bench works: its figures mean little."""

    folder: Path
    repeat: int
    small: bool = False
    skip_prowler: bool = False
    beside: tuple[str, ...] = ()  # what `scale` writes beside the terminal's report: `save`, or formats
