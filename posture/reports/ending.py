"""Why the process ends with its code, in words."""

from __future__ import annotations

from posture.model.assessment import Assessment
from posture.reports.view import Standing, counts, having, plural


def below_threshold(assessment: Assessment) -> int:
    """Failures that are shown and do not set the exit code."""
    failed = having(assessment.findings, Standing.FAIL)
    return sum(finding.control.severity.rank < assessment.fail_on.rank for finding in failed)


def code_without_leave(assessment: Assessment) -> int:
    """The exit code had unknown rows not been allowed; the same code where that was not what gave 0."""
    if assessment.exit_code == 0 and counts(assessment.findings)[Standing.UNKNOWN]:
        return 3
    return assessment.exit_code


def ending(assessment: Assessment) -> str:
    """One sentence for the exit code."""
    tally = counts(assessment.findings)
    match assessment.exit_code:
        case 0:
            return _calm(assessment)
        case 1:
            serious = tally[Standing.FAIL] - below_threshold(assessment)
            return f"{plural(serious, 'row')} failed at or above {assessment.fail_on}"
        case 3:
            return _undetermined(assessment, tally[Standing.UNKNOWN])
        case 4:
            return "nothing was checked: no store and no source of audit logs was found"
        case code:
            return f"the run did not end well (code {code})"


def _calm(assessment: Assessment) -> str:
    tally = counts(assessment.findings)
    if tally[Standing.UNKNOWN]:
        return f"{plural(tally[Standing.UNKNOWN], 'row')} unknown, which was allowed; the code would have been 3"
    below = below_threshold(assessment)
    if below:
        return f"{plural(below, 'row')} failed, all below {assessment.fail_on}"
    apart = [
        f"{plural(tally[kind], 'row')} {word}"
        for kind, word in ((Standing.KNOWN, "known before"), (Standing.WAIVED, "waived"))
        if tally[kind]
    ]
    if apart:
        return f"everything else passed; {', '.join(apart)}"
    return "every control that applies passed" if tally[Standing.PASS] else "no control applied"


def _undetermined(assessment: Assessment, unknown: int) -> str:
    below = below_threshold(assessment)
    parts = [f"nothing failed at or above {assessment.fail_on}"] if below else ["nothing failed"]
    if unknown:
        parts.append(f"{plural(unknown, 'row')} unknown")
    if assessment.unlooked:
        parts.append(f"{plural(len(assessment.unlooked), 'place')} could not be looked into")
    return ", but ".join((parts[0], " and ".join(parts[1:]))) if parts[1:] else parts[0]
