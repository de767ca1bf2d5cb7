"""The Azure part of the demo: the stand-in behind TLS, seeded; the blob services are Azurite's where Node is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.testbeds import arm
from tests.testbeds.azure import KEPT, NEGLECTED, AzureEstate, azure_estate
from tests.testbeds.azurite_server import azurite, missing
from tests.testbeds.faults import FaultProxy, fault_proxy
from tests.testbeds.tls import certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureBed:
    """A seeded tenant; clients should speak to the proxy."""

    peer: arm.Arm
    proxy: FaultProxy
    estate: AzureEstate
    certificate: Path

    @property
    def configuration(self) -> str:
        """The section of a posture.yaml that leads here."""
        url = self.proxy.url
        return f"azure:\n  tenant: {arm.TENANT}\n  resource_manager: {url}\n  graph: {url}\n"

    def environment(self) -> dict[str, str]:
        """A child's whole environment, as a workload with a managed identity."""
        return arm.environment(self.peer.url, str(self.certificate))


@contextmanager
def azure_bed(*, now: datetime) -> Iterator[AzureBed]:
    """Start everything and seed it as of `now`; all ends with the block."""
    with ExitStack() as stack:
        files = certificate(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        peer = stack.enter_context(arm.arm())
        proxy = stack.enter_context(fault_proxy(peer.url, tls=files))
        blobs = proxy.url if missing() else stack.enter_context(azurite(files, KEPT, NEGLECTED))
        estate = azure_estate(blobs, now=now)
        peer.reset(estate.state)
        yield AzureBed(peer=peer, proxy=proxy, estate=estate, certificate=files[0])
