"""Whose the members of bindings are, and the topics that a bucket tells of new objects."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posture.model.facts import Unknown
from posture.model.settings import GoogleAccess
from posture.model.trust import Accepted, TrustZone
from tests.adapters.gcp.world import BUCKET, NOW, held, state, store, text, viewers
from tests.testbeds.google import Node
from tests.testbeds.google_estate import DELIVERY, DOMAIN, FOLDER, LOGS, LOGS_ID, ORGANISATION, project

POOL = "iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p"
WHO = {
    "allUsers": "public",
    "allAuthenticatedUsers": "public",
    f"user:ana@{DOMAIN}": "own",
    "user:eve@gmail.com": "outside",
    "user:eve@other.example": "outside",
    f"serviceAccount:etl@{LOGS_ID}.iam.gserviceaccount.com": "own",
    f"serviceAccount:{LOGS}-compute@developer.gserviceaccount.com": "own",
    f"serviceAccount:service-{LOGS}@gs-project-accounts.iam.gserviceaccount.com": "own",
    f"serviceAccount:project-{LOGS}@storage-transfer-service.iam.gserviceaccount.com": "own",
    f"serviceAccount:bqcx-{LOGS}-a1b2@gcp-sa-bigquery-condel.iam.gserviceaccount.com": "own",
    f"serviceAccount:connection-{LOGS}-a1b2@gcp-sa-bigquery-condel.iam.gserviceaccount.com": "own",
    f"serviceAccount:service-{LOGS}@dataproc-accounts.iam.gserviceaccount.com": "own",
    f"serviceAccount:service-{LOGS}@gae-api-prod.google.com.iam.gserviceaccount.com": "own",
    f"serviceAccount:{LOGS}@cloudbuild.gserviceaccount.com": "own",
    f"serviceAccount:service-{LOGS}@gs-project-accounts-two.iam.gserviceaccount.com": "outside",
    f"serviceAccount:project-{LOGS}@a-transfer-service.iam.gserviceaccount.com": "outside",
    "serviceAccount:project-700999@storage-transfer-service.iam.gserviceaccount.com": "outside",
    f"serviceAccount:{LOGS_ID}@appspot.gserviceaccount.com": "own",
    f"serviceAccount:{LOGS_ID}.svc.id.goog[audit/reader]": "own",
    "serviceAccount:etl@other-co.iam.gserviceaccount.com": "outside",
    "serviceAccount:cloud-logs@system.gserviceaccount.com": "outside",
    DELIVERY: "vendor",
    "group:auditors@acme.example": "unknown: undetermined",
    f"projectViewer:{LOGS_ID}": "own",
    f"projectViewer:{LOGS}": "own",
    "projectViewer:other-co": "outside",
    f"principal://{POOL}/subject/s": "unknown: undetermined",
    "principalSet://iam.googleapis.com/locations/global/workforcePools/p/group/g": "unknown: undetermined",
    f"principalSet://cloudresourcemanager.googleapis.com/projects/{LOGS}/type/ServiceAccount": "own",
    f"principalSet://cloudresourcemanager.googleapis.com/{ORGANISATION}/type/ServiceAccount": "own",
    "principalSet://cloudresourcemanager.googleapis.com/organizations/1/type/ServiceAccount": "outside",
    "something new": "unknown: undetermined",
}


@pytest.mark.parametrize(("member", "scope"), WHO.items())
def test_whose_a_member_is(member: str, scope: str) -> None:
    assert held(store(state(viewers(member))).grants) == {(member, "list", scope), (member, "read", scope)}


def test_a_domain_is_named_as_such() -> None:
    grants = store(state(viewers(f"domain:{DOMAIN}", "domain:other.example"))).grants
    assert held(grants) == {
        *((DOMAIN, action, "own") for action in ("list", "read")),
        *(("other.example", action, "outside") for action in ("list", "read")),
    }


@pytest.mark.parametrize(
    "member",
    [
        "deleted:user:eve@gmail.com?uid=1",
        "deleted:group:g@other.example?uid=1",
        "deleted:serviceAccount:x@other-co.iam.gserviceaccount.com?uid=1",
        f"deleted:principal://{POOL}/subject/s?uid=1",
        f"deleted:principalSet://{POOL}/group/g?uid=1",
    ],
)
def test_a_deleted_member_is_given_nothing(member: str) -> None:
    grants = store(state(viewers(member))).grants
    assert (grants.items, grants.gaps) == ((), ())


@pytest.mark.parametrize("group", ["group:auditors@acme.example", "group:all@other.example"])
def test_who_is_in_a_group_is_not_known_and_the_group_is_named(group: str) -> None:
    found = store(state(viewers(group))).grants.items
    assert {text(grant.principal) for grant in found} == {group}
    scopes = [grant.scope for grant in found if isinstance(grant.scope, Unknown)]
    assert len(scopes) == len(found)
    assert all(group in scope.detail for scope in scopes)


def test_a_bucket_of_somebody_without_an_organisation() -> None:
    of = state(viewers("user:own@gmail.com", f"serviceAccount:x@{LOGS_ID}.iam.gserviceaccount.com"))
    number = f"projects/{LOGS}"
    alone = replace(of.nodes[number], record={**of.nodes[number].record, "parent": ""})
    given = store(replace(of, nodes={number: alone}))
    assert (text(given.account), text(given.organisation)) == (LOGS_ID, "")
    assert {(who, scope) for who, _, scope in held(given.grants)} == {
        ("user:own@gmail.com", "outside"),
        (f"serviceAccount:x@{LOGS_ID}.iam.gserviceaccount.com", "own"),
    }
    assert given.grants.gaps == ()


def test_a_bucket_in_a_project_of_another_organisation_is_its_owners() -> None:
    """Whoever asks, scopes are measured from the owner: one of the bucket's own organisation is no stranger there."""
    of = state(viewers("user:eve@other.example", f"user:ana@{DOMAIN}"), more={"projectNumber": "700999"})
    theirs = {
        "organizations/1": Node(record={"name": "organizations/1", "displayName": "other.example"}),
        "projects/700999": project("700999", "other-co", "organizations/1"),
    }
    given = store(replace(of, nodes={**of.nodes, **theirs}))
    assert (text(given.account), text(given.organisation)) == ("other-co", "organizations/1")
    assert {(who, scope) for who, _, scope in held(given.grants)} == {
        ("user:eve@other.example", "own"),
        (f"user:ana@{DOMAIN}", "outside"),
    }


