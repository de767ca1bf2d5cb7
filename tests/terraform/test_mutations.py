import json
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posture.errors import PlanError
from posture.terraform.document import Kind
from posture.terraform.read import parse_plan
from tests.terraform.mutations import ask_everything, mutated, places
from tests.terraform.plans import change, document, module, refs, rule, store, written

INNER = module(
    written("x_store.a"),
    written("x_rule.r", store=refs("var.store")),
    outputs={"store": refs("x_store.a.id", "x_store.a")},
)
WHOLE = document(
    [
        store(),
        store('module.m["k"].x_store.a'),
        rule('module.m["k"].x_rule.r'),
        rule(),
        change("x_copy.c", {"rule": [{"to": [{}]}]}, {"rule": [{"to": [{"store": True}]}]}, before={"rule": []}),
        change("x_rule.gone", None, actions=("delete",), before={"store": "old"}),
        change("data.x_document.d", {"statement": [{"resources": [None]}]}, {"statement": [{"resources": [True]}]}),
    ],
    module(
        written("x_store.a", name=refs("var.name")),
        written("x_rule.r", refs("x_store.a"), store=refs('module.m["k"].store', 'module.m["k"]', "module.m")),
        written("x_copy.c", rule=[{"to": [{"store": refs("x_store.a.arn", "x_store.a")}]}]),
        written("data.x_document.d", statement=[{"resources": refs("x_store.a.arn", "x_store.a")}]),
        m={
            "module": INNER,
            "source": "./m",
            "expressions": {"store": refs("each.value")},
            "for_each_expression": refs("x_store.a"),
        },
    ),
    planned_values={
        "root_module": {"child_modules": [{"resources": [{**change("x_store.p"), "values": {"name": "p"}}]}]}
    },
    prior_state={"values": {"root_module": {"resources": [{**change("data.x_who.me"), "values": {"id": "1"}}]}}},
    resource_drift=[change("x_store.a", {"name": "b"}, before={"name": "a"})],
    complete=True,
    errored=False,
)
WHERE = list(places(WHOLE))


def refusal(data: bytes) -> PlanError | None:
    """Ask everything of a plan; or why it was refused."""
    try:
        ask_everything(parse_plan(data, "plan.json", kinds=frozenset(Kind)))
    except PlanError as error:
        return error
    return None


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_a_plan_with_something_wrong_in_it_is_read_or_refused(seed: int) -> None:
    body = mutated(WHOLE, WHERE, random.Random(seed))  # noqa: S311 - mutations, not secrets
    refused = refusal(json.dumps(body).encode())
    assert refused is None or "\n" not in refused.message


@given(st.data())
def test_a_plan_that_is_cut_or_garbled_is_read_or_refused(data: st.DataObject) -> None:
    text = bytearray(json.dumps(WHOLE).encode())
    start = data.draw(st.integers(0, len(text)))
    text[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6))
    refused = refusal(bytes(text))
    assert refused is None or refused.file == "plan.json"


def test_the_whole_plan_is_read() -> None:
    plan = parse_plan(json.dumps(WHOLE).encode(), "plan.json")
    assert len(plan.resources) == 8
    ask_everything(plan)
