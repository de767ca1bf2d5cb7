"""Settings of planned buckets: written, filled in by Google, hidden, or as a refresh saw them."""

import pytest

from posture.adapters.gcp.config import AclEntry, RetentionPolicy, UsageLogs
from posture.model.facts import FOREVER, Known, Reason, Unknown
from posture.model.subjects import Ownership, Scope, Versioning, WormMode
from tests.adapters.gcp.terraform.build import LOGS, beside, bucket, config, kept, known, plan, store, unknown
from tests.terraform.plans import Free, change, module, refs, written


def rule(**condition: Free) -> dict[str, Free]:
    return {"action": [{"type": "Delete", "storage_class": ""}], "condition": [condition]}


def test_a_new_bucket_of_which_nothing_is_written_is_as_google_makes_it() -> None:
    found = config(plan(bucket()))
    assert known(found.uniform).enabled is False
    assert (known(found.prevention), known(found.versioning), known(found.website)) == (False, Versioning.NEVER, False)
    assert (known(found.key), known(found.retention), known(found.usage_logs)) == ("", None, None)
    assert (known(found.lifecycle), known(found.has_lifecycle), known(found.ip_filter)) == ((), False, None)
    assert (known(found.location), known(found.multiple), known(found.project)) == ("eu", True, "acme-logs")


def test_how_long_a_new_bucket_keeps_what_is_deleted_is_said_by_the_organisation() -> None:
    assert "soft_delete_policy" in unknown(config(plan(bucket())).soft_delete_seconds).needs
    written_there = bucket(soft_delete_policy=[{"retention_duration_seconds": 2592000}])
    assert known(config(plan(written_there)).soft_delete_seconds) == 2592000
    assert known(store(plan(written_there)).integrity.soft_delete_days) == 30
    assert known(config(plan(kept(soft_delete_policy=[]))).soft_delete_seconds) == 0


def test_what_is_written() -> None:
    found = store(
        plan(
            bucket(
                uniform_bucket_level_access=True,
                public_access_prevention="enforced",
                versioning=[{"enabled": True}],
                retention_policy=[{"retention_period": 34560000, "is_locked": True}],
                lifecycle_rule=[rule(age=500, with_state="ANY")],
                logging=[{"log_bucket": "acme-access", "log_object_prefix": "usage"}],
                website=[{"main_page_suffix": "index.html", "not_found_page": None}],
                cors=[{"origin": ["*"], "method": ["GET"], "response_header": [], "max_age_seconds": 60}],
                enable_object_retention=True,
                encryption=[{"default_kms_key_name": "projects/p/locations/eu/keyRings/r/cryptoKeys/k"}],
            )
        )
    )
    assert known(found.acl.ownership) is Ownership.ENFORCED
    assert known(found.exposure.public_blocked) is True
    assert known(found.integrity.versioning) is Versioning.ENABLED
    assert (known(found.integrity.worm_mode), known(found.integrity.worm_days)) == (WormMode.COMPLIANCE, 400)
    assert (known(found.retention.days), known(found.retention.noncurrent_days)) == (500, 500)
    assert known(found.monitoring.target) == "gs://acme-access/usage"
    assert (known(found.exposure.website), known(found.exposure.public_cors)) == (True, True)
    key = known(found.key)
    assert key is not None
    assert (key.account, key.region) == ("p", "eu")


def test_a_hold_on_every_new_object_may_stop_additions() -> None:
    assert known(store(plan(bucket())).integrity.worm_admits_additions) is True
    held = store(plan(bucket(default_event_based_hold=True))).integrity.worm_admits_additions
    assert "on hold" in unknown(held).detail


@pytest.mark.parametrize("period", [2592000, "2592000"])
def test_seconds_are_a_number_and_since_version_7_a_text(period: Free) -> None:
    found = config(plan(bucket(retention_policy=[{"retention_period": period, "is_locked": False}])))
    assert known(found.retention) == RetentionPolicy(seconds=2592000, locked=False)


def test_versioning_that_is_written_as_off_is_suspended() -> None:
    assert known(config(plan(bucket(versioning=[{"enabled": False}]))).versioning) is Versioning.SUSPENDED


