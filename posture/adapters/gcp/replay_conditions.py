"""How the second evaluator reads the condition of a binding: text by text, for one resource and one moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

_QUOTED = r"""(?:"(?P<double>[^"\\]*)"|'(?P<single>[^'\\]*)')"""
_STARTS = re.compile(rf"resource\s*\.\s*name\s*\.\s*startsWith\s*\(\s*{_QUOTED}\s*\)")
_IS = re.compile(rf"resource\s*\.\s*(?P<part>name|type|service)\s*(?P<mark>==|!=)\s*{_QUOTED}")
_WHEN = re.compile(rf"request\s*\.\s*time\s*(?P<mark><=|>=|<|>)\s*timestamp\s*\(\s*{_QUOTED}\s*\)")
_ORDER: dict[str, Callable[[datetime, datetime], bool]] = {
    "<": lambda now, then: now < then,
    "<=": lambda now, then: now <= then,
    ">": lambda now, then: now > then,
    ">=": lambda now, then: now >= then,
}


def true_of(condition: str, resource: str, kind: str, at: datetime) -> bool | None:
    """Whether a condition is true; None where it says what is not read here. No condition is always true."""
    text = condition.strip()
    if not text:
        return True
    for mark, joined in (("||", any), ("&&", all)):
        parts = list(_parts(text, mark))
        if len(parts) > 1:
            values = [true_of(part, resource, kind, at) if part.strip() else None for part in parts]
            decisive = joined is any
            if decisive in values:
                return decisive
            return None if None in values else not decisive
    if text.startswith("!") and not text.startswith("!="):
        value = true_of(text[1:], resource, kind, at) if text[1:].strip() else None
        return None if value is None else not value
    if text.startswith("(") and _closing(text) == len(text) - 1:
        inner = text[1:-1]
        return true_of(inner, resource, kind, at) if inner.strip() else None
    return _plain(text, resource, kind, at)


def _plain(text: str, resource: str, kind: str, at: datetime) -> bool | None:
    if text in ("true", "false"):
        return text == "true"
    if found := _STARTS.fullmatch(text):
        return resource.startswith(_quoted(found))
    if found := _IS.fullmatch(text):
        mine = {"name": resource, "type": kind, "service": kind.partition("/")[0]}[found["part"]]
        return (mine == _quoted(found)) == (found["mark"] == "==")
    if found := _WHEN.fullmatch(text):
        try:
            moment = datetime.fromisoformat(_quoted(found))
        except ValueError:
            return None
        return _ORDER[found["mark"]](at, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return None


def _quoted(found: re.Match[str]) -> str:
    return found["single"] if found["double"] is None else found["double"]


def _parts(text: str, mark: str) -> Iterator[str]:
    """The parts between the marks that stand in no brackets and no quotes."""
    start = 0
    for at, depth in _depths(text):
        if depth == 0 and text.startswith(mark, at) and at >= start:
            yield text[start:at]
            start = at + len(mark)
    yield text[start:]


def _closing(text: str) -> int:
    """Where the bracket that opens the text is closed."""
    return next((at for at, depth in _depths(text) if at and depth == 0), -1)


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Every place outside of quotes, with how many brackets are open after it."""
    quote, depth = "", 0
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
            continue
        if letter in "\"'":
            quote = letter
            continue
        depth += {"(": 1, ")": -1}.get(letter, 0)
        yield at, depth
