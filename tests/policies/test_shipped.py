"""The shipped policies keep their own promises: examples, words, and no fact that nobody asks for."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from posture.model.logic import Severity, Verdict
from posture.model.subjects import About
from posture.policy.assertions import AllOf, AnyOf, Assertion, ForEach, evaluate, words_used
from posture.policy.controls import Control
from posture.policy.examples import ExampleRun, imagined, run_examples
from posture.policy.glossary import glossary
from posture.policy.notation import render
from posture.policy.shipped import shipped_policies
from tests.policies.shipped import CONTROLS, POLICIES, names

FIXED_IN = {
    "s3_bucket": "aws",
    "storage_account": "azure",
    "event_hub": "azure",
    "log_analytics": "azure",
    "gcs_bucket": "gcp",
    "log_delivery": "databricks",
}

# Facts of stores and sources that no shipped control reads, and why.
UNUSED = {
    "account": "says where the store is; `isolation` and `resilience` compare it",
    "organisation": "says whose the store is; the scopes of grants compare it",
    "labels[].name": "what an owner writes on a store is for its own policies to ask for",
    "labels[].value": "the same",
    "region": "says where the store is; `resilience` compares it",
    "delivery.writer": "who may write is a question of access",
    "delivery.hours_since_success": "asked of each configuration of the source, where a disabled one does not count",
    "network.rules[].value": "names what is let through",
    "network.perimeter": "read where the configuration asks for it; the bounds of grants show what it cuts",
    "network.private_endpoints": "a way in for our own; whether the public one is closed is what matters",
    "network.foreign_copies_taken": "it lets something in, and whoever may write may write that anyway",
    "integrity.rewind_days": "logs on Azure are append blobs, which it leaves as they are",
    "monitoring.changes_listed": "`object_writes_recorded` asks for a record that the store does not keep itself",
    "credentials.stored_policies[].name": "names the policy",
    "credentials.stored_policies[].permissions": "any token of a log store that does not end is one too many",
    "monitoring.target": "names the target; `target_is_self` is what matters of it",
    "resilience.recovery_point_minutes": "how soon is soon enough is for the owner to say",
    "resilience.replicas[].uri": "names the copy, which is a store of its own",
    "resilience.replicas[].account": "`other_account` is what matters of it",
    "resilience.replicas[].region": "`other_region` is what matters of it",
    "resilience.replicas[].covers_prefix": "`replicated` is true only when a rule covers the logs",
    "exposure.policy_public_as_documented": "AWS's own answer counts; this one shows where the two differ",
    "exposure.requester_pays": "`delivery.writer_admitted` says what it means for deliveries",
    "exposure.subscribers[].target": "names the topic",
    "exposure.subscribers[].account": "`scope` says whose it is",
    "exposure.access_points[].name": "names the access point",
    "exposure.access_points[].vpc_only": "a VPC is no trust zone; `widens` says who gets in",
    "exposure.access_points[].policy_public": "a public policy is cut by the flags that `blocked` asks for",
    "encryption.key": "which key it has to be, a policy of one's own says",
    "containers[].name": "names the container",
    "containers[].worm_mode": "the store's own is that of its weakest container",
    "containers[].worm_days": "the same",
    "containers[].legal_hold": "a hold is for a case, and nobody asks that there be one",
    "delivery.configurations[].name": "names the configuration",
    "delivery.configurations[].status": "`succeeding` says what it means",
    "delivery.configurations[].filtered": "`covers_account_events` and `covers_all_workspaces` say what it means",
    "delivery.configurations[].store": "a store of its own",
}


# What a report tells of a grant, in each list of grants. No control asks for it.
TOLD = ("account", "actions", "via", "conditions", "witness", "assumptions")
OF_GRANTS = frozenset(
    f"{where}[].{each}"
    for where, asked in (
        ("grants", ("principal", "kind", "action", "scope", "bound", "confused_deputy", "within_need", "delivers")),
        ("encryption.key_grants", ("action", "scope", "delivers")),
        ("delivery.writer_trust", ("scope", "delivers")),
    )
    for each in sorted({*TOLD, "principal", "kind", "action", "bound", "confused_deputy", "within_need"} - set(asked))
)


def alternatives(assertion: Assertion) -> tuple[Assertion, ...]:
    """The arms of the any_of at the top of an assertion; none where there is no choice."""
    return assertion.children if isinstance(assertion, AnyOf) else ()


def scoping(assertion: Assertion) -> frozenset[str]:
    """The facts by which a loop picks the items that it is about."""
    match assertion:
        case ForEach(listing=listing, where=where, require=require):
            picked = frozenset() if where is None else words_used(where)
            return frozenset(f"{listing.path}[].{path}" for path in picked) | scoping(require)
        case AllOf(children=children) | AnyOf(children=children):
            return frozenset().union(*(scoping(child) for child in children))
        case _:
            return frozenset()


def words(text: str) -> frozenset[str]:
    """Words long enough to carry meaning."""
    return frozenset(re.findall(r"[a-z]{4,}", text.lower()))


def test_there_are_shipped_policies() -> None:
    assert [path.name for path in shipped_policies()] == ["audit-log-storage.yaml"]
    assert len(CONTROLS) == 113


def test_editors_find_the_schema() -> None:
    for path in shipped_policies():
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../posture/schemas/policy.schema.json"


RUNS = [
    pytest.param(run, id=f"{control.info.id}:{run.example.line}-{run.expected.name.lower()}")
    for control in CONTROLS
    for run in run_examples(control)
]


@pytest.mark.parametrize("run", RUNS)
def test_an_example_gets_the_verdict_it_is_listed_under(run: ExampleRun) -> None:
    assert run.got is run.expected
    assert run.evidence


@pytest.mark.parametrize("control", CONTROLS, ids=names)
def test_every_alternative_of_a_control_has_an_example_that_passes_by_it_alone(control: Control) -> None:
    passing = [
        imagined(example.facts, control.record) for example in control.examples if example.expected is Verdict.PASS
    ]
    for alternative in alternatives(control.require):
        others = [each for each in alternatives(control.require) if each is not alternative]
        assert any(
            evaluate(alternative, record)[0] is Verdict.PASS
            and all(evaluate(other, record)[0] is not Verdict.PASS for other in others)
            for record in passing
        ), render(alternative)


@pytest.mark.parametrize("control", CONTROLS, ids=names)
def test_every_test_of_a_control_has_an_example_that_fails_by_it(control: Control) -> None:
    deciding = {
        re.sub(r"\[\d+\]", "[]", seen.path)
        for run in run_examples(control)
        if run.got is Verdict.FAIL
        for seen in run.evidence
    }
    scopes = scoping(control.require)
    lists = {row.path for row in glossary() if row.sort == "list"}
    assert words_used(control.require) - lists - scopes == deciding - scopes


def test_ids_are_unique_and_free_of_numbers() -> None:
    counted = Counter(control.info.id for control in CONTROLS)
    assert [name for name, times in counted.items() if times > 1] == []
    assert [name for name in counted if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name)] == []


def test_titles_are_unique_sentences_without_a_period() -> None:
    titles = [control.info.title for control in CONTROLS]
    assert len(set(titles)) == len(titles)
    assert [title for title in titles if not title[0].isupper() or title.endswith(".") or "\n" in title] == []


@pytest.mark.parametrize("control", CONTROLS, ids=names)
def test_every_control_says_how_to_fix_it_where_it_applies(control: Control) -> None:
    kinds = next((values for name, values in control.applies_to if name == "kind"), ())
    places = {
        About.STORE: {FIXED_IN[kind] for kind in kinds if kind in FIXED_IN},
        About.SOURCE: set(dict(control.applies_to).get("provider", ("azure", "databricks"))),
        About.ESTATE: {"aws", "databricks"},
        About.CHANGE: {FIXED_IN[kind] for kind in kinds if kind in FIXED_IN},
    }
    assert {provider for provider, _ in control.info.fix} == places[control.info.about]
    assert all(text.endswith(".") and len(text) > 40 for _, text in control.info.fix)


@pytest.mark.parametrize("control", CONTROLS, ids=names)
def test_the_reason_is_the_harm_and_not_the_title_again(control: Control) -> None:
    title, why = words(control.info.title), words(control.info.why)
    assert control.info.why.endswith(".")
    assert len(why - title) >= 8
    assert len(title & why) <= len(title) * 2 // 3, sorted(title & why)


@pytest.mark.parametrize("control", CONTROLS, ids=names)
def test_every_control_has_appeared_in_a_release(control: Control) -> None:
    assert control.info.since == "0.1"


def test_every_fact_of_stores_and_sources_is_asked_for_or_has_a_reason() -> None:
    used = {(control.info.about, path) for control in CONTROLS for path in words_used(control.require)}
    facts = {
        row.path
        for row in glossary()
        if row.about in {About.STORE, About.SOURCE}
        and row.sort != "list"
        and row.path not in OF_GRANTS
        and (row.about, row.path) not in used
    }
    assert facts == set(UNUSED)


def test_critical_is_kept_for_logs_that_are_lost_already_or_for_ever_or_open_to_all() -> None:
    assert {control.info.id for control in CONTROLS if control.info.severity is Severity.CRITICAL} == {
        "audit-log-delivery-enabled",
        "encryption-key-not-scheduled-for-deletion",
        "no-public-read",
        "no-public-write",
        "no-public-delete",
        "no-public-administration",
        "store-not-destroyed",
        "key-not-destroyed",
        "delivery-not-stopped",
    }


def test_parameters_cannot_be_set_to_disarm_a_control() -> None:
    bounds = {
        parameter.name: (parameter.default, parameter.minimum, parameter.maximum)
        for policy in POLICIES
        for parameter in policy.parameters
    }
    assert bounds == {
        "maximum_hours_since_delivery": (24, 1, 168),
        "minimum_retention_days": (365, 90, None),
        "minimum_stream_days": (3, 1, 90),
        "minimum_worm_days": (365, 30, None),
        "minimum_soft_delete_days": (30, 7, None),
        "maximum_key_age_days": (90, 1, 365),
        "maximum_token_days": (7, 1, 90),
        "maximum_stored_policy_days": (90, 1, 365),
        "narrowest_open_prefix": (24, 16, 32),
        "minimum_log_categories": (
            ("accounts", "unityCatalog", "workspace", "secrets", "sqlPermissions", "notebook", "jobs", "clusters"),
            None,
            None,
        ),
        "break_glass_roles": ((), None, None),
    }
