"""What sets a setting of a planned bucket, and what it is where nothing does."""

import pytest

from posture.adapters.aws.config import BucketConfig, ObjectLock
from posture.model.facts import Known, Unknown
from posture.model.subjects import Ownership, Versioning, WormMode
from tests.adapters.aws.terraform.build import (
    LOGS,
    TO_LOGS,
    beside,
    bucket,
    config,
    configuration,
    kept,
    known,
    plan,
    unknown,
)
from tests.terraform.plans import Free, change, document, module, read, refs, written

BLOCK = "aws_s3_bucket_public_access_block"
VERSIONING = "aws_s3_bucket_versioning"
ALL_ON = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
)
SATELLITES = {  # a resource of each kind, and the fields of the record that it sets
    VERSIONING: ("versioning",),
    "aws_s3_bucket_server_side_encryption_configuration": ("encryption",),
    "aws_s3_bucket_policy": ("policy",),
    "aws_s3_bucket_lifecycle_configuration": ("lifecycle",),
    "aws_s3_bucket_logging": ("logging",),
    "aws_s3_bucket_replication_configuration": ("replication",),
    "aws_s3_bucket_object_lock_configuration": ("object_lock",),
    "aws_s3_bucket_ownership_controls": ("ownership",),
    "aws_s3_bucket_acl": ("acl",),
    "aws_s3_bucket_website_configuration": ("website",),
    "aws_s3_bucket_cors_configuration": ("cors",),
    "aws_s3_bucket_notification": ("notified",),
}


def flags(found: BucketConfig) -> list[bool | None]:
    block = found.block
    facts = (
        block.block_public_acls,
        block.block_public_policy,
        block.ignore_public_acls,
        block.restrict_public_buckets,
    )
    return [fact.value if isinstance(fact, Known) else None for fact in facts]


def settings(found: BucketConfig) -> dict[str, object]:
    """Every setting that has a satellite, with None for what is not known."""
    names = [name for names in SATELLITES.values() for name in names]
    facts = {name: getattr(found, name) for name in names}
    return {name: fact.value if isinstance(fact, Known) else "?" for name, fact in facts.items()}


def test_a_new_bucket_with_nothing_beside_it_has_what_aws_gives_it() -> None:
    found = config(plan(bucket()))
    assert flags(found) == [True] * 4
    assert known(found.ownership) is Ownership.ENFORCED
    assert known(found.versioning).versioning is Versioning.NEVER
    default = known(found.encryption)
    assert default is not None
    assert (default.algorithm, default.key_id) == ("AES256", "")
    assert known(found.acl).grants == ()
    nothing = {"policy": "", "lifecycle": (), "logging": None, "replication": (), "object_lock": None, "website": False}
    assert settings(found).items() >= nothing.items()


def test_what_is_there_has_what_the_refresh_saw_and_the_rest_only_aws_knows() -> None:
    found = config(plan(kept()))
    assert flags(found) == [None] * 4
    assert unknown(found.block.block_public_acls).needs == "--context"
    assert unknown(found.ownership).needs == "--context"
    assert known(found.versioning).versioning is Versioning.NEVER
    assert known(found.lifecycle) == ()


@pytest.mark.parametrize("action", ["no-op", "update"])
def test_live_settings_of_the_bucket_itself_are_evidence(action: str) -> None:
    live = kept(
        action=action,
        versioning=[{"enabled": True, "mfa_delete": False}],
        server_side_encryption_configuration=[
            {
                "rule": [
                    {
                        "apply_server_side_encryption_by_default": [
                            {"sse_algorithm": "aws:kms", "kms_master_key_id": "arn:aws:kms:eu-west-1:1:key/k"}
                        ],
                        "bucket_key_enabled": True,
                    }
                ]
            }
        ],
        lifecycle_rule=[{"id": "r", "enabled": True, "prefix": "", "expiration": [{"days": 90, "date": ""}]}],
        logging=[{"target_bucket": "trace", "target_prefix": "s3/"}],
        policy='{"Statement": []}',
    )
    found = config(plan(live))
    assert known(found.versioning).versioning is Versioning.ENABLED
    default = known(found.encryption)
    assert default is not None
    assert (default.algorithm, default.key_id, default.bucket_key) == ("aws:kms", "arn:aws:kms:eu-west-1:1:key/k", True)
    assert [rule.expires_after for rule in known(found.lifecycle)] == [90]
    target = known(found.logging)
    assert target is not None
    assert target.bucket == "trace"
    assert known(found.policy) == '{"Statement": []}'


