"""What posture says of the buckets of public plans, and of generated ones with hand-written answers."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from posture.errors import PostureError
from posture.estate import Joined
from posture.model.facts import FOREVER, Unknown
from posture.model.logic import Outcome
from posture.model.subjects import About, KeyManager, LogStore, Ownership, Versioning, WormMode
from posture.planning import Asked, PlanOutcome, plan
from posture.terraform.document import Kind
from posture.terraform.plan import Plan
from posture.terraform.read import read_plan
from tests.cases.test_plans import FILES, GENERATED, pytestmark  # noqa: F401 - the same marks
from tests.parity.comparing import Facts, Listed, facts
from tests.terraform.mutations import Place, mutated, places
from tests.terraform.touched import unexplained
from tests.terraform.verdicts import Verdicts, request, verdicts_of

SOURCE = "databricks://00000000-0000-0000-0000-000000000001"


@cache
def outcome(name: str, *, everything: bool = True) -> tuple[Plan, PlanOutcome]:
    (path,) = (each for each in FILES if each.name == name or name in each.stem)
    tfplan = read_plan(str(path), kinds=frozenset(Kind))
    return tfplan, plan(request(), tfplan, Asked(everything=everything))


def subject(name: str, address: str, about: About = About.STORE, *, everything: bool = True) -> Joined:
    _, found = outcome(name, everything=everything)
    (one,) = (each for each in found.subjects if each.info.about is about and each.info.places[0].address == address)
    return one


def known(name: str, address: str, about: About = About.STORE, *, everything: bool = True) -> Facts:
    return facts(subject(name, address, about, everything=everything).record, {})


def verdict(name: str, control: str, address: str) -> Outcome:
    _, found = outcome(name)
    (row,) = (
        row
        for row in found.assessment.findings
        if row.control.id == control and row.subject.places and row.subject.places[0].address == address
    )
    return row.outcome


def listed(found: Facts, path: str) -> list[Facts]:
    value = found[path]
    assert isinstance(value, Listed)
    return list(value.items)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[-60:])
def test_every_bucket_of_every_plan_has_rows(path: Path) -> None:
    tfplan = read_plan(str(path), kinds=frozenset(Kind))
    found = plan(request(), tfplan, Asked(everything=True)).assessment
    kinds = ("aws_s3_bucket", "azurerm_storage_account", "google_storage_bucket")
    buckets = {resource.address.text for kind in kinds for resource in tfplan.of_kind(kind)}
    rows = Counter(row.subject.places[0].address for row in found.findings if row.subject.about is About.STORE)
    assert buckets <= rows.keys()
    assert found.exit_code in ({1, 3} if buckets else {1, 3, 4})


class TestGoogle:
    """Buckets of the validator's plans, by providers of 2020 and 2021, and one by today's."""

    BUCKET = "google_storage_bucket.default"

    def test_one_as_it_is_there(self) -> None:
        found = known("test__read_planned_assets__tf1_0plan.applied", "google_storage_bucket.my-bucket")
        assert found["acl.ownership"] is Ownership.ENFORCED
        assert (found["exposure.website"], found["integrity.versioning"]) == (True, Versioning.NEVER)
        assert found["exposure.public_cors"] is False, "it takes POST only"
        assert isinstance(found["integrity.soft_delete_days"], Unknown), "the provider of its time does not show it"

    @pytest.mark.parametrize("part", ["policy", "binding", "member"])
    def test_who_is_bound_is_named_and_whose_they_are_is_open_without_a_scan(self, part: str) -> None:
        record = subject(f"example_storage_bucket_iam_{part}.tfplan", self.BUCKET).record
        assert isinstance(record, LogStore)
        grants = [facts(grant, {}) for grant in record.grants.items]
        bound = [grant for grant in grants if grant["principal"] == "user:jane@example.com"]
        assert bound
        assert all(isinstance(grant["scope"], Unknown) for grant in bound)

    def test_a_bucket_whose_name_is_made_by_apply(self) -> None:
        found = subject("example_storage_bucket_iam_member_random_suffix.tfplan", self.BUCKET)
        assert found.info.uri == "gs://(google_storage_bucket.default)"

    def test_a_locked_bucket_is_found_by_the_account_that_delivers(self) -> None:
        address = "google_storage_bucket.logs"
        found = known("four-providers-create", address, everything=False)
        assert (found["integrity.worm_mode"], found["integrity.worm_days"]) == (WormMode.COMPLIANCE, 365)
        assert found["exposure.public_blocked"] is True
        assert verdict("four-providers-create", "no-public-read", address) is Outcome.PASS
        assert verdict("four-providers-create", "no-reading-from-outside", address) is Outcome.UNKNOWN


class TestDocumentationExample:
    NAME = "databricks-docs-log-delivery-create"
    BUCKET = "aws_s3_bucket.logdelivery"

    def test_where_the_logs_go(self) -> None:
        source = known(self.NAME, "databricks_mws_log_delivery.audit_logs", About.SOURCE, everything=False)
        (delivery,) = listed(source, "delivery.configurations")
        assert delivery["store"] == "s3://acme-logdelivery/audit-logs"
        assert delivery["enabled"] is True
        assert delivery["filtered"] is False
        assert subject(self.NAME, self.BUCKET, everything=False).info.uri == "s3://acme-logdelivery/audit-logs"

    def test_what_is_set(self) -> None:
        store = known(self.NAME, self.BUCKET)
        assert known(self.NAME, self.BUCKET, About.CHANGE)["force_destroy"] is True
        assert store["integrity.versioning"] is Versioning.NEVER
        flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert [store[f"exposure.blocked.bucket.{flag}"] for flag in flags] == [False, False, True, False]
        assert (store["retention.lifecycle"], store["retention.days"]) == (False, FOREVER)
        assert (store["integrity.worm_enabled"], store["integrity.worm_mode"]) == (False, WormMode.NONE)

    def test_the_policy_is_rebuilt_from_its_data_source(self) -> None:
        store = known(self.NAME, self.BUCKET)
        grants = store["grants"]
        assert isinstance(grants, Listed)
        assert grants.closed
        assert {(grant["principal"], grant["account"], grant["action"]) for grant in grants.items} == {
            (principal, account, action)
            for principal, account in {(grant["principal"], grant["account"]) for grant in grants.items}
            for action in ("list", "read", "write", "delete")
        }
        (principal,) = {str(grant["principal"]) for grant in grants.items}
        assert principal.endswith(":role/acme-logdelivery")
        assert store["encryption.tls_required"] is False

    @pytest.mark.parametrize(
        "control",
        [
            "access-log-set-up", "clear-text-refused", "default-lock-long-enough", "encrypted-with-customer-key",
            "store-not-emptied-by-terraform", "versioning-enabled",
        ],
    )  # fmt: skip
    def test_it_fails_where_the_documentation_is_careless(self, control: str) -> None:
        assert verdict(self.NAME, control, self.BUCKET) is Outcome.FAIL


class TestFourProviders:
    NAME = "four-providers-create"
    BUCKET = 'module.logs["dev"].aws_s3_bucket.this'

    def test_where_the_logs_go(self) -> None:
        source = known(self.NAME, "databricks_mws_log_delivery.audit", About.SOURCE, everything=False)
        (delivery,) = listed(source, "delivery.configurations")
        assert (delivery["store"], delivery["filtered"]) == ("s3://acme-dev-audit/audit-logs", False)
        store = known(self.NAME, self.BUCKET, everything=False)
        assert str(store["delivery.writer"]).endswith(":role/acme-dev-audit-role")

    def test_what_is_set(self) -> None:
        store = known(self.NAME, self.BUCKET)
        assert store["encryption.key_manager"] is KeyManager.CUSTOMER
        assert (store["encryption.key_rotating"], store["encryption.bucket_key"]) == (True, True)
        flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert [store[f"exposure.blocked.bucket.{flag}"] for flag in flags] == [True] * 4
        assert (store["retention.days"], store["integrity.worm_days"]) == (400, 365)
        assert store["integrity.worm_mode"] is WormMode.COMPLIANCE

    def test_a_lock_without_versioning_cannot_be_and_is_not_decided(self) -> None:
        assert isinstance(known(self.NAME, self.BUCKET)["integrity.versioning"], Unknown)

    def test_of_two_policies_nobody_knows_which_one_stays(self) -> None:
        grants = known(self.NAME, self.BUCKET)["grants"]
        assert isinstance(grants, Listed)
        assert not grants.closed


def test_inline_blocks_of_the_old_provider() -> None:
    store = known("aws-3.39.0-inline-s3", "aws_s3_bucket.logs")
    assert store["uri"] == "s3://(aws_s3_bucket.logs)"
    assert store["integrity.versioning"] is Versioning.ENABLED
    assert (store["encryption.key_manager"], store["retention.days"]) == (KeyManager.CUSTOMER, 400)
    assert store["acl.ownership"] is Ownership.PREFERRED
    flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert [store[f"exposure.blocked.bucket.{flag}"] for flag in flags] == [True] * 4
    assert isinstance(store["encryption.tls_required"], Unknown), "jsonencode over an ARN that is not known"


def test_an_update_a_move_and_what_leaves() -> None:
    name = "aws-6.25-update-moved-forget-delete"
    store = known(name, "aws_s3_bucket.a")
    assert store["integrity.versioning"] is Versioning.SUSPENDED
    flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert [store[f"exposure.blocked.bucket.{flag}"] for flag in flags] == [False] * 4
    removed = {
        str(each["name"]): each["removed"]
        for each in listed(known(name, "aws_s3_bucket.a", About.CHANGE), "protections")
    }
    assert removed["integrity.versioning"] is True
    assert removed["exposure.blocked.bucket.block_public_acls"] is True
    moved = known(name, "aws_s3_bucket.b2")
    assert moved["encryption.tls_required"] is True
    change = known(name, "aws_s3_bucket.b2", About.CHANGE)
    assert not change["destroys_store"]
    assert True not in [each["removed"] for each in listed(change, "protections")]
    assert known(name, "aws_s3_bucket.old", About.CHANGE)["destroys_store"] is False, "it stays, outside of Terraform"


@pytest.mark.parametrize(
    ("bucket", "public"),
    [
        ("allowlist-inline-policy", True),
        ("allowlist-external-policy", True),
        ("allowget-external-policy", True),
        ("denylist-inline-policy", False),
        ("denylist-external-policy", False),
        ("nopolicy-bucket", False),
    ],
)
def test_public_policies_are_those_that_their_names_say(bucket: str, *, public: bool) -> None:
    name = "bucketpolicy_allowlist"
    expected = Outcome.FAIL if public else Outcome.PASS
    assert verdict(name, "bucket-policy-not-public", f"aws_s3_bucket.{bucket}") is expected


def test_a_key_by_its_bare_id_may_be_anybodys() -> None:
    control, address = "encrypted-with-customer-key", "aws_s3_bucket.fail"
    assert verdict("test_s3_encryption_failure", control, address) is Outcome.FAIL
    assert verdict("test_s3_encryption_success", control, address) is Outcome.UNKNOWN


def test_every_bucket_of_the_nested_modules_blocks_the_public() -> None:
    _, found = outcome("multi-module-referencing")
    stores = [facts(each.record, {}) for each in found.subjects if each.info.about is About.STORE]
    assert len(stores) == 7
    assert all(store["exposure.blocked.bucket.restrict_public_buckets"] is True for store in stores)


def test_mutated_plans_are_judged_or_refused_and_pass_only_what_changed() -> None:
    chance = random.Random(20260102)  # noqa: S311 - mutations, not secrets
    originals: Mapping[Path, tuple[object, list[Place], Verdicts]] = {
        path: (document, list(places(document)), verdicts_of(document))
        for path in FILES
        if path.stat().st_size < 60_000 and "state" not in path.name
        for document in [json.loads(path.read_bytes().decode("utf-8-sig"))]
    }
    refused = new = 0
    for _ in range(80):
        document, where, before = originals[chance.choice(list(originals))]
        body = mutated(document, where, chance)
        try:
            after = verdicts_of(body)
        except PostureError:
            refused += 1
            continue
        found = unexplained(document, before, body, after)
        new += found.passes
        assert found.rows == ()
    print(f"80 mutated plans, {refused} refused, {new} new passes, each of a resource that changed")  # noqa: T201 - the counts are the result
    assert 0 < refused < 60
