"""What the terminal report says first: how many rows count as what, why the run ended so, and where to begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from posture.frozen import dataclass
from posture.model.assessment import Assessment, Finding
from posture.reports.causes import Cause
from posture.reports.ending import ending
from posture.reports.selection import terms
from posture.reports.tally import Tally
from posture.reports.terminal import Line, Piece, line
from posture.reports.view import Standing, amended, lapsed, plural, standing

STYLES = {
    Standing.FAIL: "bold red",
    Standing.UNKNOWN: "bold yellow",
    Standing.KNOWN: "bold magenta",
    Standing.WAIVED: "bold blue",
    Standing.PASS: "green",
    Standing.NOT_APPLICABLE: "dim",
}
BLANK = line()
COUNTED = (Standing.FAIL, Standing.UNKNOWN, Standing.PASS)
MANY = 2  # places from which an overview helps
MOST_PLACES = 20
LABEL = 16  # the widest label of the summary and two spaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the terminal report is made of: every count, why rows are unknown, and those that were set apart."""

    tally: Tally
    causes: tuple[Cause, ...]
    apart: Mapping[Standing, tuple[Finding, ...]]


def glance(assessment: Assessment, shown: Shown) -> Iterator[Line]:
    """The summary, and the places with open rows."""
    yield from _summary(assessment, shown)
    yield from _places(shown.tally)


def _summary(assessment: Assessment, shown: Shown) -> Iterator[Line]:
    run = assessment.run
    yield line((f"{run.tool} {run.version}", "bold"), f"  {run.mode}, as of {run.as_of}")
    yield BLANK
    for kind, number in shown.tally.shown:
        style = STYLES[kind] if number else "dim"
        label = kind.words.upper() if kind in (Standing.FAIL, Standing.UNKNOWN) else kind.words
        yield line(
            (f"{label:<{LABEL}}", style), (f"{number:>7,}", style), *_note(assessment, shown, kind), hang=LABEL + 9
        )
    yield BLANK
    for given in run.inputs:
        yield from _field("plan", f"{given.file}, sha256 {given.sha256[:16]}…")
    yield from _field("looked at", _population(assessment, len(shown.tally.controls)))
    for name, words in terms(run).items():
        yield from _field(name, words)
    if assessment.unlooked:
        places = plural(len(assessment.unlooked), "place")
        yield from _field("not looked at", f"{places}: there may be stores that are not in this report")
    if assessment.unmatched_waivers:
        yield from _field("waivers", f"matching no row: {', '.join(assessment.unmatched_waivers)}")
    if (baseline := assessment.baseline) is not None:
        yield from _field("baseline", f"{baseline.file}: {plural(baseline.rows, 'row')}, {baseline.gone:,} gone")
    yield from _field("exit code", f"{assessment.exit_code}: {ending(assessment, shown.tally)}")


def _field(label: str, text: str) -> Iterator[Line]:
    yield line((f"{label:<{LABEL}}", "dim"), text, hang=LABEL)


def _note(assessment: Assessment, shown: Shown, kind: Standing) -> tuple[Piece, ...]:
    parts = []
    if kind in (Standing.FAIL, Standing.KNOWN):
        parts += [f"{number:,} {severity}" for severity, number in shown.tally.severities(kind).items()]
    if kind is Standing.FAIL:
        below = shown.tally.below(assessment.fail_on)
        parts += [f"{below:,} below the threshold ({assessment.fail_on})"] if below else []
        number = sum(lapsed(row) and standing(row) is kind for row in amended(assessment.findings))
        parts += [f"{plural(number, 'waiver')} {'does' if number == 1 else 'do'} not hold"] if number else []
    if kind is Standing.UNKNOWN and shown.causes:
        parts = [f"for {plural(len(shown.causes), 'cause')}"]
    return (("  " + ", ".join(parts), ""),) if parts else ()


def _places(tally: Tally) -> Iterator[Line]:
    """One line for each place with open rows, the worst first, so that one glance says where to begin."""
    rows = tally.subjects
    open_ones = [row for row in rows if row[1][Standing.FAIL] or row[1][Standing.UNKNOWN]]
    if len(rows) < MANY or not open_ones:
        return
    yield BLANK
    yield line(("   fail unknown  pass", "dim"))
    open_ones.sort(key=lambda row: (-row[1][Standing.FAIL], -row[1][Standing.UNKNOWN], row[0].uri))
    for place, numbers in open_ones[:MOST_PLACES]:
        cells = [(f"{numbers[kind]:>7,}", STYLES[kind] if numbers[kind] else "dim") for kind in COUNTED]
        yield line(*cells, f"  {place.uri}", hang=23)
    if (left := len(open_ones) - MOST_PLACES) > 0:
        yield line(f"and {plural(left, 'more place')} with open rows", indent=23)
    if quiet := len(rows) - len(open_ones):
        yield line(f"and {plural(quiet, 'place')} where nothing failed or is unknown", indent=23)


def _population(assessment: Assessment, controls: int) -> str:
    kinds: dict[str, int] = {}
    for subject in assessment.subjects:
        kinds[subject.about] = kinds.get(subject.about, 0) + 1
    found = ", ".join(plural(number, about) for about, number in sorted(kinds.items()) if about != "estate")
    return f"{found or 'no store and no source'}; {plural(controls, 'control')}"
