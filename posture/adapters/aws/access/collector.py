"""Ways become grants where no filter takes them away, and gaps where one may."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from posture.adapters.aws.access.control_policies import UNREAD
from posture.adapters.aws.access.filters import concerned, spared
from posture.adapters.aws.access.labels import Labels
from posture.adapters.aws.access.ways import Way, holders_of
from posture.iam import ActionClass, Reach
from posture.model.facts import Fact, Gap, Known, Reason, Source, Unknown
from posture.model.subjects import Grant

NOTHING_CUTS: Fact[bool] = Known(value=False, sources=())
_UNLESS = "unless RestrictPublicBuckets forbids it, and that is not known"


@dataclass(slots=True, kw_only=True)
class Collector:
    """Takes in the answers of one resource."""

    labels: Labels
    source: Source  # of what could not be decided
    grants: list[Grant] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def take(
        self,
        found: Iterable[Way],
        cut: Fact[bool] = NOTHING_CUTS,
        *,
        spared: Callable[[], Iterable[Way]] = tuple,
        note: str = "",
    ) -> tuple[tuple[Grant, ...], tuple[Gap, ...]]:
        """Ways become grants, but for those that RestrictPublicBuckets (`cut`) takes away or may take away.

        `spared` are the ways with it in force: those of our own, which wider ones may have covered. Returns what was
        added.
        """
        ways = tuple(found)
        gaps: list[Gap] = []
        if not _holds(cut, value=False):
            others = [way for way in ways if concerned(way, self._owner)]
            ways = tuple(way for way in (spared() if others else ways) if not concerned(way, self._owner))
            if isinstance(cut, Unknown):
                gaps += [self.labels.hidden(way, cut, _UNLESS) for way in others]
        if self.labels.restraint.unread is not None:
            gaps += [self.labels.hidden(way, self.labels.restraint.unread, UNREAD) for way in ways]
            ways = ()
        gaps += [self._unlisted(way) for way in ways if way.action is ActionClass.OTHER]
        grants = tuple(
            self.labels.grant(replace(way, notes=(*way.notes, note)) if note and concerned(way, self._owner) else way)
            for way in ways
            if way.action is not ActionClass.OTHER
        )
        self.grants.extend(grants)
        self.gaps.extend(gaps)
        return grants, tuple(gaps)

    def hide(self, found: Iterable[Way], unknown: Unknown, why: str, *, narrowed: bool = False) -> tuple[Gap, ...]:
        """Ways that depend on something unread, be it all of a class or (`narrowed`) some of it."""
        gaps = tuple(self.labels.hidden(way, unknown, why, narrowed=narrowed) for way in found)
        self.gaps.extend(gaps)
        return gaps

    def doubt(self, answer: Reach, cut: Fact[bool]) -> tuple[Gap, ...]:
        """What the engine could not decide, but for those whom a filter takes away whatever the policies say."""
        gaps: list[Gap] = []
        for each in answer.undetermined:
            holders = tuple(holders_of(each))
            gone = holders and not any(spared(holder, self._owner) for holder in holders)
            if not (gone and _holds(cut, value=True)):
                gaps.append(self.labels.doubt(each, self.source))
        self.gaps.extend(gaps)
        return tuple(gaps)

    @property
    def _owner(self) -> str:
        return self.labels.ground.owner

    def _unlisted(self, way: Way) -> Gap:
        detail = (
            f"what {', '.join(f'`{name}`' for name in way.actions[:3])} would let `{way.holder.name}` do is not known"
        )
        unknown = Unknown(reason=Reason.UNDETERMINED, sources=(self.source,), detail=detail)
        return Gap(unknown=unknown, limits=self.labels.limits((way.holder,), way.action))


def _holds(fact: Fact[bool], *, value: bool) -> bool:
    return isinstance(fact, Known) and fact.value is value
