"""Where a resource of a plan is written, as reports show it: the block to change, then the module calls around it."""

from __future__ import annotations

from collections.abc import Iterable

from posture.model.assessment import Place, SubjectInfo
from posture.terraform.plan import Plan
from posture.terraform.resources import Departure, Resource


def places_of(plan: Plan, entry: Resource | Departure) -> tuple[Place, ...]:
    """Of a module that was downloaded, the call in the user's own files is what can be changed."""
    own = [line for line in plan.lines(entry) if line.local]
    if not own:
        return (Place(address=entry.shown),)
    first, *calls = own
    return (
        Place(address=entry.shown, file=first.file, line=first.line),
        *(Place(address=call.block, file=call.file, line=call.line) for call in calls),
    )


class Deciders:
    """Finds the resource that decided a row: where to change it, when that is not the subject itself."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        entries: Iterable[Resource | Departure] = (*plan.resources, *plan.departures)
        self._entries = {entry.shown: entry for entry in entries}
        self._places: dict[str, tuple[Place, ...]] = {}

    def places(self, subject: SubjectInfo, operations: Iterable[str]) -> tuple[Place, ...]:
        """The places of the first such resource, by what carries the row; none where nothing of the plan does.

        A block that the plan takes away has no line: then what it belonged to is where to put it back.
        """
        own = subject.places[0] if subject.places else Place(address="")
        for operation in operations:
            if operation != own.address and operation in self._entries:
                places = self._of(operation)
                if places[0].file or not own.file:
                    return places
        return ()

    def _of(self, shown: str) -> tuple[Place, ...]:
        if shown not in self._places:
            self._places[shown] = places_of(self._plan, self._entries[shown])
        return self._places[shown]
