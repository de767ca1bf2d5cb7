from pathlib import Path

import pytest

from posture.model.facts import Known, Unknown
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from tests.terraform.plans import STORE, Free, change, document, module, one, planned, read, refs, rule, store, written

A_STORE = written("x_store.a")


def named(plan: Plan, address: str = "x_rule.r", *path: str | int) -> str | None:
    """The address of what a satellite names, None for nothing of the plan; fails where it is not known."""
    fact = plan.target(one(plan, address), *(path or ("store",)), identity=STORE).fact
    assert isinstance(fact, Known), fact
    return fact.value.address.text if isinstance(fact.value, Resource) else None


def open_between(plan: Plan, address: str = "x_rule.r") -> set[str]:
    """The addresses of what a satellite may name."""
    target = plan.target(one(plan, address), "store", identity=STORE)
    assert isinstance(target.fact, Unknown), target.fact
    return {resource.address.text for resource in target.possible}


def test_a_known_value_names_the_store_that_has_it() -> None:
    by_name = change("x_rule.r", {"store": "logs"})
    assert named(planned([by_name, store(name="logs"), store("x_store.b", name="other")])) == "x_store.a"


def test_an_id_and_an_arn_are_names_too() -> None:
    known = change("x_store.a", {"name": "logs", "id": "id-1", "arn": "arn:x:logs"}, actions=("no-op",))
    for value in ("id-1", "arn:x:logs"):
        assert named(planned([change("x_rule.r", {"store": value}), known])) == "x_store.a"


def test_one_spelling_for_names_that_mean_the_same() -> None:
    spelled = Identity(kinds=("x_store",), attributes=("name",), spelled=lambda name: name.rpartition(":")[2])
    plan = planned([change("x_rule.r", {"store": "arn:x:::logs"}), store(name="logs")])
    fact = plan.target(one(plan, "x_rule.r"), "store", identity=spelled).fact
    assert isinstance(fact, Known)
    assert fact.value is one(plan, "x_store.a")


def test_null_names_nothing() -> None:
    assert named(planned([change("x_rule.r", {"store": None}), store(name="logs")])) is None


def test_a_known_value_of_no_store_names_nothing_when_all_names_are_known() -> None:
    assert named(planned([change("x_rule.r", {"store": "elsewhere"}), store(name="logs")])) is None


def test_a_known_value_may_still_be_the_name_of_a_store_that_gets_its_name_later() -> None:
    plan = planned([change("x_rule.r", {"store": "logs-1"}), store(), store("x_store.b", name="other")])
    assert open_between(plan) == {"x_store.a"}


def test_a_satellite_that_stays_is_not_of_a_store_that_is_yet_to_be_made() -> None:
    stays = change("x_rule.r", {"store": "old"}, actions=("no-op",), before={"store": "old"})
    assert named(planned([stays, store()])) is None


def test_a_known_value_cannot_name_what_the_provider_will_invent() -> None:
    key = Identity(kinds=("x_key",), attributes=("arn",), invented=True)
    plan = planned([change("x_rule.r", {"key": "arn:x:1"}), change("x_key.k", {}, ["arn"])])
    fact = plan.target(one(plan, "x_rule.r"), "key", identity=key).fact
    assert isinstance(fact, Known)
    assert fact.value is None


def test_secrets_are_compared_without_being_kept() -> None:
    hidden = change("x_rule.r", {"store": "hunter2"}, after_sensitive={"store": True})
    plan = planned([hidden, store(name="hunter2"), store("x_store.b", name="other")])
    assert named(plan) == "x_store.a"
    assert "hunter2" not in repr(one(plan, "x_rule.r"))


def test_two_stores_of_one_name_are_told_apart_by_reference() -> None:
    stores = [store(f'x_store.a["{key}"]', name="twin") for key in "xy"]
    by_name = change('x_rule.r["x"]', {"store": "twin"})
    root = module(A_STORE, written("x_rule.r", store=refs("x_store.a", "each.key")))
    assert named(planned([*stores, by_name], root), 'x_rule.r["x"]') == 'x_store.a["x"]'
    assert open_between(planned([*stores, by_name]), 'x_rule.r["x"]') == {'x_store.a["x"]', 'x_store.a["y"]'}


