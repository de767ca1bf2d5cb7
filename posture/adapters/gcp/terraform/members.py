"""Whom a planned binding names. A service account of the plan has its address before it is made: its id and project."""

from __future__ import annotations

from posture.adapters.gcp.terraform.identities import SERVICE_ACCOUNT
from posture.adapters.gcp.terraform.projects import Projects
from posture.adapters.planned import placeholder
from posture.model.facts import Known, Unknown
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

_ACCOUNT = "serviceAccount:"


class Members:
    """The members that attributes name."""

    def __init__(self, plan: Plan, projects: Projects) -> None:
        self._plan = plan
        self._projects = projects

    def single(self, place: Place) -> tuple[tuple[str, ...], Unknown | None]:
        """One member; what is not known is a service account where its expression refers to one."""
        value = place.text()
        if isinstance(value, Known):
            return (value.value,), None
        if place.resource is not None:
            found = self._plan.target(place.resource, *place.path, identity=SERVICE_ACCOUNT).fact
            if isinstance(found, Known) and found.value is not None:
                return (f"{_ACCOUNT}{self.address(found.value)}",), None
        return (), value

    def all(self, place: Place, account: str = _ACCOUNT) -> tuple[tuple[str, ...], Unknown | None]:
        """The members of a set, and why there may be others. `account` is how a service account is written there."""
        elements = place.each()
        texts = [each.text() for each in elements.value] if isinstance(elements, Known) else []
        told = tuple(text.value for text in texts if isinstance(text, Known) and text.value)
        hidden = [text for text in texts if isinstance(text, Unknown)]
        open_one = elements if isinstance(elements, Unknown) else next(iter(hidden), None)
        if open_one is None or place.resource is None:
            return told, open_one
        reached = self._plan.reached(place.resource, *place.path, identity=SERVICE_ACCOUNT)
        accounts = tuple(f"{account}{self.address(each)}" for each in reached.items)
        whole = accounts and not reached.gaps and len(accounts) >= len(hidden)
        return tuple(dict.fromkeys((*told, *accounts))) if whole else told, None if whole else open_one

    def address(self, account: Resource) -> str:
        """The address of a service account."""
        if email := account.known("email"):
            return email
        name = account.known("account_id") or placeholder(account)
        if "@" in name:  # a data source takes a whole address
            return name
        domain, _, project = self._projects.of(account).name.rpartition(":")
        return f"{name}@{project}{f'.{domain}' if domain else ''}.iam.gserviceaccount.com"
