"""Fixtures over the beds: servers start once per session, and every test finds them empty.

Use them through `pytest_plugins = ["tests.testbeds.fixtures"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.testbeds.aws import Accounts, Moto, loopback_names, moto, new_session
from tests.testbeds.canned import CannedAws, canned_aws
from tests.testbeds.databricks import AccountApi, account_api
from tests.testbeds.faults import FaultProxy, fault_proxy
from tests.testbeds.ministack import Ministack, ministack
from tests.testbeds.terraform.workspace import Terraform, installed, terraform

if TYPE_CHECKING:
    from boto3 import Session


@pytest.fixture(scope="session")
def moto_process() -> Iterator[Moto]:
    """One moto server for the session; take `aws` instead, which is empty."""
    with moto() as server, loopback_names():
        yield server


@pytest.fixture(scope="session")
def seeding_session() -> Session:
    """One boto3 session for all seeding."""
    return new_session()


@pytest.fixture
def aws(moto_process: Moto) -> Moto:
    """moto's server, empty."""
    moto_process.reset()
    return moto_process


@pytest.fixture
def accounts(aws: Moto, seeding_session: Session) -> Accounts:
    """Clients for seeding, per account and region, straight at the peer."""
    return Accounts(endpoint=aws.url, session=seeding_session)


@pytest.fixture(scope="session")
def aws_proxy_process(moto_process: Moto) -> Iterator[FaultProxy]:
    """One fault proxy before moto; take `aws_proxy` instead, which has no rules."""
    with fault_proxy(moto_process.url) as proxy:
        yield proxy


@pytest.fixture
def aws_proxy(aws: Moto, aws_proxy_process: FaultProxy) -> FaultProxy:  # noqa: ARG001 before an empty peer
    """The fault proxy before moto, without rules, nothing counted."""
    aws_proxy_process.reset()
    return aws_proxy_process


@pytest.fixture(scope="session")
def databricks_process() -> Iterator[AccountApi]:
    """One account stand-in for the session; take `databricks` instead, which is empty."""
    with account_api() as api:
        yield api


@pytest.fixture
def databricks(databricks_process: AccountApi) -> AccountApi:
    """The account stand-in with an empty account."""
    databricks_process.reset()
    return databricks_process


@pytest.fixture(scope="session")
def databricks_proxy_process(databricks_process: AccountApi) -> Iterator[FaultProxy]:
    """One fault proxy before the stand-in; take `databricks_proxy` instead, which has no rules."""
    with fault_proxy(databricks_process.url) as proxy:
        yield proxy


@pytest.fixture
def databricks_proxy(databricks: AccountApi, databricks_proxy_process: FaultProxy) -> FaultProxy:  # noqa: ARG001 as above
    """The fault proxy before the account stand-in, without rules, nothing counted."""
    databricks_proxy_process.reset()
    return databricks_proxy_process


@pytest.fixture(scope="session")
def canned_process() -> Iterator[CannedAws]:
    """One canned AWS without latency; take `canned` instead, which has counted nothing."""
    with canned_aws() as server, loopback_names():
        yield server


@pytest.fixture
def canned(canned_process: CannedAws) -> CannedAws:
    """The canned AWS, nothing counted."""
    canned_process.reset()
    return canned_process


@pytest.fixture(scope="session")
def ministack_process() -> Iterator[Ministack]:
    """One ministack that checks identity policies; take `ministack_server` instead, which is empty."""
    with ministack() as server, loopback_names():
        yield server


@pytest.fixture
def ministack_server(ministack_process: Ministack) -> Ministack:
    """ministack with authentication on, empty."""
    ministack_process.reset()
    return ministack_process


@pytest.fixture(scope="session")
def terraform_command() -> Iterator[Terraform]:
    """Terraform and the stand-in providers; what one test applies, another can see, if they name the same bucket."""
    if not installed():
        pytest.skip("Terraform is not here: `make test` gets it")
    with terraform() as command:
        yield command
