"""From bindings and lists to ways in: who holds which permissions on the logs, as far as it can be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from posture.adapters.gcp.access.actions import ON_BUCKET, with_more
from posture.adapters.gcp.access.conditions import Decided, Question, UndecidedError, holds
from posture.adapters.gcp.access.members import holder
from posture.adapters.gcp.config import Binding, Policy, RolePermissions
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown, united
from posture.model.subjects import ActionClass, HolderKind
from posture.model.trust import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What is asked about, as conditions name it: `whole` is the bucket or key, `objects` where its objects begin."""

    whole: str
    whole_kind: str
    objects: str = ""
    object_kind: str = ""

    def of(self, permission: str, now: datetime) -> Question:
        """The resource on which a permission is asked for."""
        if self.objects and ".objects." in permission and permission not in ON_BUCKET:
            return Question(name=self.objects, whole=False, kind=self.object_kind, now=now)
        return Question(name=self.whole, whole=True, kind=self.whole_kind, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A permission by which whoever holds it on a resource above the store gives themselves everything below."""

    permission: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One resource whose policy gives access, in words; `more` is what administers the store from above it.

    `resource` is what the policy reaches of the store, `near` that it is attached to the store itself or to a part of
    it. A part has no permissions of the whole.
    """

    name: str
    words: str
    policy: Fact[Policy]
    resource: Resource
    more: tuple[Control, ...] = ()
    near: bool = False
    part: bool = False

    def of(self, permission: str, now: datetime) -> Question:
        """The resource on which a permission is asked for: what lies above the store is asked about itself.

        How conditions spell the names of projects, folders and organisations is not documented.
        """
        control = self.control(permission)
        if control is None:
            return self.resource.of(permission, now)
        spelled = "" if control.kind.startswith("cloudresourcemanager.") else control.name
        return Question(name=spelled, whole=True, kind=control.kind, now=now)

    def control(self, permission: str) -> Control | None:
        """The control from above that a permission is."""
        return next((control for control in self.more if control.permission == permission), None)

    def reaches(self, permission: str) -> bool:
        """Whether a permission is one for what the policy is attached to, or for what lies below."""
        return not (self.part and ".buckets." in permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Some permissions of one class for one holder. `doubt` says why it may be none."""

    holder: Holder
    action: ActionClass
    permissions: tuple[str, ...]
    role: str
    words: str
    resource: Resource
    layer: Layer | None  # whose policy gives it; none where it is a list
    condition: str
    sources: tuple[Source, ...]
    doubt: Unknown | None = None

    @property
    def near(self) -> bool:
        """Whether the store itself, or a part of it, gives it."""
        return self.layer is None or self.layer.near

    def asks(self, permission: str, now: datetime) -> Question:
        """The resource on which one of its permissions is asked for."""
        asked = self.resource if self.layer is None else self.layer
        return asked.of(permission, now)


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
    role: Callable[[str], Fact[RolePermissions]]
    now: datetime

    def ways(self, layer: Layer, policy: Policy) -> Iterator[Way | Unread]:
        """Everything that one policy gives."""
        classes = with_more(self.classes, [control.permission for control in layer.more])
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
                        held = tuple(name for name in names if name in role.permissions and layer.reaches(name))
                        blank = Way(
                            holder=NOBODY,
                            action=action,
                            permissions=held,
                            role=binding.role,
                            words=f"{binding.role} on {layer.words}",
                            resource=layer.resource,
                            layer=layer,
                            condition="",
                            sources=united((binding.source,), sources),
                        )
                        yield from self._given(blank, binding, holders, layer)
                case _:
                    pass

    def _given(self, blank: Way, binding: Binding, holders: tuple[Holder, ...], layer: Layer) -> Iterator[Way | Unread]:
        kept, narrowed, doubt = self._decided(binding, blank.permissions, layer)
        condition = binding.condition if narrowed else ""
        for who in holders if kept else ():
            yield replace(blank, holder=who, permissions=kept, condition=condition, doubt=doubt)
        if kept and binding.open is not None:
            detail = f"who else can {blank.action.value} by {blank.words}: {binding.open.detail}"
            yield Unread(holders=(), unknown=replace(binding.open, detail=detail), action=blank.action)

    def _decided(
        self, binding: Binding, held: tuple[str, ...], layer: Layer
    ) -> tuple[tuple[str, ...], bool, Unknown | None]:
        """What a condition leaves, whether it leaves it for some objects only, and why it may leave nothing."""
        if not binding.condition or not held:
            return held, False, None
        kept: list[str] = []
        unsure: list[str] = []
        narrowed, why = False, ""
        for permission in held:
            try:
                decided = self._holds(binding.condition, permission, layer)
            except UndecidedError as undecided:
                unsure.append(permission)
                why = f"its condition `{binding.condition}` is not decided here: {undecided}"
            else:
                if decided.example is not None:
                    kept.append(permission)
                    narrowed = narrowed or not decided.every or "request.time" in binding.condition
        if kept or not unsure:
            return tuple(kept), narrowed, None
        unknown = Unknown(reason=Reason.UNDETERMINED, sources=(binding.source.at("condition"),), detail=why)
        return tuple(unsure), True, unknown

    def _holds(self, condition: str, permission: str, layer: Layer) -> Decided:
        decided = holds(condition, layer.of(permission, self.now))
        objects = layer.resource.objects
        if decided.example is None and permission in ON_BUCKET and objects:
            below = Question(name=objects, whole=False, kind=layer.resource.object_kind, now=self.now)
            if holds(condition, below).example is not None:
                raise UndecidedError("it holds for objects and not for the bucket, where listing is decided")
        return decided


def _listed(holders: tuple[Holder, ...]) -> str:
    few = 3
    names = ", ".join(f"`{who.name}`" for who in holders[:few])
    return names if len(holders) <= few else f"{names} and {len(holders) - few} more"