@pytest.mark.parametrize("texts", [("x_store.a.id", "x_store.a"), ("x_store.a",), ("x_store.a.arn", "x_store.a")])
def test_a_reference_names_a_store(texts: tuple[str, ...]) -> None:
    plan = planned([rule(), store(), store("x_store.b")], module(A_STORE, written("x_rule.r", store=refs(*texts))))
    assert named(plan) == "x_store.a"


def test_an_attribute_that_is_no_name_does_not_join() -> None:
    root = module(A_STORE, written("x_rule.r", store=refs("x_store.a.tags", "x_store.a")))
    assert open_between(planned([rule(), store(), store("x_store.b", name="b")], root)) == {"x_store.a", "x_store.b"}


def test_a_known_value_overrules_a_reference_that_says_otherwise() -> None:
    root = module(A_STORE, written("x_rule.r", store=refs("x_store.a.id", "x_store.a")))
    by_name = change("x_rule.r", {"store": "b"})
    assert named(planned([by_name, store(name="a"), store("x_store.b", name="b")], root)) == "x_store.b"


def instances(kind: str, *keys: str | int) -> list[str]:
    return [f"{kind}[{key}]" if isinstance(key, int) else f'{kind}["{key}"]' for key in keys]


@pytest.mark.parametrize(
    ("texts", "for_each"),
    [
        (("x_store.a", "each.key"), refs("var.names")),
        (("each.value.id", "each.value"), refs("x_store.a")),
        (("each.value",), refs("x_store.a")),
    ],
)
def test_for_each_takes_the_instance_with_the_same_key(texts: tuple[str, ...], for_each: dict[str, Free]) -> None:
    keys = ("prod.us", 'a"]x')
    changes = [*map(store, instances("x_store.a", keys[0])), *map(rule, instances("x_rule.r", keys[0]))]
    changes += [*map(store, instances("x_store.a", "dev"))]
    plan = planned(changes, module(A_STORE, written("x_rule.r", for_each, store=refs(*texts))))
    assert named(plan, 'x_rule.r["prod.us"]') == 'x_store.a["prod.us"]'


def test_count_takes_the_instance_with_the_same_index() -> None:
    changes = [*map(store, instances("x_store.a", 0, 1)), *map(rule, instances("x_rule.r", 0, 1))]
    plan = planned(changes, module(A_STORE, written("x_rule.r", store=refs("x_store.a", "count.index"))))
    assert [named(plan, f"x_rule.r[{index}]") for index in (0, 1)] == ["x_store.a[0]", "x_store.a[1]"]


def test_without_a_key_every_instance_is_possible() -> None:
    changes = [rule(), *map(store, instances("x_store.a", 0, 1)), store("x_store.b")]
    root = module(A_STORE, written("x_rule.r", store=refs("x_store.a", "var.which")))
    assert open_between(planned(changes, root)) == {"x_store.a[0]", "x_store.a[1]"}
    assert named(planned([rule(), store("x_store.a[0]"), store("x_store.b")], root)) == "x_store.a[0]"


def test_an_instance_that_is_not_planned_is_none_of_the_others() -> None:
    root = module(A_STORE, written("x_rule.r", store=refs("x_store.a[1].id", "x_store.a[1]", "x_store.a")))
    assert open_between(planned([rule(), store("x_store.a[0]")], root)) == {"x_store.a[0]"}


def test_an_output_is_followed_into_the_instance_it_names() -> None:
    inner = module(A_STORE, outputs={"store": refs("x_store.a.id", "x_store.a"), "other": refs("var.x")})
    changes = [rule(), *(store(f'module.m["{key}"].x_store.a') for key in ("dev", "prod.us"))]
    root = module(
        written("x_rule.r", store=refs('module.m["prod.us"].store', 'module.m["prod.us"]', "module.m")),
        m={"module": inner},
    )
    assert named(planned(changes, root)) == 'module.m["prod.us"].x_store.a'