@pytest.mark.parametrize(
    ("condition", "current", "older"),
    [
        ({"age": 30, "with_state": "ANY"}, 30, 30),
        ({"age": 30, "with_state": "LIVE"}, 30, FOREVER),
        ({"age": 30, "with_state": "ARCHIVED"}, FOREVER, 30),
        ({"age": 0, "num_newer_versions": 3}, FOREVER, 0),
        ({"age": 0, "days_since_noncurrent_time": 9}, FOREVER, 9),
        ({"days_since_noncurrent_time": 0, "send_days_since_noncurrent_time_if_zero": True}, FOREVER, 0),
        ({"age": 30, "matches_prefix": ["other/"], "with_state": "ANY"}, 30, 30),
    ],
)
def test_rules_that_delete(condition: Free, current: object, older: object) -> None:
    found = store(plan(bucket(lifecycle_rule=[rule(**condition)]))).retention
    assert (known(found.days), known(found.noncurrent_days)) == (current, older)


def test_a_state_that_apply_fills_in_is_any_and_one_that_is_hidden_is_unknown() -> None:
    entry = bucket(lifecycle_rule=[rule(age=30)])
    entry["change"]["after_unknown"]["lifecycle_rule"] = [{"condition": [{"with_state": True}], "action": [{}]}]
    age = {"constant_value": 30}
    unwritten = module(written(LOGS, lifecycle_rule=[{"condition": [{"age": age}], "action": [{}]}]))
    assert known(store(plan(entry, root=unwritten)).retention.days) == 30
    state = {"references": ["var.state"]}
    hidden = module(written(LOGS, lifecycle_rule=[{"condition": [{"age": age, "with_state": state}], "action": [{}]}]))
    days = store(plan(entry, root=hidden)).retention.days
    assert isinstance(days, Unknown)


def test_other_rules_delete_nothing() -> None:
    moves = {"action": [{"type": "SetStorageClass", "storage_class": "COLDLINE"}], "condition": [{"age": 1}]}
    found = store(plan(bucket(lifecycle_rule=[moves]))).retention
    assert (known(found.days), known(found.lifecycle)) == (FOREVER, True)


@pytest.mark.parametrize(
    ("location", "placement", "several"),
    [("europe-west3", [], False), ("US", [], True), ("NAM4", [], True), ("EU", [{"data_locations": ["A", "B"]}], True)],
)
def test_one_region_or_several(location: str, placement: Free, *, several: bool) -> None:
    entry = bucket(location=location, custom_placement_config=placement)
    assert known(config(plan(entry)).multiple) is several


def test_networks() -> None:
    block = {
        "mode": "Enabled",
        "allow_all_service_agent_access": True,
        "public_network_source": [{"allowed_ip_cidr_ranges": ["203.0.113.0/24"]}],
        "vpc_network_sources": [{"network": "projects/p/global/networks/n", "allowed_ip_cidr_ranges": ["10.0.0.0/8"]}],
    }
    found = store(plan(bucket(ip_filter=[block]))).network
    assert (known(found.default_open), known(found.trusted_services)) == (False, True)
    assert [known(each.value) for each in found.rules.items] == ["203.0.113.0/24", "projects/p/global/networks/n"]
    assert known(store(plan(bucket(ip_filter=[{**block, "mode": "Disabled"}]))).network.default_open) is True


def test_what_is_known_after_apply_hides_only_itself() -> None:
    entry = bucket(logging=[{"log_object_prefix": "usage"}], encryption=[{}])
    entry["change"]["after_unknown"] |= {
        "logging": [{"log_bucket": True}],
        "encryption": [{"default_kms_key_name": True}],
    }
    found = config(plan(entry))
    assert unknown(found.key).detail == "known after apply"
    unknown(found.usage_logs)
    assert known(found.retention) is None


def test_a_configuration_that_is_not_shown_leaves_open_what_apply_fills_in() -> None:
    found = config(plan(bucket(), root=module()))
    facts = (found.uniform, found.prevention, found.versioning, found.website)
    assert all(isinstance(fact, Unknown) for fact in facts)