def test_a_satellite_comes_before_the_block_of_the_bucket() -> None:
    status = beside(VERSIONING, versioning_configuration=[{"status": "Suspended", "mfa_delete": "Disabled"}])
    found = config(plan(kept(versioning=[{"enabled": True, "mfa_delete": False}]), status))
    assert known(found.versioning).versioning is Versioning.SUSPENDED


@pytest.mark.parametrize("kind", [*SATELLITES, BLOCK])
def test_a_satellite_that_cannot_be_joined_leaves_what_it_would_set_unknown_on_every_bucket(kind: str) -> None:
    root = configuration(LOGS, "aws_s3_bucket.b", more=[written(f"{kind}.x", bucket=refs("local.bucket"))])
    planned = plan(bucket(), bucket("aws_s3_bucket.b", "acme-b"), beside(kind, "x"), root=root)
    for address in (LOGS, "aws_s3_bucket.b"):
        found = config(planned, address)
        touched = SATELLITES.get(kind, ())
        assert {name for name, value in settings(found).items() if value == "?"} == set(touched)
        assert flags(found) == [None if kind == BLOCK else True] * 4
        if touched:
            why = unknown(getattr(found, touched[0]))
            assert "local.bucket" in why.detail
            assert "--source" in why.needs


@pytest.mark.parametrize("kind", SATELLITES)
def test_two_of_a_kind_on_one_bucket_are_unknown(kind: str) -> None:
    found = config(plan(bucket(), beside(kind, "one"), beside(kind, "two")))
    why = unknown(getattr(found, SATELLITES[kind][0]))
    assert "the last one applied wins" in why.detail