def test_an_output_that_is_not_told_is_the_one_that_leads_to_a_store() -> None:
    inner = module(
        A_STORE,
        written("x_role.w"),
        outputs={"store": refs("x_store.a.id", "x_store.a"), "role": refs("x_role.w.arn", "x_role.w")},
    )
    changes = [store(f'module.m["{key}"].x_store.a') for key in "xy"]
    changes += [change(f'module.m["{key}"].x_role.w', {}, ["arn"]) for key in "xy"]
    root = module(written("x_rule.r", refs("var.all"), store=refs("module.m", "each.key")), m={"module": inner})
    plan = planned([*changes, rule('x_rule.r["x"]')], root)
    assert named(plan, 'x_rule.r["x"]') == 'module.m["x"].x_store.a'


def test_an_input_is_followed_upwards_through_every_module() -> None:
    inner = module(written("x_rule.r", store=refs("var.store")))
    middle = module(m={"module": inner, "expressions": {"store": refs("var.target")}})
    root = module(A_STORE, m={"module": middle, "expressions": {"target": refs("x_store.a.id", "x_store.a")}})
    address = "module.m[0].module.m.x_rule.r"
    assert named(planned([rule(address), store(), store("x_store.b")], root), address) == "x_store.a"


def test_the_key_of_a_module_instance_decides_for_its_inputs() -> None:
    inner = module(written("x_rule.r", store=refs("var.store")))
    call = {
        "module": inner,
        "for_each_expression": refs("x_store.a"),
        "expressions": {"store": refs("each.value.id", "each.value")},
    }
    changes = [store(f'x_store.a["{key}"]') for key in "xy"] + [rule(f'module.m["{key}"].x_rule.r') for key in "xy"]
    plan = planned(changes, module(A_STORE, m=call))
    assert [named(plan, f'module.m["{key}"].x_rule.r') for key in "xy"] == ['x_store.a["x"]', 'x_store.a["y"]']


def test_siblings_through_an_output_and_an_input() -> None:
    logs = module(A_STORE, outputs={"store": refs("x_store.a.id", "x_store.a")})
    guard = module(written("x_rule.r", store=refs("var.store")))
    root = module(
        logs={"module": logs},
        guard={"module": guard, "expressions": {"store": refs("module.logs.store", "module.logs")}},
    )
    changes = [store("module.logs.x_store.a"), store("x_store.b"), rule("module.guard.x_rule.r")]
    assert named(planned(changes, root), "module.guard.x_rule.r") == "module.logs.x_store.a"


def test_another_satellite_leads_on_to_its_store() -> None:
    root = module(
        A_STORE,
        written("x_policy.p", store=refs("x_store.a[0].id", "x_store.a[0]", "x_store.a")),
        written(
            "x_rule.r",
            store=refs(
                "local.attach", "x_policy.p[0].id", "x_policy.p[0]", "x_policy.p", "x_store.a[0].id", "x_store.a[0]"
            ),
        ),
    )
    policy = change("x_policy.p[0]", {}, ["store", "id"])
    assert named(planned([rule(), policy, store("x_store.a[0]"), store("x_store.b")], root)) == "x_store.a[0]"
    assert named(planned([rule(), store("x_store.a[0]"), store("x_store.b")], root)) == "x_store.a[0]"


def test_a_resource_that_leads_nowhere_blocks_the_way() -> None:
    root = module(
        A_STORE,
        written("x_secret.s", length={"constant_value": 8}),
        written("x_rule.r", store=refs("x_secret.s.result", "x_secret.s", "x_store.a.id", "x_store.a")),
    )
    changes = [rule(), change("x_secret.s", {"length": 8}, ["result"]), store(), store("x_store.b")]
    assert open_between(planned(changes, root)) == {"x_store.a", "x_store.b"}


def test_two_stores_in_one_expression_are_both_possible() -> None:
    root = module(
        A_STORE,
        written("x_store.b"),
        written("x_rule.r", store=refs("x_store.a.id", "x_store.a", "x_store.b.id", "x_store.b")),
    )
    assert open_between(planned([rule(), store(), store("x_store.b"), store("x_store.c")], root)) == {
        "x_store.a",
        "x_store.b",
    }


