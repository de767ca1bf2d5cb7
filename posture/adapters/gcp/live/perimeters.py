"""Reads VPC Service Controls: the perimeter around a project, among all those of its organisation."""

from __future__ import annotations

from posture.adapters.gcp import calls
from posture.adapters.gcp.config import Perimeter
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.members import Record, listed, record, text, texts
from posture.model.facts import Fact, Known, united

_STORAGE = "storage.googleapis.com"


def read_perimeter(number: str, organisation: Fact[str], caller: Caller) -> Fact[Perimeter | None]:
    """The regular perimeter that a project lies in; bridges restrict nothing, and a project lies in one at most."""

    def of(name: str) -> Fact[Perimeter | None]:
        if not name:
            return Known(value=None, sources=())
        policies = listed(
            caller.read_all(calls.LIST_ACCESS_POLICIES, resource=name, parent=name),
            lambda item, _source: text(item, "name") or None,
            "access policy",
        )
        found = [
            listed(
                caller.read_all(calls.LIST_PERIMETERS, resource=policy, policy=policy),
                lambda item, _source: _around(item, number),
                "service perimeter",
            )
            for policy in policies.items
        ]
        around = [each for listing in found for each in listing.items if each.name]
        gaps = [gap.unknown for gap in (*policies.gaps, *(gap for listing in found for gap in listing.gaps))]
        sources = united(policies.sources, *(listing.sources for listing in found))
        if gaps and not around:
            return gaps[0]
        return Known(value=around[0] if around else None, sources=sources)

    return organisation.then(of)


def _around(item: Record, number: str) -> Perimeter | None:
    """The perimeter where it is around the project and restricts Cloud Storage; else one without a name."""
    status, name = record(item.get("status")), text(item, "name")
    inside, restricted = texts(status, "resources"), texts(status, "restrictedServices")
    if not name or inside is None or restricted is None:
        return None
    bridge = text(item, "perimeterType") == "PERIMETER_TYPE_BRIDGE"
    if bridge or f"projects/{number}" not in inside or _STORAGE not in restricted:
        return Perimeter(name="", doors=False)
    return Perimeter(name=name, doors=bool(status.get("accessLevels") or status.get("ingressPolicies")))
