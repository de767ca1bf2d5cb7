"""YAML without its surprises: mappings, lists, text, plain decimal integers, `true` and `false`, and nothing else.

What YAML 1.1 or 1.2 would read as something other than text, and what hides or repeats data, is refused with its line.
The parser of libyaml is used where it is there. What it refuses is read again by PyYAML's own, whose word is final, so
that results and messages are the same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any, NoReturn, Protocol, TypeAlias

import yaml

from posture.errors import InputError
from posture.frozen import dataclass
from posture.policy.plain import Path, Plain
from posture.policy.wording import placed, shown

MOST_BYTES = 1_000_000
MOST_LEVELS = 32
MOST_DIGITS = 18

_QUOTE = "quote it to mean text"

_UNPRINTABLE = re.compile("[^\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_DOUBTFUL = re.compile(r"[|>][-+0-9]*#")  # libyaml takes a comment here that PyYAML refuses
_DECIMAL = re.compile(r"0|-?[1-9][0-9]*")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = frozenset({"yes", "no", "on", "off", "true", "false"})
_OTHER_READINGS = (  # of a plain scalar that begins with no letter, under YAML 1.1 or 1.2
    (r"[-+]?0[0-7_]+|0o[0-7]+", "an octal number"),
    (r"[-+]?0x[0-9a-fA-F_]+", "a hexadecimal number"),
    (r"[-+]?0b[01_]+", "a binary number"),
    (r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", "a number to base 60"),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\s].*)?", "a date"),
    (r"[-+]?0|[-+]?[1-9][0-9_]*", "a number that is not plainly written"),
    (r"[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*\.[0-9_]*)([eE][-+]?[0-9]+)?", "a fraction"),
    (r"[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "a fraction"),
    (r"=|<<", "a sign of its own"),
)


class _Parser(Protocol):
    """What both parsers of PyYAML offer: one event after the other."""

    def get_event(self) -> Any: ...  # noqa: ANN401 - the two parsers share no typed base
    def dispose(self) -> object: ...


Loader: TypeAlias = "Callable[[str], _Parser]"
_Node: TypeAlias = yaml.ScalarEvent | yaml.AliasEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent
Marks: TypeAlias = dict[int, dict[str | int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file: its mapping, and the line of everything in it."""

    file: str
    data: dict[str, Plain]
    first: int
    marks: Marks

    def line(self, path: Path) -> int:
        """The line of a place, or of the innermost thing around it that is there."""
        line = self.first
        here: Plain = self.data
        for step in path:
            line = self.marks.get(id(here), {}).get(step, line)
            match here, step:
                case dict(), str() if step in here:
                    here = here[step]
                case list(), int() if step < len(here):
                    here = here[step]
                case _:
                    break
        return line


def parsers() -> tuple[Loader, ...]:
    """The parsers of this machine, the faster one first."""
    return (yaml.CSafeLoader, yaml.SafeLoader) if yaml.__with_libyaml__ else (yaml.SafeLoader,)


def read_file(file: str, *, refusal: type[InputError]) -> bytes:
    """The bytes of a file; one that cannot be read is refused like a bad one."""
    try:
        with FilePath(file).open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"cannot be read: {reason[:1].lower()}{reason[1:]}"
        raise refusal(message, file=shown(file)[1:-1]) from error


def read_document(
    content: str | bytes,
    *,
    file: str,
    refusal: type[InputError],
    loaders: tuple[Loader, ...] | None = None,
    most: int = MOST_BYTES,
) -> Document:
    """The one mapping that a file holds, of at most so many bytes."""
    text = _text(content, file, refusal, most)
    *faster, last = parsers() if loaders is None else loaders
    for loader in () if _DOUBTFUL.search(text) else faster:
        try:
            return _Reader(loader(text), file, refusal, doubts=True).document()
        except (yaml.YAMLError, refusal, _DoubtError):
            continue
    try:
        return _Reader(last(text), file, refusal, doubts=False).document()
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        message = f"this is not YAML: {_problem(error)}"
        raise refusal(message, file=file, line=None if mark is None else mark.line + 1) from error


def _text(content: str | bytes, file: str, refusal: type[InputError], most: int) -> str:
    if len(content) > most:
        message = f"the file is larger than {most} bytes"
        raise refusal(message, file=file)
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1 if isinstance(content, bytes) else None
        message = "the file is not UTF-8 text"
        raise refusal(message, file=file, line=line) from error
    text = text.removeprefix("\ufeff")
    if found := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        if found[0] == "\t":  # where a tab may stand is what the two parsers disagree on
            message, helps = "a tab stands here", "use spaces"
        else:
            message, helps = f"the character U+{ord(found[0]):04X} does not belong in a text file", ""
        raise refusal(message, help=helps, file=file, line=line)
    return text


def _problem(error: yaml.YAMLError) -> str:
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else None
    words = " ".join((problem or "it breaks off").split())
    return "".join(letter if letter.isprintable() else " " for letter in words)


class _DoubtError(Exception):
    """The other parser may read this differently."""


