"""SARIF 2.1.0 for code scanning: what failed, what is unknown, what is waived; what passed is only counted.

A running store has no line in any repository, so a result's file is a path made from the store's address
(`s3/bucket/prefix`): relative and the same in every run, and it tells two stores apart in a list of alerts. Naming a
committed file such as the configuration would show a line that is not where anything is mended.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from urllib.parse import quote

from posture.model.assessment import Assessment, ControlInfo, Finding, SubjectInfo, Unlooked
from posture.model.logic import Severity
from posture.reports.ending import ending
from posture.reports.json import compact
from posture.reports.options import Options
from posture.reports.plain import printable
from posture.reports.shape import Json
from posture.reports.view import Standing, by_control, counts, deciding, granted, having, plural, told, why_unknown

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# What GitHub accepts at most.
MOST_RESULTS = 25_000
MOST_RULES = 25_000
MOST_TAGS = 20
LONGEST_NAME = 255
LONGEST_DESCRIPTION = 1024
LARGEST_FILE = 10_000_000  # bytes, compressed

SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SHOWN = (Standing.FAIL, Standing.UNKNOWN, Standing.WAIVED)
CONCLUDED = (0, 1, 3, 4)  # exit codes of a run that came to its end


def render(assessment: Assessment, options: Options) -> str:  # noqa: ARG001 - every format has this signature
    """The log; where a limit cuts it, waived rows go first, then unknown ones, and a notification counts them."""
    rows = tuple(sorted(having(assessment.findings, *SHOWN), key=lambda row: SHOWN.index(_shown_as(row))))
    most = MOST_RESULTS
    while True:
        text = _log(assessment, rows[:most], len(rows) - len(rows[:most]))
        if not most or len(text) <= LARGEST_FILE or len(zlib.compress(text.encode())) <= LARGEST_FILE:
            return text
        most = min(most, len(rows)) * 3 // 4


def _log(assessment: Assessment, rows: tuple[Finding, ...], cut: int) -> str:
    controls = [group.control for group in by_control(assessment.findings)][:MOST_RULES]
    places = {(control.policy, control.id): place for place, control in enumerate(controls)}
    results = [_result(row, places[row.control.policy, row.control.id]) for row in rows if _key(row) in places]
    run = {
        "tool": {"driver": _driver(assessment, controls)},
        "automationDetails": {"id": _category(assessment) + assessment.run.as_of},
        "invocations": [_invocation(assessment, cut + len(rows) - len(results))],
        "columnKind": "unicodeCodePoints",
        "properties": {"counts": {kind.value: number for kind, number in counts(assessment.findings).items()}},
    }
    head = compact({"$schema": SCHEMA, "version": "2.1.0"})[:-1]
    body = ",\n".join(f'    "{name}": {compact(value)}' for name, value in run.items())
    listed = ",\n".join(f"      {compact(result)}" for result in results)
    return f'{head}, "runs": [\n  {{\n{body},\n    "results": [\n{listed}\n    ]\n  }}\n]}}\n'


def _driver(assessment: Assessment, controls: list[ControlInfo]) -> Json:
    return {
        "name": _text(assessment.run.tool),
        "version": _text(assessment.run.version),
        "rules": [_rule(control) for control in controls],
    }


def _rule(control: ControlInfo) -> Json:
    every = [*_tags(control)]
    fixes = "\n\n".join(f"{provider}: {_text(text)}" for provider, text in control.fix)
    return {
        "id": _rule_id(control),
        "name": _text(control.id)[:LONGEST_NAME],
        "shortDescription": {"text": _text(control.title)[:LONGEST_DESCRIPTION]},
        "fullDescription": {"text": _text(control.why)[:LONGEST_DESCRIPTION]},
        "help": {"text": "\n\n".join(part for part in (_text(control.why), fixes, _left_out(every)) if part)},
        "defaultConfiguration": {"level": LEVELS[control.severity]},
        "properties": {
            "security-severity": SCORES[control.severity],
            "precision": "very-high",
            "tags": every[:MOST_TAGS],
        },
    }


def _tags(control: ControlInfo) -> Iterator[str]:
    yield from ("security", "audit-logs", str(control.about))
    for framework, requirements in control.references:
        for requirement in requirements:
            yield _text(f"{framework}/{requirement}")


def _left_out(tags: list[str]) -> str:
    more = tags[MOST_TAGS:]
    return f"Also gives evidence for (no room for a tag): {', '.join(more)}" if more else ""


def _result(finding: Finding, place: int) -> Json:
    fails = finding.outcome.value == Standing.FAIL
    result = {
        "ruleId": _rule_id(finding.control),
        "ruleIndex": place,
        "kind": "fail" if fails else "open",
        "level": LEVELS[finding.control.severity] if fails else "none",
        "message": {"text": _message(finding)},
        "locations": [_location(finding.subject)],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.fingerprint}:1"},
    }
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": _text(granted(finding))}]
    return result


def _message(finding: Finding) -> str:
    lines = [f"{finding.control.title}: {finding.subject.uri}"]
    if finding.outcome.value == Standing.UNKNOWN:
        lines[0] = f"Could not be determined: {lines[0]}"
    lines += [told(item) for item in deciding(finding)]
    if finding.waiver is not None and not finding.waived:
        lines.append(f"Waiver {finding.waiver.id} does not hold: {finding.waiver.state}")
    lines.append(f"Fix: {finding.control.fix_for(finding.subject.provider)}")
    return "\n".join(_text(text).replace("](", "] (") for text in lines)  # `[text](target)` would be a link


def _location(subject: SubjectInfo) -> Json:
    return {
        "physicalLocation": {"artifactLocation": {"uri": _path(subject)}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": _text(subject.uri), "kind": "resource"}],
    }


def _path(subject: SubjectInfo) -> str:
    parts = subject.uri.replace("://", "/").split("/")
    steps = [quote(part.encode("utf-8", "backslashreplace"), safe="") for part in parts if part]
    return "/".join(step.replace(".", "_") if not step.strip(".") else step for step in steps) or "unnamed"


def _category(assessment: Assessment) -> str:
    """Told apart by who was asked to look: two configurations do not overwrite each other's alerts."""
    labels = sorted({identity.label for identity in assessment.run.identities})
    return "/".join(["posture", assessment.run.mode, *("+".join(map(_slug, labels)),), ""])


