"""Who is trusted: the owner, its organisation, named vendors, and whoever the configuration accepts.

The scope of a grant is labelled here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import date

from posture.frozen import dataclass
from posture.model.accounts import same
from posture.model.facts import Fact, Known, Listing, Reason, Unknown
from posture.model.subjects import HolderKind, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabricksPartition:
    """Databricks' own AWS identities in one AWS partition, as its Terraform provider publishes them."""

    name: str  # commercial, govcloud, dod
    arn_partition: str
    account: str
    delivery_role: str
    master_role: str  # Unity Catalog's
    account_host: str


MICROSOFT_TENANT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The owner of Microsoft's own applications, the one of Azure Databricks among them."""

DATABRICKS_PARTITIONS = (
    DatabricksPartition(
        name="commercial",
        arn_partition="aws",
        account="414351767826",
        delivery_role="arn:aws:iam::414351767826:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK",
        master_role="arn:aws:iam::414351767826:role/unity-catalog-prod-UCMasterRole-14S5ZJVKOTYTL",
        account_host="https://accounts.cloud.databricks.com",
    ),
    DatabricksPartition(
        name="govcloud",
        arn_partition="aws-us-gov",
        account="044793339203",
        delivery_role="arn:aws-us-gov:iam::044793339203:role/SaasUsageDeliveryRole-prod-aws-gov-IAMRole-L4QM0RCHYQ1G",
        master_role="arn:aws-us-gov:iam::044793339203:role/unity-catalog-prod-UCMasterRole-1QRFA8SGY15OJ",
        account_host="https://accounts.cloud.databricks.us",
    ),
    DatabricksPartition(
        name="dod",
        arn_partition="aws-us-gov",
        account="170661010020",
        delivery_role="arn:aws-us-gov:iam::170661010020:role/SaasUsageDeliveryRole-prod-aws-gov-dod-IAMRole-1DMEHBYR8VC5P",
        master_role="arn:aws-us-gov:iam::170661010020:role/unity-catalog-prod-UCMasterRole-1DI6DL6ZP26AS",
        account_host="https://accounts-dod.cloud.databricks.mil",
    ),
)

