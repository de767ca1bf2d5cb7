"""Organisation policies that a plan sets on the project of a bucket; a scan says what it inherits otherwise.

A policy of the project itself decides. One that the plan changes above the project decides where the project sets none,
which a plan does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final, TypeVar

from posture.adapters.gcp.constraints import DOMAINS, VALUES, refused
from posture.adapters.gcp.terraform.identities import PROJECT
from posture.adapters.gcp.terraform.projects import Project, Projects
from posture.model.facts import Fact, Known, Reason, Unknown, every_known
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Departure, Resource
from posture.terraform.values import Values

T = TypeVar("T")
_NEW: Final = "google_org_policy_policy"
_OLD: Final = "google_project_organization_policy"
_ABOVE: Final = ("google_organization_policy", "google_folder_organization_policy")
_STAYS: Final = frozenset({Action.NONE, Action.NO_OP})


@dataclass(frozen=True, slots=True)
class Constraints:
    """The organisation policies of one plan."""

    plan: Plan
    projects: Projects

    def enforced(self, constraint: str, project: Project, live: Fact[bool]) -> Fact[bool]:
        """A boolean constraint."""
        return self._effective(constraint, project, live, _boolean)

    def refused(self, constraint: str, project: Project, live: Fact[frozenset[str]]) -> Fact[frozenset[str]]:
        """The values that a constraint with a list denies."""
        return self._effective(
            constraint, project, live, lambda place: _listed(place, VALUES[constraint], partial(refused, constraint))
        )

    def restricts_domains(self, project: Project, live: Fact[bool]) -> Fact[bool]:
        """Whether new bindings are for chosen organisations only."""

        def read(place: Place) -> Fact[bool]:
            named = _listed(place, frozenset({"everybody"}), lambda *lists: frozenset(chain(*lists)))
            return named.map(bool)

        return self._effective(DOMAINS, project, live, read)

    def _effective(self, constraint: str, project: Project, live: Fact[T], read: Callable[[Place], Fact[T]]) -> Fact[T]:
        for place, whose in self._set(constraint):
            if isinstance(whose, Unknown):
                return whose
            if whose.value in project.names:
                return read(place)
        return next(self._changes(constraint, project), live)

    def _set(self, constraint: str) -> Iterator[tuple[Place, Fact[str]]]:
        """The policies of projects for a constraint, each with its project."""
        for resource in self.plan.of_kind(_NEW):
            place = Place(values=resource.after, resource=resource)
            name, parent = place.text("name"), place.text("parent")
            if isinstance(name, Known) and name.value.rpartition("/")[2] != constraint:
                continue
            if isinstance(parent, Known) and not parent.value.startswith("projects/"):
                continue
            yield place, _both(name, parent.map(PROJECT.spelled))
        for resource in self.plan.of_kind(_OLD):
            place = Place(values=resource.after, resource=resource)
            name = place.text("constraint")
            if not isinstance(name, Known) or _bare(name.value) == constraint:
                yield place, _both(name, self.projects.named(resource, "project"))

    def _changes(self, constraint: str, project: Project) -> Iterator[Unknown]:
        """What the plan changes above the project, or takes from it."""
        entries: tuple[Resource | Departure, ...] = (*self.plan.resources, *self.plan.departures)
        for entry in entries:
            if entry.address.kind in {_NEW, _OLD, *_ABOVE} and entry.action not in _STAYS:
                values = entry.after if isinstance(entry, Resource) else entry.before
                if _about(values, constraint) and not (isinstance(entry, Resource) and _of_other(values, project)):
                    detail = "the plan changes this constraint, and what the project has beside that it does not know"
                    yield Unknown(reason=Reason.UNDETERMINED, sources=(values.source,), detail=detail)


def _both(name: Fact[str], project: Fact[str]) -> Fact[str]:
    return name.then(lambda _: project)


def _bare(constraint: str) -> str:
    return constraint.removeprefix("constraints/")


def _about(values: Values, constraint: str) -> bool:
    texts = (values.optional(name).text() for name in ("constraint", "name"))
    named = [text.value for text in texts if isinstance(text, Known) and text.value]
    return not named or any(text.rpartition("/")[2] == constraint for text in named)


def _of_other(values: Values, project: Project) -> bool:
    """Whether a policy is of another project than this, so that nothing here depends on it."""
    parent = values.optional("parent").text()
    own = values.optional("project").text() if not isinstance(parent, Known) or not parent.value else parent
    if not isinstance(own, Known) or not own.value or own.value.startswith(("folders/", "organizations/")):
        return False
    return PROJECT.spelled(own.value) not in project.names


def _boolean(place: Place) -> Fact[bool]:
    """A rule with a condition is for resources with a tag, which are not read."""

    def decided(rules: tuple[tuple[bool, bool], ...]) -> Fact[bool]:
        values = {enforce for enforce, _ in rules}
        if len(values) > 1 and any(conditional for _, conditional in rules):
            detail = "the constraint depends on tags, which are not read"
            return Unknown(reason=Reason.UNDETERMINED, sources=(place.values.source,), detail=detail)
        return Known(value=values == {True}, sources=(place.values.source,))

    if place.values.source.operation.rpartition(f"{_OLD}.")[1]:
        return place.block("boolean_policy").then(
            lambda block: Known(value=False, sources=()) if block is None else block.flag("enforced")
        )
    return _rules(place).then(lambda rules: every_known(map(_rule, rules))).then(decided)


def _rules(place: Place) -> Fact[tuple[Place, ...]]:
    return place.block("spec").then(
        lambda spec: Known(value=(), sources=(place.values.source,)) if spec is None else spec.each("rules")
    )


def _rule(rule: Place) -> Fact[tuple[bool, bool]]:
    conditional = rule.each("condition").map(bool)
    return rule.text("enforce").then(lambda text: conditional.map(lambda narrow: (text.upper() == "TRUE", narrow)))


def _listed(
    place: Place, everything: frozenset[str], read: Callable[[Iterable[str], Iterable[str]], frozenset[str]]
) -> Fact[frozenset[str]]:
    """What all rules of a list deny, `everything` where one denies all."""

    def of_values(block: Place) -> Fact[frozenset[str]]:
        allowed = block.texts("allowed_values")
        return allowed.then(lambda only: block.texts("denied_values").map(lambda denied: read(only, denied)))

    def of_rule(rule: Place) -> Fact[frozenset[str]]:
        every = rule.text("deny_all").map(lambda text: everything if text.upper() == "TRUE" else frozenset())
        listed = rule.each("values").then(lambda blocks: every_known(map(of_values, blocks)))
        if isinstance(conditional := rule.each("condition").map(bool), Unknown) or conditional.value:
            return place.values.misfit("a rule without a condition")
        return every.then(lambda all_of_it: listed.map(lambda groups: all_of_it.union(*groups)))

    if place.values.source.operation.rpartition(f"{_OLD}.")[1]:
        return place.values.misfit("a policy of the newer kind, which is read here")
    return (
        _rules(place)
        .then(lambda rules: every_known(map(of_rule, rules)))
        .map(lambda groups: frozenset[str]().union(*groups))
    )