def _slug(label: str) -> str:
    return quote(printable(label), safe="").replace("%", "_")


def _invocation(assessment: Assessment, cut: int) -> Json:
    run = assessment.run
    return {
        "executionSuccessful": assessment.exit_code in CONCLUDED,
        "exitCode": assessment.exit_code,
        "exitCodeDescription": ending(assessment),
        "startTimeUtc": run.started,
        "endTimeUtc": run.finished,
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": text}} for level, text in _notices(assessment, cut)
        ],
    }


def _notices(assessment: Assessment, cut: int) -> Iterator[tuple[str, str]]:
    tally = counts(assessment.findings)
    quiet = (tally[Standing.PASS], tally[Standing.NOT_APPLICABLE])
    yield "note", f"not listed here: {plural(quiet[0], 'row')} that pass, {quiet[1]:,} that do not apply"
    if cut:
        yield "warning", f"cut: {plural(cut, 'row')} would pass the limits of code scanning; the JSON report has all"
    for place in assessment.unlooked:
        yield "warning", _unlooked(place)
    for waiver in assessment.unmatched_waivers:
        yield "warning", _text(f"the waiver {waiver} matches no row")


def _unlooked(place: Unlooked) -> str:
    return _text(f"not looked into: {place.what} ({why_unknown(place.unknown)}); there may be more stores")


def _rule_id(control: ControlInfo) -> str:
    return _text(f"{control.policy}/{control.id}")


def _shown_as(finding: Finding) -> Standing:
    return Standing.WAIVED if finding.waived else Standing[finding.outcome.name]


def _key(finding: Finding) -> tuple[str, str]:
    return (finding.control.policy, finding.control.id)


def _text(text: str) -> str:
    return printable(text) or "-"  # an empty text is refused
