from dataclasses import replace

import pytest

from posture.model.assessment import Evidence
from posture.model.facts import FOREVER, Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.model.logic import Verdict, every, implies, negation, some
from posture.model.subjects import About, ActionClass, Bound, Grant, KeyManager, LogStore, Scope, Versioning
from posture.policy.assertions import AllOf, AnyOf, Assertion, Compare, ForEach, evaluate, words_used
from posture.policy.notation import AssertionReader, render
from posture.policy.plain import Plain
from posture.policy.predicates import (
    AtLeast,
    AtMost,
    Equals,
    NoneOf,
    NotEquals,
    OneOf,
    Predicate,
    expectation,
    holds,
    parts_of,
    predicate_of,
)
from posture.policy.vocabulary import Operator, Value, record_of, sketch, vocabulary

FAIL, UNKNOWN, PASS = Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS
STORE = vocabulary(About.STORE)
GRANT = record_of(Grant)
OTHER = Unknown(reason=Reason.NOT_COLLECTED)
SOURCE = Source(operation="s3:GetBucketPolicy", resource="logs")


def known(value: Value) -> Known[Value]:
    return Known(value=value, sources=(SOURCE,))


def denied(needs: str = "s3:GetBucketPolicy") -> Unknown:
    return Unknown(reason=Reason.DENIED, sources=(SOURCE,), needs=needs)


def store(facts: dict[str, Fact[Value]] | None = None, grants: Listing[object] | None = None) -> object:
    listings = {} if grants is None else {"grants": grants}
    return sketch(LogStore, facts=facts or {}, listings=listings, otherwise=OTHER)


def grant(**facts: Value | Unknown) -> object:
    given = {name: value if isinstance(value, Unknown) else known(value) for name, value in facts.items()}
    return sketch(Grant, facts=given, listings={}, otherwise=OTHER)


def assertion(data: Plain) -> Assertion:
    reader = AssertionReader(parameters={})
    tree = reader.read(data, STORE, ())
    assert not reader.problems
    return tree


LEAVES: dict[Verdict, Plain] = {
    FAIL: {"encryption.at_rest": {"equals": True}},
    UNKNOWN: {"encryption.bucket_key": {"equals": True}},
    PASS: {"encryption.key_enabled": {"equals": True}},
}
LEAF_FACTS: dict[str, Fact[Value]] = {
    "encryption.at_rest": known(False),  # noqa: FBT003 - the value of a fact
    "encryption.bucket_key": denied(),
    "encryption.key_enabled": known(True),  # noqa: FBT003 - the value of a fact
}

ALL_OF = {
    (FAIL, FAIL): FAIL,
    (FAIL, UNKNOWN): FAIL,
    (FAIL, PASS): FAIL,
    (UNKNOWN, FAIL): FAIL,
    (UNKNOWN, UNKNOWN): UNKNOWN,
    (UNKNOWN, PASS): UNKNOWN,
    (PASS, FAIL): FAIL,
    (PASS, UNKNOWN): UNKNOWN,
    (PASS, PASS): PASS,
}
ANY_OF = {
    (FAIL, FAIL): FAIL,
    (FAIL, UNKNOWN): UNKNOWN,
    (FAIL, PASS): PASS,
    (UNKNOWN, FAIL): UNKNOWN,
    (UNKNOWN, UNKNOWN): UNKNOWN,
    (UNKNOWN, PASS): PASS,
    (PASS, FAIL): PASS,
    (PASS, UNKNOWN): PASS,
    (PASS, PASS): PASS,
}
ITEM = {  # where, require
    (FAIL, FAIL): PASS,
    (FAIL, UNKNOWN): PASS,
    (FAIL, PASS): PASS,
    (UNKNOWN, FAIL): UNKNOWN,
    (UNKNOWN, UNKNOWN): UNKNOWN,
    (UNKNOWN, PASS): PASS,
    (PASS, FAIL): FAIL,
    (PASS, UNKNOWN): UNKNOWN,
    (PASS, PASS): PASS,
}


@pytest.mark.parametrize("pair", ALL_OF)
def test_truth_table_of_all_of(pair: tuple[Verdict, Verdict]) -> None:
    tree = assertion({"all_of": [LEAVES[each] for each in pair]})
    assert evaluate(tree, store(LEAF_FACTS))[0] is ALL_OF[pair]
    assert every(pair) is ALL_OF[pair]


