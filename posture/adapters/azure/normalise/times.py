"""Azure's times: ISO 8601 with seven digits of a second."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from posture.model.facts import Fact, Known, Reason, Unknown


def moment(text: str) -> Fact[datetime]:
    """A time in UTC."""
    try:
        when = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return Unknown(reason=Reason.MALFORMED, detail=f"`{text}` is no time")
    return Known(value=when if when.tzinfo else when.replace(tzinfo=UTC), sources=())
