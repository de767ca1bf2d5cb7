"""What a scenario leaves open: variables, the literals that read them, and and-or formulas over literals."""

from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from typing import Final

from posture.frozen import dataclass
from posture.iam.quantities import Comparison, Ranges
from posture.iam.wildcard import ALL, NOTHING, Language


class Sort(Enum):
    """The kind of value that a variable takes."""

    TEXT = "text"
    TEXTS = "texts"
    ADDRESS = "address"
    NUMBER = "number"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One independent part of the request.

    A `reason` marks a variable whose meaning is not certain: what holds only thanks to it is undetermined.
    """

    name: str
    sort: Sort
    optional: bool = True
    domain: Language = ALL
    floor: Decimal | None = None
    reason: str = ""


Accept = Language | Ranges | Comparison


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition on one variable: its value is inside (`sign`) or outside the accepted set.

    `absent` is the truth where the variable has no value; `every` asks it of all elements instead of one.
    """

    variable: Variable
    accept: Accept
    sign: bool
    absent: bool
    every: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple["Formula", ...]


Formula = bool | Literal | Every | Some


def every(parts: Iterable[Formula]) -> Formula:
    """Conjunction, simplified."""
    kept: list[Formula] = []
    for part in parts:
        if part is False:
            return False
        if isinstance(part, Every):
            kept.extend(part.parts)
        elif part is not True:
            kept.append(part)
    kept = _merged(kept, sign=False)
    return True if not kept else kept[0] if len(kept) == 1 else Every(tuple(kept))


def some(parts: Iterable[Formula]) -> Formula:
    """Disjunction, simplified."""
    kept: list[Formula] = []
    for part in parts:
        if part is True:
            return True
        if isinstance(part, Some):
            kept.extend(part.parts)
        elif part is not False:
            kept.append(part)
    kept = _merged(kept, sign=True)
    return False if not kept else kept[0] if len(kept) == 1 else Some(tuple(kept))


def _merged(parts: list[Formula], *, sign: bool) -> list[Formula]:
    """Alternatives for one variable are one larger set; so are several sets that it has to avoid."""
    groups: dict[Variable, list[Literal]] = {}
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.accept, Language) and _may_merge(part, sign=sign):
            groups.setdefault(part.variable, []).append(part)
    large = {variable: group for variable, group in groups.items() if len(group) > 1}
    if not large:
        return parts
    merged = {id(item) for group in large.values() for item in group}
    rest = [part for part in parts if id(part) not in merged]
    return [*(_union(variable, group, sign=sign) for variable, group in large.items()), *rest]


def _may_merge(literal: Literal, *, sign: bool) -> bool:
    if literal.variable.sort is Sort.TEXTS:
        return literal.sign == sign and literal.every != sign
    return literal.sign == sign and literal.variable.sort is Sort.TEXT


def _union(variable: Variable, group: list[Literal], *, sign: bool) -> Literal:
    languages = [item.accept for item in group if isinstance(item.accept, Language)]
    accept = Language(
        frozenset().union(*(item.literals for item in languages)),
        frozenset().union(*(item.globs for item in languages)),
    )
    absent = any(item.absent for item in group) if sign else all(item.absent for item in group)
    return Literal(variable, accept, sign=sign, absent=absent, every=group[0].every)


def negate(formula: Formula) -> Formula:
    """The formula that holds exactly where this one does not."""
    match formula:
        case bool():
            return not formula
        case Literal():
            turned = not formula.every if formula.variable.sort is Sort.TEXTS else False
            return Literal(
                formula.variable, formula.accept, sign=not formula.sign, absent=not formula.absent, every=turned
            )
        case Every(parts):
            return some(map(negate, parts))
        case Some(parts):
            return every(map(negate, parts))


def inside(variable: Variable, accept: Accept, *, absent: bool = False) -> Formula:
    """The variable's value lies in the set."""
    if isinstance(accept, Language) and accept.empty and not (absent and variable.optional):
        return False
    return Literal(variable, accept, sign=True, absent=absent)


def doubtful(text: str, reason: str) -> Literal:
    """An unknown truth; equal texts are the same unknown."""
    variable = Variable(name=f"?{text}", sort=Sort.DOUBT, optional=False, reason=reason)
    return Literal(variable, NOTHING, sign=True, absent=False)


YES_NO: Final = Language(literals=frozenset({"true", "false"}))
