"""What filters leave of a way in: public access prevention, and deny policies with whom they spare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from posture.adapters.gcp.access.denials import Stops, spared, stops
from posture.adapters.gcp.access.ways import Way
from posture.adapters.gcp.config import DenyRule
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Listing, Reason, Unknown
from posture.model.subjects import HolderKind

PUBLIC = (HolderKind.ANONYMOUS, HolderKind.ANY_ACCOUNT)
_MAY_STOP = "a deny policy may stop it: who is in its groups, or what its condition asks for, is not read"
_MAY_HOLD = "a deny policy spares them, and whether they are among those whom the binding is for is not read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What stands between bindings and the store. `prevented` is whether grants to the public have no effect."""

    denied: Listing[DenyRule]
    prevented: Fact[bool]

    def left(self, way: Way) -> Iterator[Way]:
        """What is left of a way; a filter that could not be read makes it doubtful."""
        if way.holder.kind in PUBLIC:
            match self.prevented:
                case Known(value=True):
                    return
                case Unknown() as unknown:
                    way = replace(way, doubt=way.doubt or unknown)
                case Known():
                    pass
        hits = {name: self._worst(way, name) for name in way.permissions}
        free = tuple(name for name, hit in hits.items() if hit is Stops.NO)
        unsure = tuple(name for name, hit in hits.items() if hit is Stops.MAYBE)
        if free:
            unread = self.denied.gaps[0].unknown if self.denied.gaps else None
            yield replace(way, permissions=free, doubt=way.doubt or unread)
        elif unsure:
            yield replace(way, permissions=unsure, doubt=way.doubt or self._may_stop(way, unsure[0]))
        else:
            yield from self._spared(way)

    def _worst(self, way: Way, permission: str) -> Stops:
        return max((stops(rule, way.holder, permission) for rule in self.denied.items), default=Stops.NO)

    def _may_stop(self, way: Way, permission: str) -> Unknown:
        rules = (rule for rule in self.denied.items if stops(rule, way.holder, permission) is Stops.MAYBE)
        doubt = Unknown(reason=Reason.UNDETERMINED, sources=self.denied.sources, detail=_MAY_STOP)
        return next((rule.open for rule in rules if rule.open is not None), doubt)

    def _spared(self, way: Way) -> Iterator[Way]:
        """A class that is stopped as a whole may hold some whom the rule that stops it spares."""
        for holder, certain in dict.fromkeys(spared(self.denied.items, way.holder, way.permissions)):
            doubt = None if certain else Unknown(reason=Reason.UNDETERMINED, detail=_MAY_HOLD)
            words = f"{way.words}, of which a deny policy spares them"
            yield from self.left(replace(way, holder=holder, words=words, doubt=way.doubt or doubt))
