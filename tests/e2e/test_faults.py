"""Every declared call to AWS and to the Databricks account, broken in every way, on a good and a bad one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from posture.adapters.registry import WINGS, declared_calls
from posture.model.subjects import Provider
from tests.e2e.faulting import Bench, Reads, many_runs
from tests.e2e.world import World, short_limits
from tests.testbeds.broken import Fault
from tests.testbeds.operations import OPERATIONS

pytestmark = pytest.mark.peers

BROKEN_ELSEWHERE = {Provider.AZURE: "test_azure_faults.py", Provider.GCP: "test_google_faults.py"}
NOT_EXERCISED = frozenset(  # these accounts are in no organisation; broken in the tests of control policies
    f"organizations:{name}" for name in ("ListAccounts", "ListParents", "ListPoliciesForTarget", "DescribePolicy")
)
CALLS = {
    call.operation: call for provider in WINGS if provider not in BROKEN_ELSEWHERE for call in declared_calls(provider)
}
ROUTING = frozenset(
    {
        *("sts:GetCallerIdentity", "sts:AssumeRole"),  # in whose name AWS is read
        "s3:ListBuckets",  # whose bucket it is, and so in whose name it is read
        "s3:GetBucketLocation",  # where the bucket is read
    }
)
OF_VERSIONS = frozenset({"s3:GetObjectLockConfiguration", "s3:GetBucketReplication"})
READS = Reads(
    calls={operation: call for operation, call in CALLS.items() if operation not in NOT_EXERCISED},
    one_of_each_connection=frozenset(
        {
            *("databricks:log-delivery", "iam:GetRole", "kms:DescribeKey"),
            *("s3:GetBucketVersioning", "s3:GetBucketPolicy", "s3control:GetPublicAccessBlock"),
        }
    ),
    not_in={
        "good": frozenset({"s3:GetBucketAcl"}),  # under BucketOwnerEnforced no list counts
        "bad": frozenset(
            {
                *OF_VERSIONS,  # it keeps none
                *(f"kms:{name}" for name in ("DescribeKey", "GetKeyPolicy", "ListGrants", "GetKeyRotationStatus")),
                *("cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"),  # there is no trail, and no key
                "iam:GetRolePolicy",  # the writer has no policy of its own
            }
        ),
    },
    routing=ROUTING,
    discovery=ROUTING
    | {"databricks:log-delivery", "databricks:storage-configurations", "databricks:workspaces"}
    | {"s3:GetBucketReplication"},
    feeds_nothing=frozenset(
        {
            *("s3:GetBucketTagging", "databricks:networks"),
            *("s3control:GetAccessPointPolicy", "s3control:GetAccessPointPolicyStatus"),  # the bucket delegates nothing
            *("s3control:GetMultiRegionAccessPointPolicy", "s3control:GetMultiRegionAccessPointPolicyStatus"),
        }
    ),
    instead={"s3:GetBucketVersioning": OF_VERSIONS},
    assumed=frozenset({"organizations:DescribeOrganization"}),  # that no organisation restricts anything
)


@pytest.fixture(scope="module")
def bench(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """AWS answers from memory."""
    world.bed.aws.memory = {}
    with short_limits(1.5), many_runs():
        yield Bench(world, READS, tmp_path_factory)
    world.bed.aws.memory = None


def test_every_declared_call_can_be_broken() -> None:
    assert CALLS.keys() <= OPERATIONS.keys()
    assert CALLS.keys() >= NOT_EXERCISED | READS.named()
    assert all((Path(__file__).parent / file).is_file() for file in BROKEN_ELSEWHERE.values())


@pytest.mark.parametrize(("operation", "fault", "estate"), tuple(READS.cases()))
def test_a_broken_call_only_makes_unknown(bench: Bench, operation: str, fault: Fault, estate: str) -> None:
    bench.check(operation, fault, estate)
