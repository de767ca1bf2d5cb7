"""SARIF as GitHub code scanning needs it: every result becomes an alert there, so only failures are results.

GitHub knows neither `kind` nor suppressions. What is unknown or waived is in the job summary and in every other format.
The run names no category: the upload's own `category` keeps two stacks of a repository apart.
"""

from __future__ import annotations

from posture.model.assessment import Assessment
from posture.model.logic import Outcome
from posture.reports.options import Options
from posture.reports.sarif import Listed, log
from posture.reports.view import Standing, counts, having, plural


def render(assessment: Assessment, options: Options) -> str:  # noqa: ARG001 - every format has this signature
    """The log; what was known before stays in it, or its alerts would be closed as fixed."""
    open_ones = having(assessment.findings, Standing.FAIL, Standing.KNOWN)
    rows = sorted(open_ones, key=lambda row: row.known)
    tally = counts(assessment.findings)
    unknown = sum(row.outcome is Outcome.UNKNOWN for row in assessment.findings if not row.waived)
    left_out = f"{plural(unknown, 'row')} unknown, {tally[Standing.WAIVED]:,} waived"
    failures = tuple(row for row in rows if row.outcome is Outcome.FAIL)
    return log(assessment, Listed(rows=failures, members={}, left_out=left_out))
