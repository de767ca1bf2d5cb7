"""Ways in: what the decision engine found, by principal and place, before filters and labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from types import MappingProxyType

from posture.adapters.aws.access.control_policies import NO_RESTRAINT, Restraint
from posture.adapters.aws.arns import account_of
from posture.frozen import dataclass
from posture.iam import (
    ActionClass,
    Answer,
    Asked,
    Bound,
    BoundKind,
    Decision,
    Decisions,
    Document,
    Effort,
    Gate,
    PrincipalKind,
    Reach,
    ReachClass,
    StatementRef,
    Undetermined,
    allows,
    make_request,
)
from posture.model.facts import Source
from posture.model.subjects import HolderKind
from posture.model.trust import Holder

_ACCOUNT = re.compile("[0-9]{12}")
ORDINARY = MappingProxyType({"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "aws:SourceIp": "192.0.2.1"})
_PUBLIC = frozenset({PrincipalKind.ANONYMOUS, PrincipalKind.ANY_ACCOUNT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What is asked about: a bucket, a key or a role, its owner, and the moment as of which time counts.

    `organisation` is the owner's, empty where it has none, None where that is not known.
    """

    arn: str | None
    owner: str
    now: datetime
    organisation: str | None = None
    prefix: str = ""  # of the objects that matter, with its slash
    restraint: Restraint = NO_RESTRAINT  # what the organisation's control policies take away
    members: frozenset[str] | None = None  # the accounts of that organisation, None where they are not known
    decisions: Decisions = field(default_factory=Decisions, compare=False)

    def reach(
        self,
        grants: Iterable[Document],
        *,
        gates: Iterable[Gate] = (),
        context: Mapping[str, str | None] | None = None,
        actions: tuple[str, ...] | None = None,
    ) -> Reach:
        """Who gets in under these policies; `context` fixes keys of every request."""
        if not _ACCOUNT.fullmatch(self.owner):
            return _unanswerable(f"`{self.owner}` is no account id")
        asked = Asked(
            grants=tuple(grants),
            gates=(*gates, *self.restraint.gates),
            owner=self.owner,
            organisation=self.organisation,
            members=self.members,
            resource=self.arn,
            prefix=self.prefix,
            actions=actions,
            context=context or {},
            now=self.now,
        )
        return self.decisions.reach(asked)

    def ask(self, policy: Document, principal: str, action: str, resource: str) -> Decision:
        """What one policy says of an ordinary request over the internet, with nothing special about it."""
        try:
            request = make_request(principal=principal, action=action, resource=resource, context=ORDINARY)
        except ValueError as error:  # a name that fits no kind of caller, such as one that a policy made up
            return Decision(answer=Answer.UNDETERMINED, reasons=(str(error),))
        return allows(policy.raw, request, owner=self.owner, organisation=self.organisation)

    def lets(self, policies: Iterable[Document], principal: str, action: str, resource: str) -> bool:
        """Whether such a request is let through for sure."""
        everything = (*policies, *self.restraint.documents)
        said = [self.ask(policy, principal, action, resource) for policy in everything]
        allowed = any(each.answer is Answer.ALLOWED for each in said)
        open_ones = (
            each.answer is Answer.DENIED and not each.explicit for each in said if each.answer is not Answer.ALLOWED
        )
        return allowed and all(open_ones)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a policy was read: how it is called, and the source of each of its statements."""

    label: str
    statements: tuple[Source, ...]
    names: tuple[str, ...] = ()  # of the statements, where Sids say nothing

    def source(self, reference: StatementRef) -> Source:
        """The source of a statement."""
        return self.statements[min(max(reference.index, 0), len(self.statements) - 1)]

    def words(self, reference: StatementRef) -> str:
        """The statement as reports call it."""
        if self.names:
            return f"{self.label}: {self.names[reference.index]}"
        sid = f" ({reference.sid})" if reference.sid else ""
        return f"{self.label} /Statement/{reference.index}{sid}"


Origins = Mapping[str, Origin]


def _unanswerable(reason: str) -> Reach:
    """Anybody may do anything, for all that can be said."""
    doubts = (Undetermined(principal=None, action_class=kind, actions=(), reasons=(reason,)) for kind in ActionClass)
    none = Effort(scenarios=0, states=0, steps=0)
    return Reach(classes=(), undetermined=tuple(doubts), problems=(), notes=(), effort=none)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One principal's way to one class of actions. `door` is the access point, empty for the front door."""

    holder: Holder
    action: ActionClass
    bound: Bound
    found: tuple[ReachClass, ...]
    door: str = ""
    door_vpc: str = ""
    alike: str = ""  # of several principals that the policies treat alike, the one that the witness shows
    notes: tuple[str, ...] = field(default=())

    @property
    def key(self) -> tuple[Holder, ActionClass]:
        """What makes two ways the same in spite of different paths."""
        return self.holder, self.action

    @property
    def actions(self) -> tuple[str, ...]:
        """Every action, in the order of the table."""
        return tuple(dict.fromkeys(name for each in self.found for name in each.actions))


