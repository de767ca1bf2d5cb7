"""What the vendors require of a log store: a control that fails a documented layout, or a fix that stops delivery,
is a defect.

One group of tests for each requirement that concerns AWS.
"""

from __future__ import annotations

import itertools

import pytest

from posture.model.assessment import SubjectInfo
from posture.model.logic import Severity, Verdict
from posture.model.subjects import About, Kind, Mode, Provider, Role
from posture.policy.assertions import words_used
from posture.policy.controls import Control
from posture.policy.plain import Plain
from tests.policies.layouts import (
    DOCUMENTED_SOURCE,
    DOCUMENTED_STORE,
    PROVIDER_EXAMPLE_STORE,
    TEMPLATE_GRANTS,
    WELL_KEPT_STORE,
    Layout,
    grant,
    unread,
    verdict,
)
from tests.policies.shipped import CONTROLS, control, fixes, names

STORE_CONTROLS = [
    each for each in CONTROLS if each.info.about is About.STORE and "s3_bucket" in dict(each.applies_to)["kind"]
]
SOURCE_CONTROLS = [
    each
    for each in CONTROLS
    if each.info.about is About.SOURCE and dict(each.applies_to).get("provider", ("databricks",)) == ("databricks",)
]
FIXES = fixes()
VENDOR_ACCOUNTS = ("414351767826", "044793339203", "170661010020")


def failing(layout: Layout, controls: list[Control]) -> set[str]:
    return {each.info.id for each in controls if verdict(each, layout) is Verdict.FAIL}


# --- whole layouts ----------------------------------------------------------------------------------------------------


def test_the_documented_delivery_passes_every_control_on_sources() -> None:
    assert {verdict(each, DOCUMENTED_SOURCE) for each in SOURCE_CONTROLS} == {Verdict.PASS}


def test_the_documented_store_fails_only_what_it_really_lacks() -> None:
    assert failing(DOCUMENTED_STORE, STORE_CONTROLS) == {
        "encrypted-with-customer-key",
        "clear-text-refused",
        "account-ignores-public-acls",
        "account-restricts-public-buckets",
        "account-refuses-public-acls",
        "account-refuses-public-policies",
        "versioning-enabled",
        "object-lock-enabled",
        "default-lock-in-compliance-mode",
        "default-lock-long-enough",
        "mfa-delete-where-possible",
        "access-recorded",
        "access-log-set-up",
        "replicated-elsewhere",
        "apart-from-workspace-accounts",
    }


def test_nothing_critical_fails_on_the_documented_layout() -> None:
    for layout in (DOCUMENTED_STORE, PROVIDER_EXAMPLE_STORE):
        critical = [each for each in STORE_CONTROLS if each.info.severity is Severity.CRITICAL]
        assert failing(layout, critical) == set()


def test_the_example_of_the_terraform_provider_adds_what_its_one_flag_leaves_open() -> None:
    assert failing(PROVIDER_EXAMPLE_STORE, STORE_CONTROLS) - failing(DOCUMENTED_STORE, STORE_CONTROLS) == {
        "public-policies-restricted",
        "public-policies-refused",
        "bucket-restricts-public-policy",
        "bucket-refuses-public-acls",
        "bucket-refuses-public-policy",
        "delivery-grant-no-wider-than-needed",
        "dedicated-to-audit-logs",
    }


def test_a_well_kept_store_passes_everything() -> None:
    assert {each.info.id: verdict(each, WELL_KEPT_STORE) for each in STORE_CONTROLS} == {
        each.info.id: Verdict.PASS for each in STORE_CONTROLS
    }


@pytest.mark.parametrize("layout", [DOCUMENTED_STORE, WELL_KEPT_STORE, PROVIDER_EXAMPLE_STORE])
def test_an_unread_store_passes_and_fails_nothing(layout: Layout) -> None:
    assert {verdict(each, unread(layout)) for each in STORE_CONTROLS} == {Verdict.UNKNOWN}


@pytest.mark.parametrize("level", ["account", "bucket"])
def test_a_store_protected_in_effect_fails_at_most_low_controls_on_block_public_access(level: str) -> None:
    other = "bucket" if level == "account" else "account"
    layout: Layout = {
        path: path.split(".")[2] != other if path.startswith("exposure.blocked.") else stated
        for path, stated in DOCUMENTED_STORE.items()
    }
    found = [each for each in STORE_CONTROLS if any("exposure.blocked" in path for path in words_used(each.require))]
    failed = failing(layout, found)
    assert len(failed) == 4
    assert {control(each).info.severity for each in failed} == {Severity.LOW}


# --- V1, V2, V3: who writes, from which account, with which actions ---------------------------------------------------


