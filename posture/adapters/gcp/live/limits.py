"""How long Google's libraries may take."""

from __future__ import annotations

from posture.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits of one request, and of one call with all its retries; 0 retries seconds mean one attempt."""

    connect_seconds: float = 3.0
    read_seconds: float = 20.0
    retry_seconds: float = 30.0
    longest_wait: float = 5.0  # between two attempts
