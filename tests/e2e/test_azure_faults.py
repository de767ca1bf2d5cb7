"""Every declared call to Azure, broken in every way, on the good estate and on the bad one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from posture.adapters.registry import declared_calls
from posture.model.subjects import Provider
from tests.e2e.azure import azure_world, short_azure_limits
from tests.e2e.faulting import Bench, Reads, many_runs
from tests.testbeds.broken import Fault
from tests.testbeds.operations import OPERATIONS

pytestmark = pytest.mark.peers

CALLS = {call.operation: call for call in declared_calls(Provider.AZURE)}
ROUTING = frozenset(
    {
        *("storage:StorageAccounts_GetProperties", "eventhub:Namespaces_Get", "operationalinsights:Workspaces_Get"),
        # nothing is said of a resource that could not be seen itself
        *("storage:StorageAccounts_List", "eventhub:Namespaces_List"),  # where a store that is named lies
        "resources:Subscriptions_List",  # where it is looked for
    }
)
READS = Reads(
    calls=CALLS,
    not_in={
        "good": frozenset(
            {
                *("storage:StorageAccounts_List", "eventhub:Namespaces_List"),  # the settings say where
                *("storage:LocalUsers_List", "storage:NetworkSecurityPerimeterConfigurations_List"),
                "blob:GetContainerAcl",  # no key opens its account, so no token is bound by a stored policy
            }
        ),
        "bad": frozenset(
            {
                *(name for name in CALLS if name.startswith(("keyvault:", "operationalinsights:"))),
                *("storage:EncryptionScopes_List", "storage:BlobContainers_GetImmutabilityPolicy"),
                "graph:ListTransitiveMembers",
            }
        ),
    },
    routing=ROUTING,
    discovery=ROUTING
    | {"databricks:Workspaces_ListBySubscription", "insights:DiagnosticSettings_List"}
    | {"storage:ObjectReplicationPolicies_List"}
    | {"eventhub:EventHubs_ListByNamespace", "operationalinsights:DataExports_ListByWorkspace"},
    decide_for_the_bad=frozenset({"security:Pricings_Get"}),  # the good account is watched by its own setting
    facts_rest_on_several=True,
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with azure_world(tmp_path_factory.mktemp("tls")) as world, short_azure_limits(), many_runs():
        yield Bench(world, READS, tmp_path_factory)


def test_every_declared_call_can_be_broken() -> None:
    assert CALLS.keys() <= OPERATIONS.keys()
    assert CALLS.keys() >= READS.named()


@pytest.mark.parametrize(("operation", "fault", "estate"), tuple(READS.cases()))
def test_a_broken_call_only_makes_unknown(bench: Bench, operation: str, fault: Fault, estate: str) -> None:
    bench.check(operation, fault, estate)
