"""Policies that cut: what passes through all of them, compared request by request."""

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posture.iam import Answer, Gate, GateKind, parse, reach
from posture.iam.replay import decide, denies, load
from tests.iam.build import BUCKET, FRIEND, ORG, OTHER, OWNER, allow, ask, deny, policy
from tests.iam.coverage_of import accounted_for
from tests.iam.strategies import policies, random_request


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(first=policies, second=policies, gate=policies, kind=st.sampled_from(GateKind), seed=st.integers(0, 2**32))
def test_a_union_cut_by_a_gate(
    first: dict[str, Any], second: dict[str, Any], gate: dict[str, Any], kind: GateKind, seed: int
) -> None:
    answer = ask(first, second, gates=[Gate(policy=gate, kind=kind)], organisation=ORG)
    assert not [item for item in answer.undetermined if any("internal error" in text for text in item.reasons)]
    grants, cut, chance = [load(first), load(second)], load(gate), random.Random(seed)  # noqa: S311  # a test
    for _ in range(40):
        request = random_request(chance)
        granted = any(decide(item, request).answer is Answer.ALLOWED for item in grants)
        stopped = any(denies(item, request) is not False for item in (*grants, cut))
        confirmed = kind is GateKind.CUTS or decide(cut, request).answer is Answer.ALLOWED
        if granted and not stopped and confirmed:
            assert accounted_for(answer, request), request


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(grant=policies, gate=policies)
def test_a_gate_never_opens(grant: dict[str, Any], gate: dict[str, Any]) -> None:
    before = ask(grant, organisation=ORG)
    after = ask(grant, gates=[Gate(policy=gate, kind=GateKind.CUTS)], organisation=ORG)
    for item in after.classes:
        assert accounted_for(before, item.witness)


def test_policies_of_one_name_are_told_apart() -> None:
    reads = parse(policy(allow({"AWS": FRIEND}, "s3:GetObject", f"{BUCKET}/*")), "policy")
    secret = deny("*", "s3:GetObject", f"{BUCKET}/secret/*")
    writes = parse(policy(allow({"AWS": OTHER}, "s3:PutObject", f"{BUCKET}/logs/*")), "policy")
    gate = Gate(policy=parse(policy(secret, secret), "policy"), kind=GateKind.CUTS)
    answer = reach(grants=[reads, writes], gates=[gate], owner=OWNER, resource=BUCKET)
    told = {each.statements[0].policy: each.conditions for each in answer.classes}
    assert told == {"policy": (), "policy (2)": (f"Resource = {BUCKET}/logs/*",)}
