"""One bed for all end-to-end tests; each takes the Databricks account that it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.world import World, furnish, moment
from tests.testbeds.bed import bed


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The seeded peers; `World.begin` and its kin decide what a run finds there."""
    now = moment()
    with bed(now=now) as started:
        furnish(started)
        yield World(bed=started, now=now)
