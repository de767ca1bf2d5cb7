"""Every operation of the account API that posture reads, and how a listing of each looks."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.reading import Call

_ROLE = "account admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A listing under the account. `array` says that the SDK takes the bare array, beside the documented object."""

    call: Call
    path: str
    member: str  # of the documented object that holds the items
    array: bool


LOG_DELIVERY = Collection(
    call=Call(
        operation="databricks:log-delivery",
        permission=_ROLE,
        purpose="which audit logs are delivered, where to, and whether the last delivery succeeded",
    ),
    path="log-delivery",
    member="log_delivery_configurations",
    array=False,
)
STORAGE_CONFIGURATIONS = Collection(
    call=Call(
        operation="databricks:storage-configurations",
        permission=_ROLE,
        purpose="the buckets behind deliveries and workspaces",
    ),
    path="storage-configurations",
    member="storage_configurations",
    array=True,
)
CREDENTIALS = Collection(
    call=Call(
        operation="databricks:credentials",
        permission=_ROLE,
        purpose="the roles that write logs, and the cloud accounts of workspaces",
    ),
    path="credentials",
    member="credentials",
    array=True,
)
WORKSPACES = Collection(
    call=Call(
        operation="databricks:workspaces",
        permission=_ROLE,
        purpose="the workspaces whose events must be delivered, and their root buckets",
    ),
    path="workspaces",
    member="workspaces",
    array=True,
)
NETWORKS = Collection(
    call=Call(
        operation="databricks:networks",
        permission=_ROLE,
        purpose="the networks of the workspaces, kept with the evidence",
    ),
    path="networks",
    member="networks",
    array=True,
)

COLLECTIONS = (LOG_DELIVERY, STORAGE_CONFIGURATIONS, CREDENTIALS, WORKSPACES, NETWORKS)

# Signing in reads nothing of the account and needs no permission. It is recorded, so that a replay knows who asked, and
# is not among the declared reads, because without it there is no run.
SIGN_IN = Call(operation="databricks:token", permission="", purpose="sign in")
