"""Subjects that look alike to a control are judged once, and each has the row that it would have alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture import assess as room
from posture.assess import assess, exit_code
from posture.estate import Joined
from posture.model.assessment import Assessment, Evidence, Finding, SubjectInfo
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.model.logic import Outcome, Severity
from posture.model.rows import Column
from posture.model.subjects import About, Grant, LogStore, Mode
from posture.policy.assertions import Assertion, Compare, ForEach, evaluate
from posture.policy.controls import Policy
from posture.policy.digests import facts_digest
from posture.policy.document import parse_policy
from posture.policy.predicates import predicate_of
from posture.policy.vocabulary import Operator, Value, record_of, sketch, vocabulary
from tests.policy.samples import POLICY
from tests.policy.test_properties import GRANT_DOMAINS, LOOPS, RULES, STORE_DOMAINS
from tests.reports.assessments import as_rows, mixed
from tests.reports.planned import planned

TODAY = date(2026, 11, 27)
POLICIES = parse_policy(POLICY, "p.yaml")
CONTROL = replace(next(each for each in POLICIES.controls if each.info.about is About.STORE), applies_to=())
NAME = "NAME"  # stands for what the subject is called
NAMES = ("logs", "logs-1", "own", "read")  # one within another, and two that are values too
ADDRESSES = (  # the first ones take each other's place, the last ones do not
    ("aws_s3_bucket.a", "aws_s3_bucket_policy.a"),
    ('module.m["b.c"].aws_s3_bucket.b["x]"]', 'module.m["b.c"].aws_s3_bucket_policy.a[1]'),
    ("aws_s3_bucket.b[0]", "aws_s3_bucket_policy.a"),
    ("s3:GetBucketAcl", "s3:GetBucketPolicy"),
    ("aws_s3_bucket.a", "aws_s3_bucket.b"),
    ("aws_s3_bucket.a",),
)
GRANTS, GRANT = vocabulary(About.STORE).lists["grants"], record_of(Grant)
Told: TypeAlias = tuple[Value | Reason, tuple[int, ...]]  # a value or why it is not known, and the sources by number


@dataclass(frozen=True, slots=True)
class Template:
    """A store, without its name and its addresses."""

    facts: Mapping[str, Told]
    grants: tuple[Mapping[str, Told], ...]
    gaps: tuple[tuple[tuple[int, ...], tuple[tuple[str, tuple[str, ...]], ...]], ...]
    sources: tuple[int, ...]

    def joined(self, number: int, name: str, addresses: tuple[str, ...], mode: Mode) -> Joined:
        """The store of this name, whose facts are from these addresses."""

        def sources(of: tuple[int, ...]) -> tuple[Source, ...]:
            return tuple(Source(operation=addresses[each % len(addresses)], pointer=f"/{each % 2}") for each in of)

        def record(shape: type[object], facts: Mapping[str, Told], grants: Listing[object]) -> object:
            read = {path: fact(shape, path, *told) for path, told in facts.items()}
            listings = {"grants": grants} if shape is LogStore else {}
            return sketch(shape, facts=read, listings=listings, otherwise=Unknown(reason=Reason.NOT_COLLECTED))

        def fact(shape: type[object], path: str, value: Value | Reason, of: tuple[int, ...]) -> Fact[Value]:
            if isinstance(value, Reason):
                return Unknown(reason=value, detail=f"{name} is not known", sources=sources(of))
            read = record_of(shape).fields[path].value(name if value == NAME else value)
            assert read is not None
            return Known(value=read, sources=sources(of))

        gaps = tuple(
            Gap(
                unknown=Unknown(reason=Reason.UNDETERMINED, detail=f"whether {name} can", sources=sources(of)),
                limits=tuple((path, tuple(name if text == NAME else text for text in texts)) for path, texts in limits),
            )
            for of, limits in self.gaps
        )
        nothing: Listing[object] = Listing(items=())
        items = tuple(record(Grant, each, nothing) for each in self.grants)
        return Joined(
            info=SubjectInfo(about=About.STORE, uri=f"s3://{number}", mode=mode, name=name),
            record=record(  # type: ignore[arg-type] # a sketch of a store is one
                LogStore, self.facts, Listing(items=items, gaps=gaps, sources=sources(self.sources))
            ),
        )


@dataclass(frozen=True, slots=True)
class Store:
    """What one is made from."""

    template: Template
    number: int
    name: str
    addresses: tuple[str, ...]
    mode: Mode

    def joined(self) -> Joined:
        return self.template.joined(self.number, self.name, self.addresses, self.mode)


NUMBERS = st.lists(st.integers(0, 5), max_size=2).map(tuple)


def told(domains: Mapping[str, tuple[Value, ...]]) -> st.SearchStrategy[Mapping[str, Told]]:
    reasons = st.sampled_from([Reason.DENIED, Reason.UNDETERMINED])
    return st.fixed_dictionaries(
        {path: st.tuples(st.sampled_from(domain) | reasons, NUMBERS) for path, domain in domains.items()}
    )


LIMITS = st.sampled_from(
    [("principal", (NAME,)), ("principal", ("own", NAME)), ("action", ("read", "write")), ("unread", ("x",))]
)
GRANT_FACTS = told({**GRANT_DOMAINS, "principal": (NAME, "own", "*")})
TEMPLATES = st.builds(
    Template,
    told(STORE_DOMAINS),
    st.lists(GRANT_FACTS, max_size=2).map(tuple),
    st.lists(st.tuples(NUMBERS, st.lists(LIMITS, max_size=2).map(tuple)), max_size=2).map(tuple),
    NUMBERS,
)
NAMED = st.builds(
    lambda operator, name: Compare(field=GRANT.fields["principal"], predicate=predicate_of(operator, name)),
    st.sampled_from([Operator.EQUALS, Operator.NOT_EQUALS]),
    st.sampled_from(NAMES),
)
ASSERTIONS = RULES | LOOPS | NAMED.map(lambda test: ForEach(listing=GRANTS, require=test))


@st.composite
def estates(draw: st.DrawFn) -> tuple[Store, ...]:
    """Stores made from one template, some of which differ in one thing."""
    template = draw(TEMPLATES)
    found = []
    for number in range(draw(st.integers(2, 6))):
        addresses = draw(st.sampled_from(ADDRESSES))
        name, mode = draw(st.sampled_from(NAMES)), draw(st.sampled_from([Mode.PLANNED, Mode.LIVE]))
        made = changed(draw, template) if draw(st.booleans()) else template
        found.append(Store(made, number, name, addresses, mode))
    return tuple(found)


def changed(draw: st.DrawFn, template: Template) -> Template:
    other = draw(TEMPLATES)
    path, inner = draw(st.sampled_from(sorted(STORE_DOMAINS))), draw(st.sampled_from(sorted(GRANT_DOMAINS)))
    first, *rest = template.grants or ({},)
    return draw(
        st.sampled_from(
            [
                replace(template, facts={**template.facts, path: other.facts[path]}),
                replace(template, grants=other.grants),
                replace(template, grants=({**first, inner: draw(GRANT_FACTS)[inner]}, *rest)),
                replace(template, gaps=other.gaps),
                replace(template, sources=other.sources),
            ]
        )
    )


def policy_of(rules: list[Assertion]) -> Policy:
    controls = [
        replace(CONTROL, info=replace(CONTROL.info, id=f"rule-{number}"), require=rule)
        for number, rule in enumerate(rules)
    ]
    return replace(POLICIES, controls=tuple(controls))


Row: TypeAlias = tuple[str, str, Outcome, tuple[Evidence, ...], str]


def alone(policy: Policy, estate: tuple[Joined, ...]) -> Iterator[Row]:
    for control in policy.controls:
        for subject in estate:
            verdict, evidence = evaluate(control.require, subject.record)
            yield control.info.id, subject.info.uri, Outcome.of(verdict), evidence, facts_digest(evidence)


@settings(max_examples=100)
@given(st.lists(ASSERTIONS, min_size=1, max_size=6), estates())
def test_every_subject_has_the_row_that_it_would_have_alone(rules: list[Assertion], stores: tuple[Store, ...]) -> None:
    policy, estate = policy_of(rules), tuple(store.joined() for store in stores)
    rows = assess((policy,), estate, (), TODAY).findings
    found = [(row.control.id, row.subject.uri, row.outcome, tuple(row.evidence), row.facts_digest) for row in rows]
    assert found == list(alone(policy, estate))


@given(RULES, TEMPLATES)
def test_a_control_judges_one_of_many_alike(rule: Assertion, template: Template) -> None:
    plain = replace(template, gaps=(), grants=())  # nothing of it is named after the subject
    facts = {path: (value, of) for path, (value, of) in plain.facts.items() if not isinstance(value, Reason)}
    names = [(f"logs-{number}", (f"module.logs[{number}].aws_s3_bucket.this",)) for number in range(10)]
    estate = tuple(replace(plain, facts=facts).joined(number, *name, Mode.PLANNED) for number, name in enumerate(names))
    with patch.object(room, "evaluate", wraps=evaluate) as judged:
        assert len(assess((policy_of([rule]),), estate, (), TODAY).findings) == len(estate)
    assert judged.call_count == 1


OWN = ForEach(
    listing=GRANTS, require=Compare(field=GRANT.fields["scope"], predicate=predicate_of(Operator.EQUALS, "own"))
)
QUOTING = {
    "the name of an item": Template({}, ({"principal": (NAME, ()), "scope": ("public", ())},), (), ()),
    "why an item may be lacking": Template({}, (), (((), ()),), ()),
}


@pytest.mark.parametrize("template", QUOTING.values(), ids=QUOTING)
def test_what_evidence_quotes_is_told_apart(template: Template) -> None:
    estate = tuple(
        template.joined(number, name, ADDRESSES[0], Mode.PLANNED) for number, name in enumerate(("a", "b", "a"))
    )
    policy = policy_of([OWN])
    with patch.object(room, "evaluate", wraps=evaluate) as judged:
        rows = assess((policy,), estate, (), TODAY).findings
    assert [tuple(row.evidence) for row in rows] == [evidence for _, _, _, evidence, _ in alone(policy, estate)]
    assert judged.call_count == len({tuple(row.evidence) for row in rows}) == 2


@pytest.mark.parametrize("made", [mixed, planned])
@pytest.mark.parametrize("fail_on", Severity)
def test_the_exit_code_makes_no_row(made: Callable[[], Assessment], fail_on: Severity) -> None:
    whole = made()
    rows = as_rows(whole).findings

    def code(findings: Iterable[Finding]) -> int:
        return exit_code(findings, whole.subjects, (), fail_on, allow_unknown=False)

    with patch.object(Column, "_row", side_effect=AssertionError("a row was made")):
        found = code(rows)
    assert found == code(whole.findings)
