"""Words that every resource of Azure has: where it lies."""

from __future__ import annotations


def region(text: str) -> str:
    """The name of a Region; people and older answers write `West Europe`."""
    return "".join(text.split()).lower()
