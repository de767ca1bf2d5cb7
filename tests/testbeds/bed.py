"""The whole bed at once, as `make demo` and the end-to-end tests use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from tests.testbeds import aws, databricks
from tests.testbeds.aws import HOME, Accounts, loopback_names, moto
from tests.testbeds.databricks import AccountApi, account_api
from tests.testbeds.estate import Estate, hide_half, mend_replication, seed_estate
from tests.testbeds.faults import FaultProxy, fault_proxy
from tests.testbeds.ministack import MinistackAccounts, ministack
from tests.testbeds.stores import LEGACY, LOG_ARCHIVE, PLATFORM

READER_ROLES: Mapping[str, str] = {
    account: f"arn:aws:iam::{account}:role/posture-read-only" for account in (PLATFORM, LOG_ARCHIVE, LEGACY)
}
"""The role to assume in each account that lets a reader in; the closed account has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A seeded estate behind fault proxies; clients should speak to the proxies."""

    aws: FaultProxy
    account: AccountApi
    databricks: FaultProxy
    accounts: Accounts
    estate: Estate

    def environment(self) -> dict[str, str]:
        """A child's whole environment: both clouds, and nothing of the developer's."""
        keys = self.accounts.credentials(HOME)
        return {**databricks.environment(self.databricks.url), **aws.environment(self.aws.url, credentials=keys)}


@contextmanager
def bed(*, now: datetime) -> Iterator[Bed]:
    """Start everything, seed the estate as of `now`, hide half of one store; all ends with the block."""
    with moto() as peer, _seeded(Accounts(endpoint=peer.url), now) as ready:
        yield ready


@contextmanager
def bed_on_ministack(*, now: datetime) -> Iterator[Bed]:
    """The same on the other peer, as far as that can hold it: without what blocks the public from whole accounts."""
    with ministack(checks_policies=False) as peer, _seeded(MinistackAccounts(endpoint=peer.url), now) as ready:
        yield ready


@contextmanager
def _seeded(accounts: Accounts, now: datetime) -> Iterator[Bed]:
    with (
        loopback_names(),
        fault_proxy(accounts.endpoint) as aws_proxy,
        account_api() as api,
        fault_proxy(api.url) as databricks_proxy,
    ):
        estate = seed_estate(accounts, now=now)
        api.reset(estate.databricks)
        mend_replication(aws_proxy, estate.archive)
        hide_half(aws_proxy, estate.half_readable)
        yield Bed(aws=aws_proxy, account=api, databricks=databricks_proxy, accounts=accounts, estate=estate)
