"""What the reader makes of public plans, and of generated ones with hand-written answers, beside the checkout."""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from posture.errors import PlanError
from posture.model.facts import Known, Unknown
from posture.terraform.document import Kind
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.read import parse_plan, read_plan
from posture.terraform.resources import Action, Resource
from tests.terraform.mutations import ask_everything, mutated, places
from tests.terraform.plans import Free

FOLDER = Path(os.environ.get("POSTURE_CASES", Path(__file__).parents[3] / "shared" / "cases")) / "plans"
GENERATED = FOLDER / "generated"
FILES = sorted(
    path for path in FOLDER.glob("*/**/*.json") if path.name != "expected.json" and "schemas" not in path.parts
)

pytestmark = [
    pytest.mark.cases,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="38 plans of public sources are not beside the checkout"),
]

BUCKET = Identity(
    kinds=("aws_s3_bucket",), attributes=("bucket", "id", "arn", "bucket_domain_name", "bucket_regional_domain_name")
)
ACCOUNT = Identity(kinds=("azurerm_storage_account",), attributes=("name", "id"))
GOOGLE = Identity(kinds=("google_storage_bucket",), attributes=("name", "id", "self_link", "url"))
ROLE = Identity(kinds=("aws_iam_role",), attributes=("arn", "name", "id"))
KEY = Identity(kinds=("aws_kms_key",), attributes=("arn", "key_id", "id"), invented=True)
CONFIGURATION = Identity(
    kinds=("databricks_mws_storage_configurations",), attributes=("storage_configuration_id", "id")
)
CREDENTIALS = Identity(kinds=("databricks_mws_credentials",), attributes=("credentials_id", "id"))
DOCUMENT = Identity(
    kinds=("data.aws_iam_policy_document", "data.databricks_aws_bucket_policy"), attributes=("json", "minified_json")
)
SATELLITES = (
    ("aws_s3_bucket_", "bucket", BUCKET),
    ("azurerm_storage_", "storage_account_id", ACCOUNT),
    ("azurerm_storage_", "storage_account_name", ACCOUNT),
    ("azurerm_monitor_", "storage_account_id", ACCOUNT),
    ("google_storage_bucket_", "bucket", GOOGLE),
    ("aws_iam_role_policy", "role", ROLE),
    ("databricks_mws_log_delivery", "storage_configuration_id", CONFIGURATION),
    ("databricks_mws_log_delivery", "credentials_id", CREDENTIALS),
    ("databricks_mws_storage_configurations", "bucket_name", BUCKET),
    ("databricks_mws_credentials", "role_arn", ROLE),
)


def expected(name: str) -> dict[str, Free]:
    found: dict[str, Free] = json.loads((GENERATED / "expected.json").read_text(encoding="utf-8"))[name]
    return found


def generated(name: str, *, source: bool = False) -> Plan:
    return read_plan(str(GENERATED / name), source=GENERATED / "hcl" / name.removesuffix(".json") if source else None)


def one(plan: Plan, address: str) -> Resource:
    (found,) = (resource for resource in plan.resources if resource.address.text == address)
    return found


def named(plan: Plan, address: str, *path: str | int, identity: Identity) -> str | None:
    fact = plan.target(one(plan, address), *path, identity=identity).fact
    return fact.value.address.text if isinstance(fact, Known) and isinstance(fact.value, Resource) else None


def known(fact: object) -> Free:
    assert isinstance(fact, Known), fact
    return fact.value


def satellites(plan: Plan) -> Iterator[tuple[Resource, str, Identity]]:
    for resource in plan.resources:
        for prefix, attribute, identity in SATELLITES:
            kind = resource.address.kind
            unset = isinstance(fact := resource.after.optional(attribute).token(), Known) and fact.value is None
            if kind.startswith(prefix) and kind not in identity.kinds and not unset:
                yield resource, attribute, identity


def test_every_plan_is_read() -> None:
    resources = departures = 0
    for path in FILES:
        plan = read_plan(str(path), kinds=frozenset(Kind))
        resources += len(plan.resources)
        departures += len(plan.departures)
        ask_everything(plan)
    print(f"{len(FILES)} plans, {resources} resources, {departures} departures")  # noqa: T201 - the counts are the result
    assert len(FILES) == 38


