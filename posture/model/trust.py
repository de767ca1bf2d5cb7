"""Who is trusted: the owner, its organisation, named vendors, and whoever the configuration accepts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from posture.model.subjects import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabricksPartition:
    """Databricks' own AWS identities in one AWS partition, as its Terraform provider publishes them."""

    name: str  # commercial, govcloud, dod
    arn_partition: str
    account: str
    delivery_role: str
    account_host: str


DATABRICKS_PARTITIONS = (
    DatabricksPartition(
        name="commercial",
        arn_partition="aws",
        account="414351767826",
        delivery_role="arn:aws:iam::414351767826:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK",
        account_host="https://accounts.cloud.databricks.com",
    ),
    DatabricksPartition(
        name="govcloud",
        arn_partition="aws-us-gov",
        account="044793339203",
        delivery_role="arn:aws-us-gov:iam::044793339203:role/SaasUsageDeliveryRole-prod-aws-gov-IAMRole-L4QM0RCHYQ1G",
        account_host="https://accounts.cloud.databricks.us",
    ),
    DatabricksPartition(
        name="dod",
        arn_partition="aws-us-gov",
        account="170661010020",
        delivery_role="arn:aws-us-gov:iam::170661010020:role/SaasUsageDeliveryRole-prod-aws-gov-dod-IAMRole-1DMEHBYR8VC5P",
        account_host="https://accounts-dod.cloud.databricks.mil",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An account or organisation outside our own that may hold grants, for a reason and for a time."""

    principal: str  # a 12-digit account id, an organisation id or an ARN
    reason: str
    expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustZone:
    """Whom a store's owner trusts. `accounts` are our own beside the owner's."""

    accounts: frozenset[str] = frozenset()
    organisation: str = ""
    accepted: tuple[Accepted, ...] = ()


def scope_of(account: str, *, owner: str, zone: TrustZone, today: date) -> Scope:
    """How an account stands to the owner of a store. An acceptance that has expired no longer counts."""
    if account == owner or account in zone.accounts:
        return Scope.OWN
    if any(partition.account == account for partition in DATABRICKS_PARTITIONS):
        return Scope.VENDOR
    if any(entry.principal == account and entry.expires >= today for entry in zone.accepted):
        return Scope.ACCEPTED
    return Scope.OUTSIDE
