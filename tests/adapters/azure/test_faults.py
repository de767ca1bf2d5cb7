"""A call that gives no answer makes facts unknown: it changes none, and hides none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

import pytest

from posture.adapters.azure.calls import CALLS
from posture.adapters.azure.wing import AzureWing
from posture.adapters.registry import declared_calls
from posture.adapters.wing import Followed
from posture.model.facts import Fact, Known, Listing, Unknown
from posture.model.leads import KeyRef, Lead, StoreRef
from posture.model.subjects import Kind, Provider
from tests.adapters.azure.live import Cloud, lead, reading, storage, tenant
from tests.testbeds import azure_records as made
from tests.testbeds.azure import KEPT, NEGLECTED, AzureEstate
from tests.testbeds.broken import Fault
from tests.testbeds.databricks import Record
from tests.testbeds.operations import OPERATIONS

BROKEN = (Fault.DENIED, Fault.FAILED, Fault.HALF, Fault.CUT_OFF, Fault.WRONG_SHAPE, Fault.MISSING_MEMBER)
LISTS_SOURCES = frozenset({"resources:Subscriptions_List", "databricks:Workspaces_ListBySubscription"})


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The estate with everything that makes each call happen, and what is known of it when nothing is broken."""

    cloud: Cloud
    wing: AzureWing
    leads: tuple[Lead, ...]
    facts: Mapping[str, Fact[object]]


def furnish(cloud: Cloud, estate: AzureEstate) -> None:
    """What the estate of the demo does without: SFTP, a perimeter, and an encryption scope."""
    kept = next(each for each in estate.state.resources if each["id"] == estate.kept)
    cloud.properties(
        estate.neglected, isSftpEnabled=True, isLocalUserEnabled=True, publicNetworkAccess="SecuredByPerimeter"
    )
    user: Record = {
        "id": f"{estate.neglected}/localUsers/ftp",
        "name": "ftp",
        "properties": {
            "permissionScopes": [{"permissions": "rl", "service": "blob", "resourceName": "insights-logs-jobs"}]
        },
    }
    inbound: Record = {"properties": {"direction": "Inbound", "addressPrefixes": ["198.51.100.0/28"]}}
    perimeter: Record = {
        "id": f"{estate.neglected}/networkSecurityPerimeterConfigurations/p",
        "name": "p",
        "properties": {
            "resourceAssociation": {"name": "a", "accessMode": "Enforced"},
            "profile": {"accessRules": [inbound]},
        },
    }
    scope: Record = {
        "id": f"{estate.kept}/encryptionScopes/own",
        "name": "own",
        "properties": {
            "source": "Microsoft.KeyVault",
            "keyVaultProperties": {"keyUri": "https://acme-keys.vault.azure.net/keys/audit"},
        },
    }
    scoped = made.container(
        kept, "insights-logs-jobs", {"defaultEncryptionScope": "own", "hasImmutabilityPolicy": True}
    )
    cloud.change(user, perimeter, scope, scoped)


def facts(wing: AzureWing, leads: tuple[Lead, ...]) -> tuple[Mapping[str, Fact[object]], list[Followed]]:
    with reading() as once:
        followed = [wing.follow(one, once) for one in leads]
    contributions = tuple(one for each in followed for one in each.contributions)
    return {f"{one.ref}{path}": fact for one in contributions for path, fact in facts_of(one).items()}, followed


def facts_of(record: object, path: str = "") -> Mapping[str, Fact[object]]:
    """Every fact by its path. A listing counts as one: known as long as nothing may be missing."""
    if isinstance(record, Known | Unknown):
        return {path: record}
    if isinstance(record, Listing):
        whole: Fact[object] = record.gaps[0].unknown if record.gaps else Known(value=len(record.items), sources=())
        inner = [facts_of(item, f"{path}/items/{place}") for place, item in enumerate(record.items)]
        return {path: whole, **{name: fact for each in inner for name, fact in each.items()}}
    if is_dataclass(record):
        parts = (facts_of(getattr(record, field.name), f"{path}/{field.name}") for field in fields(record))
        return {name: fact for each in parts for name, fact in each.items()}
    return {}


@pytest.fixture(scope="module")
def scene(azure_process: Cloud) -> Iterator[Scene]:
    estate = azure_process.begin()
    furnish(azure_process, estate)
    hub = StoreRef(
        provider=Provider.AZURE, kind=Kind.EVENT_HUB, name="acme-siem.servicebus.windows.net", prefix="databricks"
    )
    table = StoreRef(
        provider=Provider.AZURE, kind=Kind.LOG_ANALYTICS, name=f"management.azure.com{estate.table.lower()}"
    )
    key = KeyRef(provider=Provider.AZURE, key_id="https://acme-keys.vault.azure.net/keys/audit", account=made.ARCHIVE)
    wing = azure_process.wing()
    subscriptions = facts(wing, (tenant(),))[1][0].leads
    workspaces = tuple(each for one in facts(wing, subscriptions)[1] for each in one.leads)
    stores = (lead(storage(KEPT)), lead(storage(NEGLECTED)), lead(hub), lead(table))
    leads = (tenant(), *subscriptions, *workspaces, *stores, lead(key))
    yield Scene(cloud=azure_process, wing=wing, leads=leads, facts=facts(wing, leads)[0])
    azure_process.proxy.reset()


def test_every_declared_call_is_made_in_the_scene(scene: Scene) -> None:
    scene.cloud.proxy.reset()
    facts(scene.wing, scene.leads)
    assert {call.operation for call in scene.cloud.proxy.calls} == {call.operation for call in CALLS}
    assert declared_calls(Provider.AZURE) == CALLS


@pytest.mark.parametrize("operation", [call.operation for call in declared_calls(Provider.AZURE)])
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_only_takes_knowledge_away(scene: Scene, operation: str, fault: Fault) -> None:
    if fault is Fault.MISSING_MEMBER and OPERATIONS[operation].empty_is_an_answer:
        pytest.skip("an answer without members says something here")
    scene.cloud.proxy.reset()
    rule = scene.cloud.proxy.fault(operation, fault)
    seen, followed = facts(scene.wing, scene.leads)
    assert rule.met
    lost = {path for path, fact in scene.facts.items() if isinstance(fact, Known) and not _same(seen.get(path), fact)}
    assert [path for path in sorted(lost) if "/items/" not in path and not isinstance(seen.get(path), Unknown)] == []
    assert lost
    assert operation not in LISTS_SOURCES or any(each.unlooked for each in followed)
    for one, many in zip(scene.leads, followed, strict=True):
        (only,) = many.contributions
        assert only.ref == one.target


def _same(seen: Fact[object] | None, known: Known[object]) -> bool:
    return isinstance(seen, Known) and seen.value == known.value
