"""What a scan adds to a plan: who is bound beside it, what lies above a project, and what Google alone knows."""

from __future__ import annotations

from dataclasses import replace

from posture.model.facts import Reason
from posture.model.leads import StoreRef
from posture.model.settings import NamedStore, Settings
from posture.model.subjects import Kind, Provider
from posture.planning import Asked, PlanOutcome
from posture.planning import plan as judged
from posture.snapshot import Snapshot
from posture.terraform.plan import Plan
from tests.adapters.gcp.terraform.build import DELIVERY, bound, bucket, config, kept, known, plan
from tests.adapters.gcp.world import seen
from tests.planning.estate import request, row
from tests.terraform.plans import Free, change
from tests.testbeds.google import GoogleState
from tests.testbeds.google_estate import (
    ARCHIVE,
    DOCUMENTED,
    DOMAIN,
    LOGS,
    LOGS_ID,
    ORGANISATION,
    binding,
    documented,
    good_state,
    metadata,
    policy,
)

MEMBER = "google_storage_bucket_iam_member.a"
ANA = f"user:ana@{DOMAIN}"
MAL = "user:mal@gmail.com"
EVE = "user:eve@gmail.com"  # whom a deny policy of the organisation stops
IN_LOGS = {"name": "google", "expressions": {"project": {"constant_value": LOGS_ID}}}


def documented_now(**more: Free) -> dict[str, Free]:
    """The documented bucket, as a refresh shows it."""
    return kept(name=DOCUMENTED, project=LOGS_ID, public_access_prevention="inherited", **more)


def member(who: str, *, action: str = "create", role: str = "roles/storage.objectViewer") -> dict[str, Free]:
    after = {"bucket": f"b/{DOCUMENTED}", "role": role, "member": who, "condition": []}
    before = None if action == "create" else after
    gone = action == "delete"
    return change(MEMBER, None if gone else after, [] if gone else ["id"], actions=(action,), before=before)


def named(*names: str) -> tuple[NamedStore, ...]:
    return tuple(
        NamedStore(ref=StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name=name), found="--store")
        for name in names
    )


def with_scan(tfplan: Plan, of: GoogleState | None = None, *buckets: str) -> PlanOutcome:
    """The plan judged with a scan of an estate."""
    names = buckets or (DOCUMENTED, ARCHIVE)
    scanned = replace(request(), settings=Settings(stores=named(*names)))
    snapshot = Snapshot(request=scanned, kept=seen(of or good_state(), *names), version="0.1.0")
    return judged(request(), tfplan, Asked(everything=True, context=snapshot))


def outcome(found: PlanOutcome, control: str, subject: str = f"gs://{DOCUMENTED}") -> str:
    return row(found, control, subject).outcome.name


def test_members_come_beside_those_that_a_scan_saw() -> None:
    made = plan(documented_now(), member(ANA))
    found = bound(config(made, context=seen(good_state(), DOCUMENTED)).policy)
    assert found["roles/storage.admin"] == {DELIVERY}
    assert found["roles/storage.objectViewer"] == {ANA}
    assert known(config(made, context=seen(good_state(), DOCUMENTED)).policy).doubts == ()


def test_what_a_plan_destroys_a_scan_does_not_bring_back() -> None:
    made = plan(documented_now(), member(DELIVERY, action="delete", role="roles/storage.admin"))
    found = bound(config(made, context=seen(good_state(), DOCUMENTED)).policy)
    assert "roles/storage.admin" not in found


def test_with_a_scan_grants_are_decided() -> None:
    inside = with_scan(plan(documented_now(), member(ANA)))
    stranger = with_scan(plan(documented_now(), member(MAL)))
    for control in ("no-reading-from-outside", "no-listing-from-outside"):
        assert outcome(inside, control) == "PASS"
        assert outcome(stranger, control) == "FAIL"
    assert outcome(inside, "public-access-blocked") == "PASS", "the organisation prevents public access"
    assert outcome(inside, "clear-text-refused") == "PASS"


