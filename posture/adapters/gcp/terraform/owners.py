"""The project of a planned bucket or key, and everything above it: as a scan saw it, with what the plan sets there."""

from __future__ import annotations

from dataclasses import replace

from posture.adapters.gcp.config import Level, OwnerConfig, Policy, ProjectConfig
from posture.adapters.gcp.constraints import AUTH, MEMBERS, PREVENTION, TLS, TRANSPORT, UNIFORM
from posture.adapters.gcp.terraform.around import LEVELS
from posture.adapters.gcp.terraform.constraints import Constraints
from posture.adapters.gcp.terraform.denials import Denials
from posture.adapters.gcp.terraform.documents import written
from posture.adapters.gcp.terraform.feeds import Feeds
from posture.adapters.gcp.terraform.hierarchy import Ancestor, Lineage
from posture.adapters.gcp.terraform.projects import Project
from posture.adapters.gcp.terraform.workshop import Workshop
from posture.model.facts import Gap, Known, Listing, Reason, Source, Unknown
from posture.model.subjects import Scope


class Owners:
    """The projects that own something of the plan; each is put together once."""

    def __init__(self, tools: Workshop) -> None:
        self._tools = tools
        self._constraints = Constraints(tools.plan, tools.projects, tools.hierarchy)
        self._denials = Denials(tools.plan, tools.hierarchy, tools.members)
        self._feeds = Feeds(tools.plan, tools.projects, tools.names, tools.members)
        self._projects: dict[str, ProjectConfig] = {}
        self._owners: dict[str, OwnerConfig] = {}
        self._levels: dict[str, Level] = {}

    def project(self, project: Project) -> ProjectConfig:
        """The project of a bucket."""
        if project.name not in self._projects:
            live, above = self._tools.context.project(project.key), self._tools.hierarchy.of(project)
            self._projects[project.name] = ProjectConfig(
                owner=self.owner(project),
                prevents_public=self._constraints.enforced(PREVENTION, above, live.prevents_public),
                requires_tls=self._constraints.enforced(TRANSPORT, above, live.requires_tls),
                refused_tls=self._constraints.refused(TLS, above, live.refused_tls),
                keeps_uniform=self._constraints.enforced(UNIFORM, above, live.keeps_uniform),
                refused_auth=self._constraints.refused(AUTH, above, live.refused_auth),
                restricts_domains=self._constraints.restricts_domains(above, live.restricts_domains),
                restricts_members=self._constraints.enforced(MEMBERS, above, live.restricts_members),
                sinks=self._feeds.sinks(live.sinks),
                hmac_keys=self._feeds.hmac_keys(project, live.hmac_keys),
                transfers=self._feeds.transfers(live.transfers),
                perimeter=live.perimeter,
            )
        return self._projects[project.name]

    def owner(self, project: Project) -> OwnerConfig:
        """A project with everything above it."""
        if project.name not in self._owners:
            above = self._tools.hierarchy.of(project)
            self._owners[project.name] = OwnerConfig(
                name=project.name,
                number=project.number if isinstance(project.number, Known) else self._tools.context.number(project.key),
                id=project.id,
                levels=self._all_levels(above),
                organisation=above.top,
                domain=self._tools.hierarchy.domain(above.top),
            )
        return self._owners[project.name]

    def _all_levels(self, above: Lineage) -> Listing[Level]:
        """The project's own level is there even where no scan saw it, with what the plan binds on it."""
        gaps = (Gap(unknown=above.top),) if isinstance(above.top, Unknown) else ()
        own, *further = map(self._level, above.ancestors)
        own = replace(own, denied=self._denials.perhaps(above, own.denied))
        return Listing(items=(own, *further), gaps=gaps, sources=above.top.sources)

    def _level(self, ancestor: Ancestor) -> Level:
        if ancestor.name not in self._levels:
            source = Source(operation=ancestor.kind, resource=ancestor.name)
            was = self._before(ancestor, source)
            around = self._tools.neighbours.by_name(LEVELS[ancestor.kind], ancestor.names)
            self._levels[ancestor.name] = Level(
                name=ancestor.name,
                policy=self._tools.policies.end(around, was.policy, source),
                denied=self._denials.at(ancestor, was.denied),
            )
        return self._levels[ancestor.name]

    def _before(self, ancestor: Ancestor, source: Source) -> Level:
        """A level without what the plan sets there; to what is new Google binds whoever makes it."""
        if ancestor.made:
            policy = Policy(bindings=(), audits=(), text=written(()), source=source, gaps=(_MAKER,))
            fresh = Known(value=policy, sources=(source,))
            return Level(name=ancestor.name, policy=fresh, denied=Listing(items=()))
        return self._tools.context.level(ancestor.name, self._denials.managed(ancestor))


_MAKER = Gap(
    unknown=Unknown(
        reason=Reason.UNDETERMINED,
        detail="Google lets whoever makes a project or a folder own it, and a plan does not know who that is",
        needs="applying the plan, and scanning what came of it",
    ),
    limits=(
        ("kind", ("principal",)),
        ("scope", tuple(scope.value for scope in Scope if scope is not Scope.PUBLIC)),
    ),
)