def test_circles_end_and_decide_nothing() -> None:
    root = module(
        written("x_policy.p", store=refs("x_policy.q.id", "x_policy.q")),
        written("x_policy.q", store=refs("x_policy.p.id", "x_policy.p")),
        written("x_rule.r", store=refs("x_policy.p.id", "x_policy.p", "module.m.x", "module.m")),
        m={"module": module(outputs={"x": refs("var.x")}), "expressions": {"x": refs("module.m.x", "module.m")}},
    )
    policies = [change(f"x_policy.{name}", {}, ["store", "id"]) for name in "pq"]
    assert open_between(planned([rule(), *policies, store()], root)) == {"x_store.a"}


def test_a_long_chain_is_given_up_in_bounded_time() -> None:
    length = 5_000
    chain = [
        written(f"x_policy.p{n}", store=refs(f"x_policy.p{n + 1}.id", f"x_policy.p{n + 1}")) for n in range(length)
    ]
    policies = [change(f"x_policy.p{n}", {}, ["store", "id"]) for n in range(length)]
    root = module(A_STORE, *chain, written("x_rule.r", store=refs("x_policy.p0.id", "x_policy.p0")))
    plan = planned([rule(), *policies, store()], root)
    fact = plan.target(one(plan, "x_rule.r"), "store", identity=STORE).fact
    assert isinstance(fact, Unknown)
    assert "too many references" in fact.detail
    plan.attached(one(plan, "x_store.a"), "x_policy", "store", identity=STORE)


def test_an_expression_of_too_many_references_is_given_up() -> None:
    many = [f"x_other.o{n}.id" for n in range(1_000)]
    root = module(A_STORE, written("x_rule.r", store=refs("x_store.a.id", "x_store.a", *many)))
    assert open_between(planned([rule(), store(), store("x_store.b")], root)) == {"x_store.a", "x_store.b"}


def test_a_block_refers_to_all_that_is_in_it() -> None:
    inside = [{"to": [{"store": refs("x_store.b.arn", "x_store.b")}], "store": refs("x_store.a.arn", "x_store.a")}]
    root = module(A_STORE, written("x_store.b"), written("x_copy.c", rule=inside))
    copies = change("x_copy.c", {"rule": [{"to": [{}]}]}, {"rule": [{"store": True}]})
    plan = planned([copies, store(), store("x_store.b")], root)
    reached = plan.reached(one(plan, "x_copy.c"), "rule", identity=STORE)
    assert {item.address.text for item in reached.items} == {"x_store.a", "x_store.b"}


def test_the_state_before_joins_what_both_lose_their_names() -> None:
    moving = change(
        "x_rule.r", {"days": 1}, ["store", "id"], actions=("delete", "create"), before={"store": "old", "days": 1}
    )
    replaced = change(
        "x_store.a",
        {},
        ["name", "id", "arn"],
        actions=("delete", "create"),
        before={"name": "old", "id": "old", "arn": "x"},
    )
    kept = change(
        "x_store.b",
        {"name": "b", "id": "b", "arn": "y"},
        actions=("no-op",),
        before={"name": "b", "id": "b", "arn": "y"},
    )
    assert named(planned([moving, replaced, kept])) == "x_store.a"
    assert open_between(
        planned([{**moving, "change": {**moving["change"], "before": {"store": "b"}}}, replaced, kept])
    ) == {
        "x_store.a",
        "x_store.b",
    }


def test_without_a_configuration_an_unknown_value_may_be_any_store() -> None:
    assert open_between(planned([rule(), store(), store("x_store.b", name="b")])) == {"x_store.a", "x_store.b"}


def test_a_local_is_a_dead_end_without_its_file_and_none_with_it(tmp_path: Path) -> None:
    root = module(A_STORE, written("x_rule.r", store=refs("local.bkt")))
    changes = [rule(), store(), store("x_store.b")]
    assert open_between(planned(changes, root)) == {"x_store.a", "x_store.b"}
    (tmp_path / "main.tf").write_text('locals {\n  bkt = local.again\n  again = try(x_store.a.id, "none")\n}\n')
    assert named(read(document(changes, root), source=tmp_path)) == "x_store.a"
    (tmp_path / "main.tf").write_text('locals {\n  bkt = "${x_store.a.id}-copy"\n}\n')
    assert open_between(read(document(changes, root), source=tmp_path)) == {"x_store.a", "x_store.b"}


