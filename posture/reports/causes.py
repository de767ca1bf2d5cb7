"""What is unknown for the same cause, and what would resolve it."""

from __future__ import annotations

from collections.abc import Iterable

from posture.frozen import dataclass
from posture.model.assessment import Finding, SubjectInfo, Unlooked
from posture.model.facts import Reason, Unknown
from posture.reports.view import grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Subjects on which one cause keeps the same controls open."""

    subjects: tuple[SubjectInfo, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that could not be read or decided, what would resolve it, and how many rows wait for it.

    `blocked` are these rows, subjects with the same open controls together.
    """

    reason: Reason
    operations: tuple[str, ...]
    needs: str
    details: tuple[str, ...]
    rows: int
    blocked: tuple[Blocked, ...]


class _Waiting:
    """What waits for one cause, as rows come in order. Thousands of subjects wait for the same controls, kept once."""

    def __init__(self) -> None:
        self.details: dict[str, None] = {}
        self.controls: dict[SubjectInfo, tuple[str, ...]] = {}  # their ids, of which no two controls share one
        self._alike: dict[tuple[str, ...], tuple[str, ...]] = {}

    def add(self, row: Finding, detail: str) -> None:
        """One row more; it can have the cause several times."""
        if detail:
            self.details[detail] = None
        before = self.controls.get(row.subject, ())
        if not before or before[-1] != row.control.id:
            controls = (*before, row.control.id)
            self.controls[row.subject] = self._alike.setdefault(controls, controls)

    def blocked(self) -> tuple[Blocked, ...]:
        """Subjects by what waits."""
        alike = grouped(self.controls, self.controls.__getitem__)
        return tuple(Blocked(subjects=subjects, controls=ids) for ids, subjects in alike.items())


def causes(unknown: Iterable[Finding]) -> tuple[Cause, ...]:
    """Why the rows that count as unknown are so, the cause that most wait for first. Rows come in order."""
    found: dict[tuple[Reason, tuple[str, ...], str], _Waiting] = {}
    for finding in unknown:
        for each in _unknowns(finding):
            found.setdefault((each.reason, _operations(each), each.needs), _Waiting()).add(finding, each.detail)
    made = [
        Cause(
            reason=reason,
            operations=operations,
            needs=needs,
            details=tuple(waiting.details),
            rows=sum(map(len, waiting.controls.values())),
            blocked=waiting.blocked(),
        )
        for (reason, operations, needs), waiting in found.items()
    ]
    return tuple(sorted(made, key=lambda cause: (-cause.rows, cause.reason, cause.operations, cause.needs)))


def missing_permissions(
    unlooked: Iterable[Unlooked], causes: Iterable[Cause], others: Iterable[Finding]
) -> tuple[str, ...]:
    """Every permission that a denied read asked for, once; `others` are rows that do not count as unknown."""
    unknowns = [place.unknown for place in unlooked]
    unknowns += [item.unknown for row in others for item in row.evidence if item.unknown is not None]
    asked = [(item.reason, item.needs) for item in unknowns] + [(cause.reason, cause.needs) for cause in causes]
    return tuple(sorted({needs for reason, needs in asked if reason is Reason.DENIED and needs}))


def _unknowns(finding: Finding) -> tuple[Unknown, ...]:
    found = tuple(item.unknown for item in finding.evidence if item.unknown is not None)
    return found or (Unknown(reason=Reason.UNDETERMINED, detail="no reason was recorded"),)


def _operations(unknown: Unknown) -> tuple[str, ...]:
    return tuple(sorted({source.operation for source in unknown.sources}))
