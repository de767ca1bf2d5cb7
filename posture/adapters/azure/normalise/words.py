"""Words that every resource of Azure has: where it lies, and what its owner writes on it."""

from __future__ import annotations

from posture.model.facts import Fact, Known, Listing, Unknown
from posture.model.subjects import Label


def region(text: str) -> str:
    """The name of a Region; people and older answers write `West Europe`."""
    return "".join(text.split()).lower()


def labels(tags: Fact[tuple[tuple[str, str], ...]]) -> Listing[Label]:
    """The tags of a resource."""
    match tags:
        case Unknown() as unknown:
            return Listing.unread(unknown)
        case Known(value=pairs, sources=sources):
            items = tuple(
                Label(name=Known(value=name, sources=sources), value=Known(value=value, sources=sources))
                for name, value in pairs
            )
            return Listing(items=items, sources=sources)