@pytest.mark.parametrize("pair", ANY_OF)
def test_truth_table_of_any_of(pair: tuple[Verdict, Verdict]) -> None:
    tree = assertion({"any_of": [LEAVES[each] for each in pair]})
    assert evaluate(tree, store(LEAF_FACTS))[0] is ANY_OF[pair]
    assert some(pair) is ANY_OF[pair]


SCOPE: dict[Verdict, Value | Unknown] = {FAIL: "own", UNKNOWN: denied(), PASS: "outside"}
BOUND: dict[Verdict, Value | Unknown] = {FAIL: "anywhere", UNKNOWN: denied(), PASS: "own_network"}
LOOP: Plain = {
    "for_each": "grants",
    "where": {"scope": {"not_equals": "own"}},
    "require": {"bound": {"equals": "own_network"}},
}


@pytest.mark.parametrize("pair", ITEM)
def test_truth_table_of_one_item(pair: tuple[Verdict, Verdict]) -> None:
    where, require = pair
    item = grant(scope=SCOPE[where], bound=BOUND[require])
    assert evaluate(assertion(LOOP), store(grants=Listing(items=(item,))))[0] is ITEM[pair]
    assert implies(where, require) is ITEM[pair]


def test_negation_turns_and_keeps_unknown() -> None:
    assert [negation(each) for each in (FAIL, UNKNOWN, PASS)] == [PASS, UNKNOWN, FAIL]


HOLDS = [
    (Equals(value="customer"), KeyManager.CUSTOMER, True),
    (Equals(value="customer"), KeyManager.PROVIDER, False),
    (Equals(value=365), 365, True),
    (Equals(value=365), FOREVER, False),
    (NotEquals(value=365), FOREVER, True),
    (NotEquals(value=""), "arn", True),
    (OneOf(values=("own", "vendor")), Scope.OWN, True),
    (OneOf(values=("own", "vendor")), Scope.PUBLIC, False),
    (OneOf(values=()), "111122223333", False),
    (NoneOf(values=("outside", "public")), Scope.PUBLIC, False),
    (NoneOf(values=("outside", "public")), Scope.OWN, True),
    (AtLeast(bound=365), 365, True),
    (AtLeast(bound=365), 364, False),
    (AtLeast(bound=365), FOREVER, True),
    (AtMost(bound=365), 365, True),
    (AtMost(bound=365), 366, False),
    (AtMost(bound=10**17), FOREVER, False),
]


