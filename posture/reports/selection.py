"""Which controls a run judged where it left some out: what `--control` selected must not pass for the whole."""

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
