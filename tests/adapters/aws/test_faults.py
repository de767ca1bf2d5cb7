"""A call that gives no answer makes facts unknown: it changes none, and hides none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from posture.adapters.aws.calls import CALLS
from posture.adapters.aws.organisation_calls import ORGANISATION_CALLS
from posture.adapters.aws.wing import AwsWing
from posture.adapters.wing import Followed
from posture.model.contributions import StoreContribution
from posture.model.facts import Fact, Known, Unknown
from posture.model.leads import KeyRef, Lead, RoleRef, StoreRef
from posture.model.subjects import Provider
from tests.adapters.aws.live import environment, facts_of, reading, wing_of
from tests.adapters.aws.recorded import lead, store
from tests.testbeds.aws import Accounts, Moto
from tests.testbeds.broken import Fault
from tests.testbeds.faults import FaultProxy
from tests.testbeds.operations import OPERATIONS
from tests.testbeds.seed import new_access_point, new_multi_region_access_point
from tests.testbeds.stores import LEGACY, LOG_ARCHIVE, retired_audit_logs, well_kept_audit_logs

pytestmark = pytest.mark.peers
BROKEN = (Fault.DENIED, Fault.FAILED, Fault.HALF, Fault.CUT_OFF, Fault.WRONG_SHAPE, Fault.MISSING_MEMBER)

IN_AN_ORGANISATION = frozenset(call.operation for call in ORGANISATION_CALLS) - {"organizations:DescribeOrganization"}
"""Asked only where the owner is in an organisation: broken beside the control policies, in a world of their own."""

FEEDS_NO_FACT = frozenset(
    {
        "s3:GetBucketNotificationConfiguration",
        "s3:GetBucketTagging",
        "s3control:GetAccessPointPolicy",
        "s3control:GetMultiRegionAccessPointPolicy",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        *IN_AN_ORGANISATION,
    }
)
"""Nothing is told of these here: tags, notifications, and what depends on other policies than these."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A good and a neglected store with all that belongs to them, and what is known of them when nothing is broken."""

    proxy: FaultProxy
    wing: AwsWing
    leads: tuple[Lead, ...]
    facts: Mapping[str, Fact[object]]


def facts(wing: AwsWing, leads: tuple[Lead, ...]) -> tuple[Mapping[str, Fact[object]], list[Followed]]:
    with reading() as once:
        followed = [wing.follow(one, once) for one in leads]
    contributions = tuple(one for each in followed for one in each.contributions)
    return {f"{one.ref}{path}": fact for one in contributions for path, fact in facts_of(one).items()}, followed


def asked_for(operation: str, leads: tuple[Lead, ...]) -> tuple[Lead, ...]:
    """The leads whose reading makes the call."""
    stores, key, writer = leads[:2], leads[2:3], leads[3:]
    return {"kms": key, "iam": writer, "sts": leads}.get(operation.partition(":")[0], stores)


@pytest.fixture(scope="module")
def scene(moto_process: Moto, aws_proxy_process: FaultProxy) -> Iterator[Scene]:
    moto_process.reset()
    aws_proxy_process.reset()
    accounts = Accounts(endpoint=moto_process.url)
    archive = well_kept_audit_logs(accounts)
    retired = retired_audit_logs(accounts)
    new_access_point(accounts, archive.store.bucket, "side-door")
    new_multi_region_access_point(accounts, archive.store.bucket, "wide-door")
    leads = (
        lead(store("audit", archive.store.bucket.name), account=LOG_ARCHIVE),
        lead(store("", retired.bucket.name)),
        lead(KeyRef(provider=Provider.AWS, key_id=archive.key)),
        lead(RoleRef(provider=Provider.AWS, arn=archive.store.writer)),
    )
    with pytest.MonkeyPatch.context() as patch:
        environment(patch, aws_proxy_process.url)
        wing = wing_of(LOG_ARCHIVE, LEGACY)
        known, _ = facts(wing, leads)
        yield Scene(proxy=aws_proxy_process, wing=wing, leads=leads, facts=known)
        aws_proxy_process.reset()


@pytest.mark.parametrize("operation", [call.operation for call in CALLS])
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_only_takes_knowledge_away(scene: Scene, operation: str, fault: Fault) -> None:
    if fault is Fault.MISSING_MEMBER and OPERATIONS[operation].empty_is_an_answer:
        pytest.skip("an answer without members says something here")
    scene.proxy.reset()
    rule = scene.proxy.fault(operation, fault)
    leads = asked_for(operation, scene.leads)
    seen, followed = facts(scene.wing, leads)
    expected = {
        path: fact for path, fact in scene.facts.items() if path.startswith(tuple(str(one.target) for one in leads))
    }
    lost = {path for path, fact in expected.items() if isinstance(fact, Known) and not _same(seen.get(path), fact)}
    assert all(isinstance(seen.get(path), Unknown) for path in lost if "/items/" not in path)
    opened = {path for path, fact in seen.items() if isinstance(fact, Unknown) and path not in expected}
    if rule.met and operation not in FEEDS_NO_FACT:
        assert lost or opened
    for one, many in zip(leads, followed, strict=True):
        (only,) = many.contributions
        assert only.ref == one.target
        if isinstance(one.target, StoreRef):
            assert isinstance(only, StoreContribution)
            assert only.replication.items or only.replication.gaps or one is not scene.leads[0]


def _same(seen: Fact[object] | None, known: Known[object]) -> bool:
    return isinstance(seen, Known) and seen.value == known.value


def test_every_call_of_a_scan_is_in_the_scene(scene: Scene) -> None:
    scene.proxy.reset()
    facts(scene.wing, scene.leads)
    made = {call.operation for call in scene.proxy.calls}
    never = {
        *IN_AN_ORGANISATION,
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
    }
    assert made == {call.operation for call in CALLS} - never