def ways(answer: Reach, *, door: str = "", door_vpc: str = "", without_services: bool = False) -> tuple[Way, ...]:
    """The ways in an answer: one for each principal, class of actions and bound."""
    groups: dict[tuple[Holder, ActionClass, Bound], list[tuple[ReachClass, str]]] = {}
    for found in answer.classes:
        if without_services and found.principal.kind is PrincipalKind.SERVICE:
            continue
        names = found.principal.names or ("*",)
        for name in names:
            alike = names[0] if name != names[0] else ""
            key = (holder_of(found, name), found.action_class, found.bound)
            groups.setdefault(key, []).append((found, alike))
    everyone = {(found.action_class, found.bound) for found in answer.classes if found.principal.kind in _PUBLIC}
    return tuple(
        Way(
            holder=holder,
            action=action,
            bound=bound,
            found=tuple(found for found, _ in group),
            door=door,
            door_vpc=door_vpc,
            alike=group[0][1],
        )
        for (holder, action, bound), group in groups.items()
        if not (_unnamed_service(holder) and (action, bound) in everyone)
    )


def _unnamed_service(holder: Holder) -> bool:
    return holder.kind is HolderKind.SERVICE and holder.name == "*"


def holder_of(found: ReachClass, name: str) -> Holder:
    """The holder of a class, by one of its names."""
    kind = HolderKind(found.principal.kind.value)
    return Holder(kind=kind, name=name, account=_account(found, name), source=found.principal.source)


def holders_of(doubt: Undetermined) -> Iterator[Holder]:
    """The holders that an undetermined part is about; nothing where it is about anybody."""
    if doubt.principal is not None:
        kind = HolderKind(doubt.principal.kind.value)
        for name in doubt.principal.names or ("*",):
            source = doubt.principal.source
            account = _account_in(source) if source is not None else _named_account(kind, name)
            yield Holder(kind=kind, name=name, account=account, source=source)


def _account(found: ReachClass, name: str) -> str:
    kind = HolderKind(found.principal.kind.value)
    if kind is not HolderKind.SERVICE:
        return _named_account(kind, name)
    source = found.principal.source
    if source is None or source.startswith("o-"):
        return ""
    if account := _account_in(source):
        return account
    # a bucket's ARN names no account: the witness shows whose it has to be, if that is told beside it
    context = dict(found.witness.context)
    return next(iter(context.get("aws:SourceAccount", ())), "")


def _account_in(source: str) -> str:
    account = account_of(source) or source
    return account if _ACCOUNT.fullmatch(account) else ""


def _named_account(kind: HolderKind, name: str) -> str:
    match kind:
        case HolderKind.ACCOUNT:
            return name
        case HolderKind.PRINCIPAL | HolderKind.FEDERATED:
            return _account_in(name)
        case _:
            return ""


def without_known(found: Iterable[Way], known: Iterable[Way]) -> tuple[Way, ...]:
    """The ways that give somebody something which the known ones do not give without a bound."""
    open_ones = {way.key: frozenset(way.actions) for way in known if way.bound.kind is BoundKind.NONE}
    return tuple(way for way in found if not frozenset(way.actions) <= open_ones.get(way.key, frozenset()))
