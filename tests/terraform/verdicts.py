"""What posture makes of a plan document, row by row, so that two documents can be held against each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import posture
from posture.model.assessment import Finding
from posture.model.logic import Outcome
from posture.model.settings import Settings
from posture.model.subjects import About
from posture.planning import Asked
from posture.policy.shipped import shipped_policies
from posture.snapshot import Document, Request
from posture.terraform.read import parse_plan
from tests.terraform.plans import Free

Key = tuple[str, str, str]  # control, address or URI, prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The rows of a plan, and its stores: by address, or by URI where the plan only delivers there."""

    rows: Mapping[Key, Finding]
    stores: frozenset[str]


def verdicts_of(document: Free) -> Verdicts:
    """Every bucket is looked at. Raises PlanError for a document that is refused."""
    return verdicts_of_bytes(json.dumps(document).encode())


def verdicts_of_bytes(data: bytes, source: Path | None = None) -> Verdicts:
    """The same of the file itself."""
    plan = parse_plan(data, "plan.json", source=source)
    assessment = posture.plan(request(), plan, Asked(everything=True)).assessment
    return Verdicts(
        rows={_key(row): row for row in assessment.findings},
        stores=frozenset(
            each.places[0].address if each.places else each.uri
            for each in assessment.subjects
            if each.about is About.STORE
        ),
    )


def overturned(before: Verdicts, after: Verdicts) -> list[str]:
    """The rows that less knowledge may not have: those that were decided otherwise, or not at all."""
    return [
        f"{key}: {before.rows[key].outcome} became {row.outcome}"
        for key, row in after.rows.items()
        if key in before.rows and row.outcome not in (before.rows[key].outcome, Outcome.UNKNOWN)
    ]


@cache
def request() -> Request:
    """The shipped policies, and no settings."""
    texts = ((path, path.read_text(encoding="utf-8")) for path in shipped_policies())
    policies = tuple(Document(file=path.name, text=text) for path, text in texts)
    return Request(settings=Settings(), policies=policies, as_of="2026-01-01T00:00:00Z")


def _key(row: Finding) -> Key:
    subject = row.subject
    if not subject.places:
        return row.control.id, str(subject.about), ""
    prefix = subject.uri.partition("://")[2].partition("/")[2] if subject.about is About.STORE else ""
    return row.control.id, f"{subject.about} {subject.places[0].address}", prefix
