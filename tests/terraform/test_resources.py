import pytest

from posture.errors import PlanError
from posture.model.facts import Known, Unknown
from posture.terraform.resources import Action
from tests.terraform.plans import STORE, Free, change, document, module, one, planned, read, store, written

BEFORE = {"name": "old"}


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (("no-op",), Action.NO_OP),
        (("create",), Action.CREATE),
        (("update",), Action.UPDATE),
        (("delete", "create"), Action.REPLACE),
        (("create", "delete"), Action.REPLACE),
        (("create", "forget"), Action.REPLACE_AND_FORGET),
        (("read",), Action.READ),
        (("something", "new"), Action.OTHER),
    ],
)
def test_what_is_planned_for_a_resource_that_will_be_there(actions: tuple[str, ...], action: Action) -> None:
    plan = planned([change("x_store.a", {"name": "a"}, actions=actions, before=BEFORE)])
    assert one(plan, "x_store.a").action is action
    assert plan.departures == ()


@pytest.mark.parametrize(("actions", "action"), [("delete", Action.DELETE), ("forget", Action.FORGET)])
def test_what_leaves_is_no_resource_also_where_the_values_still_name_it(actions: str, action: Action) -> None:
    values = {"root_module": {"resources": [{**change("x_store.a"), "values": BEFORE}]}}
    plan = planned([change("x_store.a", None, actions=(actions,), before=BEFORE)], planned_values=values)
    assert plan.resources == ()
    (departure,) = plan.departures
    assert (departure.action, departure.address.text) == (action, "x_store.a")
    assert "old" in repr(departure.before.text("name"))


def test_an_old_object_that_waits_to_be_destroyed_hides_nothing() -> None:
    waiting = {**change("x_store.a", None, actions=("delete",), before=BEFORE), "deposed": "ab12"}
    plan = planned([waiting, store(name="new")])
    assert [resource.address.text for resource in plan.resources] == ["x_store.a"]
    assert plan.departures == ()


def test_what_is_new_and_what_is_only_taken_over() -> None:
    plan = planned([store(), change("x_store.b", {"name": "b"}, change={"importing": {"id": "b"}})])
    assert one(plan, "x_store.a").new
    assert not one(plan, "x_store.b").new


def test_where_it_was_before_it_moved_and_why() -> None:
    plan = planned([change("x_store.b", {}, actions=("no-op",), previous_address="x_store.a", action_reason="because")])
    resource = one(plan, "x_store.b")
    assert (resource.previous_address, resource.reason) == ("x_store.a", "because")


def test_the_provider_has_no_host() -> None:
    plan = planned([store("x_store.a"), {**store("x_store.b"), "provider_name": "x"}])
    assert [resource.provider for resource in plan.resources] == ["acme/x", "x"]


def test_a_secret_of_one_side_is_a_secret_of_both() -> None:
    sides: dict[str, Free] = {"before": {"key": "hunter2"}, "actions": ("update",)}
    for mask in ("before_sensitive", "after_sensitive"):
        masks: dict[str, Free] = {mask: {"key": True}}
        plan = planned([change("x_store.a", {"key": "hunter2"}, **sides, **masks)])
        assert "hunter2" not in repr(plan)


def test_literals_variables_and_provider_settings_are_not_kept_in_view() -> None:
    root = module(written("x_store.a", key={"constant_value": "hunter2"}))
    members = {
        "variables": {"v": {"value": "hunter2"}},
        "configuration": {
            "root_module": root,
            "provider_config": {"x": {"expressions": {"secret": {"constant_value": "hunter2"}}}},
        },
    }
    plan = planned([change("x_store.a", {"key": "hunter2"}, after_sensitive={"key": True})], **members)
    assert "hunter2" not in repr(plan)
    assert "hunter2" not in repr(vars(plan.inventory))


def test_values_without_changes_leave_open_what_they_leave_out() -> None:
    body = {
        **document([]),
        "planned_values": {"root_module": {"resources": [{**change("x_store.a"), "values": {"name": "a"}}]}},
    }
    resource = one(read(body), "x_store.a")
    assert resource.action is Action.NONE
    assert isinstance(resource.after.text("name"), Known)
    assert isinstance(resource.after.optional("days").number(), Unknown)


def test_a_resource_of_which_nothing_is_known_is_there() -> None:
    body = {
        **document([]),
        "planned_values": {"root_module": {"child_modules": [{"resources": [change("module.m.x_store.a")]}]}},
    }
    assert isinstance(one(read(body), "module.m.x_store.a").after.text("name"), Unknown)
    plan = planned([change("x_store.a", None, change={"after_unknown": True})])
    assert isinstance(one(plan, "x_store.a").after.text("name"), Unknown)


