"""Grants and gaps of one resource, in the words of the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field, replace

from posture.adapters.azure.access.holders import Held
from posture.adapters.azure.config import Roles
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, united
from posture.model.subjects import ActionClass, Bound, Grant, HolderKind, Scope

ALL_BUT_PUBLIC = tuple(scope.value for scope in Scope if scope is not Scope.PUBLIC)
_NO: Fact[bool] = Known(value=False, sources=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one principal reaches a resource, for one thing that it can do."""

    held: Held
    action: ActionClass
    operations: tuple[str, ...]
    via: str
    bound: Fact[Bound]
    witness: str
    conditions: str = ""
    assumptions: str = ""
    sources: tuple[Source, ...] = ()


@mutable_dataclass(slots=True)
class Collected:
    """What a composition gathers."""

    grants: list[Grant] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def take(self, way: Way) -> None:
        """A way that nothing takes away; of a holder whom nobody could look up only that it is not everybody."""
        scope = way.held.scope
        if isinstance(scope, Unknown):
            detail = f"who `{way.held.name}` is, which holds {way.via}: {scope.detail}"
            self.doubt(replace(scope, detail=detail), (way.action,), ALL_BUT_PUBLIC)
        else:
            self.grants.append(_grant(way))

    def hide(self, way: Way, unknown: Unknown) -> None:
        """A way that something may take away or narrow to nothing."""
        scope = way.held.scope
        scopes = (scope.value.value,) if isinstance(scope, Known) else ALL_BUT_PUBLIC
        self.doubt(unknown, (way.action,), scopes)

    def listed(self, roles: Roles, *others: tuple[Source, ...]) -> Listing[Grant]:
        """Everything gathered, and what it rests on."""
        by_roles = (roles.assignments.sources, roles.denials.sources, roles.delegations.sources)
        gaps = tuple(dict.fromkeys(self.gaps))
        return Listing(items=tuple(self.grants), gaps=gaps, sources=united(*by_roles, *others))

    def doubt(self, unknown: Unknown, actions: Iterable[ActionClass], scopes: tuple[str, ...]) -> None:
        """Ways that nobody can see."""
        limits = (("action", tuple(action.value for action in actions)), ("scope", scopes))
        self.gaps.append(Gap(unknown=unknown, limits=limits))


def undetermined(detail: str, sources: tuple[Source, ...], needs: str = "") -> Unknown:
    """Everything was read, and still it cannot be decided."""
    return Unknown(reason=Reason.UNDETERMINED, detail=detail, sources=sources, needs=needs)


def anybody() -> Held:
    """Everyone on the internet, without credentials."""
    return Held(name="*", kind=HolderKind.ANONYMOUS, tenant="", scope=Known(value=Scope.PUBLIC, sources=()))


def _grant(way: Way) -> Grant:
    def known(value: str) -> Fact[str]:
        return Known(value=value, sources=way.sources)

    return Grant(
        principal=known(way.held.name),
        kind=Known(value=way.held.kind, sources=way.sources),
        account=known(way.held.tenant),
        action=Known(value=way.action, sources=way.sources),
        actions=known(", ".join(way.operations)),
        scope=_cited(way.held.scope, way.sources),
        bound=way.bound,
        via=known(way.via),
        conditions=known(way.conditions),
        witness=known(way.witness),
        assumptions=known(way.assumptions),
        confused_deputy=_NO,
        within_need=_NO,
        delivers=_NO,
    )


def _cited(scope: Fact[Scope], sources: tuple[Source, ...]) -> Fact[Scope]:
    if isinstance(scope, Known):
        return Known(value=scope.value, sources=tuple(dict.fromkeys((*sources, *scope.sources))))
    return scope
