"""Who a principal of Azure is, and how it stands to the tenant that owns the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from posture.adapters.azure.config import Delegation, Principal, RoleAssignment
from posture.adapters.azure.live.arm import Arm
from posture.adapters.azure.live.directory import read_application, read_members, read_user
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Listing, Reason, Source, Unknown, united
from posture.model.subjects import HolderKind, Scope
from posture.model.trust import Ground, Holder, TrustZone, scope_of
from posture.reading import Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A principal as a grant shows it."""

    name: str
    kind: HolderKind
    tenant: str  # empty where nobody says
    scope: Fact[Scope]


class Holders:
    """Looks principals up, each once; `tenant` is the one that the subscription trusts."""

    def __init__(self, arm: Arm, tenant: Fact[str], zone: TrustZone, today: date) -> None:
        self._arm = arm
        self._tenant = tenant
        self._zone = replace(zone, organisation="")  # an AWS organisation has no part in Azure
        self._today = today
        signed = arm.sign_in()
        told = signed.value.get("tenant", "") if isinstance(signed, Answered) else ""
        self._directory = str(told).lower()

    def together(self, *reads: Callable[[], object]) -> None:
        """Several reads side by side."""
        self._arm.reading.together(*reads)

    def gone(self, assignment: RoleAssignment) -> bool:
        """Whether the principal was deleted, which its assignments outlive: it signs in nowhere any more.

        Only the directory of the subscription's own tenant can say so: any other knows nothing of its principals.
        """
        if not isinstance(self._tenant, Known) or self._tenant.value != self._directory:
            return False
        identity = assignment.principal
        match assignment.principal_type.lower():
            case "user":
                return _not_found(read_user(self._arm, identity))
            case "serviceprincipal":
                return _not_found(read_application(self._arm, identity))
            case "group":
                return any(_not_found(gap.unknown) for gap in read_members(self._arm, identity).gaps)
            case _:
                return False

    def of_assignment(self, assignment: RoleAssignment) -> Held:
        """Whoever has a role by assignment."""
        identity = assignment.principal
        match assignment.principal_type.lower():
            case "user":
                return self._principal(identity, read_user(self._arm, identity))
            case "serviceprincipal":
                return self._principal(identity, read_application(self._arm, identity))
            case "group":
                return self._group(identity)
            case "foreigngroup":
                return self._foreign(identity, "group of another tenant")
            case _:
                return self._unclear(identity)

    def of_delegation(self, delegation: Delegation) -> Held:
        """A principal of another tenant, which the customer's directory does not know."""
        name = f"{delegation.principal_name or 'principal'} ({delegation.principal})"
        holder = Holder(kind=HolderKind.PRINCIPAL, name=delegation.principal, account=delegation.tenant.lower())
        return Held(name=name, kind=HolderKind.PRINCIPAL, tenant=delegation.tenant, scope=self._scope(holder))

    def of_policy(self, tenant: str, identity: str) -> Held:
        """A principal of a vault's access policy, which says its tenant but not what it is."""
        if isinstance(self._tenant, Known) and tenant.lower() != self._tenant.value:
            holder = Holder(kind=HolderKind.PRINCIPAL, name=identity, account=tenant.lower())
            return Held(name=identity, kind=HolderKind.PRINCIPAL, tenant=tenant, scope=self._scope(holder))
        application = read_application(self._arm, identity)
        if isinstance(application, Unknown) and application.reason is Reason.NOT_FOUND:
            return self._principal(identity, read_user(self._arm, identity))
        return self._principal(identity, application)

    def of_tenant(self, name: str, tenant: Fact[str]) -> Held:
        """Whoever is at home in a tenant: the owner of a copy."""
        scope = tenant.then(lambda home: self._scope(Holder(kind=HolderKind.ACCOUNT, name=name, account=home)))
        return Held(
            name=name, kind=HolderKind.ACCOUNT, tenant=tenant.value if isinstance(tenant, Known) else "", scope=scope
        )

    def of_local_user(self, name: str) -> Held:
        """A user of the account itself, known by a password or a key."""
        holder = Holder(kind=HolderKind.KEY_HOLDER, name=name)
        return Held(name=f"local user {name}", kind=HolderKind.KEY_HOLDER, tenant="", scope=self._scope(holder))

    def _principal(self, identity: str, found: Fact[Principal]) -> Held:
        match found:
            case Unknown():
                return self._unread(identity, HolderKind.PRINCIPAL, found)
            case Known(value=principal, sources=sources):
                scope = _cited(self._of(identity, principal), sources)
                return Held(
                    name=_shown(principal, identity), kind=HolderKind.PRINCIPAL, tenant=principal.tenant, scope=scope
                )

    def _group(self, identity: str) -> Held:
        """A group is as its least trusted member; nobody of it can be seen without the directory."""
        members = read_members(self._arm, identity)
        scopes = [self._of(identity, member) for member in members.items]
        known = [scope.value for scope in scopes if isinstance(scope, Known)]
        scope: Fact[Scope]
        if Scope.OUTSIDE in known:
            scope = Known(value=Scope.OUTSIDE, sources=members.sources)
        else:
            scope = self._whole_group(identity, members, scopes, known)
        guests = [
            member.name
            for member, each in zip(members.items, scopes, strict=True)
            if isinstance(each, Known) and each.value is Scope.OUTSIDE
        ]
        name = f"group {identity}" + (f", in it {guests[0]}" if guests else "")
        return Held(name=name, kind=HolderKind.GROUP, tenant="", scope=scope)

    def _whole_group(
        self, identity: str, members: Listing[Principal], scopes: list[Fact[Scope]], known: list[Scope]
    ) -> Fact[Scope]:
        accepted = self._scope(Holder(kind=HolderKind.GROUP, name=identity))
        if isinstance(accepted, Known):
            return accepted
        unread = [*(gap.unknown for gap in members.gaps), *(each for each in scopes if isinstance(each, Unknown))]
        if unread:
            return unread[0]
        widest = max(known, key=list(Scope).index, default=Scope.OWN)
        return Known(value=widest, sources=members.sources)

    def _of(self, identity: str, principal: Principal) -> Fact[Scope]:
        def against(owner: str) -> Fact[Scope]:
            home = "" if principal.guest else principal.tenant or owner
            return self._scope(Holder(kind=HolderKind.PRINCIPAL, name=identity, account=home))

        return self._tenant.then(against)

    def _foreign(self, identity: str, what: str) -> Held:
        holder = Holder(kind=HolderKind.PRINCIPAL, name=identity)
        return Held(name=f"{what} ({identity})", kind=HolderKind.GROUP, tenant="", scope=self._scope(holder))

    def _unclear(self, identity: str) -> Held:
        unknown = Unknown(reason=Reason.UNDETERMINED, detail=f"what kind of principal `{identity}` is is not said")
        return self._unread(identity, HolderKind.PRINCIPAL, unknown)

    def _unread(self, identity: str, kind: HolderKind, unknown: Unknown) -> Held:
        holder = Holder(kind=HolderKind.KEY_HOLDER, name=identity)  # accepted by name, or not known
        accepted = self._scope(holder)
        scope: Fact[Scope] = accepted if isinstance(accepted, Known) else unknown
        return Held(name=identity, kind=kind, tenant="", scope=scope)

    def _scope(self, holder: Holder) -> Fact[Scope]:
        def against(owner: str) -> Fact[Scope]:
            return scope_of(holder, Ground(owner=owner, zone=self._zone, today=self._today))

        return self._tenant.then(against)


def _not_found(fact: Fact[Principal]) -> bool:
    return isinstance(fact, Unknown) and fact.reason is Reason.NOT_FOUND


def _shown(principal: Principal, identity: str) -> str:
    return f"{principal.name} ({identity})" if principal.name else identity


def _cited(scope: Fact[Scope], sources: tuple[Source, ...]) -> Fact[Scope]:
    return Known(value=scope.value, sources=united(scope.sources, sources)) if isinstance(scope, Known) else scope
