"""The policies of a role at the end of a plan: what it has, what resources beside it add, and what they take away.

Nothing here asks for the policies of users and groups: who of an account may use what a policy gives to that account
is no part of a store's grants, in a plan as in a scan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from posture.adapters.aws.config import NamedPolicy
from posture.adapters.aws.terraform.identities import MANAGED_POLICY, ROLE
from posture.adapters.aws.terraform.workshop import Workshop
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, united
from posture.model.leads import RoleRef
from posture.terraform.address import DATA
from posture.terraform.place import Place
from posture.terraform.resources import Action, Departure, Resource

INLINE: Final = "aws_iam_role_policy"
ATTACHMENT: Final = "aws_iam_role_policy_attachment"
_ATTACHMENTS: Final = "aws_iam_policy_attachment"
_INLINE_ONLY: Final = "aws_iam_role_policies_exclusive"
_ATTACHED_ONLY: Final = "aws_iam_role_policy_attachments_exclusive"
_TOUCHING: Final = (
    (INLINE, "role"),
    (ATTACHMENT, "role"),
    (_INLINE_ONLY, "role_name"),
    (_ATTACHED_ONLY, "role_name"),
)
Named: TypeAlias = "Callable[[str, str], Listing[Resource]]"  # the resources of a kind whose attribute names a role


@dataclass(slots=True, kw_only=True)
class Held:
    """What a role has, inline by name and attached by ARN or by the resource that makes it."""

    inline: dict[str, NamedPolicy] = field(default_factory=dict)
    attached: dict[str, NamedPolicy] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    sources: tuple[Source, ...] = ()

    def listing(self) -> Listing[NamedPolicy]:
        """All of it."""
        items = (*self.inline.values(), *self.attached.values())
        return Listing(items=items, gaps=tuple(self.gaps), sources=self.sources)


class RolePolicies:
    """Changes what a role has by what the plan has beside it."""

    def __init__(self, tools: Workshop) -> None:
        self._plan = tools.plan
        self._documents = tools.documents
        self._references = tools.references
        self._context = tools.context
        self._gone = tuple(
            gone
            for gone in tools.plan.departures
            if gone.action is Action.DELETE and gone.address.kind in {INLINE, ATTACHMENT}
        )

    def of(self, role: Resource, arn: str, held: Held) -> Listing[NamedPolicy]:
        """Of a role of this plan."""
        gone = [each for each in self._gone if role in self._plan.formerly(each, "role", identity=ROLE)]
        return self._changed(
            held, arn, gone, lambda kind, attribute: self._plan.attached(role, kind, attribute, identity=ROLE)
        )

    def outside(self, ref: RoleRef, live: Listing[NamedPolicy]) -> Listing[NamedPolicy]:
        """Of a role outside of this plan, which has what a scan saw."""
        held = Held(gaps=list(live.gaps), sources=live.sources)
        for policy in live.items:
            (held.attached if policy.name.startswith("arn:") else held.inline)[policy.name] = policy
        gone = [each for each in self._gone if _text(each.before.text("role")) in _names(ref.arn)]
        return self._changed(held, ref.arn, gone, lambda kind, attribute: self._naming(ref, kind, attribute))

    def touches(self, ref: RoleRef) -> bool:
        """Whether the plan changes, or may change, what a role outside of it has."""
        if any(_text(gone.before.text("role")) in _names(ref.arn) for gone in self._gone):
            return True
        listings = (self._naming(ref, kind, attribute) for kind, attribute in _TOUCHING)
        return any(listing.items or listing.gaps for listing in listings) or any(self._by_lists(ref.arn))

    def shared(self, place: Place) -> NamedPolicy:
        """A policy of its own: of this plan, or as a live scan read it."""
        found = self._managed(place)
        if found is not None:
            policy = Place(values=found.after, resource=found)
            return NamedPolicy(name=found.shown, document=self._documents.text(policy.at("policy")))
        match place.text():
            case Known(value=arn):
                return NamedPolicy(name=arn, document=self._from_context(arn, place))
            case Unknown() as unknown:
                return NamedPolicy(name=place.values.source.pointer or "policy", document=unknown)

    def _changed(self, held: Held, arn: str, gone: list[Departure], named: Named) -> Listing[NamedPolicy]:
        for each in gone:
            inline = each.address.kind == INLINE
            (held.inline if inline else held.attached).pop(
                _text(each.before.text("name" if inline else "policy_arn")), None
            )
        beside, attached = named(INLINE, "role"), named(ATTACHMENT, "role")
        for item in beside.items:
            place = Place(values=item.after, resource=item)
            name = item.known("name") or item.address.text
            held.inline[name] = NamedPolicy(name=name, document=self._documents.text(place.at("policy")))
        for place in (Place(values=item.after, resource=item).at("policy_arn") for item in attached.items):
            shared = self.shared(place)
            held.attached[shared.name] = shared
        for found in self._by_lists(arn):
            if isinstance(found, Unknown):
                held.gaps.append(Gap(unknown=found))
            else:
                held.attached[found.name] = found
        self._only(held, named)
        held.gaps = [*held.gaps, *beside.gaps, *attached.gaps]
        held.sources = united(held.sources, beside.sources, attached.sources)
        return held.listing()

    def _only(self, held: Held, named: Named) -> None:
        """Apply removes what an exclusive resource does not list, and attaches what it lists."""
        alone, attached_alone = named(_INLINE_ONLY, "role_name"), named(_ATTACHED_ONLY, "role_name")
        for item in alone.items:
            places = Place(values=item.after, resource=item).each("policy_names")
            held.inline = _kept(
                held.inline, item, places.map(lambda each: tuple(_text(place.values.text()) for place in each))
            )
        for item in attached_alone.items:
            places = Place(values=item.after, resource=item).each("policy_arns")
            listed = places.map(lambda each: tuple(self._listed(place) for place in each))
            held.attached = _kept(held.attached, item, listed)
            known = places.value if isinstance(places, Known) else ()
            for place in filter(self._listed, known):
                held.attached.setdefault(self._listed(place), self.shared(place))
            if isinstance(places, Unknown) or not all(map(self._listed, known)):
                held.gaps.append(Gap(unknown=_undecided(item)))
        for gap in alone.gaps:
            held.inline = {name: _perhaps(policy, gap.unknown) for name, policy in held.inline.items()}
        for gap in attached_alone.gaps:
            held.attached = {name: _perhaps(policy, gap.unknown) for name, policy in held.attached.items()}
            held.gaps.append(gap)

    def _listed(self, place: Place) -> str:
        """How a policy in a list is called; empty where nobody knows which it is."""
        found = self._managed(place)
        return found.shown if found is not None else _text(place.values.text())

    def _managed(self, place: Place) -> Resource | None:
        target = self._plan.target(place.resource, *place.path, identity=MANAGED_POLICY) if place.resource else None
        return target.fact.value if target is not None and isinstance(target.fact, Known) else None

    def _from_context(self, arn: str, place: Place) -> Fact[str]:
        document = self._context.policy(arn)
        if isinstance(document, Known):
            return document
        return Unknown(
            reason=Reason.NOT_COLLECTED,
            sources=(place.values.source,),
            detail=f"what `{arn}` allows is not in the plan",
            needs="--context",
        )

    def _naming(self, ref: RoleRef, kind: str, attribute: str) -> Listing[Resource]:
        """The resources of a kind that name a role outside of the plan."""
        found, gaps = [], []
        for item in self._plan.of_kind(kind):
            match self._plan.target(item, attribute, identity=ROLE).fact:
                case Unknown() as unknown:
                    gaps.append(Gap(unknown=unknown))
                case Known(value=target):
                    named = (item.known(attribute),) if target is None else (target.known("arn"), target.known("name"))
                    outside = target is None or target.address.kind.startswith(f"{DATA}.")
                    if outside and not _names(ref.arn).isdisjoint(named):
                        found.append(item)
        return Listing(items=tuple(found), gaps=tuple(gaps), sources=())

    def _by_lists(self, arn: str) -> Iterator[NamedPolicy | Unknown]:
        """Attachments that name several roles at once; one of which nobody can tell whether it names this is a gap."""
        for item in self._plan.of_kind(_ATTACHMENTS):
            place = Place(values=item.after, resource=item)
            match self._roles(place.at("roles")):
                case Unknown():
                    detail = f"`{item.shown}` may attach a policy to this role"
                    yield Unknown(reason=Reason.UNDETERMINED, sources=(item.after.source,), detail=detail)
                case Known(value=names) if names & _names(arn):
                    yield self.shared(place.at("policy_arn"))
                case _:
                    pass

    def _roles(self, roles: Place) -> Fact[frozenset[str]]:
        """The roles of a set, by name or ARN: those that are known, and as many others as its references lead to."""

        def named(places: tuple[Place, ...]) -> Fact[frozenset[str]]:
            texts = [place.values.text() for place in places]
            left = [text for text in texts if isinstance(text, Unknown)]
            reached = self._references.roles(roles) if left else ()
            if len(reached) != len(left):
                return left[0]
            known = (text.value for text in texts if isinstance(text, Known))
            return Known(value=frozenset((*filter(None, known), *reached)), sources=(roles.values.source,))

        return roles.each().then(named)


def _kept(found: dict[str, NamedPolicy], item: Resource, listed: Fact[tuple[str, ...]]) -> dict[str, NamedPolicy]:
    """What an exclusive resource leaves; what one of its unknown names may be, it perhaps leaves."""
    names = listed.value if isinstance(listed, Known) else ("",)
    kept = {name: policy for name, policy in found.items() if name in names}
    if all(names):
        return kept
    return {name: kept.get(name) or _perhaps(policy, _undecided(item)) for name, policy in found.items()}


def _undecided(item: Resource) -> Unknown:
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=(item.after.source,),
        detail=f"which policies `{item.shown}` leaves to the role is known after apply",
    )


def _perhaps(policy: NamedPolicy, unknown: Unknown) -> NamedPolicy:
    return NamedPolicy(name=policy.name, document=unknown)


def _names(arn: str) -> frozenset[str]:
    return frozenset((arn, arn.rpartition("/")[2]))


def _text(fact: Fact[str | None]) -> str:
    return fact.value or "" if isinstance(fact, Known) else ""
