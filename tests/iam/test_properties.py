"""What must hold for every policy: nothing is missed, nothing is made up, and doubt never looks like certainty."""

import os
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posture.iam import Answer, Change, Reach, allows, widens
from posture.iam.replay import decide, load
from tests.iam.build import BUCKET, NOW, ORG, OWNER, ask, policy
from tests.iam.coverage_of import accounted_for
from tests.iam.strategies import policies, random_request, statements

POLICIES = int(os.environ.get("POSTURE_IAM_POLICIES", "400"))
REQUESTS = 50
MANY = settings(max_examples=POLICIES, suppress_health_check=list(HealthCheck))
SOME = settings(max_examples=max(POLICIES // 4, 25), suppress_health_check=list(HealthCheck))

Triple = tuple[str, tuple[str, ...], str | None]


def question(document: dict[str, object]) -> Reach:
    return ask(document, organisation=ORG)


@MANY
@given(document=policies, seed=st.integers(0, 2**32))
def test_no_allowed_request_lies_outside_the_answer(document: dict[str, object], seed: int) -> None:
    answer = question(document)
    loaded = load(document)
    chance = random.Random(seed)  # noqa: S311  # a test
    for _ in range(REQUESTS):
        request = random_request(chance)
        if decide(loaded, request).answer is Answer.ALLOWED:
            assert accounted_for(answer, request), request


@MANY
@given(document=policies)
def test_every_witness_is_allowed_by_the_second_evaluator(document: dict[str, object]) -> None:
    answer = question(document)
    assert not [item for item in answer.undetermined if any("internal error" in text for text in item.reasons)]
    for item in answer.classes:
        decision = allows(document, item.witness, owner=OWNER, organisation=ORG)
        assert decision.answer is Answer.ALLOWED
        assert decision.statement == item.statements[0].index
        assert accounted_for(answer, item.witness)


def certain(answer: Reach) -> set[tuple[Triple, str]]:
    return {
        ((item.principal.kind.value, (name,), item.principal.source), action)
        for item in answer.classes
        for name in item.principal.names or ("",)
        for action in item.actions
    }


@SOME
@given(document=policies, more=statements(effect="Deny"))
def test_a_further_deny_adds_no_request(document: dict[str, Any], more: dict[str, Any]) -> None:
    with_deny = policy(*document["Statement"], more)
    for item in question(with_deny).classes:
        assert allows(document, item.witness, owner=OWNER, organisation=ORG).answer is not Answer.DENIED
    assert (
        widens(document, with_deny, owner=OWNER, organisation=ORG, resource=BUCKET, now=NOW).change is not Change.WIDENS
    )


@SOME
@given(document=policies, more=statements(effect="Allow"))
def test_a_further_allow_removes_no_request(document: dict[str, Any], more: dict[str, Any]) -> None:
    with_allow = policy(*document["Statement"], more)
    after = question(with_allow)
    for item in question(document).classes:
        assert accounted_for(after, item.witness)
    assert (
        widens(with_allow, document, owner=OWNER, organisation=ORG, resource=BUCKET, now=NOW).change
        is not Change.WIDENS
    )


@SOME
@given(document=policies)
def test_nothing_widens_itself(document: dict[str, Any]) -> None:
    odd = policy(*document["Statement"], {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "nowhere"})
    for same in (document, odd):
        answer = widens(same, same, owner=OWNER, organisation=ORG, resource=BUCKET, now=NOW)
        assert answer.change is Change.NEVER, answer


@SOME
@given(old=policies, new=policies, seed=st.integers(0, 2**32))
def test_widens_is_right(old: dict[str, Any], new: dict[str, Any], seed: int) -> None:
    answer = widens(old, new, owner=OWNER, organisation=ORG, resource=BUCKET, now=NOW)
    assert not any("internal error" in text for text in answer.reasons)
    if answer.witness is not None:
        assert allows(new, answer.witness, owner=OWNER, organisation=ORG).answer is Answer.ALLOWED
        assert allows(old, answer.witness, owner=OWNER, organisation=ORG).answer is Answer.DENIED
    if answer.change is Change.NEVER:
        first, second, chance = load(old), load(new), random.Random(seed)  # noqa: S311  # a test
        for _ in range(REQUESTS):
            request = random_request(chance)
            if decide(second, request).answer is Answer.ALLOWED:
                assert decide(first, request).answer is Answer.ALLOWED, request


ODD = st.sampled_from(
    [
        {"Condition": {"StringEqualz": {"aws:UserAgent": "x"}}},
        {"Condition": {"StringEquals": {"custom:key": "x"}}},
        {"Surprise": 1},
        {"Effect": "Maybe"},
    ]
)


@SOME
@given(document=policies, odd=ODD, chosen=st.integers(0, 3))
def test_an_odd_part_only_takes_certainty_away(document: dict[str, Any], odd: dict[str, Any], chosen: int) -> None:
    items = [dict(item) for item in document["Statement"]]
    target = items[chosen % len(items)]
    condition = {**target.get("Condition", {}), **odd.get("Condition", {})}
    target.update({**odd, "Condition": condition} if condition else odd)
    after = question(policy(*items))
    for item in question(document).classes:
        assert accounted_for(after, item.witness)
    for item in after.classes:
        assert allows(policy(*items), item.witness, owner=OWNER, organisation=ORG).answer is Answer.ALLOWED


RENAMED = {"444455556666": "222200001111", "vpce-1": "vpce-7", "o-partner000": "o-another000", "alice": "carol"}


@SOME
@given(document=policies)
def test_names_do_not_matter(document: dict[str, Any]) -> None:
    def rename(value: Any) -> Any:  # noqa: ANN401  # any JSON
        if isinstance(value, dict):
            return {key: rename(item) for key, item in value.items()}
        if isinstance(value, list):
            return [rename(item) for item in value]
        for old, new in RENAMED.items():
            value = value.replace(old, new)
        return value

    before = {(rename(list(triple[1]))[0], triple[0], action) for triple, action in certain(question(document))}
    patterned = "4444*" in str(document) or "4*" in str(document) or "a*" in str(document)
    after = {(triple[1][0], triple[0], action) for triple, action in certain(question(rename(document)))}
    assert patterned or before == after
