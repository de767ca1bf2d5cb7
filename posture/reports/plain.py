"""What a provider or a policy wrote, made inert: nothing in it drives a terminal, a CI log or the eye."""

from __future__ import annotations

import re

_LOG_COMMAND = re.compile(r"##(?=\w*\[)")  # ##[group], ##vso[…], ##teamcity[…] work anywhere in a line of a CI log
_LONGEST_BYTE = 0xFF
_LONGEST_BMP = 0xFFFF


def printable(text: str) -> str:
    """The text on one line, with every character that does not print (ESC, newline, bidi control) written as an escape.

    Escaped rather than dropped: two names that differ in such a character stay two names.
    """
    if not text.isprintable():
        text = "".join(character if character.isprintable() else _escape(character) for character in text)
    if "##" in text:
        text = _LOG_COMMAND.sub(r"#\\x23", text)
    return text


def unprompted(line: str) -> str:
    """A line that no CI runner takes for a command: `::error` counts only at the start of a line."""
    content = line.lstrip()
    if not content.startswith("::"):
        return line
    return f"{line[: len(line) - len(content)]}\\{content}"


def _escape(character: str) -> str:
    point = ord(character)
    if point <= _LONGEST_BYTE:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= _LONGEST_BMP else f"\\U{point:08x}"
