"""SARIF 2.1.0: what failed, what is unknown, what was so before, what is waived; what passed is only counted.

A planned row is shown at its block. A running store has no line in any repository, so its file is a path made from the
store's address (`s3/bucket/prefix`): relative and the same in every run, and it tells two stores apart in a list of
alerts. Naming a committed file such as the configuration would show a line that is not where anything is mended.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping

from posture.frozen import dataclass
from posture.model.assessment import Assessment, ControlInfo, Finding, Place, Unlooked
from posture.model.logic import Outcome, Severity
from posture.model.subjects import Mode
from posture.reports.ending import ending
from posture.reports.lines import compact
from posture.reports.options import Options
from posture.reports.packed import Packed
from posture.reports.places import STAND_IN, Anchor, anchor, block, quoted
from posture.reports.places import told as told_places
from posture.reports.plain import printable
from posture.reports.selection import overrides, selection
from posture.reports.shape import Json, plain
from posture.reports.tally import Tally, tallied
from posture.reports.view import (
    Standing,
    amended,
    granted,
    in_order,
    outgrown,
    plural,
    since,
    told,
    why_unknown,
)

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# What GitHub accepts at most.
MOST_RESULTS = 25_000
MOST_RULES = 25_000
MOST_TAGS = 20
MOST_LOCATIONS = 100  # that are shown
LONGEST_NAME = 255
LONGEST_DESCRIPTION = 1024
LARGEST_FILE = 10_000_000  # bytes, compressed

SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SHOWN = (Standing.FAIL, Standing.UNKNOWN, Standing.KNOWN, Standing.WAIVED)
CONCLUDED = (0, 1, 3, 4)  # exit codes of a run that came to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The rows that become results and how many they are, members of the run beside them, and a word on the others."""

    rows: Iterable[Finding]
    number: int
    members: Mapping[str, Json]
    left_out: str = ""


def render(assessment: Assessment, options: Options) -> str:
    """The log; where a limit cuts it, waived rows go first, then known and unknown ones, and a notification says so."""
    return "".join(pieces(assessment, options))


def pieces(assessment: Assessment, options: Options) -> Iterator[str]:  # noqa: ARG001 - as that of every format
    """The same, piece by piece."""
    tally = tallied(assessment.findings)
    listed = Listed(
        rows=(row for kind in SHOWN for row in in_order(assessment.findings, kind)),
        number=sum(tally.counts[kind] for kind in SHOWN),
        members={"automationDetails": {"id": _category(assessment) + assessment.run.as_of}},
    )
    return log(assessment, tally, listed)


def log(assessment: Assessment, tally: Tally, listed: Listed) -> Iterator[str]:
    """The log of these rows, the last of them cut where a limit needs it."""
    controls = [control for control, _ in tally.controls][:MOST_RULES]
    selected = assessment.run.selection
    run = {
        "tool": {"driver": _driver(assessment, controls)},
        **listed.members,
        "invocations": [_invocation(assessment, tally, 0, listed.left_out)],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "counts": {kind.value: number for kind, number in tally.counts.items()},
            **({} if selected is None else {"selection": plain(selected)}),
        },
    }
    room = LARGEST_FILE - len(zlib.compress(compact(run).encode()))
    results = _results(assessment, controls, listed.rows, room)
    if cut := listed.number - results.number:
        run["invocations"] = [_invocation(assessment, tally, cut, listed.left_out)]
    yield f'{compact({"$schema": SCHEMA, "version": "2.1.0"})[:-1]}, "runs": [\n  {{\n'
    yield from (f'    "{name}": {compact(value)},\n' for name, value in run.items())
    yield '    "results": [\n'
    yield from results.pieces()
    yield "\n    ]\n  }\n]}\n"


def _results(assessment: Assessment, controls: list[ControlInfo], rows: Iterable[Finding], size: int) -> Packed:
    """As many as there is room for; before them the log says how many had none."""
    places = {(control.policy, control.id): place for place, control in enumerate(controls)}
    compared = assessment.baseline is not None or any(
        row.introduced is not None for row in amended(assessment.findings)
    )
    packed = Packed(most=MOST_RESULTS, size=size)
    for row in rows:
        place = places.get(_key(row))
        if place is None:
            continue
        line = f"      {compact(_result(row, place, compared=compared))}"
        if not packed.add(f",\n{line}" if packed.number else line):
            break
    return packed


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


