"""Deny policies that a plan attaches to a project, a folder or an organisation, beside those that a scan saw there.

After hashicorp/google, `google_iam_deny_policy`: one resource is one whole policy, and its name is unique where it is
attached.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from posture.adapters.gcp.config import DenyRule
from posture.adapters.gcp.terraform.hierarchy import Ancestor, Hierarchy
from posture.adapters.gcp.terraform.members import Members
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, both, every_known
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action

_KIND: Final = "google_iam_deny_policy"
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
        items, gaps = list(beside.items), list(beside.gaps)
        for resource in self.plan.of_kind(_KIND):
            place = Place(values=resource.after, resource=resource)
            mine = self._of(place, ancestor)
            if mine is False:
                continue
            for rule in self._rules(place):
                if isinstance(rule, Known) and mine is True:
                    items.append(rule.value)
                else:
                    gaps.append(Gap(unknown=_may_stop(place, rule)))
        return Listing(items=tuple(items), gaps=tuple(dict.fromkeys(gaps)), sources=beside.sources)

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
        named = (block.at(f"{which}_principals") for which in ("denied", "exception"))
        people = every_known(map(self._principals, named))
        permissions = both(block.texts("denied_permissions"), block.texts("exception_permissions"))
        condition = block.block("denial_condition").then(
            lambda found: Known(value="", sources=()) if found is None else found.text("expression")
        )
        return both(both(people, permissions), condition).map(
            lambda found: DenyRule(
                principals=found[0][0][0],
                exceptions=found[0][0][1],
                permissions=found[0][1][0],
                excepted_permissions=found[0][1][1],
                condition=found[1],
                source=block.values.source,
            )
        )

    def _principals(self, place: Place) -> Fact[tuple[str, ...]]:
        told, open_one = self.members.all(place, _ACCOUNT)
        return Known(value=told, sources=(place.values.source,)) if open_one is None else open_one


def _may_stop(place: Place, rule: Fact[DenyRule]) -> Unknown:
    what = rule.detail if isinstance(rule, Unknown) else "what it is attached to is known after apply"
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=(place.values.source,),
        detail=f"a deny policy of the plan may stop it: {what}",
        needs="the saved plan file, or --source with the directory of the configuration",
    )
