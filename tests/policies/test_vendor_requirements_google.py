"""What Databricks documents for Google Cloud: no control fails it, and no fix stops a delivery."""

from __future__ import annotations

import pytest

from posture.estate import Findings, join
from posture.model.assessment import SubjectInfo
from posture.model.contributions import SourceContribution, StoreContribution
from posture.model.facts import Known
from posture.model.leads import Found, Lead
from posture.model.logic import Severity, Verdict
from posture.model.subjects import LogStore, Mode
from posture.policy.assertions import evaluate
from posture.policy.controls import Control
from tests.adapters.databricks.accounts import config, contribution, read, storage, workspace
from tests.adapters.gcp.world import BUCKET, state, store
from tests.policies.shipped import CONTROLS, control, names
from tests.testbeds.google import Record
from tests.testbeds.google_estate import DELIVERY, LOGS, LOGS_ID, binding, convenience, policy

GOOGLE = [each for each in CONTROLS if "gcs_bucket" in dict(each.applies_to).get("kind", ())]
HOST = "https://accounts.gcp.databricks.com"


def documented_source() -> SourceContribution:
    elsewhere = workspace(1, credentials_id=None, cloud_resource_container={"gcp": {"project_id": "acme-platform"}})
    storages = (storage("logs", BUCKET), storage("root", "acme-ws"))
    return contribution(
        read(config(credentials_id=None), storages=storages, credentials=(), workspaces=(elsewhere,), host=HOST)
    )


def judged(given: StoreContribution) -> tuple[SubjectInfo, LogStore]:
    source = documented_source()
    leads = (
        Lead(target=source.ref, found=Found(how="test")),
        Lead(target=given.ref, found=Found(how="log delivery")),
    )
    for joined in join(Findings(leads=leads, contributions=(source, given), unlooked=()), Mode.LIVE):
        if isinstance(joined.record, LogStore):
            return joined.info, joined.record
    raise AssertionError


def verdicts(given: StoreContribution) -> dict[str, Verdict]:
    info, record = judged(given)
    return {each.info.id: evaluate(each.require, record)[0] for each in GOOGLE if each.applies(info)}


def documented() -> StoreContribution:
    """Uniform access, Storage Admin on the bucket without a condition, everything else as a new bucket has it."""
    return store(state(*convenience(LOGS_ID), binding("roles/storage.admin", DELIVERY)), "audit")


# --- V17: the documented grant ----------------------------------------------------------------------------------------


def test_v17_the_documented_layout_fails_only_what_it_really_lacks() -> None:
    assert {name for name, verdict in verdicts(documented()).items() if verdict is Verdict.FAIL} == {
        "encrypted-with-customer-key",
        "clear-text-refused",
        "public-access-blocked",
        "versioning-enabled",
        "object-lock-enabled",
        "default-lock-in-compliance-mode",
        "default-lock-long-enough",
        "deleted-logs-recoverable",
        "access-recorded",
        "lists-off-for-good",  # a new bucket can still be turned back
        "no-new-outsiders",
    }


def test_v17_nothing_critical_fails_on_it() -> None:
    found = verdicts(documented())
    critical = {each.info.id for each in GOOGLE if each.info.severity is Severity.CRITICAL} & found.keys()
    assert critical
    assert {name for name in critical if found[name] is not Verdict.PASS} == set()


def test_v17_the_over_grant_is_shown_with_the_narrower_role() -> None:
    grants = [
        grant
        for grant in documented().grants.items
        if grant.principal == Known(value=DELIVERY, sources=grant.principal.sources)
    ]
    assert grants
    for grant in grants:
        assert isinstance(grant.via, Known)
        assert "more than it says it does there" in grant.via.value
        assert "roles/storage.objectUser" in grant.via.value


@pytest.mark.parametrize("action", ["deletion", "administration"])
def test_v17_above_the_bucket_it_is_more_than_documented(action: str) -> None:
    wide = state(above={f"projects/{LOGS}": policy(binding("roles/storage.admin", DELIVERY))})
    found = verdicts(store(wide, "audit"))
    assert found[f"no-{action}-from-outside"] is Verdict.FAIL
    assert found["delivery-grant-no-wider-than-needed"] is Verdict.FAIL


def test_v17_without_the_grant_the_delivery_is_not_admitted() -> None:
    assert verdicts(store(state(*convenience(LOGS_ID)), "audit"))["delivering-role-admitted"] is Verdict.FAIL
    denied = {
        "deniedPrincipals": ("principalSet://goog/public:all",),
        "deniedPermissions": ("storage.googleapis.com/objects.create",),
    }
    stopped = state(binding("roles/storage.admin", DELIVERY), denied={f"projects/{LOGS}": (denied,)})
    assert verdicts(store(stopped, "audit"))["delivering-role-admitted"] is Verdict.FAIL


# --- V18: retention and files that are added to -----------------------------------------------------------------------


@pytest.mark.parametrize("locked", [False, True])
def test_v18_whether_a_retention_policy_stops_additions_is_said_to_be_unknown(locked: bool) -> None:  # noqa: FBT001 - parametrised
    held: Record = {"retentionPeriod": str(400 * 86400), "isLocked": locked}
    kept = state(binding("roles/storage.admin", DELIVERY), more={"retentionPolicy": held})
    assert verdicts(store(kept, "audit"))["lock-admits-additions"] is Verdict.UNKNOWN
    assert verdicts(documented())["lock-admits-additions"] is Verdict.PASS


@pytest.mark.parametrize("each", GOOGLE, ids=names)
def test_v18_a_fix_that_sets_a_retention_policy_says_what_is_not_documented(each: Control) -> None:
    text = dict(each.info.fix)["gcp"].lower()
    if "set a retention policy" in text:
        assert "not documented" in text
        assert "confirm" in text


# --- V19: perimeters and restricted domains ---------------------------------------------------------------------------


def test_v19_the_fix_for_a_delivery_that_is_kept_out_names_both_gates() -> None:
    text = dict(control("delivering-role-admitted").info.fix)["gcp"]
    assert "85638097580" in text
    assert "restricts the domains of members" in text


def test_v19_every_grant_says_that_perimeters_are_not_read() -> None:
    for grant in documented().grants.items:
        assert isinstance(grant.assumptions, Known)
        assert "no VPC Service Controls perimeter" in grant.assumptions.value


def test_every_control_on_buckets_of_google_says_what_to_change_there() -> None:
    assert [each.info.id for each in GOOGLE if "gcp" not in dict(each.info.fix)] == []
