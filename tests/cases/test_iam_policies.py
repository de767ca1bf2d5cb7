"""Every public policy beside the checkout gets an answer or a named reason; most well-formed ones are decided."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from posture.iam import Answer, Gate, GateKind, Publicness, Reach, allows, is_public, parse, reach

FOLDER = Path(os.environ.get("POSTURE_CASES", Path(__file__).parents[3] / "shared" / "cases")) / "policies"
FILES = ("aws-docs-s3-policies.json", "aws-docs-public-status.json", "c7n-cross-account.json", "policyuniverse.json")
OWNER = "111122223333"

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
    return reach(grants=[document], owner=OWNER, organisation="o-own0000000")


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
            decision = allows(document, item.witness, owner=OWNER, organisation="o-own0000000")
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
        answer = reach(
            grants=[public], gates=[gate], owner=OWNER, organisation="o-own0000000", resource="arn:aws:s3:::b"
        )
        assert answer.classes or answer.undetermined, path.name
        assert not [text for item in answer.undetermined for text in item.reasons if "internal error" in text]
