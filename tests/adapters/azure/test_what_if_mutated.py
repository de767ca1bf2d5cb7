"""What-ifs with something wrong in them: judged or refused, and nothing passes that did not, unless it changed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterable

import pytest

from posture.errors import PlanError
from posture.model.assessment import Finding
from posture.model.logic import Outcome
from tests.adapters.azure.what_if import ACCOUNT, LIFECYCLE, changed, created, outcome
from tests.terraform.mutations import mutated, places
from tests.terraform.plans import Free

Rows = dict[tuple[str, str], Finding]
ROUNDS = 50


def rows(body: Free) -> Rows:
    found = outcome(body, everything=True)
    return {(each.control.id, each.subject.uri): each for each in found.assessment.findings}


def entries(body: Free) -> dict[str, set[str]]:
    """What is said of each resource, by its id; under an empty one, everything else."""
    found: dict[str, set[str]] = {}
    changes = body["changes"] if isinstance(body.get("changes"), list) else []
    for entry in changes:
        identity = entry.get("resourceId") if isinstance(entry, dict) else None
        found.setdefault(identity.lower() if isinstance(identity, str) else "", set()).add(json.dumps(entry))
    found.setdefault("", set()).add(json.dumps({name: value for name, value in body.items() if name != "changes"}))
    return found


def touched(before: Free, after: Free) -> frozenset[str] | None:
    """The ids of the resources in which two what-ifs differ; None where they differ in more than these.

    Of what only one of them has, also the account around it: lists of what it holds name no item that is not there.
    """
    ours, theirs = entries(before), entries(after)
    if ours[""] != theirs[""]:
        return None
    changed_ones = {identity for identity in {*ours, *theirs} if ours.get(identity) != theirs.get(identity)}
    lost = (identity for identity in changed_ones if identity not in ours or identity not in theirs)
    return frozenset((*changed_ones, *(identity.partition("/blobservices/")[0] for identity in lost)))


def unexplained(before: Rows, after: Rows, changes: frozenset[str] | None) -> list[tuple[str, str]]:
    """Rows that pass and did not, and rest on no resource that changed."""
    new = (key for key, row in after.items() if row.outcome is Outcome.PASS and _passed_not(before.get(key)))
    return [] if changes is None else [key for key in new if not changes & _rests_on((before[key], after[key]))]


def _passed_not(row: Finding | None) -> bool:
    return row is not None and row.outcome is not Outcome.PASS


def _rests_on(found: Iterable[Finding]) -> frozenset[str]:
    told = (source.operation for row in found for each in row.evidence for source in each.sources)
    own = (place.address for row in found for place in row.subject.places[:1])
    return frozenset(text.lower() for text in (*told, *own))


@pytest.mark.parametrize("seed", range(2))
def test_mutated_what_ifs_pass_only_what_changed(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - mutations, not secrets
    originals = [(body, list(places(body)), rows(body)) for body in (created(), changed({LIFECYCLE: None}))]
    refused = 0
    for _ in range(ROUNDS):
        body, where, before = chance.choice(originals)
        other = mutated(body, where, chance)
        try:
            after = rows(other)
        except PlanError:
            refused += 1
            continue
        assert unexplained(before, after, touched(body, other)) == []
    assert refused < ROUNDS // 2


def test_a_pass_without_a_reason_would_be_found() -> None:
    worse, better = copy.deepcopy(created()), created()
    worse["changes"][0]["after"]["properties"]["allowSharedKeyAccess"] = True
    before, after = rows(worse), rows(better)
    assert unexplained(before, after, touched(worse, better)) == []
    assert unexplained(before, after, frozenset({f"{ACCOUNT}x".lower()})) != []
