"""The Azure wing of a plan: of Terraform's resources, or of a what-if of Azure Resource Manager."""

from __future__ import annotations

from posture.adapters.planned import Names, Namings, PlannedWing, Premises
from posture.terraform.document import Kind


def namings(premises: Premises) -> Namings:
    """What planned storage accounts, namespaces, Log Analytics workspaces and keys are called."""
    if premises.plan.kind is Kind.WHAT_IF:
        from posture.adapters.azure.what_if import wing as what_if  # noqa: PLC0415 - one of the two is needed

        return what_if.namings(premises)
    from posture.adapters.azure.terraform import naming  # noqa: PLC0415 - as above

    return naming.namings(premises)


def wing(premises: Premises, names: Names) -> PlannedWing:
    """Whoever reads its resources."""
    if premises.plan.kind is Kind.WHAT_IF:
        from posture.adapters.azure.what_if.wing import PlannedWhatIf  # noqa: PLC0415 - as above

        return PlannedWhatIf(premises, names)
    from posture.adapters.azure.terraform.wing import PlannedAzureWing  # noqa: PLC0415 - as above

    return PlannedAzureWing(premises, names)
