"""What lies above a bucket by the resources of a plan: who is bound there, what is denied, and what is enforced."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from posture.adapters.gcp.config import ProjectConfig
from posture.adapters.gcp.terraform.bucket import project_of
from posture.adapters.gcp.terraform.owners import Owners
from posture.model.facts import Fact, Known, Reason, Unknown
from posture.terraform.plan import Plan
from tests.adapters.gcp.terraform.build import LOGS, beside, bound, bucket, known, plan, store, tools, unknown
from tests.adapters.gcp.world import held, text
from tests.terraform.plans import Free, change, module, one, refs, written

VIEWER = "roles/storage.objectViewer"
ANA, EVE = "user:ana@acme.example", "user:eve@gmail.com"
PROJECT, FOLDER, ORGANISATION = "google_project.logs", "google_folder.logs", "data.google_organization.acme"
PREVENTION = "storage.publicAccessPrevention"
TO_PROJECT, TO_FOLDER = refs(f"{PROJECT}.project_id", PROJECT), refs(f"{FOLDER}.name", FOLDER)


def organisation() -> dict[str, Free]:
    known_to_be = {"name": "organizations/123", "org_id": "123", "domain": "acme.example"}
    return change(ORGANISATION, known_to_be, actions=("read",))


def folder() -> dict[str, Free]:
    return change(FOLDER, {"display_name": "logs", "parent": "organizations/123"}, ["name", "folder_id", "id"])


def project(**after: Free) -> dict[str, Free]:
    values = {"project_id": "acme-logs", "org_id": None, **after}
    computed = ["number", "id", *(name for name in ("folder_id", "project_id") if name not in values)]
    return change(PROJECT, values, computed)


def member(kind: str, who: str, *unknown_ones: str, **after: Free) -> dict[str, Free]:
    return change(f"{kind}.m", {"role": VIEWER, "member": who, "condition": [], **after}, ["id", *unknown_ones])


def logs(**after: Free) -> dict[str, Free]:
    return bucket(**{"uniform_bucket_level_access": True, "project": "acme-logs", **after})


def denying(parent: str, *principals: str, **rule: Free) -> dict[str, Free]:
    permissions = ["storage.googleapis.com/objects.get", "storage.googleapis.com/objects.list"]
    given = {
        "denied_principals": list(principals),
        "exception_principals": [],
        "denied_permissions": permissions,
        "exception_permissions": [],
        "denial_condition": [],
        **rule,
    }
    point = quote(f"cloudresourcemanager.googleapis.com/{parent}", safe="")
    after = {"name": "d", "parent": point, "rules": [{"description": "", "deny_rule": [given]}]}
    return change("google_iam_deny_policy.d", after, ["id", "etag"])


def org_policy(parent: str, constraint: str = PREVENTION, /, name: str = "p", **spec: Free) -> dict[str, Free]:
    after = {"name": f"{parent}/policies/{constraint}", "parent": parent, "spec": [spec]}
    return change(f"google_org_policy_policy.{name}", after, ["id"])


def enforcing(value: str) -> Free:
    return [{"enforce": value}]


def new(*entries: dict[str, Free], **said: dict[str, Free]) -> Plan:
    """A project in a folder in an organisation, both of them new."""
    addresses = {LOGS: {}, PROJECT: {"folder_id": TO_FOLDER}, FOLDER: {}, ORGANISATION: {}, **said}
    root = module(*(written(address, **expressions) for address, expressions in addresses.items()))
    return plan(logs(), project(), folder(), organisation(), *entries, root=root)


def owner(of: Plan) -> ProjectConfig:
    made = tools(of)
    return Owners(made).project(project_of(one(of, LOGS), made))


def whole(**said: Free) -> dict[str, Free]:
    """All of the organisation's policy."""
    after = {"org_id": "123", "policy_data": json.dumps(said)}
    return change("google_organization_iam_policy.p", after, ["id", "etag"])


