"""How long the SDK may take."""

from __future__ import annotations

from posture.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds and attempts of one call, and seconds of a listing with all its pages.

    A peer that asks for a longer pause than `pause_seconds` is not asked again.
    """

    connect_seconds: float = 3.0
    read_seconds: float = 20.0
    attempts: int = 3
    pause_seconds: float = 5.0
    listing_seconds: float = 60.0