def test_every_satellite_that_a_person_can_attribute_is_attributed() -> None:
    attributed, elsewhere, rest = 0, [], []
    for path in FILES:
        plan = read_plan(str(path), kinds=frozenset(Kind))
        for satellite, attribute, identity in satellites(plan):
            match plan.target(satellite, attribute, identity=identity).fact:
                case Known(value=Resource()):
                    attributed += 1
                case Known():
                    elsewhere.append(f"{path.name}: {satellite.address.text}")
                case Unknown():
                    rest.append(satellite.address.text)
    print(f"{attributed} attributed, to no resource of the plan: {elsewhere}, open: {rest}")  # noqa: T201 - the counts are the result
    assert rest == ["aws_s3_bucket_versioning.unknown"], "it names its bucket by a local, which --source shows"
    rule = "aws_s3_bucket_lifecycle_configuration.this"  # for a bucket outside of the plan
    stem = "tests__terraform__runner__resources__plan__tf_plan_filtered_rule"
    assert elsewhere == [f"{stem}_fail.json: {rule}", f"{stem}_success.json: {rule}"]
    assert attributed == 74


def test_attachments_are_those_that_a_person_found() -> None:
    name = "four-providers-create.json"
    plan, answers = generated(name), expected(name)["attachments"]
    found = {
        satellite.address.text: named(plan, satellite.address.text, attribute, identity=identity)
        for satellite, attribute, identity in satellites(plan)
    }
    assert len(answers) == 13
    for address, bucket in answers.items():
        assert found[address] == (None if bucket.startswith("unknown") else bucket), address
    assert (
        named(generated(name, source=True), "aws_s3_bucket_versioning.unknown", "bucket", identity=BUCKET)
        == "aws_s3_bucket.unknown"
    )


@pytest.mark.parametrize("name", ["four-providers-create.json", "databricks-docs-log-delivery-create.json"])
def test_where_the_logs_go(name: str) -> None:
    plan = generated(name)
    answers = expected(name)["log_delivery"]
    for address, answer in answers.items():
        delivery = one(plan, address)
        configuration = named(plan, address, "storage_configuration_id", identity=CONFIGURATION)
        credentials = named(plan, address, "credentials_id", identity=CREDENTIALS)
        assert configuration is not None
        assert credentials is not None
        assert answer.get("storage_configuration", configuration) == configuration
        assert answer.get("credentials", credentials) == credentials
        bucket = named(plan, configuration, "bucket_name", identity=BUCKET)
        assert bucket == answer["bucket"]
        assert known(one(plan, str(bucket)).after.text("bucket")) == answer.get("bucket_name", "acme-logdelivery")
        role = named(plan, credentials, "role_arn", identity=ROLE)
        assert answer.get("role", role) == role
        assert role is not None
        assert known(delivery.after.text("log_type")) == answer["log_type"]
        assert known(delivery.after.text("delivery_path_prefix")) == answer.get(
            "delivery_path_prefix", "billable-usage"
        )
        assert known(delivery.after.value("workspace_ids_filter")) is None


def attached(plan: Plan, bucket: str, kind: str) -> Resource:
    listing = plan.attached(one(plan, bucket), kind, "bucket", identity=BUCKET)
    (satellite,) = listing.items
    return satellite


def test_facts_of_the_module_bucket() -> None:
    plan = generated("four-providers-create.json")
    bucket = 'module.logs["dev"].aws_s3_bucket.this'
    assert (
        known(attached(plan, bucket, "aws_s3_bucket_versioning").after.text("versioning_configuration", 0, "status"))
        == "Disabled"
    )
    sse = attached(plan, bucket, "aws_s3_bucket_server_side_encryption_configuration")
    default = ("rule", 0, "apply_server_side_encryption_by_default", 0)
    assert known(sse.after.text(*default, "sse_algorithm")) == "aws:kms"
    assert known(sse.after.flag("rule", 0, "bucket_key_enabled")) is True
    key = named(plan, sse.address.text, *default, "kms_master_key_id", identity=KEY)
    assert key == 'module.logs["dev"].aws_kms_key.k'
    assert known(one(plan, key).after.flag("enable_key_rotation")) is True
    block = attached(plan, bucket, "aws_s3_bucket_public_access_block").after
    flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert [known(block.flag(flag)) for flag in flags] == [True] * 4
    lifecycle = attached(plan, bucket, "aws_s3_bucket_lifecycle_configuration").after
    assert known(lifecycle.number("rule", 0, "expiration", 0, "days")) == 400
    lock = attached(plan, bucket, "aws_s3_bucket_object_lock_configuration").after
    assert known(lock.text("rule", 0, "default_retention", 0, "mode")) == "COMPLIANCE"
    assert known(lock.number("rule", 0, "default_retention", 0, "days")) == 365
    assert isinstance(one(plan, bucket).after.flag("object_lock_enabled"), Unknown)


