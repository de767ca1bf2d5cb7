"""Whether one allow policy lets in more than another: somebody is bound whom the other does not bind so."""

from __future__ import annotations

import json
from collections.abc import Iterator

from posture.adapters.gcp.members import record, text


def widens(old: str, new: str) -> bool:
    """Of policies as Google writes them. What another binding gives already is not looked at: it may still be more."""
    return bool(set(_bound(new)) - set(_bound(old)))


def _bound(policy: str) -> Iterator[tuple[str, str, str]]:
    """Role, condition and member."""
    found = record(json.loads(policy or "{}")).get("bindings")
    for item in found if isinstance(found, list) else ():
        binding = record(item)
        members = binding.get("members")
        for member in members if isinstance(members, list) else ():
            yield text(binding, "role"), text(record(binding.get("condition")), "expression"), str(member)
