"""Who can reach a bucket, binding by binding, and what cuts a binding."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest

from posture.adapters.gcp.access.legacy import BY_BUCKET_ENTRY, BY_OBJECT_ENTRY, LEGACY
from posture.model.facts import Known, Reason
from posture.model.leads import Found, Lead, StoreRef
from posture.model.settings import GoogleAccess
from posture.model.subjects import Kind, Provider
from posture.reading import Reading
from tests.adapters.gcp.world import BUCKET, NOW, VIEWER, doubts, enforced, held, key, state, store, text, viewers, wing
from tests.testbeds.google import Bucket, GoogleState, Node, Record
from tests.testbeds.google_estate import (
    DELIVERY,
    DOMAIN,
    FOLDER,
    KEY,
    LOGS,
    LOGS_ID,
    ORGANISATION,
    RING,
    binding,
    good_state,
    metadata,
    policy,
)

OBJECTS = f"projects/_/buckets/{BUCKET}/objects/"


def in_folder(of: GoogleState, *bindings: Record, denied: tuple[Record, ...] = ()) -> GoogleState:
    """The same with a folder between the project and the organisation."""
    number = f"projects/{LOGS}"
    inside = replace(of.nodes[number], record={**of.nodes[number].record, "parent": FOLDER})
    folder = Node(
        record={"name": FOLDER, "parent": ORGANISATION},
        policy=policy(*bindings),
        denials={"d": denied} if denied else {},
    )
    return replace(of, nodes={**of.nodes, number: inside, FOLDER: folder})


def test_a_folder_binds_denies_and_is_administered() -> None:
    eve = "user:eve@gmail.com"
    bound = store(in_folder(state(), viewers(eve))).grants
    assert held(bound) == {(eve, "list", "outside"), (eve, "read", "outside")}
    assert all(FOLDER in text(grant.via) for grant in bound.items)
    rule = deny("principal://goog/subject/eve@gmail.com")
    assert held(store(in_folder(state(viewers(eve)), denied=(rule,))).grants) == set()
    admin = store(in_folder(state(), binding("roles/resourcemanager.folderIamAdmin", eve))).grants
    assert {(text(grant.action), text(grant.witness)) for grant in admin.items} == {
        ("administer", f"{eve}: resourcemanager.folders.setIamPolicy on {FOLDER}")
    }
    on_project = state(above={f"projects/{LOGS}": policy(binding("roles/resourcemanager.folderIamAdmin", eve))})
    assert held(store(on_project).grants) == set()


@pytest.mark.parametrize("level", [ORGANISATION, f"projects/{LOGS}"])
def test_bindings_above_reach_down(level: str) -> None:
    grants = store(state(above={level: policy(viewers("user:eve@gmail.com"))})).grants
    assert ("user:eve@gmail.com", "read", "outside") in held(grants)
    assert level in text(grants.items[0].via)


def test_whoever_sets_the_policy_above_administers_below() -> None:
    grants = store(state(above={f"projects/{LOGS}": policy(binding("roles/owner", "user:eve@gmail.com"))})).grants
    assert ("user:eve@gmail.com", "administer", "outside") in held(grants)
    witness = next(text(grant.witness) for grant in grants.items if text(grant.action) == "administer")
    assert witness == f"user:eve@gmail.com: resourcemanager.projects.setIamPolicy on projects/{LOGS}"


def test_prevention_cuts_the_public_and_nobody_else() -> None:
    of = state(viewers("allUsers", "allAuthenticatedUsers", "user:eve@gmail.com"))
    kept_out = {("user:eve@gmail.com", action, "outside") for action in ("list", "read")}
    assert held(store(enforced(of)).grants) == kept_out
    by_bucket = state(
        viewers("allUsers", "user:eve@gmail.com"),
        more={
            "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "enforced"}
        },
    )
    assert held(store(by_bucket).grants) == kept_out
    exposure = store(enforced(of)).exposure
    assert isinstance(exposure.policy_public_as_documented, Known)
    assert exposure.policy_public_as_documented.value  # latent: it comes back when prevention goes


def test_a_custom_role_counts_by_its_permissions() -> None:
    role = "organizations/900100/roles/reads"
    of = state(binding(role, "user:eve@gmail.com"))
    of = replace(of, roles={**of.roles, role: ("storage.objects.get", "compute.instances.get")})
    assert held(store(of).grants) == {("user:eve@gmail.com", "read", "outside")}


@pytest.mark.parametrize(
    "role", ["roles/storage.unheardOf", "no role at all", "roles/storage.objectViewer_withcond_8f1d4a3b"]
)
def test_a_role_that_nobody_knows_leaves_a_gap(role: str) -> None:
    grants = store(state(binding(role, "user:eve@gmail.com"), viewers(f"user:ana@{DOMAIN}"))).grants
    assert {who for who, *_ in held(grants)} == {f"user:ana@{DOMAIN}"}
    (gap,) = grants.gaps
    assert dict(gap.limits)["principal"] == ("user:eve@gmail.com",)
    assert role in gap.unknown.detail


@pytest.mark.parametrize("version", [2, 4])
def test_a_policy_of_another_version_says_nothing(version: int) -> None:
    of = state(viewers("allUsers"))
    later = replace(of.buckets[BUCKET], policy={**policy(viewers("allUsers")), "version": version})
    grants = store(replace(of, buckets={BUCKET: later})).grants
    assert grants.items == ()
    assert [unknown.reason for unknown in doubts(grants)] == [Reason.UNDETERMINED]
    assert f"version {version}" in doubts(grants)[0].detail


CONDITIONS = {
    f'resource.name.startsWith("{OBJECTS}logs/")': {"read"},
    f'resource.name.startsWith("{OBJECTS}logs/2026/")': {"read"},
    f'resource.name.startsWith("{OBJECTS}other/")': set(),
    f'!resource.name.startsWith("{OBJECTS}logs/")': {"list"},
    f'resource.name == "projects/_/buckets/{BUCKET}"': {"list"},
    'resource.type == "storage.googleapis.com/Object"': {"read"},
    'resource.type != "storage.googleapis.com/Object"': {"list"},
    'resource.service == "storage.googleapis.com"': {"list", "read"},
    'request.time < timestamp("2027-01-01T00:00:00Z")': {"list", "read"},
    'request.time < timestamp("2026-01-01T00:00:00Z")': set(),
    'request.time > timestamp("2027-01-01T00:00:00Z")': set(),
    'request.time < timestamp("2026-01-01T00:00:00Z") || resource.service == "storage.googleapis.com"': {
        "list",
        "read",
    },
    f'(resource.type == "storage.googleapis.com/Bucket") || resource.name.startsWith("{OBJECTS}logs")': {
        "list",
        "read",
    },
}


@pytest.mark.parametrize(("condition", "actions"), CONDITIONS.items())
def test_conditions_that_are_decided(condition: str, actions: set[str]) -> None:
    grants = store(state(viewers("user:eve@gmail.com", condition=condition))).grants
    listed = {action for _, action, _ in held(grants)}
    undecided = {action for gap in grants.gaps for action in dict(gap.limits)["action"]}
    assert listed == actions
    assert undecided <= {"list"} - actions  # an object's name says nothing of listing, which is decided on the bucket


@pytest.mark.parametrize(
    "condition",
    [
        'resource.matchTag("1/env", "prod")',
        "request.time.getHours() < 8",
        'resource.name.extract("x/{y}") == "z"',
        "request.time <",
        "((((" * 30,
        'resource.name.startsWith("a") && resource.name.startsWith(b)',
        "",
    ][:-1],
)
def test_conditions_that_are_not_decided_leave_gaps(condition: str) -> None:
    grants = store(state(viewers("user:eve@gmail.com", condition=condition))).grants
    assert grants.items == ()
    assert {action for gap in grants.gaps for action in dict(gap.limits)["action"]} == {"list", "read"}
    assert {gap.unknown.reason for gap in grants.gaps} == {Reason.UNDETERMINED}
    assert all(condition in gap.unknown.detail for gap in grants.gaps)


def test_a_condition_is_told_and_an_unconditional_binding_makes_it_void() -> None:
    narrow = f'resource.name.startsWith("{OBJECTS}logs/2026/")'
    both_ways = state(
        viewers("user:eve@gmail.com", condition=narrow),
        binding("roles/storage.legacyObjectReader", "user:eve@gmail.com"),
    )
    reads = [grant for grant in store(both_ways).grants.items if text(grant.action) == "read"]
    assert [text(grant.conditions) for grant in reads] == [""]
    alone = store(state(viewers("user:eve@gmail.com", condition=narrow))).grants
    assert [text(grant.conditions) for grant in alone.items] == [narrow]


def deny(
    *principals: str,
    spared: tuple[str, ...] = (),
    permissions: tuple[str, ...] = ("storage.googleapis.com/objects.*",),
    condition: str = "",
) -> Record:
    rule: dict[str, object] = {"deniedPrincipals": principals, "deniedPermissions": permissions}
    if spared:
        rule["exceptionPrincipals"] = spared
    if condition:
        rule["denialCondition"] = {"expression": condition}
    return rule  # type: ignore[return-value]


EVERYBODY = "principalSet://goog/public:all"
DENIALS = [
    (deny(EVERYBODY), set(), set()),
    (deny("principal://goog/subject/eve@gmail.com"), set(), set()),
    (deny("principal://goog/subject/bob@gmail.com"), {"list", "read"}, set()),
    (deny(EVERYBODY, spared=("principal://goog/subject/eve@gmail.com",)), {"list", "read"}, set()),
    (deny(EVERYBODY, spared=("principalSet://goog/group/g@x.example",)), set(), {"list", "read"}),
    (deny("principalSet://goog/group/g@x.example"), set(), {"list", "read"}),
    (deny(EVERYBODY, permissions=("storage.googleapis.com/objects.get",)), {"list"}, set()),
    (deny(EVERYBODY, condition='resource.matchTag("1/a", "b")'), set(), {"list", "read"}),
]


@pytest.mark.parametrize(("rule", "left", "unsure"), DENIALS)
@pytest.mark.parametrize("level", [ORGANISATION, f"projects/{LOGS}"])
def test_deny_policies(rule: Record, left: set[str], unsure: set[str], level: str) -> None:
    grants = store(state(viewers("user:eve@gmail.com"), denied={level: (rule,)})).grants
    assert {action for _, action, _ in held(grants)} == left
    assert {action for gap in grants.gaps for action in dict(gap.limits)["action"]} == unsure


def test_a_deny_policy_for_one_person_leaves_the_public_in() -> None:
    rule = deny("principal://goog/subject/eve@gmail.com")
    grants = store(state(viewers("allUsers"), denied={ORGANISATION: (rule,)})).grants
    assert ("allUsers", "read", "public") in held(grants)


def test_a_level_that_is_not_shown_leaves_everything_open() -> None:
    of = state(viewers("allUsers"))
    hidden = {**of.nodes, ORGANISATION: replace(of.nodes[ORGANISATION], hidden=True)}
    grants = store(replace(of, nodes=hidden)).grants
    assert grants.items == ()  # a deny policy there may cut it
    assert {unknown.reason for unknown in doubts(grants)} == {Reason.DENIED}
    assert {unknown.needs for unknown in doubts(grants)} == {
        "iam.denypolicies.list",
        "resourcemanager.organizations.getIamPolicy",
    }


def test_deny_policies_that_nobody_asks_for_are_an_assumption_beside_each_grant() -> None:
    of = state(viewers("allUsers"))
    hidden = replace(of, nodes={**of.nodes, ORGANISATION: replace(of.nodes[ORGANISATION], hidden=True)})
    grants = store(hidden, google=GoogleAccess(deny_policies=False)).grants
    assert held(grants) == {("allUsers", "list", "public"), ("allUsers", "read", "public")}
    assert all("no deny policy stops" in text(grant.assumptions) for grant in grants.items)
    made, direct = wing(hidden, google=GoogleAccess(deny_policies=False))
    ref = StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name=BUCKET)
    made.follow(Lead(target=ref, found=Found(how="test")), Reading(as_of=NOW))
    assert not {name for name in direct.asked if name.startswith("iam:policies")}
    assert all("deny policy" not in text(grant.assumptions) for grant in store(of).grants.items)


def test_a_deny_policy_that_could_not_be_read_says_where_and_what_it_takes() -> None:
    of = state(viewers("allUsers"))
    hidden = replace(of, nodes={**of.nodes, ORGANISATION: replace(of.nodes[ORGANISATION], hidden=True)})
    (unknown, *_) = (each for each in doubts(store(hidden).grants) if each.needs == "iam.denypolicies.list")
    assert "`allUsers` could" in unknown.detail
    assert f"a deny policy of {ORGANISATION} may stop it (`deny_policies: false`" in unknown.detail


def test_lists_count_while_uniform_access_is_off() -> None:
    of = state(uniform=False)
    listed = Bucket(
        metadata=metadata(LOGS, uniform=False),
        policy=policy(),
        acl=(
            {"entity": "user-eve@gmail.com", "role": "WRITER"},
            {"entity": f"project-viewers-{LOGS}", "role": "READER"},
        ),
        default_acl=({"entity": "domain-other.example", "role": "READER"},),
    )
    given = store(replace(of, buckets={BUCKET: listed}))
    assert held(given.grants) == {
        *(("user:eve@gmail.com", action, "outside") for action in ("list", "write", "delete", "administer")),
        (f"projectViewer:{LOGS_ID}", "list", "own"),
        ("other.example", "read", "outside"),
    }
    (gap,) = given.grants.gaps
    assert "objects have lists of their own" in gap.unknown.detail
    assert dict(gap.limits)["action"] == ("read", "write", "delete", "administer")
    assert not any("storage.objects.create" in each for each in dict(gap.limits)["actions"])
    assert isinstance(given.acl.grants_beyond_owner, Known)
    assert given.acl.grants_beyond_owner.value


@pytest.mark.parametrize(
    ("where", "entry", "role"),
    [
        *(("bucket", entry, role) for entry, role in BY_BUCKET_ENTRY.items()),
        *(("new objects", entry, role) for entry, role in BY_OBJECT_ENTRY.items()),
    ],
)
def test_an_entry_of_a_list_gives_what_its_role_gives(where: str, entry: str, role: str) -> None:
    of = state(uniform=False)
    of = replace(of, roles={**of.roles, role: tuple(LEGACY[role])})
    plain = Bucket(metadata=metadata(LOGS, uniform=False), policy=policy())
    entries = ({"entity": "user-eve@gmail.com", "role": entry},)
    listed = replace(plain, acl=entries) if where == "bucket" else replace(plain, default_acl=entries)
    bound = replace(plain, policy=policy(binding(role, "user:eve@gmail.com")))
    by_list, by_role = (
        {(text(grant.action), text(grant.actions)) for grant in store(replace(of, buckets={BUCKET: each})).grants.items}
        for each in (listed, bound)
    )
    assert by_list == by_role != set()


def test_managed_folders_that_hold_the_prefix_or_lie_in_it() -> None:
    of = state()
    folders = {
        "logs/": policy(viewers("user:eve@gmail.com")),
        "logs/2026/": policy(viewers("user:mal@gmail.com")),
        "other/": policy(viewers("user:bob@gmail.com")),
    }
    given = store(replace(of, buckets={BUCKET: replace(of.buckets[BUCKET], folders=folders)}))
    assert {who for who, *_ in held(given.grants)} == {"user:eve@gmail.com", "user:mal@gmail.com"}


def test_an_account_with_an_hmac_key_says_so() -> None:
    account = f"etl@{LOGS_ID}.iam.gserviceaccount.com"
    of = replace(
        state(viewers(f"serviceAccount:{account}")),
        hmac_keys={LOGS: ({"serviceAccountEmail": account, "state": "ACTIVE"},)},
    )
    given = store(of)
    assert all("HMAC key" in text(grant.via) for grant in given.grants.items)
    assert text(given.credentials.identity_keys) == "True"
    elsewhere = {LOGS: ({"serviceAccountEmail": f"x@{LOGS_ID}.iam.gserviceaccount.com", "state": "ACTIVE"},)}
    assert text(store(replace(of, hmac_keys=elsewhere)).credentials.identity_keys) == "False"
    off: Record = {"serviceAccountEmail": account, "state": "INACTIVE"}
    assert text(store(replace(of, hmac_keys={LOGS: (off,)})).credentials.identity_keys) == "False"


@pytest.mark.parametrize(
    ("uniform", "expected"),
    [
        ({"enabled": True, "lockedTime": "2026-01-01T00:00:00Z"}, "True"),
        ({"enabled": True, "lockedTime": "2026-12-31T00:00:00Z"}, "False"),
        ({"enabled": True}, "False"),
        ({"enabled": False}, "False"),
        ({"enabled": True, "lockedTime": "soon"}, "unknown: malformed"),
    ],
)
def test_uniform_access_is_final_after_its_date(uniform: Record, expected: str) -> None:
    given = store(state(more={"iamConfiguration": {"uniformBucketLevelAccess": uniform}}))
    assert text(given.acl.off_for_good) == expected


def test_an_ip_filter_bounds_what_is_granted() -> None:
    narrow: Record = {"mode": "Enabled", "publicNetworkSource": {"allowedIpCidrRanges": ["198.51.100.0/24"]}}
    given = store(state(viewers("user:eve@gmail.com"), more={"ipFilter": narrow}))
    assert {text(grant.bound) for grant in given.grants.items} == {"named_network"}
    (rule,) = given.network.rules.items
    assert (text(rule.value), text(rule.prefix_length)) == ("198.51.100.0/24", "24")
    wide: Record = {"mode": "Enabled", "publicNetworkSource": {"allowedIpCidrRanges": ["0.0.0.0/0"]}}
    given = store(state(viewers("user:eve@gmail.com"), more={"ipFilter": wide}))
    assert {text(grant.bound) for grant in given.grants.items} == {"anywhere"}


def test_a_filter_that_would_not_be_shown_is_not_known_to_be_none() -> None:
    narrow: Record = {"mode": "Enabled", "publicNetworkSource": {"allowedIpCidrRanges": ["198.51.100.0/24"]}}
    hidden = replace(state(viewers("user:eve@gmail.com"), more={"ipFilter": narrow}), shows_filters=False)
    given = store(hidden)
    assert text(given.network.default_open) == "unknown: denied"
    assert {text(grant.bound) for grant in given.grants.items} == {"unknown: denied"}
    assert getattr(given.network.default_open, "needs", "") == "storage.buckets.getIpFilter"
    off = state(more={"ipFilter": {"mode": "Disabled"}})  # which says that it is shown
    assert text(store(off).network.default_open) == "True"


def around(*projects: str, doors: bool = False, services: tuple[str, ...] = ("storage.googleapis.com",)) -> Record:
    inside = tuple(f"projects/{number}" for number in projects)
    levels = ("accessPolicies/1/accessLevels/office",) if doors else ()
    status: Record = {"resources": inside, "restrictedServices": services, "accessLevels": levels}
    return {"name": "accessPolicies/1/servicePerimeters/p", "status": status}


@pytest.mark.parametrize(
    ("perimeters", "expected"),
    [
        ((), "anywhere"),
        ((around(LOGS),), "own_network"),
        ((around(LOGS, doors=True),), "unknown: undetermined"),
        ((around("1"),), "anywhere"),
        ((around(LOGS, services=("bigquery.googleapis.com",)),), "anywhere"),
        (({**around(LOGS), "perimeterType": "PERIMETER_TYPE_BRIDGE"},), "anywhere"),
        (({"name": "p", "status": {"resources": "all"}},), "unknown: malformed"),
    ],
)
def test_a_perimeter_bounds_grants_and_is_read_where_it_is_asked_for(
    perimeters: tuple[Record, ...], expected: str
) -> None:
    of = replace(state(viewers("allUsers")), perimeters=perimeters)
    asked = store(of, google=GoogleAccess(perimeters=True)).grants
    assert {text(grant.bound) for grant in asked.items} == {expected}
    assert {text(grant.assumptions) for grant in asked.items} == {""}
    unasked = store(of).grants
    assert {text(grant.bound) for grant in unasked.items} == {"anywhere"}
    assert all("perimeter" in text(grant.assumptions) for grant in unasked.items)


def test_the_delivery_account_is_the_vendor_and_its_role_more_than_it_needs() -> None:
    grants = store(state(binding("roles/storage.admin", DELIVERY))).grants
    assert {(action, scope) for _, action, scope in held(grants)} == {
        (action, "vendor") for action in ("list", "read", "write", "delete", "administer")
    }
    assert {text(grant.within_need) for grant in grants.items} == {"True"}
    assert all("roles/storage.objectUser" in text(grant.via) for grant in grants.items)


def test_the_delivery_account_above_the_bucket_has_more_than_is_documented() -> None:
    wide = policy(binding("roles/storage.admin", DELIVERY))
    grants = store(state(above={f"projects/{LOGS}": wide})).grants
    assert {text(grant.within_need) for grant in grants.items} == {"False"}


def test_who_can_use_a_key() -> None:
    of = good_state()
    open_ring = {RING: policy(binding("roles/cloudkms.admin", "user:eve@gmail.com"))}
    grants = key(replace(of, rings=open_ring), KEY).grants
    assert ("user:eve@gmail.com", "administer", "outside") in held(grants)
    agent = f"serviceAccount:service-{LOGS}@gs-project-accounts.iam.gserviceaccount.com"
    assert {(agent, "read", "own"), (agent, "write", "own")} <= held(grants)


@pytest.mark.parametrize("level", [ORGANISATION, f"projects/{LOGS}"])
def test_whoever_sets_the_policies_of_rings_from_above_administers_the_key(level: str) -> None:
    of, role = good_state(), f"{ORGANISATION}/roles/rings"
    above = replace(of.nodes[level], policy=policy(binding(role, "user:eve@gmail.com")))
    of = replace(of, nodes={**of.nodes, level: above}, roles={**of.roles, role: ("cloudkms.keyRings.setIamPolicy",)})
    (grant,) = (grant for grant in key(of, KEY).grants.items if text(grant.principal) == "user:eve@gmail.com")
    assert text(grant.witness) == f"user:eve@gmail.com: cloudkms.keyRings.setIamPolicy on {RING}"


def test_whoever_sets_the_policy_of_projects_by_the_organisation_administers_below() -> None:
    grants = store(state(above={ORGANISATION: policy(binding("roles/owner", "user:eve@gmail.com"))})).grants
    witness = next(text(grant.witness) for grant in grants.items if text(grant.action) == "administer")
    assert witness == f"user:eve@gmail.com: resourcemanager.projects.setIamPolicy on projects/{LOGS}"


def test_a_bucket_of_a_project_that_is_not_shown_keeps_its_facts_and_decides_no_grant() -> None:
    number = f"projects/{LOGS}"
    of = state(viewers("allUsers", "user:eve@gmail.com"), more={"versioning": {"enabled": True}})
    given = store(replace(of, nodes={**of.nodes, number: replace(of.nodes[number], hidden=True)}))
    assert text(given.integrity.versioning) == "enabled"
    assert text(given.account) == "unknown: denied"
    assert given.grants.items == ()
    assert {each.reason for each in doubts(given.grants)} == {Reason.DENIED}
    assert "resourcemanager.projects.get" in {each.needs for each in doubts(given.grants)}
    assert any(
        "`allUsers` could read" in each.detail.replace(", `user:eve@gmail.com`", "") for each in doubts(given.grants)
    )


def test_five_thousand_bindings_and_a_thousand_members_are_decided_in_a_moment() -> None:
    begun = process_time()
    many = tuple(binding(VIEWER, f"user:u{number}@gmail.com") for number in range(4_000))
    wide = binding("roles/storage.admin", *(f"user:m{number}@{DOMAIN}" for number in range(1_000)))
    narrow = tuple(
        viewers(f"user:n{number}@gmail.com", condition=f'resource.name.startsWith("{OBJECTS}logs/{number}/")')
        for number in range(999)
    )
    grants = store(state(*many, wide, *narrow)).grants
    assert len(grants.items) == 4_000 * 2 + 1_000 * 5 + 999
    assert len(grants.gaps) == 999  # of listing, which a condition on objects leaves open
    assert process_time() - begun < 20  # it takes 1.5 s; what grew with the square of them would take minutes
