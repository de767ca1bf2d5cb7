"""Which project a planned resource lies in: by its id, its number, or what stands for one that nobody tells.

Two resources of one provider configuration that name no project are in one project, whichever it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from posture.adapters.gcp.terraform.context import Context
from posture.adapters.gcp.terraform.identities import PROJECT
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

_AGENT = re.compile(r"service-(\d+)@gs-project-accounts\.iam\.gserviceaccount\.com")
_UNSAID = "the plan does not say which project this is"
_NEEDS = "`project` in the configuration of the provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as far as a plan knows it. `name` is its id, or what stands for it."""

    name: str
    id: Fact[str]
    number: Fact[str]

    @property
    def key(self) -> str:
        """Its number where that is known, as live answers name it; else its name."""
        return self.number.value if isinstance(self.number, Known) else self.name

    @property
    def names(self) -> frozenset[str]:
        """Every name that it is known by."""
        return frozenset({self.name, self.key})


class Projects:
    """The projects of one plan."""

    def __init__(self, plan: Plan, context: Context) -> None:
        self._plan = plan
        self._context = context
        self._configured: dict[str, tuple[str, Source]] = {}
        self._made: dict[str, Project] = {}
        self._numbers = dict(self._told())
        found = [each for kind in PROJECT.kinds for each in plan.of_kind(kind)]
        self._resources = {self.name(each): each for each in reversed(found)}

    def of(self, resource: Resource) -> Project:
        """The project of a resource."""
        named = self.named(resource, "project")
        if isinstance(named, Unknown):  # written, and not to be followed: not that of the provider
            return self.called(_stand_in(resource.address.text), named.sources)
        if named.value:
            return self.called(named.value, named.sources)
        name, source = self._default(self._plan.provider_key(resource), resource)
        return self.called(name, (source,))

    def named(self, resource: Resource, *path: str | int) -> Fact[str]:
        """The project that an attribute names; empty where it names none, and unknown where that is made by apply."""
        value = resource.after.optional(*path).text()
        if isinstance(value, Known):
            return value.map(lambda text: PROJECT.spelled(text or ""))
        if self._plan.sets(resource, str(path[0])) is False:
            return Known(value="", sources=value.sources)
        match self._plan.target(resource, *path, identity=PROJECT).fact:
            case Known(value=Resource() as found):
                return Known(value=self.name(found), sources=value.sources)
            case _:
                return value

    def name(self, project: Resource) -> str:
        """What other resources call a project; its id may be made by apply."""
        return project.known("project_id") or _stand_in(project.address.text)

    def resource(self, project: Project) -> Resource | None:
        """The resource that makes a project or reads it, where the plan has one."""
        return self._resources.get(project.name)

    def called(self, name: str, sources: tuple[Source, ...] = ()) -> Project:
        """A project by its id, its number or its stand-in."""
        if name not in self._made:
            stands_in = name.endswith("-")
            unsaid = Unknown(reason=Reason.UNDETERMINED, sources=sources, detail=_UNSAID, needs=_NEEDS)
            number = name if name.isdecimal() else self._numbers.get(name) or self._context.numbers.get(name, "")
            told: Fact[str] = Known(value=number, sources=sources) if number else unsaid
            identity: Fact[str] = unsaid if stands_in or name.isdecimal() else Known(value=name, sources=sources)
            self._made[name] = Project(name=name, id=identity, number=told)
        return self._made[name]

    def _default(self, key: str, resource: Resource) -> tuple[str, Source]:
        """The project of a provider configuration: as it is written there, else as a resource of it tells."""
        if key not in self._configured:
            setting = self._plan.provider_setting(resource, "project")
            source = Source(operation=f"provider {key}" if key else "provider")
            if isinstance(setting, Known) and isinstance(setting.value, str) and setting.value:
                self._configured[key] = (setting.value, source)
            else:
                self._configured[key] = (next(self._seen(key), _stand_in(f"provider {key}")), source)
        return self._configured[key]

    def _seen(self, key: str) -> Iterator[str]:
        for resource in self._plan.resources:
            if resource.address.kind.removeprefix("data.").startswith("google_"):
                left_out = self._plan.sets(resource, "project") is False
                text = resource.known("project") if left_out else ""
                if text and self._plan.provider_key(resource) == key:
                    yield text

    def _told(self) -> Iterator[tuple[str, str]]:
        """Numbers of projects, by id."""
        for kind in PROJECT.kinds:
            for resource in self._plan.of_kind(kind):
                yield resource.known("project_id"), resource.known("number")
        for resource in self._plan.of_kind("google_storage_bucket"):
            number = resource.after.optional("project_number").number()
            if isinstance(number, Known) and number.value:
                yield resource.known("project"), str(number.value)
        for resource in self._plan.of_kind("data.google_storage_project_service_account"):
            if agent := _AGENT.fullmatch(resource.known("email_address")):
                yield resource.known("project"), agent[1]


def _stand_in(what: str) -> str:
    """A name that ends as no id of a project may: the same on both sides of a plan."""
    return f"unnamed-project-{hashlib.sha256(what.encode()).hexdigest()[:12]}-"
