"""The least-privilege custom role, made from the table of calls: what posture may read, and nothing else."""

from __future__ import annotations

from posture.adapters.commented import commented
from posture.adapters.gcp.calls import CALLS, SEE_FILTER
from posture.reading import Json

_TITLE = "Audit log posture"
_ABOUT = "Read-only: what posture needs to judge stores of audit logs. Grant it on the organisation."
_IP_FILTER = (SEE_FILTER, "the IP filter of a bucket, which is left out without it")


def needed() -> dict[str, str]:
    """Each permission with what it is for; the first of the calls that need it says."""
    reads = {call.permission: call.purpose for call in reversed(CALLS) if call.permission}
    return dict(sorted({**reads, _IP_FILTER[0]: _IP_FILTER[1]}.items()))


def least_privilege() -> dict[str, Json]:
    """The role as `gcloud iam roles create --file` takes it."""
    return {"title": _TITLE, "description": _ABOUT, "stage": "GA", "includedPermissions": list(needed())}


def least_privilege_hcl(*, organisation: str = "") -> str:
    """The same role as Terraform, with what each permission is for."""
    lines = commented(needed().items(), indent=4)
    identity = organisation.partition("/")[2]
    value = f'\n  default     = "{identity}"' if identity else ""
    return f"""variable "organisation" {{
  description = "The number of the organisation whose buckets are read."
  type        = string{value}
}}

resource "google_organization_iam_custom_role" "posture" {{
  org_id      = var.organisation
  role_id     = "auditLogPosture"
  title       = "{_TITLE}"
  description = "{_ABOUT}"
  permissions = [
{lines}  ]
}}
"""
