"""A plan that says less decides less, and never otherwise; and no row goes away."""

import json
import random
from functools import cache

import pytest

from posture.model.logic import Outcome
from tests.terraform.hiding import hidden
from tests.terraform.plans import Free
from tests.terraform.recipes import path_of
from tests.terraform.verdicts import Verdicts, overturned, verdicts_of

TIMES = {  # more where most of what is hidden concerns no row
    **dict.fromkeys(("reference-create", "reference-no-op", "changes", "inline", "repeated"), 12),
    **dict.fromkeys(("google", "google-no-op", "google-organization"), 40),
}


@cache
def original(name: str) -> tuple[Free, Verdicts]:
    document = json.loads(path_of(name).read_text(encoding="utf-8"))
    return document, verdicts_of(document)


@pytest.mark.parametrize("name", TIMES)
def test_what_is_hidden_makes_nothing_but_unknown(name: str) -> None:
    document, before = original(name)
    chance = random.Random(name)  # noqa: S311 - mutations, not secrets
    opened = 0
    for _ in range(TIMES[name]):
        less, what = hidden(document, chance)
        after = verdicts_of(less)
        assert overturned(before, after) == [], what
        assert after.stores == before.stores, what
        opened += sum(row.outcome is Outcome.UNKNOWN for row in after.rows.values())
    assert opened > TIMES[name] * sum(row.outcome is Outcome.UNKNOWN for row in before.rows.values())
