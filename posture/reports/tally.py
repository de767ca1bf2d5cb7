"""How many rows count as what. One walk counts for every summary, and makes no row that nobody amended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from posture.frozen import dataclass
from posture.model.assessment import ControlInfo, Finding, SubjectInfo
from posture.model.logic import Severity
from posture.model.rows import Rows
from posture.reports.view import PLAINLY, Standing, standing

Numbers: TypeAlias = Mapping[Standing, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The rows by how they count: all of them, those of each control, and those of each subject.

    Every standing is there, also with none. Controls are in the order of every report, subjects as they came.
    """

    counts: Numbers
    controls: tuple[tuple[ControlInfo, Numbers], ...]
    subjects: tuple[tuple[SubjectInfo, Numbers], ...]

    def severities(self, *kinds: Standing) -> dict[Severity, int]:
        """Rows of these standings by severity, worst first, only severities that occur."""
        found = dict.fromkeys(reversed(Severity), 0)
        for control, numbers in self.controls:
            found[control.severity] += sum(numbers[kind] for kind in kinds)
        return {severity: number for severity, number in found.items() if number}

    def below(self, threshold: Severity) -> int:
        """Failures that are shown and do not set the exit code."""
        failed = self.severities(Standing.FAIL)
        return sum(number for severity, number in failed.items() if severity.rank < threshold.rank)

    @property
    def shown(self) -> tuple[tuple[Standing, int], ...]:
        """What a summary counts: every standing, but known ones only where a run met some."""
        return tuple((kind, number) for kind, number in self.counts.items() if number or kind is not Standing.KNOWN)


def tallied(findings: Iterable[Finding]) -> Tally:
    """The tally of these rows."""
    counts = dict.fromkeys(Standing, 0)
    controls: dict[tuple[str, str], tuple[ControlInfo, dict[Standing, int]]] = {}
    subjects: dict[tuple[str, str], tuple[SubjectInfo, dict[Standing, int]]] = {}
    for control, cells in _cells(findings):
        _, of_control = controls.setdefault((control.policy, control.id), (control, dict.fromkeys(Standing, 0)))
        for subject, kind in cells:
            key = (subject.about, subject.uri)
            if key not in subjects:
                subjects[key] = (subject, dict.fromkeys(Standing, 0))
            subjects[key][1][kind] += 1
            of_control[kind] += 1
    for _, numbers in controls.values():
        for kind, number in numbers.items():
            counts[kind] += number
    ordered = sorted(controls.values(), key=lambda entry: (-entry[0].severity.rank, entry[0].policy, entry[0].id))
    return Tally(counts=counts, controls=tuple(ordered), subjects=tuple(subjects.values()))


def _cells(findings: Iterable[Finding]) -> Iterator[tuple[ControlInfo, Iterable[tuple[SubjectInfo, Standing]]]]:
    """How each row counts, control by control."""
    if not isinstance(findings, Rows):
        yield from ((row.control, ((row.subject, standing(row)),)) for row in findings)
        return
    for column in findings.columns:
        cells = column.cells()
        yield (
            column.control,
            ((who, PLAINLY[outcome] if row is None else standing(row)) for who, outcome, row in cells),
        )
