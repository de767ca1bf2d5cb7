"""Plans of azurerm with something wrong in them: judged or refused, and nothing passes for no reason."""

from __future__ import annotations

import copy
import random
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posture.errors import PostureError
from posture.model.logic import Outcome
from tests.adapters.azure import planned_others as other
from tests.adapters.azure.planned import ACCOUNT, CUSTOMER_KEY, LINKS, NOW, SETTING, changing, creating
from tests.terraform.mutations import JUNK, mutated, places
from tests.terraform.plans import Free
from tests.terraform.touched import unexplained
from tests.terraform.verdicts import Verdicts, overturned, verdicts_of

ALSO = {**other.TABLED, **other.STREAMED, **other.BESIDE}
ALSO[SETTING] = {**other.STREAMED[SETTING], "log_analytics_workspace_id": other.TABLES_ID}
BOUND: Mapping[str, Mapping[str, str]] = {**other.TABLED_LINKS, **other.STREAMED_LINKS, **other.BESIDE_LINKS}
LINKED = {**BOUND, SETTING: {**BOUND[SETTING], "log_analytics_workspace_id": f"{other.TABLES}.id"}}
FORMS = ("first", "again")
_DECIDING = (ACCOUNT, other.COPY, CUSTOMER_KEY, other.HUB_KEY, other.CLUSTER_KEY, other.LINK)
"""With these broken it is another store, or one without a key of its own, of which other things are asked."""
bounded = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@cache
def document(form: str) -> Free:
    return creating(also=ALSO, references=LINKED) if form == "first" else changing(also=ALSO)


@cache
def verdicts(form: str) -> Verdicts:
    return verdicts_of(document(form))


@cache
def where(form: str) -> list[Any]:
    return list(places(document(form)))


def entries(body: Free, without: Collection[str] = ()) -> list[Free]:
    """The resources of which something is known, but for some."""
    return [each for each in body["resource_changes"] if each["change"]["after"] and each["address"] not in without]


@given(st.sampled_from(FORMS), st.randoms(use_true_random=False))
@bounded
def test_mutated_plans_are_judged_or_refused_and_pass_only_what_changed(form: str, chance: random.Random) -> None:
    body = mutated(document(form), where(form), chance)
    try:
        after = verdicts_of(body)
    except PostureError:
        return
    assert unexplained(document(form), verdicts(form), body, after).rows == ()


@given(st.sampled_from(FORMS), st.data())
@bounded
def test_a_value_that_becomes_unknown_turns_no_verdict(form: str, data: st.DataObject) -> None:
    body = copy.deepcopy(document(form))
    entry = data.draw(st.sampled_from(entries(body)))
    name = data.draw(st.sampled_from(sorted(entry["change"]["after"])))
    del entry["change"]["after"][name]
    entry["change"]["after_unknown"][name] = True
    assert overturned(verdicts(form), verdicts_of(body)) == []


@given(st.sampled_from(FORMS), st.data())
@bounded
def test_a_value_of_another_type_passes_nothing_new(form: str, data: st.DataObject) -> None:
    body = copy.deepcopy(document(form))
    entry = data.draw(st.sampled_from(entries(body, _DECIDING)))
    name = data.draw(st.sampled_from(sorted(entry["change"]["after"])))
    entry["change"]["after"][name] = data.draw(st.sampled_from(JUNK))
    assert unexplained(document(form), verdicts(form), body, verdicts_of(body)).rows == ()


@given(st.sampled_from(FORMS), st.data())
@bounded
def test_a_satellite_that_is_left_out_passes_only_what_rests_on_it(form: str, data: st.DataObject) -> None:
    body = copy.deepcopy(document(form))
    entry = data.draw(st.sampled_from(entries(body, _DECIDING)))
    body["resource_changes"].remove(entry)
    assert unexplained(document(form), verdicts(form), body, verdicts_of(body)).rows == ()


def test_the_estate_has_rows_of_every_outcome_and_kind() -> None:
    for form in FORMS:
        found = verdicts(form)
        assert {row.outcome for row in found.rows.values()} >= {Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN}
        assert len(found.stores) == 4, found.stores
    assert LINKS.keys() < {*NOW}
