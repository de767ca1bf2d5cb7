"""Planned keys, roles, access points and accounts."""

import json

import pytest

from posture.adapters.aws.config import AccountConfig, KeyConfig, RoleConfig
from posture.adapters.aws.terraform.account import Accounts
from posture.adapters.aws.terraform.keys import Keys
from posture.adapters.aws.terraform.roles import Roles
from posture.model.facts import Known, Listing, Reason, Unknown
from posture.model.subjects import BlockPublicAccess, KeyManager
from posture.terraform.plan import Plan
from tests.adapters.aws.terraform.build import LOGS, bucket, config, configuration, kept, known, plan, tools, unknown
from tests.terraform.plans import Free, change, one, refs, written

KEY = "aws_kms_key.k"
ROLE = "aws_iam_role.w"
TO_KEY = refs("aws_kms_key.k.key_id", "aws_kms_key.k")
TO_ROLE = refs("aws_iam_role.w.name", "aws_iam_role.w")
STATEMENT = '{"Statement": []}'


def key(made: Plan) -> KeyConfig:
    return Keys(tools(made)).config(one(made, KEY))


def role(made: Plan) -> RoleConfig:
    return Roles(tools(made)).config(one(made, ROLE))


def new_key(**after: Free) -> dict[str, Free]:
    return change(KEY, after, [name for name in ("arn", "key_id", "id", "policy") if name not in after])


def new_role(**after: Free) -> dict[str, Free]:
    names = ("arn", "id", "inline_policy", "managed_policy_arns")
    return change(
        ROLE, {"name": "w", "assume_role_policy": STATEMENT, **after}, [each for each in names if each not in after]
    )


def test_a_new_key_has_the_policy_that_kms_gives_it() -> None:
    found = key(plan(new_key(enable_key_rotation=True)))
    assert known(found.manager) is KeyManager.CUSTOMER
    assert known(found.rotating) is True
    assert (known(found.enabled), known(found.state)) == (True, "Enabled")
    (statement,) = json.loads(known(found.policy))["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::000000000001:root"}
    assert found.grants.gaps == ()


def test_a_key_that_is_off_and_does_not_rotate() -> None:
    found = key(plan(new_key(is_enabled=False, enable_key_rotation=None)))
    assert (known(found.enabled), known(found.rotating)) == (False, False)


def test_the_policy_of_a_key_beside_it_comes_first() -> None:
    beside = change("aws_kms_key_policy.p", {"policy": STATEMENT}, ["key_id", "id"])
    root = configuration(KEY, more=[written("aws_kms_key_policy.p", key_id=TO_KEY)])
    assert known(key(plan(new_key(), beside, root=root)).policy) == STATEMENT
    two = change("aws_kms_key_policy.q", {"policy": STATEMENT}, ["key_id", "id"])
    root = configuration(KEY, more=[written(f"aws_kms_key_policy.{name}", key_id=TO_KEY) for name in "pq"])
    assert "last one applied" in unknown(key(plan(new_key(), beside, two, root=root)).policy).detail
    root = configuration(KEY, more=[written("aws_kms_key_policy.p", key_id=refs("local.key"))])
    unknown(key(plan(new_key(), beside, root=root)).policy)


def test_a_key_policy_that_is_written_and_not_known_is_not_the_default() -> None:
    root = configuration(more=[written(KEY, policy=refs("local.policy"))])
    assert "--source" in unknown(key(plan(new_key(), root=root)).policy).needs


def test_grants_of_a_key_that_is_there_were_not_listed() -> None:
    before = {"arn": "arn:aws:kms:eu-west-1:111122223333:key/k", "key_id": "k", "policy": STATEMENT}
    (gap,) = key(plan(change(KEY, before, actions=("no-op",), before=before))).grants.gaps
    assert gap.unknown.needs == "--context"
    grant = change(
        "aws_kms_grant.g", {"grantee_principal": "arn:aws:iam::1:role/x", "operations": ["Decrypt"]}, ["key_id"]
    )
    root = configuration(KEY, more=[written("aws_kms_grant.g", key_id=TO_KEY)])
    (found,) = key(plan(new_key(), grant, root=root)).grants.items
    assert (found.grantee, found.operations) == ("arn:aws:iam::1:role/x", ("Decrypt",))