class TestLevels:
    """Projects, folders and organisations."""

    def test_of_a_new_project_in_a_new_folder(self) -> None:
        found = owner(new()).owner
        names = ["projects/acme-logs", "folders/(google_folder.logs)", "organizations/123"]
        assert [level.name for level in found.levels.items] == names
        assert (found.levels.gaps, known(found.organisation), known(found.domain)) == (
            (),
            "organizations/123",
            "acme.example",
        )

    def test_whoever_makes_a_project_owns_it(self) -> None:
        levels = owner(new()).owner.levels.items
        assert [["whoever makes" in doubt.detail for doubt in known(each.policy).doubts] for each in levels[:2]] == [
            [True],
            [True],
        ]
        assert known(levels[2].policy).doubts[0].reason is Reason.NOT_COLLECTED
        assert [each.denied.gaps == () for each in levels] == [True, True, False]

    def test_audit_configurations_of_a_folder(self) -> None:
        address = "google_folder_iam_audit_config.a"

        def recorded(*exempted: str, above: dict[str, Free]) -> tuple[Fact[bool], Fact[bool]]:
            logged = [{"log_type": "DATA_READ", "exempted_members": list(exempted)}]
            after = {"service": "allServices", "audit_log_config": logged}
            of = new(change(address, after, ["id", "etag", "folder"]), above, **{address: {"folder": TO_FOLDER}})
            found = store(of).monitoring
            return found.object_reads_recorded, found.object_writes_recorded

        assert list(map(known, recorded(above=whole()))) == [True, False]
        assert list(map(known, recorded(ANA, above=whole()))) == [False, False]
        elsewhere = change("google_organization_iam_member.m", {"org_id": "123", "role": VIEWER, "member": ANA}, ["id"])
        assert {unknown(fact).reason for fact in recorded(above=elsewhere)} == {Reason.NOT_COLLECTED}

    def test_audit_configurations_of_an_organisation(self) -> None:
        kinds = ["DATA_READ", "DATA_WRITE"]
        logged = [{"log_type": kind, "exempted_members": []} for kind in kinds]
        stated = [
            {"service": "allServices", "auditLogConfigs": [{"logType": kind} for kind in kinds]},
        ]
        found = store(new(whole(auditConfigs=stated))).monitoring
        assert known(found.object_reads_recorded) is known(found.object_writes_recorded) is True
        after = {"org_id": "123", "service": "allServices", "audit_log_config": logged}
        rivals = whole(), change("google_organization_iam_audit_config.a", after, ["id", "etag"])
        for fact in (
            store(new(*rivals)).monitoring.object_reads_recorded,
            store(new(*rivals[::-1])).monitoring.object_writes_recorded,
        ):
            assert unknown(fact).detail.startswith("2 resources set or unset the audit configurations")

    def test_audit_configurations_of_one_service_overwrite_each_other(self) -> None:
        def audit(name: str, *kinds: str, gone: bool = False) -> dict[str, Free]:
            logged = [{"log_type": kind, "exempted_members": []} for kind in kinds]
            after = {"org_id": "123", "service": "storage.googleapis.com", "audit_log_config": logged}
            address = f"google_organization_iam_audit_config.{name}"
            if gone:
                return change(address, None, actions=("delete",), before=after)
            return change(address, after, ["id", "etag"])

        for other in (audit("b"), audit("b", "DATA_READ", gone=True)):
            found = store(new(audit("a", "DATA_READ"), other)).monitoring.object_reads_recorded
            (level,) = owner(new(audit("a", "DATA_READ"), other)).owner.levels.items[2:]
            assert known(level.policy).audits == ()
            assert isinstance(found, Unknown)

    def test_of_a_project_that_is_read(self) -> None:
        data = change(
            "data.google_project.p",
            {"project_id": "acme-logs", "number": "42", "org_id": "", "folder_id": "7"},
            actions=("read",),
        )
        above = change(
            "data.google_folder.f", {"folder": "folders/7", "name": "folders/7", "parent": "organizations/9"}
        )
        found = owner(plan(logs(), data, above)).owner
        assert [each.name for each in found.levels.items] == ["projects/42", "folders/7", "organizations/9"]
        assert known(found.organisation) == "organizations/9"

    def test_of_a_project_whose_folder_nobody_reads(self) -> None:
        data = change("data.google_project.p", {"project_id": "acme-logs", "folder_id": "7"}, actions=("read",))
        found = owner(plan(logs(), data)).owner
        assert [each.name for each in found.levels.items] == ["projects/acme-logs", "folders/7"]
        assert "what lies above folders/7" in unknown(found.organisation).detail

    def test_of_a_project_outside_of_every_organisation(self) -> None:
        values = {"project_id": "acme-logs", "number": "42", "org_id": "", "folder_id": ""}
        found = owner(plan(logs(), change(PROJECT, values, actions=("no-op",), before=values))).owner
        assert (known(found.organisation), found.levels.gaps) == ("", ())

    def test_of_a_new_project_that_names_no_parent(self) -> None:
        found = owner(plan(logs(), project(folder_id=None))).owner
        assert unknown(found.organisation).reason is Reason.NOT_COLLECTED

    def test_whose_a_domain_is(self) -> None:
        named = (ANA, "user:mal@other.example")
        entries = [
            beside("google_storage_bucket_iam_member", f"m{index}", role=VIEWER, member=who, condition=[])
            for index, who in enumerate(named)
        ]
        to_logs = refs("google_storage_bucket.logs.name", LOGS)
        said = {f"google_storage_bucket_iam_member.m{index}": {"bucket": to_logs} for index in range(2)}
        grants = held(store(new(*entries, **said)).grants)
        assert {(who, scope) for who, action, scope in grants if who in named} == {
            (ANA, "own"),
            ("user:mal@other.example", "outside"),
        }


