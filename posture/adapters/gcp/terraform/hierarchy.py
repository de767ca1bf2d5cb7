"""What lies above the projects of a plan: by its own resources and data sources, from where these end by a scan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from posture.adapters.gcp.terraform.context import Context
from posture.adapters.gcp.terraform.identities import FOLDER, ORGANISATION, PROJECT, last
from posture.adapters.gcp.terraform.projects import Project, Projects
from posture.adapters.planned import NEEDS_CONTEXT, placeholder
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Unknown
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

_MOST_FOLDERS: Final = 12  # Google allows ten
_POINT: Final = "cloudresourcemanager.googleapis.com/"  # before the name of what a deny policy is attached to
_DATA: Final = "`data.google_project` and `data.google_folder` in the configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A project, or a folder or organisation above it. `names` are the ends of all names that it is known by."""

    name: str  # projects/1, folders/2, organizations/3; one that apply makes by its address
    names: frozenset[str]
    made: bool  # by this plan, so that it has nothing that the plan does not give it

    @property
    def kind(self) -> str:
        """`projects`, `folders` or `organizations`."""
        return self.name.partition("/")[0]

    def is_called(self, name: str) -> bool | None:
        """Whether a name such as `folders/2` means it; None for a project's number where only its id is known."""
        kind, _, end = name.partition("/")
        if kind != self.kind or end in self.names:
            return kind == self.kind
        told = any(each.isdecimal() == end.isdecimal() for each in self.names)
        return False if told or kind != "projects" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A project and what lies above it, nearest first. `top` is the organisation, empty, or why not all is here."""

    ancestors: tuple[Ancestor, ...]
    top: Fact[str]

    @property
    def project(self) -> Ancestor:
        """Where it begins."""
        return self.ancestors[0]

    def has(self, name: str) -> bool | None:
        """Whether a level is in it; None where nobody can say."""
        found = [each.is_called(name) for each in self.ancestors]
        if True in found:
            return True
        beyond = isinstance(self.top, Unknown) and not name.startswith("projects/")
        return None if None in found or beyond else False


class Hierarchy:
    """The projects, folders and organisations of one plan."""

    def __init__(self, plan: Plan, projects: Projects, context: Context) -> None:
        self._plan = plan
        self._projects = projects
        self._context = context
        self._lineages: dict[str, Lineage] = {}
        self._folders = {last(self.folder(each)): each for kind in FOLDER.kinds for each in plan.of_kind(kind)}

    def of(self, project: Project) -> Lineage:
        """A project upwards. A scan is asked where the plan has no resource for a level."""
        if project.name not in self._lineages:
            made = self._projects.resource(project)
            number = self._context.number(project.key)
            names = project.names | ({number.value} if isinstance(number, Known) else frozenset())
            name = number.value if isinstance(number, Known) else project.key
            own = Ancestor(name=f"projects/{name}", names=names, made=made is not None and made.made)
            parent = self._above(made, own, "folder_id", "org_id")
            self._lineages[project.name] = self._followed([own], parent)
        return self._lineages[project.name]

    def domain(self, top: Fact[str]) -> Fact[str]:
        """The domain that an organisation is named after."""
        for resource in self._plan.of_kind(ORGANISATION.kinds[0]):
            if isinstance(top, Known) and top.value == f"organizations/{last(resource.known('name'))}":
                return resource.after.optional("domain").text().map(lambda text: (text or "").lower())
        return self._context.domain(top)

    def folder(self, resource: Resource) -> str:
        """The name of a folder."""
        end = last(resource.known("name") or resource.known("folder_id") or resource.known("id"))
        return f"folders/{end or placeholder(resource)}"

    def level(self, place: Place) -> Fact[str]:
        """The project, folder or organisation that a place names, such as `folders/2`; empty where it names none."""
        text = place.text()
        if isinstance(text, Known):
            return text.map(lambda found: unquote(found).removeprefix(_POINT))
        return next(self._referred(place), text)

    def end(self, place: Place, identity: Identity) -> Fact[str]:
        """The end of the name of a folder or an organisation, which an attribute names without saying which it is."""
        text = place.text()
        if isinstance(text, Known):
            return text.map(identity.spelled)
        return next((found.map(last) for found in self._referred(place, identity)), text)

    def _referred(self, place: Place, *only: Identity) -> Iterator[Known[str]]:
        for identity in only or (PROJECT, FOLDER, ORGANISATION):
            if place.resource is None:
                return
            found = self._plan.target(place.resource, *place.path, identity=identity).fact
            if isinstance(found, Known) and found.value is not None:
                yield Known(value=self._name(found.value, identity), sources=found.sources)

    def _name(self, resource: Resource, identity: Identity) -> str:
        if identity is PROJECT:
            return f"projects/{self._projects.name(resource)}"
        return self.folder(resource) if identity is FOLDER else f"organizations/{last(resource.known('name'))}"

    def _followed(self, found: list[Ancestor], parent: Fact[str]) -> Lineage:
        while isinstance(parent, Known) and parent.value.startswith("folders/") and len(found) <= _MOST_FOLDERS:
            resource = self._folders.get(last(parent.value))
            made = resource is not None and resource.made
            found.append(Ancestor(name=parent.value, names=frozenset({last(parent.value)}), made=made))
            parent = self._above(resource, found[-1], "parent")
        if isinstance(parent, Known) and parent.value:
            found.append(Ancestor(name=parent.value, names=frozenset({last(parent.value)}), made=False))
        return Lineage(ancestors=tuple(found), top=parent)

    def _above(self, resource: Resource | None, below: Ancestor, *attributes: str) -> Fact[str]:
        """What a resource says, else what a scan saw. Something new without a parent is where its maker is at home."""
        if resource is not None:
            for attribute in attributes:
                told = self._parent(Place(values=resource.after, resource=resource), attribute)
                if isinstance(told, Unknown) or told.value:
                    return told
            if not below.made:
                return Known(value="", sources=(resource.after.source,))
        seen = self._context.parent(below.name)
        if isinstance(seen, Unknown) and seen.reason is Reason.NOT_COLLECTED:
            detail = f"a plan does not know what lies above {below.name}"
            return replace(seen, detail=detail, needs=f"{NEEDS_CONTEXT}; or {_DATA}")
        return seen

    def _parent(self, place: Place, attribute: str) -> Fact[str]:
        """Projects name their parent by its end, folders by its whole name."""
        given = place.at(attribute)
        if attribute == "parent":
            return self.level(given)
        identity, kind = (FOLDER, "folders") if attribute == "folder_id" else (ORGANISATION, "organizations")
        return self.end(given, identity).map(lambda end: f"{kind}/{end}" if end else "")