class _Reader:
    """Builds plain data from parser events, and refuses as it goes."""

    def __init__(self, parser: _Parser, file: str, refusal: type[InputError], *, doubts: bool) -> None:
        self._parser, self._file, self._refusal, self._doubts = parser, file, refusal, doubts
        self._marks: Marks = {}
        self._flow = 0  # how many braces and brackets are open

    def document(self) -> Document:
        try:
            return self._document()
        finally:
            self._parser.dispose()

    def _document(self) -> Document:
        self._parser.get_event()  # the stream begins
        start = self._parser.get_event()
        if isinstance(start, yaml.StreamEndEvent):
            self._refuse("the file is empty; a mapping is expected", 1, ())
        if isinstance(start, yaml.DocumentStartEvent) and (start.version or start.tags):
            self._refuse("directives (`%`) are not part of the language", 1, ())
        root = self._parser.get_event()
        first = _line(root)
        if not isinstance(root, yaml.MappingStartEvent):
            self._refuse("the file must hold a mapping, `key: value`", first, ())
        data = self._mapping(root, ())
        self._parser.get_event()  # the document ends
        after = self._parser.get_event()
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse("a second document begins; one document per file", _line(after), ())
        return Document(file=self._file, data=data, first=first, marks=self._marks)

    def _value(self, event: _Node, path: Path) -> Plain:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.AliasEvent):
            self._refuse("aliases (`*`) are not part of the language; write it out", _line(event), path)
        return self._mapping(event, path) if isinstance(event, yaml.MappingStartEvent) else self._list(event, path)

    def _mapping(self, start: yaml.MappingStartEvent, path: Path) -> dict[str, Plain]:
        self._enter(start, path)
        mapping: dict[str, Plain] = {}
        lines: dict[str | int, int] = {}
        get_event = self._parser.get_event
        while not isinstance(event := get_event(), yaml.MappingEndEvent):
            key = self._key(event, path)
            if key in mapping:
                self._refuse(f"the key {shown(key)} stands here twice, first in line {lines[key]}", _line(event), path)
            lines[key] = _line(event)
            mapping[key] = self._value(get_event(), (*path, key))
        self._marks[id(mapping)] = lines
        self._flow -= bool(start.flow_style)
        return mapping

    def _list(self, start: yaml.SequenceStartEvent, path: Path) -> list[Plain]:
        self._enter(start, path)
        items: list[Plain] = []
        lines: dict[str | int, int] = {}
        get_event = self._parser.get_event
        while not isinstance(event := get_event(), yaml.SequenceEndEvent):
            lines[len(items)] = _line(event)
            items.append(self._value(event, (*path, len(items))))
        self._marks[id(items)] = lines
        self._flow -= bool(start.flow_style)
        return items

    def _key(self, event: yaml.Event, path: Path) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse("a key must be text", _line(event), path)
        if event.implicit[0] and event.value == "<<":
            self._refuse("merge keys (`<<`) are not part of the language; write it out", _line(event), path)
        key = self._scalar(event, path)
        if not isinstance(key, str):
            self._refuse(f"the key {shown(key)} is not text", _line(event), path, help=_QUOTE)
        return key

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> bool | int | str:
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event, path)
        if not event.implicit[0]:
            return str(event.value)
        text = str(event.value)
        if self._doubts and self._flow and "?" in text:  # PyYAML ends plain text there
            raise _DoubtError
        if text in {"true", "false"}:
            return text == "true"
        if _DECIMAL.fullmatch(text):
            if len(text) > MOST_DIGITS:
                self._refuse(f"the number {shown(text)} is too large", _line(event), path, help=_QUOTE)
            return int(text)
        if reading := _other_reading(text):
            self._refuse_reading(event, path, reading)
        return text

    def _refuse_reading(self, event: yaml.ScalarEvent, path: Path, reading: str) -> NoReturn:
        if reading == "a null":
            self._refuse("a value is missing here", _line(event), path, help='write `""` for empty text')
        what = f"{shown(event.value)} is {reading} to YAML, not text"
        self._refuse(what, _line(event), path, help="write `true` or `false`, or " * (reading == "a boolean") + _QUOTE)

    def _enter(self, event: yaml.CollectionStartEvent, path: Path) -> None:
        if event.anchor is not None or event.tag is not None:
            self._refuse_marks(event, path)
        if len(path) >= MOST_LEVELS:
            self._refuse(f"this is nested deeper than {MOST_LEVELS} levels", _line(event), ())
        self._flow += bool(event.flow_style)

    def _refuse_marks(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, path: Path) -> NoReturn:
        what = "anchors (`&`)" if event.anchor is not None else "tags (`!`)"
        self._refuse(f"{what} are not part of the language", _line(event), path)

    def _refuse(self, message: str, line: int, path: Path, *, help: str = "") -> NoReturn:  # noqa: A002 - as in errors
        raise self._refusal(message, help=help, file=self._file, line=line, path=placed(path))


def _other_reading(text: str) -> str:
    """What else YAML may take a plain scalar for; empty where it is text to every version."""
    if text in _NULLS:
        return "a null"
    if text[0].isalpha():
        return "a boolean" if text.lower() in _BOOLEANS else ""
    return next((reading for pattern, reading in _OTHER_READINGS if re.fullmatch(pattern, text)), "")


def _line(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1
