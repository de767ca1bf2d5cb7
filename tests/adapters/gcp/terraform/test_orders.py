"""Resources that set one policy, applied and destroyed in every order: what is said to be bound is bound after each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from posture.model.facts import Known, Unknown
from posture.reading import Kept
from tests.adapters.gcp.terraform.build import bound, config, kept, known, plan
from tests.adapters.gcp.world import seen
from tests.terraform.plans import Free, change, module
from tests.testbeds.google import Record
from tests.testbeds.google_estate import DOCUMENTED, LOGS_ID, documented, good_state
from tests.testbeds.google_estate import policy as answered

ROLES = ("roles/storage.objectViewer", "roles/storage.admin")
WHO = ("user:a@x.example", "user:b@x.example", "allUsers")
NARROW = 'resource.name.startsWith("x")'
Key = tuple[str, str]
Bound = Mapping[Key, frozenset[str]]

keys = st.tuples(st.sampled_from(ROLES), st.sampled_from(("", NARROW)))
some = st.sets(st.sampled_from(WHO), min_size=1).map(frozenset)
policies = st.dictionaries(keys, some, max_size=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One resource that is applied, or destroyed. A policy has no key, and a member is one of `who`."""

    part: str
    stated: Bound
    destroyed: bool

    def after(self, state: Bound) -> Bound:
        """As the provider does it."""
        if self.part == "policy":
            return {} if self.destroyed else self.stated
        ((key, who),) = self.stated.items()
        there = state.get(key, frozenset())
        if self.part == "binding":
            left = frozenset() if self.destroyed else who
        else:
            left = there - who if self.destroyed else there | who
        return {each: members for each, members in {**state, key: left}.items() if members}

    def entry(self, name: str) -> dict[str, Free]:
        """The resource as a plan shows it."""
        address = f"google_storage_bucket_iam_{self.part}.{name}"
        values: dict[str, Free] = {"bucket": f"b/{DOCUMENTED}"}
        if self.part == "policy":
            values["policy_data"] = json.dumps({"bindings": list(written(self.stated))})
        else:
            ((role, text), who), *_ = self.stated.items()
            condition = [{"title": "t", "description": "", "expression": text}] if text else []
            values |= {"role": role, "condition": condition}
            values |= {"member": next(iter(who))} if self.part == "member" else {"members": sorted(who)}
        if self.destroyed:
            return change(address, None, actions=("delete",), before=values)
        return change(address, values, ["id", "etag"])


def written(found: Bound) -> Iterator[Record]:
    for (role, text), who in found.items():
        condition = {"condition": {"title": "t", "expression": text}} if text else {}
        yield {"role": role, "members": tuple(sorted(who)), **condition}


def step(part: str) -> st.SearchStrategy[Step]:
    stated: st.SearchStrategy[Bound] = policies
    if part == "binding":
        stated = st.tuples(keys, some).map(lambda pair: {pair[0]: pair[1]})
    if part == "member":
        one = st.sampled_from(WHO).map(lambda who: frozenset({who}))
        stated = st.tuples(keys, one).map(lambda pair: {pair[0]: pair[1]})
    return st.builds(Step, part=st.just(part), stated=stated, destroyed=st.booleans())


steps = st.lists(st.sampled_from(("policy", "binding", "member", "member")).flatmap(step), max_size=4)


def ends(start: Bound, done: Sequence[Step]) -> list[dict[str, set[str]]]:
    found = []
    for order in permutations(done):
        state = start
        for each in order:
            state = each.after(state)
        found.append(named(state))
    return found


def named(state: Bound) -> dict[str, set[str]]:
    return {f"{role} if {text}" if text else role: set(who) for (role, text), who in state.items()}


def bucket_now() -> dict[str, Free]:
    return kept(name=DOCUMENTED, project=LOGS_ID)


def scan(start: Bound) -> tuple[Kept, ...]:
    of = good_state()
    there = replace(documented(), policy=answered(*written(start)))
    return seen(replace(of, buckets={**of.buckets, DOCUMENTED: there}), DOCUMENTED)


@settings(max_examples=120)
@given(policies, steps)
def test_what_is_bound_is_bound_after_every_order(start: Bound, done: list[Step]) -> None:
    made = plan(bucket_now(), *(each.entry(f"r{number}") for number, each in enumerate(done)), root=module())
    policy = config(made, context=scan(start)).policy
    if isinstance(policy, Unknown):
        assert sum(each.part == "policy" and not each.destroyed for each in done) > 1
        return
    possible = ends(start, done)
    for end in possible:
        assert all(who <= end.get(name, set()) for name, who in bound(policy).items())
    assert policy.value.doubts or all(end == bound(policy) for end in possible)


@given(policies, keys, keys, st.sampled_from(WHO))
def test_a_member_that_is_made_anew_leaves_its_former_role(start: Bound, old: Key, new: Key, who: str) -> None:
    former, latter = (Step(part="member", stated={key: frozenset({who})}, destroyed=False) for key in (old, new))
    entry = latter.entry("m")
    entry["change"] |= {"actions": ["delete", "create"], "before": former.entry("m")["change"]["after"]}
    policy = known(config(plan(bucket_now(), entry, root=module()), context=scan(former.after(start))).policy)
    expected = latter.after(replace(former, destroyed=True).after(former.after(start)))
    assert bound(Known(value=policy, sources=())) == named(expected)
    assert policy.doubts == ()
