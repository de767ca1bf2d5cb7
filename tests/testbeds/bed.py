"""The whole bed at once, as `make demo` and the end-to-end tests use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from tests.testbeds import aws, databricks
from tests.testbeds.aws import Accounts, Moto, loopback_names, moto
from tests.testbeds.databricks import AccountApi, account_api
from tests.testbeds.estate import Estate, hide_half, mend_replication, seed_estate
from tests.testbeds.faults import FaultProxy, fault_proxy
from tests.testbeds.stores import LEGACY, LOG_ARCHIVE, PLATFORM

READER_ROLES: Mapping[str, str] = {
    account: f"arn:aws:iam::{account}:role/posture-read-only" for account in (PLATFORM, LOG_ARCHIVE, LEGACY)
}
"""The role to assume in each account that lets a reader in; the closed account has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A seeded estate behind fault proxies; clients should speak to the proxies."""

    moto: Moto
    aws: FaultProxy
    account: AccountApi
    databricks: FaultProxy
    accounts: Accounts
    estate: Estate

    def environment(self) -> dict[str, str]:
        """A child's whole environment: both clouds, and nothing of the developer's."""
        return {**databricks.environment(self.databricks.url), **aws.environment(self.aws.url)}


@contextmanager
def bed(*, now: datetime) -> Iterator[Bed]:
    """Start everything, seed the estate as of `now`, hide half of one store; all ends with the block."""
    with (
        moto() as peer,
        loopback_names(),
        fault_proxy(peer.url) as aws_proxy,
        account_api() as api,
        fault_proxy(api.url) as databricks_proxy,
    ):
        accounts = Accounts(endpoint=peer.url)
        estate = seed_estate(accounts, now=now)
        api.reset(estate.databricks)
        mend_replication(aws_proxy, estate.archive)
        hide_half(aws_proxy, estate.half_readable)
        yield Bed(moto=peer, aws=aws_proxy, account=api, databricks=databricks_proxy, accounts=accounts, estate=estate)
