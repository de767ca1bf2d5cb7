"""How long the SDK may take."""

from __future__ import annotations

from posture.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits and attempts of one call; `AWS_MAX_ATTEMPTS` and a profile's `max_attempts` win over `attempts`."""

    connect_seconds: float = 3.0
    read_seconds: float = 20.0
    attempts: int = 3
