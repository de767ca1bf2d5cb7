"""Resource control policies with the real SDK: found above a member account, by whichever identity may ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from posture.adapters.aws.organisation_calls import ORGANISATION_CALLS
from posture.model.contributions import StoreContribution
from tests.adapters.aws.access_world import STRANGER, known, rows
from tests.adapters.aws.live import environment, reading, wing_of
from tests.adapters.aws.recorded import lead, store
from tests.testbeds.aws import HOME, Accounts, Moto
from tests.testbeds.broken import Fault
from tests.testbeds.faults import FaultProxy
from tests.testbeds.operations import OPERATIONS
from tests.testbeds.seed import Bucket, allow_by_policy, new_bucket, new_control_policy, new_organization

pytestmark = pytest.mark.peers
BROKEN = (Fault.DENIED, Fault.FAILED, Fault.HALF, Fault.CUT_OFF, Fault.WRONG_SHAPE, Fault.MISSING_MEMBER)
WHETHER_TO_ASK = {"organizations:DescribeOrganization", "organizations:ListParents"}
"""Refused, these say that nobody may ask for control policies: it is assumed that there are none, and said so."""


@dataclass(frozen=True, kw_only=True)
class World:
    """A bucket of a member account that a control policy of the organisation's root closes to strangers."""

    proxy: FaultProxy
    member: str
    bucket: str

    def seen(self) -> StoreContribution:
        with reading() as once:
            target = lead(store("", self.bucket), account=self.member)
            (only,) = wing_of(self.member).follow(target, once).contributions
        assert isinstance(only, StoreContribution)
        return only


@pytest.fixture(scope="module")
def world(moto_process: Moto, aws_proxy_process: FaultProxy) -> Iterator[World]:
    moto_process.reset()
    aws_proxy_process.reset()
    accounts = Accounts(endpoint=moto_process.url)
    _, members = new_organization(accounts, HOME, ["log-archive"])
    member = members["log-archive"]
    organizations = accounts.client("organizations", account=HOME)
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="logs")["OrganizationalUnit"]["Id"]
    organizations.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)
    bucket = Bucket(name="member-audit-logs", account=member)
    new_bucket(accounts, bucket)
    places = [f"arn:aws:s3:::{bucket.name}", f"arn:aws:s3:::{bucket.name}/*"]
    allow_by_policy(
        accounts,
        bucket,
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": [STRANGER, f"arn:aws:iam::{member}:role/reader"]},
                "Action": "s3:GetObject",
                "Resource": places,
            }
        ],
    )
    foreign = {"StringNotEquals": {"aws:PrincipalAccount": member}}
    closed = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": foreign}
    new_control_policy(accounts, HOME, "perimeter", [closed], root)
    with pytest.MonkeyPatch.context() as patch:
        environment(patch, aws_proxy_process.url)
        yield World(proxy=aws_proxy_process, member=member, bucket=bucket.name)
        aws_proxy_process.reset()


def test_the_identity_of_the_organisation_is_asked_where_the_owner_s_may_not(world: World) -> None:
    world.proxy.reset()
    found = world.seen()
    assert {(who, scope) for who, _, scope in rows(found)} == {(f"arn:aws:iam::{world.member}:role/reader", "own")}
    assert not any("resource control" in str(known(grant.assumptions)) for grant in found.grants.items)  # type: ignore[arg-type]  # known here
    calls = [call.operation for call in world.proxy.calls if call.operation.startswith("organizations:")]
    assert sorted(calls) == [
        "organizations:DescribeOrganization",  # by each identity
        "organizations:DescribeOrganization",
        "organizations:DescribePolicy",
        "organizations:ListParents",  # the owner's identity, to which moto says that there is no such account
        "organizations:ListParents",  # the account's unit
        "organizations:ListParents",  # and the root above
        "organizations:ListPoliciesForTarget",
        "organizations:ListPoliciesForTarget",
        "organizations:ListPoliciesForTarget",
    ]


@pytest.mark.parametrize("operation", [call.operation for call in ORGANISATION_CALLS])
@pytest.mark.parametrize("fault", BROKEN)
def test_no_broken_answer_lets_a_stranger_pass_for_refused_or_for_let_in(
    world: World, operation: str, fault: Fault
) -> None:
    if fault is Fault.MISSING_MEMBER and OPERATIONS[operation].empty_is_an_answer:
        pytest.skip("an answer without members says something here")
    world.proxy.reset()
    world.proxy.fault(operation, fault)
    found = world.seen()
    outside = [grant for grant in found.grants.items if known(grant.account) == STRANGER]  # type: ignore[arg-type]  # known here
    if operation in WHETHER_TO_ASK and fault is Fault.DENIED:
        assert outside
        assert all("resource control" in str(known(grant.assumptions)) for grant in outside)  # type: ignore[arg-type]  # known here
    else:
        assert not outside
        assert found.grants.gaps or operation == "organizations:ListAccounts"
