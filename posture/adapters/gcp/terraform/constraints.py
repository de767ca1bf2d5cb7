"""Organisation policies as they are in effect for a project at the end of a plan.

The nearest level that sets a constraint decides; a list may add to what lies above it. What the plan makes sets nothing
that the plan does not show; of what is there already a scan says what it inherits, unless the plan changes that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final, TypeVar

from posture.adapters.gcp.constraints import DOMAINS, VALUES, refused
from posture.adapters.gcp.terraform.hierarchy import Ancestor, Hierarchy, Lineage
from posture.adapters.gcp.terraform.org_policies import KINDS, OrgPolicy, org_policy
from posture.adapters.gcp.terraform.projects import Projects
from posture.adapters.planned import NEEDS_CONTEXT
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Unknown, both
from posture.terraform.plan import Plan
from posture.terraform.resources import Action

T = TypeVar("T")
_STAYS: Final = frozenset({Action.NONE, Action.NO_OP})
_ANY_OF_IT: Final = frozenset({"everybody"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One constraint, for one project."""

    constraint: str
    lineage: Lineage


class Constraints:
    """The organisation policies of one plan."""

    def __init__(self, plan: Plan, projects: Projects, hierarchy: Hierarchy) -> None:
        entries = [each for kind in sorted(KINDS) for each in plan.of_kind(kind)]
        gone = [each for each in plan.departures if each.address.kind in KINDS]
        changing = [each for each in entries if each.action not in _STAYS]
        read = partial(org_policy, plan=plan, projects=projects, hierarchy=hierarchy)
        self._there = [read(each) for each in entries]
        self._changing = [*map(read, changing), *map(read, gone)]

    def enforced(self, constraint: str, lineage: Lineage, live: Fact[bool]) -> Fact[bool]:
        """A boolean constraint."""
        asked = _Asked(constraint=constraint, lineage=lineage)
        return self._effective(asked, live, lambda policy, _: policy.enforced())

    def refused(self, constraint: str, lineage: Lineage, live: Fact[frozenset[str]]) -> Fact[frozenset[str]]:
        """The values that a constraint with a list denies."""
        asked = _Asked(constraint=constraint, lineage=lineage)
        read = partial(refused, constraint)
        return self._effective(asked, live, lambda policy, above: _joined(policy, VALUES[constraint], read, above))

    def restricts_domains(self, lineage: Lineage, live: Fact[bool]) -> Fact[bool]:
        """Whether new bindings are for chosen organisations only."""

        def some(policy: OrgPolicy, above: Callable[[], Fact[bool]]) -> Fact[bool]:
            named = policy.refused(_ANY_OF_IT, lambda *lists: frozenset(chain(*lists))).map(bool)
            if isinstance(named, Known) and named.value:
                return named
            return both(named, policy.inherits()).then(lambda found: above() if found[1] else named)

        return self._effective(_Asked(constraint=DOMAINS, lineage=lineage), live, some)

    def _effective(
        self, asked: _Asked, live: Fact[T], read: Callable[[OrgPolicy, Callable[[], Fact[T]]], Fact[T]]
    ) -> Fact[T]:
        """`read` is given what is in effect above a policy, which it asks for only where it adds to that."""

        def at(depth: int) -> Fact[T]:
            if depth == len(asked.lineage.ancestors):
                return _untold(asked, live)
            ancestor = asked.lineage.ancestors[depth]
            match self._set(asked.constraint, ancestor):
                case Unknown() as unknown:
                    return unknown
                case OrgPolicy() as policy:
                    return read(policy, lambda: at(depth + 1))
                case None if ancestor.made:
                    return at(depth + 1)
                case None:
                    return next(self._changes(asked), _untold(asked, live))

        return at(0)

    def _set(self, constraint: str, ancestor: Ancestor) -> OrgPolicy | Unknown | None:
        """The one policy of a level for a constraint."""
        found: list[OrgPolicy] = []
        for policy in self._there:
            mine = _of(policy, constraint, ancestor)
            if mine is None and not policy.says_nothing:
                return _open(policy)
            if mine and not policy.says_nothing:
                found.append(policy)
        return _several(found) if len(found) > 1 else next(iter(found), None)

    def _changes(self, asked: _Asked) -> Iterator[Unknown]:
        """What the plan changes at a level or above it, where what is beside that is not known."""
        for policy in self._changing:
            other = isinstance(policy.constraint, Known) and policy.constraint.value != asked.constraint
            elsewhere = isinstance(policy.level, Known) and asked.lineage.has(policy.level.value) is False
            if not other and not elsewhere:
                detail = "the plan changes this constraint, and what the project has beside that it does not know"
                sources = (policy.place.values.source,)
                yield Unknown(reason=Reason.UNDETERMINED, sources=sources, detail=detail, needs=_needs(asked))


def _joined(
    policy: OrgPolicy,
    everything: frozenset[str],
    read: Callable[..., frozenset[str]],
    above: Callable[[], Fact[frozenset[str]]],
) -> Fact[frozenset[str]]:
    own = policy.refused(everything, read)
    if isinstance(own, Known) and own.value == everything:
        return own
    return both(own, policy.inherits()).then(
        lambda found: above().map(lambda more: found[0] | more) if found[1] else own
    )


def _of(policy: OrgPolicy, constraint: str, ancestor: Ancestor) -> bool | None:
    """Whether a policy is that of a level for a constraint; None where nobody can say."""
    if isinstance(policy.constraint, Known) and policy.constraint.value != constraint:
        return False
    mine = ancestor.is_called(policy.level.value) if isinstance(policy.level, Known) else None
    return mine if isinstance(policy.constraint, Known) or mine is False else None


def _open(policy: OrgPolicy) -> Unknown:
    unknown = policy.level if isinstance(policy.level, Unknown) else policy.constraint
    if isinstance(unknown, Unknown):
        return unknown
    detail = "the plan sets this for a project by its number, and that of this project it does not know"
    return Unknown(reason=Reason.UNDETERMINED, sources=(policy.place.values.source,), detail=detail)


def _several(policies: list[OrgPolicy]) -> Unknown:
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=tuple(each.place.values.source for each in policies),
        detail=f"{len(policies)} resources set the same constraint on the same level, and the last one applied wins",
        needs="one such resource",
    )


def _untold(asked: _Asked, live: Fact[T]) -> Fact[T]:
    """What a scan says; where nobody asked, what is missing, and what would tell it."""
    if not isinstance(live, Unknown) or live.reason is not Reason.NOT_COLLECTED:
        return live
    project = asked.lineage.project.name
    detail = f"a plan does not know whether {project} inherits {asked.constraint}"
    return replace(live, detail=detail, needs=_needs(asked))


def _needs(asked: _Asked) -> str:
    return f"{NEEDS_CONTEXT}; or google_org_policy_policy for {asked.constraint} on the project, in the plan"
