"""From ways in to grants: labelled with a scope, told in words, with the sources of the statements that decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field
from typing import Any, TypeAlias, TypeVar

from posture.adapters.aws.access.control_policies import NO_RESTRAINT, Restraint
from posture.adapters.aws.access.ways import Origins, Way, holders_of
from posture.frozen import dataclass
from posture.iam import ActionClass as Class
from posture.iam import BoundKind, ReachClass, Request, Undetermined
from posture.model.facts import Fact, Gap, Known, Reason, Source, Unknown, united
from posture.model.subjects import ActionClass, Bound, Grant, HolderKind, Scope
from posture.model.trust import Ground, Holder, is_vendor, scope_of

T = TypeVar("T")
Limits: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]

WEIGHTIEST = (
    *("s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:PutBucketAcl"),
    *("kms:Decrypt", "kms:GenerateDataKey", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "sts:AssumeRole"),
)
NO_CONTROL_POLICY = "no resource control policy of the owner's organisation denies it (these were not read)"
OWN_ACCOUNT_ALLOWS = "the caller's own account allows it"
WRITER_UNKNOWN = Unknown(
    reason=Reason.NOT_COLLECTED, detail="which role delivers here is said by the source of the logs"
)
_SINGLE = (HolderKind.PRINCIPAL, HolderKind.SERVICE, HolderKind.CANONICAL_USER, HolderKind.UNIQUE_ID)
_NETWORK_OF_OWNER = ("aws:vpceaccount=", "aws:vpceorgid=", "aws:sourcevpcaccount=")


class Facts:
    """The facts of a resource's grants, each kept once: of many grants most differ in their action only."""

    def __init__(self) -> None:
        self._by: dict[tuple[Source, ...], _FactsBy] = {}

    def by(self, sources: tuple[Source, ...]) -> _FactsBy:
        """Facts that these sources give."""
        return self._by.setdefault(sources, _FactsBy(sources))


