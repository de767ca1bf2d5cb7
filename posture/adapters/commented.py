"""A list in Terraform text with a reason beside each item, as `terraform fmt` lays it out."""

from __future__ import annotations

from collections.abc import Iterable


def commented(items: Iterable[tuple[str, str]], indent: int) -> str:
    """The lines of the list, each `"item", # why` with the reasons below one another."""
    quoted = [(f'"{item}",', why) for item, why in items]
    width = max((len(item) for item, _ in quoted), default=0)
    return "".join(f"{' ' * indent}{item:<{width}} # {why}\n" for item, why in quoted)
