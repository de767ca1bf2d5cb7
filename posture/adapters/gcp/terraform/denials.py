"""Deny policies that a plan attaches to a project, a folder or an organisation, beside those that a scan saw there.

After hashicorp/google, `google_iam_deny_policy`: one resource is one whole policy, and its name is unique where it is
attached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from posture.adapters.gcp.access.denials import EVERYBODY
from posture.adapters.gcp.config import DenyRule
from posture.adapters.gcp.terraform.hierarchy import Ancestor, Hierarchy, Lineage
from posture.adapters.gcp.terraform.members import Members
from posture.adapters.planned import NEEDS_CONTEXT
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, both, every_known, united
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action

_KIND: Final = "google_iam_deny_policy"
_ATTACHED: Final = "whether what it is attached to lies above the bucket, the plan does not tell"
_ACCOUNT: Final = "principal://iam.googleapis.com/projects/-/serviceAccounts/"


@dataclass(frozen=True, slots=True)
class Denials:
    """The deny policies of one plan."""

    plan: Plan
    hierarchy: Hierarchy
    members: Members

    def managed(self, ancestor: Ancestor) -> frozenset[str]:
        """The names of policies of a level that are no longer as a scan saw them; what is let go of stays as it was."""
        there = [each.before for each in self.plan.of_kind(_KIND) if each.before is not None]
        gone = [
            each.before for each in self.plan.departures if each.address.kind == _KIND and each.action is Action.DELETE
        ]
        places = [Place(values=values) for values in (*there, *gone)]
        named = [place.text("name") for place in places if self._of(place, ancestor) is not False]
        return frozenset(name.value for name in named if isinstance(name, Known))

    def at(self, ancestor: Ancestor, beside: Listing[DenyRule]) -> Listing[DenyRule]:
        """The rules that are attached to one level. What the plan leaves open may stop anybody."""
        return self._with(beside, lambda place: self._of(place, ancestor))

    def perhaps(self, lineage: Lineage, beside: Listing[DenyRule]) -> Listing[DenyRule]:
        """Those that are attached to what may lie above a project of which nobody tells all that does."""

        def unsure(place: Place) -> bool | None:
            level = self.hierarchy.level(place.at("parent"))
            return None if isinstance(level, Known) and lineage.has(level.value) is None else False

        return self._with(beside, unsure)

    def _with(self, beside: Listing[DenyRule], belongs: Callable[[Place], bool | None]) -> Listing[DenyRule]:
        items, gaps = list(beside.items), list(beside.gaps)
        for resource in self.plan.of_kind(_KIND):
            place = Place(values=resource.after, resource=resource)
            mine = belongs(place)
            for rule in self._rules(place) if mine is not False else ():
                match rule:
                    case Known(value=found):
                        items.append(found if mine else replace(found, open=_may_stop(place, _ATTACHED)))
                    case Unknown(detail=why):
                        gaps.append(Gap(unknown=_may_stop(place, why)))
        sources = united(beside.sources, (rule.source for rule in items))
        return Listing(items=tuple(items), gaps=tuple(dict.fromkeys(gaps)), sources=sources)

    def _of(self, place: Place, ancestor: Ancestor) -> bool | None:
        """Whether a policy is attached to a level; None where nobody can say."""
        level = self.hierarchy.level(place.at("parent"))
        return ancestor.is_called(level.value) if isinstance(level, Known) else None

    def _rules(self, place: Place) -> Iterator[Fact[DenyRule]]:
        blocks = place.each("rules").then(lambda rules: every_known(rule.each("deny_rule") for rule in rules))
        match blocks:
            case Known(value=groups):
                yield from (self._rule(block) for group in groups for block in group)
            case Unknown() as unknown:
                yield unknown

    def _rule(self, block: Place) -> Fact[DenyRule]:
        """What is not known of principals leaves the rule open; who else it may stop is anybody."""
        denied, more = self.members.all(block.at("denied_principals"), _ACCOUNT)
        spared, others = self.members.all(block.at("exception_principals"), _ACCOUNT)
        condition = block.block("denial_condition").then(
            lambda found: Known(value="", sources=()) if found is None else found.text("expression")
        )
        unsure = next((each for each in (more, others, condition) if isinstance(each, Unknown)), None)
        return both(block.texts("denied_permissions"), block.texts("exception_permissions")).map(
            lambda permissions: DenyRule(
                principals=denied if more is None else (EVERYBODY,),
                exceptions=spared,
                permissions=permissions[0],
                excepted_permissions=permissions[1],
                condition=condition.value if isinstance(condition, Known) else "",
                source=block.values.source,
                open=None if unsure is None else _may_stop(block, unsure.detail),
            )
        )


def _may_stop(place: Place, why: str) -> Unknown:
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=(place.values.source,),
        detail=f"a deny policy of the plan may stop it: {why}",
        needs=f"--source with the directory of the configuration; or {NEEDS_CONTEXT}",
    )
