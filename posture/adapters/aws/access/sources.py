"""Where the statements of a policy stand in the answer that held it."""

from __future__ import annotations

from posture.adapters.aws.access.ways import Origin
from posture.iam import Document
from posture.model.facts import Source


def statements_origin(policy: Document, label: str, source: Source) -> Origin:
    """One source for each statement."""
    places = range(max((entry.index for entry in policy.statements), default=-1) + 1)
    return Origin(label=label, statements=tuple(source.at("Statement", place) for place in places) or (source,))
