"""From ways in to grants: what deny policies and public access prevention cut, who the holders are, and the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from posture.adapters.gcp.access.actions import in_order
from posture.adapters.gcp.access.filters import PUBLIC, Filters
from posture.adapters.gcp.access.proof import refuted, request, told
from posture.adapters.gcp.access.ways import Layer, Reader, Unread, Way
from posture.adapters.gcp.replay import Policies
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, united
from posture.model.subjects import ActionClass, Bound, Grant, HolderKind, Scope
from posture.model.trust import GOOGLE_DELIVERY, Holder

NO_PERIMETER = "no VPC Service Controls perimeter turns the request away (these are not read)"
NO_DENY_POLICY = "no deny policy stops the request (these are not read)"
NO_OTHER_DENY_POLICY = "no deny policy that was not read stops the request"
NO_BOUNDARY = "no principal access boundary policy keeps them away (these are not read)"
_OTHER_DOMAINS = "the domain is none of our own beside the one that the organisation is named after"
_WRITER = Unknown(reason=Reason.NOT_COLLECTED, detail="which identity delivers here is said by the source of the logs")
_NOT_PUBLIC = tuple(scope.value for scope in Scope if scope is not Scope.PUBLIC)
_STORAGE_ADMIN = (
    "what Databricks documents for its delivery, and more than it says it does there (write and list): "
    "roles/storage.objectUser would give that, which Databricks does not confirm"
)
_SHOWN = 3  # names in one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Decides over all ways to one resource, and puts every witness to the second evaluator."""

    reader: Reader
    filters: Filters
    policies: Policies
    bound: Fact[Bound]
    scope: Callable[[Holder], Fact[Scope]]
    signs: frozenset[str] = frozenset()  # service accounts with active HMAC keys
    assumed: tuple[str, ...] = ()  # of every grant

    def listing(self, layers: Iterable[Layer], around: Listing[Way]) -> Listing[Grant]:
        """Every grant by every layer, and by `around`: ways by lists, with what these and the layers may lack."""
        ways: list[Way] = []
        missing = [self._limited(gap) for gap in around.gaps]
        sources: list[Source] = [*around.sources, *self.filters.denied.sources, *self.filters.prevented.sources]
        for layer in layers:
            sources.extend(layer.policy.sources)
            match layer.policy:
                case Unknown() as unknown:
                    missing.append(self._limited(_told(Gap(unknown=unknown), layer)))
                case Known(value=policy):
                    missing.extend(self._limited(_told(gap, layer)) for gap in policy.gaps)
                    for found in self.reader.ways(layer, policy):
                        if isinstance(found, Unread):
                            sources.extend(found.unknown.sources)
                            missing.append(self._limited(self._gap(found.unknown, found.holders, found.action)))
                        else:
                            ways.append(found)
        ways.extend(around.items)
        items, doubts = self._joined(ways)
        return Listing(
            items=tuple(items),
            gaps=(*missing, *doubts),
            sources=united(sources, (source for way in ways for source in way.sources)),
        )

    def _limited(self, gap: Gap) -> Gap:
        """Where the public is kept out, nobody of it can be behind a gap."""
        prevented = self.filters.prevented
        if isinstance(prevented, Known) and prevented.value and "scope" not in dict(gap.limits):
            return replace(gap, limits=(*gap.limits, ("scope", _NOT_PUBLIC)))
        return gap

    def _joined(self, ways: Iterable[Way]) -> tuple[list[Grant], list[Gap]]:
        certain: dict[tuple[Holder, ActionClass], list[Way]] = {}
        doubtful: dict[tuple[Unknown, ActionClass, str], list[Way]] = {}
        for left in (left for way in ways for left in self.filters.left(way)):
            if left.doubt is None:
                certain.setdefault((left.holder, left.action), []).append(left)
            else:
                doubtful.setdefault((left.doubt, left.action, left.words), []).append(left)
        grants: list[Grant] = []
        unsure = [
            self._gap(_about(doubt, action, words, found), tuple(way.holder for way in found), action)
            for (doubt, action, words), found in doubtful.items()
        ]
        for (who, action), found in certain.items():
            given = self._grant(who, action, found)
            if isinstance(given, Grant):
                grants.append(given)
            else:
                unsure.append(self._gap(given, (who,), action))
        return grants, unsure

    def _grant(self, who: Holder, action: ActionClass, ways: list[Way]) -> Grant | Unknown:
        sources = united(*(way.sources for way in ways))
        names = [name for way in ways for name in way.permissions]
        actions = in_order(names, self.reader.classes, action)
        delivery = who.name == GOOGLE_DELIVERY
        permission = actions.partition(", ")[0]
        by = next(way for way in ways if permission in way.permissions)
        asked = request(who, permission, by, self.reader.now)
        if (wrong := refuted(self.policies, asked, who)) is not None:
            return wrong

        def known(value: str) -> Fact[str]:
            return Known(value=value, sources=sources)

        return Grant(
            principal=known(who.name),
            kind=Known(value=who.kind, sources=sources),
            account=known(who.account),
            action=Known(value=action, sources=sources),
            actions=known(actions),
            scope=_with(self.scope(who), sources),
            bound=self.bound.then(lambda bound: Known(value=bound, sources=sources)),
            via=known("; ".join(self._via(who, ways))),
            conditions=known(_conditions(ways)),
            witness=known(told(asked, who)),
            assumptions=known("; ".join(self._assumptions(who))),
            confused_deputy=Known(value=delivery, sources=sources),
            within_need=Known(value=delivery and all(way.near for way in ways), sources=sources),
            delivers=_WRITER,
        )

    def _via(self, who: Holder, ways: list[Way]) -> Iterator[str]:
        yield from dict.fromkeys(way.words for way in ways)
        if who.name == GOOGLE_DELIVERY and any(way.role == "roles/storage.admin" for way in ways):
            yield _STORAGE_ADMIN
        if who.name.removeprefix("serviceAccount:") in self.signs:
            yield "also with an HMAC key, by whoever holds it"

    def _assumptions(self, who: Holder) -> Iterator[str]:
        if who.name.startswith("user:") or who.kind is HolderKind.DOMAIN:
            yield _OTHER_DOMAINS
        if who.kind not in PUBLIC:  # boundaries are for principals of an organisation or a pool
            yield NO_BOUNDARY
        yield from self.assumed

    def _gap(self, unknown: Unknown, holders: tuple[Holder, ...], action: ActionClass | None) -> Gap:
        """A gap, limited to what every grant behind it would have to be."""
        limits: list[tuple[str, tuple[str, ...]]] = [] if action is None else [("action", (action.value,))]
        if not holders:
            return Gap(unknown=unknown, limits=tuple(limits))
        scopes = [self.scope(who) for who in holders]
        known = [scope.value.value for scope in scopes if isinstance(scope, Known)]
        limits.append(("kind", tuple(dict.fromkeys(who.kind.value for who in holders))))
        limits.append(("principal", tuple(dict.fromkeys(who.name for who in holders))))
        if not any(who.kind is HolderKind.PRINCIPAL for who in holders):
            limits.append(("delivers", ("false",)))
        if len(known) == len(scopes):
            limits.append(("scope", tuple(dict.fromkeys(known))))
        elif not any(who.kind in PUBLIC for who in holders):
            limits.append(("scope", _NOT_PUBLIC))
        return Gap(unknown=unknown, limits=tuple(limits))


def _told(gap: Gap, layer: Layer) -> Gap:
    detail = f"who is bound on {layer.words}: {gap.unknown.detail}"
    return replace(gap, unknown=replace(gap.unknown, detail=detail))


def _about(doubt: Unknown, action: ActionClass, words: str, ways: list[Way]) -> Unknown:
    who = tuple(dict.fromkeys(way.holder.name for way in ways))
    names = ", ".join(f"`{name}`" for name in who[:_SHOWN])
    others = f" and {len(who) - _SHOWN} more" if len(who) > _SHOWN else ""
    detail = f"{names}{others} could {action.value} by {words}: {doubt.detail}"
    sources = united(doubt.sources, *(way.sources for way in ways))
    return replace(doubt, detail=detail, sources=sources)


def _conditions(ways: list[Way]) -> str:
    """What all ways ask for; nothing where one of them asks for nothing."""
    each = tuple(dict.fromkeys(way.condition for way in ways))
    return "; or ".join(each) if all(each) else ""


def _with(scope: Fact[Scope], sources: tuple[Source, ...]) -> Fact[Scope]:
    if isinstance(scope, Known):
        return Known(value=scope.value, sources=united(sources, scope.sources))
    return scope
