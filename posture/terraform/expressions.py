"""Expressions of HCL as they are written: texts, references, lists, objects and calls. Nothing is evaluated here.

What holds an operator, a condition or a `for` is `Opaque`. Only blocks that somebody asks for are read, since literals
may be secrets.
"""

from __future__ import annotations

from dataclasses import field
from typing import TypeAlias

from posture.frozen import dataclass

Expression: TypeAlias = "Literal | Joined | Refers | Items | Pairs | Called | Opaque"


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a truth value or null."""

    value: bool | float | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Joined:
    """A text: plain, or put together from pieces."""

    parts: tuple[str | Expression, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refers:
    """A reference: aws_s3_bucket.logs.arn."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object."""

    pairs: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class Called:
    """A function and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Anything else."""


@dataclass(frozen=True, slots=True)
class Body:
    """What stands in a block, and in the blocks inside it."""

    attributes: dict[str, Expression]
    blocks: tuple[tuple[str, Body], ...]

    def named(self, name: str) -> tuple[Body, ...] | None:
        """The inner blocks of a name; None where some may be generated."""
        if any(word == "dynamic" for word, _ in self.blocks):
            return None
        return tuple(body for word, body in self.blocks if word == name)
