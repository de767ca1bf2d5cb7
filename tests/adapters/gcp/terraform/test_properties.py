"""Policies at the end of a plan, against what the provider does: each resource written in turn, by another hand."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.gcp.terraform.build import beside, bound, bucket, config, known, plan
from tests.terraform.plans import Free

ROLES = ("roles/storage.legacyBucketReader", "roles/storage.objectViewer", "roles/storage.admin")
WHO = ("user:a@x.example", "user:b@x.example", "allUsers", "projectViewer:acme-logs")
CONDITIONS = ("", 'resource.name.startsWith("x")')
Key = tuple[str, str]

roles, members, conditions = st.sampled_from(ROLES), st.sampled_from(WHO), st.sampled_from(CONDITIONS)
keys = st.tuples(roles, conditions)
bindings = st.dictionaries(keys, st.sets(members, min_size=1), max_size=3)
single = st.lists(st.tuples(keys, members), max_size=4, unique=True)


def condition(text: str) -> Free:
    return [{"title": "t", "expression": text, "description": ""}] if text else []


def owning(owned: Mapping[Key, set[str]]) -> list[dict[str, Free]]:
    kind = "google_storage_bucket_iam_binding"
    return [
        beside(kind, f"b{index}", role=role, members=sorted(who), condition=condition(text))
        for index, ((role, text), who) in enumerate(owned.items())
    ]


def adding(added: list[tuple[Key, str]]) -> list[dict[str, Free]]:
    kind = "google_storage_bucket_iam_member"
    return [
        beside(kind, f"m{index}", role=role, member=who, condition=condition(text))
        for index, ((role, text), who) in enumerate(added)
    ]


def written(found: Mapping[Key, set[str]]) -> dict[str, set[str]]:
    return {f"{role} if {text}" if text else role: set(who) for (role, text), who in found.items() if who}


def new() -> dict[Key, set[str]]:
    owners = {"projectEditor:acme-logs", "projectOwner:acme-logs"}
    return {
        ("roles/storage.legacyBucketOwner", ""): set(owners),
        ("roles/storage.legacyBucketReader", ""): {"projectViewer:acme-logs"},
        ("roles/storage.legacyObjectOwner", ""): set(owners),
        ("roles/storage.legacyObjectReader", ""): {"projectViewer:acme-logs"},
    }


@given(bindings, single)
def test_what_does_not_rival_is_bound_as_the_provider_binds_it(
    owned: dict[Key, set[str]], added: list[tuple[Key, str]]
) -> None:
    made = plan(bucket(uniform_bucket_level_access=True), *owning(owned), *adding(added))
    expected = new() | {key: set(who) for key, who in owned.items()}
    for key, who in added:
        if key not in owned:
            expected.setdefault(key, set()).add(who)
    policy = config(made).policy
    assert bound(policy) == written(expected)
    rivals = any(key in owned for key, _ in added)
    assert bool(known(policy).doubts) is rivals


@given(bindings)
def test_a_policy_is_all_there_is(stated: dict[Key, set[str]]) -> None:
    items = [
        {"role": role, "members": sorted(who), **({"condition": condition(text)[0]} if text else {})}
        for (role, text), who in stated.items()
    ]
    entry = beside("google_storage_bucket_iam_policy", policy_data=json.dumps({"bindings": items}))
    policy = config(plan(bucket(uniform_bucket_level_access=True), entry)).policy
    assert bound(policy) == written(stated)
    assert known(policy).doubts == ()
