"""From bindings and lists to ways in: who holds which permissions on the logs, as far as it can be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from posture.adapters.gcp.access.actions import ON_BUCKET, with_more
from posture.adapters.gcp.access.conditions import Question, UndecidedError, holds
from posture.adapters.gcp.access.members import holder
from posture.adapters.gcp.config import Binding, Policy, RolePermissions
from posture.model.facts import Fact, Known, Reason, Source, Unknown, united
from posture.model.subjects import ActionClass, HolderKind
from posture.model.trust import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One resource whose policy gives access, in words; `more` is what else administers from there.

    `near` says that the policy is attached to the store itself or to a part of it.
    """

    name: str
    words: str
    policy: Fact[Policy]
    more: str = ""
    near: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What is asked about, as conditions name it: `whole` is the bucket or key, `objects` where its objects begin."""

    whole: str
    whole_kind: str
    objects: str = ""
    object_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Some permissions of one class for one holder. `doubt` says why it may be none."""

    holder: Holder
    action: ActionClass
    permissions: tuple[str, ...]
    role: str
    words: str
    level: str  # whose policy gives it
    near: bool
    condition: str
    sources: tuple[Source, ...]
    doubt: Unknown | None = None


NOBODY = Holder(kind=HolderKind.PRINCIPAL, name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A binding of which nobody knows what it gives, or to whom: its holders, why, and of what class it is if known.

    No holders: it may be anybody.
    """

    holders: tuple[Holder, ...]
    unknown: Unknown
    action: ActionClass | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads bindings for one resource."""

    classes: Mapping[ActionClass, tuple[str, ...]]
    resource: Resource
    role: Callable[[str], Fact[RolePermissions]]
    now: datetime

    def ways(self, layer: Layer, policy: Policy) -> Iterator[Way | Unread]:
        """Everything that one policy gives."""
        classes = with_more(self.classes, layer.more)
        for binding in policy.bindings:
            holders = tuple(who for who in map(holder, binding.members) if who is not None)
            match self.role(binding.role) if holders or binding.open else None:
                case Unknown() as unknown:
                    detail = f"what `{binding.role}` allows {_listed(holders)} on {layer.words}: {unknown.detail}"
                    sources = united((binding.source,), unknown.sources)
                    needs, reason = unknown.needs, unknown.reason
                    yield Unread(
                        holders=holders,
                        unknown=Unknown(reason=reason, sources=sources, detail=detail, needs=needs),
                    )
                case Known(value=role, sources=sources) if not role.deleted:
                    for action, names in classes.items():
                        held = tuple(name for name in names if name in role.permissions)
                        blank = Way(
                            holder=NOBODY,
                            action=action,
                            permissions=held,
                            role=binding.role,
                            words=f"{binding.role} on {layer.words}",
                            level=layer.name,
                            near=layer.near,
                            condition="",
                            sources=united((binding.source,), sources),
                        )
                        yield from self._given(blank, binding, holders)
                case _:
                    pass

    def _given(self, blank: Way, binding: Binding, holders: tuple[Holder, ...]) -> Iterator[Way | Unread]:
        kept, narrowed, doubt = self._decided(binding, blank.permissions)
        condition = binding.condition if narrowed else ""
        for who in holders if kept else ():
            yield replace(blank, holder=who, permissions=kept, condition=condition, doubt=doubt)
        if kept and binding.open is not None:
            detail = f"who else can {blank.action.value} by {blank.words}: {binding.open.detail}"
            yield Unread(holders=(), unknown=replace(binding.open, detail=detail), action=blank.action)

    def _decided(self, binding: Binding, held: tuple[str, ...]) -> tuple[tuple[str, ...], bool, Unknown | None]:
        """What a condition leaves, whether it leaves it for some objects only, and why it may leave nothing."""
        if not binding.condition or not held:
            return held, False, None
        kept: list[str] = []
        unsure: list[str] = []
        narrowed, why = False, ""
        for permission in held:
            try:
                some, every = self._holds(binding.condition, permission)
            except UndecidedError as undecided:
                unsure.append(permission)
                why = f"its condition `{binding.condition}` is not decided here: {undecided}"
            else:
                if some:
                    kept.append(permission)
                    narrowed = narrowed or not every or "request.time" in binding.condition
        if kept or not unsure:
            return tuple(kept), narrowed, None
        unknown = Unknown(reason=Reason.UNDETERMINED, sources=(binding.source.at("condition"),), detail=why)
        return tuple(unsure), True, unknown

    def _holds(self, condition: str, permission: str) -> tuple[bool, bool]:
        about = self.resource
        whole = Question(name=about.whole, whole=True, kind=about.whole_kind, now=self.now)
        objects = Question(name=about.objects, whole=False, kind=about.object_kind, now=self.now)
        if permission in ON_BUCKET:
            listed = holds(condition, whole)
            if not listed[0] and about.objects and holds(condition, objects)[0]:
                raise UndecidedError("it holds for objects and not for the bucket, where listing is decided")
            return listed
        return holds(condition, objects if about.objects and ".objects." in permission else whole)


def _listed(holders: tuple[Holder, ...]) -> str:
    few = 3
    names = ", ".join(f"`{who.name}`" for who in holders[:few])
    return names if len(holders) <= few else f"{names} and {len(holders) - few} more"
