"""Every public policy beside the checkout gets an answer or a named reason; most well-formed ones are decided."""

import json
import os
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from posture.adapters.aws.access.refusals import Judge, everything
from posture.adapters.aws.access.ways import Resource
from posture.iam import Answer, Gate, GateKind, PrincipalKind, Publicness, Reach, allows, is_public, parse, reach
from posture.model.facts import Known, Source, Unknown
from tests.iam.second_engine import UnsupportedError, Who, exists

FOLDER = Path(os.environ.get("POSTURE_CASES", Path(__file__).parents[3] / "shared" / "cases")) / "policies"
FILES = ("aws-docs-s3-policies.json", "aws-docs-public-status.json", "c7n-cross-account.json", "policyuniverse.json")
OWNER = "111122223333"
ORGANISATION = "o-own0000000"
NOW = datetime(2026, 6, 1, tzinfo=UTC)

pytestmark = [
    pytest.mark.cases,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="263 policies of public sources are not beside the checkout"),
]


def cases() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name in FILES:
        for entry in json.loads((FOLDER / name).read_text(encoding="utf-8")):
            found.append(  # noqa: PERF401  # plain
                (entry["id"], entry.get("policy") or {"Version": "2012-10-17", "Statement": entry["statement"]})
            )
    return found


def answer_of(document: dict[str, Any]) -> Reach:
    return reach(grants=[document], owner=OWNER, organisation=ORGANISATION)


def test_every_policy_is_decided_or_says_why() -> None:
    reasons: Counter[str] = Counter()
    well_formed = decided = total = 0
    for ident, document in cases():
        total += 1
        answer = answer_of(document)
        assert not [text for item in answer.undetermined for text in item.reasons if "internal error" in text], ident
        assert all(item.reasons for item in answer.undetermined), ident
        if parse(document).problems:
            assert answer.problems, ident
            continue
        well_formed += 1
        decided += not answer.undetermined
        for text in {text for item in answer.undetermined for text in item.reasons}:
            reasons[text] += 1
    print(f"{total} policies, {well_formed} well-formed, {decided} decided", dict(reasons))  # noqa: T201  # the counts are the result
    assert decided >= 0.93 * well_formed


def test_every_witness_is_allowed() -> None:
    witnesses = 0
    for ident, document in cases():
        for item in answer_of(document).classes:
            decision = allows(document, item.witness, owner=OWNER, organisation=ORGANISATION)
            assert decision.answer is Answer.ALLOWED, ident
            witnesses += 1
    assert witnesses > 500


def test_public_status_of_the_vendor_examples() -> None:
    entries = json.loads((FOLDER / "aws-docs-public-status.json").read_text(encoding="utf-8"))
    for entry in entries:
        expected = Publicness.PUBLIC if entry["public"] else Publicness.NOT_PUBLIC
        assert is_public(entry["policy"]).status is expected, entry["id"]


def test_guard_rails_as_gates() -> None:
    public = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
    }
    files = sorted((FOLDER / "data-perimeter" / "resource_control_policies").rglob("*.json"))
    assert files
    for path in files:
        gate = Gate(policy=path.read_bytes(), kind=GateKind.CUTS, name=path.stem)
        answer = reach(grants=[public], gates=[gate], owner=OWNER, organisation=ORGANISATION, resource="arn:aws:s3:::b")
        assert answer.classes or answer.undetermined, path.name
        assert not [text for item in answer.undetermined for text in item.reasons if "internal error" in text]


def test_what_a_policy_refuses_does_not_hang_on_whom_it_lets_in() -> None:
    decided: Counter[bool] = Counter()
    for ident, document in cases():
        found = BUCKETS.search(json.dumps(document))
        resource = Resource(arn=f"arn:aws:s3:::{found[1] if found else 'example-bucket'}", owner=OWNER, now=NOW)
        judge = Judge(parse(document, "bucket policy"), resource, Source(operation="s3:GetBucketPolicy"))
        if not judge.denies:
            continue
        gate = Gate(policy=judge.policy, kind=GateKind.CUTS, name=judge.policy.name)
        searched = resource.reach([everything("*", ("s3:*",))], gates=[gate], context=CLEAR, actions=("s3:*",))
        match judge.refused(CLEAR):
            case Unknown():
                assert searched.undetermined, ident
                assert not searched.classes, ident
            case Known(value=refused):
                assert searched.classes or not searched.undetermined, ident
                assert refused is not bool(searched.classes), ident
                decided[refused] += 1
    assert decided == {True: 1, False: 40}


CLEAR = {"aws:SecureTransport": "false", "s3:TlsVersion": None}
BUCKETS = re.compile(r"arn:aws:s3:::([A-Za-z0-9.-]+)")
ACCOUNTS = re.compile(r"(?<!\d)\d{12}(?!\d)")
WIDE = {
    PrincipalKind.ANY_ACCOUNT,
    PrincipalKind.ACCOUNT_PATTERN,
    PrincipalKind.ORGANISATION,
    PrincipalKind.UNIQUE_ID,
}


@pytest.mark.timeout(900)
def test_no_disagreement_with_the_second_engine() -> None:
    counts: Counter[str] = Counter()
    for ident, document in cases():
        text = json.dumps(document)
        found = BUCKETS.search(text)
        bucket = f"arn:aws:s3:::{found[1]}" if found else "arn:aws:s3:::example-bucket"
        answer = reach(grants=[document], owner=OWNER, organisation=ORGANISATION, resource=bucket, now=NOW)
        others = tuple(sorted({OWNER, *ACCOUNTS.findall(text)}))
        callers = [Who("anonymous"), *(Who(kind, others=others) for kind in ("role", "user", "root"))]
        for action in ("s3:GetObject", "s3:ListBucket"):
            if any(action in item.actions for item in answer.undetermined):
                counts["not decided"] += 1
                continue
            hits = {item.principal.kind for item in answer.classes if action in item.actions}
            try:
                theirs = [
                    exists(
                        document,
                        who,
                        action,
                        bucket=bucket,
                        on_bucket=action == "s3:ListBucket",
                        owner=OWNER,
                        organisation=ORGANISATION,
                        now=NOW.timestamp(),
                        milliseconds=700,
                    )
                    for who in callers
                ]
            except (UnsupportedError, KeyError, TypeError, AttributeError, ValueError, IndexError):
                counts["not encoded"] += 1
                continue
            if None in theirs:
                counts["timed out"] += 1
                continue
            counts["compared"] += 1
            assert theirs[0] == (PrincipalKind.ANONYMOUS in hits), (ident, action)
            assert any(theirs[1:]) == bool(hits & WIDE), (ident, action, theirs, hits)
    print(dict(counts))  # noqa: T201  # the counts are the result
    assert counts["compared"] > 200
