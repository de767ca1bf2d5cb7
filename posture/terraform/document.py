"""Bytes to a JSON document of bounded size and depth, of a kind and version that can be read; all else is refused.

Also the typed look at one member of it, which refuses a wrong type with its place instead of passing over it.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, NoReturn, cast

from posture.errors import PlanError
from posture.redaction import redact
from posture.terraform.values import Json

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_VALUES: Final = 8_000_000  # of the document; a hostile one takes about 80 bytes of memory for each
MOST_LEVELS: Final = 200
MAJORS: Final = frozenset({"0", "1"})

_SHOW = "write it with `terraform show -json plan.bin` or `tofu show -json plan.bin`"
AZ_SHOW: Final = "write it with `az deployment group what-if --no-pretty-print` (or `sub`, `mg`, `tenant`)"
_EITHER: Final = f"{_SHOW}; a what-if with `az deployment group what-if --no-pretty-print`"
_WHAT_IF_MEMBERS: Final = ('"changeType"', '"potentialChanges"')
_WHAT_IF_PRINTED: Final = ("property changes are indicated with", "may contain false positive predictions")


class Kind(StrEnum):
    """What was read."""

    PLAN = "plan"
    STATE = "state"
    WHAT_IF = "what-if"  # of Azure Resource Manager


class Part(NamedTuple):
    """One value of a document and where it stands. Null and not there are the same, as Terraform writes it."""

    value: Json
    file: str
    path: tuple[str | int, ...] = ()
    help: str = _SHOW  # how such a document is made

    def member(self, name: str) -> Part:
        """What stands under a name."""
        return Part(self.mapping().get(name), self.file, (*self.path, name), self.help)

    def mapping(self) -> dict[str, Json]:
        """An object; empty where there is none."""
        if self.value is None:
            return {}
        return self.value if isinstance(self.value, dict) else self.refuse("an object")

    def members(self) -> tuple[tuple[str, Part], ...]:
        """The members of an object."""
        return tuple((name, self.member(name)) for name in self.mapping())

    def items(self) -> tuple[Part, ...]:
        """The elements of an array; none where there is none."""
        if self.value is None:
            return ()
        if not isinstance(self.value, list):
            self.refuse("an array")
        return tuple(Part(value, self.file, (*self.path, index), self.help) for index, value in enumerate(self.value))

    def text(self) -> str:
        """A text; empty where there is none."""
        if self.value is None:
            return ""
        return self.value if isinstance(self.value, str) else self.refuse("a text")

    def texts(self) -> tuple[str, ...]:
        """An array of texts."""
        if self.value is None:
            return ()
        if not isinstance(self.value, list) or not all(isinstance(item, str) for item in self.value):
            self.refuse("an array of texts")
        return tuple(cast("list[str]", self.value))

    def flag(self) -> bool | None:
        """True, false, or None where there is neither."""
        return self.value if self.value is None or isinstance(self.value, bool) else self.refuse("true or false")

    def refuse(self, wanted: str) -> NoReturn:
        """Say that this is not what the format promises."""
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).removeprefix(".")
        raise PlanError(f"expected {wanted}", file=self.file, path=redact(path), help=self.help)


def read_file(name: str) -> bytes:
    """The bytes of a file: no more than the limit and one, which `decode` then refuses."""
    try:
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "this is no file name"
        raise PlanError(f"this cannot be read: {why.lower()}", file=name) from error


def decode(data: bytes, file: str) -> Part:
    """The document in these bytes: UTF-8, or UTF-16 and UTF-32 as shells write them."""
    if len(data) > MOST_BYTES:
        raise PlanError(
            f"this is larger than {MOST_BYTES // 1024 // 1024} MB", file=file, help="plan fewer resources at a time"
        )
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise PlanError(
            f"this holds more than {MOST_VALUES:,} values", file=file, help="plan fewer resources at a time"
        )
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise PlanError("this is not UTF-8 text", file=file, help=_SHOW) from error
    document = _parsed(text, file)
    _shallow(document, file)
    return Part(document, file)


def classified(document: Part) -> Kind:
    """Whether this is a plan or a state, of a version that can be read; anything else is refused."""
    if not isinstance(document.value, dict):
        _not_a_plan(document.file)
    members = document.value
    if "format_version" not in members and members.keys() & {"lineage", "serial"}:
        raise PlanError(
            "this is a raw state file, not a plan", file=document.file, help="give a plan, or `terraform show -json`"
        )
    planned = bool(members.keys() & {"planned_values", "resource_changes"})
    if "format_version" not in members or not (planned or "values" in members):
        _not_a_plan(document.file)
    version = document.member("format_version").text()
    if version.partition(".")[0] not in MAJORS:
        raise PlanError(
            f"format version `{version[:20]}` is not supported", file=document.file, help="versions 0 and 1 are"
        )
    return Kind.PLAN if planned else Kind.STATE


def _parsed(text: str, file: str) -> Json:
    try:
        document: Json = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise PlanError("this is nested too deeply", file=file) from error
    except ValueError as error:
        raise _unreadable(text, error, file) from error
    try:
        if "\\ud" in text or "\\uD" in text:
            json.dumps(document, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise PlanError("this holds a text that is not Unicode", file=file) from error
    return document


def _unreadable(text: str, error: ValueError, file: str) -> PlanError:
    head = text[:400]
    if not text.strip():
        return PlanError("this is empty", file=file, help=_SHOW)
    if '"@level"' in head or '"@message"' in head:
        return PlanError("this is the log of `terraform plan -json`, not a plan", file=file, help=_SHOW)
    if any(words in head for words in _WHAT_IF_PRINTED):
        return PlanError("this is a what-if of Azure as it is printed, not its JSON", file=file, help=AZ_SHOW)
    if isinstance(error, json.JSONDecodeError):
        ended = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        what = "this JSON ends too early" if ended else f"this is not JSON: {error.msg.lower().rstrip(':')}"
        of_azure = any(name in text for name in _WHAT_IF_MEMBERS)
        return PlanError(what, file=file, line=error.lineno, help=AZ_SHOW if of_azure else _SHOW)
    return PlanError("this holds a number that no plan has", file=file, help=_SHOW)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _shallow(document: Json, file: str) -> None:
    """Level by level: what follows may then walk down without a thought for the depth."""
    level = [document] if isinstance(document, (dict, list)) else []
    for _ in range(MOST_LEVELS):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return
    raise PlanError("this is nested too deeply", file=file)


def _not_a_plan(file: str) -> NoReturn:
    raise PlanError("this is not a Terraform plan, and no what-if of Azure", file=file, help=_EITHER)
