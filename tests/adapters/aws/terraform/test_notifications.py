"""Whom a planned bucket tells of new logs: a receiver of the plan has an account before it has an ARN."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from posture.model.facts import Known, Reason
from posture.model.subjects import Subscriber
from tests.adapters.aws.terraform.build import LOGS, REGION, TO_LOGS, beside, bucket, known, plan, store, unknown
from tests.terraform.plans import Free, change, module, written

NOTIFIES = "aws_s3_bucket_notification"
BLOCKS = {
    "aws_sns_topic": ("topic", "topic_arn", "name", "sns:eu-west-1:000000000001:new-logs"),
    "aws_sqs_queue": ("queue", "queue_arn", "name", "sqs:eu-west-1:000000000001:new-logs"),
    "aws_lambda_function": (
        *("lambda_function", "lambda_function_arn", "function_name"),
        "lambda:eu-west-1:000000000001:function:new-logs",
    ),
}


OF_AN_ACCOUNT: dict[str, Free] = {
    "name": "aws",
    "expressions": {
        "region": {"constant_value": "eu-west-1"},
        "allowed_account_ids": {"constant_value": ["123456789012"]},
    },
}


def told(
    *changes: dict[str, Free], root: dict[str, Free] | None = None, provider: Mapping[str, Free] = REGION
) -> tuple[Subscriber, ...]:
    found = store(plan(bucket(), *changes, root=root, provider=provider)).exposure.subscribers
    assert not found.gaps
    return found.items


def planned(kind: str, **values: Free) -> tuple[Subscriber, ...]:
    block, attribute, _, _ = BLOCKS[kind]
    configured: Free = [{attribute: {"references": [f"{kind}.new.arn", f"{kind}.new"]}}]
    root = module(
        written(LOGS), written(f"{kind}.new"), written(f"{NOTIFIES}.logs", bucket=TO_LOGS, **{block: configured})
    )
    notifies = change(f"{NOTIFIES}.logs", {"eventbridge": False, block: [{}]}, ["bucket", "id"])
    notifies["change"]["after_unknown"][block] = [{attribute: True}]
    return told(change(f"{kind}.new", values, ["arn", "id"]), notifies, root=root)


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_receiver_of_the_plan_is_of_the_account_of_its_provider(kind: str) -> None:
    *_, name, arn = BLOCKS[kind]
    (found,) = planned(kind, **{name: "new-logs"})
    assert known(found.scope).value == "own"
    assert isinstance(found.target, Known)
    assert found.target.value == f"arn:aws:{arn}"


def test_a_stranger_s_topic_and_the_event_bus() -> None:
    topic: list[Free] = [{"topic_arn": "arn:aws:sns:eu-west-1:999999999999:t"}]
    notifies = beside(NOTIFIES, topic=topic, eventbridge=True)
    stranger, bus = told(notifies, provider=OF_AN_ACCOUNT)
    assert (known(stranger.scope).value, known(bus.scope).value) == ("outside", "own")
    somebody, bus = told(notifies)
    assert unknown(somebody.scope).reason is Reason.UNDETERMINED
    assert known(bus.scope).value == "own"


def test_what_cannot_be_followed_leaves_it_open() -> None:
    root = module(
        written(LOGS), written(f"{NOTIFIES}.logs", bucket=TO_LOGS, topic=[{"topic_arn": {"references": ["var.t"]}}])
    )
    notifies = change(f"{NOTIFIES}.logs", {"topic": [{}]}, ["bucket", "id"])
    notifies["change"]["after_unknown"]["topic"] = [{"topic_arn": True}]
    found = store(plan(bucket(), notifies, root=root)).exposure.subscribers
    assert (found.items, [gap.unknown.reason for gap in found.gaps]) == ((), [Reason.UNDETERMINED])


def test_a_new_bucket_without_a_notification_tells_nobody() -> None:
    assert told() == ()
