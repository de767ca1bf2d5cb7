"""Why the process ends with its code, in words."""

from __future__ import annotations

from posture.model.assessment import Assessment
from posture.model.logic import Severity
from posture.reports.tally import Tally
from posture.reports.view import Standing, plural


def code_without_leave(assessment: Assessment, tally: Tally) -> int:
    """The exit code had unknown rows not been allowed; the same code where that was not what gave 0."""
    if assessment.exit_code == 0 and tally.counts[Standing.UNKNOWN]:
        return 3
    return assessment.exit_code


def ending(assessment: Assessment, tally: Tally) -> str:
    """One sentence for the exit code."""
    match assessment.exit_code:
        case 0:
            return _calm(assessment, tally)
        case 1:
            serious = tally.counts[Standing.FAIL] - tally.below(assessment.fail_on)
            return f"{plural(serious, 'row')} failed{_threshold(assessment)}"
        case 3:
            return _undetermined(assessment, tally)
        case 4:
            return "nothing was checked: no store and no source of audit logs was found"
        case code:
            return f"the run did not end well (code {code})"


def _threshold(assessment: Assessment) -> str:
    """From which severity on a failure counts; nothing where every one does."""
    return "" if assessment.fail_on is Severity.LOW else f" at or above {assessment.fail_on}"


def _calm(assessment: Assessment, tally: Tally) -> str:
    counts = tally.counts
    if counts[Standing.UNKNOWN]:
        return f"{plural(counts[Standing.UNKNOWN], 'row')} unknown, which was allowed; the code would have been 3"
    below = tally.below(assessment.fail_on)
    if below:
        return f"{plural(below, 'row')} failed, all below {assessment.fail_on}"
    apart = [
        f"{plural(counts[kind], 'row')} {word}"
        for kind, word in ((Standing.KNOWN, "known before"), (Standing.WAIVED, "waived"))
        if counts[kind]
    ]
    if apart:
        return f"everything else passed; {', '.join(apart)}"
    every = "every control" if assessment.run.selection is None else "every selected control"
    return f"{every} that applies passed" if counts[Standing.PASS] else "no control applied"


def _undetermined(assessment: Assessment, tally: Tally) -> str:
    unknown = tally.counts[Standing.UNKNOWN]
    below = tally.below(assessment.fail_on)
    parts = [f"nothing failed at or above {assessment.fail_on}"] if below else ["nothing failed"]
    if unknown:
        parts.append(f"{plural(unknown, 'row')} unknown")
    if assessment.unlooked:
        parts.append(f"{plural(len(assessment.unlooked), 'place')} could not be looked into")
    return ", but ".join((parts[0], " and ".join(parts[1:]))) if parts[1:] else parts[0]
