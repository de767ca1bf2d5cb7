"""Policy text with wildcards and policy variables, ready to become a pattern once the variables have values."""

from collections.abc import Callable
from enum import Enum
from typing import Final

from posture.frozen import dataclass
from posture.iam.wildcard import ARN_PARTS, MANY, Pattern, Token, as_arn, folded, glob, is_literal, literal


class Style(Enum):
    """How the text of a policy value is read."""

    LITERAL = "literal"
    FOLDED = "folded"
    GLOB = "glob"
    ARN = "arn"


@dataclass(frozen=True, slots=True)
class Reference:
    """A policy variable: the lower-case condition key it names, and its default."""

    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """One policy value, with its own text for messages."""

    text: str
    style: Style
    parts: tuple[Token | Reference, ...]
    pattern: Pattern | None  # None while variables are open

    @property
    def references(self) -> tuple[Reference, ...]:
        """The variables to fill in."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    def fill(self, value_of: Callable[[Reference], str | None]) -> Pattern | None:
        """The pattern with the variables' values as plain characters; None where a variable has no value."""
        if self.pattern is not None:
            return self.pattern
        tokens: list[Token] = []
        for part in self.parts:
            if isinstance(part, Reference):
                value = value_of(part)
                if value is None:
                    return None
                tokens.extend(folded(value) if self.style is Style.FOLDED else value)
            else:
                tokens.append(part)
        return finish(tuple(tokens), self.style)


class TemplateError(ValueError):
    """A value that AWS would refuse; the message says why."""


ESCAPES: Final = ("*", "?", "$")


def finish(tokens: Pattern, style: Style) -> Pattern | None:
    """Apply the six-component reading where the operator asks for it."""
    return as_arn(tokens) if style is Style.ARN else tokens


def template(text: str, style: Style, variables: str) -> Template:
    """Read a value; `variables` is `yes`, `no` (old policy versions: plain text) or `tail` (after the fifth colon)."""
    if variables == "no" or "$" not in text:
        return _build(text, style, _tokens(text, style))
    parts: list[Token | Reference] = []
    index = colons = 0
    while index < len(text):
        char = text[index]
        if char == "$" and text[index + 1 : index + 2] == "{":
            end = text.find("}", index)
            if end < 0:
                message = f"the policy variable in `{text}` is not closed"
                raise TemplateError(message)
            part = _variable(text[index + 2 : end], text)
            if isinstance(part, Reference) and variables == "tail" and colons < ARN_PARTS - 1:
                message = f"`{text}` has a policy variable before the resource part"
                raise TemplateError(message)
            parts.append(part)
            index = end + 1
            continue
        colons += char == ":"
        (token,) = _tokens(char, style)
        if token != MANY or not parts or parts[-1] != MANY:
            parts.append(token)
        index += 1
    return _build(text, style, tuple(parts))


def _build(text: str, style: Style, parts: tuple[Token | Reference, ...]) -> Template:
    tokens = tuple(part for part in parts if not isinstance(part, Reference))
    complete = len(tokens) == len(parts)
    if style is Style.ARN and as_arn(tokens) is None:
        message = f"`{text}` is not an ARN of six components"
        raise TemplateError(message)
    return Template(text=text, style=style, parts=parts, pattern=finish(tokens, style) if complete else None)


def _tokens(text: str, style: Style) -> Pattern:
    """A text without variables."""
    match style:
        case Style.LITERAL:
            return literal(text)
        case Style.FOLDED:
            return folded(text)
        case Style.GLOB | Style.ARN:
            return glob(text) if "*" in text or "?" in text else literal(text)


def _variable(inside: str, text: str) -> Token | Reference:
    if inside in ESCAPES:
        return inside
    key, comma, default = inside.partition(",")
    key, default = key.strip(), default.strip()
    quoted = len(default) > 1 and default[0] == default[-1] == "'"
    if not key or "${" in inside or (comma and not quoted):
        message = f"`${{{inside}}}` in `{text}` is no policy variable"
        raise TemplateError(message)
    return Reference(key=key.lower(), default=default[1:-1] if comma else None)


def plain(value: Template) -> str | None:
    """The text of a value without wildcards and variables, else None."""
    return value.text if value.pattern is not None and is_literal(value.pattern) else None
