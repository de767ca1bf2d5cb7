"""Plans with something wrong in them: judged or refused, and nothing passes for no reason."""

import copy
import json
import random

from posture.errors import PostureError
from posture.model.logic import Outcome
from tests.terraform.mutations import mutated, places
from tests.terraform.plans import Free
from tests.terraform.recipes import path_of
from tests.terraform.touched import touched, unexplained
from tests.terraform.verdicts import verdicts_of

NAMES = (
    "reference-create",
    "changes",
    "inline",
    "repeated",
    "secrets",
    "behind-local",
    "google",
    "google-no-op",
    "google-organization",
)


def read(name: str) -> Free:
    return json.loads(path_of(name).read_text(encoding="utf-8"))


def entry(document: Free, address: str) -> Free:
    (found,) = (each for each in document["resource_changes"] if each["address"] == address)
    return found


def test_mutated_plans_are_judged_or_refused_and_pass_only_what_changed() -> None:
    chance = random.Random(7)  # noqa: S311 - mutations, not secrets
    originals = {name: (document := read(name), list(places(document)), verdicts_of(document)) for name in NAMES}
    refused = 0
    for _ in range(70):
        document, where, before = originals[chance.choice(NAMES)]
        body = mutated(document, where, chance)
        try:
            after = verdicts_of(body)
        except PostureError:
            refused += 1
            continue
        assert unexplained(document, before, body, after).rows == ()
    assert 0 < refused < 40


def test_a_pass_without_a_reason_would_be_found() -> None:
    before, after = read("changes"), read("changes")
    entry(after, "aws_s3_bucket.logs")["change"]["after"]["force_destroy"] = False
    assert touched(before, after) == frozenset({"aws_s3_bucket.logs"})
    explained = unexplained(before, verdicts_of(before), after, verdicts_of(after))
    assert (explained.passes, explained.rows) == (1, ())
    elsewhere = copy.deepcopy(before)
    entry(elsewhere, "aws_s3_bucket.access")["change"]["after"]["tags"] = {"a": "b"}
    found = unexplained(before, verdicts_of(before), elsewhere, verdicts_of(after))
    assert (found.passes, len(found.rows)) == (1, 1)


def test_what_differs_between_resources_may_change_everything() -> None:
    before, after = read("reference-create"), read("reference-create")
    after["configuration"]["provider_config"]["aws"]["expressions"] = {}
    assert touched(before, after) is None
    assert touched(before, before) == frozenset()


def test_a_configured_resource_is_touched_with_its_module() -> None:
    before, after = read("reference-create"), read("reference-create")
    module = after["configuration"]["root_module"]["module_calls"]["audit_log_delivery"]["module"]
    module["resources"][1]["expressions"] = {}
    assert touched(before, after) == frozenset({f"module.audit_log_delivery.{module['resources'][1]['address']}"})


def test_the_plans_have_rows_of_every_outcome() -> None:
    outcomes = {row.outcome for name in NAMES for row in verdicts_of(read(name)).rows.values()}
    assert outcomes >= {Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN}
