"""Reads which constraints are in effect for a project, whatever level sets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from posture.adapters.gcp import calls
from posture.adapters.gcp.constraints import DOMAINS, VALUES, refused
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.members import Record, each, flag, found, record, setting, texts
from posture.model.facts import Fact, Known, Reason, Source, Unknown, any_true, every_known

T = TypeVar("T")


def enforced(constraint: str, number: str, caller: Caller) -> Fact[bool]:
    """A rule without a condition decides; one with a condition is for resources with a tag, which are not read."""

    def decided(rules: tuple[Record, ...]) -> Fact[bool]:
        values = {flag(rule, "enforce") for rule in rules}
        if None in values:
            return Unknown(reason=Reason.MALFORMED, detail=f"a rule of {constraint} that enforces neither nor does not")
        if len(values) > 1 and any("condition" in rule for rule in rules):
            return _by_tags(constraint)
        return Known(value=values == {True}, sources=())

    return _rules(constraint, number, caller).then(decided)


def refuses(constraint: str, number: str, caller: Caller) -> Fact[frozenset[str]]:
    """The values that a constraint with a list denies."""

    def of_rule(rule: Record) -> Fact[frozenset[str]]:
        return _listed(constraint, rule, lambda allowed, denied: refused(constraint, allowed, denied), VALUES)

    rules = _rules(constraint, number, caller)
    return rules.then(lambda read: every_known(map(of_rule, read))).map(lambda all_of: frozenset[str]().union(*all_of))


def restricts_domains(number: str, caller: Caller) -> Fact[bool]:
    """Whether new bindings are for chosen organisations only."""

    def of_rule(rule: Record) -> Fact[bool]:
        return _listed(DOMAINS, rule, lambda allowed, denied: bool(allowed or denied), {DOMAINS: True})

    nothing: Fact[bool] = Known(value=False, sources=())
    return _rules(DOMAINS, number, caller).then(lambda rules: any_true((*map(of_rule, rules), nothing)))


def _listed(
    constraint: str,
    rule: Record,
    read: Callable[[tuple[str, ...], tuple[str, ...]], T],
    everything: Mapping[str, T],
) -> Fact[T]:
    values = record(rule.get("values"))
    allowed, denied = texts(values, "allowedValues"), texts(values, "deniedValues")
    if "condition" in rule:
        return _by_tags(constraint)
    if allowed is None or denied is None:
        return Unknown(reason=Reason.MALFORMED, detail=f"no usable values of {constraint}")
    return Known(value=everything[constraint] if flag(rule, "denyAll") else read(allowed, denied), sources=())


def _by_tags(constraint: str) -> Unknown:
    return Unknown(reason=Reason.UNDETERMINED, detail=f"{constraint} depends on tags, which are not read")


def _rules(constraint: str, number: str, caller: Caller) -> Fact[tuple[Record, ...]]:
    answer = caller.read(
        calls.GET_CONSTRAINT, resource=f"projects/{number}/{constraint}", project=number, constraint=constraint
    )

    def rules(value: Record, source: Source) -> Fact[tuple[Record, ...]]:
        place = source.at("spec", "rules")
        return found(each(record(value.get("spec")).get("rules"), lambda rule, _: rule or None, place), place, "rules")

    return setting(answer, rules)
