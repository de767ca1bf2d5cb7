"""What owners write on their resources, as facts: labels of Google, tags of the others."""

from __future__ import annotations

from posture.model.facts import Fact, Known, Listing, Unknown
from posture.model.subjects import Label


def labels(written: Fact[tuple[tuple[str, str], ...]]) -> Listing[Label]:
    """Each name with its value."""
    match written:
        case Unknown() as unknown:
            return Listing.unread(unknown)
        case Known(value=pairs, sources=sources):
            items = tuple(
                Label(name=Known(value=name, sources=sources), value=Known(value=value, sources=sources))
                for name, value in pairs
            )
            return Listing(items=items, sources=sources)