ACCESS = [
    each
    for each in STORE_CONTROLS
    if any(
        path.startswith(("grants", "delivery.writer_", "encryption.key_grants")) for path in words_used(each.require)
    )
]


@pytest.mark.parametrize("each", ACCESS, ids=names)
def test_v1_v2_no_control_on_access_fails_the_documented_layout_across_accounts(each: Control) -> None:
    """It holds the five documented classes of actions, s3:PutObjectAcl and s3:DeleteObject among them."""
    assert verdict(each, DOCUMENTED_STORE) is Verdict.PASS


@pytest.mark.parametrize("each", ACCESS, ids=names)
def test_v1_no_control_on_access_asks_for_a_bucket_grant_in_the_account_of_the_role(each: Control) -> None:
    layout: Layout = {**DOCUMENTED_STORE, "grants": []}
    assert verdict(each, layout) is Verdict.PASS


def test_the_policy_of_the_terraform_data_source_is_wide_and_no_stranger() -> None:
    layout: Layout = {**DOCUMENTED_STORE, "grants": TEMPLATE_GRANTS}
    assert failing(layout, ACCESS) == {"delivery-grant-no-wider-than-needed"}
    assert control("delivery-grant-no-wider-than-needed").info.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("deputy", "expected"),
    [
        (False, {"vendor-comes-through-our-role"}),
        (True, {"vendor-comes-through-our-role", "vendor-tied-to-our-account"}),
    ],
)
def test_v3_the_vendor_in_the_bucket_policy_is_a_finding_of_its_own(deputy: bool, expected: set[str]) -> None:  # noqa: FBT001 - parametrised
    vendor = grant(
        "read",
        principal=VENDOR_ACCOUNTS[0],
        kind="account",
        scope="vendor",
        delivers=False,
        within_need=False,
        confused_deputy=deputy,
    )
    layout: Layout = {**DOCUMENTED_STORE, "grants": [vendor]}
    assert failing(layout, ACCESS) == expected


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        (
            {"principal": VENDOR_ACCOUNTS[0], "scope": "vendor", "delivers": False},
            "only-databricks-becomes-the-delivering-role",
        ),
        ({"principal": "999999999999", "scope": "outside", "delivers": False}, "delivering-role-closed-to-outsiders"),
    ],
)
def test_v3_the_trust_of_the_role_names_the_delivery_role_alone(trust: Plain, expected: str) -> None:
    layout: Layout = {**DOCUMENTED_STORE, "delivery.writer_trust": [trust]}
    assert expected in failing(layout, ACCESS)


@pytest.mark.parametrize(("where", "text"), FIXES)
def test_v1_v2_a_fix_that_lists_the_rights_of_the_writer_lists_all_of_them(where: str, text: str) -> None:
    if "s3:PutObject" in text:
        needed = (
            "s3:GetObject",
            "s3:DeleteObject",
            "s3:PutObjectAcl",
            "s3:AbortMultipartUpload",
            "s3:GetBucketLocation",
        )
        assert [action for action in needed if action not in text] == [], where


def test_v1_some_fix_lists_them() -> None:
    assert [where for where, text in FIXES if "s3:PutObject," in text] == [
        "audit-log-delivery-succeeding/databricks",
        "delivering-role-admitted/aws",
        "delivery-grant-no-wider-than-needed/aws",
        "delivering-role-confined/aws",
        "apart-from-workspace-accounts/aws",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "only-the-delivering-role-writes",
        "no-deletion-from-outside",
        "vendor-comes-through-our-role",
        "versioning-enabled",
    ],
)
def test_v3_no_fix_takes_from_a_workspace_what_its_root_bucket_has_to_give_it(name: str) -> None:
    text = dict(control(name).info.fix)["aws"]
    assert "root bucket" in text
    assert "deliver logs elsewhere" in text


@pytest.mark.parametrize(("where", "text"), FIXES)
def test_v3_no_fix_puts_the_vendor_into_a_bucket_policy(where: str, text: str) -> None:
    assert not [account for account in VENDOR_ACCOUNTS if account in text], where


# --- V4: ownership ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ownership", "expected"),
    [
        ("bucket_owner_preferred", Verdict.PASS),
        ("bucket_owner_enforced", Verdict.PASS),
        ("object_writer", Verdict.FAIL),
    ],
)
def test_v4_both_ownerships_that_take_the_canned_acl_pass(ownership: str, expected: Verdict) -> None:
    layout: Layout = {**DOCUMENTED_STORE, "acl.ownership": ownership}
    assert verdict(control("objects-owned-by-bucket-owner"), layout) is expected


@pytest.mark.parametrize("name", ["objects-owned-by-bucket-owner", "public-acls-refused", "bucket-refuses-public-acls"])
def test_v4_fixes_on_ownership_and_acls_say_that_the_canned_acl_stays_allowed(name: str) -> None:
    assert "bucket-owner-full-control" in dict(control(name).info.fix)["aws"]


