"""What a plan sets on the project of a bucket, and on what lies around it."""

from __future__ import annotations

import pytest

from posture.adapters.gcp.config import ProjectConfig
from posture.adapters.gcp.terraform.bucket import bucket_config
from posture.adapters.gcp.terraform.owners import Owners
from posture.adapters.gcp.terraform.predefined import PREDEFINED
from posture.model.facts import Known, Unknown
from tests.adapters.gcp.terraform.build import LOGS, beside, bound, bucket, known, plan, store, tools, unknown
from tests.terraform.plans import Free, change, module, one, refs, written
from tests.testbeds.google_roles import ROLES

VIEWER = "roles/storage.objectViewer"
ANA = "user:ana@acme.example"


def project(*entries: dict[str, Free], **members: Free) -> ProjectConfig:
    of = plan(bucket(), *entries, **members)
    made = tools(of)
    return Owners(made).project(made.projects.of(one(of, LOGS)))


def org_policy(constraint: str, parent: str = "projects/acme-logs", /, **rule: Free) -> dict[str, Free]:
    after = {"name": f"{parent}/policies/{constraint}", "parent": parent, "spec": [{"rules": [rule]}]}
    return change("google_org_policy_policy.p", after, ["id"])


class TestProject:
    def test_its_name(self) -> None:
        found = project().owner
        assert known(found.id) == "acme-logs"
        unknown(found.number)

    def test_a_project_that_nobody_names_is_stood_for(self) -> None:
        root = module(written(LOGS))
        found = store(plan(bucket(), root=root, provider={"name": "google"}))
        assert isinstance(found.account, Unknown)
        assert known(found.acl.grants_beyond_owner) is False, "its own teams are its own, whichever project it is"

    def test_one_that_cannot_be_followed_is_not_that_of_the_provider(self) -> None:
        root = module(written(LOGS, project=refs("local.project")))
        of = plan(bucket(), root=root)
        assert isinstance(store(of).account, Unknown)
        assert tools(of).projects.of(one(of, LOGS)).name.startswith("unnamed-project-")

    def test_its_number_is_told_by_others(self) -> None:
        agent = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
        data = change(
            "data.google_storage_project_service_account.a",
            {"project": "acme-logs", "email_address": agent},
            actions=("read",),
        )
        assert known(project(data).owner.number) == "123456789012"

    def test_members_bindings_and_audit_configurations(self) -> None:
        where = {"project": "acme-logs", "condition": []}
        member = change("google_project_iam_member.a", {**where, "role": VIEWER, "member": ANA})
        audit = change(
            "google_project_iam_audit_config.a",
            {
                "project": "acme-logs",
                "service": "storage.googleapis.com",
                "audit_log_config": [{"log_type": "DATA_READ", "exempted_members": []}],
            },
        )
        elsewhere = change("google_project_iam_member.b", {**where, "project": "other", "role": VIEWER, "member": ANA})
        found = project(member, audit, elsewhere)
        (level,) = found.owner.levels.items
        assert bound(level.policy) == {VIEWER: {ANA}}
        assert known(level.policy).doubts, "who else is bound there, a plan does not know"
        assert known(level.policy).audits[0].kinds == (("DATA_READ", ()),)
        monitoring = store(plan(bucket(), member, audit)).monitoring
        unknown(monitoring.object_reads_recorded)  # somebody may be exempted above

    def test_a_policy_is_all_there_is_on_it(self) -> None:
        whole = change("google_project_iam_policy.p", {"project": "acme-logs", "policy_data": "{}"})
        (level,) = project(whole).owner.levels.items
        assert (bound(level.policy), known(level.policy).doubts) == ({}, ())


class TestConstraints:
    PREVENTION = "storage.publicAccessPrevention"

    @pytest.mark.parametrize(("enforce", "prevented"), [("TRUE", True), ("FALSE", False)])
    def test_of_the_project(self, enforce: str, *, prevented: bool) -> None:
        assert known(project(org_policy(self.PREVENTION, enforce=enforce)).prevents_public) is prevented

    def test_of_the_project_in_the_older_way(self) -> None:
        after = {"project": "acme-logs", "constraint": f"constraints/{self.PREVENTION}"}
        entry = change("google_project_organization_policy.p", {**after, "boolean_policy": [{"enforced": True}]})
        assert known(project(entry).prevents_public) is True

    def test_of_another_project(self) -> None:
        entry = org_policy(self.PREVENTION, "projects/other", enforce="TRUE")
        assert "--context" in unknown(project(entry).prevents_public).needs

    def test_above_the_project_the_project_may_have_its_own(self) -> None:
        entry = org_policy(self.PREVENTION, "organizations/1", enforce="TRUE")
        assert "the plan changes this constraint" in unknown(project(entry).prevents_public).detail

    def test_a_condition_is_about_tags(self) -> None:
        rules = [{"enforce": "TRUE", "condition": [{"expression": "resource.matchTag('a','b')"}]}, {"enforce": "FALSE"}]
        entry = org_policy(self.PREVENTION)
        entry["change"]["after"]["spec"] = [{"rules": rules}]
        assert "tags" in unknown(project(entry).prevents_public).detail

    def test_versions_of_tls(self) -> None:
        denied: dict[str, Free] = {
            "values": [{"denied_values": ["TLS_VERSION_1", "TLS_VERSION_1_1"], "allowed_values": []}]
        }
        assert known(project(org_policy("gcp.restrictTLSVersion", **denied)).refused_tls) == {
            "TLS_VERSION_1",
            "TLS_VERSION_1_1",
        }

    def test_prevention_keeps_the_public_out(self) -> None:
        entry = org_policy(self.PREVENTION, enforce="TRUE")
        found = store(plan(bucket(uniform_bucket_level_access=True), entry))
        assert known(found.exposure.public_blocked) is True