def test_policies_of_the_module_bucket() -> None:
    plan = generated("four-providers-create.json")
    bucket = one(plan, 'module.logs["dev"].aws_s3_bucket.this')
    listing = plan.attached(bucket, "aws_s3_bucket_policy", "bucket", identity=BUCKET)
    policies = {item.address.name: item for item in listing.items}
    assert set(policies) == {"known", "unknown"}
    assert "414351767826" in known(policies["known"].after.text("policy"))
    assert isinstance(policies["unknown"].after.text("policy"), Unknown)
    document = named(plan, policies["unknown"].address.text, "policy", identity=DOCUMENT)
    assert document == 'module.logs["dev"].data.aws_iam_policy_document.unknown'
    source = one(plan, document)
    assert source.action is Action.READ
    (statement,) = known(source.after.each("statement"))
    assert known(statement.text("effect")) == "Deny"
    assert known(statement.value("actions")) == ["s3:*"]
    assert known(statement.value("principals")) == [{"identifiers": ["*"], "type": "*"}]
    assert known(statement.value("condition", 0)) == {
        "test": "Bool",
        "values": ["false"],
        "variable": "aws:SecureTransport",
    }
    (resource,) = known(statement.each("resources"))
    assert isinstance(resource.text(), Unknown)
    reached = plan.reached(source, "statement", 0, "resources", identity=BUCKET)
    assert [item.address.text for item in reached.items] == [bucket.address.text]
    assert reached.gaps == ()


def test_facts_of_the_documentation_example() -> None:
    plan = generated("databricks-docs-log-delivery-create.json")
    bucket = one(plan, "aws_s3_bucket.logdelivery")
    assert known(bucket.after.flag("force_destroy")) is True
    assert (
        known(
            attached(plan, "aws_s3_bucket.logdelivery", "aws_s3_bucket_versioning").after.text(
                "versioning_configuration", 0, "status"
            )
        )
        == "Disabled"
    )
    block = attached(plan, "aws_s3_bucket.logdelivery", "aws_s3_bucket_public_access_block").after
    assert known(block.flag("ignore_public_acls")) is True
    for kind in ("aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_object_lock_configuration"):
        listing = plan.attached(bucket, kind, "bucket", identity=BUCKET)
        assert (listing.items, listing.gaps) == ((), ())
    policy = attached(plan, "aws_s3_bucket.logdelivery", "aws_s3_bucket_policy")
    document = named(plan, policy.address.text, "policy", identity=DOCUMENT)
    assert document == "data.databricks_aws_bucket_policy.logdelivery"
    assert named(plan, document, "full_access_role", identity=ROLE) == "aws_iam_role.logdelivery"
    assert named(plan, document, "bucket", identity=BUCKET) == "aws_s3_bucket.logdelivery"


def test_facts_of_the_old_provider() -> None:
    plan = generated("aws-3.39.0-inline-s3.json")
    bucket = one(plan, "aws_s3_bucket.logs").after
    assert isinstance(bucket.text("bucket"), Unknown)
    assert known(bucket.flag("versioning", 0, "enabled")) is True
    sse = ("server_side_encryption_configuration", 0, "rule", 0, "apply_server_side_encryption_by_default", 0)
    assert known(bucket.text(*sse, "sse_algorithm")) == "aws:kms"
    assert named(plan, "aws_s3_bucket.logs", *sse, "kms_master_key_id", identity=KEY) == "aws_kms_key.k"
    assert known(bucket.number("lifecycle_rule", 0, "expiration", 0, "days")) == 400
    controls = attached(plan, "aws_s3_bucket.logs", "aws_s3_bucket_ownership_controls").after
    assert known(controls.text("rule", 0, "object_ownership")) == "BucketOwnerPreferred"
    policy = attached(plan, "aws_s3_bucket.logs", "aws_s3_bucket_policy")
    assert isinstance(policy.after.text("policy"), Unknown)
    reached = plan.reached(policy, "policy", identity=BUCKET)
    assert [item.address.text for item in reached.items] == ["aws_s3_bucket.logs"]


