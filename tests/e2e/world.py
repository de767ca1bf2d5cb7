"""The peers and everything seeded in them, and the Databricks accounts that lead to parts of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from posture.adapters import registry
from posture.adapters.aws.live import sessions
from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.live.models import ServiceModels
from posture.adapters.aws.wing import AwsWing
from posture.adapters.databricks.wing import DatabricksWing
from posture.model.settings import Settings
from posture.model.subjects import Provider
from tests.testbeds import statements as say
from tests.testbeds.bed import READER_ROLES, Bed
from tests.testbeds.databricks import ACCOUNT, AccountState
from tests.testbeds.estate import (
    account_of,
    bad_account,
    delivery,
    good_account,
    hide_half,
    mend_replication,
    mixed_account,
)
from tests.testbeds.faults import FaultProxy
from tests.testbeds.records import delivered
from tests.testbeds.seed import document, new_access_point, new_multi_region_access_point

CONFIGURATION = "posture.yaml"

SIGN_IN = frozenset({"databricks:config", "databricks:oidc", "databricks:token"})
"""How the SDK comes to a token: calls that are not of the account API."""


@dataclass(frozen=True, kw_only=True)
class World:
    """A bed, and the moment as of which deliveries are fresh."""

    bed: Bed
    now: datetime

    @property
    def environment(self) -> dict[str, str]:
        """What a run sees; a call is made once, for a fault that ends on a second try is another test's."""
        return {**self.bed.environment(), "AWS_MAX_ATTEMPTS": "1"}

    @property
    def configuration(self) -> str:
        """A posture.yaml that names the Databricks account and a role in each account that lets readers in."""
        roles = "\n".join(f'  "{account}": {{role_arn: "{role}"}}' for account, role in READER_ROLES.items())
        host = self.bed.databricks.url
        return f"databricks:\n  - host: {host}\n    account_id: {ACCOUNT}\naccounts:\n{roles}\n"

    def proxy(self, operation: str) -> FaultProxy:
        """What stands before the peer of an operation."""
        return self.bed.databricks if operation.startswith("databricks:") else self.bed.aws

    def begin(self, state: AccountState) -> None:
        """Take an account, without faults, nothing counted."""
        self.bed.aws.reset()
        self.bed.databricks.reset()
        self.bed.account.reset(state)
        mend_replication(self.bed.aws, self.bed.estate.archive)

    def good(self) -> None:
        """An account whose one delivery works, into the well-kept store."""
        self.begin(good_account(self.bed.estate.archive.store, now=self.now))

    def bad(self) -> None:
        """An account whose one delivery fails, into a neglected bucket that is a workspace's root."""
        retired = self.bed.estate.retired
        self.begin(bad_account(retired, now=self.now))

    def hidden(self) -> None:
        """A healthy account that delivers to a store of which half can be read, and to one that is closed."""
        estate = self.bed.estate
        stores = (estate.half_readable, estate.unreadable)
        self.begin(account_of(stores, tuple(delivery(store, health=delivered(self.now)) for store in stores)))
        hide_half(self.bed.aws, estate.half_readable)

    def mixed(self) -> None:
        """The account of the demo: every store, and each kind of trouble once."""
        self.begin(mixed_account(self.bed.estate, now=self.now))
        hide_half(self.bed.aws, self.bed.estate.half_readable)


def furnish(bed: Bed) -> None:
    """Give the good and the bad store what the demo does without: access points, and a policy attached to the writer.

    They make the reads happen that would follow up on them.
    """
    estate, accounts = bed.estate, bed.accounts
    for store in (estate.archive.store, estate.retired):
        bucket, prefix = store.bucket, store.prefix
        own = {**say.administered_by(bucket.account), "Action": "s3:GetObject", "Resource": "*"}
        new_access_point(accounts, bucket, f"to-{bucket.name}"[:40], [own])
        new_multi_region_access_point(accounts, bucket, f"to-{bucket.name}"[:40], [own])
        iam = accounts.client("iam", account=bucket.account)
        policy = document(say.documented_writes(bucket, prefix or "*"))
        arn = iam.create_policy(PolicyName="writes-audit-logs", PolicyDocument=policy)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=store.writer.rpartition("/")[2], PolicyArn=arn)


@contextmanager
def short_limits(seconds: float = 5.0) -> Iterator[None]:
    """The wings with shortened time limits and one attempt, as whoever embeds them can have them.

    The service models are also read from disk once for all runs, which is most of what a small run costs.
    """
    limits = Limits(connect_seconds=seconds, read_seconds=seconds, attempts=1)
    wings: Mapping[Provider, Callable[[Settings], object]] = {
        Provider.AWS: lambda settings: AwsWing(settings, limits=limits),
        Provider.DATABRICKS: lambda settings: DatabricksWing(
            settings, http_timeout_seconds=seconds, retry_timeout_seconds=1.0
        ),
    }
    models = ServiceModels(None)
    with pytest.MonkeyPatch.context() as patch:
        for provider, wing in wings.items():
            patch.setitem(registry.WINGS, provider, wing)
        patch.setattr(sessions, "ServiceModels", lambda *_: models)
        yield


def moment() -> datetime:
    """Now, to the second, as reports write it."""
    return datetime.now(UTC).replace(microsecond=0)