# On Google Cloud Databricks delivers for all its customers as one service account, which lies in one of its projects.
GOOGLE_HOST = "https://accounts.gcp.databricks.com"
GOOGLE_PROJECT = "databricks-prod-master"
GOOGLE_DELIVERY = f"serviceAccount:log-delivery@{GOOGLE_PROJECT}.iam.gserviceaccount.com"
DIRECT_WRITERS = (GOOGLE_DELIVERY,)
"""Whom Databricks writes as without becoming an identity of ours first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An account or organisation outside our own that may hold grants, for a reason and for a time."""

    principal: str  # an account, project or domain, an organisation, or a principal as its provider writes it
    reason: str
    expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustZone:
    """Whom a store's owner trusts. `accounts` are our own beside the owner's."""

    accounts: frozenset[str] = frozenset()  # of AWS, and tenants of Azure in lower case
    organisation: str = ""
    accepted: tuple[Accepted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A class of principals. `account` is empty where there is none, or where nobody says which it is.

    `source` is on whose behalf a service acts: an account, an ARN or an organisation; None where anybody will do.
    """

    kind: HolderKind
    name: str = "*"
    account: str = ""
    source: str | None = None


_NOT_ASKED: Fact[str] = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="which organisation is our own was not read",
    needs="`organisation` under `trust` in posture.yaml",
)
_NO_LIST: Listing[str] = Listing.unread(
    Unknown(
        reason=Reason.NOT_COLLECTED,
        detail="the accounts of our organisation were not listed",
        needs="organizations:ListAccounts, or the account under `trust` in posture.yaml",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What scopes are measured against. The organisation and its accounts are read only when a grant asks for them.

    `asked` answers for an account that nothing here names, where the provider itself tells whose it is.
    """

    owner: str
    zone: TrustZone
    today: date
    canonical_id: Fact[str] = field(default=Known(value="", sources=()))  # of the owner; empty: nobody is named by one
    organisation: Callable[[], Fact[str]] = field(default=lambda: _NOT_ASKED)  # ours; empty when there is none
    members: Callable[[], Listing[str]] = field(default=lambda: _NO_LIST)
    asked: Callable[[str], Fact[Scope]] | None = None


def scope_of(holder: Holder, ground: Ground) -> Fact[Scope]:
    """How a holder stands to the owner of a store. An acceptance that has expired no longer counts."""
    match holder.kind:
        case HolderKind.ANONYMOUS | HolderKind.ANY_ACCOUNT:
            return _known(Scope.PUBLIC)
        case HolderKind.ACCOUNT_PATTERN:
            return _known(Scope.OUTSIDE)
        case HolderKind.CANONICAL_USER:
            return ground.canonical_id.then(lambda own: _known(Scope.OWN if holder.name == own else Scope.OUTSIDE))
        case HolderKind.ORGANISATION:
            return _of_organisation(holder.name, ground)
        case HolderKind.ACCOUNT | HolderKind.PRINCIPAL:
            return _of_account(holder.account, holder.name, ground)
        case HolderKind.SERVICE:
            return _of_service(holder, ground)
        case HolderKind.DOMAIN:
            return _of_account(holder.name, holder.name, ground)
        case HolderKind.UNIQUE_ID | HolderKind.FEDERATED | HolderKind.GROUP | HolderKind.KEY_HOLDER:
            return _accepted_or_not_read(holder.name, ground)


def scope_of_writer(scope: Fact[Scope], delivers: Fact[bool]) -> Fact[Scope]:
    """The role that our own Databricks account names as its writer is ours, whatever account it lies in."""
    if not isinstance(scope, Known) or scope.value is not Scope.OUTSIDE:
        return scope
    match delivers:
        case Unknown():
            return delivers
        case Known(value=ours, sources=sources):
            return Known(value=Scope.OWN, sources=sources) if ours else scope


def is_vendor(account: str) -> bool:
    """Whether an account is Databricks' own, or the tenant in which Microsoft keeps its own applications."""
    return account in {GOOGLE_PROJECT, MICROSOFT_TENANT} or any(
        partition.account == account for partition in DATABRICKS_PARTITIONS
    )


def delivery_roles() -> frozenset[str]:
    """The roles as which Databricks delivers, in all partitions."""
    return frozenset(partition.delivery_role for partition in DATABRICKS_PARTITIONS)


def _known(scope: Scope) -> Fact[Scope]:
    return Known(value=scope, sources=())


def _of_service(holder: Holder, ground: Ground) -> Fact[Scope]:
    source = holder.source
    if source is None:
        return _known(Scope.OUTSIDE)
    if source.startswith("o-"):
        return _of_organisation(source, ground)
    if not holder.account:
        return Unknown(reason=Reason.UNDETERMINED, detail=f"whose resource `{source}` is is not read")
    return _of_account(holder.account, source, ground)


def _accepted_or_not_read(name: str, ground: Ground) -> Fact[Scope]:
    if _accepted(name, ground):
        return _known(Scope.ACCEPTED)
    return Unknown(reason=Reason.UNDETERMINED, detail=f"who stands behind `{name}` is not read")


def _of_organisation(name: str, ground: Ground) -> Fact[Scope]:
    if _accepted(name, ground):
        return _known(Scope.ACCEPTED)
    return ground.organisation().map(lambda ours: Scope.ORGANISATION if ours and ours == name else Scope.OUTSIDE)


def _of_account(account: str, name: str, ground: Ground) -> Fact[Scope]:
    if account == ground.owner or account in ground.zone.accounts:
        return _known(Scope.OWN)
    if _accepted(account, ground) or _accepted(name, ground):
        return _known(Scope.ACCEPTED)
    if is_vendor(account):
        return _known(Scope.VENDOR)
    ours = same(account, ground.owner)
    if isinstance(ours, Unknown):
        return ours
    if ground.asked is not None:
        return ground.asked(account)
    return _of_member(account, ground) if ground.zone.organisation else _known(Scope.OUTSIDE)


def _of_member(account: str, ground: Ground) -> Fact[Scope]:
    """An organisation that the configuration trusts makes its accounts ours, as far as they can be listed."""
    members = ground.members()
    if account in members.items:
        return Known(value=Scope.ORGANISATION, sources=members.sources)
    if members.gaps:
        return members.gaps[0].unknown
    return Known(value=Scope.OUTSIDE, sources=members.sources)


def _accepted(name: str, ground: Ground) -> bool:
    names = {name, name.removesuffix(":root").rpartition(":")[2]} if name.endswith(":root") else {name}
    return any(entry.principal in names and entry.expires >= ground.today for entry in ground.zone.accepted)
