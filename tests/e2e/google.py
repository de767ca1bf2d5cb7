"""Google Cloud alone, behind a fault proxy: the organisation of the estate, and stores that the user names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from posture.adapters import registry
from posture.adapters.databricks.wing import DatabricksWing
from posture.adapters.gcp.live.limits import Limits
from posture.adapters.gcp.wing import GoogleWing
from posture.model.settings import Settings
from posture.model.subjects import Provider
from tests.testbeds import databricks, google
from tests.testbeds.databricks import ACCOUNT, AccountApi, AccountState, account_api
from tests.testbeds.faults import FaultProxy, fault_proxy
from tests.testbeds.google import GoogleApi, GoogleState, google_api
from tests.testbeds.google_estate import (
    ARCHIVE,
    ELSEWHERE_ID,
    LOGS_ID,
    NEGLECTED,
    PLATFORM_ID,
    bad_state,
    good_state,
)
from tests.testbeds.records import delivered, log_delivery, storage_configuration, workspace


@dataclass(frozen=True, kw_only=True)
class GoogleWorld:
    """The stand-ins and the proxies before them."""

    api: GoogleApi
    google: FaultProxy
    account: AccountApi
    databricks: FaultProxy
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a run sees."""
        return {
            **databricks.environment(self.databricks.url),
            **google.environment(self.google.url, self.folder),
        }

    @property
    def configuration(self) -> str:
        """A posture.yaml that names the Databricks account alone: the stores are found."""
        return f"databricks:\n  - host: {self.databricks.url}\n    account_id: {ACCOUNT}\ngcp: {{perimeters: true}}\n"

    def good(self) -> None:
        """One delivery that works, into the well-kept store."""
        self._begin(good_state(), ARCHIVE, "audit", workspaces="acme-elsewhere")

    def bad(self) -> None:
        """One delivery into the neglected store, in the project of the workspaces."""
        self._begin(bad_state(), NEGLECTED, "logs", workspaces=PLATFORM_ID)

    def proxy(self, operation: str) -> FaultProxy:
        """What stands before the peer of an operation."""
        return self.databricks if operation.startswith("databricks:") else self.google

    def _begin(self, state: GoogleState, bucket: str, prefix: str, *, workspaces: str) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self.google.reset()
        self.databricks.reset()
        self.api.reset(state)
        mine = dict(workspace(1, "prod", storage="root"))
        del mine["credentials_id"]
        delivery = dict(log_delivery("audit", storage="logs", credentials="", prefix=prefix, health=delivered(now)))
        del delivery["credentials_id"]
        self.account.reset(
            AccountState(
                log_delivery=(delivery,),
                storage_configurations=(
                    storage_configuration("logs", bucket),
                    storage_configuration("root", "acme-ws"),
                ),
                workspaces=({**mine, "cloud": "gcp", "cloud_resource_container": {"gcp": {"project_id": workspaces}}},),
                cloud="GCP",
            )
        )


@contextmanager
def google_world(folder: Path) -> Iterator[GoogleWorld]:
    """Everything, until the block ends."""
    with (
        google_api() as api,
        fault_proxy(api.url) as google_proxy,
        account_api() as account,
        fault_proxy(account.url) as databricks_proxy,
    ):
        yield GoogleWorld(api=api, google=google_proxy, account=account, databricks=databricks_proxy, folder=folder)


@contextmanager
def short_google_limits(seconds: float = 5.0) -> Iterator[None]:
    """One attempt for every call, and the host of Databricks on Google Cloud wherever it listens."""
    limits = Limits(connect_seconds=seconds, read_seconds=seconds, retry_seconds=0.001, longest_wait=0.001)
    wings: Mapping[Provider, Callable[[Settings], object]] = {
        Provider.GCP: lambda settings: GoogleWing(settings, limits=limits),
        Provider.DATABRICKS: lambda settings: DatabricksWing(
            settings, http_timeout_seconds=seconds, retry_timeout_seconds=1.0
        ),
    }
    with pytest.MonkeyPatch.context() as patch:
        for provider, wing in wings.items():
            patch.setitem(registry.WINGS, provider, wing)
        yield


__all__ = ["ELSEWHERE_ID", "LOGS_ID", "GoogleWorld", "google_world", "short_google_limits"]
