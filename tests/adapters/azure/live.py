"""The wing with the real SDKs, as a managed identity of a seeded estate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from posture.adapters.azure.live.limits import Limits
from posture.adapters.azure.normalise.refs import source_ref
from posture.adapters.azure.wing import AzureWing
from posture.adapters.wing import Followed
from posture.model.contributions import StoreContribution
from posture.model.leads import Found, Lead, StoreRef, Target
from posture.model.settings import AzureAccess, Settings
from posture.model.subjects import Kind, Provider
from posture.model.trust import TrustZone
from posture.reading import Reading
from tests.testbeds import arm
from tests.testbeds.arm import Arm
from tests.testbeds.azure import AzureEstate, azure_estate
from tests.testbeds.databricks import Record
from tests.testbeds.faults import FaultProxy

NOW = datetime(2026, 3, 1, tzinfo=UTC)
QUICK = Limits(connect_seconds=1, read_seconds=2, attempts=1)


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A stand-in behind its proxy."""

    peer: Arm
    proxy: FaultProxy
    certificate: Path

    def begin(self) -> AzureEstate:
        """The whole estate, without faults, nothing counted."""
        self.proxy.reset()
        estate = azure_estate(self.proxy.url, now=NOW)
        self.peer.reset(estate.state)
        return estate

    def change(self, *changed: Record, without: frozenset[str] = frozenset()) -> None:
        """Put other resources in the place of those with their ids, and take some away."""
        new = {str(each["id"]).lower(): each for each in changed}
        gone = {*new, *(each.lower() for each in without)}
        kept = [each for each in self.peer.state.resources if str(each["id"]).lower() not in gone]
        self.peer.state = replace(self.peer.state, resources=(*kept, *new.values()))

    def properties(self, resource_id: str, **changed: object) -> None:
        """Set members of a resource's properties; None takes one away."""
        old = next(each for each in self.peer.state.resources if str(each["id"]).lower() == resource_id.lower())
        inner = old["properties"]
        assert isinstance(inner, Mapping)
        merged = {key: value for key, value in {**inner, **changed}.items() if value is not None}
        self.change({**old, "properties": merged})  # type: ignore[dict-item]  # JSON, as the callers write it

    def settings(self, *, trust: TrustZone | None = None, **access: object) -> Settings:
        """What a posture.yaml for this cloud says."""
        azure = AzureAccess(resource_manager=self.proxy.url, graph=self.proxy.url)
        return Settings(azure=replace(azure, **access), trust=trust or TrustZone())  # type: ignore[arg-type]  # its fields

    def wing(self, *, limits: Limits = QUICK, trust: TrustZone | None = None, **access: object) -> AzureWing:
        """A wing as the managed identity."""
        return AzureWing(self.settings(trust=trust, **access), limits=limits)


def environment(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    """This process as a workload in Azure, with nothing of the developer's own."""
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_TOKEN_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    for name, text in arm.environment(cloud.peer.url, str(cloud.certificate)).items():
        if name in {"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "REQUESTS_CA_BUNDLE", "NO_PROXY"}:
            monkeypatch.setenv(name, text)


@contextmanager
def reading(*, concurrency: int = 8) -> Iterator[Reading]:
    one = Reading(as_of=NOW, concurrency=concurrency)
    try:
        yield one
    finally:
        one.close()


def lead(target: Target, *, resource_id: str = "") -> Lead:
    return Lead(target=target, found=Found(how="test"), resource_id=resource_id)


def storage(name: str) -> StoreRef:
    return StoreRef(provider=Provider.AZURE, kind=Kind.STORAGE_ACCOUNT, name=f"{name}.blob.core.windows.net")


def followed(wing: AzureWing, *leads: Lead) -> list[Followed]:
    with reading() as once:
        return [wing.follow(each, once) for each in leads]


def store_of(wing: AzureWing, one: Lead) -> StoreContribution:
    (only,) = followed(wing, one)
    (contribution,) = only.contributions
    assert isinstance(contribution, StoreContribution)
    return contribution


def tenant() -> Lead:
    return lead(source_ref(""))