def _result(finding: Finding, place: int, *, compared: bool) -> Json:
    fails = finding.outcome is Outcome.FAIL
    result = {
        "ruleId": _rule_id(finding.control),
        "ruleIndex": place,
        "kind": "fail" if fails else "open",
        "level": LEVELS[finding.control.severity] if fails else "none",
        "message": {"text": _message(finding)},
        "locations": [_location(finding)],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.fingerprint}:1"},
    }
    callers = [_physical(block(place)) | _calls(place) for place in finding.places[1:MOST_LOCATIONS] if place.file]
    if callers:
        result["relatedLocations"] = callers
    if compared:
        result["baselineState"] = _compared(finding)
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": _text(granted(finding))}]
    return result


def _message(finding: Finding) -> str:
    lines = [f"{finding.control.title}: {finding.subject.uri}"]
    if finding.outcome is Outcome.UNKNOWN:
        lines[0] = f"Could not be determined: {lines[0]}"
    lines += [told(item) for item in finding.deciding]
    if finding.waiver is not None and not finding.waived:
        lines.append(f"Waiver {finding.waiver.id} does not hold: {finding.waiver.state}")
    lines += [text for text in (_known(finding), outgrown(finding)) if text]
    if finding.places:
        lines.append(f"At {told_places(finding.places)}")
    if finding.subject.mode is Mode.PLANNED and not anchor(finding).real:
        lines.append(STAND_IN)
    lines.append(f"Fix: {finding.control.fix_for(finding.subject.provider)}")
    return "\n".join(map(_unlinked, lines))


def _known(finding: Finding) -> str:
    return f"Known {since(finding)}" if finding.known else ""


def _compared(finding: Finding) -> str:
    """SARIF's word for how the row compares with the baseline, or with what was before the planned change."""
    if finding.known:
        return "unchanged"
    return "updated" if finding.baseline is not None else "new"


def _location(finding: Finding) -> Json:
    names = [finding.subject.uri, *(place.address for place in finding.places[:1])]
    logical = [{"fullyQualifiedName": _text(name), "kind": "resource"} for name in dict.fromkeys(names)]
    return _physical(anchor(finding)) | {"logicalLocations": logical}


def _physical(at: Anchor) -> Json:
    uri = quoted(at.path, "/") if at.real else at.path
    uri = f"file://{uri}" if uri.startswith("/") else uri
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": at.line}}}


def _calls(place: Place) -> Json:
    return {"message": {"text": _unlinked(f"called by {place.address}")}}


def _category(assessment: Assessment) -> str:
    """Told apart by who was asked to look, and for which controls: no run closes the alerts of another."""
    labels = sorted({identity.label for identity in assessment.run.identities})
    asked = ["+".join(map(_slug, labels))] if labels else []
    chosen = assessment.run.selection
    named = [] if chosen is None else [f"selected-{_short(chosen.controls)}"]
    return "/".join(["posture", assessment.run.mode, *asked, *named, ""])


def _short(names: Iterable[str]) -> str:
    """The same for the same names in any order; they may be too many to be written out."""
    return f"{zlib.crc32(','.join(sorted(names)).encode()):08x}"


def _slug(label: str) -> str:
    return quoted(printable(label)).replace("%", "_")


def _invocation(assessment: Assessment, tally: Tally, cut: int, left_out: str) -> Json:
    run = assessment.run
    return {
        "executionSuccessful": assessment.exit_code in CONCLUDED,
        "exitCode": assessment.exit_code,
        "exitCodeDescription": ending(assessment, tally),
        "startTimeUtc": run.started,
        "endTimeUtc": run.finished,
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": text}} for level, text in _notices(assessment, tally, cut, left_out)
        ],
    }


def _notices(assessment: Assessment, tally: Tally, cut: int, left_out: str) -> Iterator[tuple[str, str]]:
    quiet = (tally.counts[Standing.PASS], tally.counts[Standing.NOT_APPLICABLE])
    yield "note", f"not listed here: {plural(quiet[0], 'row')} that pass, {quiet[1]:,} that do not apply"
    if chosen := selection(assessment.run):
        yield "warning", _text(f"judged: {chosen}")
    if changed := overrides(assessment.run):
        yield "note", _text(f"parameters: {changed}")
    if left_out:
        yield "note", f"not listed here: {left_out}"
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


def _key(finding: Finding) -> tuple[str, str]:
    return (finding.control.policy, finding.control.id)


def _unlinked(text: str) -> str:
    """Text of a message, in which `[text](target)` would be a link."""
    return _text(text).replace("](", "] (")


def _text(text: str) -> str:
    return printable(text) or "-"  # an empty text is refused