class TestBound:
    """Bindings above the bucket."""

    def test_on_a_new_folder(self) -> None:
        entry = member("google_folder_iam_member", EVE, "folder")
        made = new(entry, **{"google_folder_iam_member.m": {"folder": TO_FOLDER}})
        assert bound(owner(made).owner.levels.items[1].policy) == {VIEWER: {EVE}}
        assert (EVE, "read", "outside") in held(store(made).grants)

    def test_on_the_organisation(self) -> None:
        made = new(member("google_organization_iam_member", EVE, org_id="123"))
        assert (EVE, "read", "outside") in held(store(made).grants)
        elsewhere = new(member("google_organization_iam_member", EVE, org_id="124"))
        assert EVE not in {who for who, _, _ in held(store(elsewhere).grants)}

    def test_a_policy_of_the_project_is_all_there_is(self) -> None:
        entry = change("google_project_iam_policy.p", {"project": "acme-logs", "policy_data": "{}"}, ["id"])
        assert known(owner(new(entry)).owner.levels.items[0].policy).doubts == ()

    def test_on_a_project_whose_id_apply_makes(self) -> None:
        made = project(folder_id=None)
        del made["change"]["after"]["project_id"]
        made["change"]["after_unknown"]["project_id"] = True
        entries = [bucket(), made, member("google_project_iam_member", EVE, "project")]
        root = module(
            written(LOGS, project=TO_PROJECT),
            written(PROJECT),
            written("google_project_iam_member.m", project=TO_PROJECT),
        )
        assert (EVE, "read", "outside") in held(store(plan(*entries, root=root)).grants)


