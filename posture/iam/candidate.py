"""One class of callers to be asked about, and what its variables must stay out of."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from posture.frozen import dataclass
from posture.iam.actions import Action, signed_only
from posture.iam.binding import Constant
from posture.iam.cells import Cell
from posture.iam.encode import Encoder
from posture.iam.formula import Formula, Literal
from posture.iam.results import PrincipalClass, PrincipalKind
from posture.iam.wildcard import Language

Exclude = Callable[[Encoder], Iterable[Formula]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A class of callers: any cell will do, under what the cells' variables must avoid."""

    principal: PrincipalClass
    cells: tuple[Cell, ...]
    exclude: Exclude
    covered_by: tuple[PrincipalClass, ...] = ()  # nothing to add where one of these is unbounded
    actions: tuple[str, ...] = ()  # only these, where not empty

    def asking(self, members: list[int], asked: Sequence[Action]) -> list[int]:
        """Which of these actions such callers can request at all."""
        if self.actions:
            return [index for index in members if asked[index].name.lower() in self.actions]
        if self.principal.kind is PrincipalKind.ANONYMOUS:
            return [index for index in members if not signed_only(asked[index].name)]
        return members


ANY: Final = PrincipalClass(kind=PrincipalKind.ANY_ACCOUNT)


def outside(encoder: Encoder, key: str, language: Language, *, every: bool = False) -> Formula:
    """The key's value, if it has one, is none of these."""
    binding = encoder.binding(key)
    if isinstance(binding, Constant):
        return not any(language.contains(value) for value in binding.values)
    return Literal(binding.variable, binding.view(language), sign=False, absent=True, every=every)