# --- V5: delivered files are overwritten ------------------------------------------------------------------------------


def test_v5_versioning_and_object_lock_are_wanted_together() -> None:
    layout: Layout = {**DOCUMENTED_STORE, "integrity.versioning": "enabled", "integrity.worm_enabled": True}
    assert not failing(layout, [control("versioning-enabled"), control("object-lock-enabled")])


def test_v5_a_short_life_of_older_versions_is_early_deletion() -> None:
    layout: Layout = {**WELL_KEPT_STORE, "retention.noncurrent_days": 7}
    assert failing(layout, STORE_CONTROLS) == {"older-versions-retained-long-enough"}


# --- V6, V7: encryption is the bucket's default -----------------------------------------------------------------------


@pytest.mark.parametrize(("where", "text"), FIXES)
def test_v6_no_fix_refuses_uploads_without_an_encryption_header(where: str, text: str) -> None:
    assert "x-amz-server-side-encryption" not in text, where
    assert "Deny" not in text, where
    if "encryption header" in text:
        assert "the writer sends no encryption header" in text, where


def test_v7_the_fix_for_the_key_admits_the_delivering_role_before_it_sets_the_default() -> None:
    text = dict(control("encrypted-with-customer-key").info.fix)["aws"]
    assert "kms:GenerateDataKey and kms:Decrypt, in its own policy and in the key policy" in text
    assert text.index("kms:GenerateDataKey") < text.index("set the bucket's default encryption")
    assert "the next delivery succeeds" in text


def test_v7_a_failing_delivery_points_at_the_key_too() -> None:
    text = dict(control("audit-log-delivery-succeeding").info.fix)["databricks"]
    assert "kms:GenerateDataKey and kms:Decrypt, in the role and in the key policy" in text


def test_v6_a_policy_that_says_nothing_of_upload_encryption_lacks_nothing() -> None:
    assert verdict(control("rule-on-upload-encryption-has-no-gap"), DOCUMENTED_STORE) is Verdict.PASS
    assert control("rule-on-upload-encryption-has-no-gap").info.severity is Severity.LOW


def test_v7_a_key_that_shuts_the_writer_out_fails() -> None:
    layout: Layout = {**WELL_KEPT_STORE, "encryption.key_admits_writer": False}
    assert failing(layout, STORE_CONTROLS) == {"encryption-key-admits-the-delivering-role"}


# --- V8: Object Lock and checksums ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["object-lock-enabled", "default-lock-in-compliance-mode", "default-lock-long-enough"])
def test_v8_fixes_on_object_lock_say_to_confirm_the_next_delivery(name: str) -> None:
    text = dict(control(name).info.fix)["aws"]
    assert "confirm" in text
    assert "next delivery succeeds" in text


def test_v8_the_fix_that_turns_the_lock_on_says_why_delivery_may_stop() -> None:
    assert "checksum" in dict(control("object-lock-enabled").info.fix)["aws"]


# --- V9, V10: networks and public policies ----------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "text"), FIXES)
def test_v9_no_fix_ties_the_bucket_to_a_network_of_ours(where: str, text: str) -> None:
    assert not [key for key in ("SourceVpc", "SourceIp", "VPC endpoint", "IP address") if key in text], where


@pytest.mark.parametrize(
    "name", ["public-policies-restricted", "account-restricts-public-buckets", "bucket-restricts-public-policy"]
)
def test_v10_fixes_that_restrict_public_policies_warn_of_a_writer_in_another_account(name: str) -> None:
    text = dict(control(name).info.fix)["aws"]
    assert "another account" in text or "other accounts" in text
    assert "deliver" in text


def test_v10_a_writer_that_is_cut_off_fails_beside_the_public_statement() -> None:
    layout: Layout = {
        **DOCUMENTED_STORE,
        "exposure.policy_public": True,
        "grants": [],
        "delivery.writer_admitted": False,
    }
    assert failing(layout, STORE_CONTROLS) - failing(DOCUMENTED_STORE, STORE_CONTROLS) == {
        "bucket-policy-not-public",
        "delivering-role-admitted",
    }


@pytest.mark.parametrize("each", [each for each in ACCESS if "grants" in words_used(each.require)], ids=names)
def test_a_fix_that_touches_who_writes_has_the_next_delivery_confirmed_or_the_role_kept(each: Control) -> None:
    text = dict(each.info.fix)["aws"]
    assert "deliver" in text or "identity of the owner's account" in text or "posture.yaml" in text


# --- V11, V12: access logs, MFA delete --------------------------------------------------------------------------------


