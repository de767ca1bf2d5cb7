"""The project of a planned bucket or key, and everything above it: as a scan saw it, with what the plan sets there."""

from __future__ import annotations

from dataclasses import replace

from posture.adapters.gcp.config import Level, OwnerConfig, ProjectConfig
from posture.adapters.gcp.constraints import AUTH, MEMBERS, PREVENTION, TLS, TRANSPORT, UNIFORM
from posture.adapters.gcp.terraform.around import LEVELS
from posture.adapters.gcp.terraform.constraints import Constraints
from posture.adapters.gcp.terraform.feeds import Feeds
from posture.adapters.gcp.terraform.projects import Project
from posture.adapters.gcp.terraform.workshop import Workshop
from posture.model.facts import Gap, Known, Listing, Reason, Source, Unknown
from posture.terraform.resources import Action, Departure, Resource

_DENY = "google_iam_deny_policy"
_STAYS = frozenset({Action.NONE, Action.NO_OP})


class Owners:
    """The projects that own something of the plan; each is put together once."""

    def __init__(self, tools: Workshop) -> None:
        self._tools = tools
        self._constraints = Constraints(tools.plan, tools.projects)
        self._feeds = Feeds(tools.plan, tools.projects, tools.names, tools.members)
        self._projects: dict[str, ProjectConfig] = {}
        self._owners: dict[str, OwnerConfig] = {}

    def project(self, project: Project) -> ProjectConfig:
        """The project of a bucket."""
        if project.name not in self._projects:
            live = self._tools.context.project(project.key)
            self._projects[project.name] = ProjectConfig(
                owner=self._owner(project, live.owner),
                prevents_public=self._constraints.enforced(PREVENTION, project, live.prevents_public),
                requires_tls=self._constraints.enforced(TRANSPORT, project, live.requires_tls),
                refused_tls=self._constraints.refused(TLS, project, live.refused_tls),
                keeps_uniform=self._constraints.enforced(UNIFORM, project, live.keeps_uniform),
                refused_auth=self._constraints.refused(AUTH, project, live.refused_auth),
                restricts_domains=self._constraints.restricts_domains(project, live.restricts_domains),
                restricts_members=self._constraints.enforced(MEMBERS, project, live.restricts_members),
                sinks=self._feeds.sinks(live.sinks),
                hmac_keys=self._feeds.hmac_keys(project, live.hmac_keys),
                transfers=self._feeds.transfers(live.transfers),
                perimeter=live.perimeter,
            )
        return self._projects[project.name]

    def owner(self, project: Project) -> OwnerConfig:
        """The project of a key. A scan asked for it by its id, if for no bucket by its number."""
        if project.name not in self._owners:
            live = self._tools.context.owner(project.key)
            if isinstance(live.number, Unknown) and project.key != project.name:
                live = self._tools.context.owner(project.name)
            self._owners[project.name] = self._owner(project, live)
        return self._owners[project.name]

    def _owner(self, project: Project, live: OwnerConfig) -> OwnerConfig:
        return OwnerConfig(
            name=project.name,
            number=project.number if isinstance(project.number, Known) else live.number,
            id=project.id if isinstance(project.id, Known) else live.id,
            levels=self._levels(project, live.levels),
            organisation=live.organisation,
            domain=live.domain,
        )

    def _levels(self, project: Project, live: Listing[Level]) -> Listing[Level]:
        """The project's own level is there even where no scan saw it, with what the plan binds on it."""
        items = list(live.items)
        if not items:
            unseen = live.gaps[0].unknown if live.gaps else _UNSEEN
            name = f"projects/{project.key}"
            items = [Level(name=name, policy=unseen, denied=Listing.unread(unseen))]
        denials = list(self._changed_denials())
        planned = tuple(self._planned(level, project, denials) for level in items)
        return Listing(items=planned, gaps=live.gaps, sources=live.sources)

    def _planned(self, level: Level, project: Project, denials: list[Gap]) -> Level:
        kind, _, name = level.name.partition("/")
        names = project.names if kind == "projects" else frozenset({name})
        around = self._tools.neighbours.by_name(LEVELS[kind], names)
        source = Source(operation=kind, resource=level.name)
        policy = self._tools.policies.end(around, level.policy, source)
        denied = Listing(items=(), gaps=tuple(denials), sources=level.denied.sources) if denials else level.denied
        return replace(level, policy=policy, denied=denied)

    def _changed_denials(self) -> list[Gap]:
        """Deny policies that the plan changes: what they will stop is not decided, so nothing is taken for stopped."""
        entries: tuple[Resource | Departure, ...] = (*self._tools.plan.resources, *self._tools.plan.departures)
        return [
            Gap(
                unknown=Unknown(
                    reason=Reason.UNDETERMINED,
                    sources=((entry.after if isinstance(entry, Resource) else entry.before).source,),
                    detail="the plan changes a deny policy, and what it will stop is not decided here",
                    needs="applying the plan, and scanning what came of it",
                )
            )
            for entry in entries
            if entry.address.kind == _DENY and entry.action not in _STAYS
        ]


_UNSEEN = Unknown(reason=Reason.NOT_COLLECTED, detail="a plan does not know what lies above a project")
