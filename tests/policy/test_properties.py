"""Properties of the evaluator, over generated rules and generated stores.

The reference evaluator below is two-valued, works on the rule as a policy file writes it, and shares no code with the
real one. It is asked about completions: stores where every unknown fact has some value of its domain, and every gap is
closed by no item, or by one item that respects the gap's limits.

- For any rule: PASS and FAIL are the answers of every completion.
- For rules that read each fact once, with tests that some value satisfies and some other does not, there is at most one
  loop, and every test can go either way, so that three-valued logic loses nothing: UNKNOWN is said exactly when two
  completions disagree.
"""

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from posture.errors import PolicyError
from posture.model.facts import FOREVER, Fact, Gap, Known, Listing, Reason, Unknown
from posture.model.logic import Verdict
from posture.model.subjects import About, Grant, LogStore
from posture.policy.assertions import AllOf, AnyOf, Assertion, Compare, ForEach, evaluate
from posture.policy.notation import AssertionReader, render
from posture.policy.parameters import Parameter, ParameterType, ParameterValue, operand_misfit
from posture.policy.plain import Plain
from posture.policy.predicates import parts_of, predicate_of
from posture.policy.strict_yaml import read_document
from posture.policy.vocabulary import Field, Operator, Sort, Value, record_of, sketch, vocabulary

STORE, GRANT = vocabulary(About.STORE), record_of(Grant)
MOST_WORLDS = 3000
UNNAMED = Unknown(reason=Reason.NOT_COLLECTED)

Facts: TypeAlias = Mapping[str, Value | Reason]

