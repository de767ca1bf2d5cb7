"""A plan over many buckets that changes one of them names that one, and no other."""

import json
from collections.abc import Mapping

import pytest

from posture.model.logic import Outcome
from posture.model.subjects import About
from posture.planning import Asked, PlanOutcome
from tests.planning.estate import ALLOW, BLOCK, BUCKET, NOW, POLICY, VERSIONING, judged, policy
from tests.terraform.plans import Free, change, planned

COUNT = 30
CHANGED = 17
STRANGER = {**ALLOW, "Principal": {"AWS": "arn:aws:iam::999988887777:role/stranger"}}
BAD = frozenset({Outcome.FAIL, Outcome.UNKNOWN})
BESIDE = (BUCKET, POLICY, BLOCK, VERSIONING)
OFF = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), False
)


def of(number: int, address: str) -> tuple[str, dict[str, Free]]:
    """A resource of the estate, as that of a bucket of many."""
    values = json.loads(json.dumps(NOW[address]).replace("acme-logs", f"acme-logs-{number}"))
    return f"{address}_{number}", values


def changing(changes: Mapping[str, Free | None], actions: tuple[str, ...] = ("update",)) -> PlanOutcome:
    """Many buckets, of which one is changed."""
    entries = []
    for number in range(COUNT):
        for address in BESIDE:
            name, before = of(number, address)
            if number != CHANGED or address not in changes:
                entries.append(change(name, before, actions=("no-op",), before=before))
            elif (new := changes[address]) is None:
                entries.append(change(name, None, actions=("delete",), before=before))
            else:
                after = before | json.loads(json.dumps(new).replace("acme-logs", f"acme-logs-{number}"))
                entries.append(change(name, after, actions=actions, before=before))
    return judged(planned(entries), Asked(everything=True, introduced=True))


@pytest.mark.parametrize(
    ("changes", "stores", "losses"),
    [
        ({VERSIONING: {"versioning_configuration": [{"status": "Suspended", "mfa_delete": ""}]}}, 1, 1),
        ({VERSIONING: None}, 1, 1),
        ({BLOCK: OFF}, 1, 1),
        ({POLICY: {"policy": policy(ALLOW, STRANGER)}}, 1, 1),
        ({BUCKET: {"force_destroy": True}}, 0, 1),
        ({BUCKET: None}, 0, 1),
    ],
    ids=["suspended", "destroyed versioning", "block off", "stranger", "force_destroy", "destroyed"],
)
def test_only_the_bucket_that_changes_is_named(changes: Mapping[str, Free | None], stores: int, losses: int) -> None:
    outcome = changing(changes)
    rows = outcome.assessment.findings
    counting = [each for each in rows if each.counts and each.outcome in BAD]
    named = {about: {each.subject.uri for each in counting if each.subject.about is about} for about in About}
    assert named[About.STORE] == ({f"s3://acme-logs-{CHANGED}"} if stores else set())
    assert named[About.CHANGE] == ({f"{BUCKET}_{CHANGED}"} if losses else set())
    assert named[About.ESTATE] == named[About.SOURCE] == set()
    failed = {each.subject.uri for each in rows if each.subject.about is About.CHANGE and each.outcome in BAD}
    assert failed == named[About.CHANGE], "the others are as they were"
    assert {each.subject.uri for each in rows if each.subject.about is About.STORE} >= {
        f"s3://acme-logs-{number}" for number in range(COUNT) if BUCKET not in changes or number != CHANGED
    }


def test_a_plan_of_no_change_names_none() -> None:
    rows = changing({}).assessment.findings
    assert [each.control.id for each in rows if each.counts and each.outcome in BAD] == []
