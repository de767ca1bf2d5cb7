"""Storage accounts that no resource of a plan makes, and of which its resources set something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posture.adapters import registry
from posture.adapters.azure.wing import AzureWing
from posture.model.assessment import Finding
from posture.model.facts import Unknown
from posture.model.logic import Outcome
from posture.model.subjects import About, Provider
from posture.planning import Asked, PlanOutcome
from posture.scanning import scan
from posture.snapshot import Snapshot
from posture.terraform.plan import Plan
from tests.adapters.azure.live import QUICK, Cloud
from tests.adapters.azure.planned import (
    ACCOUNT,
    ACCOUNT_ID,
    CONTAINER,
    CUSTOMER_KEY,
    GROUP,
    HOST,
    LIFECYCLE,
    LOCK,
    NOW,
    RULES,
    WATCHING,
    WORM,
    changed,
    created,
    known,
    outcome,
)
from tests.planning.estate import judged, request, row
from tests.terraform.plans import Free, change, module, planned, refs, written
from tests.testbeds.azure import KEPT, AzureEstate

CLOSED, WHOLE = "network-closed-by-default", f"https://{KEPT}.blob.core.windows.net"
DATA = "data.azurerm_storage_account.logs"
ROLE = "azurerm_role_assignment.r"
EVERY = Asked(everything=True)


def stores(found: PlanOutcome) -> set[str]:
    return {each.uri for each in found.assessment.subjects if each.about is About.STORE}


def made(address: str, **values: Free) -> dict[str, Free]:
    return change(address, {key: value for key, value in {**NOW[address], **values}.items() if key != "id"}, ["id"])


class TestAlone:
    """A plan without a scan."""

    def test_what_a_plan_sets_is_decided_and_the_rest_needs_a_scan(self) -> None:
        found = known(outcome(changed(without=[ACCOUNT])))
        assert found["network.default_open"] is False
        assert found["monitoring.object_reads_recorded"] is True
        assert found["integrity.store_deletion_blocked"] is True
        assert found["retention.days"] == 800
        for path in ("integrity.versioning", "credentials.shared_keys", "encryption.tls_required", "region"):
            unknown = found[path]
            assert isinstance(unknown, Unknown), path
            assert "--context" in unknown.needs, path

    def test_it_is_no_subject_until_it_is_named_or_delivered_to(self) -> None:
        of = planned([made(RULES)])
        assert not stores(judged(of))
        assert stores(judged(of, EVERY)) == {HOST}
        assert stores(judged(of, Asked(stores=(HOST,)))) == {HOST}
        (store,) = (each for each in judged(of, EVERY).assessment.subjects if each.about is About.STORE)
        assert [place.address for place in store.places] == [RULES]

    @pytest.mark.parametrize("address", [RULES, LIFECYCLE, CONTAINER, WORM, CUSTOMER_KEY, LOCK, WATCHING])
    def test_each_kind_of_what_stands_beside_it(self, address: str) -> None:
        assert stores(judged(planned([made(address)]), EVERY)) == {HOST}

    def test_its_id_and_its_name_are_one_store(self) -> None:
        by_name = made(CONTAINER, storage_account_id=None, storage_account_name="acmelogs")
        assert stores(judged(planned([by_name]), EVERY)) == {HOST}
        upper = made(RULES, storage_account_id=ACCOUNT_ID.upper())
        for entries in ([by_name, upper, made(LIFECYCLE)], [made(LIFECYCLE), upper, by_name]):
            assert stores(judged(planned(entries), EVERY)) == {HOST}

    @pytest.mark.parametrize(
        "scope", [GROUP, f"{ACCOUNT_ID}/fileServices/default", f"{GROUP}/providers/Microsoft.KeyVault/vaults/keys"]
    )
    def test_what_is_over_something_else_names_no_account(self, scope: str) -> None:
        given = {"scope": scope, "principal_id": "p", "role_definition_name": "Reader"}
        assert not stores(judged(planned([change(ROLE, given, ["id"])]), EVERY))

    def test_an_account_of_the_plan_is_not_outside(self) -> None:
        """Its id is known only after apply, and what is beside it names it by a text."""
        of = created(instead={RULES: made(RULES), WATCHING: made(WATCHING)})
        assert stores(judged(of, EVERY)) == {HOST}
        assert known(judged(of, EVERY))["network.default_open"] is False
        other = made(RULES, storage_account_id=ACCOUNT_ID.replace("acmelogs", "acmeother"), default_action="Allow")
        beside = {**other, "address": f"{RULES}_of_other", "name": "logs_of_other"}
        found = judged(created(more=[beside]), EVERY)
        assert stores(found) == {HOST, "https://acmeother.blob.core.windows.net"}
        assert known(found)["network.default_open"] is False

    @pytest.mark.parametrize("known_id", [True, False])
    def test_one_by_a_data_source_is_one_store(self, *, known_id: bool) -> None:
        values = {key: NOW[ACCOUNT][key] for key in ("id", "name", "resource_group_name", "location")}
        read = {"address": DATA, "mode": "data", "type": "azurerm_storage_account", "name": "logs", "values": values}
        state = {"format_version": "1.0", "values": {"root_module": {"resources": [read]}}}
        entry = made(RULES) if known_id else change(RULES, {"default_action": "Deny"}, ["id", "storage_account_id"])
        root = module(written(DATA), written(RULES, storage_account_id=refs(f"{DATA}.id", DATA)))
        found = judged(planned([entry], root, prior_state=state), EVERY)
        assert stores(found) == {HOST}
        assert known(found)["network.default_open"] is False
        assert isinstance(known(found)["integrity.versioning"], Unknown)

    @pytest.mark.parametrize("address", [RULES, LIFECYCLE, WORM, LOCK])
    def test_what_is_taken_from_it_leaves_it_a_store(self, address: str) -> None:
        gone = change(address, None, actions=("delete",), before=NOW[address])
        found = judged(planned([gone]), EVERY)
        assert stores(found) == {HOST}
        assert row(found, "protections-kept").outcome is Outcome.UNKNOWN, "only a scan knows what else protects it"


class TestBesideAScan:
    """What a scan saw, with what the plan sets."""

    @pytest.fixture
    def seen(self, cloud: Cloud, estate: AzureEstate, monkeypatch: pytest.MonkeyPatch) -> tuple[Snapshot, str]:
        monkeypatch.setitem(registry.WINGS, Provider.AZURE, lambda settings: AzureWing(settings, limits=QUICK))
        ran = scan(replace(request(), settings=cloud.settings()))
        return ran.snapshot, estate.kept

    def judged(self, of: Plan, seen: tuple[Snapshot, str]) -> dict[str, Finding]:
        found = judged(of, Asked(everything=True, context=seen[0]))
        rows = {each.control.id: each for each in found.assessment.findings if each.subject.uri == WHOLE}
        assert rows
        return rows

    def rules(self, seen: tuple[Snapshot, str], action: str) -> dict[str, Free]:
        return made(RULES, storage_account_id=seen[1], default_action=action)

    def test_the_rest_is_as_it_was(self, seen: tuple[Snapshot, str]) -> None:
        shut = self.judged(planned([self.rules(seen, "Deny")]), seen)
        assert {name for name, each in shut.items() if each.outcome is Outcome.FAIL} == set()
        assert sum(each.outcome is Outcome.PASS for each in shut.values()) > 30
        opened = self.judged(planned([self.rules(seen, "Allow")]), seen)
        assert {name for name, each in opened.items() if each.outcome is Outcome.FAIL} == {CLOSED}

    def test_rules_that_are_taken_from_it(self, seen: tuple[Snapshot, str]) -> None:
        before = {**NOW[RULES], "storage_account_id": seen[1]}
        gone = planned([change(RULES, None, actions=("delete",), before=before)])
        assert self.judged(gone, seen)[CLOSED].outcome is Outcome.FAIL
        found = judged(gone, Asked(everything=True, context=seen[0]))
        assert row(found, "protections-kept").outcome is Outcome.FAIL

    def test_a_role_of_a_stranger(self, seen: tuple[Snapshot, str]) -> None:
        given = {
            "scope": f"{seen[1]}/blobServices/default/containers/insights-logs-jobs",
            "principal_id": "20000000-0000-4000-8000-00000000000b",
            "role_definition_name": "Storage Blob Data Reader",
            "role_definition_id": None,
            "principal_type": "User",
            "condition": None,
        }
        found = self.judged(planned([change(ROLE, given, ["id"])]), seen)
        assert found["no-reading-from-outside"].outcome is Outcome.FAIL

    def test_a_policy_of_a_container_that_the_plan_takes_away_or_weakens(self, seen: tuple[Snapshot, str]) -> None:
        control = "default-lock-long-enough"
        worm = {**NOW[WORM], "storage_container_resource_manager_id":
                f"{seen[1]}/blobServices/default/containers/insights-logs-jobs"}  # fmt: skip
        stays = change(WORM, worm, actions=("no-op",), before=worm)
        assert self.judged(planned([stays]), seen)[control].outcome is Outcome.PASS
        short = change(WORM, {**worm, "immutability_period_in_days": 7}, actions=("update",), before=worm)
        gone = change(WORM, None, actions=("delete",), before=worm)
        for entry in (short, gone):
            assert self.judged(planned([entry]), seen)[control].outcome is Outcome.FAIL
