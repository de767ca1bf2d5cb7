"""Who is bound at the end of a plan: by what owns a policy, a role, or one member of it."""

import json

import pytest

from posture.model.facts import Known, Listing, Reason
from posture.model.subjects import Grant
from tests.adapters.gcp.terraform.build import (
    DELIVERY,
    LOGS,
    TO_LOGS,
    beside,
    bound,
    bucket,
    config,
    configuration,
    kept,
    key,
    key_record,
    known,
    made,
    plan,
    store,
    unknown,
)
from tests.adapters.gcp.world import held
from tests.terraform.plans import Free, change, module, refs, written

POLICY, BINDING, MEMBER = (f"google_storage_bucket_iam_{part}" for part in ("policy", "binding", "member"))
VIEWER, ADMIN = "roles/storage.objectViewer", "roles/storage.admin"
NEW = {
    "roles/storage.legacyBucketOwner": {"projectEditor:acme-logs", "projectOwner:acme-logs"},
    "roles/storage.legacyBucketReader": {"projectViewer:acme-logs"},
    "roles/storage.legacyObjectOwner": {"projectEditor:acme-logs", "projectOwner:acme-logs"},
    "roles/storage.legacyObjectReader": {"projectViewer:acme-logs"},
}
ANA, EVE = "user:ana@acme.example", "user:eve@gmail.com"


def logs(**after: Free) -> dict[str, Free]:
    return bucket(**{"uniform_bucket_level_access": True, **after})


def member(name: str, role: str, who: str, **more: Free) -> dict[str, Free]:
    return beside(MEMBER, name, role=role, member=who, condition=[], **more)


def binding(name: str, role: str, *who: str, **more: Free) -> dict[str, Free]:
    return beside(BINDING, name, role=role, members=list(who), **{"condition": [], **more})


def policy_data(*bindings: tuple[str, str]) -> str:
    return json.dumps({"bindings": [{"role": role, "members": [who]} for role, who in bindings]})


def gone(entry: dict[str, Free]) -> dict[str, Free]:
    before = {**entry["change"]["after"], "bucket": "b/acme-logs"}
    return change(entry["address"], None, actions=("delete",), before=before)


def test_a_new_bucket_is_open_to_the_teams_of_its_project() -> None:
    assert bound(config(plan(logs())).policy) == NEW
    fine_grained = bound(config(plan(bucket())).policy)
    assert fine_grained == {role: who for role, who in NEW.items() if "Bucket" in role}


def test_members_come_beside_and_a_binding_owns_its_role() -> None:
    found = config(
        plan(
            logs(),
            member("a", ADMIN, DELIVERY),
            binding("b", "roles/storage.legacyBucketReader", ANA),
            member("c", VIEWER, EVE),
        )
    ).policy
    changed = {"roles/storage.legacyBucketReader": {ANA}, ADMIN: {DELIVERY}, VIEWER: {EVE}}
    assert bound(found) == {**NEW, **changed}
    assert known(found).doubts == ()


def test_a_policy_replaces_all() -> None:
    found = config(plan(logs(), beside(POLICY, policy_data=policy_data((ADMIN, DELIVERY))))).policy
    assert bound(found) == {ADMIN: {DELIVERY}}
    assert known(found).doubts == ()
    assert bound(config(plan(logs(), beside(POLICY, policy_data="{}"))).policy) == {}


@pytest.mark.parametrize(
    "rivals",
    [
        [binding("a", VIEWER, ANA), binding("b", VIEWER, EVE)],
        [binding("a", VIEWER, ANA), member("b", VIEWER, EVE)],
        [beside(POLICY, policy_data=policy_data((ADMIN, DELIVERY))), member("b", VIEWER, EVE)],
    ],
)
def test_what_overwrites_each_other_leaves_open_who_is_bound(rivals: list[dict[str, Free]]) -> None:
    found = known(config(plan(logs(), *rivals)).policy)
    assert [each for each in found.doubts if "the last one applied wins" in each.detail]
    assert EVE not in {who for each in found.bindings for who in each.members}


def test_two_policies_leave_all_open() -> None:
    both = (beside(POLICY, name, policy_data=policy_data((ADMIN, DELIVERY))) for name in ("a", "b"))
    assert "the last one applied wins" in unknown(config(plan(logs(), *both)).policy).detail


