"""Policies x subjects -> rows, and what a run's exit code says. Pure: no call, no clock, no file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from posture.estate import Joined
from posture.model.assessment import Evidence, Finding, SubjectInfo, Unlooked
from posture.model.logic import Outcome, Severity
from posture.model.rows import Column, Rows, Sayings, Seat
from posture.policy.assertions import evaluate
from posture.policy.baseline import Baseline
from posture.policy.document import Control, Policy
from posture.policy.waivers import Waiver, facts_digest, match

CLEAN, FAILED, UNDETERMINED, NOTHING_CHECKED = 0, 1, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The subjects in the order they came, their rows, and the ids of the waivers that name no row."""

    subjects: tuple[SubjectInfo, ...]
    findings: Sequence[Finding]
    unmatched_waivers: tuple[str, ...]


def assess(
    policies: Iterable[Policy],
    joined: Iterable[Joined],
    waivers: Sequence[Waiver],
    today: date,
    baseline: Baseline | None = None,
) -> Assessed:
    """A row for every control and every subject of its kind. Facts are read once and not kept."""
    sayings = Sayings(_digest)
    columns = [(control, Column(control.info, sayings)) for policy in policies for control in policy.controls]
    subjects: list[SubjectInfo] = []
    matched: set[Waiver] = set()
    for subject in joined:
        seat = Seat(subject=subject.info)
        subjects.append(subject.info)
        for control, column in columns:
            if control.info.about is subject.info.about:
                column.add(seat, *_judged(control, subject))
                matched.update(_waived(column, waivers, today))
                _known(column, baseline)
    return Assessed(
        subjects=tuple(subjects),
        findings=Rows(column for _, column in columns),
        unmatched_waivers=tuple(waiver.id for waiver in waivers if waiver not in matched),
    )


def exit_code(
    findings: Iterable[Finding],
    subjects: Sequence[object],
    unlooked: Sequence[Unlooked],
    fail_on: Severity,
    *,
    allow_unknown: bool,
) -> int:
    """A failure at the threshold, then what is unknown, then nothing checked, then clean."""
    unknown = False
    for row in findings:
        if not row.counts:
            continue
        if row.outcome is Outcome.FAIL and row.control.severity.rank >= fail_on.rank:
            return FAILED
        unknown = unknown or row.outcome is Outcome.UNKNOWN
    if unlooked:
        return UNDETERMINED
    if unknown:
        return CLEAN if allow_unknown else UNDETERMINED
    return CLEAN if subjects else NOTHING_CHECKED


def _judged(control: Control, subject: Joined) -> tuple[Outcome, Sequence[Evidence]]:
    if not control.applies(subject.info):
        return Outcome.NOT_APPLICABLE, ()
    verdict, evidence = evaluate(control.require, subject.record)
    return Outcome.of(verdict), evidence


def _waived(column: Column, waivers: Iterable[Waiver], today: date) -> Iterable[Waiver]:
    """The waivers that name the row that was added last; the one that counts is noted there."""
    naming = [waiver for waiver in waivers if waiver.control == column.control.id]
    if not naming:
        return ()
    row = column[-1]
    note = match(naming, row, today)
    if note is not None:
        column.amend(replace(row, waiver=note))
    return [waiver for waiver in naming if waiver.names(row)]


def _known(column: Column, baseline: Baseline | None) -> None:
    """What the baseline says of the row that was added last is noted there."""
    if baseline is not None:
        row = column[-1]
        note = baseline.note(row)
        if note is not None:
            column.amend(replace(row, baseline=note))


def _digest(outcome: Outcome, evidence: Sequence[Evidence]) -> str:
    return "" if outcome is Outcome.NOT_APPLICABLE else facts_digest(evidence)
