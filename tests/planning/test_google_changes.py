"""What plans take from audit logs in Google Cloud, and what they let in: by resources about a bucket that is there."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from posture.model.logic import Outcome
from posture.planning import Asked, PlanOutcome
from tests.adapters.gcp.terraform.build import DELIVERY, LOGS, kept, plan
from tests.planning.estate import judged, row
from tests.terraform.plans import Free, change

ANA, EVE = "user:ana@acme.example", "user:eve@gmail.com"
VIEWER, ADMIN = "roles/storage.objectViewer", "roles/storage.admin"
POLICY, MEMBER = "google_storage_bucket_iam_policy.logs", "google_storage_bucket_iam_member.delivery"
Values = Mapping[str, Free]


def policy(**members: tuple[str, ...]) -> Values:
    roles = {"admins": ADMIN, "viewers": VIEWER}
    bindings = [{"role": roles[name], "members": list(who)} for name, who in members.items()]
    return {"bucket": "b/acme-logs", "policy_data": json.dumps({"bindings": bindings})}


def updated(address: str, before: Values, after: Values | None) -> dict[str, Free]:
    actions = ("delete",) if after is None else ("no-op",) if before == after else ("update",)
    return change(address, after, actions=actions, before=before)


def outcome(*entries: dict[str, Free], introduced: bool = False) -> PlanOutcome:
    return judged(plan(*entries), Asked(everything=True, introduced=introduced))


def changed(**after: Free) -> PlanOutcome:
    values = kept(
        versioning=[{"enabled": True}],
        retention_policy=[{"retention_period": 34560000, "is_locked": False}],
        lifecycle_rule=[{"action": [{"type": "Delete"}], "condition": [{"age": 800, "with_state": "ANY"}]}],
    )["change"]["after"]
    return outcome(change(LOGS, {**values, **after}, actions=("update",), before=values))


class TestBucket:
    def test_one_that_is_destroyed_with_all_that_is_in_it(self) -> None:
        values = {**kept()["change"]["after"], "force_destroy": True}
        found = outcome(change(LOGS, None, actions=("delete",), before=values))
        for control in ("store-not-destroyed", "store-not-emptied-by-terraform"):
            assert row(found, control).outcome is Outcome.FAIL

    @pytest.mark.parametrize(
        ("after", "control"),
        [
            ({"versioning": [{"enabled": False}]}, "protections-kept"),
            ({"retention_policy": []}, "protections-kept"),
            ({"retention_policy": [{"retention_period": 86400, "is_locked": False}]}, "protections-kept"),
            ({"uniform_bucket_level_access": False}, "protections-kept"),
            ({"soft_delete_policy": [{"retention_duration_seconds": 0}]}, "protections-kept"),
            (
                {
                    "lifecycle_rule": [
                        {"action": [{"type": "Delete"}], "condition": [{"age": 401, "with_state": "ANY"}]}
                    ]
                },
                "retention-not-shortened",
            ),
            ({"force_destroy": True}, "store-not-emptied-by-terraform"),
        ],
    )
    def test_what_protected_it(self, after: Values, control: str) -> None:
        assert row(changed(**after), control).outcome is Outcome.FAIL

    def test_what_stays(self) -> None:
        found = changed(labels={"a": "b"})
        for control in ("retention-not-shortened", "store-not-emptied-by-terraform", "store-not-destroyed"):
            assert row(found, control).outcome is Outcome.PASS
        assert row(found, "protections-kept").outcome is not Outcome.FAIL

    def test_its_key(self) -> None:
        name = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
        encrypted = kept(encryption=[{"default_kms_key_name": name}])
        key = {"id": name, "name": "k", "key_ring": "projects/p/locations/eu/keyRings/r", "purpose": "ENCRYPT_DECRYPT"}
        destroyed = change("google_kms_crypto_key.k", None, actions=("delete",), before=key)
        assert row(outcome(encrypted, destroyed), "key-not-destroyed").outcome is Outcome.FAIL
        stays = change("google_kms_crypto_key.k", key, actions=("no-op",), before=key)
        assert row(outcome(encrypted, stays), "key-not-destroyed").outcome is Outcome.PASS


class TestMoved:
    """A `moved` block gives a resource another address, and changes nothing else."""

    WAS = "google_storage_bucket.former"

    def test_a_bucket_that_is_called_otherwise_loses_nothing(self) -> None:
        before = policy(admins=(DELIVERY,), viewers=(EVE,))
        renamed = change(
            LOGS,
            kept()["change"]["after"],
            actions=("no-op",),
            before=kept()["change"]["after"],
            previous_address=self.WAS,
        )
        found, plain = (outcome(each, updated(POLICY, before, before)) for each in (renamed, kept()))
        outcomes = [
            {(row.control.id, row.subject.uri): (row.outcome, row.facts_digest) for row in each.assessment.findings}
            for each in (found, plain)
        ]
        assert outcomes[0] == outcomes[1]
        assert row(found, "store-not-destroyed").outcome is Outcome.PASS

    def test_a_binding_that_is_called_otherwise_still_lets_in(self) -> None:
        said = {"bucket": "b/acme-logs", "role": VIEWER, "member": EVE, "condition": []}
        address = "google_storage_bucket_iam_member.eve"
        entry = change(address, said, actions=("no-op",), before=said, previous_address=f"{address}_before")
        found = row(outcome(kept(), entry, introduced=True), "no-reading-from-outside")
        assert (found.outcome, found.introduced) == (Outcome.FAIL, False)


class TestDelivery:
    def test_a_policy_that_shuts_it_out(self) -> None:
        before = policy(admins=(DELIVERY,), viewers=(ANA,))
        found = row(outcome(kept(), updated(POLICY, before, policy(viewers=(ANA,)))), "delivery-not-stopped")
        assert found.outcome is Outcome.UNKNOWN, "it may be bound on the project, which only a scan knows"
        assert row(outcome(kept(), updated(POLICY, before, before)), "delivery-not-stopped").outcome is Outcome.PASS
        stays = policy(admins=(DELIVERY, EVE))
        assert row(outcome(kept(), updated(POLICY, before, stays)), "delivery-not-stopped").outcome is Outcome.PASS

    def test_a_member_that_is_destroyed_may_be_bound_by_others(self) -> None:
        before = {"bucket": "b/acme-logs", "role": ADMIN, "member": DELIVERY, "condition": []}
        found = row(outcome(kept(), updated(MEMBER, before, None)), "delivery-not-stopped")
        assert found.outcome is Outcome.UNKNOWN

    def test_the_store_is_still_looked_at(self) -> None:
        before = {"bucket": "b/acme-logs", "role": ADMIN, "member": DELIVERY, "condition": []}
        found = judged(plan(kept(), updated(MEMBER, before, None)))
        assert "gs://acme-logs" in {subject.uri for subject in found.assessment.subjects}


class TestIntroduced:
    CONTROL = "no-reading-from-outside"

    def introduced(self, before: Values, after: Values | None, address: str = POLICY) -> bool | None:
        found = outcome(kept(), updated(address, before, after), introduced=True)
        return row(found, self.CONTROL).introduced

    def test_a_wider_policy(self) -> None:
        narrow, wide = policy(viewers=(ANA,)), policy(viewers=(ANA, EVE))
        assert self.introduced(narrow, wide) is True
        assert self.introduced(wide, narrow) is False
        assert self.introduced(wide, wide) is False

    def test_one_more_member_of_a_policy_that_nobody_knows_as_a_whole(self) -> None:
        entry = {"bucket": "b/acme-logs", "role": VIEWER, "member": EVE, "condition": []}
        added = change(MEMBER, entry, ["id", "etag"])
        found = outcome(kept(), added, introduced=True)
        assert row(found, self.CONTROL).introduced is True
        there = outcome(kept(), change(MEMBER, entry, actions=("no-op",), before=entry), introduced=True)
        assert row(there, self.CONTROL).introduced is False


def test_a_key_rotates_by_itself() -> None:
    name = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
    versions = [{"primary": [{"name": f"{name}/cryptoKeyVersions/{each}", "state": "ENABLED"}]} for each in (1, 2)]
    key = {"id": name, "name": "k", "key_ring": name.partition("/cryptoKeys")[0], "purpose": "ENCRYPT_DECRYPT"}
    address = "google_kms_crypto_key.k"
    drift = change(address, {**key, **versions[1]}, actions=("update",), before={**key, **versions[0]})
    now = {**key, **versions[1]}
    encrypted = kept(encryption=[{"default_kms_key_name": name}])
    entries = (encrypted, change(address, now, actions=("no-op",), before=now))
    found = judged(plan(*entries, resource_drift=[drift]), Asked(everything=True))
    assert row(found, "nothing-changed-outside-terraform").outcome is Outcome.PASS
    label = change(address, {**now, "labels": {"a": "b"}}, actions=("update",), before=now)
    found = judged(plan(*entries, resource_drift=[label]), Asked(everything=True))
    assert row(found, "nothing-changed-outside-terraform").outcome is Outcome.FAIL