def test_conditions_are_roles_of_their_own() -> None:
    narrow = [{"title": "t", "description": "", "expression": 'resource.name.startsWith("x")'}]
    found = config(plan(logs(), binding("a", VIEWER, ANA), binding("b", VIEWER, EVE, condition=narrow))).policy
    assert {VIEWER: {ANA}, f'{VIEWER} if resource.name.startsWith("x")': {EVE}}.items() <= bound(found).items()


def test_of_a_bucket_that_is_there_only_a_scan_knows_who_else_is_bound() -> None:
    found = store(plan(kept(), member("a", ADMIN, DELIVERY)))
    needs = {gap.unknown.needs for gap in found.grants.gaps}
    assert any("--context" in each for each in needs)
    assert unknown(found.policy).reason is Reason.NOT_COLLECTED
    whole = store(plan(kept(), beside(POLICY, policy_data=policy_data((ADMIN, DELIVERY)))))
    assert json.loads(known(whole.policy))["bindings"][0]["members"] == [DELIVERY]


def test_what_is_destroyed_binds_nobody_any_more() -> None:
    leaving = gone(beside(POLICY, policy_data=policy_data((ADMIN, DELIVERY))))
    found = config(plan(kept(), leaving)).policy
    assert bound(found) == {}
    assert known(found).doubts == ()
    assert known(config(plan(kept(), gone(member("a", ADMIN, DELIVERY)))).policy).doubts


def test_what_leaves_terraform_says_nothing_any_more() -> None:
    entry = gone(beside(POLICY, policy_data=policy_data((ADMIN, DELIVERY))))
    entry["change"]["actions"] = ["forget"]
    found = config(plan(kept(), entry)).policy
    assert bound(found) == {}
    assert known(found).doubts


class TestRebuilt:
    """What apply makes is rebuilt from what it is made of."""

    DATA = "data.google_iam_policy.logs"
    ACCOUNT = "google_service_account.etl"
    ADDRESS = "serviceAccount:etl@acme-logs.iam.gserviceaccount.com"

    def document(self, *bindings: Free) -> dict[str, Free]:
        after = {"binding": list(bindings), "audit_config": []}
        marks = {"policy_data": True, "id": True}
        return change(self.DATA, after, marks, actions=("read",))

    def account(self) -> dict[str, Free]:
        after = {"account_id": "etl", "project": "acme-logs"}
        return change(self.ACCOUNT, after, ["email", "member", "id", "name"])

    def test_a_document_that_is_read_during_apply(self) -> None:
        data = self.document({"role": ADMIN, "members": [DELIVERY], "condition": []})
        said = {"policy_data": refs("data.google_iam_policy.logs.policy_data", "data.google_iam_policy.logs")}
        root = configuration(LOGS, f"{POLICY}.logs", self.DATA, **{f"{POLICY}__logs": said})
        found = config(plan(logs(), beside(POLICY, unknown=["policy_data"]), data, root=root)).policy
        assert bound(found) == {ADMIN: {DELIVERY}}

    def test_a_policy_that_nobody_can_follow(self) -> None:
        found = store(plan(logs(), beside(POLICY, unknown=["policy_data"])))
        unknown(found.policy)
        assert not found.grants.items

    def test_an_account_of_the_plan(self) -> None:
        said = {"member": refs("google_service_account.etl.member", "google_service_account.etl")}
        root = configuration(LOGS, f"{MEMBER}.logs", self.ACCOUNT, **{f"{MEMBER}__logs": said})
        entry = beside(MEMBER, role=VIEWER, condition=[], unknown=["member"])
        found = config(plan(logs(), entry, self.account(), root=root)).policy
        assert bound(found)[VIEWER] == {self.ADDRESS}

    def test_an_account_among_other_members(self) -> None:
        said = {"members": refs("google_service_account.etl.email", "google_service_account.etl")}
        root = configuration(LOGS, f"{BINDING}.logs", self.ACCOUNT, **{f"{BINDING}__logs": said})
        entry = beside(BINDING, role=VIEWER, condition=[], members=[ANA, None])
        entry["change"]["after_unknown"]["members"] = [False, True]
        found = config(plan(logs(), entry, self.account(), root=root)).policy
        assert bound(found)[VIEWER] == {ANA, self.ADDRESS}

    def test_a_member_that_nobody_can_name_leaves_open_what_its_role_allows(self) -> None:
        found = store(plan(logs(), beside(MEMBER, role=VIEWER, condition=[], unknown=["member"]))).grants
        limits = [dict(gap.limits) for gap in found.gaps if "who else can" in gap.unknown.detail]
        assert {each["action"] for each in limits} == {("list",), ("read",)}

    def test_a_role_of_the_plan(self) -> None:
        role = "google_project_iam_custom_role.deletes"
        after = {"role_id": "deletes", "permissions": ["storage.objects.delete"], "stage": "GA", "project": "acme-logs"}
        said = {"role": refs(f"{role}.id", role)}
        root = configuration(LOGS, f"{MEMBER}.logs", role, **{f"{MEMBER}__logs": said})
        entry = beside(MEMBER, member=ANA, condition=[], unknown=["role"])
        made_of = plan(logs(), entry, change(role, after, ["id", "name"]), root=root)
        assert bound(config(made_of).policy)["projects/acme-logs/roles/deletes"] == {ANA}
        assert (ANA, "delete", "unknown: not_collected") in held(store(made_of).grants)

    def test_a_binding_of_an_unknown_role_may_own_any(self) -> None:
        found = config(plan(logs(), beside(BINDING, members=[ANA], condition=[], unknown=["role"])))
        assert "whichever it is" in unknown(found.policy).detail


