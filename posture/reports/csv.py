"""A table for a spreadsheet: one line for each control, subject and requirement it gives evidence for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby

from posture.model.assessment import Assessment, ControlInfo, Evidence, Finding, Unlooked
from posture.model.logic import Outcome
from posture.reports.frameworks import framework_name
from posture.reports.options import Options
from posture.reports.plain import printable
from posture.reports.view import in_order, standing, why_unknown

COLUMNS = (
    "counts_as",
    "outcome",
    "severity",
    "policy",
    "control",
    "title",
    "about",
    "subject",
    "subject_name",
    "provider",
    "kind",
    "role",
    "account",
    "region",
    "mode",
    "framework",
    "requirement",
    "evidence",
    "sources",
    "needs",
    "fix",
    "waiver",
    "waiver_state",
    "waiver_owner",
    "waiver_approver",
    "waiver_expires",
    "waiver_ticket",
    "waiver_reason",
    "fingerprint",
    "facts_digest",
    "as_of",
    "address",
    "file",
    "line",
    "first_seen",
    "baseline_state",
)
NOT_LOOKED_INTO = "not_looked_into"  # what such a line counts as; it is no row of any control

_BEFORE, _AFTER = COLUMNS[: COLUMNS.index("framework")], COLUMNS[COLUMNS.index("requirement") + 1 :]
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # with the full-width forms


def render(assessment: Assessment, options: Options) -> str:
    """The table with a header line; stable columns, new ones come at the end."""
    return "".join(pieces(assessment, options))


def pieces(assessment: Assessment, options: Options) -> Iterator[str]:  # noqa: ARG001 - as that of every format
    """The same, row by row."""
    return chain([f"{_written(COLUMNS)}\r\n"], _rows(assessment), _unlooked(assessment))


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def _rows(assessment: Assessment) -> Iterator[str]:
    """The lines of each row, which differ in nothing but the reference."""
    as_of = assessment.run.as_of
    for control, findings in groupby(in_order(assessment.findings), lambda finding: finding.control):
        references = tuple(_references(control))
        for finding in findings:
            values = {**_identity(finding), **_reasons(finding), **_waiver(finding), "as_of": as_of}
            before, after = _cells(values, _BEFORE), _cells(values, _AFTER)
            yield "".join(f"{before},{reference},{after}\r\n" for reference in references)


def _unlooked(assessment: Assessment) -> Iterator[str]:
    for place in assessment.unlooked:
        values = {**_place_without_answer(place), "mode": assessment.run.mode, "as_of": assessment.run.as_of}
        yield f"{_cells(values, COLUMNS)}\r\n"


def _cells(values: Mapping[str, str], columns: Iterable[str]) -> str:
    return _written([cell(text) if (text := values.get(name)) else "" for name in columns])


def _written(cells: Iterable[str]) -> str:
    """Some cells of a line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _references(control: ControlInfo) -> Iterator[str]:
    pairs = [(framework_name(name), item) for name, items in control.references for item in items]
    for framework, requirement in pairs or [("", "")]:
        yield _written([cell(framework), cell(requirement)])


def _identity(finding: Finding) -> dict[str, str]:
    control, subject = finding.control, finding.subject
    return {
        "counts_as": standing(finding),
        "outcome": finding.outcome,
        "severity": control.severity,
        "policy": control.policy,
        "control": control.id,
        "title": control.title,
        "about": subject.about,
        "subject": subject.uri,
        "subject_name": subject.name,
        "provider": subject.provider or "",
        "kind": subject.kind or "",
        "role": subject.role or "",
        "account": subject.account,
        "region": subject.region,
        "mode": subject.mode,
        "fingerprint": finding.fingerprint,
        "facts_digest": finding.facts_digest,
        **_place(finding),
    }


def _place(finding: Finding) -> dict[str, str]:
    note = finding.baseline
    known = {} if note is None else {"first_seen": note.first_seen.isoformat(), "baseline_state": note.state}
    if finding.introduced is False:
        known["baseline_state"] = "before the change"
    if not finding.places:
        return known
    place = finding.places[0]
    return {**known, "address": place.address, "file": place.file, "line": str(place.line or "")}


def _reasons(finding: Finding) -> dict[str, str]:
    shown = finding.deciding
    fix = "" if finding.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) else _fix(finding)
    return {
        "evidence": "; ".join(map(_evidence, shown)),
        "sources": ", ".join(dict.fromkeys(source.operation for item in shown for source in item.sources)),
        "needs": ", ".join(dict.fromkeys(item.unknown.needs for item in shown if item.unknown and item.unknown.needs)),
        "fix": fix,
    }


def _fix(finding: Finding) -> str:
    return finding.control.fix_for(finding.subject.provider)


def _evidence(item: Evidence) -> str:
    why = f" ({item.unknown.detail})" if item.unknown and item.unknown.detail else ""
    return f"{item.place}: found {item.found}, expected {item.expected}{why}"


def _waiver(finding: Finding) -> dict[str, str]:
    note = finding.waiver
    if note is None:
        return {}
    return {
        "waiver": note.id,
        "waiver_state": note.state,
        "waiver_owner": note.owner,
        "waiver_approver": note.approver,
        "waiver_expires": note.expires.isoformat(),
        "waiver_ticket": note.ticket,
        "waiver_reason": note.reason,
    }


def _place_without_answer(place: Unlooked) -> dict[str, str]:
    unknown = place.unknown
    return {
        "counts_as": NOT_LOOKED_INTO,
        "outcome": Outcome.UNKNOWN,
        "subject": place.what,
        "evidence": f"could not be looked into: {why_unknown(unknown)}",
        "sources": ", ".join(source.operation for source in unknown.sources),
        "needs": unknown.needs,
    }