def test_the_file_tells_what_the_plan_leaves_out_of_an_expression(tmp_path: Path) -> None:
    inner = module(
        A_STORE,
        written("x_store.b"),
        outputs={"one": refs("x_store.a.id", "x_store.a"), "two": refs("x_store.b.id", "x_store.b")},
    )
    root = module(
        written("x_rule.r", refs("var.all"), store=refs("module.m", "each.key")), m={"module": inner, "source": "./m"}
    )
    changes = [rule('x_rule.r["k"]'), *(store(f'module.m["k"].x_store.{name}') for name in "ab")]
    assert open_between(planned(changes, root), 'x_rule.r["k"]') == {
        'module.m["k"].x_store.a',
        'module.m["k"].x_store.b',
    }
    (tmp_path / "main.tf").write_text('resource "x_rule" "r" {\n  store = module.m[each.key].two\n}\n')
    assert named(read(document(changes, root), source=tmp_path), 'x_rule.r["k"]') == 'module.m["k"].x_store.b'


def test_the_file_of_another_configuration_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "x_rule" "r" {\n  store = x_store.b.id\n}\n')
    root = module(A_STORE, written("x_store.b"), written("x_rule.r", store=refs("x_store.a.id", "x_store.a")))
    assert named(read(document([rule(), store(), store("x_store.b")], root), source=tmp_path)) == "x_store.a"


def test_a_name_that_is_put_together_is_not_the_name_it_is_made_from(tmp_path: Path) -> None:
    root = module(A_STORE, written("x_rule.r", store=refs("x_store.a.id", "x_store.a")))
    changes = [rule(), store(), store("x_store.b")]
    (tmp_path / "main.tf").write_text('resource "x_rule" "r" {\n  store = "${x_store.a.id}-copy"\n}\n')
    assert open_between(read(document(changes, root), source=tmp_path)) == {"x_store.a", "x_store.b"}
    (tmp_path / "main.tf").write_text('resource "x_rule" "r" {\n  store = "${x_store.a.id}"\n}\n')
    assert named(read(document(changes, root), source=tmp_path)) == "x_store.a"


def rules(*targets: str) -> list[dict[str, Free]]:
    return [
        {"id": {"constant_value": f"r{n}"}, "to": [{"store": refs(f"{target}.arn", target)}]}
        for n, target in enumerate(targets)
    ]


def test_blocks_are_matched_by_their_literals_not_by_their_order() -> None:
    copies = change(
        "x_copy.c",
        {"rule": [{"id": "r1", "to": [{}]}, {"id": "r0", "to": [{}]}]},
        {"rule": [{"to": [{"store": True}]}, {"to": [{"store": True}]}]},
    )
    root = module(A_STORE, written("x_store.b"), written("x_copy.c", rule=rules("x_store.a", "x_store.b")))
    plan = planned([copies, store(), store("x_store.b")], root)
    assert named(plan, "x_copy.c", "rule", 0, "to", 0, "store") == "x_store.b"
    assert named(plan, "x_copy.c", "rule", 1, "to", 0, "store") == "x_store.a"


def test_a_block_without_the_attribute_is_not_the_one_that_has_it() -> None:
    """Also where the attribute stands in a block further in."""
    copies = change(
        "x_copy.c",
        {"rule": [{"to": [{"weight": 1}]}, {"to": [{"weight": 1}]}]},
        {"rule": [{}, {"to": [{"store": True}]}]},
    )
    weight = {"weight": {"constant_value": 1}}
    to_b = {"store": refs("x_store.b.arn", "x_store.b"), **weight}
    root = module(A_STORE, written("x_store.b"), written("x_copy.c", rule=[{"to": [weight]}, {"to": [to_b]}]))
    plan = planned([copies, store(), store("x_store.b")], root)
    assert named(plan, "x_copy.c", "rule", 1, "to", 0, "store") == "x_store.b"


