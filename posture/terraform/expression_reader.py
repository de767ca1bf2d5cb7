"""Reads blocks of HCL into expressions. Operators, conditions and `for` are passed over, to where they end."""

from __future__ import annotations

import re
from typing import Final

from posture.terraform.expressions import Body, Called, Expression, Items, Joined, Literal, Opaque, Pairs, Refers

_DEEPEST: Final = 40
_SPACE: Final = re.compile(r"(?:[ \t\r]+|(?:\#|//)[^\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_BLANK: Final = re.compile(r"(?:\s+|(?:\#|//)[^\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d][\w-]*")
_STEP: Final = re.compile(r'\.(?:[^\W\d][\w-]*|\d+)|\[(?:"(?:[^"\\$%\n]|\\.)*"|\d+|each\.key|count\.index)\]')
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_HEREDOC: Final = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t]*\r?\n")
_FOR: Final = re.compile(r"for\b")
_LINES: Final = re.compile(r"(?:[^$%]|[$%](?!\{))+")
_PIECE: Final = re.compile(r"(?:[^$%\"\\]|[$%](?!\{))+")
_LITERALS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ENDS: Final = frozenset(",]})\n\r")
_CLOSES: Final = {"[": "]", "{": "}", "(": ")"}


class _UnreadableError(Exception):
    """What is no HCL, or none that is understood here."""


def read_body(text: str, words: tuple[str, ...], line: int) -> Body | None:
    """The block with these words that starts on a line; None where it cannot be read to its end."""
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    try:
        reader = _Reader(text, at)
        return reader.body(0) if reader.labels() == words else None
    except _UnreadableError:
        return None


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at

    def peek(self, count: int = 1) -> str:
        return self.text[self.at : self.at + count]

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def need(self, sign: str) -> None:
        if self.peek() != sign:
            raise _UnreadableError
        self.at += 1

    def labels(self) -> tuple[str, ...]:
        """The words before a block; it ends behind the brace."""
        found: list[str] = []
        while True:
            self.skip(_SPACE)
            if self.peek() == "{":
                self.at += 1
                return tuple(found)
            if self.peek() == '"':
                self.at += 1
                found.append(self.plain())
            elif word := self.take(_WORD):
                found.append(word)
            else:
                raise _UnreadableError

    def plain(self) -> str:
        match self.template('"'):
            case Joined(parts=(str(text),)):
                return text
            case _:
                raise _UnreadableError

    def body(self, depth: int) -> Body:
        """Attributes and blocks up to the closing brace."""
        if depth > _DEEPEST:
            raise _UnreadableError
        attributes: dict[str, Expression] = {}
        blocks: list[tuple[str, Body]] = []
        while True:
            self.skip(_BLANK)
            if self.peek() == "}":
                self.at += 1
                return Body(attributes, tuple(blocks))
            name = self.take(_WORD)
            if not name:
                raise _UnreadableError
            self.skip(_SPACE)
            if self.peek() == "=" and self.peek(2) != "==":
                self.at += 1
                attributes[name] = self.expression(depth, _SPACE)
            else:
                self.labels()
                blocks.append((name, self.body(depth + 1)))

    def expression(self, depth: int, space: re.Pattern[str]) -> Expression:
        """One expression. `space` is what may stand around it: line ends too, inside of brackets."""
        if depth > _DEEPEST:
            raise _UnreadableError
        self.skip(space)
        start = self.at
        found = self.primary(depth + 1)
        self.skip(space)
        key = self.peek() == ":" or (self.peek() == "=" and self.peek(2) not in {"==", "=>"})  # of an object
        if found is not None and (key or not self.peek() or self.peek() in _ENDS):
            return found
        self.at = start
        self.pass_over(space is _BLANK)
        return Opaque()

    def primary(self, depth: int) -> Expression | None:
        sign = self.peek()
        if sign == '"':
            self.at += 1
            return self.template('"')
        if self.peek(2) == "<<":
            return self.heredoc()
        if sign == "[":
            self.at += 1
            return self.items(depth)
        if sign == "{":
            self.at += 1
            return self.pairs(depth)
        if sign == "(":
            self.at += 1
            inner = self.expression(depth, _BLANK)
            self.need(")")
            return inner
        if number := self.take(_NUMBER):
            return Literal(float(number) if "." in number else int(number))
        return self.named(depth)

    def named(self, depth: int) -> Expression | None:
        word = self.take(_WORD)
        if not word or word == "for":
            return None
        if self.peek() == "(":
            self.at += 1
            listed = self.items(depth, ")")
            return Called(word, listed.items) if isinstance(listed, Items) else None
        text = word
        while step := self.take(_STEP):
            text += step
        if self.peek() in {".", "["}:  # a splat, or an index that is put together
            return None
        return Literal(_LITERALS[text]) if text in _LITERALS else Refers(text)

    def items(self, depth: int, end: str = "]") -> Items | None:
        found: list[Expression] = []
        while True:
            self.skip(_BLANK)
            if self.peek() == end:
                self.at += 1
                return Items(tuple(found))
            if self.take(_FOR):
                return None
            found.append(self.expression(depth, _BLANK))
            self.skip(_BLANK)
            if self.peek() == ",":
                self.at += 1
            elif self.peek() != end:
                return None

    def pairs(self, depth: int) -> Pairs | None:
        found: list[tuple[Expression, Expression]] = []
        while True:
            self.skip(_BLANK)
            if self.peek() == "}":
                self.at += 1
                return Pairs(tuple(found))
            if self.take(_FOR):
                return None
            key = self.key(depth)
            self.skip(_SPACE)
            if self.peek() not in {"=", ":"}:
                return None
            self.at += 1
            found.append((key, self.expression(depth, _SPACE)))
            self.skip(_SPACE)
            if self.peek() == ",":
                self.at += 1

    def key(self, depth: int) -> Expression:
        """A bare word is itself."""
        if word := self.take(_WORD):
            return Joined((word,))
        return self.expression(depth, _SPACE)

    def template(self, end: str) -> Expression:
        """A quoted text behind its first quote."""
        parts: list[str | Expression] = []
        while True:
            if piece := self.take(_PIECE):
                if "\n" in piece:
                    raise _UnreadableError
                parts.append(piece)
            elif self.peek() == end:
                self.at += 1
                return _joined(parts)
            elif self.peek() == "\\":
                parts.append(self.escape())
            else:
                parts.append(self.inside(0))

    def escape(self) -> str:
        sign = self.peek(2)[1:]
        self.at += 2
        if sign in {"u", "U"}:
            digits = self.peek(4 if sign == "u" else 8)
            self.at += len(digits)
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError) as error:
                raise _UnreadableError from error
        if sign not in _ESCAPES:
            raise _UnreadableError
        return _ESCAPES[sign]

    def inside(self, depth: int) -> str | Expression:
        """What `${` leads in; `$${` is a plain `${`, which the pieces before it have split after its first sign."""
        if self.peek(2) != "${":
            raise _UnreadableError
        if self.text[self.at - 1 : self.at] == "$":
            self.at += 2
            return "{"
        self.at += 2
        if self.peek() == "~":
            raise _UnreadableError
        found = self.expression(depth, _BLANK)
        self.need("}")
        return found

    def heredoc(self) -> Expression:
        """Lines up to the marker; with a dash they lose what all are indented by."""
        match = _HEREDOC.match(self.text, self.at)
        if match is None:
            raise _UnreadableError
        end = re.compile(rf"^[ \t]*{re.escape(match[2])}[ \t]*\r?$", re.MULTILINE).search(self.text, match.end())
        if end is None:
            raise _UnreadableError
        inner = _Reader(self.text[match.end() : end.start()], 0)
        self.at = end.end()
        parts: list[str | Expression] = []
        while inner.at < len(inner.text):
            piece = inner.take(_LINES)
            parts.append(piece or inner.inside(0))
        return _joined(parts)

    def pass_over(self, lines: bool) -> None:  # noqa: FBT001 - whether line ends are but space
        """To the end of an expression that is not taken apart."""
        closing: list[str] = []
        while self.at < len(self.text):
            sign = self.peek()
            if not closing and (sign in ",]})" or (sign == "\n" and not lines)):
                return
            if sign == '"':
                self.at += 1
                self.template('"')
            elif self.peek(2) == "<<" and _HEREDOC.match(self.text, self.at):
                self.heredoc()
            else:
                if sign in _CLOSES:
                    closing.append(_CLOSES[sign])
                elif closing and sign == closing[-1]:
                    closing.pop()
                self.at += 1
        raise _UnreadableError


def _joined(parts: list[str | Expression]) -> Expression:
    """`"${x}"` alone is x itself."""
    if len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0]
    texts: list[str | Expression] = []
    for part in parts:
        if texts and isinstance(part, str) and isinstance(texts[-1], str):
            texts[-1] += part
        else:
            texts.append(part)
    return Joined(tuple(texts) or ("",))