STORE_DOMAINS: dict[str, tuple[Value, ...]] = {
    "encryption.at_rest": (True, False),
    "encryption.key_rotating": (True, False),
    "encryption.key_manager": ("none", "provider", "customer"),
    "integrity.versioning": ("enabled", "suspended", "never"),
    "integrity.worm_days": (0, 1, 2),
    "retention.days": (1, 2, FOREVER),
    "account": ("111122223333", "444455556666"),
}
GRANT_DOMAINS: dict[str, tuple[Value, ...]] = {
    "action": ("list", "read", "write", "delete", "administer"),
    "scope": ("own", "vendor", "public"),
    "bound": ("anywhere", "own_network"),
    "account": ("111122223333", "444455556666"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store in the test's own terms: facts or reasons, items, and the limits of gaps."""

    facts: Facts
    grants: tuple[Facts, ...] = ()
    gaps: tuple[Mapping[str, tuple[str, ...]], ...] = ()

    def record(self) -> object:
        items = tuple(record(Grant, each, {}) for each in self.grants)
        gaps = tuple(Gap(unknown=Unknown(reason=Reason.DENIED), limits=tuple(each.items())) for each in self.gaps)
        return record(LogStore, self.facts, {"grants": Listing(items=items, gaps=gaps)})


def record(shape: type[object], facts: Facts, listings: Mapping[str, Listing[object]]) -> object:
    fields = record_of(shape).fields
    return sketch(
        shape,
        facts={path: fact(fields[path], value) for path, value in facts.items()},
        listings=listings,
        otherwise=UNNAMED,
    )


def fact(field: Field, value: Value | Reason) -> Fact[Value]:
    if isinstance(value, Reason):
        return Unknown(reason=value)
    read = field.value(value)
    assert read is not None
    return Known(value=read, sources=())


def verdict(rule: Assertion, store: Store) -> Verdict:
    return evaluate(rule, store.record())[0]


# Rules


def operands(field: Field, domain: tuple[Value, ...]) -> st.SearchStrategy[tuple[Operator, Any]]:
    words = [str(value) for value in domain]
    numbers = [value for value in domain if isinstance(value, int)]
    match field.sort:
        case Sort.BOOLEAN:
            return st.tuples(st.sampled_from(field.operators), st.booleans())
        case Sort.INTEGER | Sort.DURATION:
            return st.tuples(st.sampled_from(field.operators), st.sampled_from([*numbers, -1, 3]))
        case Sort.TEXT | Sort.ENUM:
            single = st.sampled_from([Operator.EQUALS, Operator.NOT_EQUALS])
            several = st.sampled_from([Operator.ONE_OF, Operator.NONE_OF])
            members = st.lists(st.sampled_from(words), min_size=1, max_size=len(words), unique=True).map(tuple)
            return st.one_of(st.tuples(single, st.sampled_from(words)), st.tuples(several, members))


def comparing(field: Field, domain: tuple[Value, ...]) -> st.SearchStrategy[Compare]:
    return operands(field, domain).map(lambda test: Compare(field=field, predicate=predicate_of(*test)))


ANY_STORE_TEST = st.one_of([comparing(STORE.fields[path], domain) for path, domain in STORE_DOMAINS.items()])
ANY_GRANT_TEST = st.one_of([comparing(GRANT.fields[path], domain) for path, domain in GRANT_DOMAINS.items()])


def combined(leaves: st.SearchStrategy[Assertion], most: int) -> st.SearchStrategy[Assertion]:
    def several(children: st.SearchStrategy[Assertion]) -> st.SearchStrategy[Assertion]:
        groups = st.lists(children, min_size=1, max_size=3).map(tuple)
        return st.one_of(groups.map(lambda each: AllOf(children=each)), groups.map(lambda each: AnyOf(children=each)))

    return st.recursive(leaves, several, max_leaves=most)


ITEM_RULES = combined(ANY_GRANT_TEST, 4)
LOOPS = st.builds(
    lambda where, require: ForEach(listing=STORE.lists["grants"], where=where, require=require),
    st.none() | ITEM_RULES,
    ITEM_RULES,
)
RULES = combined(ANY_STORE_TEST | LOOPS, 6)


def contingent(field: Field, domain: tuple[Value, ...]) -> st.SearchStrategy[Compare]:
    def either_way(test: Compare) -> bool:
        return len({true_of(render(test), {field.path: value}) for value in domain}) > 1

    return comparing(field, domain).filter(either_way)


@st.composite
def read_once(
    draw: st.DrawFn, fields: Mapping[str, Field], domains: Mapping[str, tuple[Value, ...]], *, loop: bool
) -> Assertion:
    """A rule over different facts, each of which can go either way."""
    paths = draw(st.lists(st.sampled_from(sorted(domains)), min_size=1, max_size=4, unique=True))
    leaves: list[Assertion] = [draw(contingent(fields[path], domains[path])) for path in paths]
    if loop and draw(st.booleans()):
        leaves.insert(draw(st.integers(0, len(leaves))), draw(read_once_loop()))
    while len(leaves) > 1:
        taken = draw(st.integers(2, len(leaves)))
        group, rest = tuple(leaves[:taken]), leaves[taken:]
        leaves = [AllOf(children=group) if draw(st.booleans()) else AnyOf(children=group), *rest]
    return leaves[0]


@st.composite
def read_once_loop(draw: st.DrawFn) -> Assertion:
    paths = draw(st.permutations(sorted(GRANT_DOMAINS)))
    split = draw(st.integers(0, 2))
    parts = [{path: GRANT_DOMAINS[path] for path in group} for group in (paths[:split], paths[split:])]
    where = draw(read_once(GRANT.fields, parts[0], loop=False)) if parts[0] else None
    return ForEach(
        listing=STORE.lists["grants"], where=where, require=draw(read_once(GRANT.fields, parts[1], loop=False))
    )


# Stores


def facts_over(domains: Mapping[str, tuple[Value, ...]], reasons: st.SearchStrategy[Any]) -> st.SearchStrategy[Facts]:
    return st.fixed_dictionaries({path: st.sampled_from(domain) | reasons for path, domain in domains.items()})


REASONS = st.sampled_from([Reason.DENIED, Reason.UNDETERMINED])
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        path: st.lists(st.sampled_from([str(value) for value in domain]), min_size=1, max_size=3, unique=True).map(
            tuple
        )
        for path, domain in GRANT_DOMAINS.items()
    },
)
STORES = st.builds(
    lambda facts, grants, gaps: Store(facts=facts, grants=tuple(grants), gaps=tuple(gaps)),
    facts_over(STORE_DOMAINS, REASONS),
    st.lists(facts_over(GRANT_DOMAINS, REASONS), max_size=2),
    st.lists(LIMITS, max_size=2),
)
COMPLETE = st.builds(
    lambda facts, grants: Store(facts=facts, grants=tuple(grants)),
    facts_over(STORE_DOMAINS, st.nothing()),
    st.lists(facts_over(GRANT_DOMAINS, st.nothing()), max_size=3),
)


# The reference


def true_of(rule: Plain, facts: Facts, grants: tuple[Facts, ...] = ()) -> bool:
    """Whether a rule, as a file writes it, holds of complete facts."""
    assert isinstance(rule, dict)
    if rule.get("for_each") == "grants":
        in_scope = [each for each in grants if "where" not in rule or true_of(rule["where"], each)]
        return all(true_of(rule["require"], each) for each in in_scope)
    for key, value in rule.items():
        if key == "all_of" and isinstance(value, list):
            held = all(true_of(each, facts, grants) for each in value)
        elif key == "any_of" and isinstance(value, list):
            held = any(true_of(each, facts, grants) for each in value)
        else:
            assert isinstance(value, dict)
            ((operator, operand),) = value.items()
            held = said(operator, facts[key], operand)
        if not held:
            return False
    return True