def test_blocks_that_were_generated_are_not_matched_with_written_ones() -> None:
    two: list[Free] = [{"to": [{}]}, {"to": [{}]}]
    marks = {"rule": [{"to": [{"store": True}]}, {"to": [{"store": True}]}]}
    root = module(A_STORE, written("x_copy.c", rule=[{"to": [{"store": refs("x_store.a.arn", "x_store.a")}]}]))
    plan = planned([change("x_copy.c", {"rule": two}, marks), store(), store("x_store.b")], root)
    fact = plan.target(one(plan, "x_copy.c"), "rule", 1, "to", 0, "store", identity=STORE).fact
    assert isinstance(fact, Unknown)


def test_attached_lists_what_is_certain_and_leaves_a_gap_for_what_is_not() -> None:
    root = module(
        A_STORE,
        written("x_rule.r", store=refs("x_store.a.id", "x_store.a")),
        written("x_rule.l", store=refs("local.x")),
    )
    plan = planned([rule(), rule("x_rule.l"), store(), store("x_store.b", name="b")], root)
    first = plan.attached(one(plan, "x_store.a"), "x_rule", "store", identity=STORE)
    second = plan.attached(one(plan, "x_store.b"), "x_rule", "store", identity=STORE)
    assert [item.address.text for item in first.items] == ["x_rule.r"]
    assert second.items == ()
    for listing in (first, second):
        (gap,) = listing.gaps
        assert "`x_rule.l` belongs to cannot be told: it is behind `local.x`" in gap.unknown.detail
        assert gap.unknown.needs == "the saved plan file, or the directory of the configuration"


def test_very_many_open_satellites_are_one_gap() -> None:
    count = 2_000
    satellites = [rule(f"x_rule.r[{n}]") for n in range(count)]
    stores = [store(f"x_store.a[{n}]") for n in range(count)]
    plan = planned([*satellites, *stores])
    for resource in plan.of_kind("x_store"):
        (gap,) = plan.attached(resource, "x_rule", "store", identity=STORE).gaps
        assert f"the same of {count - 1} more" in gap.unknown.detail


def test_an_incomplete_plan_leaves_a_gap_everywhere() -> None:
    for members in (
        {"complete": False},
        {"deferred_changes": [{"reason": "unknown", "resource_change": rule("x_rule.d")}]},
    ):
        plan = planned([store(name="a")], module(A_STORE), **members)
        listing = plan.attached(one(plan, "x_store.a"), "x_policy", "store", identity=STORE)
        assert [gap.unknown.detail for gap in listing.gaps] == list(plan.incomplete)
        assert plan.incomplete


def test_reached_lists_all_that_an_expression_refers_to() -> None:
    source = change(
        "data.x_document.d",
        {"statement": [{"on": [None, None]}]},
        {"json": True, "statement": [{"on": [True, True]}]},
        actions=("read",),
    )
    root = module(
        A_STORE,
        written("x_store.b"),
        written(
            "data.x_document.d", statement=[{"on": refs("x_store.a.arn", "x_store.a", "x_store.b.arn", "x_store.b")}]
        ),
    )
    plan = planned([source, store(), store("x_store.b"), store("x_store.c")], root)
    reached = plan.reached(one(plan, "data.x_document.d"), "statement", 0, "on", identity=STORE)
    assert {item.address.text for item in reached.items} == {"x_store.a", "x_store.b"}
    assert reached.gaps == ()


def test_a_document_is_found_from_what_uses_it() -> None:
    documents = Identity(kinds=("data.x_document",), attributes=("json",))
    root = module(
        written("data.x_document.d"), written("x_policy.p", policy=refs("data.x_document.d.json", "data.x_document.d"))
    )
    changes = [change("x_policy.p", {}, ["policy"]), change("data.x_document.d", {}, ["json"], actions=("read",))]
    plan = planned(changes, root)
    fact = plan.target(one(plan, "x_policy.p"), "policy", identity=documents).fact
    assert isinstance(fact, Known)
    assert fact.value is one(plan, "data.x_document.d")


def test_what_a_departure_named() -> None:
    gone = change("x_rule.r", None, actions=("delete",), before={"store": "logs"})
    kept = change("x_store.a", {"name": "logs"}, actions=("no-op",), before={"name": "logs"})
    plan = planned([gone, kept])
    (departure,) = plan.departures
    assert plan.formerly(departure, "store", identity=STORE) == (one(plan, "x_store.a"),)
