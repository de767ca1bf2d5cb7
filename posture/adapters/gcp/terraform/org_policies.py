"""What one resource sets for a constraint, in the newer shape of organisation policies and in the older one.

A rule with a condition is for resources with a tag, which are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from posture.adapters.gcp.terraform.hierarchy import Hierarchy
from posture.adapters.gcp.terraform.identities import FOLDER, ORGANISATION, last
from posture.adapters.gcp.terraform.projects import Projects
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Unknown, both, every_known
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Departure, Resource

NEW: Final = "google_org_policy_policy"
OLD: Final = {
    "google_project_organization_policy": "projects",
    "google_folder_organization_policy": "folders",
    "google_organization_policy": "organizations",
}
KINDS: Final = frozenset({NEW, *OLD})
Lists = Callable[[Iterable[str], Iterable[str]], frozenset[str]]
_BY_TAGS: Final = "the constraint depends on tags, which are not read"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgPolicy:
    """One policy: its constraint and the level that it is attached to, both perhaps known after apply."""

    place: Place
    old: bool
    constraint: Fact[str]
    level: Fact[str]

    @property
    def says_nothing(self) -> bool:
        """Whether it only tries a constraint out: what lies above counts as if it were not there."""
        spec = self.place.block("spec")
        return not self.old and isinstance(spec, Known) and spec.value is None

    def inherits(self) -> Fact[bool]:
        """Whether a list adds to what lies above, rather than taking its place."""
        name = "list_policy" if self.old else "spec"
        return self.place.block(name).then(
            lambda block: Known(value=False, sources=()) if block is None else block.flag("inherit_from_parent")
        )

    def enforced(self) -> Fact[bool]:
        """A boolean constraint; what is reset is as Google has it, which is off for all that we ask for."""
        if self.old:
            return self.place.block("boolean_policy").then(
                lambda block: Known(value=False, sources=()) if block is None else block.flag("enforced")
            )
        return self._rules().then(lambda rules: every_known(map(_rule, rules))).then(self._decided)

    def refused(self, everything: frozenset[str], read: Lists) -> Fact[frozenset[str]]:
        """What a list denies, `everything` where it denies all."""
        if self.old:
            return self.place.block("list_policy").then(
                lambda block: Known(value=frozenset(), sources=()) if block is None else _older(block, everything, read)
            )
        return (
            self._rules()
            .then(lambda rules: every_known(_newer(rule, everything, read) for rule in rules))
            .map(lambda groups: frozenset[str]().union(*groups))
        )

    def _rules(self) -> Fact[tuple[Place, ...]]:
        return self.place.block("spec").then(
            lambda spec: Known(value=(), sources=(self.place.values.source,)) if spec is None else spec.each("rules")
        )

    def _decided(self, rules: tuple[tuple[bool, bool], ...]) -> Fact[bool]:
        values = {enforce for enforce, _ in rules}
        if len(values) > 1 and any(conditional for _, conditional in rules):
            return Unknown(reason=Reason.UNDETERMINED, sources=(self.place.values.source,), detail=_BY_TAGS)
        return Known(value=values == {True}, sources=(self.place.values.source,))


def org_policy(entry: Resource | Departure, *, plan: Plan, projects: Projects, hierarchy: Hierarchy) -> OrgPolicy:
    """A resource of either shape, or one that leaves."""
    resource = entry if isinstance(entry, Resource) else None
    place = Place(values=entry.before if isinstance(entry, Departure) else entry.after, resource=resource)
    kind = entry.address.kind
    if kind == NEW:
        level = hierarchy.level(place.at("parent"))
        name = _name(place, plan)
        return OrgPolicy(place=place, old=False, constraint=_required(name, place), level=_required(level, place))
    return OrgPolicy(
        place=place,
        old=True,
        constraint=_required(place.text("constraint").map(last), place),
        level=_older_level(place, OLD[kind], projects, hierarchy),
    )


def _required(text: Fact[str], place: Place) -> Fact[str]:
    """A policy without a constraint or a level may be any."""
    return text.then(lambda found: text if found else place.values.misfit("an organisation policy"))


def _name(place: Place, plan: Plan) -> Fact[str]:
    """The end of the name, which begins with the level: of one that apply makes the files of the configuration tell."""
    name = place.text("name")
    if isinstance(name, Unknown) and place.resource is not None and (end := plan.written_end(place.resource, "name")):
        return Known(value=last(end), sources=name.sources)
    return name.map(last)


def _older_level(place: Place, kind: str, projects: Projects, hierarchy: Hierarchy) -> Fact[str]:
    if kind == "projects":
        named = place.text("project") if place.resource is None else projects.named(place.resource, "project")
        return named.map(lambda name: f"{kind}/{last(name)}")
    attribute, identity = ("folder", FOLDER) if kind == "folders" else ("org_id", ORGANISATION)
    return hierarchy.end(place.at(attribute), identity).map(lambda end: f"{kind}/{end}")


def _rule(rule: Place) -> Fact[tuple[bool, bool]]:
    conditional = rule.each("condition").map(bool)
    return rule.text("enforce").then(lambda text: conditional.map(lambda narrow: (text.upper() == "TRUE", narrow)))


def _newer(rule: Place, everything: frozenset[str], read: Lists) -> Fact[frozenset[str]]:
    def decided(conditional: bool) -> Fact[frozenset[str]]:  # noqa: FBT001 - of `then`
        if conditional:
            return Unknown(reason=Reason.UNDETERMINED, sources=(rule.values.source,), detail=_BY_TAGS)
        every = rule.text("deny_all").map(lambda text: everything if text.upper() == "TRUE" else frozenset())
        listed = rule.each("values").then(lambda blocks: every_known(_values(each, read) for each in blocks))
        return both(every, listed).map(lambda found: found[0].union(*found[1]))

    return rule.each("condition").map(bool).then(decided)


def _values(block: Place, read: Lists) -> Fact[frozenset[str]]:
    named = both(block.texts("allowed_values"), block.texts("denied_values"))
    return named.map(lambda lists: read(*lists))


def _older(block: Place, everything: frozenset[str], read: Lists) -> Fact[frozenset[str]]:
    """`allow` and `deny` are each a block of values, or a word for all of them."""

    def side(name: str) -> Fact[tuple[bool, tuple[str, ...]]]:
        return block.block(name).then(
            lambda found: (
                Known(value=(False, ()), sources=())
                if found is None
                else both(found.flag("all"), found.texts("values"))
            )
        )

    return both(side("allow"), side("deny")).map(
        lambda found: everything if found[1][0] else read(() if found[0][0] else found[0][1], found[1][1])
    )