class TestFeeds:
    @pytest.mark.parametrize("level", ["project", "folder", "organization"])
    def test_a_sink_into_the_bucket(self, level: str) -> None:
        address = f"google_logging_{level}_sink.s"
        for destination in ("storage.googleapis.com/acme-logs", None):
            after = {"name": "other", "disabled": False} | ({"destination": destination} if destination else {})
            entry = change(address, after, [] if destination else ["destination"])
            said = refs("google_storage_bucket.logs.name", "google_storage_bucket.logs")
            root = module(written(LOGS), written(address, destination=said))
            assert store(plan(bucket(), entry, root=root)).fed_by.items == ("other",)

    def test_a_sink_that_is_off_or_leads_nobody_knows_where(self) -> None:
        whole = {"name": "other", "disabled": True, "destination": "storage.googleapis.com/acme-logs"}
        found = store(plan(bucket(), change("google_logging_folder_sink.s", whole))).fed_by
        assert (found.items, found.gaps) == ((), ())
        later = change("google_logging_folder_sink.s", {"name": "other", "disabled": False}, ["destination"])
        lost = refs("local.destination")
        root = module(written(LOGS), written("google_logging_folder_sink.s", destination=lost))
        found = store(plan(bucket(), later, root=root)).fed_by
        assert (found.items, len(found.gaps)) == ((), 1)

    def test_sinks_that_lead_elsewhere(self) -> None:
        after = {"name": "other", "destination": "bigquery.googleapis.com/projects/p/datasets/d", "disabled": False}
        found = store(plan(bucket(), change("google_logging_project_sink.s", after))).fed_by
        assert found.items == ()

    def test_a_job_that_copies_the_bucket(self) -> None:
        spec = {
            "gcs_data_source": [{"bucket_name": "acme-logs", "path": ""}],
            "gcs_data_sink": [{"bucket_name": "acme-copy", "path": ""}],
            "object_conditions": [],
        }
        entry = change("google_storage_transfer_job.j", {"transfer_spec": [spec], "status": "ENABLED"}, ["name"])
        (rule,) = store(plan(bucket(), entry)).replication.items
        assert (rule.target.uri, known(rule.covers_prefix)) == ("gs://acme-copy", True)

    def test_a_key_that_signs_requests(self) -> None:
        account = "etl@acme-logs.iam.gserviceaccount.com"
        entry = change("google_storage_hmac_key.k", {"service_account_email": account, "project": "acme-logs"})
        (key,) = project(entry).hmac_keys.items
        assert (key.service_account, key.active) == (account, True)
        off = change("google_storage_hmac_key.k", {**entry["change"]["after"], "state": "INACTIVE"})
        assert [each.active for each in project(off).hmac_keys.items] == [False]


class TestFolders:
    def test_a_managed_folder_has_a_policy_of_its_own(self) -> None:
        folder = beside("google_storage_managed_folder", name="audit/")
        member = beside(
            "google_storage_managed_folder_iam_member", managed_folder="audit/", role=VIEWER, member=ANA, condition=[]
        )
        found = tools(plan(bucket(uniform_bucket_level_access=True), folder, member))

        (each,) = bucket_config(one(found.plan, LOGS), "audit", found).folders.items
        assert (each.name, bound(each.policy)) == ("audit/", {VIEWER: {ANA}})
        assert bucket_config(one(found.plan, LOGS), "other", found).folders.items == ()


@pytest.mark.parametrize("name", sorted(PREDEFINED.keys() & ROLES.keys()))
def test_documented_roles_are_those_of_the_stand_in(name: str) -> None:
    concerning = frozenset().union(*PREDEFINED.values())
    assert frozenset(ROLES[name]) & concerning == PREDEFINED[name]


def test_what_is_not_documented_is_not_known() -> None:
    role = tools(plan(bucket())).roles
    assert isinstance(role.of("roles/storage.admin"), Known)
    assert "--context" in unknown(role.of("roles/storage.newest")).needs
