"""The wings, and how each is made. A wing's module is imported only when a run needs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from posture.adapters.wing import Wing
from posture.adapters.writers import WriterJudge
from posture.frozen import dataclass
from posture.model.assessment import IdentityUse
from posture.model.leads import Lead, Target
from posture.model.settings import Settings
from posture.model.subjects import Provider
from posture.reading import Call, Needs, Reading
from posture.terraform.document import Kind as InputKind

if TYPE_CHECKING:
    from posture.adapters.planned import Beside, Names, Namings, PlannedWing, Premises
    from posture.terraform.plan import Plan


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


class Wings:
    """The wings of a run, each made when its first lead turns up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[Provider, Wing] = {}

    def of(self, target: Target) -> Wing | None:
        """The wing that follows leads to a target."""
        wing = self._wing(target.provider)
        return wing if wing is not None and wing.handles(target) else None

    def check_credentials(self, leads: Iterable[Lead], reading: Reading) -> None:
        """Raise CredentialError when a provider that the leads name cannot be asked as anybody."""
        for provider in dict.fromkeys(lead.target.provider for lead in leads):
            wing = self._wing(provider)
            if wing is not None:
                wing.check_credentials(reading)

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        """Who asked, over all wings that were made."""
        return tuple(
            use for provider in WINGS if provider in self._made for use in self._made[provider].identities(reading)
        )

    def _wing(self, provider: Provider) -> Wing | None:
        if provider not in self._made and provider in WINGS:
            self._made[provider] = WINGS[provider](self._settings)
        return self._made.get(provider)


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


def besides(plan: Plan) -> tuple[Beside, ...]:
    """What sets something of stores that may be outside of a plan, of the wings whose resources it has."""
    return tuple(BESIDE[provider]() for provider in _present(plan) if provider in BESIDE)


def planned_names(premises: Premises) -> Names:
    """What the resources of a plan are called, over all wings."""
    from posture.adapters.planned import Names  # noqa: PLC0415 - a scan reads no plan

    present = _present(premises.plan)
    return Names(premises.plan, ((partial(make, premises), provider in present) for provider, make in NAMINGS.items()))


def planned_wings(premises: Premises, names: Names) -> dict[Provider, PlannedWing]:
    """The wings whose resources the plan has: the others, which would find nothing, are not even loaded.

    What a scan saw in other places may lead into the plan: beside one that looked for sources, all are needed.
    """
    scanned = premises.settings.databricks or premises.settings.azure is not None
    wanted = RESOURCES if scanned and premises.plan.kind is not InputKind.WHAT_IF else _present(premises.plan)
    return {provider: PLANNED[provider](premises, names) for provider in wanted}


def _present(plan: Plan) -> tuple[Provider, ...]:
    """Whose resources a plan has."""
    there = plan.beginnings() if plan.kind is not InputKind.WHAT_IF else {RESOURCES[Provider.AZURE]}
    return tuple(provider for provider, beginning in RESOURCES.items() if beginning in there)


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
