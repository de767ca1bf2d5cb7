"""Planned roles as the record of a role: who may become it, and what it may do."""

from __future__ import annotations

from posture.adapters.aws.config import NamedPolicy, RoleConfig
from posture.adapters.aws.terraform.identities import MANAGED_POLICY, ROLE
from posture.adapters.aws.terraform.workshop import Workshop
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, united
from posture.terraform.place import Place
from posture.terraform.resources import Action, Resource

_INLINE = "aws_iam_role_policy"
_ATTACHMENT = "aws_iam_role_policy_attachment"
_ATTACHMENTS = "aws_iam_policy_attachment"


class Roles:
    """The roles of one plan."""

    def __init__(self, tools: Workshop) -> None:
        self._plan = tools.plan
        self._names = tools.names
        self._documents = tools.documents
        self._references = tools.references
        self._context = tools.context
        self._gone = tuple(
            gone
            for gone in tools.plan.departures
            if gone.action is Action.DELETE and gone.address.kind in {_INLINE, _ATTACHMENT}
        )

    def config(self, role: Resource) -> RoleConfig:
        """The role as it will be."""
        place = Place(values=role.after, resource=role)
        return RoleConfig(
            arn=self._names.role(role).arn,
            trust_policy=self._documents.text(place.at("assume_role_policy")),
            policies=self._policies(role, place),
        )

    def _policies(self, role: Resource, place: Place) -> Listing[NamedPolicy]:
        """Those of this plan; what else a role has that is there already stands in its own attributes."""
        gaps: list[Gap] = []
        found: dict[str, NamedPolicy] = {}
        left = self._left(role)
        for policy in (*self._own(role, place, gaps), *self._managed(role, place, gaps)):
            if policy.name not in left:
                found[policy.name] = policy
        beside = self._plan.attached(role, _INLINE, "role", identity=ROLE)
        gaps.extend(beside.gaps)
        for item in beside.items:
            inner = Place(values=item.after, resource=item)
            name = inner.text("name")
            key = name.value if isinstance(name, Known) and name.value else item.address.text
            found[key] = NamedPolicy(name=key, document=self._documents.text(inner.at("policy")))
        attached = self._plan.attached(role, _ATTACHMENT, "role", identity=ROLE)
        gaps.extend(attached.gaps)
        for item in attached.items:
            shared = self._shared(Place(values=item.after, resource=item).at("policy_arn"))
            found[shared.name] = shared
        found |= {shared.name: shared for shared in self._by_lists(role, gaps)}
        sources = united((role.after.source,), beside.sources, attached.sources)
        return Listing(items=tuple(found.values()), gaps=tuple(gaps), sources=sources)

    def _own(self, role: Resource, place: Place, gaps: list[Gap]) -> tuple[NamedPolicy, ...]:
        """The blocks of the role itself, or what a refresh saw there."""
        if self._silent(role, "inline_policy"):
            return ()
        match place.each("inline_policy"):
            case Known(value=blocks):
                named = [(block.text("name"), self._documents.text(block.at("policy"))) for block in blocks]
                return tuple(
                    NamedPolicy(name=name.value, document=document)
                    for name, document in named
                    if isinstance(name, Known) and name.value
                )
            case Unknown() as unknown:
                gaps.append(Gap(unknown=unknown))
                return ()

    def _managed(self, role: Resource, place: Place, gaps: list[Gap]) -> tuple[NamedPolicy, ...]:
        if self._silent(role, "managed_policy_arns"):
            return ()
        match place.each("managed_policy_arns"):
            case Known(value=arns):
                return tuple(self._shared(arn) for arn in arns)
            case Unknown() as unknown:
                gaps.append(Gap(unknown=unknown))
                return ()

    def _silent(self, role: Resource, attribute: str) -> bool:
        """Whether an attribute of a new role says nothing: the provider fills it in from what is beside it."""
        own = role.after.optional(attribute)
        return own.raw is None or (role.new and own.unknown is True and self._plan.sets(role, attribute) is False)

    def _shared(self, place: Place) -> NamedPolicy:
        """A policy of its own: of this plan, or as a live scan read it."""
        target = self._plan.target(place.resource, *place.path, identity=MANAGED_POLICY) if place.resource else None
        if target is not None and isinstance(target.fact, Known) and target.fact.value is not None:
            policy = Place(values=target.fact.value.after, resource=target.fact.value)
            return NamedPolicy(name=policy.values.source.operation, document=self._documents.text(policy.at("policy")))
        match place.text():
            case Known(value=arn):
                unread = Unknown(
                    reason=Reason.NOT_COLLECTED,
                    sources=(place.values.source,),
                    detail=f"what `{arn}` allows is not in the plan",
                    needs="--context",
                )
                return NamedPolicy(name=arn, document=self._from_context(arn, unread))
            case Unknown() as unknown:
                return NamedPolicy(name=place.values.source.pointer or "policy", document=unknown)

    def _from_context(self, arn: str, unread: Unknown) -> Fact[str]:
        document = self._context.policy(arn)
        return document if isinstance(document, Known) else unread

    def _by_lists(self, role: Resource, gaps: list[Gap]) -> tuple[NamedPolicy, ...]:
        """Attachments that name several roles at once; one of which nobody can tell whether it names this is a gap."""
        arn, found = self._names.role(role).arn, []
        for item in self._plan.of_kind(_ATTACHMENTS):
            place = Place(values=item.after, resource=item)
            match self._listed(place.at("roles")):
                case Unknown():
                    detail = f"`{item.after.source.operation}` may attach a policy to this role"
                    unknown = Unknown(reason=Reason.UNDETERMINED, sources=(item.after.source,), detail=detail)
                    gaps.append(Gap(unknown=unknown))
                case Known(value=names) if names & {arn, arn.rpartition("/")[2]}:
                    found.append(self._shared(place.at("policy_arn")))
                case _:
                    pass
        return tuple(found)

    def _listed(self, roles: Place) -> Fact[frozenset[str]]:
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

    def _left(self, role: Resource) -> frozenset[str]:
        """The names of policies that this plan takes from the role."""
        names: set[str] = set()
        for gone in self._gone:
            if role in self._plan.formerly(gone, "role", identity=ROLE):
                text = gone.before.text("name" if gone.address.kind == _INLINE else "policy_arn")
                names.add(text.value or "" if isinstance(text, Known) else "")
        return frozenset(names)
