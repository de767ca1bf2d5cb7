"""Finds every place where Databricks audit logs rest, and proves who can reach them.

The names here are the public Python API. Each is imported when it is first used, so `import posture` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from posture.version import __version__

if TYPE_CHECKING:
    from posture.model.assessment import Assessment, Evidence, Finding
    from posture.model.facts import Known, Listing, Source, Unknown
    from posture.model.logic import Outcome, Severity, Verdict
    from posture.planning import Asked, plan
    from posture.policy.document import Policy, load_policy
    from posture.reports.registry import render
    from posture.scanning import replay, scan
    from posture.snapshot import Request, Snapshot
    from posture.terraform.read import read_plan

__all__ = [
    "Asked",
    "Assessment",
    "Evidence",
    "Finding",
    "Known",
    "Listing",
    "Outcome",
    "Policy",
    "Request",
    "Severity",
    "Snapshot",
    "Source",
    "Unknown",
    "Verdict",
    "__version__",
    "load_policy",
    "plan",
    "read_plan",
    "render",
    "replay",
    "scan",
]

_ROOMS = {
    "Asked": "planning",
    "Assessment": "model.assessment",
    "Evidence": "model.assessment",
    "Finding": "model.assessment",
    "Known": "model.facts",
    "Listing": "model.facts",
    "Outcome": "model.logic",
    "Policy": "policy.document",
    "Request": "snapshot",
    "Severity": "model.logic",
    "Snapshot": "snapshot",
    "Source": "model.facts",
    "Unknown": "model.facts",
    "Verdict": "model.logic",
    "load_policy": "policy.document",
    "plan": "planning",
    "read_plan": "terraform.read",
    "render": "reports.registry",
    "replay": "scanning",
    "scan": "scanning",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        message = f"module `posture` has no attribute `{name}`"
        raise AttributeError(message)
    return getattr(import_module(f"posture.{_ROOMS[name]}"), name)
