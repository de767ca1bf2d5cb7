"""Whom a bucket tells of new logs, and whose they are."""

from __future__ import annotations

from datetime import date

import pytest

from posture.adapters.aws import calls
from posture.model.facts import Reason
from posture.model.subjects import Subscriber
from posture.model.trust import Accepted, TrustZone
from posture.reading import Json
from tests.adapters.aws.access_world import STRANGER, policy, seen
from tests.adapters.aws.recorded import ACCOUNT, REGION, Said, value

TRUSTED = TrustZone(accounts=frozenset({STRANGER}))
ACCEPTED = TrustZone(accepted=(Accepted(principal=STRANGER, reason="a partner", expires=date(2099, 1, 1)),))


def topic(account: str) -> dict[str, Json]:
    return {"TopicConfigurations": [{"TopicArn": f"arn:aws:sns:{REGION}:{account}:new-logs"}]}


def told(said: Said, zone: TrustZone | None = None, **also: Said) -> tuple[Subscriber, ...]:
    answers = {calls.GET_BUCKET_NOTIFICATION_CONFIGURATION: said}
    answers |= {calls.GET_BUCKET_POLICY: also["policy"]} if also else policy()
    return seen(answers, zone=zone).exposure.subscribers.items


@pytest.mark.parametrize(
    ("said", "zone", "scope"),
    [
        (topic(ACCOUNT), None, "own"),
        (topic(STRANGER), None, "outside"),
        (topic(STRANGER), TRUSTED, "own"),
        (topic(STRANGER), ACCEPTED, "accepted"),
        ({"EventBridgeConfiguration": {}}, None, "own"),
        (topic(""), None, Reason.UNDETERMINED),
    ],
)
def test_a_receiver_is_as_far_from_us_as_its_account(said: Said, zone: TrustZone | None, scope: object) -> None:
    (found,) = told(said, zone)
    assert value(found.scope) == scope


def test_nobody_is_told_by_an_empty_answer_and_an_unread_one_leaves_it_open() -> None:
    assert told({}) == ()
    denied = seen(policy(), {calls.GET_BUCKET_NOTIFICATION_CONFIGURATION: Reason.DENIED}).exposure.subscribers
    assert (denied.items, [gap.unknown.reason for gap in denied.gaps]) == ((), [Reason.DENIED])


def test_it_is_told_where_the_bucket_policy_could_not_be_read() -> None:
    (found,) = told(topic(STRANGER), policy=Reason.DENIED)
    assert value(found.scope) == "outside"
    assert "s3:GetBucketNotificationConfiguration" in {source.operation for source in found.scope.sources}


def test_tags_are_labels() -> None:
    said: Said = {"TagSet": [{"Key": "holds", "Value": "audit-logs"}]}
    (found,) = seen(policy(), {calls.GET_BUCKET_TAGGING: said}).labels.items
    assert (value(found.name), value(found.value)) == ("holds", "audit-logs")
