"""How user input, places and values look in a message: one line, bounded, nothing that drives a terminal."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from posture.policy.plain import Path
from posture.redaction import redact

_LONGEST = 80
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def shown(text: object) -> str:
    """User input in backticks, on one line, cut when it is long, without secrets."""
    words = redact(text if isinstance(text, str) else plainly(text))
    safe = "".join(letter if letter.isprintable() else _escaped(letter) for letter in words[: _LONGEST + 1])
    return f"`{safe[:_LONGEST]}…`" if len(safe) > _LONGEST else f"`{safe}`"


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def plainly(value: object) -> str:
    """A value as a policy file spells it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case list() | tuple():
            return "[" + ", ".join(plainly(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {plainly(item)}" for key, item in value.items()) + "}"
        case _:
            return str(value)


def placed(path: Path) -> str:
    """A path into a file: `$.controls[2].require`."""
    return "$" + "".join(_step(step) for step in path)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _NAME.fullmatch(step) else f"[{shown(step)[1:-1]!r}]"


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """The help for a misspelt word: the nearest valid one, else the valid ones while they are few, else nothing."""
    candidates = sorted(set(valid))
    if close := difflib.get_close_matches(word, candidates, n=1):
        return f"did you mean `{close[0]}`?"
    if 0 < len(candidates) <= 12:  # noqa: PLR2004 - more than that is a glossary, not help
        return "valid here: " + ", ".join(candidates)
    return ""
