"""What the resources of a plan are called, whichever wing asks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.adapters.planned import NEEDS_CONTEXT, Names, Naming, Namings, Premises, placeholder
from posture.adapters.registry import PLANNED, RESOURCES
from posture.adapters.wings import planned_names, planned_wings
from posture.model.facts import Fact, Known, Reason, Unknown
from posture.model.leads import RoleRef, StoreRef
from posture.model.settings import Settings
from posture.model.subjects import Kind, Provider
from posture.reading import Call, Reading
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from tests.terraform.plans import change, module, one, planned, refs, store, written

T = TypeVar("T")
NAMED = Identity(kinds=("x_store", "data.x_store"), attributes=("name", "id", "arn"))
PEOPLE = Identity(kinds=("x_role",), attributes=("arn",), invented=True)


def ref(name: str) -> StoreRef:
    return StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=name)


def value(fact: Fact[T]) -> T:
    assert isinstance(fact, Known)
    return fact.value


def of_store(resource: Resource) -> StoreRef:
    name = resource.after.text("name")
    return ref(name.value if isinstance(name, Known) and name.value else placeholder(resource))


def of_role(resource: Resource) -> RoleRef:
    return RoleRef(provider=Provider.AWS, arn=placeholder(resource))


def names(plan: Plan) -> Names:
    stores = Naming(identity=NAMED, of=of_store, other=lambda text: ref(text) if text.islower() else None)
    roles = Naming(identity=PEOPLE, of=of_role, other=lambda text: RoleRef(provider=Provider.AWS, arn=text))
    return Names(plan, [(lambda: Namings(stores=(stores,)), True), (lambda: Namings(roles=(roles,)), True)])


def test_a_wing_without_resources_is_made_for_the_first_text_that_may_name_something_of_it() -> None:
    rule = {"store": "logs", "id": "r"}
    plan = planned([store("x_store.a", name="logs"), change("x_rule.r", rule), change("x_rule.s", {"store": "other"})])
    made = []

    def later() -> Namings:
        made.append("wing")
        return Namings(
            stores=(Naming(identity=Identity(kinds=("y_store",), attributes=("name",)), of=of_store, other=ref),)
        )

    stores = Naming(identity=NAMED, of=of_store, other=lambda _: None)
    found = Names(plan, [(lambda: Namings(stores=(stores,)), True), (later, False)])
    assert value(found.store(one(plan, "x_rule.r"), "store")) == ref("logs")
    assert not made
    assert [value(found.store(one(plan, "x_rule.s"), "store")) for _ in range(2)] == [ref("other")] * 2
    assert made == ["wing"]


def test_a_resource_is_called_by_its_name_else_by_its_address() -> None:
    plan = planned([store("x_store.a", name="logs"), store("x_store.b")])
    found = names(plan)
    assert found.stores() == (ref("logs"), ref("(x_store.b)"))
    assert found.target(one(plan, "x_store.b")) == ref("(x_store.b)")
    with_prefix = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="logs", prefix="audit")
    assert found.resource(with_prefix) is one(plan, "x_store.a")
    assert found.resource(ref("elsewhere")) is None


def test_an_attribute_names_a_planned_store_by_reference_or_by_value() -> None:
    rules = [change("x_rule.r", {}, ["store"]), change("x_rule.s", {"store": "logs"})]
    configuration = module(written("x_rule.r", store=refs("x_store.b.id", "x_store.b")))
    plan = planned([store("x_store.a", name="logs"), store("x_store.b"), *rules], configuration)
    found = names(plan)
    reference, value = (found.store(one(plan, address), "store") for address in ("x_rule.r", "x_rule.s"))
    assert isinstance(reference, Known)
    assert reference.value == ref("(x_store.b)")
    assert isinstance(value, Known)
    assert value.value == ref("logs")


@pytest.mark.parametrize(("text", "expected"), [("elsewhere", ref("elsewhere")), ("NO NAME", None), (None, None)])
def test_what_no_resource_is_called_is_outside_of_the_plan(text: str | None, expected: StoreRef | None) -> None:
    plan = planned([store("x_store.a", name="logs"), change("x_rule.r", {"store": text})])
    fact = names(plan).store(one(plan, "x_rule.r"), "store")
    assert isinstance(fact, Known)
    assert fact.value == expected


def test_what_may_be_a_planned_store_is_not_taken_for_another() -> None:
    plan = planned([store("x_store.a"), change("x_rule.r", {"store": "logs"})])
    assert isinstance(names(plan).store(one(plan, "x_rule.r"), "store"), Unknown)


def test_a_data_source_is_named_but_not_made_here() -> None:
    data = change("data.x_store.old", {"name": "old", "id": "old"}, actions=("read",))
    rules = change("x_rule.r", {}, ["store"])
    plan = planned([data, rules], module(written("x_rule.r", store=refs("data.x_store.old.id", "data.x_store.old"))))
    found = names(plan)
    fact = found.store(one(plan, "x_rule.r"), "store")
    assert isinstance(fact, Known)
    assert fact.value == ref("old")
    assert found.resource(ref("old")) is None
    assert found.stores() == ()


def test_kinds_of_targets_are_not_mixed_up() -> None:
    role = change("x_role.w", {}, ["arn"])
    link = change("x_link.l", {}, ["role"])
    plan = planned([role, link], module(written("x_link.l", role=refs("x_role.w.arn", "x_role.w"))))
    fact = names(plan).role(one(plan, "x_link.l"), "role")
    assert isinstance(fact, Known)
    assert fact.value == RoleRef(provider=Provider.AWS, arn="(x_role.w)")
    assert isinstance(names(plan).store(one(plan, "x_link.l"), "role"), Unknown | Known)


@given(st.lists(st.text(st.characters(exclude_characters='"\\', exclude_categories=("Cc", "Cs")), max_size=250)))
def test_placeholders_differ_and_hold_no_pattern(keys: list[str]) -> None:
    chosen = dict.fromkeys(keys)
    resources = [store(f'x_store.a["{key}"]') for key in chosen if "${" not in key and "%{" not in key]
    made = [placeholder(resource) for resource in planned(resources).resources]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"\([^()*?${}/:\s]+\)", text) for text in made)


def test_a_secret_in_a_key_is_not_shown() -> None:
    secret = "dapi" + "0123456789abcdef" * 2
    plan = planned([store(f'x_store.a["{secret}"]'), store('x_store.a["[redacted]"]')])
    one_name, other = map(placeholder, plan.resources)
    assert secret not in one_name
    assert one_name != other


def test_what_no_context_holds_says_what_would_help() -> None:
    unkept = Unknown(reason=Reason.NOT_COLLECTED, detail="nobody asked", needs=NEEDS_CONTEXT)
    reading = Reading(as_of=datetime(2026, 1, 1, tzinfo=UTC), replayed=(), unkept=unkept)
    call = Call(operation="s3:GetBucketPolicy", permission="s3:GetBucketPolicy")

    def perform() -> dict[str, object]:
        raise AssertionError("a replay makes no call")

    answer = reading.read(call, identity="aws:default", resource="logs", parameters={}, perform=perform)
    pages = reading.read_all(call, identity="aws:default", resource="x", parameters={}, pages=lambda: [perform()])
    for unknown in (answer, pages.gap):
        assert isinstance(unknown, Unknown)
        assert (unknown.reason, unknown.detail, unknown.needs) == (unkept.reason, unkept.detail, unkept.needs)


def test_only_wings_whose_resources_a_plan_has_are_loaded() -> None:
    assert set(RESOURCES) == set(PLANNED)
    tfplan = planned([change("aws_s3_bucket.logs", {"bucket": "acme-logs"}, ["arn", "id"])])
    premises = Premises(
        plan=tfplan, settings=Settings(), context=Reading(as_of=datetime(2026, 6, 1, tzinfo=UTC), replayed=())
    )
    assert set(planned_wings(premises, planned_names(premises))) == {Provider.AWS}