def test_what_may_belong_to_the_bucket_leaves_open_what_it_would_set() -> None:
    root = module(written(LOGS), written(f"{BINDING}.logs", bucket=refs("local.bucket")))
    unknown(config(plan(bucket(name=None), binding("logs", VIEWER, ANA), root=root)).policy)
    root = module(written(LOGS), written(f"{MEMBER}.logs", bucket=refs("local.bucket")))
    assert known(config(plan(bucket(name=None), member("logs", VIEWER, ANA), root=root)).policy).doubts


def test_two_buckets_of_a_name_are_told_apart() -> None:
    wing, _ = made(plan(logs(), logs(address="google_storage_bucket.other"), member("a", ADMIN, DELIVERY)))
    assert len(wing.first()) == 1


def test_buckets_are_found_by_the_account_that_delivers() -> None:
    access = bucket("google_storage_bucket.access", "acme-access")
    for entry in (
        member("a", ADMIN, DELIVERY),
        binding("a", ADMIN, ANA, DELIVERY),
        beside(POLICY, policy_data=policy_data((ADMIN, DELIVERY))),
    ):
        wing, _ = made(plan(logs(), access, entry))
        (lead,) = wing.first()
        assert lead.target.name == "acme-logs"  # type: ignore[union-attr] # it is a store
        assert "Databricks" in lead.found.how
    assert made(plan(logs(), access, member("a", ADMIN, ANA)))[0].first() == ()


def test_grants_without_a_scan_are_in_doubt_and_the_public_is_named_all_the_same() -> None:
    found = store(plan(logs(), member("a", VIEWER, "allUsers")))
    assert known(found.exposure.policy_public_as_documented) is True
    assert "allUsers" in {name for gap in found.grants.gaps for name in dict(gap.limits).get("principal", ())}
    enforced = store(plan(logs(public_access_prevention="enforced"), member("a", VIEWER, "allUsers")))
    assert public(enforced.grants) == set()
    assert not [gap for gap in enforced.grants.gaps if "allUsers" in dict(gap.limits).get("principal", ())]


def public(grants: Listing[Grant]) -> set[tuple[str, str, str]]:
    return {each for each in held(grants) if each[2] == "public"}


