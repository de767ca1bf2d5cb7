"""What is unknown for the same cause, and what would resolve it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from posture.model.assessment import Finding, SubjectInfo, Unlooked
from posture.model.facts import Reason, Unknown
from posture.reports.view import by_subject, grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Subjects on which one cause keeps the same controls open."""

    subjects: tuple[SubjectInfo, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that could not be read or decided, what would resolve it, and every row that waits for it."""

    reason: Reason
    operations: tuple[str, ...]
    needs: str
    details: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def blocked(self) -> tuple[Blocked, ...]:
        """The waiting rows, subjects with the same open controls together."""
        controls = {
            subject: tuple(dict.fromkeys(row.control.id for row in rows))
            for subject, rows in by_subject(self.findings).items()
        }
        alike = grouped(controls, lambda subject: controls[subject])
        return tuple(Blocked(subjects=subjects, controls=ids) for ids, subjects in alike.items())


def causes(unknown: Iterable[Finding]) -> tuple[Cause, ...]:
    """Why the rows that count as unknown are so, the cause that most rows wait for first. A row can have several."""
    found: dict[tuple[Reason, tuple[str, ...], str], list[tuple[str, Finding]]] = {}
    for finding in unknown:
        for each in _unknowns(finding):
            found.setdefault((each.reason, _operations(each), each.needs), []).append((each.detail, finding))
    made = [
        Cause(
            reason=reason,
            operations=operations,
            needs=needs,
            details=tuple(dict.fromkeys(detail for detail, _ in waiting if detail)),
            findings=tuple({(row.control.policy, row.control.id, row.subject): row for _, row in waiting}.values()),
        )
        for (reason, operations, needs), waiting in found.items()
    ]
    return tuple(sorted(made, key=lambda cause: (-len(cause.findings), cause.reason, cause.operations, cause.needs)))


def missing_permissions(unlooked: Iterable[Unlooked], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Every permission that a denied read asked for, once."""
    unknowns = [place.unknown for place in unlooked]
    for finding in findings:
        unknowns += [item.unknown for item in finding.evidence if item.unknown is not None]
    return tuple(sorted({item.needs for item in unknowns if item.reason is Reason.DENIED and item.needs}))


def _unknowns(finding: Finding) -> tuple[Unknown, ...]:
    found = tuple(item.unknown for item in finding.evidence if item.unknown is not None)
    return found or (Unknown(reason=Reason.UNDETERMINED, detail="no reason was recorded"),)


def _operations(unknown: Unknown) -> tuple[str, ...]:
    return tuple(sorted({source.operation for source in unknown.sources}))
