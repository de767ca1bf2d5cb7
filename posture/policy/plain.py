"""Plain data, as a file gives it, and where in the file it stands.

The functions narrow the type of data that a schema has already checked; what they raise is a bug, not bad input.
"""

from __future__ import annotations

from typing import TypeAlias

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain]"
Path: TypeAlias = tuple[str | int, ...]


def text_of(value: Plain) -> str:
    """Text that a schema promised."""
    if isinstance(value, str):
        return value
    raise TypeError(type(value))


def number_of(value: Plain) -> int:
    """A whole number that a schema promised."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(type(value))


def items_of(value: Plain) -> list[Plain]:
    """A list that a schema promised."""
    if isinstance(value, list):
        return value
    raise TypeError(type(value))


def mapping_of(value: Plain) -> dict[str, Plain]:
    """A mapping that a schema promised."""
    if isinstance(value, dict):
        return value
    raise TypeError(type(value))


def texts_of(value: Plain) -> tuple[str, ...]:
    """A list of text that a schema promised."""
    return tuple(text_of(item) for item in items_of(value))
