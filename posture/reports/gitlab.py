"""GitLab Code Quality: an entry for each row that fails, is unknown or was so before; waived rows are left out.

GitLab compares the report with that of the target branch by `fingerprint`, and drops entries that share one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from posture.model.assessment import Assessment, Finding, Unlooked
from posture.model.logic import Outcome, Severity
from posture.reports.lines import compact
from posture.reports.options import Options
from posture.reports.places import STAND_IN, address_path, anchor
from posture.reports.places import told as told_places
from posture.reports.plain import printable
from posture.reports.shape import Json
from posture.reports.view import Standing, having, outgrown, since, told_in_line, why_unknown

SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}
UNDECIDED = "info"


def render(assessment: Assessment, options: Options) -> str:  # noqa: ARG001 - every format has this signature
    """The report: a list, one entry on a line."""
    rows = having(assessment.findings, Standing.FAIL, Standing.UNKNOWN, Standing.KNOWN)
    entries = [*map(_entry, rows), *map(_unlooked, assessment.unlooked)]
    body = ",\n".join(f"  {compact(entry)}" for entry in entries)
    return f"[\n{body}\n]\n" if entries else "[]\n"


def _entry(finding: Finding) -> Json:
    at = anchor(finding)
    fails = finding.outcome is Outcome.FAIL
    rule = f"{finding.control.policy}/{finding.control.id}"
    return {
        "description": " ".join(map(printable, _description(finding))),
        "check_name": printable(rule),
        "fingerprint": _digest(rule, finding.fingerprint),
        "severity": SEVERITIES[finding.control.severity] if fails else UNDECIDED,
        "location": {"path": printable(at.path), "lines": {"begin": at.line}},
    }


def _description(finding: Finding) -> Iterator[str]:
    """Sentences."""
    doubt = "" if finding.outcome is Outcome.FAIL else "Could not be determined: "
    yield f"{doubt}{finding.control.title}: {finding.subject.uri}."
    yield from (f"{fact}." for fact in told_in_line(finding))
    if finding.known:
        yield f"Known {since(finding)}."
    if why := outgrown(finding):
        yield f"{why[:1].upper()}{why[1:]}."
    if finding.places:
        yield f"At {told_places(finding.places)}."
        if not anchor(finding).real:
            yield STAND_IN
    yield f"Fix: {finding.control.fix_for(finding.subject.provider)}"


def _unlooked(place: Unlooked) -> Json:
    return {
        "description": printable(
            f"Not looked into: {place.what} ({why_unknown(place.unknown)}); there may be more stores."
        ),
        "check_name": "discovery",
        "fingerprint": _digest("discovery", place.what),
        "severity": UNDECIDED,
        "location": {"path": address_path(f"discovery/{place.what}"), "lines": {"begin": 1}},
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
