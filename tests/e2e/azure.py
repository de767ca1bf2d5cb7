"""Azure alone, behind a fault proxy: the tenant of the estate, its well-kept part or its neglected one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from posture.adapters import registry
from posture.adapters.azure.live.limits import Limits
from posture.adapters.azure.wing import AzureWing
from posture.model.subjects import Provider
from tests.testbeds.arm import TENANT, Arm, ArmState, arm, environment
from tests.testbeds.azure import NEGLECTED, STREAM, bad_state, good_state
from tests.testbeds.faults import FaultProxy, fault_proxy
from tests.testbeds.tls import certificate

CONFIGURATION = """\
azure:
  tenant: {tenant}
  resource_manager: {url}
  graph: {url}
"""
NAMED = f"""\
stores:
  - uri: https://{NEGLECTED}.blob.core.windows.net
  - uri: https://{STREAM}.servicebus.windows.net/databricks
"""


@dataclass(kw_only=True)
class AzureWorld:
    """The stand-in, the proxy before it, and what a posture.yaml names of the estate that is shown."""

    peer: Arm
    azure: FaultProxy
    certificate: Path
    stores: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What a run sees: a workload with a managed identity."""
        return {
            **environment(self.peer.url, str(self.certificate)),
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
        }

    @property
    def configuration(self) -> str:
        """A posture.yaml that leads here."""
        return CONFIGURATION.format(tenant=TENANT, url=self.azure.url) + self.stores

    def good(self) -> None:
        """A workspace that delivers everything into the archive, a stream and a table: all are found."""
        self.begin(good_state(self.azure.url, now=_now()))

    def bad(self) -> None:
        """A workspace that delivers little into the neglected account, which is named, as is the stream."""
        self.begin(bad_state(self.azure.url, now=_now()), stores=NAMED)

    def begin(self, state: ArmState, *, stores: str = "") -> None:
        """Show any estate, without faults, nothing counted."""
        self.azure.reset()
        self.peer.reset(state)
        self.stores = stores

    def proxy(self, _operation: str) -> FaultProxy:
        """What stands before the peer of an operation."""
        return self.azure


@contextmanager
def azure_world(folder: Path) -> Iterator[AzureWorld]:
    """Everything, until the block ends."""
    files = certificate(folder)
    with arm() as peer, fault_proxy(peer.url, tls=files) as proxy:
        yield AzureWorld(peer=peer, azure=proxy, certificate=files[0])


@contextmanager
def short_azure_limits(seconds: float = 1.0) -> Iterator[None]:
    """One attempt for every call."""
    limits = Limits(connect_seconds=seconds, read_seconds=seconds, attempts=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.WINGS, Provider.AZURE, lambda settings: AzureWing(settings, limits=limits))
        yield


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
