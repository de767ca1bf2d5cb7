"""The shape of the JSON report: the model's types, with controls written once and rows that point at them."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.model.assessment import (
    Assessment,
    BaselineNote,
    BaselineUse,
    ControlInfo,
    Evidence,
    Finding,
    Place,
    RunRecord,
    SubjectInfo,
    Unlooked,
    WaiverNote,
)
from posture.model.logic import Outcome, Severity
from posture.model.subjects import About
from posture.reports.ending import code_without_leave, ending
from posture.reports.tally import tallied
from posture.reports.view import Standing, standing

VERSION = "audit-log-posture/report/2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One control on one subject: the verdict, how the row counts, and why."""

    policy: str
    control: str
    severity: Severity
    about: About
    subject: str
    outcome: Outcome
    standing: Standing
    evidence: tuple[Evidence, ...]
    fingerprint: str
    facts_digest: str
    waiver: WaiverNote | None
    baseline: BaselineNote | None
    introduced: bool | None
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How the run ended, and how many rows count as what."""

    exit_code: int
    exit_code_if_unknown_is_not_allowed: int
    because: str
    fail_on: Severity
    allow_unknown: bool
    rows: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The complete record of an assessment."""

    schema: str
    run: RunRecord
    result: Result
    controls: tuple[ControlInfo, ...]
    subjects: tuple[SubjectInfo, ...]
    findings: tuple[Row, ...]
    unlooked: tuple[Unlooked, ...]
    unmatched_waivers: tuple[str, ...]
    baseline: BaselineUse | None


def report(assessment: Assessment) -> Report:
    """The assessment in the shape of the JSON report, in a stable order, but for its `findings`: see `rows`."""
    tally = tallied(assessment.findings)
    controls = {(control.policy, control.id): control for control, _ in tally.controls}
    return Report(
        schema=VERSION,
        run=assessment.run,
        result=Result(
            exit_code=assessment.exit_code,
            exit_code_if_unknown_is_not_allowed=code_without_leave(assessment, tally),
            because=ending(assessment, tally),
            fail_on=assessment.fail_on,
            allow_unknown=assessment.allow_unknown,
            rows=len(assessment.findings),
            counts=tuple((kind.value, number) for kind, number in tally.counts.items()),
        ),
        controls=tuple(controls[key] for key in sorted(controls)),
        subjects=tuple(sorted(assessment.subjects, key=lambda subject: (subject.about, subject.uri))),
        findings=(),
        unlooked=assessment.unlooked,
        unmatched_waivers=assessment.unmatched_waivers,
        baseline=assessment.baseline,
    )


def row(finding: Finding) -> Row:
    """A row in the shape of the JSON report."""
    return Row(
        policy=finding.control.policy,
        control=finding.control.id,
        severity=finding.control.severity,
        about=finding.subject.about,
        subject=finding.subject.uri,
        outcome=finding.outcome,
        standing=standing(finding),
        evidence=tuple(finding.evidence),
        fingerprint=finding.fingerprint,
        facts_digest=finding.facts_digest,
        waiver=finding.waiver,
        baseline=finding.baseline,
        introduced=finding.introduced,
        places=finding.places,
    )