def names(found: RoleConfig) -> dict[str, bool]:
    return {policy.name: isinstance(policy.document, Known) for policy in found.policies.items}


def test_the_policies_of_a_new_role() -> None:
    inline = change("aws_iam_role_policy.p", {"name": "put", "policy": STATEMENT, "role": "w"}, ["id"])
    shared = change("aws_iam_policy.s", {"name": "s", "policy": STATEMENT}, ["arn", "id"])
    attached = change("aws_iam_role_policy_attachment.a", {"role": "w"}, ["policy_arn", "id"])
    outside = change(
        "aws_iam_role_policy_attachment.b",
        {"role": "w", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        ["id"],
    )
    to_shared = refs("aws_iam_policy.s.arn", "aws_iam_policy.s")
    items = [
        written("aws_iam_role_policy.p", role=TO_ROLE),
        written("aws_iam_policy.s"),
        written("aws_iam_role_policy_attachment.a", role=TO_ROLE, policy_arn=to_shared),
        written("aws_iam_role_policy_attachment.b", role=TO_ROLE),
    ]
    made = plan(new_role(), inline, shared, attached, outside, root=configuration(ROLE, more=items))
    found = role(made)
    assert found.arn == "arn:aws:iam::000000000001:role/w"
    assert names(found) == {"put": True, "aws_iam_policy.s": True, "arn:aws:iam::aws:policy/ReadOnlyAccess": False}
    assert found.policies.gaps == ()


def test_what_a_role_has_already_and_what_this_plan_takes_from_it() -> None:
    live = {
        "name": "w",
        "arn": "arn:aws:iam::111122223333:role/w",
        "assume_role_policy": STATEMENT,
        "inline_policy": [{"name": "old", "policy": STATEMENT}, {"name": "stays", "policy": STATEMENT}],
        "managed_policy_arns": ["arn:aws:iam::1:policy/x"],
    }
    gone = change("aws_iam_role_policy.o", None, actions=("delete",), before={"name": "old", "role": "w"})
    made = plan(change(ROLE, live, actions=("no-op",), before=live), gone)
    assert names(role(made)) == {"stays": True, "arn:aws:iam::1:policy/x": False}


MANY = "aws_iam_policy_attachment.m"
OTHER = "arn:aws:iam::1:policy/x"


@pytest.mark.parametrize(("listed", "attached"), [(["w", "v"], True), (["v"], False), ([], False), ([None], True)])
def test_an_attachment_to_a_list_of_roles_is_one_of_each_that_it_names(
    listed: list[str | None], attached: object
) -> None:
    """None is a role that only a reference names."""
    marks = {"roles": [name is None for name in listed]}
    many = change(MANY, {"roles": listed, "policy_arn": OTHER}, marks)
    root = configuration(ROLE, more=[written(MANY, roles=TO_ROLE)])
    found = role(plan(new_role(), many, root=root))
    assert (OTHER in names(found)) is attached
    assert found.policies.gaps == ()


def test_an_attachment_that_may_be_of_the_role_is_a_gap() -> None:
    many = change(MANY, {"roles": [None, None], "policy_arn": OTHER}, {"roles": [True, True]})
    root = configuration(ROLE, more=[written(MANY, roles=TO_ROLE)])
    (gap,) = role(plan(new_role(), many, root=root)).policies.gaps
    assert "may attach a policy" in gap.unknown.detail
    loose = change("aws_iam_role_policy.p", {"name": "put", "policy": STATEMENT}, ["role", "id"])
    root = configuration(ROLE, more=[written("aws_iam_role_policy.p", role=refs("local.role"))])
    assert role(plan(new_role(), loose, root=root)).policies.gaps


def test_access_points_of_the_plan() -> None:
    point = change(
        "aws_s3_access_point.p",
        {"name": "door", "vpc_configuration": [{"vpc_id": "vpc-1"}]},
        ["arn", "bucket", "policy"],
    )
    to_point = refs("aws_s3_access_point.p.arn", "aws_s3_access_point.p")
    to_logs = refs("aws_s3_bucket.logs.id", "aws_s3_bucket.logs")
    policy = change("aws_s3control_access_point_policy.q", {"policy": STATEMENT}, ["access_point_arn", "id"])
    items = [
        written("aws_s3_access_point.p", bucket=to_logs),
        written("aws_s3control_access_point_policy.q", access_point_arn=to_point),
    ]
    made = plan(bucket(), point, policy, root=configuration(LOGS, more=items))
    (found,) = config(made).access_points.items
    assert (found.name, found.network, found.vpc) == ("door", "VPC", "vpc-1")
    assert found.arn == "arn:aws:s3:eu-west-1:000000000001:accesspoint/door"
    assert known(found.policy) == STATEMENT
    assert known(found.block.restrict_public_buckets) is True


def account(made: Plan, live: AccountConfig) -> AccountConfig:
    homes = tools(made).homes
    return Accounts(made, homes).config(homes.of(one(made, LOGS)).account, live)


def test_a_bucket_that_is_there_may_have_other_access_points() -> None:
    (gap,) = config(plan(kept())).access_points.gaps
    assert gap.unknown.needs.startswith("--context")
    assert config(plan(bucket())).access_points.gaps == ()


def test_a_planned_multi_region_access_point_may_lead_to_any_bucket() -> None:
    wide = change("aws_s3control_multi_region_access_point.wide", {"details": [{"name": "wide"}]}, ["alias", "arn"])
    (gap,) = config(plan(bucket(), wide)).access_points.gaps
    assert gap.unknown.reason is Reason.NOT_COLLECTED
    assert [source.operation for source in gap.unknown.sources] == ["aws_s3control_multi_region_access_point.wide"]


@pytest.fixture
def live() -> AccountConfig:
    why = Unknown(reason=Reason.NOT_COLLECTED, needs="--context")
    block = BlockPublicAccess(
        block_public_acls=why, ignore_public_acls=why, block_public_policy=why, restrict_public_buckets=why
    )
    return AccountConfig(block=block, trails=Listing.unread(why))


def test_the_block_of_the_account(live: AccountConfig) -> None:
    kind = "aws_s3_account_public_access_block.b"
    on = change(kind, {"restrict_public_buckets": True}, ["account_id", "id"])
    block = account(plan(bucket(), on), live).block
    assert (known(block.restrict_public_buckets), known(block.block_public_acls)) == (True, False)
    assert unknown(account(plan(bucket()), live).block.block_public_acls).needs == "--context"
    me = change("data.aws_caller_identity.me", {"account_id": "111122223333"}, actions=("read",))
    gone = change(kind, None, actions=("delete",), before={"account_id": "111122223333"})
    assert known(account(plan(kept(), me, gone), live).block.restrict_public_buckets) is False
    other = change(kind, None, actions=("delete",), before={"account_id": "222233334444"})
    assert unknown(account(plan(kept(), me, other), live).block.restrict_public_buckets).needs == "--context"


def test_trails_of_the_plan(live: AccountConfig) -> None:
    selector = {"read_write_type": "All", "data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}
    trail = change(
        "aws_cloudtrail.t",
        {
            "name": "t",
            "is_multi_region_trail": True,
            "enable_log_file_validation": True,
            "enable_logging": None,
            "event_selector": [selector],
            "advanced_event_selector": [],
        },
        ["arn", "home_region"],
    )
    (found,) = account(plan(bucket(), trail), live).trails.items
    assert found.arn == "arn:aws:cloudtrail:eu-west-1:000000000001:trail/t"
    assert (known(found.running), known(found.validated), known(found.multi_region)) == (True, True, True)
    (classic,) = known(found.selectors).classic
    assert classic.prefixes == ("arn:aws:s3",)
    assert account(plan(bucket(), trail), live).trails.gaps
