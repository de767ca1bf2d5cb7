"""The stand-in of Azure for all tests of the wing: started once, and found as seeded by every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.azure.live import Cloud, environment
from tests.testbeds.arm import arm
from tests.testbeds.azure import AzureEstate
from tests.testbeds.faults import fault_proxy
from tests.testbeds.tls import certificate


@pytest.fixture(scope="session")
def azure_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    files = certificate(tmp_path_factory.mktemp("tls"))
    with arm() as peer, fault_proxy(peer.url, tls=files) as proxy, pytest.MonkeyPatch.context() as patch:
        cloud = Cloud(peer=peer, proxy=proxy, certificate=files[0])
        environment(patch, cloud)
        yield cloud


@pytest.fixture
def cloud(azure_process: Cloud) -> Cloud:
    azure_process.begin()
    return azure_process


@pytest.fixture
def estate(cloud: Cloud) -> AzureEstate:
    return cloud.begin()
