"""What roles allow at the end of a plan: by their own resources, as a scan saw them, or as Google documents them."""

from __future__ import annotations

from posture.adapters.gcp.config import RolePermissions
from posture.adapters.gcp.terraform.context import Context
from posture.adapters.gcp.terraform.identities import CUSTOM_ROLE
from posture.adapters.gcp.terraform.predefined import PREDEFINED
from posture.adapters.gcp.terraform.projects import Projects
from posture.model.facts import Fact, Known, Source
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Resource, departing

_DOCUMENTED = Source(operation="documentation of Google's roles")
_READ = "data.google_iam_role"


class Roles:
    """The roles of one plan."""

    def __init__(self, plan: Plan, projects: Projects, context: Context) -> None:
        self._plan = plan
        self._projects = projects
        self._context = context
        kinds = CUSTOM_ROLE.kinds
        leaving = (departing(each) for each in plan.departures if each.action is Action.DELETE)
        self._gone = frozenset(self.name(each) for each in leaving if each.address.kind in kinds)
        self._custom = {self.name(each): each for kind in kinds for each in plan.of_kind(kind)}
        self._read = {each.known("name"): each for each in plan.of_kind(_READ)}

    def of(self, name: str) -> Fact[RolePermissions]:
        """A role by its name."""
        if (made := self._custom.get(name)) is not None:
            return _permissions(name, Place(values=made.after, resource=made), "permissions")
        if name in self._gone:
            return Known(value=RolePermissions(name=name, permissions=frozenset(), deleted=True), sources=())
        seen = self._context.role(name)
        if isinstance(seen, Known):
            return seen
        if (read := self._read.get(name)) is not None:
            return _permissions(name, Place(values=read.after, resource=read), "included_permissions")
        if (documented := PREDEFINED.get(name)) is not None:
            role = RolePermissions(name=name, permissions=documented, deleted=False)
            return Known(value=role, sources=(_DOCUMENTED,))
        return seen

    def named(self, place: Place) -> Fact[str]:
        """The role that an attribute names."""
        text = place.text()
        if isinstance(text, Known) or place.resource is None:
            return text
        found = self._plan.target(place.resource, *place.path, identity=CUSTOM_ROLE).fact
        if isinstance(found, Known) and found.value is not None:
            return Known(value=self.name(found.value), sources=found.sources)
        return text

    def name(self, role: Resource) -> str:
        """The name of a custom role, which its provider makes of what is known before."""
        if whole := role.known("name") or role.known("id"):
            return whole
        inside = role.known("org_id")
        owner = f"organizations/{inside}" if inside else f"projects/{self._projects.of(role).name}"
        return f"{owner}/roles/{role.known('role_id') or f'({role.address.text})'}"


def _permissions(name: str, place: Place, attribute: str) -> Fact[RolePermissions]:
    """A disabled role gives nothing, like a deleted one."""
    return place.texts(attribute).then(
        lambda given: place.text("stage").map(
            lambda stage: RolePermissions(name=name, permissions=frozenset(given), deleted=stage == "DISABLED")
        )
    )
