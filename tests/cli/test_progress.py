"""What a walk tells while it goes on, and what is done meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from posture.adapters.wing import Followed
from posture.cli.progress import meanwhile, progress
from posture.model.leads import Found, Lead, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import Kind, Provider
from posture.reading import Reading
from posture.worklist import Progress, walk

STORES = tuple(StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=name, prefix="") for name in ("a", "b"))


class Nothing:
    """Follows every lead, and finds nothing."""

    def follow(self, _lead: Lead, _reading: Reading) -> Followed:
        return Followed()


def test_work_is_done_once_before_the_first_place_is_told() -> None:
    told: list[Progress | str] = []
    leads = [Lead(target=store, found=Found(how="a test names it")) for store in STORES]
    reading = Reading(as_of=datetime(2026, 3, 1, tzinfo=UTC))
    watching = meanwhile(lambda: told.append("work"), told.append)
    walk(leads, lambda _target: Nothing(), Settings(), reading, watching)
    start, *places = (step for step in told if isinstance(step, Progress))
    assert told[:2] == ["work", start]
    assert start == Progress(done=0, known=2, target=None)
    assert [step.done for step in places] == [1, 2]
    finished: set[Target | None] = {step.target for step in places}
    assert finished == set(STORES)
    assert told.count("work") == 1


def test_nothing_is_told_where_nobody_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    with progress() as watch:
        watch(Progress(done=0, known=2, target=None))
