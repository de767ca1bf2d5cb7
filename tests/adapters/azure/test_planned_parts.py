"""What belongs to parts of accounts is looked for once, not once for each account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from posture.adapters.azure.terraform import settings
from posture.adapters.azure.terraform.identities import ACCOUNT as IDENTITY
from posture.adapters.azure.terraform.tools import Tools, tools_of
from posture.adapters.planned import Premises
from posture.model.settings import Settings
from posture.reading import Reading
from posture.terraform.inventory import Identity
from posture.terraform.resources import Resource
from tests.adapters.azure.planned import ACCOUNT, WATCHING, created


def test_each_setting_is_looked_at_once_for_all_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = created()
    account = next(each for each in plan.resources if each.address.text == ACCOUNT)
    reading = Reading(as_of=datetime(2026, 3, 1, tzinfo=UTC), replayed=())
    tools = tools_of(Premises(plan=plan, settings=Settings(), context=reading))
    looked: list[str] = []

    def part_of(_: Tools, satellite: Resource, __: str, ___: Identity) -> Resource | None:
        looked.append(satellite.address.text)
        return account if satellite.address.text == WATCHING else None

    monkeypatch.setattr(Tools, "part_of", part_of)
    kind, attribute = settings.KIND, "target_resource_id"
    found = [tools.of_parts(owner, kind, attribute, IDENTITY) for owner in (account, *plan.of_kind(kind), account)]
    assert [[each.address.text for each in parts] for parts in found if parts] == [[WATCHING], [WATCHING]]
    assert sorted(looked) == sorted(each.address.text for each in plan.of_kind(kind))
