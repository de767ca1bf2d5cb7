"""Ids of Azure Resource Manager. They compare without regard to case, and answers vary theirs."""

from __future__ import annotations

import re

_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)
_GROUP = re.compile(r"(/subscriptions/[^/]+/resourcegroups/[^/]+)", re.IGNORECASE)


def subscription_of(resource_id: str) -> str:
    """The subscription that a resource lies in; empty for what lies in none."""
    found = _SUBSCRIPTION.match(resource_id)
    return found[1].lower() if found else ""


def group_of(resource_id: str) -> str:
    """The id of the resource group, in lower case."""
    found = _GROUP.match(resource_id)
    return found[1].lower() if found else ""


def name_of(resource_id: str) -> str:
    """The last segment."""
    return resource_id.rstrip("/").rpartition("/")[2]


def part_of(resource_id: str, kind: str) -> str:
    """The name after a segment such as `storageAccounts`; empty where it does not occur."""
    segments = resource_id.strip("/").split("/")
    names = dict(zip((segment.lower() for segment in segments), segments[1:], strict=False))
    return names.get(kind.lower(), "")


def parent_of(resource_id: str, kind: str) -> str:
    """The id up to the name after a segment: the namespace of an authorization rule, say."""
    found = re.match(rf"(.*/{kind}/[^/]+)", resource_id, re.IGNORECASE)
    return found[1] if found else ""


def is_a(resource_id: str, kind: str) -> bool:
    """Whether an id is of a resource of a type such as `Microsoft.Storage/storageAccounts`."""
    return re.search(rf"/providers/{re.escape(kind)}/[^/]+$", resource_id.rstrip("/"), re.IGNORECASE) is not None


def within(scope: str, resource_id: str) -> bool:
    """Whether a resource lies at or below a scope; `/` and management groups are above every subscription."""
    outer, inner = scope.rstrip("/").lower(), resource_id.rstrip("/").lower()
    if not outer or outer.startswith("/providers/microsoft.management/managementgroups/"):
        return True
    return inner == outer or inner.startswith(f"{outer}/")
