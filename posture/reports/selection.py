"""What a run judged by that is not what its policies say: some controls only, and parameters that were set."""

from __future__ import annotations

from posture.model.assessment import RunRecord
from posture.reports.view import plural


def selection(run: RunRecord) -> str:
    """What was judged, as a clause; empty where every control of the policies was."""
    chosen = run.selection
    if chosen is None:
        return ""
    names = ", ".join(chosen.controls)
    return f"only {len(chosen.controls):,} of {plural(chosen.of, 'control')}, selected by --control: {names}"


def overrides(run: RunRecord) -> str:
    """Every parameter that is not at the policy's own value, as a clause; empty where all are."""
    overridden = (each for policy in run.policies for each in policy.parameters if each.overridden)
    words = (f"{each.name} {each.value} (default {each.default})" for each in overridden)
    return ", ".join(dict.fromkeys(words))


def terms(run: RunRecord) -> dict[str, str]:
    """Both by their names, without one that is empty."""
    told = {"judged": selection(run), "parameters": overrides(run)}
    return {name: words for name, words in told.items() if words}