@pytest.mark.parametrize(
    ("kind", "before", "field", "value"),
    [
        ("aws_s3_bucket_policy", {"policy": '{"Statement": []}'}, "policy", ""),
        ("aws_s3_bucket_lifecycle_configuration", {"rule": [{}]}, "lifecycle", ()),
        ("aws_s3_bucket_logging", {"target_bucket": "trace"}, "logging", None),
        ("aws_s3_bucket_ownership_controls", {"rule": [{}]}, "ownership", Ownership.WRITER),
        (
            "aws_s3_bucket_object_lock_configuration",
            {"rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 365}]}]},
            "object_lock",
            ObjectLock(mode=WormMode.NONE, days=0),
        ),
    ],
)
def test_a_destroyed_satellite_leaves_the_end_state(
    kind: str, before: dict[str, Free], field: str, value: object
) -> None:
    gone = change(f"{kind}.logs", None, actions=("delete",), before={"bucket": "acme-logs", **before})
    assert known(getattr(config(plan(kept(), gone)), field)) == value


def test_versioning_that_is_no_longer_managed_is_suspended() -> None:
    before = {"bucket": "acme-logs", "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}]}
    gone = change(f"{VERSIONING}.logs", None, actions=("delete",), before=before)
    live = kept(versioning=[{"enabled": True, "mfa_delete": False}])
    assert known(config(plan(live, gone)).versioning).versioning is Versioning.SUSPENDED


@pytest.mark.parametrize(("skip", "left"), [(None, False), (True, True)])
def test_a_destroyed_public_access_block_is_off_unless_its_destruction_is_skipped(skip: object, left: object) -> None:
    before = {"bucket": "acme-logs", "skip_destroy": skip, **ALL_ON}
    gone = change(f"{BLOCK}.logs", None, actions=("delete",), before=before)
    assert flags(config(plan(kept(), gone))) == [left] * 4


def test_what_a_forgotten_satellite_sets_is_known_to_no_plan() -> None:
    gone = change(f"{BLOCK}.logs", None, actions=("forget",), before={"bucket": "acme-logs", **ALL_ON})
    found = config(plan(kept(), gone))
    assert flags(found) == [None] * 4
    why = unknown(found.block.block_public_acls)
    assert (f"`{BLOCK}.logs` leaves Terraform" in why.detail, "--context" in why.needs) == (True, True)


def test_what_a_forgotten_satellite_sets_is_known_where_the_bucket_shows_it() -> None:
    gone = change(f"{VERSIONING}.logs", None, actions=("forget",), before={"bucket": "acme-logs"})
    assert known(config(plan(kept(versioning=[{"enabled": True}]), gone)).versioning).versioning is Versioning.ENABLED
    unknown(config(plan(kept(versioning=[]), gone)).versioning)


def test_a_replaced_bucket_is_a_new_one() -> None:
    gone = change(f"{VERSIONING}.logs", None, actions=("delete",), before={"bucket": "acme-logs"})
    again = bucket()
    again["change"] |= {"actions": ["delete", "create"], "before": {"bucket": "old", "versioning": [{"enabled": True}]}}
    assert known(config(plan(again, gone)).versioning).versioning is Versioning.NEVER


def test_an_imported_bucket_is_not_new() -> None:
    imported = bucket()
    imported["change"]["importing"] = {"id": "acme-logs"}
    found = config(plan(imported))
    assert flags(found) == [None] * 4
    unknown(found.versioning)


def test_flags_that_are_not_written_are_off() -> None:
    assert flags(config(plan(bucket(), beside(BLOCK, ignore_public_acls=True)))) == [False, False, True, False]


def test_inline_blocks_of_older_providers_are_the_configuration() -> None:
    old = change(
        LOGS,
        {
            "bucket": "acme-logs",
            "acl": "public-read",
            "grant": [],
            "lifecycle_rule": [],
            "logging": [],
            "policy": None,
            "versioning": [{"enabled": True, "mfa_delete": False}],
            "website": [{"index_document": "index.html"}],
            "cors_rule": [{"allowed_methods": ["GET"], "allowed_origins": ["*"]}],
        },
        ["id", "arn"],
    )
    found = config(plan(old))
    assert known(found.versioning).versioning is Versioning.ENABLED
    assert known(found.website) is True
    assert [rule.origins for rule in known(found.cors)] == [("*",)]
    assert [(grant.grantee.rpartition("/")[2], grant.permission) for grant in known(found.acl).grants] == [
        ("AllUsers", "READ")
    ]
    assert known(found.lifecycle) == ()


@pytest.mark.parametrize(
    ("others", "state"), [({"cors_rule": [], "logging": []}, Versioning.SUSPENDED), ({}, Versioning.NEVER)]
)
def test_versioning_that_is_off_is_suspended_by_older_providers_only(others: Free, state: Versioning) -> None:
    made = bucket(versioning=[{"enabled": False, "mfa_delete": False}], **others)
    assert known(config(plan(made)).versioning).versioning is state


def test_an_attribute_that_is_written_and_not_known_is_not_a_default() -> None:
    root = module(written(LOGS, policy=refs("x_policy.p.json", "x_policy.p")))
    why = unknown(config(plan(bucket(), root=root)).policy)
    assert "known after apply" in why.detail
    assert known(config(plan(bucket())).policy) == ""


def test_without_a_configuration_a_new_bucket_says_nothing() -> None:
    found = config(read(document([bucket()])))
    assert all(value == "?" for name, value in settings(found).items() if name not in {"notified", "ownership"})


def test_an_incomplete_plan_lets_nothing_be_absent_and_what_is_there_stand() -> None:
    status = beside(VERSIONING, versioning_configuration=[{"status": "Enabled"}])
    found = config(plan(bucket(), status, complete=False))
    assert known(found.versioning).versioning is Versioning.ENABLED
    unknown(found.policy)


@pytest.mark.parametrize(
    ("block", "lock"),
    [
        ([], None),
        ([{"object_lock_enabled": "Enabled", "rule": []}], ObjectLock(mode=WormMode.NONE, days=0)),
    ],
)
def test_object_lock_of_a_bucket_that_an_old_provider_read(block: Free, lock: ObjectLock | None) -> None:
    values = {"bucket": "acme-logs", "id": "acme-logs", "object_lock_configuration": block}
    old = change(LOGS, values, actions=("no-op",), before=values)
    assert known(config(plan(old)).object_lock) == lock


def test_object_lock_turns_versioning_on() -> None:
    found = config(plan(bucket(object_lock_enabled=True)))
    assert known(found.versioning).versioning is Versioning.ENABLED
    assert known(found.object_lock) == ObjectLock(mode=WormMode.NONE, days=0)


@pytest.mark.parametrize(
    ("retention", "lock"),
    [
        ({"mode": "GOVERNANCE", "days": 30, "years": None}, ObjectLock(mode=WormMode.GOVERNANCE, days=30)),
        ({"mode": "COMPLIANCE", "days": None, "years": 2}, ObjectLock(mode=WormMode.COMPLIANCE, days=730)),
    ],
)
def test_default_retention(retention: dict[str, Free], lock: ObjectLock) -> None:
    rule = beside("aws_s3_bucket_object_lock_configuration", rule=[{"default_retention": [retention]}])
    assert known(config(plan(bucket(), rule)).object_lock) == lock


def key_rule(**default: Free) -> dict[str, Free]:
    inner = {"sse_algorithm": "aws:kms", **default}
    block = {"apply_server_side_encryption_by_default": [inner], "bucket_key_enabled": None}
    marks = {} if default else {"kms_master_key_id": True}
    kind = "aws_s3_bucket_server_side_encryption_configuration"
    unknown_too = {"bucket": True, "id": True, "rule": [{"apply_server_side_encryption_by_default": [marks]}]}
    return change(f"{kind}.logs", {"rule": [block]}, unknown_too)


def encrypted_by(*texts: str) -> dict[str, Free]:
    default = [{"sse_algorithm": {"constant_value": "aws:kms"}, "kms_master_key_id": refs(*texts)}]
    rule = [{"apply_server_side_encryption_by_default": default}]
    return written("aws_s3_bucket_server_side_encryption_configuration.logs", bucket=TO_LOGS, rule=rule)


KEY = change("aws_kms_key.k", {"enable_key_rotation": True}, ["arn", "key_id", "id", "policy"])


def test_a_key_of_the_plan_is_found_by_reference_also_through_an_alias() -> None:
    alias = change("aws_kms_alias.a", {"name": "alias/logs"}, ["arn", "id", "target_key_id"])
    to_key = refs("aws_kms_key.k.key_id", "aws_kms_key.k")
    base = [written("aws_kms_key.k"), written("aws_kms_alias.a", target_key_id=to_key)]
    for texts in (("aws_kms_key.k.arn", "aws_kms_key.k"), ("aws_kms_alias.a.arn", "aws_kms_alias.a")):
        root = configuration(LOGS, more=[*base, encrypted_by(*texts)])
        default = known(config(plan(bucket(), KEY, alias, key_rule(), root=root)).encryption)
        assert default is not None
        assert default.key_id == "arn:aws:kms:eu-west-1:000000000001:key/(aws_kms_key.k)"
        assert default.unresolved is None


def test_a_key_that_cannot_be_followed_hides_no_algorithm() -> None:
    root = configuration(LOGS, more=[encrypted_by("local.key")])
    default = known(config(plan(bucket(), key_rule(), root=root)).encryption)
    assert default is not None
    assert default.algorithm == "aws:kms"
    assert isinstance(default.unresolved, Unknown)


def test_logging_into_a_bucket_of_the_plan() -> None:
    to_trace = refs("aws_s3_bucket.trace.id", "aws_s3_bucket.trace")
    root = configuration(
        LOGS,
        "aws_s3_bucket.trace",
        more=[written("aws_s3_bucket_logging.logs", bucket=TO_LOGS, target_bucket=to_trace)],
    )
    trace = bucket("aws_s3_bucket.trace", None)
    rule = beside("aws_s3_bucket_logging", target_prefix="s3/", unknown=["target_bucket"])
    target = known(config(plan(bucket(), trace, rule, root=root)).logging)
    assert target is not None
    assert (target.bucket, target.prefix) == ("(aws_s3_bucket.trace)", "s3/")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"status": "Enabled", "prefix": None, "filter": [{"prefix": "audit/", "and": [], "tag": []}]}, ("audit/", ())),
        ({"status": "Enabled", "prefix": "old/", "filter": []}, ("old/", ())),
        (
            {"status": "Enabled", "filter": [{"prefix": "", "and": [{"prefix": "a/", "tags": {"x": "y"}}], "tag": []}]},
            ("a/", ("a tag",)),
        ),
        ({"status": "Disabled", "filter": [{"object_size_greater_than": 10}]}, ("", ("object_size_greater_than 10",))),
    ],
)
def test_lifecycle_rules_in_every_shape(rule: dict[str, Free], told: tuple[str, tuple[str, ...]]) -> None:
    whole = {"id": "r", "expiration": [{"days": 400, "date": None}], **rule}
    whole["noncurrent_version_expiration"] = [{"noncurrent_days": 30}]
    (read_rule,) = known(
        config(plan(bucket(), beside("aws_s3_bucket_lifecycle_configuration", rule=[whole]))).lifecycle
    )
    assert (read_rule.prefix, read_rule.narrowed) == told
    assert (read_rule.expires_after, read_rule.noncurrent_after) == (400, 30)
    assert read_rule.enabled is (rule["status"] == "Enabled")


