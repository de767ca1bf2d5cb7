"""What a what-if predicts is what a scan finds once it is deployed: fact by fact, verdict by verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from posture.adapters import registry
from posture.adapters.azure.access.built_in import built_in
from posture.adapters.azure.wing import AzureWing
from posture.cli.inputs import policy_documents
from posture.estate import Joined
from posture.model.assessment import Assessment
from posture.model.logic import Outcome as Verdict  # a row's word for it
from posture.model.subjects import About, Kind, Provider
from posture.planning import Asked, plan
from posture.scanning import Outcome, scan
from posture.snapshot import Request
from tests.adapters.azure.live import NOW, QUICK, Cloud
from tests.adapters.azure.what_if import read, result, whole
from tests.parity.comparing import Facts, differences, facts
from tests.terraform.plans import Free
from tests.testbeds.azure import azure_estate, changed
from tests.testbeds.databricks import Record

DECIDED = frozenset({Verdict.PASS, Verdict.FAIL})
_ABOUT = frozenset({About.STORE, About.SOURCE})
_READ_ONLY = frozenset(
    {"keyCreationTime", "primaryEndpoints", "privateEndpointConnections", "hasImmutabilityPolicy", "hasLegalHold"}
)
_LATER = "/tables/DatabricksJobs"  # which Azure makes with the first row, and no template
_ABSENT_FROM_TEMPLATES = ("/roledefinitions/", "/registrationassignments/", "/denyassignments/", _LATER.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What posture says of one form of the estate."""

    subjects: Mapping[str, Facts]
    verdicts: Mapping[tuple[str, str], Verdict]

    @property
    def decided(self) -> Mapping[tuple[str, str], Verdict]:
        return {row: verdict for row, verdict in self.verdicts.items() if verdict in DECIDED}


def side(subjects: tuple[Joined, ...], assessment: Assessment) -> Side:
    own = [each for each in subjects if each.info.about in _ABOUT and each.info.kind is not Kind.ACCOUNT]
    return Side(
        subjects={each.info.uri: facts(each.record, {}) for each in own},
        verdicts={
            (row.control.id, row.subject.uri): row.outcome for row in assessment.findings if row.subject.about in _ABOUT
        },
    )