def test_facts_of_the_changes() -> None:
    plan = generated("aws-6.25-update-moved-forget-delete.json")
    status = ("versioning_configuration", 0, "status")
    versioning = attached(plan, "aws_s3_bucket.a", "aws_s3_bucket_versioning")
    assert versioning.before is not None
    assert (known(versioning.before.text(*status)), known(versioning.after.text(*status))) == ("Enabled", "Suspended")
    assert one(plan, "aws_s3_bucket.b2").previous_address == "aws_s3_bucket.b"
    assert "aws:SecureTransport" in known(
        attached(plan, "aws_s3_bucket.b2", "aws_s3_bucket_policy").after.text("policy")
    )
    left = {departure.address.text: departure for departure in plan.departures}
    assert {address: departure.action for address, departure in left.items()} == {
        "aws_s3_bucket.old": Action.FORGET,
        "aws_s3_bucket_public_access_block.a": Action.DELETE,
    }
    formerly = plan.formerly(left["aws_s3_bucket_public_access_block.a"], "bucket", identity=BUCKET)
    assert [resource.address.text for resource in formerly] == ["aws_s3_bucket.a"]


def test_facts_of_the_other_clouds() -> None:
    plan = generated("four-providers-create.json")
    account = one(plan, "azurerm_storage_account.logs").after
    assert known(account.flag("blob_properties", 0, "versioning_enabled")) is True
    assert known(account.number("blob_properties", 0, "delete_retention_policy", 0, "days")) == 30
    rules = one(plan, "azurerm_storage_account_network_rules.logs").after
    assert known(rules.text("default_action")) == "Deny"
    assert sorted(known(rules.value("bypass"))) == ["AzureServices", "Logging"]
    actions = one(plan, "azurerm_storage_management_policy.logs").after.at("rule", 0, "actions", 0, "base_blob", 0)
    assert known(actions.number("delete_after_days_since_modification_greater_than")) == 365
    setting = one(plan, "azurerm_monitor_diagnostic_setting.dbx").after
    assert {known(log.text("category")) for log in known(setting.each("enabled_log"))} == {"accounts", "clusters"}
    google = one(plan, "google_storage_bucket.logs").after
    assert known(google.flag("uniform_bucket_level_access")) is True
    assert known(google.number("retention_policy", 0, "retention_period")) == 31536000
    assert known(google.flag("retention_policy", 0, "is_locked")) is True
    grants = one(plan, "databricks_grants.sys").after
    assert {
        known(grant.text("principal")): sorted(known(grant.value("privileges")))
        for grant in known(grants.each("grant"))
    } == {
        "account users": ["SELECT"],
        "auditors": ["SELECT", "USE_SCHEMA"],
    }


def test_every_bucket_of_the_nested_modules_has_its_own_access_block() -> None:
    (path,) = (path for path in FILES if "multi-module-referencing" in path.name)
    plan = read_plan(str(path))
    buckets = plan.of_kind("aws_s3_bucket")
    for bucket in buckets:
        listing = plan.attached(bucket, "aws_s3_bucket_public_access_block", "bucket", identity=BUCKET)
        assert [item.address.modules for item in listing.items] == [bucket.address.modules]
        assert listing.gaps == ()
    assert len(buckets) == 7


def test_lines_lead_to_the_block_and_to_the_module_call() -> None:
    plan = generated("four-providers-create.json", source=True)
    placed = 0
    for resource in plan.resources:
        lines = plan.lines(resource)
        assert len(lines) == 1 + len(resource.address.modules)
        for line in lines:
            assert Path(line.file).read_text(encoding="utf-8").splitlines()[line.line - 1].startswith(line.block)
            placed += 1
    assert placed > len(plan.resources)


def test_mutated_plans_are_read_or_refused() -> None:
    chance = random.Random(20260101)  # noqa: S311 - mutations, not secrets
    documents = [json.loads(path.read_bytes().decode("utf-8-sig")) for path in FILES if path.stat().st_size < 60_000]
    where = [list(places(document)) for document in documents]
    refused = 0
    for _ in range(600):
        index = chance.randrange(len(documents))
        body = mutated(documents[index], where[index], chance)
        try:
            ask_everything(parse_plan(json.dumps(body).encode(), "plan.json", kinds=frozenset(Kind)))
        except PlanError:
            refused += 1
    print(f"600 mutated plans, {refused} refused")  # noqa: T201 - the counts are the result
    assert 0 < refused < 400
