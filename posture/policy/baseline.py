"""What was wrong before: the rows that a team knows of, so that a gate stops only what is new.

A baseline sorts rows and hides none. An entry holds for its row only while nothing else decides than what it names; it
never stands in for a waiver that ended.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from itertools import groupby

from posture.errors import BaselineError
from posture.frozen import dataclass
from posture.model.assessment import BaselineNote, BaselineUse, Finding, Selection
from posture.model.logic import Outcome
from posture.policy.plain import Plain, items_of, mapping_of, text_of
from posture.policy.problems import Problem, refuse, violations
from posture.policy.shapes import DAY, DRAFT, GENERATED, ID, TEXT, Schema, closed, shaped
from posture.policy.strict_yaml import Document, read_document
from posture.policy.wording import shown

VERSION = "audit-log-posture/baseline/1"
MOST_BYTES = 32_000_000
OPEN = (Outcome.FAIL, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row as it was known. `facts` are digests of what decided, one for each fact or list item."""

    fingerprint: str
    control: str
    subject: str
    outcome: Outcome
    first_seen: date
    facts: tuple[str, ...]

    def note(self, finding: Finding) -> BaselineNote:
        """Whether the row is still the known one: part of it may be mended, and nothing may have come to it."""
        same = finding.outcome is self.outcome and not Counter(facts_of(finding)) - Counter(self.facts)
        return BaselineNote(first_seen=self.first_seen, state="holds" if same else "changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The entries of a file by fingerprint."""

    file: str
    sha256: str
    entries: Mapping[str, Entry]

    def note(self, finding: Finding) -> BaselineNote | None:
        """What the baseline says of a row that fails or is unknown."""
        lapsed = finding.waiver is not None and not finding.waiver.holds
        entry = self.entries.get(finding.fingerprint)
        return entry.note(finding) if entry and finding.outcome in OPEN and not lapsed else None

    def use(self, findings: Iterable[Finding], selection: Selection | None = None) -> BaselineUse:
        """The baseline in the record of a run, which may have judged a selection of controls only."""
        still = {finding.fingerprint for finding in findings if finding.outcome in OPEN}
        gone = self.entries.keys() - still
        if selection is not None:
            gone = {name for name in gone if self.entries[name].control in selection.controls}
        return BaselineUse(file=self.file, sha256=self.sha256, rows=len(self.entries), gone=len(gone))


def parse_baseline(content: str, file: str) -> Baseline:
    """The baseline in a text; raises BaselineError with the line of what is wrong."""
    document = read_document(content, file=file, refusal=BaselineError, most=MOST_BYTES)
    if problems := violations(baseline_schema(), document.data):
        refuse(problems, document, BaselineError)
    entries = [mapping_of(entry) for entry in items_of(document.data["rows"])]
    if doubts := list(_doubts(entries, document)):
        refuse(doubts, document, BaselineError)
    made = {entry.fingerprint: entry for entry in map(_entry, entries)}
    return Baseline(file=file, sha256=hashlib.sha256(content.encode()).hexdigest(), entries=made)


def baseline_text(
    findings: Iterable[Finding], today: date, earlier: Baseline | None = None, selection: Selection | None = None
) -> str:
    """A baseline of every row that fails or is unknown and is not waived, one on a line; known rows keep their day.

    Entries of the earlier baseline stay where their control was left out.
    """
    before = {} if earlier is None else earlier.entries
    entries = [_entry_of(row, row.baseline or before.get(row.fingerprint), today) for row in findings if coverable(row)]
    if selection is not None:
        entries += [entry for entry in before.values() if entry.control not in selection.controls]
    rows = [_written(entry) for entry in entries]
    body = ",\n".join(
        f"    {json.dumps(row)}" for row in sorted(rows, key=lambda row: (row["control"], row["subject"]))
    )
    head = json.dumps(VERSION)
    return f'{{\n  "schema": {head},\n  "rows": [\n{body}\n  ]\n}}\n' if rows else f'{{"schema": {head}, "rows": []}}\n'


def coverable(finding: Finding) -> bool:
    """Whether a baseline can have this row: what somebody waives is no baseline's business."""
    return finding.outcome in OPEN and finding.waiver is None


def facts_of(finding: Finding) -> tuple[str, ...]:
    """A digest for each fact that decides, and one for each list item; what was expected does not count."""
    rows = sorted((_unit(item.path), [_shape(item.path), item.item, item.found]) for item in finding.deciding)
    units = [[row for _, row in group] for _, group in groupby(rows, key=lambda row: row[0])]
    return tuple(sorted(_digest(unit) for unit in units))


@cache
def baseline_schema() -> Schema:
    """The schema of a baseline."""
    digest = shaped("[0-9a-f]{32}", "a digest of 32 hexadecimal digits")
    row = closed(
        {
            "fingerprint": shaped("[0-9a-f]{64}", "a fingerprint of 64 hexadecimal digits"),
            "control": ID | {"description": "For people; the fingerprint decides."},
            "subject": TEXT | {"description": "For people; the fingerprint decides."},
            "outcome": {"enum": [outcome.value for outcome in OPEN]},
            "first_seen": DAY,
            "facts": {"type": "array", "items": digest, "description": "What decided, one digest for each fact."},
        },
        required=("fingerprint", "control", "subject", "outcome", "first_seen", "facts"),
    )
    rows = {"type": "array", "items": {"$ref": "#/$defs/row"}}
    body = closed({"schema": {"enum": [VERSION]}, "rows": rows}, required=("schema", "rows"))
    return {"$schema": DRAFT, "title": "A baseline", "description": GENERATED, **body, "$defs": {"row": row}}


def _doubts(entries: list[dict[str, Plain]], document: Document) -> Iterator[Problem]:
    """What a schema cannot say."""
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        day = text_of(entry["first_seen"])
        if not _is_day(day):
            yield Problem(path=("rows", index, "first_seen"), message=f"{shown(day)} is not a day of the calendar")
        earlier = first.setdefault(text_of(entry["fingerprint"]), index)
        if earlier != index:
            line = document.line(("rows", earlier))
            yield Problem(
                path=("rows", index, "fingerprint"), message=f"this row stands here twice, first in line {line}"
            )


def _entry(entry: dict[str, Plain]) -> Entry:
    return Entry(
        fingerprint=text_of(entry["fingerprint"]),
        control=text_of(entry["control"]),
        subject=text_of(entry["subject"]),
        outcome=Outcome(text_of(entry["outcome"])),
        first_seen=date.fromisoformat(text_of(entry["first_seen"])),
        facts=tuple(text_of(fact) for fact in items_of(entry["facts"])),
    )


def _entry_of(finding: Finding, before: BaselineNote | Entry | None, today: date) -> Entry:
    return Entry(
        fingerprint=finding.fingerprint,
        control=finding.control.id,
        subject=finding.subject.uri.encode("ascii", "backslashreplace").decode(),
        outcome=finding.outcome,
        first_seen=before.first_seen if before else today,
        facts=facts_of(finding),
    )


def _written(entry: Entry) -> dict[str, object]:
    return {
        "fingerprint": entry.fingerprint,
        "control": entry.control,
        "subject": entry.subject,
        "outcome": entry.outcome.value,
        "first_seen": entry.first_seen.isoformat(),
        "facts": list(entry.facts),
    }


def _unit(path: str) -> str:
    """What is judged as one: the list item that a path lies in, or the fact itself."""
    return path[: path.rfind("]") + 1] or path


def _shape(path: str) -> str:
    """The path without the places in lists, which change when others come and go."""
    return re.sub(r"\[[0-9]+\]", "[]", path)


def _digest(unit: list[list[str]]) -> str:
    text = json.dumps(unit, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
