"""What the user asked for, typed: from posture.yaml, the command line and the environment."""

from __future__ import annotations

from dataclasses import field

from posture.frozen import dataclass
from posture.model.leads import StoreRef
from posture.model.subjects import Role
from posture.model.trust import TrustZone


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAccess:
    """How to read one AWS account: a named profile, or a role to assume from the default identity."""

    account: str
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleAccess:
    """How to read Google Cloud, and what there is our own beside the organisation that owns a bucket.

    `impersonate` is the service account to read as; `quota_project` is charged for the calls.
    """

    organisation: str = ""  # organizations/123; empty: that of each bucket
    projects: frozenset[str] = frozenset()  # by id or number
    domains: frozenset[str] = frozenset()  # in lower case
    quota_project: str = ""
    impersonate: str = ""
    perimeters: bool = False  # read VPC Service Controls; else every grant says that they were not read
    deny_policies: bool = True  # read deny policies; else every grant says that they were not read


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureAccess:
    """How to read Azure: in which cloud and tenant, and which subscriptions; all that the credential reads if none.

    `client_id` picks one of several managed identities. `resource_manager` and `graph` are for clouds of one's own.
    """

    cloud: str = "public"  # public, us_government, china
    tenant: str = ""
    subscriptions: tuple[str, ...] = ()
    client_id: str = ""
    resource_manager: str = ""
    graph: str = ""
    discover: bool = True  # look for workspaces; else read only what is named


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabricksAccess:
    """A Databricks account to discover stores from. Empty fields are left to the SDK's own profiles and environment."""

    host: str = ""
    account_id: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedStore:
    """A store that the user names. `account` is its owner where the user says so."""

    ref: StoreRef
    found: str  # --store, or posture.yaml with its line
    account: str = ""
    role: Role = Role.DELIVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that decides what a scan looks at and as whom."""

    databricks: tuple[DatabricksAccess, ...] = ()
    stores: tuple[NamedStore, ...] = ()
    aws_profile: str = ""
    aws_region: str = ""
    accounts: tuple[AwsAccess, ...] = ()
    google: GoogleAccess = field(default_factory=GoogleAccess)
    azure: AzureAccess | None = None  # None: Azure is read only where something leads there
    trust: TrustZone = field(default_factory=TrustZone)
    concurrency: int = 16
    seconds_per_target: float = 60.0