class _FactsBy:
    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.sources = sources
        self._known: dict[tuple[type, object], Known[Any]] = {}

    def __call__(self, value: T) -> Known[T]:
        key = (type(value), value)  # some enums equal their texts
        if key not in self._known:
            self._known[key] = Known(value=value, sources=self.sources)
        return self._known[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What is known around a resource when its ways are told.

    `need` says whether a way stays within what delivery is documented to need, `deputy` whether nothing ties a vendor's
    way to us, `delivers` whether the holder is the one that delivers, `further` what else a way depends on.
    """

    ground: Ground
    origins: Origins
    need: Callable[[Way], bool]
    deputy: Callable[[Way], bool]
    delivers: Callable[[Holder], Fact[bool]]
    further: Callable[[Way, Fact[Scope]], tuple[str, ...]] = field(default=lambda _way, _scope: ())
    facts: Facts = field(default_factory=Facts)
    restraint: Restraint = NO_RESTRAINT

    def grant(self, way: Way) -> Grant:
        """The way as a grant."""
        shown = way.found[0] if len(way.found) == 1 else min(way.found, key=_weight)
        scope = self.scope(way.holder)
        known = self.facts.by(self._sources(way))
        return Grant(
            principal=known(way.holder.name),
            kind=known(way.holder.kind),
            account=known(way.holder.account),
            action=known(ActionClass(way.action.value)),
            actions=known(", ".join(sorted(way.actions, key=_rank))),
            scope=_with(scope, known),
            bound=known(self._bound(way)),
            via=known("; ".join(self._via(way))),
            conditions=known("; ".join((*_conditions(way), *self.further(way, scope)))),
            witness=known(told(shown.witness)),
            assumptions=known("; ".join(self._assumptions(way, shown))),
            confused_deputy=known(self._deputy(way)),
            within_need=known(self.need(way)),
            delivers=_with(self.delivers(way.holder), known),
        )

    def scope(self, holder: Holder) -> Fact[Scope]:
        """The scope of a holder."""
        return scope_of(holder, self.ground)

    def doubt(self, doubt: Undetermined, source: Source) -> Gap:
        """What could not be decided, limited to what it could be about."""
        who = tuple(holders_of(doubt))
        names = ", ".join(dict.fromkeys(f"`{holder.name}`" for holder in who)) or "anybody"
        what = f"whether {names} can {_verb(doubt.action_class)}: {'; '.join(doubt.reasons)}"
        unknown = Unknown(reason=Reason.UNDETERMINED, sources=(source,), detail=what)
        return Gap(unknown=unknown, limits=self.limits(who, doubt.action_class))

    def hidden(self, way: Way, unknown: Unknown, why: str, *, narrowed: bool = False) -> Gap:
        """A way that somebody has or has not, depending on something that could not be read.

        A further policy (`narrowed`) may let in some of a wide class and not others, so nothing holds of all of them.
        """
        detail = f"`{way.holder.name}` could {_verb(way.action)} by {'; '.join(self._via(way))}, {why}"
        if unknown.detail:
            detail = f"{detail}: {unknown.detail}"
        told_so = Unknown(
            reason=unknown.reason,
            sources=united(unknown.sources, self._sources(way)),
            detail=detail,
            needs=unknown.needs,
        )
        who = () if narrowed and way.holder.kind not in _SINGLE else (way.holder,)
        return Gap(unknown=told_so, limits=self.limits(who, way.action))

    def limits(self, who: Iterable[Holder], action: Class) -> Limits:
        """What every grant behind a gap would have to be."""
        holders = tuple(who)
        scopes = [self.scope(holder) for holder in holders]
        known = [scope.value.value for scope in scopes if isinstance(scope, Known)]
        found: list[tuple[str, tuple[str, ...]]] = []
        if action is not Class.OTHER:
            found.append(("action", (action.value,)))
        if holders:
            found.append(("kind", tuple(dict.fromkeys(holder.kind.value for holder in holders))))
            found.append(("principal", tuple(dict.fromkeys(holder.name for holder in holders))))
        if holders and not any(holder.kind is HolderKind.PRINCIPAL for holder in holders):
            found.append(("delivers", ("false",)))
        if holders and not any(_may_be_deputy(holder) for holder in holders):
            found.append(("confused_deputy", ("false",)))
        if holders and len(known) == len(scopes):
            found.append(("scope", tuple(dict.fromkeys(known))))
        return tuple(found)

    def _sources(self, way: Way) -> tuple[Source, ...]:
        """The statements that let somebody in, and what was read of policies that could have refused it."""
        statements = (
            self.origins[each.policy].source(each)
            for found in way.found
            for each in found.statements
            if each.policy in self.origins
        )
        return united(statements, self.restraint.sources)

    def _via(self, way: Way) -> tuple[str, ...]:
        references = dict.fromkeys(each for found in way.found for each in found.statements)
        words = (self.origins[each.policy].words(each) for each in references if each.policy in self.origins)
        return (*([f"access point {way.door}"] if way.door else []), *words)

    def _bound(self, way: Way) -> Bound:
        if way.door_vpc:
            return Bound.NAMED_NETWORK
        if way.bound.kind is BoundKind.NETWORK:
            own = all(_own_network(name, self.ground) for name in way.bound.names)
            return Bound.OWN_NETWORK if own else Bound.NAMED_NETWORK
        if way.door or way.bound.kind is BoundKind.ACCESS_POINT:
            return Bound.VIA_ACCESS_POINT
        return Bound.ANYWHERE

    def _deputy(self, way: Way) -> bool:
        if way.holder.kind is HolderKind.SERVICE:
            return way.holder.source is None
        return is_vendor(way.holder.account) and self.deputy(way)

    def _assumptions(self, way: Way, shown: ReachClass) -> Iterable[str]:
        holder = way.holder
        if holder.kind is HolderKind.SERVICE and holder.source is None:
            yield "confused deputy: somebody in any account can make the service act here"
        if way.alike:
            yield f"shown for `{way.alike}`, which the policies treat alike"
        yield from shown.assumptions
        yield from way.notes
        if holder.account != self.ground.owner and holder.kind not in (HolderKind.SERVICE, HolderKind.ANONYMOUS):
            yield OWN_ACCOUNT_ALLOWS
        if self.restraint.assumed:
            yield NO_CONTROL_POLICY


def told(request: Request) -> str:
    """A request in one line."""
    context = ", ".join(f"{key} = {' | '.join(values)}" for key, values in request.context)
    return f"{request.caller.describe()}: {request.action} on {request.resource}" + (
        f" with {context}" if context else ""
    )


def _with(fact: Fact[T], known: _FactsBy) -> Fact[T]:
    if isinstance(fact, Known) and fact.sources:
        return Known(value=fact.value, sources=united(known.sources, fact.sources))
    return known(fact.value) if isinstance(fact, Known) else fact


def _rank(name: str) -> tuple[bool, int, str]:
    return (name not in WEIGHTIEST, WEIGHTIEST.index(name) if name in WEIGHTIEST else 0, name)


def _weight(found: ReachClass) -> tuple[bool, bool]:
    return (not set(found.actions) & set(WEIGHTIEST), bool(found.conditions))


def _conditions(way: Way) -> tuple[str, ...]:
    """What all of the way's statements ask for; nothing where one of them asks for nothing."""
    each = tuple(dict.fromkeys(found.conditions for found in way.found))
    if not all(each):
        return ()
    return ("; or ".join(" and ".join(words) for words in each),)


def _own_network(name: str, ground: Ground) -> bool:
    key, _, value = name.lower().partition("=")
    ours = {ground.owner, *ground.zone.accounts, *filter(None, [ground.zone.organisation])}
    return f"{key}=" in _NETWORK_OF_OWNER and value in ours


def _may_be_deputy(holder: Holder) -> bool:
    return is_vendor(holder.account) or (holder.kind is HolderKind.SERVICE and holder.source is None)


def _verb(action: Class) -> str:
    return "do something unlisted" if action is Class.OTHER else action.value
