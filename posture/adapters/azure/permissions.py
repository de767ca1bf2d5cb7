"""The custom role that posture needs, made from the table of calls: reads of configuration, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from posture.adapters.azure.calls import CALLS, GRAPH_CALLS, GRAPH_SCOPE
from posture.adapters.commented import commented
from posture.reading import Call, Json

_NAME = "Audit log posture reader"
_DESCRIPTION = "Read-only: what posture needs to judge stores of audit logs. No data actions, no keys."


def custom_role(subscriptions: Iterable[str]) -> dict[str, Json]:
    """The role as `az role definition create` takes it, and the permission in Microsoft Graph beside it."""
    return {
        "role": {
            "Name": _NAME,
            "IsCustom": True,
            "Description": _DESCRIPTION,
            "Actions": [action for action, _ in _actions(_arm_calls())],
            "NotActions": [],
            "DataActions": [],
            "NotDataActions": [],
            "AssignableScopes": _scopes(subscriptions),
        },
        "graph": {
            "application_permission": GRAPH_SCOPE,
            "purpose": [call.purpose for call in GRAPH_CALLS],
            "without_it": "whether holders of roles are guests or of another tenant stays unknown",
        },
    }


def custom_role_hcl(subscriptions: Iterable[str]) -> str:
    """The same as Terraform, with what each action is for."""
    actions = commented(_actions(_arm_calls()), indent=6)
    scopes = ", ".join(f'"{scope}"' for scope in _scopes(subscriptions))
    return f"""resource "azurerm_role_definition" "posture" {{
  name        = "{_NAME}"
  description = "{_DESCRIPTION}"
  scope       = {scopes.partition(",")[0]}
  permissions {{
    actions = [
{actions}    ]
    not_actions = []
  }}
  assignable_scopes = [{scopes}]
}}

# Beside it, {GRAPH_SCOPE} of Microsoft Graph tells guests and applications of other tenants from our own.
"""


def _arm_calls() -> tuple[Call, ...]:
    return tuple(call for call in CALLS if call.permission and call not in GRAPH_CALLS)


def _actions(calls: Iterable[Call]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({call.permission: call.purpose for call in calls}.items()))


def _scopes(subscriptions: Iterable[str]) -> list[str]:
    named = [f"/subscriptions/{each}" for each in subscriptions]
    return named or ["/subscriptions/00000000-0000-0000-0000-000000000000"]