def test_shutting_out_the_delivery_is_decided_with_a_scan() -> None:
    kept_up = with_scan(plan(documented_now(), member(ANA)))
    assert outcome(kept_up, "delivery-not-stopped", "google_storage_bucket.logs") == "PASS"
    shut = with_scan(plan(documented_now(), member(DELIVERY, action="delete", role="roles/storage.admin")))
    assert outcome(shut, "delivery-not-stopped", "google_storage_bucket.logs") == "FAIL"


def test_a_new_bucket_in_a_project_that_a_scan_saw() -> None:
    """Its number is told by another bucket of the project, and with it all that is bound above."""
    made = plan(bucket(name="acme-new", uniform_bucket_level_access=True), provider=IN_LOGS)
    found = with_scan(made)
    assert outcome(found, "public-access-blocked", "gs://acme-new") == "PASS"
    assert outcome(found, "no-reading-from-outside", "gs://acme-new") == "PASS"
    assert outcome(found, "access-recorded", "gs://acme-new") == "PASS"


def test_a_new_bucket_in_a_project_that_no_scan_saw() -> None:
    elsewhere = {"name": "google", "expressions": {"project": {"constant_value": "another-project"}}}
    made = plan(bucket(name="acme-new", uniform_bucket_level_access=True), provider=elsewhere)
    assert outcome(with_scan(made), "no-reading-from-outside", "gs://acme-new") == "UNKNOWN"


def test_what_a_plan_binds_on_the_project_counts_beside_what_is_bound_there() -> None:
    entry = change(
        "google_project_iam_binding.viewers",
        {"project": LOGS_ID, "role": "roles/storage.objectViewer", "members": [MAL], "condition": []},
        ["id"],
    )
    found = with_scan(plan(documented_now(), entry))
    assert outcome(found, "no-reading-from-outside") == "FAIL"


def test_a_sink_that_the_plan_destroys_or_leads_elsewhere_no_longer_feeds_the_bucket() -> None:
    of = good_state()
    before: dict[str, Free] = {
        "name": "app-logs",
        "destination": f"storage.googleapis.com/{DOCUMENTED}",
        "disabled": False,
    }
    seen_before = replace(of.nodes[ORGANISATION], sinks=(before,))
    fed = replace(of, nodes={**of.nodes, ORGANISATION: seen_before})
    control = "dedicated-to-audit-logs"
    assert outcome(with_scan(plan(documented_now()), fed), control) == "FAIL"
    address, elsewhere = "google_logging_organization_sink.s", f"storage.googleapis.com/{ARCHIVE}"
    for actions, after in ((("delete",), None), (("update",), {**before, "destination": elsewhere})):
        entry = change(address, after, actions=actions, before=before)
        assert outcome(with_scan(plan(documented_now(), entry), fed), control) != "FAIL"
        twice = replace(seen_before, sinks=(before, before))  # of two projects, say, which name theirs alike
        other = replace(of, nodes={**of.nodes, ORGANISATION: twice})
        assert outcome(with_scan(plan(documented_now(), entry), other), control) == "FAIL"


def test_a_deny_policy_that_the_plan_lifts_stops_nobody_any_more() -> None:
    entries = (documented_now(), member(EVE))
    assert outcome(with_scan(plan(*entries)), "no-reading-from-outside") == "PASS"
    for parent, expected in ((ORGANISATION, "FAIL"), ("folders/1", "PASS")):
        before = {"name": "strangers", "parent": f"cloudresourcemanager.googleapis.com/{parent}".replace("/", "%2F")}
        lifted = change("google_iam_deny_policy.d", None, actions=("delete",), before=before)
        assert outcome(with_scan(plan(*entries, lifted)), "no-reading-from-outside") == expected


