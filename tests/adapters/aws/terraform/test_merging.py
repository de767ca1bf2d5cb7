"""Policy documents that take in others of which nobody knows what they say: what is decided holds whatever they say."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.adapters.aws.terraform.merging import ANYTHING, Part, merged, shown
from posture.adapters.aws.terraform.statements import Statement
from posture.adapters.aws.terraform.written import OPEN
from posture.terraform.plan import Plan
from tests.adapters.aws.terraform.build import (
    LOGS,
    bucket,
    configuration,
    plan,
    verdicts,
)
from tests.terraform.plans import Free, change, refs, written

ACCOUNT = {"name": "aws", "expressions": {"allowed_account_ids": {"constant_value": ["111122223333"]}}}
DOCUMENT = "data.aws_iam_policy_document.d"
WHOLE = ["arn:aws:s3:::acme-logs", "arn:aws:s3:::acme-logs/*"]
ARGUMENTS = ("source_policy_documents", "override_policy_documents")
DECIDED = {"pass", "fail"}


def block(
    effect: str, who: str, action: str, sid: str = "", condition: Sequence[tuple[str, str, str]] = ()
) -> dict[str, Free]:
    """A statement as an argument of the data source."""
    return {
        "sid": sid,
        "effect": effect,
        "principals": [{"type": "AWS" if who != "*" else "*", "identifiers": [who]}],
        "actions": [action],
        "resources": WHOLE,
        "condition": [{"test": test, "variable": key, "values": [value]} for test, key, value in condition],
    }


def as_policy(given: dict[str, Free]) -> dict[str, Free]:
    """The same as the provider writes it."""
    (people,) = given["principals"]
    made = {
        "Sid": given["sid"],
        "Effect": given["effect"],
        "Principal": "*" if people["type"] == "*" else {"AWS": people["identifiers"]},
        "Action": given["actions"],
        "Resource": given["resources"],
    }
    tests = {each["test"]: {each["variable"]: each["values"]} for each in given["condition"]}
    return made | ({"Condition": tests} if tests else {})


def put_together(*groups: Sequence[dict[str, Free]]) -> str:
    """What the provider makes of them: a statement takes the place of an earlier one of its Sid."""
    found: list[dict[str, Free]] = []
    for each in (as_policy(each) for group in groups for each in group):
        found = [other for other in found if not each["Sid"] or other["Sid"] != each["Sid"]] + [each]
    return json.dumps({"Version": "2012-10-17", "Statement": found})


CLEAR_TEXT = ("Bool", "aws:SecureTransport", "false")
STRANGERS = ("StringNotEquals", "aws:PrincipalAccount", "111122223333")
TELLING = [block("Deny", "*", "s3:*", sid, (test,)) for sid in ("", "A") for test in (CLEAR_TEXT, STRANGERS)]
STATEMENTS = st.builds(
    block,
    st.sampled_from(("Allow", "Allow", "Deny")),
    st.sampled_from(("*", "arn:aws:iam::222233334444:root", "arn:aws:iam::111122223333:root")),
    st.sampled_from(("s3:GetObject", "s3:ListBucket", "s3:*", "s3:PutObject")),
    st.sampled_from(("", "A", "B")),
    st.sampled_from(((), (CLEAR_TEXT,), (STRANGERS,))),
)
LISTS = st.lists(STATEMENTS, max_size=2)
OWN = st.lists(st.sampled_from(TELLING), min_size=1, max_size=2) | LISTS


def taking_in(own: Sequence[dict[str, Free]], unknown: Sequence[str], **documents: Sequence[dict[str, Free]]) -> Plan:
    """A bucket by whose policy the arguments that are not given are unknown."""
    texts = {
        name: [json.dumps({"Statement": [as_policy(each)]}) for each in given] for name, given in documents.items()
    }
    marks = {"json": True, "minified_json": True, "id": True, **dict.fromkeys(unknown, True)}
    return planned(
        change("aws_s3_bucket_policy.logs", {}, ["bucket", "id", "policy"]),
        change(DOCUMENT, {"statement": list(own), **texts}, marks, actions=("read",)),
    )


def planned(*entries: dict[str, Free]) -> Plan:
    to_document = {"policy": refs(f"{DOCUMENT}.json", DOCUMENT), "bucket": refs(f"{LOGS}.id", LOGS)}
    more = (written("aws_s3_bucket_policy.logs", **to_document), written(DOCUMENT))
    return plan(bucket(), *entries, root=configuration(LOGS, more=more), provider=ACCOUNT)


def whole(*groups: Sequence[dict[str, Free]]) -> Plan:
    """The same bucket with all of them known."""
    return planned(change("aws_s3_bucket_policy.logs", {"policy": put_together(*groups)}, ["bucket", "id"]))


@settings(max_examples=60)
@given(sources=LISTS, own=OWN, overrides=LISTS, unknown=st.sets(st.sampled_from(ARGUMENTS), min_size=1))
def test_what_is_decided_holds_whatever_the_unknown_documents_say(
    sources: list[dict[str, Free]], own: list[dict[str, Free]], overrides: list[dict[str, Free]], unknown: set[str]
) -> None:
    given = dict(zip(ARGUMENTS, (sources, overrides), strict=True))
    known_ones = {name: value for name, value in given.items() if name not in unknown}
    said = verdicts(taking_in(own, sorted(unknown), **known_ones))
    true = verdicts(whole(sources, own, overrides))
    assert {row: (now, true[row]) for row, now in said.items() if now in DECIDED and now != true[row]} == {}


REFUSAL = block("Deny", "*", "s3:*", condition=[CLEAR_TEXT])
NAMED = {**REFUSAL, "sid": "Tls"}
TLS = ("s3://acme-logs", "clear-text-refused")


@pytest.mark.parametrize(
    ("own", "unknown", "verdict"),
    [
        (REFUSAL, "override_policy_documents", "pass"),
        (REFUSAL, "source_policy_documents", "pass"),
        (NAMED, "source_policy_documents", "pass"),
        (NAMED, "override_policy_documents", "unknown"),
    ],
)
def test_a_refusal_stays_unless_something_may_take_its_place(own: Free, unknown: str, verdict: str) -> None:
    assert verdicts(taking_in([own], [unknown]))[TLS] == verdict


ALLOWED: Statement = {"Sid": "A", "Effect": "Allow", "Action": ["s3:GetObject"]}
DENIED: Statement = {"Effect": "Deny", "Action": ["s3:*"]}
PERHAPS: Statement = {**ALLOWED, "Condition": {OPEN: {}}}


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([Part(statements=(ALLOWED,)), Part(more=True)], [PERHAPS, ANYTHING]),
        ([Part(more=True), Part(statements=(ALLOWED,))], [ANYTHING, ALLOWED]),
        ([Part(statements=(DENIED,)), Part(more=True)], [DENIED, ANYTHING]),
        ([Part(statements=(ALLOWED, DENIED), more=True)], [ALLOWED, DENIED, ANYTHING]),
        ([Part(statements=(ALLOWED, DENIED), more=True, overrides=True)], [PERHAPS, DENIED, ANYTHING]),
        ([Part(more=True), Part(more=True)], [ANYTHING]),
        ([Part(statements=(ALLOWED,)), Part(statements=(ANYTHING,))], [PERHAPS, ANYTHING]),
        ([Part(statements=(ALLOWED,)), Part(statements=({**DENIED, "Sid": "A"},))], [{**DENIED, "Sid": "A"}]),
    ],
)
def test_statements_of_unknown_documents_may_take_the_place_of_others(
    parts: list[Part], whole: list[Statement]
) -> None:
    assert merged(parts) == whole


def test_a_statement_whose_sid_is_not_known_may_be_any_other() -> None:
    nameless: Statement = {**DENIED, "Sid": OPEN}
    made = merged([Part(statements=(ALLOWED,)), Part(statements=(nameless,))])
    assert made == [PERHAPS, nameless], "it may take the place of the first"
    made = merged([Part(statements=(nameless,)), Part(statements=(ALLOWED,))])
    assert shown(made) == [{**DENIED, "Condition": {OPEN: {}}}, ALLOWED], "the second may take its place"


def test_a_condition_of_its_own_stays_beside_the_doubt() -> None:
    tied: Statement = {**ALLOWED, "Condition": {"Bool": {"aws:SecureTransport": ["true"]}}}
    (perhaps, _) = merged([Part(statements=(tied,)), Part(more=True)])
    assert perhaps["Condition"] == {"Bool": {"aws:SecureTransport": ["true"]}, OPEN: {}}


def test_a_reference_that_may_be_of_more_documents_counts_as_any() -> None:
    """Of two places one reference is known: which of the two it is in, and what the other holds, nobody tells."""
    entry = change(
        DOCUMENT,
        {"statement": [REFUSAL], "source_policy_documents": [None, None]},
        {"json": True, "id": True, "source_policy_documents": [True, True]},
        actions=("read",),
    )
    found = planned(change("aws_s3_bucket_policy.logs", {}, ["bucket", "id", "policy"]), entry)
    said = verdicts(found)
    assert said[TLS] == "pass"
    assert said["s3://acme-logs", "no-public-read"] == "unknown"
