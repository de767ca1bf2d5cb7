"""Policies x subjects -> rows, and what a run's exit code says. Pure: no call, no clock, no file."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from posture.estate import Joined
from posture.model.assessment import Finding, SubjectInfo, Unlooked
from posture.model.logic import Outcome, Severity
from posture.model.subjects import About
from posture.policy.assertions import evaluate
from posture.policy.baseline import Baseline
from posture.policy.document import Control, Policy
from posture.policy.waivers import Waiver, facts_digest, match

CLEAN, FAILED, UNDETERMINED, NOTHING_CHECKED = 0, 1, 3, 4


def assess(
    policies: Sequence[Policy],
    joined: Sequence[Joined],
    waivers: Sequence[Waiver],
    today: date,
    baseline: Baseline | None = None,
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
    return tuple(_known(_waived(row, waivers, today), baseline) for row in rows), unmatched


def exit_code(
    findings: Sequence[Finding],
    joined: Sequence[Joined],
    unlooked: Sequence[Unlooked],
    fail_on: Severity,
    *,
    allow_unknown: bool,
) -> int:
    """A failure at the threshold, then what is unknown, then nothing checked, then clean."""
    counted = [row for row in findings if row.counts]
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


def _known(row: Finding, baseline: Baseline | None) -> Finding:
    note = None if baseline is None else baseline.note(row)
    return row if note is None else replace(row, baseline=note)


def _identity(subject: SubjectInfo) -> str:
    """What stays the same from run to run: in a plan the address, since a name can be generated anew."""
    if not subject.places:
        return subject.uri
    inside = subject.uri.partition("://")[2].partition("/")[2] if subject.about is About.STORE else subject.uri
    return f"{subject.places[0].address}\0{inside}"


def _row(control: Control, subject: Joined) -> Finding:
    fingerprint = hashlib.sha256(f"{control.info.id}\0{_identity(subject.info)}".encode()).hexdigest()
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
