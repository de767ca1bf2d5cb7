"""The assertion tree, and the one evaluator: three values, with the evidence that decided.

A gap of a listing stands for items nobody saw. It is judged like an item of which only the gap's limits are known, and
it can keep a loop from passing, never make it fail.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from types import MappingProxyType
from typing import TypeAlias

from posture.frozen import dataclass
from posture.model.assessment import Evidence
from posture.model.facts import Fact, Gap, Known, Listing, Unknown
from posture.model.logic import Verdict, every, implies, negation, some
from posture.policy.predicates import Predicate, expectation, holds, parts_of
from posture.policy.vocabulary import Field, ListField, Sort, Value, sketch

Judgement: TypeAlias = tuple[Verdict, tuple[Evidence, ...]]
Limits: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
_CONDITION = ", to be in scope"
_ALTERNATIVE = ", as an alternative"
DOUBTS = "[?]"  # behind the path of a list: why items of it may be lacking
_MOST_GUESSES = 1024  # combinations of a gap's limits; beyond that the widest limits count as unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """One test of one fact. `parameter` is the name its operand came from, empty for a literal."""

    field: Field
    predicate: Predicate
    parameter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every child must hold; there is at least one."""

    children: tuple[Assertion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Some child must hold; there is at least one."""

    children: tuple[Assertion, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ForEach:
    """Every item that satisfies `where` must satisfy `require`.

    How lacking items are judged depends on their limits alone, so each kind of gap is judged once.
    """

    listing: ListField
    require: Assertion
    where: Assertion | None = field(default=None)
    reads: frozenset[str] = field(init=False, compare=False, repr=False)  # paths of an item
    texts: Mapping[str, frozenset[Value]] = field(init=False, compare=False, repr=False)  # by path, what is named there
    lacking: dict[Limits, Verdict] = field(default_factory=dict, init=False, compare=False, repr=False)  # once judged

    def __post_init__(self) -> None:
        where = frozenset[str]() if self.where is None else words_used(self.where)
        object.__setattr__(self, "reads", words_used(self.require) | where)
        object.__setattr__(self, "texts", _texts((self.require,) if self.where is None else (self.require, self.where)))


Assertion: TypeAlias = Compare | AllOf | AnyOf | ForEach


def evaluate(assertion: Assertion, record: object) -> Judgement:
    """The verdict on a record, and the evidence of whatever decided it."""
    return _judge(assertion, record, "")


def words_used(assertion: Assertion) -> frozenset[str]:
    """Every path the assertion reads; those of items are written `grants[].scope`."""
    match assertion:
        case Compare(field=compared):
            return frozenset({compared.path})
        case AllOf(children=children) | AnyOf(children=children):
            return frozenset().union(*(words_used(child) for child in children))
        case ForEach(listing=listing, reads=items):
            return frozenset({listing.path, *(f"{listing.path}[].{path}" for path in items)})


def words_quoted(assertion: Assertion) -> frozenset[str]:
    """What may be quoted as evidence beside what is read: why items may lack, what names one, what gives it."""
    match assertion:
        case Compare():
            return frozenset()
        case AllOf(children=children) | AnyOf(children=children):
            return frozenset().union(*map(words_quoted, children))
        case ForEach(listing=listing, require=require, where=where):
            inner = words_quoted(require) | (frozenset[str]() if where is None else words_quoted(where))
            shape = listing.record
            names = (word.path for word in (*shape.naming, shape.giving) if word is not None)
            return frozenset({f"{listing.path}{DOUBTS}", *(f"{listing.path}[].{word}" for word in (*inner, *names))})


def _judge(assertion: Assertion, record: object, prefix: str) -> Judgement:
    match assertion:
        case Compare(field=compared):
            return _compared(prefix + compared.path, compared.read(record), assertion)
        case AllOf(children=children):
            verdict, evidence = _decided(every, [_judge(child, record, prefix) for child in children])
            return verdict, tuple({(seen.path, seen.expected, seen.unknown): seen for seen in evidence}.values())
        case AnyOf(children=children):
            return _either([_judge(child, record, prefix) for child in children])
        case ForEach():
            return _looped(assertion, assertion.listing.read(record), prefix + assertion.listing.path)


def _compared(path: str, fact: Fact[Value], test: Compare) -> Judgement:
    if isinstance(fact, Unknown):
        verdict, found = Verdict.UNKNOWN, fact.reason.value
    else:
        verdict = Verdict.PASS if holds(test.predicate, fact.value) else Verdict.FAIL
        found = test.field.words(fact.value) or "empty text"
    seen = Evidence(
        path=path,
        found=found,
        expected=expectation(test.predicate, test.parameter),
        verdict=verdict,
        sources=fact.sources,
        unknown=fact if isinstance(fact, Unknown) else None,
    )
    return verdict, (seen,)


def _decided(combine: Callable[[Iterable[Verdict]], Verdict], judgements: list[Judgement]) -> Judgement:
    verdict = combine(verdict for verdict, _ in judgements)
    return verdict, tuple(seen for each, evidence in judgements if each is verdict for seen in evidence)


def _either(judgements: list[Judgement]) -> Judgement:
    """Where no way of several is open, the first is what is expected, and the others are its alternatives."""
    verdict = some(verdict for verdict, _ in judgements)
    first, *others = (evidence for each, evidence in judgements if each is verdict)
    if verdict is Verdict.PASS:
        return verdict, first + tuple(itertools.chain(*others))
    return verdict, first + tuple(_noted(seen, _ALTERNATIVE) for evidence in others for seen in evidence)


def _looped(loop: ForEach, listing: Listing[object], path: str) -> Judgement:
    judgements = [_item(loop, item, f"{path}[{index}]") for index, item in enumerate(listing.items)]
    judgements += [_gap(loop, gap, path) for gap in listing.gaps]
    verdict, evidence = _decided(every, judgements)
    if evidence:
        return verdict, evidence
    empty = Evidence(
        path=path,
        found="nothing that matters here" if listing.gaps else "empty",
        expected="no item that breaks the rule",
        verdict=verdict,
        sources=listing.sources,
    )
    return verdict, (empty,)


def _item(loop: ForEach, item: object, path: str) -> Judgement:
    require, evidence = _judge(loop.require, item, path + ".")
    verdict, deciding = require, evidence
    if loop.where is not None:
        where, condition = _judge(loop.where, item, path + ".")
        verdict = implies(where, require)
        deciding = evidence if require is verdict else ()
        if negation(where) is verdict and (verdict is Verdict.UNKNOWN or not deciding):
            deciding += tuple(_noted(seen, _CONDITION, verdict) for seen in condition)
    shape = loop.listing.record
    named, by = shape.name_of(item), shape.given_by(item) if verdict is Verdict.FAIL else ""
    return verdict, tuple(
        replace(seen, item=seen.item or named, by=seen.by or (by if number == 0 else "")) if named or by else seen
        for number, seen in enumerate(deciding)
    )


def _noted(seen: Evidence, note: str, verdict: Verdict | None = None) -> Evidence:
    """With a note on what was expected, once."""
    return Evidence(
        path=seen.path,
        found=seen.found,
        expected=seen.expected if seen.expected.endswith(note) else seen.expected + note,
        verdict=seen.verdict if verdict is None else verdict,
        sources=seen.sources,
        unknown=seen.unknown,
        item=seen.item,
        by=seen.by,
    )


def _gap(loop: ForEach, gap: Gap, path: str) -> Judgement:
    fields = loop.listing.record.fields
    limits = tuple(
        (name, _told_apart(loop, name, texts)) for name, texts in gap.limits if name in loop.reads and name in fields
    )
    verdict = loop.lacking.get(limits)
    if verdict is None:
        guesses = _guesses(loop, limits, gap.unknown)
        verdict = every(max(Verdict.UNKNOWN, _item(loop, guess, path)[0]) for guess in guesses)
        loop.lacking[limits] = verdict
    if verdict is Verdict.PASS:
        return verdict, ()
    seen = Evidence(
        path=path,
        found=gap.unknown.reason.value,
        expected="a complete list",
        verdict=verdict,
        sources=gap.unknown.sources,
        unknown=gap.unknown,
    )
    return verdict, (seen,)


def _told_apart(loop: ForEach, name: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    """Texts that no test names are all alike to the loop."""
    named = loop.texts.get(name)
    if named is None or _ANOTHER in named:
        return texts
    return tuple(dict.fromkeys(text if text in named else _ANOTHER for text in texts))


def _texts(assertions: Iterable[Assertion]) -> Mapping[str, frozenset[Value]]:
    """By the path of each fact that is any text: every text that tests of it name."""
    found: dict[str, frozenset[Value]] = {}
    for assertion in assertions:
        match assertion:
            case Compare(field=tested, predicate=predicate) if tested.sort is Sort.TEXT:
                _, operand = parts_of(predicate)
                texts = operand if isinstance(operand, tuple) else (operand,)
                found[tested.path] = found.get(tested.path, frozenset()).union(texts)
            case AllOf(children=children) | AnyOf(children=children):
                for path, named in _texts(children).items():
                    found[path] = found.get(path, frozenset()) | named
            case _:
                pass
    return found


def _guesses(loop: ForEach, limits: Limits, otherwise: Unknown) -> Iterator[object]:
    """What a lacking item can look like, as far as the loop would look."""
    fields = loop.listing.record.fields
    choices = [_choices(fields[path], texts) for path, texts in limits]
    narrow = sorted((each for each in choices if each), key=len)
    while math.prod(len(each) for each in narrow) > _MOST_GUESSES:
        narrow.pop()
    for combination in itertools.product(*narrow):
        yield sketch(loop.listing.item, facts=dict(combination), listings={}, otherwise=otherwise)


def _choices(limited: Field, texts: Iterable[str]) -> list[tuple[str, Fact[Value]]]:
    """The values a gap promises; none, which is no promise, when one of them cannot be read."""
    values = [limited.value(_LITERALS.get(text, text) if limited.sort is Sort.BOOLEAN else text) for text in texts]
    if None in values:
        return []
    return [(limited.path, Known(value=value, sources=())) for value in values if value is not None]


_ANOTHER = "\0"
_LITERALS: Mapping[str, bool] = MappingProxyType({"true": True, "false": False})