def test_what_a_provider_does_not_know_is_as_a_scan_saw_it() -> None:
    entry = kept()
    del entry["change"]["after"]["soft_delete_policy"]
    found = unknown(config(plan(entry)).soft_delete_seconds)
    assert found.reason is Reason.NOT_COLLECTED
    assert "--context" in found.needs


def test_bucket_policy_only_is_the_older_name_of_uniform_access() -> None:
    entry = bucket(bucket_policy_only=True)
    assert known(config(plan(entry)).uniform).enabled is True


def test_nobody_knows_since_when_uniform_access_is_on() -> None:
    unknown(store(plan(kept())).acl.off_for_good)
    uniform = bucket(uniform_bucket_level_access=True)
    assert "--context" in unknown(store(plan(uniform)).acl.off_for_good).needs  # a constraint may keep it on


def constrained(constraint: str, **rule: Free) -> dict[str, Free]:
    """A constraint that the plan sets on the project of the bucket."""
    parent = "projects/acme-logs"
    name = f"{parent}/policies/{constraint}"
    return beside(
        "google_org_policy_policy", constraint.rpartition(".")[2], name=name, parent=parent, spec=[{"rules": [rule]}]
    )


@pytest.mark.parametrize(("enforce", "expected"), [("TRUE", True), ("FALSE", False)])
def test_a_planned_constraint_keeps_uniform_access_on(enforce: str, expected: bool) -> None:  # noqa: FBT001 - given
    uniform = bucket(uniform_bucket_level_access=True, project="acme-logs")
    found = store(plan(uniform, constrained("storage.uniformBucketLevelAccess", enforce=enforce))).acl.off_for_good
    assert known(found) is expected


@pytest.mark.parametrize(
    ("domains", "members", "expected"),
    [
        ({"values": [{"allowed_values": ["C01"]}]}, {"enforce": "FALSE"}, True),
        ({"allow_all": "TRUE"}, {"enforce": "TRUE"}, True),
        ({"deny_all": "TRUE"}, {"enforce": "FALSE"}, True),
        ({"allow_all": "TRUE"}, {"enforce": "FALSE"}, False),
    ],
)
def test_planned_constraints_on_members(domains: dict[str, Free], members: dict[str, Free], expected: bool) -> None:  # noqa: FBT001 - given
    beside_it = (
        constrained("iam.allowedPolicyMemberDomains", **domains),
        constrained("iam.managed.allowedPolicyMembers", **members),
    )
    found = store(plan(bucket(project="acme-logs"), *beside_it)).exposure.new_outsiders_refused
    assert known(found) is expected


class TestLists:
    def test_those_of_a_new_bucket(self) -> None:
        found = config(plan(bucket()))
        entries = {("project-owners-acme-logs", "OWNER"), ("project-editors-acme-logs", "OWNER")}
        assert {(each.entity, each.role) for each in found.acl.items} == {
            *entries,
            ("project-viewers-acme-logs", "READER"),
        }
        assert known(store(plan(bucket())).acl.grants_beyond_owner) is False

    def test_they_do_not_count_under_uniform_access(self) -> None:
        entry = bucket(uniform_bucket_level_access=True)
        found = config(plan(entry, beside("google_storage_bucket_acl", predefined_acl="publicRead")))
        assert (found.acl.items, found.acl.gaps) == ((), ())

    @pytest.mark.parametrize(
        "after",
        [
            {"predefined_acl": "publicRead"},
            {"predefined_acl": None, "role_entity": ["OWNER:project-owners-acme-logs", "READER:allUsers"]},
        ],
    )
    def test_a_list_for_everybody(self, after: Free) -> None:
        found = plan(bucket(), beside("google_storage_bucket_acl", **after))
        assert any(each.entity == "allUsers" and each.role == "READER" for each in config(found).acl.items)
        assert "allUsers" in {
            member
            for binding in known(config(found).policy).bindings
            for member in binding.members
            if binding.role == "roles/storage.legacyBucketReader"
        }

    def test_one_entry_beside_others(self) -> None:
        entry = beside("google_storage_default_object_access_control", entity="allAuthenticatedUsers", role="READER")
        found = config(plan(bucket(), entry)).default_acl
        assert len(found.items) == 4
        assert isinstance(found.items[-1], AclEntry)
        assert found.items[-1].entity == "allAuthenticatedUsers"

    def test_the_list_of_new_objects_can_be_set_beside_that_of_the_bucket(self) -> None:
        found = config(plan(bucket(), beside("google_storage_bucket_acl", default_acl="publicRead", role_entity=[])))
        assert "allUsers" in {each.entity for each in found.default_acl.items}

    def test_two_lists_overwrite_each_other(self) -> None:
        first, second = (beside("google_storage_bucket_acl", name, predefined_acl="private") for name in ("a", "b"))
        (gap,) = config(plan(bucket(), first, second)).acl.gaps
        assert "the last one applied wins" in gap.unknown.detail

    def test_whose_a_number_is_has_to_be_known(self) -> None:
        listed = beside("google_storage_bucket_acl", role_entity=["OWNER:project-owners-123456789"])
        assert config(plan(bucket(), listed)).acl.gaps
        told = change("google_project.p", {"project_id": "acme-logs", "number": "123456789"})
        found = store(plan(bucket(), listed, told)).acl
        assert known(found.grants_beyond_owner) is False


