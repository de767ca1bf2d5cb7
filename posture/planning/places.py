"""Where a resource of a plan is written, as reports show it: the block to change, then the module calls around it."""

from __future__ import annotations

from collections.abc import Iterator

from posture.model.assessment import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Departure, Resource


def places_of(plan: Plan, entry: Resource | Departure) -> tuple[Place, ...]:
    """Of a module that was downloaded, the call in the user's own files is what can be changed."""
    address = entry.after.source.operation if isinstance(entry, Resource) else entry.before.source.operation
    own = [line for line in plan.lines(entry) if line.local]
    if not own:
        return (Place(address=address),)
    first, *calls = own
    return (
        Place(address=address, file=first.file, line=first.line),
        *(Place(address=call.block, file=call.file, line=call.line) for call in calls),
    )


def decided_at(plan: Plan, operations: Iterator[str], own: str, entries: dict[str, Resource | Departure]) -> tuple[Place, ...]:
    """The first resource, other than the subject itself, that an answer names as its source."""
    named = (operation for operation in operations if operation != own and operation in entries)
    return next((places_of(plan, entries[operation]) for operation in named), ())
