import pytest

from posture.errors import PolicyError
from posture.model.logic import Verdict
from posture.policy import notation
from posture.policy.document import Policy, parse_policy, run_examples, with_overrides
from posture.policy.parameters import Override, ParameterValue, Spelled
from posture.policy.predicates import AtLeast, Equals, OneOf
from tests.policy.samples import POLICY

BASE = (parse_policy(POLICY, "p.yaml"),)


def override(name: str, value: ParameterValue | Spelled, origin: str = "posture.yaml:7") -> tuple[Policy, ...]:
    return with_overrides(BASE, [Override(name=name, value=value, origin=origin)])


@pytest.mark.parametrize(
    ("name", "spelled", "typed"),
    [
        ("minimum_days", "400", 400),
        ("rotated", "false", False),
        ("manager", "provider", "provider"),
        ("trusted", "111122223333, 444455556666", ("111122223333", "444455556666")),
        ("trusted", "", ()),
    ],
)
def test_a_value_in_force_is_the_same_spelled_or_typed(name: str, spelled: str, typed: ParameterValue) -> None:
    (policy,) = override(name, Spelled(text=spelled), "--parameter")
    assert (policy,) == override(name, typed)
    (use,) = (use for use in policy.use.parameters if use.name == name)
    assert use.overridden == (typed != next(each.default for each in policy.parameters if each.name == name))
    assert policy.sha256 == BASE[0].sha256


def test_an_override_changes_the_rule_and_only_there() -> None:
    (policy,) = override("minimum_days", 364)
    (control,) = (control for control in policy.controls if control.info.id == "kept-a-year")
    assert [test.predicate for test in notation.tests(control.require)] == [AtLeast(bound=364)]
    assert {(run.expected, run.got) for run in run_examples(control) if not run.kept} == {(Verdict.FAIL, Verdict.PASS)}
    others = [control for control in policy.controls if control.info.id != "kept-a-year"]
    assert others == [control for control in BASE[0].controls if control.info.id != "kept-a-year"]


def test_every_sort_of_parameter_reaches_its_test() -> None:
    settings: list[tuple[str, ParameterValue, object]] = [
        ("rotated", False, Equals(value=False)),
        ("manager", "provider", Equals(value="provider")),
        ("trusted", ("1", "2"), OneOf(values=("1", "2"))),
    ]
    for name, value, predicate in settings:
        (policy,) = override(name, value)
        tests = [test for control in policy.controls for test in notation.tests(control.require)]
        assert [test.predicate for test in tests if test.parameter == name] == [predicate]


def test_of_two_values_for_a_name_the_later_one_counts() -> None:
    overrides = [
        Override(name="minimum_days", value=400, origin="posture.yaml:7"),
        Override(name="minimum_days", value=Spelled(text="500"), origin="--parameter"),
    ]
    (policy,) = with_overrides(BASE, overrides)
    assert [use.value for use in policy.use.parameters if use.name == "minimum_days"] == ["500"]


REFUSED: list[tuple[str, ParameterValue | Spelled, str, str]] = [
    ("minimum_dais", 400, "posture.yaml:7: unknown parameter `minimum_dais`", "did you mean `minimum_days`?"),
    ("minimum_days", 89, "posture.yaml:7: minimum_days: 89 is below the minimum 90", "How long"),
    ("minimum_days", 3651, "posture.yaml:7: minimum_days: 3651 is above the maximum 3650", "How long"),
    ("minimum_days", "400", "posture.yaml:7: minimum_days: expected a whole number, found `400`", "How long"),
    ("minimum_days", True, "posture.yaml:7: minimum_days: expected a whole number, found `true`", "How long"),
    ("minimum_days", ("400",), "posture.yaml:7: minimum_days: expected a whole number, found `[400]`", "How long"),
    ("minimum_days", Spelled(text="0400"), "expected a whole number, found `0400`", "How long"),
    ("minimum_days", Spelled(text="4e2"), "expected a whole number, found `4e2`", "How long"),
    ("minimum_days", Spelled(text="9" * 5000), "expected a whole number, found `999", "How long"),
    ("rotated", Spelled(text="yes"), "expected `true` or `false`, found `yes`", "Whether"),
    ("rotated", 1, "expected `true` or `false`, found `1`", "Whether"),
    ("trusted", "111122223333", "expected a list of text, found `111122223333`", "Accounts"),
    (
        "manager",
        "custommer",
        "manager: `custommer` cannot be compared with `encryption.key_manager`, which is one of none, provider",
        "the control `customer-key` uses it",
    ),
]


@pytest.mark.parametrize(("name", "value", "message", "helps"), REFUSED, ids=[str(case[1])[:30] for case in REFUSED])
def test_overrides_that_are_refused(name: str, value: ParameterValue | Spelled, message: str, helps: str) -> None:
    with pytest.raises(PolicyError) as caught:
        override(name, value)
    assert message in caught.value.message
    assert caught.value.help.startswith(helps)


def test_an_empty_list_closes() -> None:
    text = POLICY.replace(
        "fail: [{grants: [{scope: own}, {scope: public}]}]", 'fail: [{grants: [{scope: vendor, account: "1"}]}]'
    )
    (control,) = (each for each in parse_policy(text, "p.yaml").controls if each.info.id == "narrow-grants")
    assert all(run.kept for run in run_examples(control))


def test_an_override_cannot_open_a_none_of() -> None:
    text = POLICY.replace("{one_of: {parameter: trusted}}", "{none_of: {parameter: trusted}}")
    policies = (parse_policy(text.replace("default: []", 'default: ["1"]'), "p.yaml"),)
    with pytest.raises(PolicyError, match="`none_of` an empty list would hold for everything"):
        with_overrides(policies, [Override(name="trusted", value=(), origin="posture.yaml:7")])


def test_a_parameter_of_several_policies_is_set_in_each() -> None:
    other = POLICY.replace("policy: store-baseline", "policy: other").replace("id: ", "id: other-")
    policies = (*BASE, parse_policy(other, "o.yaml"))
    changed = with_overrides(policies, [Override(name="minimum_days", value=400, origin="o")])
    assert [[use.value for use in policy.use.parameters if use.overridden] for policy in changed] == [["400"], ["400"]]


def test_a_policy_without_the_parameter_stays_as_it_is() -> None:
    start, end = POLICY.index("  - id: deletion-is-slow"), POLICY.index("  - id: delivery-is-on")
    plain = "policy: plain\ntitle: t\ncontrols:\n" + POLICY[start:end].replace("id: ", "id: plain-")
    policies = (*BASE, parse_policy(plain, "plain.yaml"))
    changed = with_overrides(policies, [Override(name="minimum_days", value=400, origin="o")])
    assert changed[1] is policies[1]
    assert changed[0] != policies[0]


@pytest.mark.parametrize("bound", [90, 3650])
def test_the_bounds_themselves_can_be_set(bound: int) -> None:
    assert next(use.value for use in override("minimum_days", bound)[0].use.parameters) == str(bound)


def test_forever_is_not_an_operand() -> None:
    text = POLICY.replace("{at_least: {parameter: minimum_days}}", "{equals: {parameter: manager}}")
    with pytest.raises(PolicyError) as caught:
        parse_policy(text.replace("default: customer", "default: forever"), "p.yaml")
    told = "".join(map(str, (caught.value, *caught.value.others)))
    assert "`forever` cannot be compared with `retention.days`, which is a whole number" in told
