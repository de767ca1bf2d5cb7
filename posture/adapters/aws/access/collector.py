"""Ways become grants where no filter takes them away, and gaps where one may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from posture.adapters.aws.access.filters import concerned, spared
from posture.adapters.aws.access.labels import Labels
from posture.adapters.aws.access.ways import Way, holders_of
from posture.iam import ActionClass, Reach
from posture.model.facts import Fact, Gap, Known, Reason, Source, Unknown
from posture.model.subjects import Grant

NOTHING_CUTS: Fact[bool] = Known(value=False, sources=())


@dataclass(slots=True, kw_only=True)
class Collector:
    """Takes in the answers of one resource."""

    labels: Labels
    source: Source  # of what could not be decided
    grants: list[Grant] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def take(
        self, found: Iterable[Way], cut: Fact[bool], filtered_by: str, *, note: str = ""
    ) -> tuple[tuple[Grant, ...], tuple[Gap, ...]]:
        """Sort ways by whether a filter for other accounts (`cut`) takes them away; returns what was added."""
        grants: list[Grant] = []
        gaps: list[Gap] = []
        for way in found:
            if way.action is ActionClass.OTHER:
                gaps.append(self._unlisted(way))
            elif not concerned(way, self._owner) or _holds(cut, value=False):
                noted = replace(way, notes=(*way.notes, note)) if note and concerned(way, self._owner) else way
                grants.append(self.labels.grant(noted))
            elif isinstance(cut, Unknown):
                gaps.append(self.labels.hidden(way, cut, f"unless {filtered_by}, and that is not known"))
        self.grants.extend(grants)
        self.gaps.extend(gaps)
        return tuple(grants), tuple(gaps)

    def hide(self, found: Iterable[Way], unknown: Unknown, why: str) -> tuple[Gap, ...]:
        """Ways that depend on something unread."""
        gaps = tuple(self.labels.hidden(way, unknown, why) for way in found)
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