class TestDenied:
    """Deny policies of the plan."""

    TO_LOGS = refs("google_storage_bucket.logs.name", LOGS)
    ACCOUNT = "google_service_account.etl"

    def who(
        self, *entries: dict[str, Free], principal: str = EVE, said: dict[str, dict[str, Free]] | None = None
    ) -> set[tuple[str, str, str]]:
        grant = beside("google_storage_bucket_iam_member", "m", role=VIEWER, member=principal, condition=[])
        made = new(grant, *entries, **{"google_storage_bucket_iam_member.m": {"bucket": self.TO_LOGS}, **(said or {})})
        self.doubts = " ".join(gap.unknown.detail for gap in store(made).grants.gaps)
        return {each for each in held(store(made).grants) if each[0] == principal}

    @pytest.mark.parametrize("level", ["projects/acme-logs", "organizations/123"])
    def test_one_above_the_bucket_stops(self, level: str) -> None:
        assert self.who(denying(level, "principal://goog/subject/eve@gmail.com")) == set()
        assert self.who(denying(level, "principalSet://goog/public:all"), principal="allUsers") == set()
        assert "could" not in self.doubts

    @pytest.mark.parametrize("level", ["projects/other", "folders/9", "organizations/124"])
    def test_one_elsewhere_does_not(self, level: str) -> None:
        assert self.who(denying(level, "principalSet://goog/public:all"))

    def test_others_stay(self) -> None:
        assert self.who(denying("organizations/123", "principal://goog/subject/mal@gmail.com"))

    def test_whom_it_spares_stays(self) -> None:
        spared = {"exception_principals": ["principal://goog/subject/eve@gmail.com"]}
        assert self.who(denying("organizations/123", "principalSet://goog/public:all", **spared))

    def test_a_condition_leaves_it_open(self) -> None:
        asked: dict[str, Free] = {"denial_condition": [{"expression": "resource.matchTag('1/a', 'b')", "title": "t"}]}
        assert self.who(denying("organizations/123", "principalSet://goog/public:all", **asked)) == set()
        assert "a deny policy may stop it" in self.doubts

    def test_what_it_is_attached_to_by_reference(self) -> None:
        entry = denying("x", "principalSet://goog/public:all")
        del entry["change"]["after"]["parent"]
        entry["change"]["after_unknown"]["parent"] = True
        assert self.who(entry, said={"google_iam_deny_policy.d": {"parent": TO_FOLDER}}) == set()
        assert "a deny policy of the plan" not in self.doubts

    def test_what_nobody_can_follow_may_stop_anybody(self) -> None:
        entry = denying("organizations/123", "principalSet://goog/public:all")
        del entry["change"]["after"]["parent"]
        entry["change"]["after_unknown"]["parent"] = True
        assert self.who(entry, said={"google_iam_deny_policy.d": {"parent": refs("local.point")}}) == set()
        assert "a deny policy of the plan may stop it" in self.doubts

    def test_one_that_may_be_above_may_stop_anybody(self) -> None:
        grant = beside("google_storage_bucket_iam_member", "m", role=VIEWER, member=EVE, condition=[])
        for level, open_one in (
            ("folders/9", True),
            ("organizations/1", True),
            ("projects/42", True),
            ("projects/p", False),
        ):
            grants = store(plan(logs(), grant, denying(level, "principalSet://goog/public:all"))).grants
            assert ((EVE, "read", "outside") in held(grants)) is not open_one
            assert any("lies above the bucket" in gap.unknown.detail for gap in grants.gaps) is open_one

    def test_an_account_of_the_plan(self) -> None:
        account = change(self.ACCOUNT, {"account_id": "etl", "project": "acme-logs"}, ["email", "member", "id", "name"])
        entry = denying("organizations/123", "principalSet://goog/public:all", exception_principals=[None])
        entry["change"]["after_unknown"]["rules"] = [{"deny_rule": [{"exception_principals": [True]}]}]
        rule = {"exception_principals": refs(f"{self.ACCOUNT}.email", self.ACCOUNT)}
        said = {"google_iam_deny_policy.d": {"rules": [{"deny_rule": [rule]}]}, self.ACCOUNT: {}}
        address = "serviceAccount:etl@acme-logs.iam.gserviceaccount.com"
        assert {action for _, action, _ in self.who(account, entry, principal=address, said=said)} == {"list", "read"}
        assert self.who(account, entry, said=said) == set()

    def test_no_other_is_taken_for_granted(self) -> None:
        grants = store(new(denying("organizations/123", "principal://goog/subject/eve@gmail.com"))).grants
        assert all("no deny policy that was not read" in text(grant.assumptions) for grant in grants.items)