class TestKeys:
    KEY, RING = "google_kms_crypto_key.logs", "google_kms_key_ring.logs"
    AGENT = "serviceAccount:service-1@gs-project-accounts.iam.gserviceaccount.com"

    def new(self, **after: Free) -> list[dict[str, Free]]:
        computed = ["id", "destroy_scheduled_duration", "import_only", "primary"]
        entry = change(
            self.KEY,
            {"name": "logs", "purpose": "ENCRYPT_DECRYPT", "rotation_period": None, **after},
            [each for each in ("key_ring", *computed) if each not in after],
        )
        ring = change(self.RING, {"name": "audit", "location": "eu"}, ["id", "project"])
        return [entry, ring]

    def root(self, *more: dict[str, Free]) -> dict[str, Free]:
        ring = refs("google_kms_key_ring.logs.id", "google_kms_key_ring.logs")
        return module(written(self.KEY, key_ring=ring), written(self.RING), written(LOGS), *more)

    def test_a_new_key(self) -> None:
        made_of = plan(*self.new(rotation_period="7776000s"), root=self.root())
        found = key_record(made_of, self.KEY)
        assert found.name == "projects/acme-logs/locations/eu/keyRings/audit/cryptoKeys/logs"
        assert (known(found.enabled), known(found.rotating), known(found.ending)) == (True, True, False)
        assert known(found.wait_seconds) == 2592000
        assert [bound(policy) for _, policy in found.policies] == [{}, {}]
        assert key(made_of, self.KEY).ref.region == "eu"

    def test_nothing_rotates_a_key_without_a_period(self) -> None:
        assert known(key_record(plan(*self.new(), root=self.root()), self.KEY).rotating) is False

    def test_a_key_without_a_version(self) -> None:
        entries = self.new(skip_initial_version_creation=True)
        assert known(key_record(plan(*entries, root=self.root()), self.KEY).enabled) is False

    def test_who_is_bound_on_it_and_on_its_ring(self) -> None:
        use = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
        on_key = change(
            "google_kms_crypto_key_iam_member.agent",
            {"role": use, "member": self.AGENT, "condition": []},
            ["crypto_key_id", "id"],
        )
        on_ring = change(
            "google_kms_key_ring_iam_binding.admins",
            {"role": "roles/cloudkms.admin", "members": [ANA], "condition": []},
            ["key_ring_id", "id"],
        )
        root = self.root(
            written("google_kms_crypto_key_iam_member.agent", crypto_key_id=refs(f"{self.KEY}.id", self.KEY)),
            written("google_kms_key_ring_iam_binding.admins", key_ring_id=refs(f"{self.RING}.id", self.RING)),
        )
        found = key_record(plan(*self.new(), on_key, on_ring, root=root), self.KEY)
        assert [bound(policy) for _, policy in found.policies] == [{use: {self.AGENT}}, {"roles/cloudkms.admin": {ANA}}]

    def test_a_bucket_leads_to_its_key(self) -> None:
        entry = logs(encryption=[{}])
        entry["change"]["after_unknown"]["encryption"] = [{"default_kms_key_name": True}]
        encrypted = written(LOGS, encryption=[{"default_kms_key_name": refs(f"{self.KEY}.id", self.KEY)}])
        ring = refs("google_kms_key_ring.logs.id", "google_kms_key_ring.logs")
        root = module(encrypted, written(self.KEY, key_ring=ring), written(self.RING))
        made_of = plan(entry, *self.new(), root=root)
        assert known(store(made_of).key) == key(made_of, self.KEY).ref

    def test_a_key_that_is_there(self) -> None:
        name = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
        values = {
            "id": name,
            "name": "k",
            "key_ring": "projects/p/locations/eu/keyRings/r",
            "purpose": "ENCRYPT_DECRYPT",
            "rotation_period": "7776000s",
            "destroy_scheduled_duration": "86400s",
            "primary": [{"name": f"{name}/cryptoKeyVersions/1", "state": "DISABLED"}],
        }
        found = key_record(plan(change(self.KEY, values, actions=("no-op",), before=values)), self.KEY)
        assert (known(found.enabled), known(found.wait_seconds)) == (False, 86400)
        assert unknown(found.ending).reason is Reason.NOT_COLLECTED
        assert all(known(policy).doubts for _, policy in found.policies)


def test_the_words_of_an_unknown_bucket() -> None:
    root = module(written(LOGS), written(f"{MEMBER}.a", bucket=TO_LOGS))
    found = store(plan(bucket(name=None, uniform_bucket_level_access=True), member("a", ADMIN, DELIVERY), root=root))
    assert found.ref.uri == "gs://(google_storage_bucket.logs)"
    assert isinstance(found.account, Known)
