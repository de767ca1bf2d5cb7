"""Whose a holder is: our own projects and domains, our organisation's, a vendor's, or a stranger's."""

from __future__ import annotations

from dataclasses import replace

from posture.adapters.gcp.config import OwnerConfig
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.live.hierarchy import ancestry, shows_all
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Unknown, united
from posture.model.settings import GoogleAccess
from posture.model.subjects import HolderKind, Scope
from posture.model.trust import Ground, Holder, TrustZone, scope_of

_FREE_MAIL = frozenset({"gmail.com", "googlemail.com"})
_GOOGLE_RUN = ("gserviceaccount.com", "google.com")
_NEEDS = "resourcemanager.projects.get on the organisation, or the project under `gcp` or `trust` in posture.yaml"


@dataclass(frozen=True, slots=True)
class Scopes:
    """Scopes as seen from the project that owns a store."""

    owner: OwnerConfig
    access: GoogleAccess
    zone: TrustZone
    caller: Caller

    def of(self, who: Holder) -> Fact[Scope]:
        """The scope of a holder."""
        scope = scope_of(who, self._ground())
        if who.kind is HolderKind.FEDERATED and isinstance(scope, Unknown) and who.account:
            detail = (
                f"who stands behind `{who.name}`, a pool of project {who.account}, is said by its identity provider"
            )
            return replace(scope, detail=detail)
        return scope

    def _ground(self) -> Ground:
        names = {fact.value for fact in (self.owner.id, self.owner.number) if isinstance(fact, Known)}
        own = {self.owner.name, *names, *self.access.projects, *self.access.domains, *self.zone.accounts}
        zone = TrustZone(accounts=frozenset(own), accepted=self.zone.accepted)
        return Ground(owner=self.owner.name, zone=zone, today=self.caller.reading.as_of.date(), asked=self._asked)

    def _organisation(self) -> Fact[str]:
        if self.access.organisation:
            return Known(value=self.access.organisation, sources=())
        return self.owner.organisation

    def _asked(self, account: str) -> Fact[Scope]:
        """Of an account that neither the owner nor the settings name."""
        if account.startswith("organizations/"):
            return self._organisation().map(lambda own: Scope.OWN if own == account else Scope.OUTSIDE)
        if account in _FREE_MAIL or account.endswith(_GOOGLE_RUN):
            return Known(value=Scope.OUTSIDE, sources=())
        if "." in account and ":" not in account:
            return self.owner.domain.map(lambda own: Scope.OWN if own and own == account else Scope.OUTSIDE)
        if not account:
            return Unknown(reason=Reason.UNDETERMINED, detail="the name does not say whose it is")
        if not isinstance(self.owner.id, Known):
            return self.owner.id
        return self._organisation().then(lambda own: self._of_project(account, own))

    def _of_project(self, account: str, own: str) -> Fact[Scope]:
        above = ancestry(account, self.caller)
        names = {fact.value for fact in (above.id, above.number) if isinstance(fact, Known)}
        if names & {*self.access.projects, *self.zone.accounts}:
            return Known(value=Scope.OWN, sources=above.id.sources)
        if not own:
            return Known(value=Scope.OUTSIDE, sources=self.owner.organisation.sources)
        match above.top:
            case Known(value=top, sources=sources):
                return Known(value=Scope.OWN if top == own else Scope.OUTSIDE, sources=sources)
            case Unknown(reason=Reason.DENIED | Reason.NOT_FOUND) as hidden:
                return self._hidden(hidden, own)
            case Unknown() as unknown:
                return unknown

    def _hidden(self, hidden: Unknown, own: str) -> Fact[Scope]:
        """Whoever is shown every project of the organisation sees a project that is not shown to be none of them."""
        all_shown = shows_all(own, self.caller)
        sources = united(hidden.sources, all_shown.sources)
        match all_shown:
            case Known(value=True):
                return Known(value=Scope.OUTSIDE, sources=sources)
            case Known():
                return replace(hidden, sources=sources, needs=_NEEDS)
            case Unknown():
                detail = f"{hidden.detail}, and whether every project of ours would be: {all_shown.detail}"
                return replace(all_shown, sources=sources, detail=detail)
