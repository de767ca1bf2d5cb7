"""SARIF as GitHub code scanning needs it: every result becomes an alert there, so only failures are results.

GitHub knows neither `kind` nor suppressions. What is unknown or waived is in the job summary and in every other format.
The run names no category: the upload's own `category` keeps two stacks of a repository apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from posture.model.assessment import Assessment
from posture.model.logic import Outcome
from posture.reports.options import Options
from posture.reports.sarif import Listed, log
from posture.reports.tally import tallied
from posture.reports.view import Standing, by_standing, plural


def render(assessment: Assessment, options: Options) -> str:
    """The log; what was known before stays in it, or its alerts would be closed as fixed."""
    return "".join(pieces(assessment, options))


def pieces(assessment: Assessment, options: Options) -> Iterator[str]:  # noqa: ARG001 - as that of every format
    """The same, piece by piece."""
    rows = by_standing(assessment.findings, Standing.FAIL, Standing.KNOWN)
    tally = tallied(assessment.findings)
    known = tuple(row for row in rows[Standing.KNOWN] if row.outcome is Outcome.FAIL)
    unknown = tally.counts[Standing.UNKNOWN] + len(rows[Standing.KNOWN]) - len(known)
    left_out = f"{plural(unknown, 'row')} unknown, {tally.counts[Standing.WAIVED]:,} waived"
    failures = (*rows[Standing.FAIL], *known)
    return log(assessment, tally, Listed(rows=failures, number=len(failures), members={}, left_out=left_out))
