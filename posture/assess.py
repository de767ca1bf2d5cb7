"""Policies x subjects -> rows, and what a run's exit code says. Pure: no call, no clock, no file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from posture.estate import Joined
from posture.frozen import dataclass
from posture.model.assessment import Evidence, Finding, SubjectInfo, Unlooked
from posture.model.logic import Outcome, Severity
from posture.model.rows import Column, Rows
from posture.model.sayings import Digest, Said, Sayings, Seat
from posture.policy.assertions import evaluate, words_quoted, words_used
from posture.policy.baseline import Baseline
from posture.policy.digests import FactsDigest
from posture.policy.document import Control, Policy
from posture.policy.likeness import Likeness, Sight
from posture.policy.waivers import Waiver, match

CLEAN, FAILED, UNDETERMINED, NOTHING_CHECKED = 0, 1, 3, 4
_Worded: TypeAlias = Callable[[SubjectInfo, Evidence], Evidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The subjects in the order they came, their rows, and the ids of the waivers that name no row."""

    subjects: tuple[SubjectInfo, ...]
    findings: Rows
    unmatched_waivers: tuple[str, ...]


def assess(
    policies: Iterable[Policy],
    joined: Iterable[Joined],
    waivers: Sequence[Waiver],
    today: date,
    baseline: Baseline | None = None,
    *,
    worded: _Worded = lambda _, seen: seen,
) -> Assessed:
    """A row for every control and every subject of its kind. Facts are read once and not kept.

    `worded` puts evidence in the words of people, where a fact holds what only stands for something.
    """
    sayings = Sayings(_digest)
    controls = (control for policy in policies for control in policy.controls)
    judges = [_Judge(control, Column(control.info, sayings), worded, waivers) for control in controls]
    concerned = _Concerned(judges)
    likeness = Likeness(sayings)
    subjects: list[SubjectInfo] = []
    matched: set[Waiver] = set()
    for subject in joined:
        seat = Seat(subject=subject.info)
        subjects.append(subject.info)
        sight = Sight(likeness, seat, subject.record)
        for judge, applies in concerned.by(subject.info):
            judge.judge(sight, applies=applies)
            if judge.naming:
                matched.update(_waived(judge.column, judge.naming, today))
            if baseline is not None:
                _known(judge.column, baseline)
    return Assessed(
        subjects=tuple(subjects),
        findings=Rows(judge.column for judge in judges),
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
    plain = ((row.control, row.outcome) for row in findings if row.counts)
    unknown = False
    for control, outcome in findings.counting() if isinstance(findings, Rows) else plain:
        if outcome is Outcome.FAIL and control.severity.rank >= fail_on.rank:
            return FAILED
        unknown = unknown or outcome is Outcome.UNKNOWN
    if unlooked:
        return UNDETERMINED
    if unknown:
        return CLEAN if allow_unknown else UNDETERMINED
    return CLEAN if subjects else NOTHING_CHECKED


class _Judge:
    """One control, and the waivers that name it. Subjects that look alike to it are judged once."""

    def __init__(self, control: Control, column: Column, worded: _Worded, waivers: Sequence[Waiver]) -> None:
        self.control = control
        self.column = column
        self.naming = [waiver for waiver in waivers if waiver.control == control.info.id]
        self._worded = worded
        self._words = tuple(sorted(words_used(control.require) | words_quoted(control.require)))
        self._said: dict[tuple[int, ...] | None, Said] = {}  # None: of those that the control does not apply to

    def judge(self, sight: Sight, *, applies: bool) -> None:
        """Add the row of a subject, whether the control applies to it or not."""
        seen = sight.of(self._words) if applies else None
        if seen in self._said:
            self.column.repeat(sight.seat, self._said[seen])
        elif seen is None:
            self._said[seen] = self.column.add(sight.seat, Outcome.NOT_APPLICABLE, ())
        else:
            verdict, evidence = evaluate(self.control.require, sight.record)
            shown = [self._worded(sight.seat.subject, each) for each in evidence]
            self._said[seen] = self.column.add(sight.seat, Outcome.of(verdict), shown)


class _Concerned:
    """Which judges a subject concerns, and whether their controls apply to it: found once for all of one identity."""

    def __init__(self, judges: Sequence[_Judge]) -> None:
        self._judges = judges
        self._names = sorted({"about", *(name for judge in judges for name, _ in judge.control.applies_to)})
        self._found: dict[tuple[object, ...], Sequence[tuple[_Judge, bool]]] = {}

    def by(self, subject: SubjectInfo) -> Sequence[tuple[_Judge, bool]]:
        """The judges of its kind, in order."""
        identity = tuple(getattr(subject, name, None) for name in self._names)
        found = self._found.get(identity)
        if found is None:
            of_kind = (judge for judge in self._judges if judge.control.info.about is subject.about)
            found = self._found[identity] = [(judge, judge.control.applies(subject)) for judge in of_kind]
        return found


def _waived(column: Column, naming: Sequence[Waiver], today: date) -> Iterable[Waiver]:
    """The waivers that name the row that was added last; the one that counts is noted there."""
    row = column[-1]
    note = match(naming, row, today)
    if note is not None:
        column.amend(replace(row, waiver=note))
    return [waiver for waiver in naming if waiver.names(row)]


def _known(column: Column, baseline: Baseline) -> None:
    """What the baseline says of the row that was added last is noted there."""
    row = column[-1]
    note = baseline.note(row)
    if note is not None:
        column.amend(replace(row, baseline=note))


def _digest(outcome: Outcome, evidence: Sequence[Evidence]) -> Digest:
    return _no_facts if outcome is Outcome.NOT_APPLICABLE else FactsDigest(evidence).of


def _no_facts(_: Sequence[Sequence[str]]) -> str:
    return ""