def said(operator: str, value: Any, operand: Any) -> bool:  # noqa: ANN401 - any value, any operand
    number = math.inf if value is FOREVER else value
    answers: dict[str, bool] = {
        "equals": value == operand,
        "not_equals": value != operand,
        "one_of": isinstance(operand, list) and value in operand,
        "none_of": isinstance(operand, list) and value not in operand,
        "at_least": isinstance(operand, int) and isinstance(number, int | float) and number >= operand,
        "at_most": isinstance(operand, int) and isinstance(number, int | float) and number <= operand,
    }
    return answers[operator]


def completions(facts: Facts, domains: Mapping[str, tuple[Value, ...]], read: frozenset[str]) -> list[Facts]:
    """Every way to know the facts that a rule reads; the others do not matter."""
    known = {path: value for path, value in facts.items() if not isinstance(value, Reason)}
    choices = [(known[path],) if path in known else domains[path] for path in sorted(read)]
    return [dict(zip(sorted(read), values, strict=True)) for values in itertools.product(*choices)]


def read_by(rule: Assertion) -> tuple[frozenset[str], frozenset[str]]:
    """The facts of the store and those of its grants that a rule reads."""
    text = json.dumps(render(rule))
    grants = frozenset(path for path in GRANT_DOMAINS if f'"{path}"' in text)
    return frozenset(path for path in STORE_DOMAINS if f'"{path}"' in text), grants


def answers(rule: Assertion, store: Store) -> Iterator[bool]:
    """What the reference says of every completion."""
    of_store, of_grants = read_by(rule)
    items: list[list[tuple[Facts, ...]]] = [
        [(known,) for known in completions(each, GRANT_DOMAINS, of_grants)] for each in store.grants
    ]
    items += [[(), *((known,) for known in allowed(limits, of_grants))] for limits in store.gaps]
    whole = completions(store.facts, STORE_DOMAINS, of_store)
    assume(len(whole) * math.prod(map(len, items)) <= MOST_WORLDS)
    written = render(rule)
    for facts in whole:
        for grants in itertools.product(*items):
            yield true_of(written, facts, tuple(itertools.chain.from_iterable(grants)))


def allowed(limits: Mapping[str, tuple[str, ...]], read: frozenset[str]) -> list[Facts]:
    domains = {path: limits.get(path, domain) for path, domain in GRANT_DOMAINS.items()}
    return completions({}, domains, read)


SAID = {True: Verdict.PASS, False: Verdict.FAIL}


@settings(max_examples=400)
@given(RULES, STORES)
def test_a_decided_verdict_is_that_of_every_completion(rule: Assertion, store: Store) -> None:
    found = verdict(rule, store)
    if found is not Verdict.UNKNOWN:
        assert {SAID[answer] for answer in answers(rule, store)} == {found}


@settings(max_examples=400)
@given(read_once(STORE.fields, STORE_DOMAINS, loop=True), STORES)
def test_unknown_is_said_exactly_when_completions_disagree(rule: Assertion, store: Store) -> None:
    said_of = {SAID[answer] for answer in answers(rule, store)}
    assert verdict(rule, store) is (said_of.pop() if len(said_of) == 1 else Verdict.UNKNOWN)


@settings(max_examples=300)
@given(RULES, COMPLETE)
def test_complete_facts_are_decided_as_the_reference_decides(rule: Assertion, store: Store) -> None:
    assert verdict(rule, store) is SAID[true_of(render(rule), store.facts, store.grants)]


@st.composite
def learned(draw: st.DrawFn, store: Store) -> Store:
    """The same store, of which some unknowns are known and some gaps are closed or narrowed."""

    def more(facts: Facts, domains: Mapping[str, tuple[Value, ...]]) -> Facts:
        return {
            path: draw(st.sampled_from(domains[path])) if isinstance(value, Reason) and draw(st.booleans()) else value
            for path, value in facts.items()
        }

    grants = [more(each, GRANT_DOMAINS) for each in store.grants]
    gaps = []
    for limits in store.gaps:
        free = {path: domain for path, domain in GRANT_DOMAINS.items() if path not in limits}
        promised = facts_over(limits, st.nothing())  # what a gap promises of an item stays known when it is seen
        seen = st.tuples(facts_over(free, REASONS), promised).map(lambda parts: {**parts[0], **parts[1]})
        grants += draw(st.lists(seen, max_size=2))
        if draw(st.booleans()):
            gaps.append(limits)
    return replace(store, facts=more(store.facts, STORE_DOMAINS), grants=tuple(grants), gaps=tuple(gaps))