def test_deny_policies_that_a_scan_could_not_read_may_stop_a_stranger() -> None:
    """What nobody asked for is taken for granted; what was asked for and refused is not."""
    of = good_state()
    hidden = replace(of, nodes={**of.nodes, ORGANISATION: replace(of.nodes[ORGANISATION], hidden=True)})
    made = plan(documented_now(), member(MAL))
    assert outcome(with_scan(made, hidden, DOCUMENTED), "no-reading-from-outside") == "UNKNOWN"
    assert outcome(judged(request(), made, Asked(everything=True)), "no-reading-from-outside") == "FAIL"


def test_roles_as_a_scan_saw_them_come_before_what_is_documented() -> None:
    of = good_state()
    wider = {**of.roles, "roles/storage.objectCreator": ("storage.objects.create", "storage.objects.get")}
    bucket_ = replace(documented(), policy=policy(binding("roles/storage.objectCreator", MAL)))
    estate = replace(of, roles=wider, buckets={**of.buckets, DOCUMENTED: bucket_})
    assert outcome(with_scan(plan(documented_now()), estate, DOCUMENTED), "no-reading-from-outside") == "FAIL"


class TestOutside:
    """A bucket that no resource of the plan makes, of which one binds somebody."""

    def test_it_is_found_by_the_account_that_delivers(self) -> None:
        made = plan(member(DELIVERY, role="roles/storage.admin"))
        found = judged(request(), made)
        assert f"gs://{DOCUMENTED}" in {subject.uri for subject in found.assessment.subjects}
        assert outcome(found, "versioning-enabled") == "UNKNOWN"

    def test_with_a_scan_it_is_as_it_was_but_for_what_the_plan_binds(self) -> None:
        inside, stranger = with_scan(plan(member(ANA))), with_scan(plan(member(MAL)))
        assert outcome(inside, "versioning-enabled") == outcome(stranger, "versioning-enabled") == "FAIL"
        assert outcome(inside, "no-reading-from-outside") == "PASS"
        assert outcome(stranger, "no-reading-from-outside") == "FAIL"


def test_a_plan_alone_is_complete_in_what_it_looks_at() -> None:
    """Transfer jobs that no scan told of lead to no store of the plan."""
    found = judged(request(), plan(documented_now(), member(DELIVERY)), Asked(everything=True))
    assert found.assessment.unlooked == ()


def test_without_a_scan_each_row_names_the_call_that_would_tell() -> None:
    found = judged(request(), plan(documented_now(), member(ANA)), Asked(everything=True))
    asked = {
        source.operation
        for finding in found.assessment.findings
        for each in finding.evidence
        if each.unknown is not None and each.unknown.reason is Reason.NOT_COLLECTED
        for source in each.unknown.sources
    }
    assert {
        "cloudresourcemanager:projects.get",
        "orgpolicy:projects.policies.getEffectivePolicy",
        "storage:projects.hmacKeys.list",
    } <= asked
    assert "oauth2:token" not in asked


def test_an_entry_of_a_list_that_is_destroyed_or_made_anew_is_gone() -> None:
    of = good_state()
    listed = replace(
        documented(), metadata=metadata(LOGS, uniform=False), acl=({"entity": "user-mal@gmail.com", "role": "READER"},)
    )
    context = seen(replace(of, buckets={**of.buckets, DOCUMENTED: listed}), DOCUMENTED)
    there = documented_now(uniform_bucket_level_access=False)
    address, before = "google_storage_bucket_access_control.a", {"bucket": DOCUMENTED, "entity": "user-mal@gmail.com"}
    gone = change(address, None, actions=("delete",), before={**before, "role": "READER"})
    anew = change(address, {**before, "entity": "allUsers", "role": "READER"}, ["id"], actions=("delete", "create"))
    anew["change"]["before"] = before
    for entry, left in ((gone, []), (anew, ["allUsers"])):
        found = config(plan(there, entry, provider=IN_LOGS), context=context).acl
        assert ([each.entity for each in found.items], found.gaps) == (left, ())
    kept_so = config(plan(there, provider=IN_LOGS), context=context).acl
    assert [each.entity for each in kept_so.items] == ["user-mal@gmail.com"]
