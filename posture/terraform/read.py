"""Reads a plan or a state: JSON or a saved plan, from a file or from standard input."""

from __future__ import annotations

import hashlib
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from posture.errors import PlanError
from posture.terraform.checkout import sources_of
from posture.terraform.configuration import read_module
from posture.terraform.document import MOST_BYTES, Kind, Part, classified, decode, read_file
from posture.terraform.plan import Plan, assemble
from posture.terraform.sources import Sources
from posture.terraform.what_if import is_what_if, what_if_plan

STDIN: Final = "-"
BOTH: Final = frozenset(Kind)
_ZIP: Final = b"PK\x03\x04"  # how a saved plan starts
_PLANS: Final = frozenset({Kind.PLAN, Kind.WHAT_IF})


def read_plan(
    name: str,
    *,
    source: Path | None = None,
    kinds: frozenset[Kind] = _PLANS,
    stdin: BinaryIO | None = None,
) -> Plan:
    """What `name` holds; `-` is standard input. `source` is the directory of the root module.

    A state is refused unless `kinds` has it. A saved plan brings its own files, which `source` replaces.
    """
    data = (stdin or sys.stdin.buffer).read(MOST_BYTES + 1) if name == STDIN else read_file(name)
    shown = "standard input" if name == STDIN else name
    files: Sources | None = None
    if data.startswith(_ZIP):
        from posture.terraform.planfile import open_plan_file, show  # noqa: PLC0415 - JSON needs none of it

        if name == STDIN:
            raise PlanError("a saved plan cannot be shown from here", file=shown, help="give its path")
        saved = open_plan_file(data, name)
        data, files = show(saved), saved.sources()
    return parse_plan(data, shown, source=source, kinds=kinds, files=files)


def parse_plan(
    data: bytes,
    name: str,
    *,
    source: Path | None = None,
    kinds: frozenset[Kind] = _PLANS,
    files: Sources | None = None,
) -> Plan:
    """The same from the bytes of the JSON; `name` is for messages."""
    document = decode(data, name)
    salt = secrets.token_bytes(16)
    if is_what_if(document):
        return replace(_what_if(document, kinds, source, salt), sha256=hashlib.sha256(data).hexdigest())
    kind = classified(document)
    if kind not in kinds:
        wanted = "a plan" if kind is Kind.STATE else "a state"
        raise PlanError(f"this is a {kind}, not {wanted}", file=name, help=f"give {wanted}")
    configuration = read_module(document.member("configuration").member("root_module"), salt)
    if source is not None:
        files = sources_of(source, configuration)
    plan = assemble(document, kind, configuration, files, salt)
    return replace(plan, sha256=hashlib.sha256(data).hexdigest())


def _what_if(document: Part, kinds: frozenset[Kind], source: Path | None, salt: bytes) -> Plan:
    if Kind.WHAT_IF not in kinds:
        raise PlanError("this is a what-if of Azure, not a state", file=document.file, help="give a state")
    if source is not None:
        raise PlanError(
            "this is a what-if of Azure, and no configuration of Terraform belongs to it",
            file=document.file,
            help="leave --source out",
        )
    return what_if_plan(document, salt)