def test_what_is_noted() -> None:
    found = config(plan(bucket(), beside("google_storage_notification", topic="//pubsub.googleapis.com/projects/p/t")))
    assert found.notified.items == ("//pubsub.googleapis.com/projects/p/t",)


def test_a_topic_of_the_plan_is_told_by_reference() -> None:
    topic = change("google_pubsub_topic.new", {"name": "new-logs"}, ["id", "project"])
    told = beside("google_storage_notification", unknown=["topic"])
    refers = {
        "bucket": refs("google_storage_bucket.logs.name", "google_storage_bucket.logs"),
        "topic": refs("google_pubsub_topic.new.id", "google_pubsub_topic.new"),
    }
    root = module(
        *(written(address) for address in (LOGS, "google_pubsub_topic.new")),
        written("google_storage_notification.logs", **refers),
    )
    (found,) = store(plan(bucket(), topic, told, root=root)).exposure.subscribers.items
    assert known(found.target) == "projects/acme-logs/topics/new-logs"
    assert known(found.scope) is Scope.OWN


def test_who_pays_how_soon_there_are_two_and_labels() -> None:
    labels = {"holds": "audit-logs"}
    set_up = store(plan(bucket(requester_pays=True, rpo="ASYNC_TURBO", labels=labels)))
    assert known(set_up.exposure.requester_pays) is True
    assert known(set_up.recovery_point_minutes) == 15
    assert [(known(each.name), known(each.value)) for each in set_up.labels.items] == [("holds", "audit-logs")]
    all_of_them = {**labels, "made-by": "terraform"}
    effective = store(plan(bucket(labels=labels, effective_labels=all_of_them)))
    assert [known(each.name) for each in effective.labels.items] == ["holds", "made-by"]
    fresh = store(plan(bucket()))
    assert known(fresh.exposure.requester_pays) is False
    assert known(fresh.recovery_point_minutes) == 720
    assert (fresh.labels.items, fresh.labels.gaps) == ((), ())
    odd = store(plan(bucket(rpo="SOON", labels="none")))
    assert unknown(odd.recovery_point_minutes).reason is Reason.MALFORMED
    assert odd.labels.gaps[0].unknown.reason is Reason.MALFORMED


def test_logs_that_go_to_a_bucket_of_the_plan() -> None:
    entry = bucket(logging=[{"log_object_prefix": "usage"}])
    entry["change"]["after_unknown"]["logging"] = [{"log_bucket": True}]
    target = {"references": ["google_storage_bucket.access.name", "google_storage_bucket.access"]}
    root = module(written(LOGS, logging=[{"log_bucket": target}]), written("google_storage_bucket.access"))
    found = config(plan(entry, bucket("google_storage_bucket.access", None), root=root))
    assert found.usage_logs == Known(
        value=UsageLogs(bucket="(google_storage_bucket.access)", prefix="usage"), sources=found.usage_logs.sources
    )
