"""What a saved scan adds to a plan beside its answers: the stores that it was about, and whom it trusted."""

from __future__ import annotations

from dataclasses import replace

from posture.model.leads import StoreRef
from posture.model.settings import NamedStore, Settings
from posture.model.subjects import Kind, Provider, Role
from posture.model.trust import TrustZone
from posture.planning import Asked
from posture.snapshot import Snapshot
from tests.planning.estate import ALLOW, BUCKET, KEY, NO_CLEAR_TEXT, NOW, POLICY, judged, policy, request, row
from tests.terraform.plans import change, planned

STRANGER = {**ALLOW, "Principal": {"AWS": "arn:aws:iam::999988887777:role/stranger"}}


def named(bucket: str, role: Role = Role.DELIVERY) -> NamedStore:
    ref = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=bucket, prefix="audit")
    return NamedStore(ref=ref, found="--store", role=role)


def scanned(**settings: object) -> Snapshot:
    whole = replace(request(), settings=Settings(**settings))  # type: ignore[arg-type] # settings by name
    return Snapshot(request=whole, kept=(), version="0.1.0")


def estate() -> list[dict[str, object]]:
    values = {**NOW, POLICY: {**NOW[POLICY], "policy": policy(STRANGER, NO_CLEAR_TEXT)}}
    chosen = (BUCKET, POLICY, KEY)  # the ARN of the key says whose account it is
    return [change(each, values[each], actions=("no-op",), before=values[each]) for each in chosen]


def test_a_store_that_the_scan_was_about_is_one_in_the_plan_too() -> None:
    context = scanned(stores=(named("acme-logs"), named("of-another-plan")))
    outcome = judged(planned(estate()), Asked(context=context))
    assert {subject.uri for subject in outcome.assessment.subjects} == {"s3://acme-logs/audit", BUCKET}


def test_the_trust_of_the_scan_holds_unless_this_run_has_its_own() -> None:
    ours = TrustZone(accounts=frozenset({"999988887777"}))
    asked = Asked(stores=(BUCKET,), context=scanned(trust=ours))
    with_trust = row(judged(planned(estate()), asked), "no-writing-from-outside")
    without = row(judged(planned(estate()), Asked(stores=(BUCKET,))), "no-writing-from-outside")
    own = row(
        judged(planned(estate()), asked, trust=TrustZone(accounts=frozenset({"123456789012"}))),
        "no-writing-from-outside",
    )
    assert [with_trust.outcome.name, without.outcome.name, own.outcome.name] == ["PASS", "FAIL", "FAIL"]
