"""Accepted exceptions: who accepts what, why, until when, and for which facts. A waiver never changes an outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cache

from posture.errors import WaiverError
from posture.frozen import dataclass
from posture.model.assessment import Finding, WaiverNote
from posture.model.logic import Outcome
from posture.policy.plain import Path, Plain, items_of, mapping_of, text_of
from posture.policy.problems import Problem, refuse, violations
from posture.policy.shapes import DAY, DRAFT, GENERATED, ID, TEXT, Schema, closed, listed, shaped
from posture.policy.strict_yaml import Document, read_document, read_file
from posture.policy.wording import did_you_mean, shown

MOST_DAYS = 366
_RANKS = ("early", "expired", "changed", "holds")  # of several waivers of a row, which one it shows


class WaiverStatus(StrEnum):
    """What kind of exception it is."""

    ACCEPTED_RISK = "accepted_risk"
    FALSE_POSITIVE = "false_positive"
    COMPENSATING_CONTROL = "compensating_control"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One exception. It holds through the day it expires, and only while the deciding facts are those it names."""

    id: str
    control: str
    subject: str  # a URI, or the beginning of URIs with a `*` behind it
    status: WaiverStatus
    reason: str
    owner: str
    approver: str
    ticket: str
    created: date
    expires: date
    facts: str  # the digest that `facts_digest` gives
    evidence: str  # a link; empty when there is none

    def names(self, finding: Finding) -> bool:
        """Whether the waiver is about this row, holding or not."""
        uri = finding.subject.uri
        covered = uri.startswith(self.subject[:-1]) if self.subject.endswith("*") else uri == self.subject
        return covered and finding.control.id == self.control


def load_waivers(file: str, *, controls: Collection[str]) -> tuple[Waiver, ...]:
    """The waivers in a file. `controls` are the ids that a waiver can name."""
    return parse_waivers(read_file(file, refusal=WaiverError), file, controls=controls)


def parse_waivers(content: str | bytes, file: str, *, controls: Collection[str]) -> tuple[Waiver, ...]:
    """The waivers in a text; `file` is the name that messages give it."""
    document = read_document(content, file=file, refusal=WaiverError)
    if problems := violations(waiver_schema(), document.data):
        refuse(problems, document, WaiverError)
    entries = [mapping_of(entry) for entry in items_of(document.data["waivers"])]
    problems = [problem for index, entry in enumerate(entries) for problem in _doubts(entry, index, controls)]
    problems += _repeated(entries, document)
    if problems:
        refuse(problems, document, WaiverError)
    return tuple(_waiver(entry) for entry in entries)


def match(waivers: Iterable[Waiver], finding: Finding, today: date) -> WaiverNote | None:
    """The waiver of a row that fails or is unknown: one that holds before one that does not, then the latest."""
    if finding.outcome not in {Outcome.FAIL, Outcome.UNKNOWN}:
        return None
    notes = [_note(waiver, finding, today) for waiver in waivers if waiver.names(finding)]
    return max(notes, key=lambda note: (_RANKS.index(note.state), note.expires, note.id), default=None)


@cache
def waiver_schema() -> Schema:
    """The schema of a waiver file."""
    entry = closed(
        {
            "id": ID | {"description": "Shown in reports."},
            "control": ID | {"description": "The id of the control that is waived."},
            "subject": TEXT | {"description": "A URI as reports show it, or its beginning with a `*` behind it."},
            "status": {"enum": [status.value for status in WaiverStatus]},
            "reason": TEXT,
            "owner": TEXT | {"description": "Who answers for the risk."},
            "approver": TEXT | {"description": "Who agreed; somebody else than the owner."},
            "ticket": TEXT,
            "created": DAY,
            "expires": DAY | {"description": f"The last day it holds, at most {MOST_DAYS} days after `created`."},
            "facts": shaped("[0-9a-f]{64}", "a digest of facts; copy it from the row of the report"),
            "evidence": TEXT | {"description": "A link."},
        },
        required=(
            *("id", "control", "subject", "status", "reason", "owner", "approver", "ticket", "created", "expires"),
            "facts",
        ),
    )
    body = closed({"waivers": listed({"$ref": "#/$defs/waiver"})}, required=("waivers",))
    return {
        "$schema": DRAFT,
        "title": "Waivers",
        "description": GENERATED,
        **body,
        "$defs": {"waiver": entry},
    }


def _doubts(entry: Mapping[str, Plain], index: int, controls: Collection[str]) -> Iterator[Problem]:
    """What a schema cannot say of one waiver."""
    path: Path = ("waivers", index)
    control, subject = text_of(entry["control"]), text_of(entry["subject"])
    if control not in controls:
        helps = did_you_mean(control, controls)
        yield Problem(path=(*path, "control"), message=f"unknown control {shown(control)}", help=helps)
    if subject == "*" or "*" in subject[:-1]:
        message = f"{shown(subject)} does not name a subject"
        yield Problem(
            path=(*path, "subject"), message=message, help="one `*` may stand at the end of a URI's beginning"
        )
    if _person(entry["owner"]) == _person(entry["approver"]):
        yield Problem(path=(*path, "approver"), message="the approver is the owner", help="somebody else must agree")
    days = {key: _day(text_of(entry[key])) for key in ("created", "expires")}
    for key, day in days.items():
        if day is None:
            yield Problem(path=(*path, key), message=f"{shown(entry[key])} is not a day of the calendar")
    created, expires = days["created"], days["expires"]
    if created and expires and not 0 <= (expires - created).days <= MOST_DAYS:
        message = f"a waiver ends at most {MOST_DAYS} days after it was created, and not before"
        yield Problem(path=(*path, "expires"), message=message)


def _repeated(entries: list[dict[str, Plain]], document: Document) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        name = text_of(entry["id"])
        if first.setdefault(name, index) != index:
            line = document.line(("waivers", first[name]))
            yield Problem(
                path=("waivers", index, "id"), message=f"the waiver id {shown(name)} is taken, in line {line}"
            )


def _waiver(entry: Mapping[str, Plain]) -> Waiver:
    return Waiver(
        id=text_of(entry["id"]),
        control=text_of(entry["control"]),
        subject=text_of(entry["subject"]),
        status=WaiverStatus(text_of(entry["status"])),
        reason=text_of(entry["reason"]).strip(),
        owner=text_of(entry["owner"]),
        approver=text_of(entry["approver"]),
        ticket=text_of(entry["ticket"]),
        created=date.fromisoformat(text_of(entry["created"])),
        expires=date.fromisoformat(text_of(entry["expires"])),
        facts=text_of(entry["facts"]),
        evidence=text_of(entry.get("evidence", "")),
    )


def _note(waiver: Waiver, finding: Finding, today: date) -> WaiverNote:
    return WaiverNote(
        id=waiver.id,
        owner=waiver.owner,
        approver=waiver.approver,
        reason=waiver.reason,
        ticket=waiver.ticket,
        created=waiver.created,
        expires=waiver.expires,
        state=_state(waiver, today, changed=waiver.facts != finding.facts_digest),
    )


def _state(waiver: Waiver, today: date, *, changed: bool) -> str:
    if today < waiver.created:
        return "early"
    if today > waiver.expires:
        return "expired"
    return "changed" if changed else "holds"


def _person(name: Plain) -> str:
    return " ".join(text_of(name).casefold().split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
