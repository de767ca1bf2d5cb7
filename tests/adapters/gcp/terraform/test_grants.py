"""What a plan decides of who gets in where nobody scanned what lies around it, and what it leaves open."""

from __future__ import annotations

from posture.model.facts import Listing, Reason
from posture.model.subjects import Grant
from tests.adapters.gcp.terraform.build import beside, bucket, plan, store
from tests.adapters.gcp.world import held, text
from tests.terraform.plans import Free, change

VIEWER = "roles/storage.objectViewer"
EVE = "user:eve@gmail.com"
UNREAD = "no deny policy that was not read stops the request"


def member(who: str, name: str = "a") -> dict[str, Free]:
    return beside("google_storage_bucket_iam_member", name, role=VIEWER, member=who, condition=[])


def logs(**more: Free) -> dict[str, Free]:
    return bucket(uniform_bucket_level_access=True, **more)


def prevention(enforce: str) -> dict[str, Free]:
    parent = "projects/acme-logs"
    after = {"name": f"{parent}/policies/storage.publicAccessPrevention", "parent": parent}
    return change("google_org_policy_policy.p", {**after, "spec": [{"rules": [{"enforce": enforce}]}]}, ["id"])


def strangers(grants: Listing[Grant]) -> set[tuple[str, str, str]]:
    return {each for each in held(grants) if each[2] in {"public", "outside"}}


def test_a_stranger_gets_in_unless_a_deny_policy_that_nobody_read_stops_it() -> None:
    grants = store(plan(logs(), member(EVE))).grants
    assert strangers(grants) == {(EVE, "list", "outside"), (EVE, "read", "outside")}
    assert all(UNREAD in text(grant.assumptions) for grant in grants.items)
    assert grants.gaps, "who else is bound above the bucket, a plan does not know"


def test_the_public_gets_in_where_the_plan_says_that_nothing_keeps_it_out() -> None:
    grants = store(plan(logs(), member("allUsers"), prevention("FALSE"))).grants
    assert strangers(grants) == {("allUsers", "list", "public"), ("allUsers", "read", "public")}


def test_whether_prevention_is_inherited_keeps_the_public_in_doubt() -> None:
    grants = store(plan(logs(public_access_prevention="inherited"), member("allUsers"), member(EVE, "b"))).grants
    assert strangers(grants) == {(EVE, "list", "outside"), (EVE, "read", "outside")}
    (doubt, *_) = [gap.unknown for gap in grants.gaps if "`allUsers` could read" in gap.unknown.detail]
    assert (doubt.reason, "--context" in doubt.needs) == (Reason.NOT_COLLECTED, True)


def test_prevention_of_the_plan_keeps_the_public_out() -> None:
    grants = store(plan(logs(), member("allUsers"), prevention("TRUE"))).grants
    assert strangers(grants) == set()
    assert all("public" not in dict(gap.limits)["scope"] for gap in grants.gaps)
