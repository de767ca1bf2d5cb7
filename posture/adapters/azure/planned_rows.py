"""What a planned wing gives, where the rooms that it shares with the live one say `live`."""

from __future__ import annotations

from dataclasses import replace

from posture.adapters.wing import Followed
from posture.model.contributions import Contribution, SourceContribution
from posture.model.subjects import Mode


def planned_rows(followed: Followed) -> Followed:
    """The same, with its sources as planned ones."""
    return replace(followed, contributions=tuple(map(_planned, followed.contributions)))


def _planned(contribution: Contribution) -> Contribution:
    if not isinstance(contribution, SourceContribution):
        return contribution
    rows = contribution.sources
    items = tuple(replace(row, mode=Mode.PLANNED) for row in rows.items)
    return replace(contribution, sources=replace(rows, items=items))
