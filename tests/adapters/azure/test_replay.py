"""What is reported against a second, naive evaluator, over random assignments, denials and groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain, combinations
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from posture.adapters.azure.access import roles as decision
from posture.adapters.azure.access.grants import Collected
from posture.adapters.azure.access.holders import Held, Holders
from posture.adapters.azure.access.operations import STORAGE
from posture.adapters.azure.access.proof import proven
from posture.adapters.azure.access.roles import Resource, role_ways
from posture.adapters.azure.config import (
    Delegation,
    DenyAssignment,
    PermissionSet,
    RoleAssignment,
    RoleDefinition,
    Roles,
)
from posture.adapters.azure.replay import Assigned, Request, replay
from posture.model.facts import Fact, Known, Listing, Source
from posture.model.logic import Answer
from posture.model.subjects import ActionClass, Bound, HolderKind, Scope

SUBSCRIPTION = "/subscriptions/s"
GROUP = f"{SUBSCRIPTION}/resourceGroups/g"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a"
LOGS = f"{ACCOUNT}/blobServices/default/containers/insights-logs-jobs"
SCOPES = (
    "/providers/Microsoft.Management/managementGroups/m",
    *(SUBSCRIPTION, GROUP, ACCOUNT, ACCOUNT.upper(), LOGS, f"{GROUP}x", f"{ACCOUNT}b"),
)
PEOPLE, GROUPS = ("ana", "eve"), ("red", "blue")
EVERYONE = "00000000-0000-0000-0000-000000000000"
NOWHERE = Source(operation="test", resource=ACCOUNT)
STORAGE_TYPE = "Microsoft.Storage/storageAccounts"
GLOBS = (
    *("*", "*/read", "*/write", "*/delete", "Microsoft.Storage/*", "microsoft.storage/storageaccounts/*"),
    *(f"{STORAGE_TYPE}/listKeys/action", f"{STORAGE_TYPE}/*/action", f"{STORAGE_TYPE}/delete", f"{STORAGE_TYPE}/write"),
    *(f"{STORAGE_TYPE}/blobServices/containers/blobs/{each}" for each in ("*", "read", "write", "delete", "*/action")),
    *("Microsoft.Authorization/*/Write", "Microsoft.Compute/*"),
)
some = st.lists(st.sampled_from(GLOBS), max_size=2).map(tuple)
permissions = st.builds(PermissionSet, actions=some, not_actions=some, data_actions=some, not_data_actions=some)
definitions = st.lists(st.lists(permissions, min_size=1, max_size=2).map(tuple), min_size=3, max_size=3)
assignments = st.builds(
    RoleAssignment,
    role=st.sampled_from(("0", "1", "2")),
    principal=st.sampled_from((*PEOPLE, *GROUPS)),
    principal_type=st.just("User"),
    scope=st.sampled_from(SCOPES),
    condition=st.sampled_from(("", "", "", "x")),
    source=st.just(NOWHERE),
    eligible=st.sampled_from((False, False, False, True)),
).map(lambda one: one if one.principal in PEOPLE else replace(one, principal_type="Group"))
denials = st.builds(
    DenyAssignment,
    name=st.just("d"),
    permissions=st.lists(permissions, min_size=1, max_size=1).map(tuple),
    principals=st.lists(st.sampled_from((*PEOPLE, *GROUPS, EVERYONE)), min_size=1, max_size=2).map(tuple),
    excluded=st.lists(st.sampled_from((*PEOPLE, *GROUPS)), max_size=1).map(tuple),
    everyone=st.booleans(),  # made from `principals` below
    scope=st.sampled_from(SCOPES),
    below=st.booleans(),
    source=st.just(NOWHERE),
    condition=st.sampled_from(("", "", "x")),
).map(lambda one: replace(one, everyone=EVERYONE in one.principals))


class Anybody(Holders):
    """Holders who are all our own, without a directory."""

    def __init__(self) -> None:
        pass

    def together(self, *reads: Callable[[], object]) -> None:
        pass

    def gone(self, assignment: RoleAssignment) -> bool:  # noqa: ARG002 - as the holders of a tenant have it
        return False

    def of_assignment(self, assignment: RoleAssignment) -> Held:
        own: Fact[Scope] = Known(value=Scope.OWN, sources=())
        return Held(name=assignment.principal, kind=HolderKind.PRINCIPAL, tenant="", scope=own)

    def of_delegation(self, delegation: Delegation) -> Held:
        raise AssertionError(delegation)


@given(definitions, st.lists(assignments, min_size=1, max_size=3), st.lists(denials, max_size=2), st.booleans())
@settings(deadline=None)
def test_what_is_reported_is_allowed_and_what_is_allowed_is_not_missed(
    written: list[tuple[PermissionSet, ...]],
    assigned: list[RoleAssignment],
    denied: list[DenyAssignment],
    keys: bool,  # noqa: FBT001 - drawn
) -> None:
    roles = Roles(
        assignments=Listing(items=tuple(assigned)),
        denials=Listing(items=tuple(denied)),
        delegations=Listing(items=()),
    )
    collected = _decided(roles, written, keys=keys)
    flat = [
        Assigned(
            principal=one.principal,
            scope=one.scope,
            permissions=written[int(one.role)],
            open=bool(one.condition) or one.eligible,
        )
        for one in assigned
    ]
    doubted = {action for gap in collected.gaps for action in dict(gap.limits)["action"]}
    granted = {
        (grant.principal.value, operation, grant.action.value.value)
        for grant in collected.grants
        if isinstance(grant.principal, Known) and isinstance(grant.actions, Known) and isinstance(grant.action, Known)
        for operation in grant.actions.value.split(", ")
    }
    for action, operation, data in _every(keys=keys):
        for principal in (*PEOPLE, *GROUPS):
            answers = {
                replay(
                    Request(principal=principal, groups=frozenset(groups), operation=operation, data=data, place=place),
                    [one for one in flat if one.principal == principal],
                    denied,
                )
                for groups in _subsets(principal)
                for place in _places(operation)
            }
            if (principal, operation, action) in granted:
                assert Answer.ALLOWED in answers
            elif answers & {Answer.ALLOWED, Answer.UNDETERMINED}:
                assert action in doubted, (principal, operation, answers)


def test_a_place_is_at_or_below_a_scope_by_whole_names() -> None:
    everything = (PermissionSet(actions=("*",), not_actions=(), data_actions=(), not_data_actions=()),)

    def answer(scope: str) -> Answer:
        one = Assigned(principal="ana", scope=scope, permissions=everything, open=False)
        asked = Request(principal="ana", operation=f"{STORAGE_TYPE}/delete", data=False, place=ACCOUNT)
        return replay(asked, [one], ())

    assert [scope for scope in SCOPES if answer(scope) is Answer.ALLOWED] == list(SCOPES[:5])


def test_a_way_that_the_second_evaluator_does_not_allow_is_not_reported() -> None:
    everything = (PermissionSet(actions=("*",), not_actions=(), data_actions=("*",), not_data_actions=()),)
    one = RoleAssignment(role="0", principal="ana", principal_type="User", scope=ACCOUNT, condition="", source=NOWHERE)
    roles = Roles(assignments=Listing(items=(one,)), denials=Listing(items=()), delegations=Listing(items=()))
    assert _decided(roles, [everything], keys=True).grants
    with mock.patch("posture.adapters.azure.access.proof.replay", return_value=Answer.DENIED):
        collected = _decided(roles, [everything], keys=True, guarded=True)
    assert collected.grants == []
    assert any("second evaluator" in gap.unknown.detail for gap in collected.gaps)


def _decided(roles: Roles, written: list[tuple[PermissionSet, ...]], *, keys: bool, guarded: bool = False) -> Collected:
    """What the decision finds, without the evaluator that would hide its mistakes unless that is asked for."""

    def definition(role: str) -> Fact[RoleDefinition]:
        found = RoleDefinition(name=role, permissions=written[int(role)], source=NOWHERE)
        return Known(value=found, sources=())

    resource = Resource(
        id=ACCOUNT,
        subscription="s",
        kind=STORAGE,
        keys=Known(value=keys, sources=()),
        bound=Known(value=Bound.ANYWHERE, sources=()),
        definition=definition,
    )
    collected = Collected()
    with mock.patch.object(decision, "proven", proven if guarded else lambda *_: True):
        role_ways(resource, roles, Anybody(), collected)
    return collected


def _places(operation: str) -> tuple[str, ...]:
    """Where an operation can be done: on the account, on a container of logs, or on something in either."""
    on = operation.removesuffix("/action").rpartition("/")[0]
    if on == STORAGE_TYPE:
        return (ACCOUNT,)
    within = (f"{ACCOUNT}/any/one", LOGS if on == f"{STORAGE_TYPE}/blobServices/containers" else f"{LOGS}/any/one")
    if operation.startswith("Microsoft.Authorization/"):
        return (ACCOUNT, LOGS, *within)
    return within if "/containers/" in operation else within[:1]


def _every(*, keys: bool) -> list[tuple[str, str, bool]]:
    tables: tuple[tuple[dict[ActionClass, tuple[str, ...]], bool], ...] = (
        (dict(STORAGE.data), True),
        (dict(STORAGE.management), False),
    )
    found = [(a.value, op, data) for table, data in tables for a, ops in table.items() for op in ops]
    return found + [(a.value, op, False) for op in STORAGE.keys for a in STORAGE.opened if keys]


def _subsets(principal: str) -> list[tuple[str, ...]]:
    others = [each for each in GROUPS if each != principal]
    return list(chain.from_iterable(combinations(others, count) for count in range(len(others) + 1)))