def request(cloud: Cloud) -> Request:
    return Request(settings=cloud.settings(), policies=policy_documents(()), as_of=NOW.strftime("%Y-%m-%dT%H:%M:%SZ"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The estate as it is, with the scan of it."""

    cloud: Cloud
    records: tuple[Record, ...]
    scan: Outcome
    live: Side


@pytest.fixture(scope="module")
def deployed(azure_process: Cloud) -> Deployed:
    """Fresh: keys were made just now, and nobody has switched a website on."""
    cloud = azure_process
    cloud.proxy.reset()
    estate = azure_estate(cloud.proxy.url, now=NOW)
    later: Record = {"id": f"{estate.table}{_LATER}", "name": "DatabricksJobs", "properties": {"retentionInDays": 90}}
    state = changed(estate.state, later)
    made_now = {"key1": NOW.isoformat(), "key2": NOW.isoformat()}
    resources = tuple(_as_built_in(_with(each, keyCreationTime=made_now)) for each in state.resources)
    cloud.peer.reset(replace(state, resources=resources, websites=frozenset()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.WINGS, Provider.AZURE, lambda settings: AzureWing(settings, limits=QUICK))
        outcome = scan(request(cloud))
    return Deployed(
        cloud=cloud,
        records=(*resources, *state.scoped),
        scan=outcome,
        live=side(outcome.subjects, outcome.assessment),
    )


def _with(record: Record, **properties: object) -> Record:
    inner = record.get("properties")
    if not isinstance(inner, Mapping) or not properties.keys() <= inner.keys():
        return record
    return {**record, "properties": {**inner, **properties}}  # type: ignore[dict-item] # JSON


def _as_built_in(record: Record) -> Record:
    """Roles with everything that Azure's own have."""
    role = built_in(str(record["id"])) if "/roleDefinitions/" in str(record["id"]) else None
    if role is None:
        return record
    (own,) = role.permissions
    given = {"actions": own.actions, "notActions": own.not_actions, "dataActions": own.data_actions}
    return _with(record, permissions=[given])


def templates(deployed: Deployed) -> Iterator[Record]:
    """What a template can make of it."""
    for record in deployed.records:
        identity = str(record["id"]).lower()
        if identity.count("/") > 2 and not any(part in identity for part in _ABSENT_FROM_TEMPLATES):
            yield record


def written(record: Record) -> Free:
    """As a template has it: nothing that only Azure sets."""
    inner = record["properties"]
    assert isinstance(inner, Mapping)
    given = {name: value for name, value in inner.items() if name not in _READ_ONLY and value is not None}
    if "/providers/Microsoft.Authorization/" in str(record["id"]):
        given.pop("scope", None)
    return whole(str(record["id"]), {**record, "properties": given})


def creating(deployed: Deployed) -> Free:
    return result(
        {"resourceId": each["id"], "changeType": "Create", "before": None, "after": written(each)}
        for each in templates(deployed)
    )


def staying(deployed: Deployed) -> Free:
    return result(
        {"resourceId": each["id"], "changeType": "NoChange", "before": dict(each), "after": written(each)}
        for each in templates(deployed)
    )


def changing(deployed: Deployed) -> Free:
    """Everything else was there before: each resource had no properties but those that only Azure sets."""
    return result(
        {
            "resourceId": each["id"],
            "changeType": "Modify",
            "before": {**each, "properties": {k: v for k, v in each["properties"].items() if k in _READ_ONLY}},  # type: ignore[union-attr] # it is one
            "after": written(each),
        }
        for each in templates(deployed)
    )


def ignoring(deployed: Deployed) -> Free:
    """The accounts are in the template; everything else is beside it."""
    return result(
        {
            "resourceId": each["id"],
            "changeType": "NoChange" if _is_store(str(each["id"])) else "Ignore",
            "before": dict(each),
            "after": written(each) if _is_store(str(each["id"])) else dict(each),
        }
        for each in templates(deployed)
    )


def _is_store(identity: str) -> bool:
    return identity.rpartition("/")[0].endswith(("storageAccounts", "namespaces", "OperationalInsights/workspaces"))


FORMS: Mapping[str, Callable[[Deployed], Free]] = {
    "everything is made": creating,
    "everything stays": staying,
    "everything changes": changing,
    "only the stores are in the template": ignoring,
}


@pytest.fixture(scope="module", params=[(name, context) for name in FORMS for context in (False, True)], ids=str)
def planned(request: pytest.FixtureRequest, deployed: Deployed) -> Side:
    name, context = request.param
    asked = Asked(context=deployed.scan.snapshot if context else None)
    outcome = plan(_request(deployed), read(FORMS[name](deployed)), asked)
    return side(outcome.subjects, outcome.assessment)


def _request(deployed: Deployed) -> Request:
    return request(deployed.cloud)


def test_every_fact_that_a_what_if_knows_is_the_live_one(planned: Side, deployed: Deployed) -> None:
    live = deployed.live.subjects
    assert planned.subjects.keys() <= live.keys()
    assert [each for uri, own in planned.subjects.items() for each in differences(own, live[uri], f"{uri} ")] == []


def test_every_verdict_that_a_what_if_decides_is_the_live_one(planned: Side, deployed: Deployed) -> None:
    live = deployed.live.verdicts
    found = {row: verdict for row, verdict in planned.decided.items() if live[row] is not Verdict.NOT_APPLICABLE}
    assert {row: (verdict, live[row]) for row, verdict in found.items() if live[row] is not verdict} == {}
    print(f"decided {len(planned.decided)} of {len(deployed.live.decided)}")  # noqa: T201 - the counts are the result
