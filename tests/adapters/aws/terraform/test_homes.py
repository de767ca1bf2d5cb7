"""Whose account a planned resource will be in, and where."""

import pytest

from posture.model.accounts import same, stand_in, stands_in, told
from posture.model.facts import Known, Unknown
from posture.model.leads import StoreRef
from posture.model.settings import NamedStore, Settings
from posture.model.subjects import Kind, Provider
from posture.reading import Kept
from tests.adapters.aws.terraform.build import LOGS, REGION, bucket, config, kept, known, plan, tools, unknown
from tests.terraform.plans import Free, change, document, module, one, read, written

OURS = "111122223333"


def with_provider(**expressions: Free) -> dict[str, Free]:
    return {"name": "aws", "expressions": {**REGION["expressions"], **expressions}}  # type: ignore[dict-item]


def test_without_a_word_on_it_the_account_is_stood_for() -> None:
    home = tools(made := plan(bucket())).homes.of(one(made, LOGS))
    assert known(home.account) == stand_in(1)
    assert unknown(told(home.account)).needs.startswith("`allowed_account_ids`")
    assert known(home.region) == "eu-west-1"
    assert home.partition == "aws"


@pytest.mark.parametrize(
    "more",
    [
        [change("data.aws_caller_identity.me", {"account_id": OURS}, actions=("read",))],
        [change("aws_iam_role.r", {"arn": f"arn:aws:iam::{OURS}:role/r"}, actions=("no-op",), before={"arn": "x"})],
        [change("aws_s3_account_public_access_block.b", {"account_id": OURS}, ["id"])],
    ],
)
def test_what_tells_the_account(more: list[dict[str, Free]]) -> None:
    assert known(config(plan(bucket(), *more)).account) == OURS


def test_the_provider_configuration_tells_the_account() -> None:
    allowed = with_provider(allowed_account_ids={"constant_value": [OURS]})
    assert known(config(plan(bucket(), provider=allowed)).account) == OURS
    several = with_provider(allowed_account_ids={"constant_value": [OURS, "222233334444"]})
    assert stands_in(known(config(plan(bucket(), provider=several)).account))


def test_the_role_that_the_provider_assumes_tells_the_account() -> None:
    roles = [{"role_arn": {"constant_value": f"arn:aws:iam::{account}:role/tf"}} for account in ("222233334444", OURS)]
    assert known(config(plan(bucket(), provider=with_provider(assume_role=roles))).account) == OURS
    open_one = with_provider(assume_role=[{"role_arn": {"references": ["local.role"]}}])
    assert stands_in(known(config(plan(bucket(), provider=open_one)).account))


def test_the_user_tells_the_account_of_a_store() -> None:
    ref = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name="acme-logs")
    settings = Settings(stores=(NamedStore(ref=ref, found="posture.yaml", account=OURS),))
    made = plan(bucket())
    assert known(tools(made, settings).homes.of(one(made, LOGS)).account) == OURS


def test_a_scan_that_saw_a_bucket_tells_the_account_of_its_provider() -> None:
    seen = [
        Kept(
            identity="aws:default",
            operation="sts:GetCallerIdentity",
            parameters=(),
            resource="",
            read_at="2026-03-01T00:00:00Z",
            answer={"Account": OURS},
        ),
        Kept(
            identity="aws:default",
            operation="s3:ListBuckets",
            parameters=(),
            resource="",
            read_at="2026-03-01T00:00:00Z",
            items=({"Name": "acme-old", "BucketRegion": "eu-west-1"},),
        ),
    ]
    made = plan(bucket(), kept("aws_s3_bucket.old", "acme-old"))
    assert known(config(made, context=seen).account) == OURS
    assert stands_in(known(config(plan(bucket()), context=seen).account))


def test_two_provider_configurations_are_two_accounts_that_may_be_one() -> None:
    resources = [
        {**written(LOGS), "provider_config_key": "aws"},
        {**written("aws_s3_bucket.b"), "provider_config_key": "aws.other"},
    ]
    body = document([bucket(), bucket("aws_s3_bucket.b", "b")], module(*resources))
    body["configuration"]["provider_config"] = {"aws": REGION, "aws.other": {**REGION, "alias": "other"}}
    made = read(body)
    one_account, other = (known(config(made, address).account) for address in (LOGS, "aws_s3_bucket.b"))
    assert one_account != other
    unknown(same(one_account, other))


@pytest.mark.parametrize("configured", [{"aws": REGION}, {}])
def test_a_module_that_inherits_the_only_configuration_is_in_its_account(configured: dict[str, Free]) -> None:
    inner = {**written("aws_s3_bucket.b"), "provider_config_key": "m:aws"}
    root = module({**written(LOGS), "provider_config_key": "aws"}, m={"module": module(inner)})
    body = document([bucket(), bucket("module.m.aws_s3_bucket.b", "b")], root)
    body["configuration"]["provider_config"] = configured
    made = read(body)
    accounts = {known(config(made, address).account) for address in (LOGS, "module.m.aws_s3_bucket.b")}
    assert len(accounts) == 1


def test_a_stand_in_is_no_account_of_anybody() -> None:
    assert same(stand_in(1), stand_in(1)) == Known(value=True, sources=())
    assert isinstance(same(stand_in(1), stand_in(2)), Unknown)
    assert isinstance(same(stand_in(1), OURS), Unknown)
    assert same(OURS, "222233334444") == Known(value=False, sources=())
    assert not stands_in("000000000000")  # what emulators use


@pytest.mark.parametrize(
    ("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-west-1", "aws")]
)
def test_the_region_tells_the_partition(region: str, partition: str) -> None:
    provider = {"name": "aws", "expressions": {"region": {"constant_value": region}}}
    made = plan(bucket(), provider=provider)
    assert tools(made).homes.of(one(made, LOGS)).partition == partition


def test_a_region_of_its_own_comes_first() -> None:
    assert known(config(plan(bucket(region="us-east-2"))).region) == "us-east-2"
    unsaid = unknown(config(plan(bucket(), provider={"name": "aws"})).region)
    assert "region" in unsaid.needs


def test_a_stand_in_is_the_same_before_and_after() -> None:
    """Also where what is there uses only some of the configurations."""
    resources = [
        {**written(LOGS), "provider_config_key": "aws.z"},
        {**written("aws_s3_bucket.b"), "provider_config_key": "aws.a"},
    ]
    body = document([kept(), bucket("aws_s3_bucket.b", "b")], module(*resources))
    body["configuration"]["provider_config"] = {"aws.z": {**REGION, "alias": "z"}, "aws.a": {**REGION, "alias": "a"}}
    after = read(body)
    assert known(config(after).account) == known(config(after.before()).account)


def test_what_a_module_inherits_is_configured_in_the_root() -> None:
    inner = {**written(LOGS), "provider_config_key": "m:aws"}
    body = document([bucket(f"module.m.{LOGS}")], module(m={"module": module(inner)}))
    body["configuration"]["provider_config"] = {
        "aws": with_provider(allowed_account_ids={"constant_value": [OURS]}),
    }
    found = config(read(body), f"module.m.{LOGS}")
    assert (known(found.account), known(found.region)) == (OURS, "eu-west-1")
