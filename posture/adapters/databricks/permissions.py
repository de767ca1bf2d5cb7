"""What the service principal that posture signs in as needs, for whoever grants it."""

from __future__ import annotations

from posture.adapters.databricks.calls import COLLECTIONS
from posture.frozen import dataclass
from posture.reading import Call, Json

_TERRAFORM = """\
# {reason}
terraform {{
  required_providers {{
    databricks = {{
      source = "databricks/databricks"
    }}
  }}
}}

variable "databricks_account_id" {{
  type = string
}}

provider "databricks" {{
  host       = "https://accounts.cloud.databricks.com" # GovCloud: .us, DoD: accounts-dod.cloud.databricks.mil
  account_id = var.databricks_account_id
}}

resource "databricks_service_principal" "posture" {{
  display_name = "posture (reads the configuration of audit-log delivery)"
}}

resource "databricks_service_principal_role" "posture" {{
  service_principal_id = databricks_service_principal.posture.id
  role                 = "{role}"
}}

# Create the OAuth secret in the account console, so that it does not lie in the state, or use workload identity
# federation, which needs none.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabricksPermissions:
    """The role, what is read with it, why it is not a smaller one, and what nobody has verified."""

    role: str
    reason: str
    reads: tuple[Call, ...]
    unverified: tuple[str, ...]

    def as_json(self) -> dict[str, Json]:
        """For a ticket or a review."""
        return {
            "principal": "service principal",
            "account_role": self.role,
            "reason": self.reason,
            "reads": [{"operation": call.operation, "purpose": call.purpose} for call in self.reads],
            "writes": [],
            "unverified": list(self.unverified),
        }

    def as_terraform(self) -> str:
        """A service principal with the role, for the Databricks provider at account level."""
        return _TERRAFORM.format(role=self.role, reason=self.reason)


def permissions() -> DatabricksPermissions:
    """The least that is documented to be enough."""
    return DatabricksPermissions(
        role="account_admin",
        reason="Databricks documents no smaller account role that may read these; posture only sends GET requests",
        reads=tuple(collection.call for collection in COLLECTIONS),
        unverified=(
            "whether the billing admin role may list log-delivery configurations",
            "whether a token of the API scopes `billing` and `provisioning` alone is enough; the reference names them",
        ),
    )
