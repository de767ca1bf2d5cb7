"""Policies made to be hard: an answer, or UNDETERMINED, within the stated work; and what the work may cost."""

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from posture.iam import Limits, Reach, widens
from posture.iam.results import BUDGET
from tests.iam.build import BUCKET, OWNER, allow, ask, deny, policy

CHANCE = random.Random(7)  # noqa: S311 - a test
SMALL = Limits(states=20_000, steps=5_000)
SECONDS = 30  # of this process's own time, on any machine: the work takes about one


def account() -> str:
    return "".join(CHANCE.choice("0123456789") for _ in range(12))


def when(operator: str, key: str, values: list[str]) -> dict[str, Any]:
    return {"Condition": {operator: {key: values}}}


SHAPES: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "thousands of roles": lambda: [allow({"AWS": [f"arn:aws:iam::{account()}:role/r{n}" for n in range(2500)]})],
    "a role and a source each": lambda: [
        allow(
            {"Service": [f"s{n}.amazonaws.com" for n in range(700)]},
            **when("StringEquals", "aws:SourceAccount", [account() for _ in range(100)]),
        )
    ],
    "odd ARNs": lambda: [
        allow(**when("ArnLike", "aws:PrincipalArn", [f"arn:aws:iam::{account()}:role/*{n}?*x?*" for n in range(2000)]))
    ],
    "odd texts": lambda: [
        allow(**when("StringLike", "aws:PrincipalArn", [f"*{n}?{account()}*?*" for n in range(2000)]))
    ],
    "odd accounts": lambda: [
        allow(**when("StringLike", "aws:PrincipalAccount", [f"{account()[:3]}*{account()[:4]}?" for _ in range(2000)]))
    ],
    "odd refusals": lambda: [
        allow(),
        deny(**when("StringLike", "aws:PrincipalArn", [f"*{n}?{account()}*?*" for n in range(1500)])),
    ],
    "stars and question marks": lambda: [
        allow(),
        *({**deny(), "Resource": f"{BUCKET}/{'*?' * 30}{n}*"} for n in range(40)),
        deny(**when("StringNotLike", "aws:PrincipalArn", ["*" + "?*" * 40 + str(n) for n in range(100)])),
    ],
    "a thousand values": lambda: [
        allow(**when("StringLike", "aws:UserAgent", [f"*a{n}*" for n in range(1000)])),
        deny(**when("StringLike", "aws:UserAgent", [f"*{n}*" for n in range(1000)])),
    ],
    "odd sources": lambda: [
        allow(
            {"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]},
            **when("ArnLike", "aws:SourceArn", [f"arn:aws:s3:*:{account()}:*{n}*x?" for n in range(800)]),
        )
    ],
    "everybody spared in turn": lambda: [
        allow(),
        *(
            {key: value for key, value in deny().items() if key != "Principal"}
            | {"NotPrincipal": {"AWS": [f"arn:aws:iam::{account()}:role/r{n}", account()]}}
            for n in range(300)
        ),
    ],
    "unique ids": lambda: [allow(**when("StringLike", "aws:userid", [f"AROA{n:09d}:*" for n in range(2000)]))],
}


NOBODY = {"a thousand values", "everybody spared in turn"}
"""Every text that is allowed is refused too; whoever is spared by one refusal is refused by the next."""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_hard_policy_ends_within_the_stated_work(shape: str) -> None:
    statements = SHAPES[shape]()
    assert 8_000 < len(json.dumps(statements)) < 150_000
    begun = time.process_time()
    answer = ask(policy(*statements), limits=SMALL)
    assert time.process_time() - begun < SECONDS
    assert answer.effort.states <= SMALL.states + 10_000  # the last step may be a dear one
    assert answer.effort.steps <= SMALL.steps + 1
    assert len(answer.classes) + len(answer.undetermined) < 20_000
    assert answer.classes or answer.undetermined or shape in NOBODY


def out_of_work(answer: Reach) -> bool:
    return any(BUDGET in item.reasons for item in answer.undetermined)


def test_what_is_left_over_is_undetermined_and_never_nobody() -> None:
    """With any budget, however small, whoever is not listed as let in is at least undetermined."""
    document = policy(allow({"AWS": [f"arn:aws:iam::{account()}:role/r{n}" for n in range(300)]}))
    whole = {name for item in ask(document).classes for name in item.principal.names}
    for states in (1, 10, 100, 1000):
        answer = ask(document, limits=Limits(states=states, steps=states))
        assert out_of_work(answer)
        told = {name for item in answer.classes for name in item.principal.names}
        told |= {name for item in answer.undetermined if item.principal for name in item.principal.names}
        everybody = any(item.principal is None for item in answer.undetermined)
        assert everybody or whole <= told


def test_comparing_hard_policies_ends_too() -> None:
    old = policy(*SHAPES["odd texts"]())
    new = policy(*SHAPES["odd accounts"]())
    begun = time.process_time()
    found = widens(old, new, owner=OWNER, resource=BUCKET, limits=SMALL)
    assert time.process_time() - begun < SECONDS
    assert found.reasons == (BUDGET,) or found.witness
