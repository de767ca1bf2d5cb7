"""The wings, and how each is made: the one place that names every wing.

What a table lacks of a provider, its wing does not do. A wing's module is imported only when a run needs it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from posture.adapters.wing import Wing
from posture.adapters.writers import WriterJudge
from posture.frozen import dataclass
from posture.model.settings import Settings
from posture.model.subjects import Provider
from posture.reading import Call, Needs

if TYPE_CHECKING:
    from posture.adapters.planned import Beside, Names, Namings, PlannedWing, Premises


def aws(settings: Settings) -> Wing:
    """Amazon Web Services: S3, KMS, IAM, CloudTrail, Organizations."""
    from posture.adapters.aws.wing import AwsWing  # noqa: PLC0415 - a wing that no lead needs is not imported

    return AwsWing(settings)


def azure(settings: Settings) -> Wing:
    """Azure: diagnostic settings of Databricks workspaces, storage accounts, Event Hubs, Log Analytics, Key Vault."""
    from posture.adapters.azure.wing import AzureWing  # noqa: PLC0415 - as above

    return AzureWing(settings)


def databricks(settings: Settings) -> Wing:
    """Databricks: the account API."""
    from posture.adapters.databricks.wing import DatabricksWing  # noqa: PLC0415 - as above

    return DatabricksWing(settings)


def gcp(settings: Settings) -> Wing:
    """Google Cloud: Cloud Storage, Resource Manager, IAM, Cloud KMS."""
    from posture.adapters.gcp.wing import GoogleWing  # noqa: PLC0415 - as above

    return GoogleWing(settings)


WINGS: Mapping[Provider, Callable[[Settings], Wing]] = {
    Provider.DATABRICKS: databricks,
    Provider.AWS: aws,
    Provider.AZURE: azure,
    Provider.GCP: gcp,
}


def planned_databricks(premises: Premises, names: Names) -> PlannedWing:
    """Databricks accounts: `databricks_mws_*` resources."""
    from posture.adapters.databricks.planned import PlannedDatabricks  # noqa: PLC0415 - as above

    return PlannedDatabricks(premises, names)


def aws_namings(premises: Premises) -> Namings:
    """What planned buckets, keys and roles are called."""
    from posture.adapters.aws.terraform.naming import namings  # noqa: PLC0415 - as above

    return namings(premises)


def planned_aws(premises: Premises, names: Names) -> PlannedWing:
    """Buckets, keys and roles: `aws_*` resources."""
    from posture.adapters.aws.terraform.wing import PlannedAwsWing  # noqa: PLC0415 - as above

    return PlannedAwsWing(premises, names)


def azure_namings(premises: Premises) -> Namings:
    """What planned storage accounts, namespaces, Log Analytics workspaces and keys are called."""
    from posture.adapters.azure.planned import namings  # noqa: PLC0415 - as above

    return namings(premises)


def planned_azure(premises: Premises, names: Names) -> PlannedWing:
    """Databricks workspaces, stores and keys: `azurerm_*` resources, or those of a what-if."""
    from posture.adapters.azure.planned import wing  # noqa: PLC0415 - as above

    return wing(premises, names)


def gcp_namings(premises: Premises) -> Namings:
    """What planned buckets and keys are called."""
    from posture.adapters.gcp.terraform.naming import namings  # noqa: PLC0415 - as above

    return namings(premises)


def planned_gcp(premises: Premises, names: Names) -> PlannedWing:
    """Buckets and keys: `google_*` resources."""
    from posture.adapters.gcp.terraform.wing import PlannedGoogleWing  # noqa: PLC0415 - as above

    return PlannedGoogleWing(premises, names)


NAMINGS: Mapping[Provider, Callable[[Premises], Namings]] = {
    Provider.AWS: aws_namings,
    Provider.AZURE: azure_namings,
    Provider.GCP: gcp_namings,
}
PLANNED: Mapping[Provider, Callable[[Premises, Names], PlannedWing]] = {
    Provider.DATABRICKS: planned_databricks,
    Provider.AWS: planned_aws,
    Provider.GCP: planned_gcp,
    Provider.AZURE: planned_azure,
}
RESOURCES: Mapping[Provider, str] = {  # how the types of its resources begin
    Provider.DATABRICKS: "databricks",
    Provider.AWS: "aws",
    Provider.GCP: "google",
    Provider.AZURE: "azurerm",
}


def aws_stand_ins(premises: Premises) -> Mapping[str, str]:
    """What stands for accounts that the plan does not name."""
    from posture.adapters.aws.terraform.naming import stand_ins  # noqa: PLC0415 - as above

    return stand_ins(premises)


STAND_INS: Mapping[Provider, Callable[[Premises], Mapping[str, str]]] = {Provider.AWS: aws_stand_ins}


def aws_beside() -> Beside:
    """What sets something of a bucket."""
    from posture.adapters.aws.terraform.identities import BESIDE  # noqa: PLC0415 - as above

    return BESIDE


def gcp_beside() -> Beside:
    """Who is bound on a bucket, or on one of its lists."""
    from posture.adapters.gcp.terraform.identities import BESIDE  # noqa: PLC0415 - as above

    return BESIDE


def azure_beside() -> Beside:
    """What sets something of a storage account."""
    from posture.adapters.azure.terraform.identities import BESIDE  # noqa: PLC0415 - as above

    return BESIDE


BESIDE: Mapping[Provider, Callable[[], Beside]] = {
    Provider.AWS: aws_beside,
    Provider.AZURE: azure_beside,
    Provider.GCP: gcp_beside,
}


def aws_judge() -> WriterJudge:
    """Judges the roles that deliver to S3."""
    from posture.adapters.aws.access.judge import RoleJudge  # noqa: PLC0415 - it imports the decision engine

    return RoleJudge()


def gcp_judge() -> WriterJudge:
    """Judges the account as which Databricks delivers to Cloud Storage."""
    from posture.adapters.gcp.access.judge import AccountJudge  # noqa: PLC0415 - as above

    return AccountJudge()


JUDGES: Mapping[Provider, Callable[[], WriterJudge]] = {  # by whose store it is
    Provider.AWS: aws_judge,
    Provider.GCP: gcp_judge,
}


def gcp_widens(old: str, new: str) -> bool:
    """Compares allow policies of Google Cloud."""
    from posture.adapters.gcp.access.widening import widens  # noqa: PLC0415 - as above

    return widens(old, new)


WIDENS: Mapping[Provider, Callable[[str, str], bool]] = {  # whose policies the engine of `posture.iam` does not read
    Provider.GCP: gcp_widens,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What posture needs of one provider, as text for a ticket and for Terraform."""

    json: str
    terraform: str


