"""What is reported against a second, naive evaluator, over random small hierarchies and random concrete requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.adapters.gcp.access.actions import OF_STORE
from posture.adapters.gcp.config import AclEntry, DenyRule
from posture.adapters.gcp.replay import Attached, Caller, Policies, Request
from posture.adapters.gcp.replay_conditions import true_of
from posture.model.facts import Listing, Source
from posture.model.logic import Answer
from posture.model.subjects import Grant
from tests.adapters.gcp.world import BUCKET, NOW, enforced, state, store, text
from tests.testbeds.google import Bucket, GoogleState, Record
from tests.testbeds.google_estate import DOMAIN, LOGS, LOGS_ID, ORGANISATION, binding, metadata, policy
from tests.testbeds.google_roles import ROLES

WHOLE = f"projects/_/buckets/{BUCKET}"
OBJECTS = f"{WHOLE}/objects/"
PROJECT = f"projects/{LOGS}"
AX = f"{OBJECTS}logs/ax"
NOWHERE = Source(operation="test", resource=BUCKET)
POOL = "iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p"
ANA, EVE, TEAM = f"user:ana@{DOMAIN}", "user:eve@other.example", "group:team@acme.example"
ROBOT = f"serviceAccount:etl@{LOGS_ID}.iam.gserviceaccount.com"
VIEWERS, POOLED = f"projectViewer:{LOGS_ID}", f"principalSet://{POOL}/*"
MEMBERS = (
    "allUsers",
    "allAuthenticatedUsers",
    *(ANA, ANA.upper().replace("USER", "user"), EVE, TEAM, ROBOT, VIEWERS, POOLED),
    *(f"domain:{DOMAIN}", f"principal://{POOL}/subject/s", "deleted:user:ana@acme.example?uid=1"),
)
CALLERS = (
    Caller(member=""),
    *(
        Caller(member=member, sets=frozenset(sets))
        for member in (ANA, EVE, ROBOT, "user:who@gmail.com", f"user:bo@{DOMAIN}")
        for sets in ((), (TEAM,), (TEAM, VIEWERS), (VIEWERS,))
    ),
    Caller(member=f"principal://{POOL}/subject/s", sets=frozenset({POOLED})),
    Caller(member=f"principal://{POOL}/subject/t", sets=frozenset({POOLED, TEAM})),
)
GIVEN = tuple(
    sorted(
        {"roles/owner", "roles/resourcemanager.organizationAdmin"}
        | {role for role in ROLES if role.startswith("roles/storage.")}
    )
)
CONDITIONS = (
    *("",) * 4,
    f'resource.name.startsWith("{OBJECTS}logs/2026/")',
    f'!resource.name.startsWith("{OBJECTS}logs/2026/")',
    f'resource.name == "{OBJECTS}logs/2026/x" || resource.type == "storage.googleapis.com/Bucket"',
    f'(resource.name.startsWith("{OBJECTS}logs/a") || resource.name == "{OBJECTS}logs/b") && resource.name != "{AX}"',
    f'resource.name.startsWith("{OBJECTS}other/")',
    'request.time < timestamp("2026-01-01T00:00:00Z")',
    'request.time < timestamp("2027-01-01T00:00:00Z")',
    'resource.matchTag("1/env", "prod")',
    'resource.type == "cloudresourcemanager.googleapis.com/Project"',
)
DENIED = (
    "principalSet://goog/public:all",
    f"principal://goog/subject/ana@{DOMAIN}",
    "principal://goog/subject/eve@other.example",
    f"principal://iam.googleapis.com/projects/-/serviceAccounts/{ROBOT.partition(':')[2]}",
    "principalSet://goog/group/team@acme.example",
    POOLED,
    "deleted:principal://goog/subject/eve@other.example?uid=1",
)
PERMISSIONS = (
    "storage.googleapis.com/objects.*",
    "storage.googleapis.com/*.*",
    "storage.googleapis.com/objects.get",
    "storage.googleapis.com/*.setIamPolicy",
    "cloudresourcemanager.googleapis.com/projects.setIamPolicy",
)
ENTITIES = ("allUsers", "allAuthenticatedUsers", f"user-ana@{DOMAIN}", f"domain-{DOMAIN}", "group-team@acme.example")
FOLDERS = ("logs/", "logs/2026/", "other/")

some = st.lists
bindings = some(
    st.builds(
        lambda role, members, condition: binding(role, *members, condition=condition),
        st.sampled_from(GIVEN),
        some(st.sampled_from(MEMBERS), min_size=1, max_size=2),
        st.sampled_from(CONDITIONS),
    ),
    max_size=2,
)
rules = some(
    st.builds(
        DenyRule,
        principals=some(st.sampled_from(DENIED), min_size=1, max_size=2).map(tuple),
        exceptions=some(st.sampled_from(DENIED[1:]), max_size=2).map(tuple),
        permissions=some(st.sampled_from(PERMISSIONS), min_size=1, max_size=2).map(tuple),
        excepted_permissions=some(st.sampled_from(PERMISSIONS), max_size=1).map(tuple),
        condition=st.sampled_from(("", "", 'resource.matchTag("1/env", "prod")')),
        source=st.just(NOWHERE),
    ),
    max_size=2,
)
entries = some(
    st.builds(
        lambda entity, role: {"entity": entity, "role": role},
        st.sampled_from(ENTITIES),
        st.sampled_from(("READER", "WRITER", "OWNER")),
    ),
    max_size=2,
)


@dataclass(frozen=True, kw_only=True)
class Estate:
    """What is drawn: the policies at every place, and what cuts them."""

    policies: Mapping[str, list[Record]]
    denials: Mapping[str, list[DenyRule]]
    acl: list[Record]
    default_acl: list[Record]
    uniform: bool
    prevented: bool

    def served(self) -> GoogleState:
        """As the API tells it."""
        of = state(
            above={name: policy(*self.policies[name]) for name in (PROJECT, ORGANISATION)},
            denied={name: tuple(map(_written, each)) for name, each in self.denials.items()},
        )
        bucket = Bucket(
            metadata=metadata(LOGS, uniform=self.uniform),
            policy=policy(*self.policies[WHOLE]),
            acl=tuple(self.acl),
            default_acl=tuple(self.default_acl),
            folders={name: policy(*self.policies[f"{WHOLE}/managedFolders/{name}"]) for name in FOLDERS},
        )
        of = replace(of, buckets={BUCKET: bucket})
        return enforced(of) if self.prevented else of

    def naive(self) -> Policies:
        """As the second evaluator takes it."""
        return Policies(
            [Attached(resource=name, text=json.dumps(policy(*self.policies[name]))) for name in places],
            denials=[rule for each in self.denials.values() for rule in each],
            lists=() if self.uniform else map(_entry, self.acl),
            of_objects=() if self.uniform else map(_entry, self.default_acl),
            prevented=self.prevented,
            permissions=lambda role: frozenset(ROLES[role]),
        )


def _written(rule: DenyRule) -> Record:
    plain: dict[str, object] = {
        "deniedPrincipals": rule.principals,
        "exceptionPrincipals": rule.exceptions,
        "deniedPermissions": rule.permissions,
        "exceptionPermissions": rule.excepted_permissions,
    }
    if rule.condition:
        plain["denialCondition"] = {"expression": rule.condition}
    return plain  # type: ignore[return-value]


def _entry(entry: Record) -> AclEntry:
    return AclEntry(entity=str(entry["entity"]), role=str(entry["role"]), source=NOWHERE)


places = (*(f"{WHOLE}/managedFolders/{name}" for name in FOLDERS), WHOLE, PROJECT, ORGANISATION)
estates = st.builds(
    Estate,
    policies=st.fixed_dictionaries(dict.fromkeys(places, bindings)),
    denials=st.fixed_dictionaries({PROJECT: rules, ORGANISATION: rules}),
    acl=entries,
    default_acl=entries,
    uniform=st.booleans(),
    prevented=st.booleans(),
)


def requests() -> tuple[Request, ...]:
    """Every permission on every resource that it is asked for on, by every caller."""
    places: dict[str, list[tuple[str, str]]] = {}
    bucket = (WHOLE, "storage.googleapis.com/Bucket")
    names = ("logs/x", "logs/2026/x", "logs/2026/y", "logs/ax", "logs/ay", "logs/b")
    objects = [(f"{OBJECTS}{name}", "storage.googleapis.com/Object") for name in names]
    for permission in {name for names in OF_STORE.values() for name in names}:
        places[permission] = objects if ".objects." in permission else [bucket]
    folders = [(f"{WHOLE}/managedFolders/{name}", "storage.googleapis.com/ManagedFolder") for name in FOLDERS[:2]]
    places["storage.objects.list"] = [bucket, *folders]
    level = "cloudresourcemanager.googleapis.com"
    places["resourcemanager.projects.setIamPolicy"] = [(PROJECT, f"{level}/Project")]
    places["resourcemanager.organizations.setIamPolicy"] = [(ORGANISATION, f"{level}/Organization")]
    return tuple(
        Request(caller=caller, permission=permission, resource=resource, kind=kind, at=NOW)
        for permission, found in places.items()
        for resource, kind in found
        for caller in CALLERS
    )


REQUESTS = requests()


@settings(max_examples=150, deadline=None)
@given(estates)
def test_nobody_reaches_the_logs_who_is_neither_reported_nor_undetermined(estate: Estate) -> None:
    grants = store(estate.served()).grants
    assert [gap.unknown.detail for gap in grants.gaps if "internal error" in gap.unknown.detail] == []
    naive = estate.naive()
    for request in REQUESTS:
        if naive.allow(request) is Answer.ALLOWED:
            assert _told(request, grants), request


def _told(request: Request, grants: Listing[Grant]) -> bool:
    names = [str(action) for action, held in OF_STORE.items() if request.permission in held] or ["administer"]
    return all(
        any(text(grant.action) == action and _is(text(grant.principal), request.caller) for grant in grants.items)
        or any(
            action in dict(gap.limits).get("action", (action,))
            and any(_is(name, request.caller) for name in dict(gap.limits).get("principal", ("allUsers",)))
            for gap in grants.gaps
        )
        for action in names
    )


def _is(name: str, caller: Caller) -> bool:
    """Whether somebody is among those whom a name stands for; that of a domain is bare."""
    kind, _, address = caller.member.lower().partition(":")
    everybody = {"allUsers", *({"allAuthenticatedUsers"} if kind in {"user", "serviceaccount"} else ())}
    domain = address.rpartition("@")[2] if kind == "user" else ""
    return name in everybody | caller.sets or name.lower() in {caller.member.lower(), domain} - {""}


def test_a_witness_that_the_second_evaluator_refuses_is_no_grant() -> None:
    of = state(binding("roles/storage.objectViewer", ANA))
    with mock.patch.object(Policies, "allow", return_value=Answer.DENIED):
        grants = store(of).grants
    assert grants.items == ()
    assert {gap.unknown.detail.partition(":")[0] for gap in grants.gaps} == {"internal error"}
    assert {dict(gap.limits)["principal"] for gap in grants.gaps} == {(ANA,)}


@pytest.mark.parametrize(
    ("condition", "resource"),
    [
        (f'resource.name.startsWith("{OBJECTS}logs/2026/")', f"{OBJECTS}logs/2026/x"),
        (f'resource.name == "{OBJECTS}logs/one"', f"{OBJECTS}logs/one"),
        (f'!resource.name.startsWith("{OBJECTS}logs/x")', f"{OBJECTS}logs/y"),
    ],
)
def test_a_witness_asks_for_an_object_for_which_the_condition_holds(condition: str, resource: str) -> None:
    grants = store(state(binding("roles/storage.legacyObjectReader", EVE, condition=condition))).grants
    assert [text(grant.witness) for grant in grants.items] == [f"{EVE}: storage.objects.get on {resource}"]


def test_a_managed_folder_gives_what_lies_in_it_and_nothing_of_the_bucket() -> None:
    of = state()
    folders = {"logs/2026/": policy(binding("roles/storage.admin", EVE))}
    grants = store(replace(of, buckets={BUCKET: replace(of.buckets[BUCKET], folders=folders)})).grants
    witnesses = {text(grant.action): text(grant.witness).partition(" on ")[2] for grant in grants.items}
    assert witnesses["read"] == f"{OBJECTS}logs/2026/x"
    assert witnesses["list"] == f"{WHOLE}/managedFolders/logs/2026/"
    assert not any(".buckets." in text(grant.actions) for grant in grants.items)


def test_whom_a_deny_policy_spares_is_reported_where_the_public_is_stopped() -> None:
    rule: Record = {
        "deniedPrincipals": ("principalSet://goog/public:all",),
        "deniedPermissions": ("storage.googleapis.com/objects.*",),
        "exceptionPrincipals": ("principal://goog/subject/eve@other.example",),
    }
    grants = store(state(binding("roles/storage.objectViewer", "allUsers"), denied={ORGANISATION: (rule,)})).grants
    assert {text(grant.principal) for grant in grants.items} == {EVE}
    assert grants.gaps == ()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", True),
        ("true && !false", True),
        ("(true) || (false)", True),
        ("!(true || false)", False),
        ("'a' == 'b'", None),
        ("resource.name == ')' || resource.name != \"&&\"", True),
        ("request.time > timestamp('soon')", None),
        ("resource.matchTag('1/a', 'b') || true", True),
        ("resource.matchTag('1/a', 'b') && true", None),
        ("&& true", None),
        ("!", None),
        ("()", None),
    ],
)
def test_how_the_second_evaluator_reads_conditions(condition: str, expected: bool | None) -> None:  # noqa: FBT001 - given
    assert true_of(condition, WHOLE, "storage.googleapis.com/Bucket", NOW) is expected
