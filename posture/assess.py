"""Policies x subjects -> rows, and what a run's exit code says. Pure: no call, no clock, no file."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from posture.estate import Joined
from posture.model.assessment import Finding, Unlooked
from posture.model.logic import Outcome, Severity
from posture.policy.assertions import evaluate
from posture.policy.document import Control, Policy
from posture.policy.waivers import Waiver, facts_digest, match

CLEAN, FAILED, UNDETERMINED, NOTHING_CHECKED = 0, 1, 3, 4


def assess(
    policies: Sequence[Policy], joined: Sequence[Joined], waivers: Sequence[Waiver], today: date
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """A row for every control and every subject of its kind, and the ids of the waivers that name no row."""
    rows = [
        _row(control, subject)
        for policy in policies
        for control in policy.controls
        for subject in joined
        if subject.info.about is control.info.about
    ]
    unmatched = tuple(waiver.id for waiver in waivers if not any(waiver.names(row) for row in rows))
    return tuple(_waived(row, waivers, today) for row in rows), unmatched


def exit_code(
    findings: Sequence[Finding],
    joined: Sequence[Joined],
    unlooked: Sequence[Unlooked],
    fail_on: Severity,
    *,
    allow_unknown: bool,
) -> int:
    """A failure at the threshold, then what is unknown, then nothing checked, then clean."""
    counted = [row for row in findings if not row.waived]
    if any(row.outcome is Outcome.FAIL and row.control.severity.rank >= fail_on.rank for row in counted):
        return FAILED
    if unlooked:
        return UNDETERMINED
    if any(row.outcome is Outcome.UNKNOWN for row in counted):
        return CLEAN if allow_unknown else UNDETERMINED
    return CLEAN if joined else NOTHING_CHECKED


def _waived(row: Finding, waivers: Sequence[Waiver], today: date) -> Finding:
    waiver = match(waivers, row, today)
    return row if waiver is None else replace(row, waiver=waiver)


def _row(control: Control, subject: Joined) -> Finding:
    fingerprint = hashlib.sha256(f"{control.info.id}\0{subject.info.uri}".encode()).hexdigest()
    if not control.applies(subject.info):
        return Finding(
            control=control.info,
            subject=subject.info,
            outcome=Outcome.NOT_APPLICABLE,
            evidence=(),
            fingerprint=fingerprint,
            facts_digest="",
        )
    verdict, evidence = evaluate(control.require, subject.record)
    return Finding(
        control=control.info,
        subject=subject.info,
        outcome=Outcome.of(verdict),
        evidence=evidence,
        fingerprint=fingerprint,
        facts_digest=sys.intern(facts_digest(evidence)),  # alike for many subjects
    )