@settings(max_examples=500)
@given(RULES, STORES, st.data())
def test_learning_more_never_overturns_a_verdict(rule: Assertion, store: Store, data: st.DataObject) -> None:
    before = verdict(rule, store)
    after = verdict(rule, data.draw(learned(store)))
    assert before is Verdict.UNKNOWN or after is before


@settings(max_examples=300)
@given(RULES, STORES)
def test_every_verdict_has_evidence_of_its_own_kind(rule: Assertion, store: Store) -> None:
    found, evidence = evaluate(rule, store.record())
    assert evidence
    assert {seen.verdict for seen in evidence} == {found}
    for seen in evidence:
        assert seen.path
        assert seen.expected
        assert (seen.unknown is not None) == (found is Verdict.UNKNOWN)
        assert seen.unknown is None or seen.found == seen.unknown.reason.value


@settings(max_examples=200)
@given(RULES, STORES)
def test_denying_everything_leaves_only_unknown_or_what_an_empty_list_says(rule: Assertion, store: Store) -> None:
    blind = Store(facts=dict.fromkeys(store.facts, Reason.DENIED), gaps=({},))
    found, evidence = evaluate(rule, blind.record())
    assert found is Verdict.UNKNOWN
    assert {seen.found for seen in evidence} == {"denied"}


PARAMETERS: dict[str, Parameter] = {
    name: Parameter(name=name, type=kind, description="d", default=value, value=value)
    for name, kind, value in (
        ("flag", ParameterType.BOOLEAN, True),
        ("count", ParameterType.INTEGER, 2),
        ("word", ParameterType.TEXT, "none"),
        ("words", ParameterType.TEXTS, ("none", "own")),
    )
}


@st.composite
def with_parameters(draw: st.DrawFn, rule: Assertion) -> Assertion:
    """The same rule, some of whose operands come from a parameter that fits."""
    match rule:
        case Compare(field=field, predicate=predicate):
            operator, _ = parts_of(predicate)
            fitting = [each for each in PARAMETERS.values() if not operand_misfit(field, operator, each.value)]
            chosen = draw(st.sampled_from([None, *fitting]))
            if chosen is None:
                return rule
            return Compare(field=field, predicate=predicate_of(operator, chosen.value), parameter=chosen.name)
        case AllOf(children=children) | AnyOf(children=children):
            return replace(rule, children=tuple(draw(with_parameters(child)) for child in children))
        case ForEach(where=where, require=require):
            condition = None if where is None else draw(with_parameters(where))
            return replace(rule, where=condition, require=draw(with_parameters(require)))


@settings(max_examples=300)
@given(RULES.flatmap(with_parameters))
def test_what_is_rendered_reads_back_as_the_same_tree(rule: Assertion) -> None:
    written = json.dumps({"require": render(rule)})
    document = read_document(written, file="p.yaml", refusal=PolicyError)
    reader = AssertionReader(parameters=PARAMETERS)
    assert reader.read(document.data["require"], STORE, ()) == rule
    assert not reader.problems


OPERANDS: list[ParameterValue] = [True, 1, "own", "forever", "", (), ("own",), ("none", "own")]


EXTREMES: dict[Sort, tuple[Value, ...]] = {
    Sort.TEXT: ("", "x"),
    Sort.INTEGER: (0, 9),
    Sort.DURATION: (0, FOREVER),
    Sort.BOOLEAN: (True, False),
}


@settings(max_examples=200)
@given(
    st.sampled_from(
        [(LogStore, each) for each in STORE.fields.values()] + [(Grant, each) for each in GRANT.fields.values()]
    ),
    st.sampled_from(Operator),
    st.sampled_from(OPERANDS),
)
def test_an_operand_that_fits_can_be_judged(
    spoken: tuple[type[object], Field], operator: Operator, operand: ParameterValue
) -> None:
    shape, field = spoken
    if operand_misfit(field, operator, operand):
        return
    rule = Compare(field=field, predicate=predicate_of(operator, operand))
    for value in field.members or EXTREMES[field.sort]:
        assert evaluate(rule, record(shape, {field.path: value}, {}))[0] is not Verdict.UNKNOWN