def test_v11_nothing_is_asked_of_the_target_of_an_access_log() -> None:
    used = frozenset[str]().union(*(words_used(each.require) for each in STORE_CONTROLS))
    assert {path for path in used if path.startswith("monitoring.target")} == {"monitoring.target_is_self"}


def test_v11_fixes_on_access_logging_name_a_target_that_s3_can_write_to() -> None:
    for name in ("access-recorded", "access-log-kept-elsewhere"):
        text = dict(control(name).info.fix)["aws"]
        assert "same Region" in text
        assert "default Object Lock retention" in text


@pytest.mark.parametrize("name", ["access-recorded", "access-log-kept-elsewhere", "access-log-set-up"])
def test_v11_the_target_is_encrypted_as_s3_documents_for_it(name: str) -> None:
    assert "SSE-S3" in dict(control(name).info.fix)["aws"]


@pytest.mark.parametrize(("where", "text"), FIXES)
def test_v11_no_fix_writes_access_logs_into_the_bucket_itself(where: str, text: str) -> None:
    if "access logging into" in text or "access logging at" in text:
        assert "separate bucket" in text or "bucket of its own" in text, where


@pytest.mark.parametrize(
    ("lifecycle", "second_factor", "lock"),
    list(itertools.product([True, False], [True, False], ["none", "compliance"])),
)
def test_v12_no_lifecycle_fails_for_want_of_mfa_delete(lifecycle: bool, second_factor: bool, lock: str) -> None:  # noqa: FBT001 - parametrised
    layout: Layout = {
        **WELL_KEPT_STORE,
        "retention.lifecycle": lifecycle,
        "integrity.mfa_delete": second_factor,
        "integrity.worm_mode": lock,
    }
    wanted = Verdict.PASS if lifecycle or second_factor or lock == "compliance" else Verdict.FAIL
    assert verdict(control("mfa-delete-where-possible"), layout) is wanted


def test_v12_mfa_delete_is_never_more_than_low_and_its_fix_gives_way_to_a_lifecycle() -> None:
    found = control("mfa-delete-where-possible").info
    assert found.severity is Severity.LOW
    assert "only on buckets without a lifecycle configuration" in dict(found.fix)["aws"]


@pytest.mark.parametrize("name", ["retained-long-enough", "older-versions-retained-long-enough"])
def test_v12_retention_needs_no_lifecycle(name: str) -> None:
    layout: Layout = {
        **WELL_KEPT_STORE,
        "retention.days": "forever",
        "retention.noncurrent_days": "forever",
        "retention.lifecycle": False,
        "integrity.mfa_delete": True,
    }
    assert verdict(control(name), layout) is Verdict.PASS


# --- V20, V21: what Databricks keeps ----------------------------------------------------------------------------------


def test_v20_a_configuration_that_is_only_disabled_is_no_error() -> None:
    leftover: dict[str, Plain] = {
        "enabled": False,
        "status": "not_found",
        "succeeding": False,
        "hours_since_success": "forever",
        "filtered": True,
        "shares_workspace_root": True,
    }
    configurations = DOCUMENTED_SOURCE["delivery.configurations"]
    assert isinstance(configurations, list)
    layout: Layout = {**DOCUMENTED_SOURCE, "delivery.configurations": [*configurations, leftover]}
    assert {verdict(each, layout) for each in SOURCE_CONTROLS} == {Verdict.PASS}


@pytest.mark.parametrize("fact", ["delivery.writer_admitted", "encryption.key_admits_writer"])
def test_v20_a_role_that_delivers_no_longer_needs_no_way_in(fact: str) -> None:
    """The store of a disabled configuration keeps old logs, and is safer without its writer."""
    layout: Layout = {**WELL_KEPT_STORE, fact: False, "delivery.enabled": False}
    assert failing(layout, STORE_CONTROLS) == set()
    assert len(failing({**layout, "delivery.enabled": True}, STORE_CONTROLS)) == 1


@pytest.mark.parametrize(("where", "text"), FIXES)
def test_v20_no_fix_deletes_a_delivery_configuration(where: str, text: str) -> None:
    lowered = text.lower()
    assert not [
        phrase for phrase in ("delete the configuration", "delete the old", "remove the old") if phrase in lowered
    ]
    if "the old one" in lowered:
        assert "disable the old one" in lowered, where


@pytest.mark.parametrize("each", STORE_CONTROLS, ids=names)
def test_v21_no_control_on_buckets_is_asked_of_a_system_table(each: Control) -> None:
    table = SubjectInfo(
        about=About.STORE,
        uri="databricks://account/system.access.audit",
        mode=Mode.LIVE,
        provider=Provider.DATABRICKS,
        kind=Kind.TABLE,
        role=Role.TABLE,
    )
    assert not each.applies(table)
