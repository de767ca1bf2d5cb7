"""The answers of one run: of questions that differ in the name of the resource alone, the first is decided.

Estates are made from templates, so that hundreds of buckets have one policy but for their names.
"""

from dataclasses import dataclass, field
from typing import Final

from posture.iam.reach import reach
from posture.iam.renaming import renamed
from posture.iam.results import Reach
from posture.iam.sameness import Asked, Sameness, sameness

MOST: Final = 512  # answers that are kept; the oldest goes first


@dataclass(slots=True)
class Decisions:
    """Decides questions, and remembers: the answer is what `reach` gives, whichever way it was found."""

    known: dict[Sameness, tuple[str, Reach]] = field(default_factory=dict)

    def reach(self, asked: Asked) -> Reach:
        """Who can do what, as `reach` says it."""
        alike = sameness(asked)
        if alike is None:
            return _decided(asked)
        name, key = alike
        found = self.known.get(key)
        if found is not None:
            former, answer = found
            return renamed(answer, former, name)
        answer = _decided(asked)
        if not answer.spelt:  # what was searched for letter by letter depends on the letters of the name
            if len(self.known) >= MOST:
                self.known.pop(next(iter(self.known)), None)  # another thread may have taken it
            self.known[key] = (name, answer)
        return answer


def _decided(asked: Asked) -> Reach:
    return reach(
        grants=asked.grants,
        gates=asked.gates,
        owner=asked.owner,
        organisation=asked.organisation,
        members=asked.members,
        resource=asked.resource,
        prefix=asked.prefix,
        actions=asked.actions,
        context=asked.context,
        now=asked.now,
    )