@pytest.mark.parametrize(("predicate", "value", "expected"), HOLDS, ids=str)
def test_operators(predicate: Predicate, value: Value, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert holds(predicate, value) is expected


@pytest.mark.parametrize("value", ["365", True, KeyManager.NONE])
def test_an_order_over_what_has_none_is_a_bug_not_a_verdict(value: Value) -> None:
    with pytest.raises(TypeError):
        holds(AtLeast(bound=1), value)


WORDS = {
    Equals(value=True): "true",
    Equals(value="x"): "x",
    Equals(value=""): "empty text",
    NotEquals(value="own"): "anything but own",
    NotEquals(value=""): "anything but empty text",
    OneOf(values=("b", "a")): "one of a, b",
    OneOf(values=()): "one of a list, which is empty",
    NoneOf(values=("b", "a")): "none of a, b",
    AtLeast(bound=365): "at least 365",
    AtMost(bound=24): "at most 24",
}


@pytest.mark.parametrize(("predicate", "words"), WORDS.items(), ids=str)
def test_expectations_in_words(predicate: Predicate, words: str) -> None:
    assert expectation(predicate) == words
    assert predicate_of(*parts_of(predicate)) == predicate


@pytest.mark.parametrize(
    ("operator", "operand"), [(Operator.ONE_OF, "a"), (Operator.AT_LEAST, "a"), (Operator.EQUALS, ("a",))]
)
def test_an_operand_of_the_wrong_type_makes_no_predicate(operator: Operator, operand: str | tuple[str, ...]) -> None:
    with pytest.raises(TypeError):
        predicate_of(operator, operand)


def brief(evidence: tuple[Evidence, ...]) -> list[tuple[str, str, str]]:
    return [(seen.path, seen.found, seen.expected) for seen in evidence]


def test_evidence_of_a_known_fact_names_value_expectation_and_source() -> None:
    tree = assertion({"retention.days": {"at_least": 365}})
    verdict, (seen,) = evaluate(tree, store({"retention.days": known(30)}))
    assert verdict is FAIL
    assert (seen.path, seen.found, seen.expected) == ("retention.days", "30", "at least 365")
    assert (seen.sources, seen.unknown, seen.verdict) == ((SOURCE,), None, FAIL)


def test_evidence_of_an_unknown_carries_it() -> None:
    tree = assertion({"encryption.key_manager": {"equals": "customer"}})
    verdict, (seen,) = evaluate(tree, store({"encryption.key_manager": denied()}))
    assert verdict is UNKNOWN
    assert (seen.found, seen.expected) == ("denied", "customer")
    assert seen.unknown == denied()
    assert seen.sources == (SOURCE,)


def test_forever_is_printed() -> None:
    tree = assertion({"retention.days": {"at_least": 365}})
    assert brief(evaluate(tree, store({"retention.days": known(FOREVER)}))[1]) == [
        ("retention.days", "forever", "at least 365")
    ]


def test_what_never_came_is_said_so() -> None:
    tree = assertion({"delivery.hours_since_success": {"at_most": 24}})
    assert brief(evaluate(tree, store({"delivery.hours_since_success": known(FOREVER)}))[1]) == [
        ("delivery.hours_since_success", "never", "at most 24")
    ]


def test_a_list_of_a_parameter_that_is_empty_is_named() -> None:
    compared = Compare(field=GRANT.fields["principal"], predicate=OneOf(values=()), parameter="break_glass_roles")
    (seen,) = evaluate(compared, grant(principal="a"))[1]
    assert seen.expected == "one of break_glass_roles, which is empty"


def test_only_children_that_decided_give_evidence() -> None:
    tree = assertion({"all_of": [LEAVES[FAIL], LEAVES[UNKNOWN], LEAVES[PASS]]})
    assert brief(evaluate(tree, store(LEAF_FACTS))[1]) == [("encryption.at_rest", "false", "true")]
    tree = assertion({"any_of": [LEAVES[FAIL], LEAVES[UNKNOWN], LEAVES[PASS]]})
    assert brief(evaluate(tree, store(LEAF_FACTS))[1]) == [("encryption.key_enabled", "true", "true")]
    tree = assertion({"any_of": [LEAVES[FAIL], LEAVES[UNKNOWN]]})
    assert brief(evaluate(tree, store(LEAF_FACTS))[1]) == [("encryption.bucket_key", "denied", "true")]


def test_what_two_children_ask_alike_is_said_once() -> None:
    own: Plain = {
        "for_each": "grants",
        "where": {"action": {"equals": "read"}},
        "require": {"scope": {"equals": "own"}},
    }
    gaps = (Gap(unknown=denied()), Gap(unknown=replace(denied(), detail="another")))
    tree = assertion({"all_of": [own, own]})
    _, evidence = evaluate(tree, store(grants=Listing(items=(grant(action="read", scope="own"),))))
    assert brief(evidence) == [("grants[0].scope", "own", "own")]
    verdict, evidence = evaluate(tree, store(grants=Listing(items=(), gaps=gaps)))
    assert (verdict, [seen.unknown for seen in evidence]) == (UNKNOWN, [gap.unknown for gap in gaps])


STRICT: Plain = {"for_each": "grants", "require": {"scope": {"none_of": ["outside", "public"]}}}


def test_an_empty_whole_list_passes_and_says_so() -> None:
    verdict, evidence = evaluate(assertion(STRICT), store(grants=Listing(items=(), sources=(SOURCE,))))
    assert verdict is PASS
    assert brief(evidence) == [("grants", "empty", "no item that breaks the rule")]
    assert evidence[0].sources == (SOURCE,)


def test_an_unread_list_is_unknown() -> None:
    verdict, evidence = evaluate(assertion(STRICT), store(grants=Listing.unread(denied())))
    assert verdict is UNKNOWN
    assert brief(evidence) == [("grants", "denied", "a complete list")]
    assert evidence[0].unknown == denied()


def test_a_failing_item_decides_whatever_is_unknown_or_missing() -> None:
    items = (grant(scope="own"), grant(scope=denied()), grant(scope="public"))
    listing = Listing(items=items, gaps=(Gap(unknown=denied()),))
    verdict, evidence = evaluate(assertion(STRICT), store(grants=listing))
    assert verdict is FAIL
    assert brief(evidence) == [("grants[2].scope", "public", "none of outside, public")]


def test_an_unknown_item_blocks_a_pass() -> None:
    listing = Listing(items=(grant(scope="own"), grant(scope=denied())))
    verdict, evidence = evaluate(assertion(STRICT), store(grants=listing))
    assert verdict is UNKNOWN
    assert brief(evidence) == [("grants[1].scope", "denied", "none of outside, public")]


def test_what_would_do_instead_is_told_as_an_alternative() -> None:
    ways: Plain = {
        "any_of": [{"integrity.versioning": {"equals": "enabled"}}, {"integrity.worm_days": {"at_least": 9}}]
    }
    facts: dict[str, Fact[Value]] = {"integrity.versioning": known("never"), "integrity.worm_days": known(7)}
    verdict, evidence = evaluate(assertion(ways), store(facts))
    assert verdict is FAIL
    assert brief(evidence) == [
        ("integrity.versioning", "never", "enabled"),
        ("integrity.worm_days", "7", "at least 9, as an alternative"),
    ]


def test_an_item_out_of_scope_says_why_it_passes() -> None:
    listing = Listing(items=(grant(scope="own", bound="anywhere"), grant(scope="outside", bound="own_network")))
    verdict, evidence = evaluate(assertion(LOOP), store(grants=listing))
    assert verdict is PASS
    assert brief(evidence) == [
        ("grants[0].scope", "own", "anything but own, to be in scope"),
        ("grants[1].bound", "own_network", "own_network"),
    ]
    assert {seen.verdict for seen in evidence} == {PASS}


def test_a_grant_that_fails_says_once_what_gives_it() -> None:
    given = grant(principal="111122223333", scope="outside", bound="anywhere", via="bucket policy /Statement/2 (Sync)")
    kept = grant(principal="444455556666", scope="own", bound="anywhere", via="bucket policy /Statement/0")
    either: Plain = {"any_of": [{"scope": {"equals": "own"}}, {"bound": {"equals": "own_network"}}]}
    tree = assertion({"for_each": "grants", "require": either})
    _, evidence = evaluate(tree, store(grants=Listing(items=(kept, given))))
    assert [seen.place for seen in evidence] == [
        "grants[1].scope (111122223333, by bucket policy /Statement/2 (Sync))",
        "grants[1].bound (111122223333)",
    ]


@pytest.mark.parametrize(
    ("kind", "told"), [("anonymous", "* (anonymous), read"), ("any_account", "* (any account), read")]
)
def test_everybody_with_an_account_is_told_from_everybody(kind: str, told: str) -> None:
    assert GRANT.name_of(grant(principal="*", kind=kind, action="read")) == told


def test_the_kind_of_a_principal_that_has_a_name_is_not_said() -> None:
    assert GRANT.name_of(grant(principal="111122223333", kind="account", action="read")) == "111122223333, read"


def test_a_grant_that_passes_needs_no_fix_and_says_nothing_of_where_it_comes_from() -> None:
    kept = grant(principal="444455556666", scope="own", via="bucket policy /Statement/0")
    tree = assertion({"for_each": "grants", "require": {"scope": {"equals": "own"}}})
    _, evidence = evaluate(tree, store(grants=Listing(items=(kept,))))
    assert [seen.place for seen in evidence] == ["grants[0].scope (444455556666)"]


def test_an_item_whose_scope_is_unknown_names_the_condition_too() -> None:
    listing = Listing(items=(grant(scope=denied(), bound=denied()),))
    verdict, evidence = evaluate(assertion(LOOP), store(grants=listing))
    assert verdict is UNKNOWN
    assert brief(evidence) == [
        ("grants[0].bound", "denied", "own_network"),
        ("grants[0].scope", "denied", "anything but own, to be in scope"),
    ]


WRITERS: Plain = {
    "for_each": "grants",
    "where": {"action": {"one_of": ["write", "delete"]}},
    "require": {"scope": {"equals": "own"}},
}


def gap(**limits: tuple[str, ...]) -> Gap:
    return Gap(unknown=denied(), limits=tuple(limits.items()))


GAPS = [
    ((gap(action=("read", "list")),), PASS),  # whatever lacks is out of scope
    ((gap(action=("read", "write")),), UNKNOWN),  # some of it may be in scope
    ((gap(action=("write",)),), UNKNOWN),
    ((gap(action=("write",), scope=("own",)),), PASS),  # in scope, and it would satisfy the rule
    ((gap(action=("write",), scope=("public",)),), UNKNOWN),  # it would fail, but nobody saw that it exists
    ((gap(scope=("own",)),), PASS),
    ((gap(bound=("anywhere",)),), UNKNOWN),  # a limit that the rule does not ask about
    ((gap(action=("read",)), gap(action=("write",))), UNKNOWN),  # one gap that matters is enough
    ((gap(action=()),), UNKNOWN),  # no value at all is no promise
    ((gap(action=("misspelt",)),), UNKNOWN),
    ((gap(action=("read", "misspelt")),), UNKNOWN),
    ((gap(nonsense=("read",)),), UNKNOWN),
    ((gap(),), UNKNOWN),
]


@pytest.mark.parametrize(("gaps", "expected"), GAPS, ids=[str([each.limits for each in case[0]]) for case in GAPS])
@pytest.mark.parametrize("items", [(), (grant(action="write", scope="own"),)], ids=["no item", "a good item"])
def test_a_gap_blocks_a_pass_only_where_it_matters(
    gaps: tuple[Gap, ...], expected: Verdict, items: tuple[object, ...]
) -> None:
    verdict, evidence = evaluate(assertion(WRITERS), store(grants=Listing(items=items, gaps=gaps)))
    assert verdict is expected
    assert evidence
    assert {seen.verdict for seen in evidence} == {expected}
    if expected is UNKNOWN:
        assert brief(evidence) == [("grants", "denied", "a complete list")]


def test_a_list_with_an_irrelevant_gap_and_no_item_does_not_claim_to_be_empty() -> None:
    _, evidence = evaluate(assertion(WRITERS), store(grants=Listing(items=(), gaps=(gap(action=("read",)),))))
    assert brief(evidence) == [("grants", "nothing that matters here", "no item that breaks the rule")]


def test_texts_of_a_limit_that_no_test_names_are_one_guess() -> None:
    names = tuple(f"role-{number}" for number in range(2000))
    tree = assertion({"for_each": "grants", "require": {"principal": {"not_equals": "role-x"}}})
    assert evaluate(tree, store(grants=Listing(items=(), gaps=(gap(principal=names),))))[0] is PASS
    assert evaluate(tree, store(grants=Listing(items=(), gaps=(gap(principal=(*names, "role-x")),))))[0] is UNKNOWN


def test_limits_that_combine_into_too_many_guesses_count_as_unknown() -> None:
    wide = {
        name: tuple(f"{name}-{number}" for number in range(40))
        for name in ("principal", "account", "via", "conditions")
    }
    tests: dict[str, Plain] = {name: {"one_of": list(texts)} for name, texts in wide.items()}
    tree = assertion({"for_each": "grants", "require": tests})
    assert evaluate(tree, store(grants=Listing(items=(), gaps=(gap(**wide),))))[0] is UNKNOWN
    tests["action"] = {"one_of": ["write"]}
    kept = assertion({"for_each": "grants", "where": tests, "require": {"scope": {"equals": "own"}}})
    listing: Listing[object] = Listing(items=(), gaps=(gap(**wide, action=("read",)),))
    assert evaluate(kept, store(grants=listing))[0] is PASS  # the narrowest limits are those that stay
    narrow = {name: values[:4] for name, values in wide.items()}
    assert evaluate(tree, store(grants=Listing(items=(), gaps=(gap(**narrow),))))[0] is PASS


def test_words_used_name_loops_and_their_items() -> None:
    tree = assertion({"encryption.at_rest": {"equals": True}, "any_of": [{"all_of": [LEAVES[PASS]]}, LOOP]})
    assert words_used(tree) == {
        "encryption.at_rest",
        "encryption.key_enabled",
        "grants",
        "grants[].scope",
        "grants[].bound",
    }


def test_tests_of_different_fields_are_written_as_one_mapping() -> None:
    data: Plain = {"encryption.at_rest": {"equals": True}, "integrity.versioning": {"equals": "enabled"}}
    assert render(assertion(data)) == data
    assert render(assertion({"all_of": [data]})) == {"all_of": [data]}
    twice: list[Plain] = [{"retention.days": {"at_least": 1}}, {"retention.days": {"at_most": 9}}]
    thrice: list[Plain] = [*twice, {"encryption.at_rest": {"equals": True}}]
    for tests in (twice, thrice):
        assert render(assertion({"all_of": tests})) == {"all_of": tests}


def test_a_tree_carries_its_accessors_so_that_nothing_is_looked_up_while_judging() -> None:
    tree = assertion({"integrity.versioning": {"equals": "enabled"}})
    assert isinstance(tree, Compare)
    assert tree.field.read(store({"integrity.versioning": known(Versioning.ENABLED)})) == known(Versioning.ENABLED)
    assert isinstance(assertion(LOOP), ForEach)
    assert isinstance(assertion({"any_of": [LEAVES[PASS]]}), AnyOf)
    assert isinstance(assertion({"all_of": [LEAVES[PASS]]}), AllOf)


def test_enum_operands_are_members() -> None:
    assert GRANT.fields["action"].members == tuple(ActionClass)
    assert GRANT.fields["bound"].members == tuple(Bound)