class TestEnforced:
    """Organisation policies, of whatever level."""

    def test_what_the_organisation_enforces_on_a_new_project(self) -> None:
        found = owner(new(org_policy("organizations/123", rules=enforcing("TRUE"))))
        assert known(found.prevents_public) is True

    def test_the_nearest_decides(self) -> None:
        entries = (
            org_policy("organizations/123", rules=enforcing("TRUE")),
            org_policy("projects/acme-logs", name="q", rules=enforcing("FALSE")),
        )
        assert known(owner(new(*entries)).prevents_public) is False

    def test_what_is_only_tried_out_decides_nothing(self) -> None:
        tried = org_policy("projects/acme-logs", name="q")
        tried["change"]["after"] |= {"spec": [], "dry_run_spec": [{"rules": enforcing("FALSE")}]}
        found = owner(new(org_policy("organizations/123", rules=enforcing("TRUE")), tried))
        assert known(found.prevents_public) is True

    def test_an_older_project_may_have_its_own(self) -> None:
        values = {"project_id": "acme-logs", "number": "42", "org_id": "123", "folder_id": ""}
        there = change(PROJECT, values, actions=("no-op",), before=values)
        found = owner(plan(logs(), there, org_policy("organizations/123", rules=enforcing("TRUE"))))
        assert "the plan changes this constraint" in unknown(found.prevents_public).detail
        other = owner(plan(logs(), there, org_policy("organizations/124", rules=enforcing("TRUE"))))
        assert PREVENTION in unknown(other.prevents_public).detail

    def test_two_of_one_level(self) -> None:
        entries = (org_policy("projects/acme-logs", name=name, rules=enforcing("TRUE")) for name in "ab")
        assert "the last one applied wins" in unknown(owner(new(*entries)).prevents_public).detail

    def test_in_the_older_shape(self) -> None:
        after = {"constraint": f"constraints/{PREVENTION}", "boolean_policy": [{"enforced": True}]}
        entry = change("google_folder_organization_policy.p", after, ["folder", "id"])
        found = owner(new(entry, **{"google_folder_organization_policy.p": {"folder": TO_FOLDER}}))
        assert known(found.prevents_public) is True
        entry = change("google_organization_policy.p", {**after, "org_id": "123"}, ["id"])
        assert known(owner(new(entry)).prevents_public) is True

    @pytest.mark.parametrize(
        ("inherit", "refused"), [(True, {"TLS_VERSION_1", "TLS_VERSION_1_1"}), (False, {"TLS_VERSION_1"})]
    )
    def test_lists_add_to_what_lies_above_where_they_say_so(self, refused: set[str], *, inherit: bool) -> None:
        def denied(version: str) -> Free:
            return [{"values": [{"denied_values": [version], "allowed_values": []}]}]

        tls = "gcp.restrictTLSVersion"
        entries = (
            org_policy("organizations/123", tls, rules=denied("TLS_VERSION_1_1")),
            org_policy("projects/acme-logs", tls, name="q", rules=denied("TLS_VERSION_1"), inherit_from_parent=inherit),
        )
        assert known(owner(new(*entries)).refused_tls) == refused

    @pytest.mark.parametrize(
        ("block", "restricted"),
        [
            ({"allow": [{"all": None, "values": ["C01"]}], "deny": []}, True),
            ({"allow": [{"all": True, "values": []}], "deny": []}, False),
            ({"allow": [], "deny": [{"all": True, "values": []}]}, True),
        ],
    )
    def test_lists_in_the_older_shape(self, block: Free, *, restricted: bool) -> None:
        after = {"constraint": "iam.allowedPolicyMemberDomains", "project": "acme-logs", "list_policy": [block]}
        found = owner(new(change("google_project_organization_policy.p", after, ["id"])))
        assert known(found.restricts_domains) is restricted

    def test_what_is_missing_is_named(self) -> None:
        found = unknown(owner(plan(logs())).prevents_public)
        assert (found.reason, PREVENTION in found.needs, "--context" in found.needs) == (
            Reason.NOT_COLLECTED,
            True,
            True,
        )
        assert isinstance(owner(new()).owner.id, Known)
