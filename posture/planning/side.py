"""One side of a plan: the state before it or after it, followed by the wings and joined into subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from posture.adapters.planned import Premises
from posture.adapters.registry import STAND_INS
from posture.adapters.wing import Follower
from posture.adapters.wings import Wings, planned_names, planned_wings
from posture.estate import Joined, join
from posture.estate.changes import Side
from posture.estate.join import Findings
from posture.model.assessment import Evidence, SubjectInfo
from posture.model.leads import Lead, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import About, Mode, Role
from posture.planning.places import places_of
from posture.planning.targets import NAMED, WHOLE, Asked, leads
from posture.planning.wording import Wording
from posture.reading import Reading
from posture.terraform.plan import Plan
from posture.terraform.resources import Drift, Resource
from posture.worklist import Watcher, walk


class Follow:
    """The wings over one side of a plan; behind them the live wings, which replay the context."""

    def __init__(self, plan: Plan, settings: Settings, context: Reading) -> None:
        premises = Premises(plan=plan, settings=settings, context=context)
        self.names = planned_names(premises)
        self.live = Wings(settings)
        self._plan = plan
        self._settings = settings
        self._context = context
        self._wordings = {provider: Wording(words(premises)) for provider, words in STAND_INS.items()}
        self._wings = planned_wings(premises, self.names)

    def mirrors(self, drift: Drift) -> bool:
        """Whether a change that Terraform found is none: the resource shows what others of the plan set."""
        return any(wing.mirrors(drift) for wing in self._wings.values())

    def side(self, asked: Asked, more: Iterable[Lead], watch: Watcher) -> Side:
        """Everything that the plan, the user and `more` lead to."""
        first = [lead for wing in self._wings.values() for lead in wing.first()]
        first += leads(asked, self._settings.stores, self.names)
        found = walk((*first, *more), self._follower, self._settings, self._context, watch)
        joined = map(self._placed(found), join(found, Mode.PLANNED))
        subjects = tuple(filter(_concerns, joined))
        return Side(names=self.names, found=found, subjects=_without_shells(subjects))

    def _follower(self, target: Target) -> Follower | None:
        """A resource of the plan will not be as the context saw it, so nobody else answers for one."""
        wing = self._wings.get(target.provider)
        if wing is not None and wing.handles(target):
            return wing
        return None if self.names.resource(target) is not None else self.live.of(target)

    def worded(self, subject: SubjectInfo, seen: Evidence) -> Evidence:
        """Evidence of a subject without ids that only stand for an account."""
        words = self._wordings.get(subject.provider) if subject.provider else None
        return seen if words is None else words.of(seen)

    def _placed(self, found: Findings) -> Callable[[Joined], Joined]:
        """A subject with the places of what makes it; a store outside of the plan, and its estate, have none."""
        stores = {lead.target.uri: lead.target for lead in found.leads if isinstance(lead.target, StoreRef)}

        def placed(joined: Joined) -> Joined:
            resources = self._resources(joined.info, stores)
            places = places_of(self._plan, resources[0]) if resources else ()
            return replace(joined, info=replace(joined.info, places=places))

        return placed

    def _resources(self, info: SubjectInfo, stores: Mapping[str, StoreRef]) -> tuple[Resource, ...]:
        if info.about is About.STORE:
            made = self.names.resource(stores[info.uri])
            return (made,) if made is not None else ()
        if info.about is About.SOURCE and info.provider in self._wings:
            return self._wings[info.provider].written(info.uri)
        return ()


def _concerns(joined: Joined) -> bool:
    """Whether it is of this plan: what else a copy or a scan leads to is judged where it is made."""
    info = joined.info
    return bool(info.places) or (info.about is About.STORE and info.role is Role.DELIVERY)


def _without_shells(subjects: tuple[Joined, ...]) -> tuple[Joined, ...]:
    """A whole bucket is no store beside a part of it that deliveries fill, or that the user names."""

    def named(joined: Joined) -> bool:
        info = joined.info
        return not all(how in WHOLE or (how.startswith(NAMED) and info.uri.endswith(info.name)) for how in info.found)

    filled = {each.info.name for each in subjects if each.info.about is About.STORE and named(each)}
    return tuple(each for each in subjects if named(each) or each.info.name not in filled)
