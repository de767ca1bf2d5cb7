"""What a plan adds to the policies of a role and takes from them, whether the role is its own or not."""

import pytest

from posture.adapters.aws.config import NamedPolicy, RoleConfig
from posture.adapters.aws.terraform.role_policies import RolePolicies
from posture.adapters.aws.terraform.roles import Roles
from posture.adapters.aws.terraform.wing import PlannedAwsWing
from posture.adapters.wings import planned_names
from posture.model.facts import Known, Listing
from posture.model.leads import RoleRef
from posture.model.subjects import Provider
from posture.terraform.plan import Plan
from tests.adapters.aws.terraform.build import configuration, plan, premises, tools
from tests.terraform.plans import Free, change, one, refs, written

ROLE = "aws_iam_role.w"
ARN = "arn:aws:iam::111122223333:role/w"
REF = RoleRef(provider=Provider.AWS, arn=ARN, account="111122223333")
STATEMENT = '{"Statement": []}'
MANAGED = "arn:aws:iam::111122223333:policy/shared"
THERE: dict[str, Free] = {
    "name": "w",
    "arn": ARN,
    "assume_role_policy": STATEMENT,
    "inline_policy": [{"name": "put", "policy": STATEMENT}, {"name": "by-hand", "policy": STATEMENT}],
    "managed_policy_arns": [MANAGED],
}
LIVE = Listing(
    items=(
        NamedPolicy(name="by-hand", document=Known(value=STATEMENT, sources=())),
        NamedPolicy(name=MANAGED, document=Known(value=STATEMENT, sources=())),
    )
)


def planned(*entries: dict[str, Free]) -> RoleConfig:
    """The role that is there, with more beside it."""
    made = plan(change(ROLE, THERE, actions=("no-op",), before=THERE), *entries)
    return Roles(tools(made)).config(one(made, ROLE))


def names(found: Listing[NamedPolicy]) -> dict[str, bool]:
    """The policies, and whether what they allow is known."""
    return {policy.name: isinstance(policy.document, Known) for policy in found.items}


@pytest.mark.parametrize(
    ("listed", "marks", "left"),
    [
        (["put"], [False], {"put": True}),
        ([], [], {}),
        (["put", None], [False, True], {"put": True, "by-hand": False}),
        (None, True, {"put": False, "by-hand": False}),
    ],
)
def test_an_exclusive_resource_leaves_the_inline_policies_that_it_lists(
    listed: Free, marks: Free, left: dict[str, bool]
) -> None:
    only = change(
        "aws_iam_role_policies_exclusive.only",
        {"role_name": "w", **({} if listed is None else {"policy_names": listed})},
        {"policy_names": marks},
    )
    found = planned(only).policies
    assert names(found) == {**left, MANAGED: False}
    assert found.gaps == (), "it adds none"


def test_an_exclusive_resource_attaches_what_it_lists() -> None:
    other = "arn:aws:iam::111122223333:policy/other"
    only = change("aws_iam_role_policy_attachments_exclusive.only", {"role_name": "w", "policy_arns": [other]})
    assert set(names(planned(only).policies)) == {"put", "by-hand", other}


def test_a_list_that_nobody_knows_may_attach_anything_and_take_anything_away() -> None:
    only = change("aws_iam_role_policy_attachments_exclusive.only", {"role_name": "w"}, ["policy_arns"])
    found = planned(only).policies
    assert names(found) == {"put": True, "by-hand": True, MANAGED: False}
    assert found.gaps


def test_a_policy_of_the_plan_stays_where_the_list_refers_to_it() -> None:
    shared = change("aws_iam_policy.s", {"name": "s", "policy": STATEMENT}, ["arn", "id"])
    attached = change("aws_iam_role_policy_attachment.a", {"role": "w"}, ["policy_arn", "id"])
    only = change(
        "aws_iam_role_policy_attachments_exclusive.only",
        {"role_name": "w", "policy_arns": [None]},
        {"policy_arns": [True]},
    )
    to_shared = refs("aws_iam_policy.s.arn", "aws_iam_policy.s")
    more = [
        written("aws_iam_policy.s"),
        written("aws_iam_role_policy_attachment.a", policy_arn=to_shared),
        written("aws_iam_role_policy_attachments_exclusive.only", policy_arns=to_shared),
    ]
    made = plan(
        change(ROLE, THERE, actions=("no-op",), before=THERE),
        shared,
        attached,
        only,
        root=configuration(ROLE, more=more),
    )
    found = names(Roles(tools(made)).config(one(made, ROLE)).policies)
    assert found["aws_iam_policy.s"] is True
    assert found.get(MANAGED) is not True, "it is taken away, or nobody knows"


def test_an_exclusive_resource_that_may_be_of_the_role_leaves_open_what_stays() -> None:
    only = change("aws_iam_role_policies_exclusive.only", {"policy_names": []}, ["role_name"])
    more = [written("aws_iam_role_policies_exclusive.only", role_name=refs("local.role"))]
    made = plan(change(ROLE, THERE, actions=("no-op",), before=THERE), only, root=configuration(ROLE, more=more))
    assert names(Roles(tools(made)).config(one(made, ROLE)).policies) == {
        "put": False,
        "by-hand": False,
        MANAGED: False,
    }


INLINE: dict[str, Free] = {"name": "new", "policy": STATEMENT}


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        (change("aws_iam_role_policy.p", {**INLINE, "role": "w"}, ["id"]), {"by-hand", MANAGED, "new"}),
        (change("aws_iam_role_policy.p", {**INLINE, "role": "v"}, ["id"]), {"by-hand", MANAGED}),
        (
            change("aws_iam_role_policy.p", None, actions=("delete",), before={"name": "by-hand", "role": "w"}),
            {MANAGED},
        ),
        (
            change(
                "aws_iam_role_policy_attachment.a",
                None,
                actions=("delete",),
                before={"role": "w", "policy_arn": MANAGED},
            ),
            {"by-hand"},
        ),
        (change("aws_iam_role_policies_exclusive.o", {"role_name": "w", "policy_names": []}), {MANAGED}),
        (
            change("aws_iam_policy_attachment.m", {"roles": ["w"], "policy_arn": "arn:aws:iam::1:policy/m"}),
            {
                "by-hand",
                MANAGED,
                "arn:aws:iam::1:policy/m",
            },
        ),
    ],
)
def test_a_role_outside_of_the_plan_has_what_a_scan_saw_and_what_the_plan_changes(
    entry: dict[str, Free], left: set[str]
) -> None:
    made = plan(entry)
    assert set(names(RolePolicies(tools(made)).outside(REF, LIVE))) == left
    assert handled(made) is (left != {"by-hand", MANAGED})


def test_a_role_that_is_only_read_has_them_too() -> None:
    data = change("data.aws_iam_role.w", {"name": "w", "arn": ARN}, actions=("read",))
    inline = change("aws_iam_role_policy.p", INLINE, ["role", "id"])
    more = [written("data.aws_iam_role.w"), written("aws_iam_role_policy.p", role=refs("data.aws_iam_role.w.name"))]
    made = plan(data, inline, root=configuration(more=more))
    assert set(names(RolePolicies(tools(made)).outside(REF, LIVE))) == {"by-hand", MANAGED, "new"}
    assert handled(made)


def handled(made: Plan) -> bool:
    given = premises(made)
    return PlannedAwsWing(given, planned_names(given)).handles(REF)
