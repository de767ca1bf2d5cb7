"""GitHub annotations: workflow commands that show rows beside the lines of a pull request.

GitHub shows ten errors and ten warnings of a step. So rows are grouped by place, the worst places are named, and the
first error and the first warning count the whole. An error is what sets the exit code.
"""

from __future__ import annotations

from collections.abc import Iterator

from posture.frozen import dataclass
from posture.model.assessment import Assessment, Finding, Unlooked
from posture.model.logic import Outcome
from posture.reports.ending import ending
from posture.reports.options import Options
from posture.reports.places import NO_LINE, anchor
from posture.reports.places import told as told_places
from posture.reports.plain import printable
from posture.reports.selection import terms
from posture.reports.tally import Tally, tallied
from posture.reports.view import Standing, by_standing, grouped, outgrown, plural, told_in_line, why_unknown

MOST = 10  # of a level, in one step
MOST_ROWS = 10  # told in one annotation
LONGEST = 1_000  # characters of one line

_ORDINARY = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_ORDINARY, ":": "%3A", ",": "%2C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One annotation before it is written. Without a file it belongs to the run."""

    title: str
    lines: tuple[str, ...]
    file: str = ""
    line: int = 1


def render(assessment: Assessment, options: Options) -> str:  # noqa: ARG001 - every format has this signature
    """One command a line, then a plain line that says how the run ended."""
    tally = tallied(assessment.findings)
    rows = by_standing(assessment.findings, Standing.FAIL, Standing.UNKNOWN)
    failed, unknown = rows[Standing.FAIL], rows[Standing.UNKNOWN]
    serious = [row for row in failed if row.control.severity.rank >= assessment.fail_on.rank]
    minor = [row for row in failed if row.control.severity.rank < assessment.fail_on.rank]
    errors = tuple(_notes(serious))
    warnings = (*_notes(minor), *map(_unlooked, assessment.unlooked), *_notes(unknown))
    parts = (_counted(len(minor), "failed below the threshold"), _counted(len(unknown), "unknown"))
    told_parts = ", ".join((*filter(None, parts), *_places(assessment)))
    lines = [*_commands("error", f"{plural(len(serious), 'row')} failed", errors)]
    lines += _commands("warning", told_parts, warnings)
    if assessment.exit_code and not lines:
        lines = [f"::error title=posture::{escaped(ending(assessment, tally), within=False)}"]
    return "\n".join((*lines, _last(assessment, tally))) + "\n"


def escaped(text: str, *, within: bool) -> str:
    """Text for a command: its message, or `within` one of its properties."""
    table = _PROPERTY if within else _ORDINARY
    return "".join(table.get(character, character) for character in text)


def _last(assessment: Assessment, tally: Tally) -> str:
    loud = (Standing.FAIL, Standing.UNKNOWN)
    counted = ", ".join(f"{number:,} {kind.words}" for kind, number in tally.shown if kind not in loud)
    judged = "".join(f"; {name}: {printable(words)}" for name, words in terms(assessment.run).items())
    why = printable(ending(assessment, tally))
    return f"posture: exit code {assessment.exit_code}: {why} (not listed: {counted}){judged}"


def _counted(number: int, words: str) -> str:
    return f"{plural(number, 'row')} {words}" if number else ""


def _places(assessment: Assessment) -> tuple[str, ...]:
    number = len(assessment.unlooked)
    return (f"{plural(number, 'place')} not looked into",) if number else ()


def _notes(rows: list[Finding] | tuple[Finding, ...]) -> Iterator[Note]:
    """Rows of one line, or of one subject without a line, in one annotation."""
    for group in grouped(rows, _where).values():
        first = group[0]
        at = anchor(first)
        name = first.places[0].address if first.places else first.subject.uri
        verb = "failed" if first.outcome is Outcome.FAIL else "unknown"
        lines = [_row(row) for row in group[:MOST_ROWS]]
        lines += [f"and {plural(len(group) - MOST_ROWS, 'more row')} (cut)"] if len(group) > MOST_ROWS else []
        if first.places:
            lines.append(f"At {told_places(first.places)}" if at.real else NO_LINE)
        yield Note(
            title=f"{plural(len(group), 'row')} {verb}: {name}",
            lines=tuple(lines),
            file=at.path if at.real else "",
            line=at.line,
        )


def _where(finding: Finding) -> tuple[str, int, str]:
    at = anchor(finding)
    return (at.path, at.line, finding.places[0].address if finding.places else finding.subject.uri)


def _row(finding: Finding) -> str:
    control = finding.control
    found = "; ".join(told_in_line(finding))
    parts = (f"{control.severity} {control.id}: {control.title}", finding.subject.uri, found, outgrown(finding))
    fix = f"Fix: {control.fix_for(finding.subject.provider)}"
    return ". ".join(part for part in (*parts, fix) if part)


def _unlooked(place: Unlooked) -> Note:
    return Note(
        title="Not looked into: there may be more stores", lines=(f"{place.what}: {why_unknown(place.unknown)}",)
    )


def _commands(level: str, summary: str, notes: tuple[Note, ...]) -> Iterator[str]:
    """The rollup and then as many notes as are shown."""
    if not notes:
        return
    room = MOST - 1
    cut = f"; {plural(len(notes) - room, 'more place')} in the full report (cut)" if len(notes) > room else ""
    yield f"::{level} title=posture::{escaped(printable(summary + cut), within=False)}"
    for note in notes[:room]:
        message = "%0A".join(escaped(_short(text), within=False) for text in note.lines)
        place = f"file={escaped(printable(note.file), within=True)},line={note.line}," if note.file else ""
        yield f"::{level} {place}title={escaped(_short(note.title), within=True)}::{message}"


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}… (cut)"
