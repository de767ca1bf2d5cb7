"""Bad input: named, never silent, never a crash, never a hang."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.iam import Change, Limits, PrincipalKind, allows, is_public, make_request, parse, reach, widens
from posture.iam.conditions import DUPLICATE
from tests.iam.build import BUCKET, FRIEND, NOW, OWNER, allow, ask, deny, open_kinds, policy
from tests.iam.strategies import policies

REQUEST = make_request(principal="*", action="s3:GetObject", resource=f"{BUCKET}/a")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "Version",
    "Statement",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
]


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """A good policy in which one value somewhere is replaced."""
    document: dict[str, Any] = json.loads(json.dumps(draw(policies)))
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:  # noqa: ANN401  # any JSON
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in pairs:
            places.append((value, key))
            walk(inner)

    walk(document)
    holder, key = draw(st.sampled_from(places))
    holder[key] = draw(JSON)
    if draw(st.booleans()):
        target = draw(st.sampled_from([item for item, _ in places if isinstance(item, dict)] or [document]))
        target[draw(st.sampled_from([*NAMES, "Condition", "Extra"]))] = draw(JSON)
    return document


def survives(source: Any) -> None:  # noqa: ANN401  # any input
    answer = reach(grants=[source], owner=OWNER, resource=BUCKET, now=NOW, limits=Limits(states=3000, steps=3000))
    assert all(item.reasons for item in answer.undetermined)
    assert not [text for item in answer.undetermined for text in item.reasons if "internal error" in text]
    allows(source, REQUEST, owner=OWNER)
    is_public(source)
    assert widens(source, source, resource=BUCKET, now=NOW, limits=Limits(states=3000, steps=3000)).change in (
        Change.NEVER,
        Change.UNDETERMINED,
    )


@settings(max_examples=100)
@given(document=broken())
def test_a_broken_value_is_survived(document: dict[str, Any]) -> None:
    survives(document)
    survives(json.dumps(document))


@settings(max_examples=80)
@given(document=policies, cut=st.integers(0, 400), patch=st.binary(max_size=4))
def test_broken_bytes_are_survived(document: dict[str, Any], cut: int, patch: bytes) -> None:
    text = json.dumps(document).encode()
    survives(text[:cut] + patch + text[cut + len(patch) :])


@settings(max_examples=150)
@given(JSON | st.binary(max_size=40) | st.text(max_size=40))
def test_anything_is_survived(source: Any) -> None:  # noqa: ANN401  # any input
    if isinstance(source, str | bytes | dict):
        survives(source)


@settings(max_examples=100)
@given(document=broken())
def test_a_broken_deny_never_opens(document: dict[str, Any]) -> None:
    """Whatever is certain about the broken policy, the second evaluator says so too."""
    answer = reach(grants=[document], owner=OWNER, resource=BUCKET, now=NOW)
    for item in answer.classes:
        assert allows(document, item.witness, owner=OWNER).answer.value == "allowed"


PROBLEMS = {
    "no principal": ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "no Principal"),
    "both principals": (allow(NotPrincipal="*"), "both Principal and NotPrincipal"),
    "both actions": (allow(NotAction="*"), "both Action and NotAction"),
    "both resources": (allow(NotResource="*"), "both Resource and NotResource"),
    "no resource": ({"Effect": "Allow", "Principal": "*", "Action": "s3:*"}, "no Resource"),
    "effect": ({**allow(), "Effect": "Grant"}, "`Grant` is no effect"),
    "element": (allow(Comment="x"), "`Comment` is no element"),
    "action": (allow(action=["s3:GetObject", "GetObject"]), "`GetObject` is no action"),
    "resource": (allow(resource="logs"), "`logs` is no resource ARN"),
    "principal kind": (allow({"Role": "x"}), "`Role` is no kind of principal"),
    "plain ARN": (allow(f"arn:aws:iam::{FRIEND}:root"), "a principal is `*` or an object"),
    "short account": (allow({"AWS": "12345678901"}), "`12345678901` is no AWS principal"),
    "star in a role": (allow({"AWS": f"arn:aws:iam::{FRIEND}:role/*"}), "is no AWS principal"),
    "service star": (allow({"Service": "*"}), "`*` is no Service principal"),
    "operator": (allow(Condition={"StringLikes": {"aws:UserAgent": "x"}}), "`StringLikes` is no condition operator"),
    "set operator": (allow(Condition={"ForSome:StringLike": {"aws:UserAgent": "x"}}), "is no condition operator"),
    "null if exists": (allow(Condition={"NullIfExists": {"aws:UserAgent": "true"}}), "is no condition operator"),
    "block": (allow(Condition={"StringLike": ["x"]}), "is not an object of keys"),
    "condition": (allow(Condition=["x"]), "the condition is not an object"),
    "number": (allow(Condition={"NumericEquals": {"s3:max-keys": "many"}}), "which is no number"),
    "date": (allow(Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}}), "which is no date"),
    "address": (allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/40"}}), "which is no address block"),
    "boolean": (allow(Condition={"Bool": {"aws:SecureTransport": "yes"}}), "which is no boolean"),
    "binary": (allow(Condition={"BinaryEquals": {"aws:UserAgent": "%"}}), "which is no base64 text"),
    "ARN": (allow(Condition={"ArnLike": {"aws:PrincipalArn": "me"}}), "is not an ARN of six components"),
    "empty values": (allow(Condition={"StringEquals": {"aws:UserAgent": []}}), "values that are no texts"),
    "nested values": (allow(Condition={"StringEquals": {"aws:UserAgent": [["x"]]}}), "values that are no texts"),
    "open variable": (allow(resource=f"{BUCKET}/${{aws:username"), "is not closed"),
    "variable in the account": (allow(resource="arn:aws:s3::${aws:PrincipalAccount}:x"), "before the resource part"),
    "key": (allow(Condition={"StringEquals": {"aws:Nonsense": "x"}}), "`aws:nonsense` is no known condition key"),
}


@pytest.mark.parametrize(("statement", "message"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_problems_are_named_and_open(statement: dict[str, Any], message: str) -> None:
    assert any(message in text for text in parse(policy(statement)).problems), parse(policy(statement)).problems
    if "GetObject" not in message:
        answer = ask(policy({**statement, "Action": "*"} if "Action" in statement else statement))
        assert not [item for item in answer.classes if item.principal.kind is PrincipalKind.ANONYMOUS]
        assert answer.undetermined


def test_versions_and_top_keys() -> None:
    assert "`2010-01-01` is no policy version" in parse(policy(allow(), version="2010-01-01")).problems
    assert parse({**policy(allow()), "Note": 1}).problems == ("`Note` is no element of a policy",)
    assert not ask({**policy(allow()), "Note": 1}).classes


def test_a_single_statement_may_be_an_object() -> None:
    document = parse({"Version": "2012-10-17", "Statement": allow()})
    assert not document.problems
    assert len(document.statements) == 1


def test_a_statement_that_is_no_object_hides_no_other() -> None:
    answer = ask({"Version": "2012-10-17", "Statement": ["x", allow({"AWS": FRIEND})]})
    assert not answer.classes  # the unreadable one may deny
    assert PrincipalKind.ANONYMOUS in open_kinds(answer)


def test_duplicate_keys_are_seen_at_every_depth() -> None:
    text = '{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"a:b":"1","a:b":"2"}}}}'  # noqa: E501  # one row of a table
    assert any("twice" in problem for problem in parse(text).problems)
    assert DUPLICATE not in "".join(parse(text).problems)


def test_an_oversized_text_is_refused() -> None:
    assert not parse('{"Statement":[' + " " * (1 << 20) + "]}").readable


STARS = "*?" * 120
HARD = [
    allow(Condition={"StringLike": {"aws:UserAgent": "*a" + "?" * 24 + "*"}}),
    *(deny(Condition={"StringLike": {"aws:UserAgent": "*a" + "?" * n + c + "*"}}) for n in range(1, 24) for c in "bc"),
    deny(Condition={"StringNotLike": {"aws:UserAgent": "*a*b*c*"}}),
    deny(Condition={"StringLike": {"aws:UserAgent": "*d*"}}),
]
STRESS: dict[str, list[dict[str, Any]]] = {
    "stars": [allow(resource=f"{BUCKET}/{STARS}"), deny(resource=f"{BUCKET}/{STARS}*a{STARS}")],
    "thousands of literals": [allow({"AWS": [f"{100000000000 + 7919 * n}" for n in range(1200)]})],
    "thousand values": [allow(Condition={"StringEquals": {"aws:SourceVpce": [f"vpce-{n}" for n in range(1000)]}})],
    "prefixes": [
        *(allow(resource=f"{BUCKET}/{n}/*") for n in range(150)),
        *(deny(resource=f"{BUCKET}/{n}/*") for n in range(150)),
    ],
    "infix denies": [allow(), *(deny(resource=f"{BUCKET}/*{char}*") for char in "abcdefghijklmnop")],
    "hard": HARD,
}


@pytest.mark.parametrize("statements", STRESS.values(), ids=STRESS.keys())
def test_stress_stays_within_the_budget(statements: list[dict[str, Any]]) -> None:
    limits = Limits(states=20_000, steps=2_000)
    answer = ask(policy(*statements), limits=limits)
    assert answer.effort.states <= limits.states * 1.2
    assert answer.effort.steps <= limits.steps * 1.2
    for item in answer.undetermined:
        assert any("budget" in text for text in item.reasons)


def test_a_used_up_budget_is_open_for_every_class() -> None:
    answer = ask(policy(*HARD), limits=Limits(states=50, steps=50))
    assert PrincipalKind.ANONYMOUS in open_kinds(answer)
    assert not [item for item in answer.classes if item.principal.kind is PrincipalKind.ANONYMOUS]
    assert widens(policy(deny()), policy(*HARD), limits=Limits(states=50, steps=50)).change is Change.UNDETERMINED


def test_200_prefixes_cancel_exactly() -> None:
    allows_, denies = STRESS["prefixes"][:150], STRESS["prefixes"][150:]
    assert not ask(policy(*allows_, *denies)).classes
    (left,) = {item.witness.resource for item in ask(policy(*allows_, *denies[:-1])).classes}
    assert left.startswith(f"{BUCKET}/149/")