def test_data_that_was_read_comes_from_the_state_before() -> None:
    state = {
        "values": {
            "root_module": {
                "resources": [{**change(name), "values": {"name": "x"}} for name in ("data.x_who.me", "x_store.old")]
            }
        }
    }
    plan = planned([store()], prior_state=state)
    assert [resource.address.text for resource in plan.resources] == ["x_store.a", "data.x_who.me"]
    assert [resource.address.text for resource in plan.prior] == ["data.x_who.me", "x_store.old"]
    assert plan.of_kind("data.x_who")[0].action is Action.NONE


def test_what_is_deferred_is_there_and_says_so() -> None:
    plan = planned(
        [], deferred_changes=[{"reason": "provider_config_unknown", "resource_change": store('x_store.a["k"]')}]
    )
    assert one(plan, 'x_store.a["k"]').deferred == "provider_config_unknown"
    assert plan.incomplete


def test_drift() -> None:
    plan = planned([], resource_drift=[change("x_store.a", {"name": "b"}, actions=("update",), before=BEFORE)])
    (drift,) = plan.drift
    assert drift.before is not None
    assert drift.after is not None
    assert "old" in repr(drift.before.text("name"))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({**store(), "type": "other"}, "expected an address that agrees"),
        ({**store(), "mode": "data"}, "expected an address that agrees"),
        ({**store(), "address": "x_store"}, "expected the address of a resource"),
        (change("x_store.a", None, actions=("delete",)), "expected the object that leaves"),
        ({**store(), "change": []}, "change: expected an object"),
        ({**store(), "change": {"actions": "create"}}, "actions: expected an array of texts"),
        ({**store(), "change": {"actions": ["create"], "after": [1]}}, "after: expected an object"),
    ],
)
def test_an_entry_that_cannot_be_understood_is_refused_not_passed_over(entry: dict[str, Free], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        planned([entry])


def test_one_address_twice_is_refused() -> None:
    with pytest.raises(PlanError, match=r"`x_store\.a` is here twice"):
        planned([store(), store()])


def providers(**expressions: Free) -> dict[str, Free]:
    return {
        "variables": {"region": {"value": "eu-1"}, "key": {"value": "hunter2"}},
        "configuration": {
            "provider_config": {"x": {"name": "x", "expressions": expressions}},
            "root_module": {
                **module(written("x_store.a")),
                "variables": {"region": {}, "unset": {}, "key": {"sensitive": True}},
            },
        },
    }


@pytest.mark.parametrize(
    ("expression", "value"),
    [({"constant_value": "eu-1"}, "eu-1"), ({"references": ["var.region"]}, "eu-1"), (None, None)],
)
def test_a_provider_setting_that_is_known(expression: object, value: object) -> None:
    plan = planned([store()], **providers(region=expression))
    fact = plan.provider_setting(one(plan, "x_store.a"), "region")
    assert isinstance(fact, Known)
    assert fact.value == value


@pytest.mark.parametrize(
    "expression",
    [
        {"references": ["var.unset"]},
        {"references": ["var.key"]},
        {"references": ["local.x"]},
        {"references": ["var.none"]},
        7,
    ],
)
def test_a_provider_setting_that_is_not(expression: object) -> None:
    plan = planned([store()], **providers(region=expression))
    assert isinstance(plan.provider_setting(one(plan, "x_store.a"), "region"), Unknown)
    assert isinstance(planned([store()]).provider_setting(one(planned([store()]), "x_store.a"), "region"), Unknown)


def test_before_a_plan_there_was_what_leaves_and_not_what_is_made() -> None:
    plan = planned(
        [
            store("x_store.new"),
            change("x_store.stays", {"name": "b"}, actions=("update",), before={"name": "a"}),
            change("x_store.gone", None, actions=("delete",), before={"name": "g"}),
            change("x_rule.r", {"store": "b"}, actions=("update",), before={"store": "g"}),
        ]
    ).before()
    assert [resource.address.text for resource in plan.resources] == ["x_store.stays", "x_rule.r", "x_store.gone"]
    assert {resource.action for resource in plan.resources} == {Action.NONE}
    former = one(plan, "x_store.stays").after.text("name")
    assert isinstance(former, Known)
    assert former.value == "a"
    target = plan.target(one(plan, "x_rule.r"), "store", identity=STORE).fact
    assert isinstance(target, Known)
    assert target.value is one(plan, "x_store.gone")
    assert (plan.departures, plan.drift) == ((), ())
    assert [each.address for each in plan.before().resources] == [each.address for each in plan.resources]


def test_before_a_state_there_was_the_state() -> None:
    values = {"root_module": {"resources": [{**change("x_store.a"), "values": BEFORE}]}}
    plan = read({"format_version": "1.0", "values": values})
    assert plan.before() is plan


def test_whether_an_argument_is_written() -> None:
    plan = planned([store("x_store.a"), store("x_store.b")], module(written("x_store.a", name={"constant_value": 1})))
    known, unseen = one(plan, "x_store.a"), one(plan, "x_store.b")
    assert (plan.sets(known, "name"), plan.sets(known, "id"), plan.sets(unseen, "name")) == (True, False, None)
