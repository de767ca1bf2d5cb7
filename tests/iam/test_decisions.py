"""An answer that another question gave is the answer that the question itself gives, whatever the names are."""

import json
import os
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from posture.iam import Asked, Decisions, Document, Gate, GateKind, Reach, parse, reach
from posture.iam.keys import is_known
from posture.iam.results import Effort
from posture.iam.sameness import sameness
from tests.iam.build import BUCKET, FRIEND, NOW, ORG, OTHER, OWNER, allow, deny, policy
from tests.iam.strategies import policies

POLICIES = int(os.environ.get("POSTURE_IAM_POLICIES", "400"))
MANY = settings(max_examples=POLICIES, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ["acme-logs-1", "acme-logs-2", "zebra.log-0", "fresh-fresh", "other-logs0", "10-aaaaaaaa"]
WRITER = f"arn:aws:iam::{OWNER}:role/{{name}}-writer"
TEMPLATE = policy(
    deny(
        resource=["arn:aws:s3:::{name}", "arn:aws:s3:::{name}/*"], Condition={"Bool": {"aws:SecureTransport": "false"}}
    ),
    allow({"AWS": WRITER}, ["s3:PutObject", "s3:GetBucketLocation"], ["arn:aws:s3:::{name}", "arn:aws:s3:::{name}/*"]),
    allow({"AWS": f"arn:aws:iam::{FRIEND}:role/reader"}, "s3:GetObject", "arn:aws:s3:::{name}/logs/*"),
)


def asked(template: dict[str, object], name: str, *, gate: dict[str, object] | None = None, **options: Any) -> Asked:  # noqa: ANN401 - the parts of a question
    """A question about the bucket of a name, by policies that say `{name}`."""
    cut = () if gate is None else (Gate(policy=_named(gate, name, "gate"), kind=GateKind.CUTS, name="gate"),)
    given = {"owner": OWNER, "organisation": ORG, "resource": f"arn:aws:s3:::{name}", "now": NOW, **options}
    return Asked(grants=(_named(template, name),), gates=cut, **given)


def _named(template: dict[str, object], name: str, title: str = "bucket policy") -> Document:
    return parse(json.dumps(template).replace("{name}", name), title)


def afresh(question: Asked) -> Reach:
    return reach(
        grants=question.grants,
        gates=question.gates,
        owner=question.owner,
        organisation=question.organisation,
        resource=question.resource,
        prefix=question.prefix,
        actions=question.actions,
        context=question.context,
        now=question.now,
    )


def _templated(document: dict[str, object]) -> dict[str, object]:
    """Of a generated policy what may be shared, with the name wherever names stand in policies that people write."""
    text = json.dumps(document)
    for before, after in {
        BUCKET: "arn:aws:s3:::{name}",
        "role/team/writer": "role/team/{name}-writer",
        "role/delivery": "role/{name}",
        "user/alice": "user/{name}.alice",
        "arn:aws:s3:::source": "arn:aws:s3:::{name}-source",
        "arn:aws:s3:::other": "arn:aws:s3:::acme-logs-3",
    }.items():
        text = text.replace(before, after)
    items: list[dict[str, Any]] = json.loads(text)["Statement"]
    return policy(*[item for item in items if sameness(asked(policy(item), NAMES[0])) is not None])


alike = st.text("abfrs019-.", min_size=6, max_size=6).map(lambda text: f"qz{text}-1")
names = st.one_of(
    st.lists(alike, min_size=3, max_size=4, unique=True),
    st.lists(st.sampled_from(NAMES), min_size=3, max_size=4, unique=True),
)


@MANY
@given(document=policies.map(_templated), filtering=st.one_of(st.none(), policies.map(_templated)), each=names)
@example(document=TEMPLATE, filtering=None, each=NAMES)
def test_a_shared_answer_is_the_one_of_a_decision_of_its_own(
    document: dict[str, object], filtering: dict[str, object] | None, each: list[str]
) -> None:
    decisions = Decisions()
    for name in each:
        question = asked(document, name, gate=filtering, prefix="logs/")
        assert decisions.reach(question) == afresh(question)


def _decided(questions: Iterable[Asked]) -> int:
    decisions = Decisions()
    for question in questions:
        assert decisions.reach(question) == afresh(question)
    return len(decisions.known)


def test_policies_of_one_template_are_decided_once() -> None:
    assert _decided(asked(TEMPLATE, f"acme-logs-{number}") for number in range(9)) == 1
    assert _decided(asked(TEMPLATE, name) for name in ("acme-logs-1", "acme-logs-22")) == 2  # as long, or by itself


def test_the_moment_and_the_owner_make_another_question() -> None:
    first, second = asked(TEMPLATE, "acme-logs-1"), asked(TEMPLATE, "acme-logs-2", owner=OTHER)
    assert _decided([first, second, asked(TEMPLATE, "acme-logs-2", prefix="logs/")]) == 3


UNSHARED = {
    "a pattern that may match a part of the name": allow(resource="arn:aws:s3:::acme-*"),
    "a letter that may be any": allow(resource="arn:aws:s3:::{name}/a?b"),
    "the name in a condition that holds no ARN": allow(Condition={"StringEquals": {"s3:prefix": "{name}"}}),
    "the name as a tag": allow(Condition={"StringEquals": {"aws:PrincipalTag/{name}": "a"}}),
    "the name in another case": allow({"AWS": f"arn:aws:iam::{OWNER}:role/ACME-LOGS-1"}),
    "the name inside another": allow({"AWS": f"arn:aws:iam::{OWNER}:role/x{{name}}"}),
    "a variable": allow(resource="arn:aws:s3:::{name}/${aws:username}/*"),
    "an escape": allow(resource='arn:aws:s3:::{name}/"'),
}


@pytest.mark.parametrize("statement", UNSHARED.values(), ids=UNSHARED.keys())
def test_what_may_depend_on_the_name_is_decided_by_itself(statement: dict[str, Any]) -> None:
    assert sameness(asked(policy(statement), "acme-logs-1")) is None


@pytest.mark.parametrize("name", ["root", "prefix", "aws-reserved", "x-amz-acl", "123456789012", "Acme-logs", "logs"])
def test_a_word_that_means_something_is_no_name(name: str) -> None:
    assert sameness(asked(policy(allow()), name)) is None


def test_no_condition_key_passes_for_a_name() -> None:
    for name in ("x-amz-server-side-encryption", "x-amz-acl", "max-keys", "object-lock-mode"):
        if is_known(f"s3:{name}"):
            question = asked(policy(allow(Condition={"StringEquals": {f"s3:{name}": "1"}})), name)
            assert sameness(question) is None, name


def test_another_name_in_the_policy_sorts_where_it_did() -> None:
    """The order of names decides which one a witness shows."""
    both = policy(allow({"AWS": [f"arn:aws:iam::{FRIEND}:role/{{name}}", f"arn:aws:iam::{FRIEND}:role/acme-mid"]}))
    assert _decided(asked(both, name) for name in ("acme-aaa1", "acme-zzz1", "acme-aaa2")) == 2


def test_what_was_searched_for_letter_by_letter_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    decisions = Decisions()
    effort = Effort(scenarios=1, states=1, steps=1)
    searched = Reach(classes=(), undetermined=(), problems=(), notes=(), effort=effort, spelt=True)
    monkeypatch.setattr("posture.iam.decisions.reach", lambda **_: searched)
    decisions.reach(asked(TEMPLATE, "acme-logs-1"))
    assert not decisions.known
