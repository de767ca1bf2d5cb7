"""What the AWS wing makes of plans of public sources, and of generated ones with hand-written answers."""

import json
from pathlib import Path

import pytest

from posture.adapters.aws.config import BucketConfig
from posture.adapters.aws.terraform.keys import Keys
from posture.model.facts import Known, Unknown
from posture.model.subjects import Ownership, Versioning, WormMode
from posture.terraform.document import Kind
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.read import read_plan
from tests.adapters.aws.terraform.build import config, known, store, tools, unknown, verdicts
from tests.cases.test_plans import FILES, FOLDER, GENERATED
from tests.terraform.plans import Free, one

pytestmark = [
    pytest.mark.cases,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="38 plans of public sources are not beside the checkout"),
]
DEV = 'module.logs["dev"].aws_s3_bucket.this'


def generated(name: str, *, source: bool = False) -> Plan:
    return read_plan(str(GENERATED / name), source=GENERATED / "hcl" / Path(name).stem if source else None)


def flags(found: BucketConfig) -> list[bool]:
    block = found.block
    facts = (
        block.block_public_acls,
        block.ignore_public_acls,
        block.block_public_policy,
        block.restrict_public_buckets,
    )
    return [known(fact) for fact in facts]


def policy_of(made: Plan, address: str) -> dict[str, Free]:
    resource = one(made, address)
    text = known(tools(made).documents.text(Place(values=resource.after, resource=resource).at("policy")))
    found: dict[str, Free] = json.loads(text)
    return found


@pytest.mark.parametrize("source", [False, True])
def test_a_chain_through_modules(source: bool) -> None:  # noqa: FBT001 - with and without the files
    made = generated("four-providers-create.json", source=source)
    found = config(made, DEV)
    default = known(found.encryption)
    assert default is not None
    assert (default.algorithm, default.bucket_key) == ("aws:kms", True)
    assert default.key_id.endswith('key/(module.logs["dev"].aws_kms_key.k)')
    assert known(Keys(tools(made)).config(one(made, 'module.logs["dev"].aws_kms_key.k')).rotating) is True
    assert flags(found) == [True] * 4
    assert [rule.expires_after for rule in known(found.lifecycle)] == [400]
    lock = known(found.object_lock)
    assert lock is not None
    assert (lock.mode, lock.days) == (WormMode.COMPLIANCE, 365)
    assert "2 resources" in unknown(found.policy).detail
    if source:  # else a local hides which bucket the versioning of another one belongs to
        assert known(found.versioning).versioning is Versioning.NEVER
        assert known(config(made, "aws_s3_bucket.unknown").versioning).versioning is Versioning.ENABLED
    else:
        assert "local.bkt" in unknown(found.versioning).detail
    refusal = policy_of(made, 'module.logs["dev"].aws_s3_bucket_policy.unknown')
    (statement,) = refusal["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert statement["Resource"] == ["arn:aws:s3:::acme-dev-audit" if source else "(known after apply)"]


def test_the_example_of_the_providers_documentation() -> None:
    made = generated("databricks-docs-log-delivery-create.json")
    address = "aws_s3_bucket.logdelivery"
    found = config(made, address)
    assert known(found.versioning).versioning is Versioning.NEVER
    assert flags(found) == [False, True, False, False]
    assert (known(found.lifecycle), known(found.object_lock)) == ((), None)
    (statement,) = json.loads(known(found.policy))["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::000000000001:role/acme-logdelivery"}
    grants = store(made, address).grants
    assert not grants.gaps
    assert {known(grant.principal) for grant in grants.items} == {"arn:aws:iam::000000000001:role/acme-logdelivery"}


def test_inline_blocks_of_version_3() -> None:
    found = config(generated("aws-3.39.0-inline-s3.json"))
    assert found.name == "(aws_s3_bucket.logs)"
    assert known(found.versioning).versioning is Versioning.ENABLED
    default = known(found.encryption)
    assert default is not None
    assert default.algorithm == "aws:kms"
    assert default.key_id.endswith("key/(aws_kms_key.k)")
    assert [rule.expires_after for rule in known(found.lifecycle)] == [400]
    assert flags(found) == [True] * 4
    assert known(found.ownership) is Ownership.PREFERRED
    assert "--source" in unknown(found.policy).needs
    shown = json.loads(known(config(generated("aws-3.39.0-inline-s3.json", source=True)).policy))
    assert shown["Statement"][0]["Resource"] == "arn:aws:s3:::(aws_s3_bucket.logs)"


def test_update_moved_forgotten_and_deleted() -> None:
    made = generated("aws-6.25-update-moved-forget-delete.json")
    first = config(made, "aws_s3_bucket.a")
    assert known(first.versioning).versioning is Versioning.SUSPENDED
    assert flags(first) == [False] * 4
    assert known(store(made, "aws_s3_bucket.b2").refusals.tls_required) is True
    assert {each.address.text for each in made.of_kind("aws_s3_bucket")} == {"aws_s3_bucket.a", "aws_s3_bucket.b2"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_bucket_of_every_plan_is_judged(path: Path) -> None:
    made = read_plan(str(path), kinds=frozenset(Kind))
    rows = verdicts(made)
    addresses = {each.address.text for each in made.of_kind("aws_s3_bucket")}
    plain = {uri for uri, _ in rows if "/" not in uri.removeprefix("s3://")}
    assert len(plain) == len(addresses)
    for address in addresses:
        contribution = store(made, address)
        for fact in (contribution.encrypted, contribution.policy, contribution.integrity.versioning):
            assert isinstance(fact, Known) or _explains(fact)


def _explains(fact: Unknown) -> bool:
    return bool(fact.detail) and bool(fact.needs)


def allowlist() -> Plan:
    (path,) = [path for path in FILES if "bucketpolicy_allowlist" in path.name]
    return read_plan(str(path))


@pytest.mark.parametrize(
    ("name", "public"),
    [
        *(("allowlist-external-policy", True), ("allowlist-inline-policy", True), ("allowget-external-policy", True)),
        *(("denylist-external-policy", False), ("denylist-inline-policy", False), ("nopolicy-bucket", False)),
        ("allowget-inline-policy", True),  # AWS's definition asks for the principal, not for what it may do
    ],
)
def test_policies_for_everybody_are_public_inline_and_beside(name: str, public: object) -> None:
    """Block Public Access of new buckets keeps the public out all the same."""
    found = store(allowlist(), f"aws_s3_bucket.{name}")
    assert known(found.exposure.policy_public) is public
    assert not [grant for grant in found.grants.items if known(grant.kind) in {"anonymous", "any_account"}]
