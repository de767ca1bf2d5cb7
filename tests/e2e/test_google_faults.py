"""Every declared call to Google, broken in every way, on the good store and on the bad one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from posture.adapters.registry import declared_calls
from posture.model.subjects import Provider
from tests.e2e.faulting import Bench, Reads, many_runs
from tests.e2e.google import google_world, short_google_limits
from tests.testbeds.broken import Fault
from tests.testbeds.operations import OPERATIONS

pytestmark = pytest.mark.peers

CALLS = {call.operation: call for call in declared_calls(Provider.GCP)}
ROUTING = frozenset({"storage:buckets.get", "cloudresourcemanager:projects.get", "cloudresourcemanager:folders.get"})
READS = Reads(
    calls=CALLS,
    not_in={
        "good": frozenset(
            {
                *(
                    "storage:bucketAccessControls.list",
                    "storage:defaultObjectAccessControls.list",
                ),  # lists do not count
                "cloudresourcemanager:organizations.testIamPermissions",  # every project that is bound is shown
            }
        ),
        "bad": frozenset(
            {
                *(name for name in CALLS if name.startswith("cloudkms:")),  # the bad bucket has no key
                *("storage:managedFolders.getIamPolicy", "cloudresourcemanager:folders.get"),
                "cloudresourcemanager:folders.getIamPolicy",  # its project lies right under the organisation
            }
        ),
    },
    routing=ROUTING,
    discovery=ROUTING | {"storagetransfer:transferJobs.list"},
    feeds_nothing=frozenset(
        {
            *("storage:bucketAccessControls.list", "storage:defaultObjectAccessControls.list"),  # opened elsewhere too
        }
    ),
    decide_for_the_bad=frozenset(  # a perimeter can only take away, and nobody reaches the good store from outside
        {"accesscontextmanager:accessPolicies.list", "accesscontextmanager:servicePerimeters.list"}
    ),
    facts_rest_on_several=True,
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with google_world(tmp_path_factory.mktemp("key")) as world, short_google_limits(1.0), many_runs():
        yield Bench(world, READS, tmp_path_factory)


def test_every_declared_call_can_be_broken() -> None:
    assert CALLS.keys() <= OPERATIONS.keys()
    assert CALLS.keys() >= READS.named()


@pytest.mark.parametrize(("operation", "fault", "estate"), tuple(READS.cases()))
def test_a_broken_call_only_makes_unknown(bench: Bench, operation: str, fault: Fault, estate: str) -> None:
    bench.check(operation, fault, estate)
