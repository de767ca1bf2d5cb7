"""The report of a terminal: one glance first, then what failed, what is unknown, what is waived, what passed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

from posture.model.assessment import Assessment, Evidence, Finding, SubjectInfo
from posture.model.facts import Source
from posture.model.logic import Severity
from posture.reports.causes import Cause, causes, missing_permissions
from posture.reports.ending import ending
from posture.reports.glance import BLANK, STYLES, Shown, glance
from posture.reports.options import Options
from posture.reports.places import further
from posture.reports.tally import Numbers, Tally, tallied
from posture.reports.terminal import Line, line, painting
from posture.reports.view import (
    Alike,
    ControlRows,
    Standing,
    by_control,
    by_standing,
    granted,
    having,
    in_order,
    lapse,
    outgrown,
    plural,
    since,
)

SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "",
}
PROOF = "`posture access STORE` prints, for each way in, a request that proves it"
_SHORT = 20  # rows that a terminal shows at once, more or less
QUIET = (Standing.PASS, Standing.NOT_APPLICABLE)


def render(assessment: Assessment, options: Options) -> str:
    """The report as lines of text."""
    return "".join(pieces(assessment, options))


def pieces(assessment: Assessment, options: Options) -> Iterator[str]:
    """The same, some lines at a time."""
    return painting(_page(assessment, options), options)


def _page(assessment: Assessment, options: Options) -> Iterator[Line]:
    findings, tally = assessment.findings, tallied(assessment.findings)
    shown = Shown(
        tally=tally,
        causes=causes(in_order(findings, Standing.UNKNOWN)),
        apart=by_standing(findings, Standing.KNOWN, Standing.WAIVED),
    )
    yield from glance(assessment, shown)
    yield from _failed(assessment, tally, options)
    yield from _unknown(assessment, shown)
    yield from _unlooked(assessment)
    yield from _known(shown.apart[Standing.KNOWN])
    yield from _waived(shown.apart[Standing.WAIVED])
    yield from _passed(assessment, tally.counts, options)
    if tally.counts[Standing.FAIL] or tally.counts[Standing.UNKNOWN] or assessment.unlooked:
        yield BLANK
        yield line((f"exit code {assessment.exit_code}", "bold"), f": {ending(assessment, tally)}", hang=2)
        yield from _once_more(tally)


def _once_more(tally: Tally) -> Iterator[Line]:
    """What the summary counts: of a long report a terminal shows the end, and not where it stands."""
    failed, unknown = tally.counts[Standing.FAIL], tally.counts[Standing.UNKNOWN]
    if failed + unknown > _SHORT:
        severities = ", ".join(f"{number:,} {severity}" for severity, number in tally.severities(Standing.FAIL).items())
        parts = [f"{failed:,} fail ({severities})"] if failed else []
        parts += [f"{unknown:,} unknown"] if unknown else []
        yield line((f"in all {', '.join(parts)}", "dim"), hang=2)


def _failed(assessment: Assessment, tally: Tally, options: Options) -> Iterator[Line]:
    number = tally.counts[Standing.FAIL]
    if not number:
        return
    controls = sum(numbers[Standing.FAIL] > 0 for _, numbers in tally.controls)
    yield from _heading(Standing.FAIL, "FAILED", f"{plural(number, 'row')} of {plural(controls, 'control')}")
    proven = False
    for group in by_control(in_order(assessment.findings, Standing.FAIL)):
        yield BLANK
        yield from _failed_control(group, options)
        proven = proven or any(seen.by for seen in group.findings[0].deciding)
    if proven:
        yield BLANK
        yield line((PROOF, "dim"), indent=2)


def _failed_control(group: ControlRows, options: Options) -> Iterator[Line]:
    control = group.control
    yield line(
        (f"{control.severity:<8}", SEVERITY_STYLES[control.severity]),
        "  ",
        (control.id, "bold"),
        *((f" ({plural(len(group.findings), 'row')})",) if len(group.findings) > 1 else ()),
        hang=10,
    )
    yield line(control.title, indent=2)
    yield line(("why ", "dim"), control.why, indent=2, hang=4)
    fixes = group.by_fix
    for fix, mended in fixes.items():
        for alike in mended:
            yield from _alike(alike, options)
        yield line(("fix ", "dim"), fix, indent=2 if len(fixes) == 1 else 4, hang=4)


def _alike(alike: Alike, options: Options) -> Iterator[Line]:
    for finding in alike.findings:
        yield line((_name(finding.subject), "cyan"), indent=2, hang=2)
        yield from _places_of(finding)
    for item, sources in alike.evidence:
        yield from _evidence(item, alike.calls(sources), sources, options)
    note = alike.findings[0].waiver
    if note is not None and not note.holds:
        yield line(
            (f"waiver {note.id}", "blue"), f" {lapse(note)} (owner {note.owner}): the row counts", indent=4, hang=2
        )
    if why := outgrown(alike.findings[0]):
        yield line(why, indent=4, hang=2)


def _evidence(item: Evidence, calls: tuple[str, ...], sources: tuple[Source, ...], options: Options) -> Iterator[Line]:
    short = (f"  [{', '.join(calls)}]", "dim") if calls and not options.verbosity else ""
    yield line((item.place, "bold"), f": found {item.found}, expected {item.expected}", short, indent=4, hang=2)
    if options.verbosity:
        for place in sources:
            parts = (place.operation, place.resource, place.pointer, place.read_at)
            yield line((" ".join(part for part in parts if part), "dim"), indent=6, hang=2)


def _name(subject: SubjectInfo) -> str:
    return subject.uri if not subject.name or subject.name in subject.uri else f"{subject.uri} ({subject.name})"


def _unknown(assessment: Assessment, shown: Shown) -> Iterator[Line]:
    number, found = shown.tally.counts[Standing.UNKNOWN], shown.causes
    if not number:
        return
    yield from _heading(Standing.UNKNOWN, "UNKNOWN", f"{plural(number, 'row')} for {plural(len(found), 'cause')}")
    permissions = missing_permissions(assessment.unlooked, found, chain(*shown.apart.values()))
    if permissions:
        yield BLANK
        yield line(("missing permissions", "bold"), indent=2)
        for permission in permissions:
            yield line(permission, indent=4, hang=2)
    for cause in found:
        yield BLANK
        yield from _cause(cause)


def _cause(cause: Cause) -> Iterator[Line]:
    needs = f"; needs {cause.needs}" if cause.needs and cause.needs not in cause.operations else ""
    calls = f"  {', '.join(cause.operations)}" if cause.operations else ""
    yield line((_spoken(cause.reason), "yellow"), calls, needs, indent=2, hang=2)
    if cause.details:
        others = f" (and {plural(len(cause.details) - 1, 'similar answer')})" if len(cause.details) > 1 else ""
        yield line(("said ", "dim"), cause.details[0], others, indent=4, hang=5)
    for blocked in cause.blocked:
        for subject in blocked.subjects:
            yield line((_name(subject), "cyan"), *_at(subject), indent=4, hang=2)
        yield line(("leaves open ", "dim"), ", ".join(blocked.controls), indent=6, hang=2)


def _at(subject: SubjectInfo) -> tuple[str, ...]:
    where = further(subject.places[0], subject.uri) if subject.places else ""
    return (f" at {where}",) if where else ()


def _unlooked(assessment: Assessment) -> Iterator[Line]:
    if not assessment.unlooked:
        return
    yield from _heading(
        Standing.UNKNOWN, "NOT LOOKED INTO", f"{plural(len(assessment.unlooked), 'place')} that could name more stores"
    )
    for place in assessment.unlooked:
        unknown = place.unknown
        needs = f"; needs {unknown.needs}" if unknown.needs else ""
        yield BLANK
        yield line((place.what, "cyan"), indent=2, hang=2)
        yield line((_spoken(unknown.reason), "yellow"), needs, indent=4, hang=2)
        if unknown.detail:
            yield line(("said ", "dim"), unknown.detail, indent=4, hang=5)


def _places_of(finding: Finding) -> Iterator[Line]:
    for place, word in zip(finding.places, chain(("at ",), repeat("called at ")), strict=False):
        if where := further(place, finding.subject.uri):
            yield line((word, "dim"), where, indent=4, hang=len(word))


def _known(rows: tuple[Finding, ...]) -> Iterator[Line]:
    if not rows:
        return
    yield from _heading(Standing.KNOWN, "KNOWN", f"{plural(len(rows), 'row')} seen before")
    for group in by_control(rows):
        control = group.control
        yield BLANK
        yield line((f"{control.severity:<8}", SEVERITY_STYLES[control.severity]), "  ", (control.id, "bold"), hang=10)
        for finding in group.findings:
            yield line((_name(finding.subject), "cyan"), f" ({finding.outcome}, {since(finding)})", indent=2, hang=2)
            yield from _places_of(finding)


def _waived(rows: tuple[Finding, ...]) -> Iterator[Line]:
    if not rows:
        return
    yield from _heading(Standing.WAIVED, "WAIVED", plural(len(rows), "row"))
    for finding in rows:
        control = finding.control
        yield BLANK
        yield line((f"{control.severity:<8}", SEVERITY_STYLES[control.severity]), "  ", (control.id, "bold"), hang=10)
        yield line((_name(finding.subject), "cyan"), f" ({finding.outcome})", indent=2, hang=2)
        yield line(granted(finding), indent=4, hang=2)


def _passed(assessment: Assessment, counts: Numbers, options: Options) -> Iterator[Line]:
    shown = [Standing.PASS] if options.verbosity else []
    shown += [Standing.NOT_APPLICABLE] if options.verbosity > 1 else []
    for kind in shown:
        rows = having(assessment.findings, kind)
        if rows:
            yield from _heading(kind, "PASSED" if kind is Standing.PASS else "NOT APPLICABLE", plural(len(rows), "row"))
        for group in by_control(rows):
            yield BLANK
            yield line((group.control.id, "bold"), indent=2)
            yield from _listed(group.findings, options)
    left = {kind: counts[kind] for kind in QUIET if kind not in shown}
    if any(left.values()):
        named = ", ".join(f"{number:,} {kind.words}" for kind, number in left.items() if number)
        yield BLANK
        yield line((f"counted and not listed: {named} ({'-vv' if shown else '-v'} lists more)", "dim"), hang=2)


def _listed(findings: tuple[Finding, ...], options: Options) -> Iterator[Line]:
    for finding in findings:
        yield line((_name(finding.subject), "cyan"), indent=4, hang=2)
        if options.verbosity > 1:
            for item in finding.evidence:
                yield line((item.place, "bold"), f": found {item.found}", indent=6, hang=2)


def _heading(kind: Standing, title: str, note: str) -> Iterator[Line]:
    yield BLANK
    yield line((title, STYLES[kind]), f"  {note}")


def _spoken(reason: str) -> str:
    return reason.replace("_", " ")