def test_what_is_ours_and_what_is_accepted_by_the_settings() -> None:
    members = ("user:a@partner.example", "user:b@sister.example", "serviceAccount:x@sister-co.iam.gserviceaccount.com")
    accepted = Accepted(principal="partner.example", reason="audit", expires=NOW.date())
    grants = store(
        state(viewers(*members, "group:g@partner.example")),
        google=GoogleAccess(domains=frozenset({"sister.example"}), projects=frozenset({"sister-co"})),
        trust=TrustZone(
            accepted=(accepted, replace(accepted, principal="group:g@partner.example")),
        ),
    ).grants
    assert {(who, scope) for who, _, scope in held(grants)} == {
        (members[0], "accepted"),
        (members[1], "own"),
        (members[2], "own"),
        ("group:g@partner.example", "accepted"),
    }


def test_a_project_of_the_same_organisation_is_ours() -> None:
    of = state(viewers("serviceAccount:x@acme-other.iam.gserviceaccount.com"))
    ours = project("700777", "acme-other", FOLDER)
    nodes = {**of.nodes, "projects/700777": ours, FOLDER: Node(record={"name": FOLDER, "parent": ORGANISATION})}
    assert {scope for *_, scope in held(store(replace(of, nodes=nodes)).grants)} == {"own"}
    theirs = {**nodes, "projects/700777": project("700777", "acme-other", "")}
    assert {scope for *_, scope in held(store(replace(of, nodes=theirs)).grants)} == {"outside"}


def test_a_project_that_is_not_shown_is_a_strangers_only_where_all_of_ours_are_shown() -> None:
    of = replace(state(viewers("serviceAccount:x@other-co.iam.gserviceaccount.com")), shows_all=False)
    grants = store(of).grants
    assert {scope for *_, scope in held(grants)} == {"unknown: denied"}
    (first, *_) = grants.items
    assert "resourcemanager.projects.get" in getattr(first.scope, "needs", "")


TOPICS = {
    f"//pubsub.googleapis.com/projects/{LOGS_ID}/topics/t": "own",
    f"projects/{LOGS_ID}/topics/t": "own",
    f"//pubsub.googleapis.com/projects/{LOGS}/topics/t": "own",
    "//pubsub.googleapis.com/projects/other-co/topics/t": "outside",
    "//pubsub.googleapis.com/projects/sister-co/topics/t": "own",
    "somewhere": "unknown: undetermined",
}


@pytest.mark.parametrize(("topic", "scope"), TOPICS.items())
def test_whose_the_topics_are_that_are_told_of_new_objects(topic: str, scope: str) -> None:
    of = state()
    told = replace(of.buckets[BUCKET], notifications=({"topic": topic},))
    ours = GoogleAccess(projects=frozenset({"sister-co"}))
    (found,) = store(replace(of, buckets={BUCKET: told}), google=ours).exposure.subscribers.items
    assert (text(found.target), text(found.scope)) == (topic, scope)
