"""Who can reach a store in Azure: each path alone, and what takes it away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.adapters.azure.access.permissions import allows, matches
from posture.adapters.azure.config import PermissionSet
from posture.model.facts import Known, Reason
from posture.model.subjects import ActionClass, Bound, HolderKind, Scope
from posture.model.trust import MICROSOFT_TENANT, Accepted, TrustZone
from tests.adapters.azure.grants import Access, only
from tests.adapters.azure.live import Cloud
from tests.testbeds import azure_records as made
from tests.testbeds.azure import ANNA, AUDITORS, GUEST, KEPT, NEGLECTED, OTHER_TENANT, PIPELINE, AzureEstate
from tests.testbeds.azure_records import ARCHIVE, PLATFORM
from tests.testbeds.broken import Fault
from tests.testbeds.databricks import Record

EVERYBODY = "00000000-0000-0000-0000-000000000000"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
BOTH = {"read", "list"}
ALL_DATA = {"list", "read", "write", "delete"}


# --- anonymous --------------------------------------------------------------------------------------------------------


def test_the_account_and_the_container_decide_together_over_anonymous_access(cloud: Cloud) -> None:
    access = Access(cloud, NEGLECTED)  # null is allowed
    levels = {
        (grant.via.value, grant.action.value.value)
        for grant in access.of("*")
        if isinstance(grant.via, Known) and isinstance(grant.action, Known)
    }
    assert levels == {
        ("container `insights-logs-accounts`, public access Blob", "read"),
        ("container `insights-logs-clusters`, public access Container", "list"),
        ("container `insights-logs-clusters`, public access Container", "read"),
    }
    assert access.scopes("*") == {Scope.PUBLIC}


def test_the_account_overrides_every_container(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.neglected, allowBlobPublicAccess=False)
    assert Access(cloud, NEGLECTED).of("*") == []


def test_anonymous_access_needs_no_shared_key(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.neglected, allowSharedKeyAccess=False)
    assert Access(cloud, NEGLECTED).actions("*") == BOTH


# --- keys and tokens --------------------------------------------------------------------------------------------------


def test_whoever_may_list_keys_may_do_everything(cloud: Cloud) -> None:
    only(cloud, made.assigned(f"/subscriptions/{PLATFORM}", made.CONTRIBUTOR, ANNA))
    access = Access(cloud, NEGLECTED)
    assert access.actions(ANNA) == ALL_DATA | {"administer"}
    assert access.scopes(ANNA) == {Scope.OWN}


def test_without_shared_keys_a_contributor_reads_nothing(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.neglected, allowSharedKeyAccess=False)
    only(cloud, made.assigned(f"/subscriptions/{PLATFORM}", made.CONTRIBUTOR, ANNA))
    assert Access(cloud, NEGLECTED).actions(ANNA) == {"delete", "administer"}


def test_a_reader_has_no_keys(cloud: Cloud) -> None:
    only(cloud, made.assigned(f"/subscriptions/{PLATFORM}", made.READER, ANNA))
    assert Access(cloud, NEGLECTED).of(ANNA) == []


def test_handed_out_signatures_are_undetermined_as_long_as_keys_open(cloud: Cloud, estate: AzureEstate) -> None:
    only(cloud)
    ((detail, limits),) = Access(cloud, NEGLECTED).doubts("shared access signatures")
    assert set(dict(limits)["action"]) == ALL_DATA
    assert "public" not in dict(limits)["scope"]
    assert detail
    cloud.properties(estate.neglected, allowSharedKeyAccess=False)
    assert Access(cloud, NEGLECTED).gaps == ()


# --- roles ------------------------------------------------------------------------------------------------------------


def test_assignments_above_and_below_the_account_count(cloud: Cloud, estate: AzureEstate) -> None:
    group = "/providers/Microsoft.Management/managementGroups/acme"
    below = f"{estate.kept}/blobServices/default/containers/insights-logs-jobs"
    only(
        cloud,
        made.assigned(group, made.BLOB_READER, ANNA),
        made.assigned(below, made.BLOB_CONTRIBUTOR, GUEST),
        made.assigned(f"/subscriptions/{PLATFORM}", made.BLOB_READER, PIPELINE, "ServicePrincipal"),
    )
    access = Access(cloud, KEPT)
    assert access.actions(ANNA) == BOTH
    assert access.actions(GUEST) == ALL_DATA
    assert access.of(PIPELINE) == []  # of another subscription


def test_exclusions_of_a_custom_role_take_away(cloud: Cloud) -> None:
    identity = "c0570000-0000-4000-8000-000000000001"
    role = made.custom_role(
        ARCHIVE,
        identity,
        "Half a reader",
        {"actions": [], "notActions": [], "dataActions": [f"{BLOBS}/*"], "notDataActions": [f"{BLOBS}/read"]},
    )
    cloud.change(role)
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", identity, ANNA))
    assert Access(cloud, KEPT).actions(ANNA) == {"write", "delete", "administer"}


def test_a_condition_leaves_it_open_whether_there_is_a_grant(cloud: Cloud) -> None:
    only(
        cloud,
        made.assigned(f"/subscriptions/{ARCHIVE}", made.BLOB_READER, GUEST, condition="@Resource[..] StringEquals 'x'"),
    )
    access = Access(cloud, KEPT)
    assert access.of(GUEST) == []
    assert {dict(limits)["scope"] for _, limits in access.doubts("condition")} == {("outside",)}


def test_a_denial_of_everybody_takes_the_grant_away(cloud: Cloud) -> None:
    scope = f"/subscriptions/{ARCHIVE}"
    only(
        cloud,
        made.assigned(scope, made.BLOB_CONTRIBUTOR, GUEST),
        made.denied(scope, [f"{BLOBS}/*"], principals=[EVERYBODY], data=True),
    )
    access = Access(cloud, KEPT)
    assert access.of(GUEST) == []
    assert access.gaps == ()


def test_a_denial_with_exceptions_or_for_others_leaves_it_open(cloud: Cloud) -> None:
    scope = f"/subscriptions/{ARCHIVE}"
    for principals, excluded in (([EVERYBODY], [AUDITORS]), ([AUDITORS], [])):
        only(
            cloud,
            made.assigned(scope, made.BLOB_READER, GUEST),
            made.denied(scope, [f"{BLOBS}/read"], principals=principals, excluded=excluded, data=True),
        )
        access = Access(cloud, KEPT)
        assert access.of(GUEST) == []
        assert access.doubts("deny assignment")
    only(
        cloud,
        made.assigned(scope, made.BLOB_READER, GUEST),
        made.denied(scope, [f"{BLOBS}/read"], principals=[EVERYBODY], excluded=[GUEST], data=True),
    )
    assert Access(cloud, KEPT).actions(GUEST) == BOTH


def test_denials_that_cannot_be_read_hide_grants_and_make_none(cloud: Cloud) -> None:
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", made.BLOB_READER, GUEST))
    cloud.proxy.fault("authorization:DenyAssignments_ListForScope", Fault.DENIED)
    access = Access(cloud, KEPT)
    assert access.of(GUEST) == []
    assert {gap.unknown.needs for gap in access.gaps} == {"Microsoft.Authorization/denyAssignments/read"}


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "scope"), [(OTHER_TENANT, Scope.OUTSIDE), (MICROSOFT_TENANT, Scope.VENDOR), (None, Scope.OWN)]
)
def test_an_application_is_at_home_where_its_owner_is(cloud: Cloud, home: str | None, scope: Scope) -> None:
    directory = {**cloud.peer.state.directory, PIPELINE: made.application("pipeline", tenant=home)}
    cloud.peer.state = replace(cloud.peer.state, directory=directory)
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", made.BLOB_READER, PIPELINE, "ServicePrincipal"))
    assert Access(cloud, KEPT).scopes(PIPELINE) == {scope}


def test_guests_are_outside_unless_accepted(cloud: Cloud) -> None:
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", made.BLOB_READER, GUEST))
    assert Access(cloud, KEPT).scopes(GUEST) == {Scope.OUTSIDE}
    entry = Accepted(principal=GUEST, reason="auditor", expires=date(2026, 12, 31))
    assert Access(cloud, KEPT, trust=TrustZone(accepted=(entry,))).scopes(GUEST) == {Scope.ACCEPTED}
    late = replace(entry, expires=date(2026, 1, 1))
    assert Access(cloud, KEPT, trust=TrustZone(accepted=(late,))).scopes(GUEST) == {Scope.OUTSIDE}


def test_a_tenant_that_is_trusted_is_our_own(cloud: Cloud) -> None:
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", made.BLOB_READER, PIPELINE, "ServicePrincipal"))
    trust = TrustZone(accounts=frozenset({OTHER_TENANT}))
    assert Access(cloud, KEPT, trust=trust).scopes(PIPELINE) == {Scope.OWN}


def test_a_group_is_as_its_least_trusted_member(cloud: Cloud) -> None:
    scope = f"/subscriptions/{ARCHIVE}"
    for members, expected in (((ANNA,), Scope.OWN), ((ANNA, GUEST), Scope.OUTSIDE), ((), Scope.OWN)):
        only(cloud, made.assigned(scope, made.BLOB_READER, AUDITORS, "Group"), members={AUDITORS: members})
        access = Access(cloud, KEPT)
        assert access.scopes(AUDITORS) == {expected}
        assert {grant.kind.value for grant in access.of(AUDITORS) if isinstance(grant.kind, Known)} == {
            HolderKind.GROUP
        }


def test_without_the_directory_nobody_is_an_outsider_and_nobody_is_cleared(cloud: Cloud) -> None:
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", made.BLOB_READER, GUEST))
    cloud.proxy.fault("graph:GetUser", Fault.DENIED)
    access = Access(cloud, KEPT)
    assert access.of(GUEST) == []
    assert {gap.unknown.reason for gap in access.gaps} == {Reason.DENIED}
    assert {gap.unknown.needs for gap in access.gaps} == {"Microsoft Graph: Directory.Read.All"}
    assert all("public" not in dict(gap.limits)["scope"] for gap in access.gaps)


def test_another_tenant_that_manages_the_subscription_has_what_its_role_gives(cloud: Cloud) -> None:
    only(cloud)
    operators = "5e550000-0000-4000-8000-000000000001"
    cloud.change(made.delegation(PLATFORM, OTHER_TENANT, operators, made.CONTRIBUTOR))
    access = Access(cloud, NEGLECTED)
    assert access.actions(operators) == ALL_DATA | {"administer"}
    assert access.scopes(operators) == {Scope.OUTSIDE}


# --- other paths ------------------------------------------------------------------------------------------------------


def test_local_users_reach_what_their_permissions_name(cloud: Cloud, estate: AzureEstate) -> None:
    only(cloud)
    cloud.properties(estate.kept, isSftpEnabled=True, isLocalUserEnabled=True)
    where = {"service": "blob", "resourceName": "insights-logs-jobs", "permissions": "rw"}
    other = {"service": "blob", "resourceName": "something-else", "permissions": "d"}
    cloud.change(
        {"id": f"{estate.kept}/localUsers/ftp", "name": "ftp", "properties": {"permissionScopes": [where, other]}}
    )
    access = Access(cloud, KEPT)
    assert {dict(limits)["action"] for _, limits in access.doubts("ftp")} == {("read",), ("write",)}
    entry = Accepted(principal="ftp", reason="archive", expires=date(2026, 12, 31))
    assert Access(cloud, KEPT, trust=TrustZone(accepted=(entry,))).actions("ftp") == {"read", "write"}


def test_what_another_tenant_receives_is_undetermined(cloud: Cloud, estate: AzureEstate) -> None:
    only(cloud)
    foreign = "ffffffff-0000-4000-8000-00000000000f"
    target = f"/subscriptions/{foreign}/resourceGroups/x/providers/Microsoft.Storage/storageAccounts/theirs"
    rule = {"sourceContainer": "insights-logs-jobs", "destinationContainer": "c"}
    policy: Record = {
        "id": f"{estate.kept}/objectReplicationPolicies/p",
        "properties": {"sourceAccount": estate.kept, "destinationAccount": target, "rules": [rule]},
    }
    cloud.change(policy, made.subscription(foreign, tenant=OTHER_TENANT))
    ((_, limits),) = Access(cloud, KEPT).doubts("copied to", OTHER_TENANT)  # logs are append blobs, which stay
    assert dict(limits) == {"action": ("read",), "scope": ("outside",)}
    cloud.change(made.subscription(foreign))
    assert Access(cloud, KEPT).gaps == ()
    cloud.change(without=frozenset({f"/subscriptions/{foreign}"}))
    ((_, limits),) = [(gap.unknown.detail, gap.limits) for gap in Access(cloud, KEPT).gaps]
    assert "outside" in dict(limits)["scope"]


def test_lists_of_a_hierarchical_namespace_are_not_read(cloud: Cloud, estate: AzureEstate) -> None:
    only(cloud)
    cloud.properties(estate.kept, isHnsEnabled=True)
    assert Access(cloud, KEPT).doubts("access control lists of directories")


def test_the_network_bounds_data_and_not_management(cloud: Cloud) -> None:
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", made.OWNER, ANNA))
    bounds = {
        (grant.action.value, grant.bound.value)
        for grant in Access(cloud, KEPT).of(ANNA)
        if isinstance(grant.action, Known) and isinstance(grant.bound, Known)
    }
    assert bounds == {(ActionClass.DELETE, Bound.ANYWHERE), (ActionClass.ADMINISTER, Bound.ANYWHERE)}
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", made.BLOB_READER, ANNA))
    read = {grant.bound.value for grant in Access(cloud, KEPT).of(ANNA) if isinstance(grant.bound, Known)}
    assert read == {Bound.NAMED_NETWORK}


# --- the globs of roles -----------------------------------------------------------------------------------------------

SEGMENT = st.text("abcAB*", min_size=1, max_size=3)
GLOBS = st.lists(SEGMENT, min_size=1, max_size=4).map("/".join)
OPERATIONS = st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=4).map("/".join)


def slowly(pattern: str, operation: str) -> bool:
    """The same by trying every split at a star."""
    if not pattern:
        return not operation
    if pattern[0] == "*":
        return any(slowly(pattern[1:], operation[cut:]) for cut in range(len(operation) + 1))
    return bool(operation) and pattern[0].lower() == operation[0].lower() and slowly(pattern[1:], operation[1:])


@given(GLOBS, OPERATIONS)
def test_globs_match_as_a_naive_matcher_says(pattern: str, operation: str) -> None:
    assert matches(pattern, operation) is slowly(pattern, operation)


@given(st.lists(GLOBS, max_size=3), st.lists(GLOBS, max_size=3), OPERATIONS)
def test_an_exclusion_only_takes_away(given_globs: list[str], taken: list[str], operation: str) -> None:
    def permits(excluded: list[str]) -> bool:
        one = PermissionSet(
            actions=tuple(given_globs), not_actions=tuple(excluded), data_actions=(), not_data_actions=()
        )
        return allows((one,), operation, data=False)

    assert permits([]) or not permits(taken)
    assert not any(matches(each, operation) for each in taken) or not permits(taken)


def test_a_group_of_another_tenant_is_outside_and_a_principal_of_no_known_kind_is_not_cleared(cloud: Cloud) -> None:
    scope = f"/subscriptions/{ARCHIVE}"
    only(
        cloud,
        made.assigned(scope, made.BLOB_READER, AUDITORS, "ForeignGroup"),
        made.assigned(scope, made.BLOB_READER, ANNA, ""),
    )
    access = Access(cloud, KEPT)
    assert access.scopes(AUDITORS) == {Scope.OUTSIDE}
    assert access.of(ANNA) == []
    assert access.doubts(ANNA, "what kind of principal")


def test_a_switch_that_cannot_be_read_hides_what_it_decides(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.neglected, allowSharedKeyAccess="perhaps", allowBlobPublicAccess="perhaps")
    only(cloud, made.assigned(f"/subscriptions/{PLATFORM}", made.CONTRIBUTOR, ANNA))
    access = Access(cloud, NEGLECTED)
    assert access.actions(ANNA) == {"delete", "administer"}
    assert access.of("*") == []
    hidden = {
        (action, scope)
        for gap in access.gaps
        for action in dict(gap.limits)["action"]
        for scope in dict(gap.limits)["scope"]
    }
    assert {("read", "public"), ("list", "public"), ("read", "own"), ("write", "own")} <= hidden


def test_an_assignment_that_cannot_be_read_may_be_anybodys(cloud: Cloud) -> None:
    broken: Record = {**made.assigned(f"/subscriptions/{ARCHIVE}", made.BLOB_READER, ANNA), "properties": {}}
    only(cloud, broken)
    (gap,) = Access(cloud, KEPT).gaps
    assert gap.unknown.reason is Reason.MALFORMED
    assert set(dict(gap.limits)["action"]) == ALL_DATA | {"administer"}


def test_a_role_that_cannot_be_read_may_give_anything(cloud: Cloud) -> None:
    only(cloud, made.assigned(f"/subscriptions/{ARCHIVE}", "00000000-1111-4000-8000-000000000000", ANNA))
    (gap,) = Access(cloud, KEPT).gaps
    assert gap.unknown.reason is Reason.NOT_FOUND
