"""One bed for all end-to-end tests, and a second peer; each test takes the Databricks account that it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.e2e.faulting")

from tests.e2e.world import World, furnish, moment  # noqa: E402 - after what must come before its import
from tests.testbeds.bed import bed, bed_on_ministack  # noqa: E402


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The seeded peers; `World.begin` and its kin decide what a run finds there."""
    now = moment()
    with bed(now=now) as started:
        furnish(started)
        yield World(bed=started, now=now)


@pytest.fixture(scope="session")
def ministack_world() -> Iterator[World]:
    """The same on ministack."""
    now = moment()
    with bed_on_ministack(now=now) as started:
        furnish(started)
        yield World(bed=started, now=now)
