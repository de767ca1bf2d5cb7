"""Just enough of HCL: where the blocks of a file start, and what the attributes in them refer to.

Nothing is evaluated, and no literal is kept. Strings, templates, heredocs and comments are told apart; what is none of
them is skipped, so a file that is not HCL gives few blocks or none, and never an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field
from typing import Final, NamedTuple

from posture.frozen import dataclass

_INDEX: Final = r'\[(?:"(?:[^"\\$%\n]|\\.)*"|\d+|\*|each\.key|count\.index)\]'
_CODE: Final = re.compile(
    rf"""(?P<space>[ \t\r]+|(?:\#|//)[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<newline>\n)
    |<<-?(?P<heredoc>[^\W\d][\w-]*)[ \t]*\r?\n
    |(?P<word>[^\W\d][\w-]*(?:\.[\w*][\w-]*|{_INDEX})*)
    |(?P<quote>")
    |(?P<open>[{{(\[])
    |(?P<close>[}})\]])
    |(?P<equals>=(?![=>]))
    |(?P<other>==|=>|[\d.]+|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
_STRING: Final = re.compile(
    r'(?P<text>(?:[^"\\$%\n]|\\.|\$\$\{|%%\{|[$%](?!\{))+)|(?P<template>[$%]\{~?)|(?P<end>["\n])'
)
_HEREDOC: Final = re.compile(
    r"(?P<line>^[ \t]*(?P<marker>[^\W\d][\w-]*)[ \t]*\r?$)|(?P<template>[$%]\{~?)"
    r"|(?P<text>(?:[^$%\n]|\$\$\{|%%\{|[$%](?!\{))+|\n)",
    re.MULTILINE,
)
_REFERENCE: Final = re.compile(r"\$\{([^{}]*)\}")


class Token(NamedTuple):
    """A piece of code.

    `word` is a traversal, `text` a plain string, `built` one that is put together, the rest are signs.
    """

    kind: str
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A top-level block: its words, its first line, and what each of its attributes refers to."""

    words: tuple[str, ...]  # resource, aws_s3_bucket, logs
    line: int
    references: dict[str, list[str]] = field(default_factory=dict)
    built: set[str] = field(default_factory=set)  # attributes that join texts, so that they are not what they refer to


def read_blocks(text: str) -> tuple[Block, ...]:
    """The top-level blocks of a file."""
    blocks: list[Block] = []
    words: list[Token] = []
    depth = 0
    name = ""  # of the attribute whose expression this is
    for token in tokens(text):
        match token.kind:
            case "open":
                if depth == 0 and token.text == "{" and words:
                    blocks.append(Block(words=tuple(word.text for word in words), line=words[0].line))
                depth, words = depth + 1, []
            case "close":
                depth, words = max(0, depth - 1), []
                name = name if depth else ""
            case "newline" if depth <= 1:
                words, name = [], ""
            case "equals" if depth == 1 and blocks and words and not name:
                name = words[-1].text
                blocks[-1].references.setdefault(name, [])
            case "word" if name:
                blocks[-1].references[name].append(token.text)
            case "built" if name:
                blocks[-1].built.add(name)
            case "word" | "text" if not name and depth <= 1:
                words.append(token)
            case _:
                pass
    return tuple(blocks)


def read_json_blocks(text: str) -> tuple[Block, ...]:
    """The locals of a file in the JSON spelling, which has no lines worth telling."""
    try:
        document = json.loads(text)
        group = document.get("locals") if isinstance(document, dict) else None
        groups = [each for each in (group if isinstance(group, list) else [group]) if isinstance(each, dict)]
        return tuple(
            Block(
                words=("locals",),
                line=1,
                references={name: list(_mentioned(value)) for name, value in each.items()},
                built={name for name, value in each.items() if _is_built(value)},
            )
            for each in groups
        )
    except (ValueError, RecursionError):
        return ()


def tokens(text: str) -> Iterator[Token]:
    """The code of a file, also that inside the templates of strings; a string itself only where it is plain."""
    stack = [_Mode(pattern=_CODE)]
    at, line = 0, 1
    while at < len(text):
        match = stack[-1].pattern.match(text, at)
        if match is None:
            at += 1
            continue
        kind, piece = _entered(match, stack)
        if kind:
            yield Token(kind, piece, line)
        line += match[0].count("\n")
        at = match.end()


@mutable_dataclass(slots=True)
class _Mode:
    """What the lexer is inside of: code, a string, or a heredoc with its marker."""

    pattern: re.Pattern[str]
    marker: str = ""
    depth: int = 0  # open brackets, in code
    pieces: list[str] = field(default_factory=list)
    templates: int = 0

    def token(self) -> tuple[str, str]:
        """What a string is at its end."""
        if not self.templates:
            return "text", "".join(self.pieces)
        return ("built", "") if self.pieces or self.templates > 1 else ("", "")


def _entered(match: re.Match[str], stack: list[_Mode]) -> tuple[str, str]:
    """The token that a match is, if it is one, and the mode that comes after it."""
    mode, piece, kind = stack[-1], match[0], str(match.lastgroup)
    match kind:
        case "quote":
            stack.append(_Mode(pattern=_STRING))
        case "heredoc":
            stack.append(_Mode(pattern=_HEREDOC, marker=match["heredoc"]))
        case "template":
            mode.templates += 1
            stack.append(_Mode(pattern=_CODE))
        case "text":
            mode.pieces.append(piece)
        case "end":
            stack.pop()
            return ("newline", piece) if piece == "\n" else mode.token()
        case "line" if match["marker"] == mode.marker:
            stack.pop()
        case "close" if mode.depth == 0 and len(stack) > 1:
            stack.pop()
        case "open" | "close" | "newline" | "word" | "equals" | "other":
            mode.depth = max(0, mode.depth + (kind == "open") - (kind == "close"))
            return kind, piece
        case _:  # space and comments, and a line of a heredoc that only looks like its end
            pass
    return "", ""


def _is_built(value: object) -> bool:
    return isinstance(value, str) and "${" in value and _REFERENCE.fullmatch(value) is None


def _mentioned(value: object) -> Iterator[str]:
    """What the templates of a JSON value refer to."""
    match value:
        case str():
            for code in _REFERENCE.findall(value):
                yield from (token.text for token in tokens(code) if token.kind == "word")
        case list():
            for item in value:
                yield from _mentioned(item)
        case dict():
            for item in value.values():
                yield from _mentioned(item)
        case _:
            pass
