"""Plans of Google's with something else in what decides about people: nothing passes but by what was changed."""

from __future__ import annotations

import copy
import json
import random
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from posture.errors import PostureError
from tests.terraform.mutations import JUNK, Place, places
from tests.terraform.plans import Free
from tests.terraform.recipes import path_of
from tests.terraform.touched import touched, unexplained
from tests.terraform.verdicts import Verdicts, verdicts_of

NAMES = ("google", "google-no-op", "google-organization")
OURS: tuple[Free, ...] = (
    *("allUsers", "allAuthenticatedUsers", "user:eve@gmail.com", "projectViewer:acme-logs", "domain:other.example"),
    *("roles/storage.admin", "roles/storage.newest", "organizations/1/roles/x", "principalSet://goog/public:all"),
    *(
        "projects/acme-logs",
        "folders/777",
        "organizations/900100",
        "cloudresourcemanager.googleapis.com%2Ffolders%2F777",
    ),
    *("enforced", "inherited", "TRUE", "FALSE", "true", "storage.googleapis.com/objects.list", "READER:allUsers"),
    *('resource.name.startsWith("x")', "request.time < timestamp('2020-01-01T00:00:00Z')", "1 ="),
    *(["allUsers"], [{"expression": "false", "title": "t"}], [{"rules": []}], '{"bindings": [{"role": 1}]}'),
)
ABSENT = frozenset(  # without these what lies above them decides, and no row can name what is not there
    f"google_org_policy_policy.{name}" for name in ("public", "public_above", "tls", "transport")
) | {"google_folder_organization_policy.uniform", "google_organization_policy.members"}
ACTIONS: tuple[Free, ...] = (["no-op"], ["create"], ["update"], ["delete"], ["delete", "create"], ["forget"], ["read"])


@cache
def original(name: str) -> tuple[Free, Verdicts]:
    document = json.loads(path_of(name).read_text(encoding="utf-8"))
    return document, verdicts_of(document)


def changed(document: Free, chance: random.Random) -> Free:
    """A copy with other values in one resource or two, among them those that mean something there."""
    body = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 2))):
        change = chance.choice(body["resource_changes"])["change"]
        where = [place for place in places(change) if place and place[0] in {"after", "after_unknown", "before"}]
        if chance.random() < 0.2 or not where:
            change["actions"] = chance.choice(ACTIONS)
        else:
            _put(change, chance.choice(where), chance)
    return body


def _put(value: Free, place: Place, chance: random.Random) -> None:
    *outer, last = place
    for step in outer:
        value = value[step]
    if isinstance(value, dict) and chance.random() < 0.2:
        del value[last]
    else:
        value[last] = copy.deepcopy(chance.choice(OURS if chance.random() < 0.6 else JUNK))


@settings(max_examples=40)
@given(st.sampled_from(NAMES), st.integers(min_value=0, max_value=2**32))
def test_what_is_changed_passes_for_that_reason_only(name: str, seed: int) -> None:
    document, before = original(name)
    body = changed(document, random.Random(seed))  # noqa: S311 - mutations, not secrets
    try:
        after = verdicts_of(body)
    except PostureError:
        return
    if not (touched(document, body) or set()) & ABSENT:
        assert unexplained(document, before, body, after).rows == ()