def test_replication_to_a_bucket_of_the_plan_and_to_another() -> None:
    def rules(**destination: Free) -> dict[str, Free]:
        return {"id": "r", "status": "Enabled", "filter": [{"prefix": ""}], "destination": [destination]}

    elsewhere = beside(
        "aws_s3_bucket_replication_configuration", rule=[rules(bucket="arn:aws:s3:::copy", account="111122223333")]
    )
    (rule,) = known(config(plan(bucket(), elsewhere)).replication)
    assert (rule.bucket, rule.account, rule.enabled) == ("copy", "111122223333", True)
    target = refs("aws_s3_bucket.copy.arn", "aws_s3_bucket.copy")
    kind = "aws_s3_bucket_replication_configuration.logs"
    root = configuration(
        LOGS, "aws_s3_bucket.copy", more=[written(kind, bucket=TO_LOGS, rule=[{"destination": [{"bucket": target}]}])]
    )
    marks = {"bucket": True, "id": True, "rule": [{"destination": [{"bucket": True}]}]}
    inside = change(kind, {"rule": [rules()]}, marks)
    (rule,) = known(config(plan(bucket(), bucket("aws_s3_bucket.copy", "acme-copy"), inside, root=root)).replication)
    assert rule.bucket == "acme-copy"


def test_a_rule_without_a_filter_copies_delete_markers() -> None:
    target: dict[str, Free] = {"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::copy"}]}
    kind = "aws_s3_bucket_replication_configuration"
    for more, copied in (({}, True), ({"prefix": "audit"}, True), ({"filter": [{"prefix": ""}]}, False)):
        (rule,) = known(config(plan(bucket(), beside(kind, rule=[{**target, **more}]))).replication)
        assert rule.delete_markers is copied


def test_the_key_of_copies_is_read_in_either_form() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/c"
    kind = "aws_s3_bucket_replication_configuration"
    forms: tuple[dict[str, Free], ...] = (
        {"encryption_configuration": [{"replica_kms_key_id": key}]},
        {"replica_kms_key_id": key},
    )
    for form in forms:
        rule: dict[str, Free] = {"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::copy", **form}]}
        (read_rule,) = known(config(plan(bucket(), beside(kind, rule=[rule]))).replication)
        assert (read_rule.key_id, read_rule.unresolved) == (key, None)
    target: dict[str, Free] = {"bucket": "arn:aws:s3:::copy", "encryption_configuration": [{}]}
    later = {"rule": [{"destination": [{"encryption_configuration": [{"replica_kms_key_id": True}]}]}]}
    made = change(
        f"{kind}.logs", {"bucket": "acme-logs", "rule": [{"status": "Enabled", "destination": [target]}]}, later
    )
    (read_rule,) = known(config(plan(bucket(), made)).replication)
    assert read_rule.unresolved is not None
