"""Ids of Azure Resource Manager. They compare without regard to case, and answers vary theirs."""

from __future__ import annotations

import re

LOGS = "insights-logs-"
"""What Azure Monitor calls the containers that it writes to, and hubs where a setting names none."""
_EXPORTS = ("am-databricks", "am-azurediagnostics")
"""And those that a data export of Log Analytics writes such tables to."""
_OF_MONITORING = ("insights-", "am-", "$logs", "$blobchangefeed")
"""What Azure Monitor calls all of its containers, and those in which an account keeps what it notes of itself."""
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)


def subscription_of(resource_id: str) -> str:
    """The subscription that a resource lies in; empty for what lies in none."""
    found = _SUBSCRIPTION.match(resource_id)
    return found[1].lower() if found else ""


def name_of(resource_id: str) -> str:
    """The last segment."""
    return resource_id.rstrip("/").rpartition("/")[2]


def parent_of(resource_id: str, kind: str) -> str:
    """The id up to the name after a segment: the namespace of an authorization rule, say."""
    found = re.match(rf"(.*/{kind}/[^/]+)", resource_id, re.IGNORECASE)
    return found[1] if found else ""


def type_of(resource_id: str) -> str:
    """The resource provider and the types of a resource, as operations are called: names are left out."""
    provider, *rest = resource_id.rstrip("/").lower().rpartition("/providers/")[2].split("/")
    return "/".join((provider, *rest[::2]))


def within(scope: str, resource_id: str) -> bool:
    """Whether a resource lies at or below a scope; `/` and management groups are above every subscription."""
    outer, inner = scope.rstrip("/").lower(), resource_id.rstrip("/").lower()
    if not outer or outer.startswith("/providers/microsoft.management/managementgroups/"):
        return True
    return inner == outer or inner.startswith(f"{outer}/")


def holds_logs(name: str, part: str = "") -> bool:
    """Whether a container or hub of this name holds audit logs; `part` is the one that does, where it is known."""
    if part:
        return name.lower() == part.lower()
    return name.lower().startswith((LOGS, *_EXPORTS))


def holds_other_data(name: str, part: str = "") -> bool:
    """Whether a container of this name holds what is no monitoring data, which is what Microsoft asks to keep away.

    Source: diagnostic settings in Azure Monitor, destination limitations of storage accounts.
    """
    return not holds_logs(name, part) and not name.lower().startswith(_OF_MONITORING)


def holds_table(name: str) -> bool:
    """Whether a table of Log Analytics holds audit logs of Databricks."""
    return name.startswith("Databricks") or name == "AzureDiagnostics"
