"""From a bucket's answers to facts: retention, locks, versions, records of access, keys, copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.adapters.gcp.access.judge import AccountJudge
from posture.adapters.gcp.live import bucket_answers as answers
from posture.adapters.gcp.live.policies import policy as parsed
from posture.adapters.gcp.members import setting
from posture.adapters.writers import Writer
from posture.model.contributions import StoreContribution
from posture.model.facts import FOREVER, Known, Reason, Source, Unknown
from posture.model.settings import GoogleAccess
from posture.model.subjects import Versioning, WormMode
from posture.reading import Answered, Json
from tests.adapters.gcp.world import BUCKET, enforced, key, state, store, text
from tests.testbeds.google import Bucket, GoogleState, Record
from tests.testbeds.google_estate import (
    ARCHIVE,
    COPY,
    DELIVERY,
    KEY,
    LOGS,
    LOGS_ID,
    ORGANISATION,
    audit,
    binding,
    good_state,
    policy,
    transfer,
)
from tests.testbeds.google_estate import key as new_key

SOURCE = Source(operation="storage:buckets.get", resource="b")


def of(**more: Json) -> StoreContribution:
    return store(state(more=more))  # type: ignore[arg-type] # JSON of either spelling


def rule(kind: str = "Delete", **condition: Json) -> dict[str, Json]:
    return {"action": {"type": kind}, "condition": condition}


LIFECYCLES: list[tuple[list[Json], object, object]] = [
    ([], FOREVER, FOREVER),
    ([rule(age=30)], 30, 30),
    ([rule(age=400), rule(age=30)], 30, 30),
    ([rule("SetStorageClass", age=1)], FOREVER, FOREVER),
    ([rule("AbortIncompleteMultipartUpload", age=1)], FOREVER, FOREVER),
    ([rule(age=30, matchesPrefix=["other/"])], FOREVER, FOREVER),
    ([rule(age=30, matchesPrefix=["other/", "logs/2026/"])], 30, 30),
    ([rule(age=30, matchesPrefix=["lo"])], 30, 30),
    ([rule(age=30, matchesStorageClass=["ARCHIVE"], matchesSuffix=[".json"])], 30, 30),
    ([rule(age=30, isLive=True)], 30, FOREVER),
    ([rule(age=30, isLive=False)], FOREVER, 30),
    ([rule(numNewerVersions=3)], FOREVER, 0),
    ([rule(daysSinceNoncurrentTime=90)], FOREVER, 90),
    ([rule(daysSinceNoncurrentTime=90, age=200)], FOREVER, 200),
    ([rule(noncurrentTimeBefore="2026-11-26")], FOREVER, 1),
    ([rule(createdBefore="2025-11-27")], 365, 365),
    ([rule(createdBefore="2026-11-26", age=40)], 40, 40),
    ([rule(createdBefore="2027-01-01")], 0, 0),
    ([rule(createdBefore="some day")], 0, 0),
    ([rule(daysSinceCustomTime=10)], 0, 0),
]


@pytest.mark.parametrize(("rules", "current", "older"), LIFECYCLES)
def test_the_earliest_removal(rules: list[Json], current: object, older: object) -> None:
    retention = of(lifecycle={"rule": rules}).retention
    assert (text(retention.days), text(retention.noncurrent_days)) == (str(current), str(older))
    assert text(retention.lifecycle) == str(bool(rules))


def test_a_retention_policy_keeps_what_a_rule_would_remove() -> None:
    held = {"retentionPeriod": str(100 * 86400)}
    retention = of(lifecycle={"rule": [rule(age=30)]}, retentionPolicy=held).retention
    assert text(retention.days) == "100"


@pytest.mark.parametrize("broken", [[{}], "none", [rule(age="soon")], [{"action": {"type": "Delete"}}]])
def test_rules_that_nobody_can_read(broken: Json) -> None:
    retention = of(lifecycle={"rule": broken}).retention
    assert text(retention.days) == "unknown: malformed"


LOCKS: list[tuple[dict[str, Json], bool, WormMode, int, object]] = [
    ({}, False, WormMode.NONE, 0, True),
    ({"retentionPolicy": {"retentionPeriod": "864000"}}, True, WormMode.GOVERNANCE, 10, Reason.UNDETERMINED),
    (
        {"retentionPolicy": {"retentionPeriod": "864000", "isLocked": True}},
        True,
        WormMode.COMPLIANCE,
        10,
        Reason.UNDETERMINED,
    ),
    ({"objectRetention": {"mode": "Enabled"}}, True, WormMode.NONE, 0, True),
    ({"defaultEventBasedHold": True}, False, WormMode.NONE, 0, Reason.UNDETERMINED),
]


@pytest.mark.parametrize(("members", "enabled", "mode", "days", "additions"), LOCKS)
def test_locks(members: dict[str, Json], enabled: bool, mode: WormMode, days: int, additions: object) -> None:  # noqa: FBT001 - a row
    integrity = of(**members).integrity
    assert (text(integrity.worm_enabled), text(integrity.worm_days)) == (str(enabled), str(days))
    assert text(integrity.worm_mode) == mode.value
    said = integrity.worm_admits_additions
    assert (said.value if isinstance(said, Known) else said.reason) == additions


def test_versions_and_soft_deletion() -> None:
    assert text(of().integrity.versioning) == Versioning.NEVER
    assert text(of(versioning={"enabled": False}).integrity.versioning) == Versioning.SUSPENDED
    assert text(of(versioning={"enabled": True}).integrity.versioning) == Versioning.ENABLED
    assert text(of().integrity.soft_delete_days) == "7"
    assert text(of(softDeletePolicy={"retentionDurationSeconds": "0"}).integrity.soft_delete_days) == "0"


AUDITS: list[tuple[dict[str, list[Record]], str, str]] = [
    ({}, "False", "False"),
    ({LOGS: [audit("DATA_READ", "DATA_WRITE")]}, "True", "True"),
    ({LOGS: [audit("DATA_READ", service="allServices")]}, "True", "False"),
    ({LOGS: [audit("DATA_WRITE", service="compute.googleapis.com")]}, "False", "False"),
    ({"org": [audit("DATA_READ")], LOGS: [audit("DATA_WRITE")]}, "True", "True"),
    ({LOGS: [audit("DATA_READ", "DATA_WRITE", exempted=["user:a@acme.example"])]}, "False", "False"),
    ({"org": [audit("DATA_READ", exempted=["user:a@b.example"])], LOGS: [audit("DATA_READ")]}, "False", "False"),
]


@pytest.mark.parametrize(("audits", "reads", "writes"), AUDITS)
def test_data_access_logs(audits: Mapping[str, list[Record]], reads: str, writes: str) -> None:
    above = {
        ORGANISATION: policy(audits=audits.get("org", [])),
        f"projects/{LOGS}": policy(audits=audits.get(LOGS, [])),
    }
    monitoring = store(state(above=above)).monitoring
    assert (text(monitoring.object_reads_recorded), text(monitoring.object_writes_recorded)) == (reads, writes)


def test_usage_logs() -> None:
    kept = of(logging={"logBucket": "elsewhere", "logObjectPrefix": "x/"}).monitoring
    assert (text(kept.target), text(kept.target_is_self)) == ("gs://elsewhere/x", "False")
    assert text(of(logging={"logBucket": BUCKET}).monitoring.target_is_self) == "True"
    assert text(of().monitoring.access_logged) == "False"


def test_whoever_asks_pays() -> None:
    assert text(of().exposure.requester_pays) == "False"
    assert text(of(billing={"requesterPays": True}).exposure.requester_pays) == "True"
    assert text(of(billing={"requesterPays": "yes"}).exposure.requester_pays) == "unknown: malformed"


def test_where_whoever_asks_pays_nobody_knows_whether_delivery_does() -> None:
    bound = binding("roles/storage.admin", DELIVERY)

    def admitted(**more: Json) -> str:
        given = store(state(bound, more=more))  # type: ignore[arg-type] # as above
        writer = Writer(name=DELIVERY, role=None, store=given, places=(), databricks_accounts=())
        return text(AccountJudge().admitted(writer))

    assert admitted() == "True"
    assert admitted(billing={"requesterPays": True}) == "unknown: undetermined"


def test_lists_of_objects_let_nobody_make_new_ones() -> None:
    given = store(state(uniform=False))
    assert given.grants.gaps, "the lists of objects, which nobody reads"
    writer = Writer(name=DELIVERY, role=None, store=given, places=(), databricks_accounts=())
    assert text(AccountJudge().admitted(writer)) == "False"


def test_labels() -> None:
    labels = of(labels={"holds": "audit-logs", "b": ""}).labels
    assert [(text(each.name), text(each.value)) for each in labels.items] == [("b", ""), ("holds", "audit-logs")]
    assert (of().labels.items, of().labels.gaps) == ((), ())
    several: list[Json] = ["none", {"a": 1}, []]
    for wrong in several:
        assert [gap.unknown.reason for gap in of(labels=wrong).labels.gaps] == [Reason.MALFORMED]


@pytest.mark.parametrize(
    ("members", "minutes"),
    [
        ({"locationType": "region", "location": "EUROPE-WEST1"}, str(FOREVER)),
        ({}, "720"),
        ({"rpo": "DEFAULT"}, "720"),
        ({"rpo": "ASYNC_TURBO", "locationType": "dual-region", "location": "EUR4"}, "15"),
        ({"rpo": "ASYNC"}, "unknown: malformed"),
    ],
)
def test_how_soon_a_second_region_has_an_object(members: dict[str, Json], minutes: str) -> None:
    assert text(of(**members).recovery_point_minutes) == minutes


def test_the_organisation_and_the_perimeter() -> None:
    assert text(of().organisation) == ORGANISATION
    assert text(of().network.perimeter) == "unknown: not_collected"
    asked = store(good_perimeter(), google=GoogleAccess(perimeters=True))
    assert text(asked.network.perimeter) == "accessPolicies/1/servicePerimeters/p"
    assert text(store(state(), google=GoogleAccess(perimeters=True)).network.perimeter) == ""


def good_perimeter() -> GoogleState:
    status: Record = {"resources": (f"projects/{LOGS}",), "restrictedServices": ("storage.googleapis.com",)}
    return replace(state(), perimeters=({"name": "accessPolicies/1/servicePerimeters/p", "status": status},))


def test_places() -> None:
    assert text(of().geo_redundant) == "True"
    assert text(of(locationType="region", location="EUROPE-WEST1").geo_redundant) == "False"
    assert text(of(locationType="region", location="EUROPE-WEST1").region) == "europe-west1"
    assert text(of().account) == LOGS_ID


def test_what_organisation_policies_say_of_transport() -> None:
    plain = state()
    tls: dict[tuple[str, str], tuple[Record, ...]] = {
        (LOGS, "storage.secureHttpTransport"): ({"enforce": True},),
        (LOGS, "gcp.restrictTLSVersion"): ({"values": {"allowedValues": ["TLS_VERSION_1_2", "TLS_VERSION_1_3"]}},),
    }
    refusals = store(replace(plain, constraints=tls)).refusals
    assert [text(refusals.tls_required), text(refusals.judges_tls), text(refusals.old_tls_refused)] == ["True"] * 3
    denied: dict[tuple[str, str], tuple[Record, ...]] = {(LOGS, "gcp.restrictTLSVersion"): ({"denyAll": True},)}
    assert text(store(replace(plain, constraints=denied)).refusals.old_tls_refused) == "True"
    refusals = store(plain).refusals
    assert [text(refusals.tls_required), text(refusals.judges_tls), text(refusals.old_tls_refused)] == ["False"] * 3


def constrained(constraint: str, *rules: Record) -> GoogleState:
    return replace(state(), constraints={(LOGS, constraint): rules})


def test_a_constraint_keeps_uniform_access_on_from_the_first_day() -> None:
    assert text(store(state()).acl.off_for_good) == "False"
    kept = constrained("storage.uniformBucketLevelAccess", {"enforce": True})
    assert text(store(kept).acl.off_for_good) == "True"
    off = replace(state(uniform=False), constraints=kept.constraints)  # it is not turned on where it is off
    assert text(store(off).acl.off_for_good) == "False"


ONLY_OURS: Record = {"values": {"allowedValues": ("C01",)}}


@pytest.mark.parametrize(
    ("constraint", "rule", "expected"),
    [
        ("iam.allowedPolicyMemberDomains", ONLY_OURS, "True"),
        ("iam.allowedPolicyMemberDomains", {"denyAll": True}, "True"),
        ("iam.allowedPolicyMemberDomains", {"allowAll": True}, "False"),
        ("iam.allowedPolicyMemberDomains", {**ONLY_OURS, "condition": {"expression": "x"}}, "unknown: undetermined"),
        ("iam.allowedPolicyMemberDomains", {"values": "all"}, "False"),
        ("iam.allowedPolicyMemberDomains", {"values": {"allowedValues": "C01"}}, "unknown: malformed"),
        ("iam.managed.allowedPolicyMembers", {"enforce": True, "parameters": {"allowedPrincipalSets": ()}}, "True"),
        ("iam.managed.allowedPolicyMembers", {"enforce": "yes"}, "unknown: malformed"),
    ],
)
def test_new_outsiders_are_refused_by_a_constraint(constraint: str, rule: Record, expected: str) -> None:
    given = store(constrained(constraint, rule))
    assert text(given.exposure.new_outsiders_refused) == expected
    assert given.grants.gaps == ()  # it says nothing of the bindings that there are


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"allowAll": True}, "True"),
        ({"values": {"deniedValues": ("USER_ACCOUNT_HMAC_SIGNED_REQUESTS",)}}, "True"),
        ({"values": {"deniedValues": ("SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS",)}}, "False"),
        ({"values": {"deniedValues": ("in:ALL_HMAC_SIGNED_REQUESTS",)}}, "False"),
        ({"values": {"allowedValues": ("is:USER_ACCOUNT_HMAC_SIGNED_REQUESTS",)}}, "False"),
        ({"denyAll": True}, "False"),
        ({"denyAll": True, "condition": {"expression": "x"}}, "unknown: undetermined"),
    ],
)
def test_keys_that_sign_requests_open_nothing_where_such_requests_are_refused(rule: Record, expected: str) -> None:
    account = f"etl@{LOGS_ID}.iam.gserviceaccount.com"
    of = replace(
        state(binding("roles/storage.objectViewer", f"serviceAccount:{account}")),
        hmac_keys={LOGS: ({"serviceAccountEmail": account, "state": "ACTIVE"},)},
        constraints={(LOGS, "storage.restrictAuthTypes"): (rule,)},
    )
    given = store(of)
    assert text(given.credentials.identity_keys) == expected
    shown = {"HMAC key" in text(grant.via) for grant in given.grants.items}
    assert shown == {expected != "False"}


def test_a_policy_that_depends_on_tags_is_not_decided() -> None:
    rules: tuple[Record, ...] = (
        {"enforce": True, "condition": {"expression": "resource.matchTag('1/a', 'b')"}},
        {"enforce": False},
    )
    tagged = replace(state(), constraints={(LOGS, "storage.publicAccessPrevention"): rules})
    assert text(store(tagged).exposure.public_blocked) == "unknown: undetermined"
    assert text(store(enforced(state())).exposure.public_blocked) == "True"


def test_keys() -> None:
    given = key(good_state(), KEY)
    facts = (given.enabled, given.rotating, given.pending_deletion, given.recoverable)
    assert [text(fact) for fact in facts] == ["True", "True", "False", "True"]
    ending = new_key(state="DESTROY_SCHEDULED")
    given = key(replace(good_state(), keys={KEY: ending}), KEY)
    assert [text(given.enabled), text(given.pending_deletion)] == ["False", "True"]
    assert text(key(replace(good_state(), keys={}), KEY).enabled) == "unknown: not_found"


def test_sinks_that_lead_into_the_bucket() -> None:
    sinks: tuple[Record, ...] = (
        {"name": "all", "destination": f"storage.googleapis.com/{BUCKET}"},
        {"name": "off", "destination": f"storage.googleapis.com/{BUCKET}", "disabled": True},
        {"name": "other", "destination": "bigquery.googleapis.com/projects/p/datasets/d"},
    )
    plain = state()
    nodes = {**plain.nodes, ORGANISATION: replace(plain.nodes[ORGANISATION], sinks=sinks)}
    assert store(replace(plain, nodes=nodes)).fed_by.items == ("all",)


def test_copies_by_transfer_jobs() -> None:
    jobs: tuple[Record, ...] = (
        transfer(BUCKET, COPY),
        transfer("another", COPY),
        transfer(BUCKET, "off", status="DISABLED"),
        {
            "name": "transferJobs/narrow",
            "status": "ENABLED",
            "replicationSpec": {
                "gcsDataSource": {"bucketName": BUCKET},
                "gcsDataSink": {"bucketName": "narrow", "path": "copy/"},
                "objectConditions": {"includePrefixes": ["logs/2026/"]},
            },
        },
    )
    rules = store(replace(state(), transfers={LOGS_ID: jobs})).replication.items
    assert [(rule.target.uri, text(rule.covers_prefix)) for rule in rules] == [
        (f"gs://{COPY}/logs", "True"),
        ("gs://narrow/copy/logs", "False"),
    ]


def test_a_bucket_of_a_project_that_is_not_shown_is_a_row_of_unknowns() -> None:
    good = good_state()
    hidden = {**good.nodes, f"projects/{LOGS}": replace(good.nodes[f"projects/{LOGS}"], hidden=True)}
    given = store(replace(good, nodes=hidden, buckets={BUCKET: good.buckets[ARCHIVE]}), "audit")
    assert text(given.account) == "unknown: denied"
    assert text(given.integrity.worm_mode) == "compliance"
    assert given.grants.gaps


def test_a_bucket_that_is_not_there() -> None:
    given = store(replace(state(), buckets={"another": Bucket(metadata={})}))
    assert text(given.integrity.versioning) == "unknown: not_found"


MEMBERS = [
    *("enabled", "uniformBucketLevelAccess", "publicAccessPrevention", "rule", "action", "type", "condition", "age"),
    *("bindings", "role", "members", "expression", "auditConfigs", "service", "retentionPeriod", "logBucket", "mode"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4),
    max_leaves=12,
)
PARTS: list[Any] = [
    *(answers.project, answers.location, answers.multiple, answers.prevention, answers.uniform, answers.key),
    *(
        answers.retention,
        answers.object_retention,
        answers.holds_new,
        answers.soft_delete,
        answers.versioning,
        answers.lifecycle,
    ),
    *(answers.has_lifecycle, answers.usage_logs, answers.website, answers.cors, answers.ip_filter),
    *(answers.requester_pays, answers.turbo, answers.labels),
]
TOP = [
    *("iamConfiguration", "encryption", "retentionPolicy", "objectRetention", "softDeletePolicy", "versioning"),
    *("lifecycle", "logging", "website", "cors", "ipFilter", "location", "locationType", "projectNumber", "version"),
    *("bindings", "auditConfigs", "billing", "rpo", "labels"),
]


@given(st.dictionaries(st.sampled_from(TOP), ANYTHING, max_size=6))
def test_no_answer_makes_an_error(answer: dict[str, Json]) -> None:
    given = Answered(value=answer, source=SOURCE)
    for part in PARTS:
        assert isinstance(setting(given, part), Known | Unknown)
    assert isinstance(parsed(given), Known | Unknown)