def aws_permissions(settings: Settings, partition: str, needs: Needs | None) -> Permissions:
    """A policy for the default identity, which also assumes the roles that the settings name."""
    from posture.adapters.aws.permissions import least_privilege, least_privilege_hcl  # noqa: PLC0415 - as above

    roles = sorted(access.role_arn for access in settings.accounts if access.role_arn)
    document = least_privilege(partition=partition, assume=roles, needs=needs)
    return Permissions(
        json=json.dumps(document, indent=2) + "\n",
        terraform=least_privilege_hcl(partition=partition, assume=roles, needs=needs),
    )


def azure_permissions(settings: Settings, _: str, __: Needs | None) -> Permissions:
    """A custom role for the subscriptions that the settings name."""
    from posture.adapters.azure.permissions import custom_role, custom_role_hcl  # noqa: PLC0415 - as above

    named = settings.azure.subscriptions if settings.azure else ()
    return Permissions(json=json.dumps(custom_role(named), indent=2) + "\n", terraform=custom_role_hcl(named))


def gcp_permissions(settings: Settings, _: str, __: Needs | None) -> Permissions:
    """A custom role for the identity that reads."""
    from posture.adapters.gcp.permissions import least_privilege, least_privilege_hcl  # noqa: PLC0415 - as above

    return Permissions(
        json=json.dumps(least_privilege(), indent=2) + "\n",
        terraform=least_privilege_hcl(organisation=settings.google.organisation),
    )


def databricks_permissions(_: Settings, __: str, ___: Needs | None) -> Permissions:
    """The account role that the service principal needs."""
    from posture.adapters.databricks.permissions import permissions  # noqa: PLC0415 - as above

    needed = permissions()
    return Permissions(json=json.dumps(needed.as_json(), indent=2) + "\n", terraform=needed.as_terraform())


PERMISSIONS: Mapping[str, Callable[[Settings, str, Needs | None], Permissions]] = {  # the whole role without needs
    Provider.AWS.value: aws_permissions,
    Provider.AZURE.value: azure_permissions,
    Provider.DATABRICKS.value: databricks_permissions,
    Provider.GCP.value: gcp_permissions,
}


def declared_calls(provider: Provider) -> tuple[Call, ...]:
    """Every operation that a provider's wing may call."""
    return WINGS[provider](Settings()).calls
