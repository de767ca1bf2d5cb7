"""A planned bucket with everything beside it as the record of a bucket.

A setting comes from its attribute. Of a bucket that is made, what is written nowhere is as Google gives it to a new
one; of one that is there, what this version of the provider does not know is as a scan saw it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from posture.adapters.gcp.access.legacy import BY_BUCKET_ENTRY
from posture.adapters.gcp.access.members import of_entity
from posture.adapters.gcp.config import AclEntry, Binding, BucketConfig, ManagedFolder, Policy, Uniform
from posture.adapters.gcp.terraform import settings
from posture.adapters.gcp.terraform.around import BUCKET as ON_BUCKET
from posture.adapters.gcp.terraform.around import MANAGED_FOLDER, only
from posture.adapters.gcp.terraform.defaults import EDITORS, NEW_UNIFORM, OWNERS, SOFT_DELETE, VIEWERS
from posture.adapters.gcp.terraform.documents import written
from posture.adapters.gcp.terraform.identities import BUCKET
from posture.adapters.gcp.terraform.lists import Lists
from posture.adapters.gcp.terraform.projects import Project
from posture.adapters.gcp.terraform.workshop import Workshop
from posture.model.facts import Fact, Gap, Known, Listing, Unknown, any_true
from posture.model.subjects import Versioning
from posture.terraform.place import Place
from posture.terraform.resources import Resource
from posture.terraform.values import Gone

T = TypeVar("T")
_TEAMS = {OWNERS: "projectOwner", EDITORS: "projectEditor", VIEWERS: "projectViewer"}


def bucket_config(bucket: Resource, prefix: str, tools: Workshop) -> BucketConfig:
    """The bucket as it will be. Only managed folders that hold the prefix, or lie in it, count."""
    return _Bucket(bucket, prefix, tools).config()


def project_of(bucket: Resource, tools: Workshop) -> Project:
    """The project of a bucket; of one outside of the plan, that in which a scan saw it."""
    if bucket.beside is not None:
        seen = tools.context.bucket(tools.names.bucket_name(bucket)).project
        if isinstance(seen, Known):
            return tools.projects.called(seen.value, seen.sources)
    return tools.projects.of(bucket)


class _Bucket:
    def __init__(self, bucket: Resource, prefix: str, tools: Workshop) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self.tools = tools
        self.place = Place(values=bucket.after, resource=bucket)
        self.name = tools.names.bucket_name(bucket)
        self.project = project_of(bucket, tools)
        self.source = bucket.after.source

    def config(self) -> BucketConfig:
        return BucketConfig(
            name=self.name,
            project=Known(value=self.project.key, sources=(self.source,)),
            location=settings.location(self.place.at("location")) if self.shown("location") else self.was.location,
            multiple=settings.multiple(self.place) if self.shown("location") else self.was.multiple,
            prevention=self.setting(
                "public_access_prevention", settings.prevention, fresh=False, was=lambda bucket: bucket.prevention
            ),
            uniform=self.uniform,
            key=self.setting("encryption", self.key, fresh="", was=lambda bucket: bucket.key),
            retention=self.setting(
                "retention_policy", settings.retention, fresh=None, was=lambda bucket: bucket.retention
            ),
            object_retention=self.setting(
                "enable_object_retention",
                lambda place: place.flag(),
                fresh=False,
                was=lambda bucket: bucket.object_retention,
            ),
            holds_new=self.setting(
                "default_event_based_hold",
                lambda place: place.flag(),
                fresh=False,
                was=lambda bucket: bucket.holds_new,
            ),
            soft_delete_seconds=self.soft_delete(),
            versioning=self.setting(
                "versioning", settings.versioning, fresh=Versioning.NEVER, was=lambda bucket: bucket.versioning
            ),
            lifecycle=self.setting(
                "lifecycle_rule",
                lambda place: settings.lifecycle(place, unwritten_state=self.unwritten_state()),
                fresh=(),
                was=lambda bucket: bucket.lifecycle,
            ),
            has_lifecycle=self.setting(
                "lifecycle_rule", settings.has_lifecycle, fresh=False, was=lambda bucket: bucket.has_lifecycle
            ),
            usage_logs=self.setting(
                "logging",
                lambda place: settings.usage_logs(place, self.logs_bucket(place)),
                fresh=None,
                was=lambda bucket: bucket.usage_logs,
            ),
            website=self.setting("website", settings.website, fresh=False, was=lambda bucket: bucket.website),
            cors=self.setting("cors", settings.cors, fresh=(), was=lambda bucket: bucket.cors),
            ip_filter=self.setting("ip_filter", settings.ip_filter, fresh=None, was=lambda bucket: bucket.ip_filter),
            requester_pays=self.setting(
                "requester_pays", lambda place: place.flag(), fresh=False, was=lambda bucket: bucket.requester_pays
            ),
            turbo=self.setting("rpo", settings.turbo, fresh=False, was=lambda bucket: bucket.turbo),
            labels=self.labels(),
            policy=self.policy(),
            acl=self.acl,
            default_acl=self.lists.of_new_objects(self.uniform, self.was.default_acl),
            folders=self.folders(),
            notified=self.notified(),
        )

    @cached_property
    def was(self) -> BucketConfig:
        """The bucket as a live scan saw it."""
        return self.tools.context.bucket(self.name, self.prefix)

    @cached_property
    def lists(self) -> Lists:
        return Lists(self.tools.plan, self.bucket, self.project)

    def setting(
        self,
        attribute: str,
        read: Callable[[Place], Fact[T]],
        *,
        fresh: T,
        was: Callable[[BucketConfig], Fact[T]],
    ) -> Fact[T]:
        """What an attribute says; what apply fills in says nothing where it is not written."""
        place = self.place.at(attribute)
        if self.bucket.made:
            silent = self.silent(place) and self.tools.plan.sets(self.bucket, attribute) is False
            return Known(value=fresh, sources=(place.values.source,)) if silent else read(place)
        return read(place) if self.shown(attribute) else was(self.was)

    @staticmethod
    def silent(place: Place) -> bool:
        return place.values.unknown is True or place.values.raw is Gone.OMITTED

    def shown(self, attribute: str) -> bool:
        """Whether the provider shows an attribute of a bucket that is there, be it as known after apply."""
        raw, unknown = self.bucket.after.raw, self.bucket.after.unknown
        marks = unknown if isinstance(unknown, dict) else {}
        return not isinstance(raw, dict) or attribute in raw or attribute in marks or unknown is True

    @cached_property
    def uniform(self) -> Fact[Uniform]:
        """Uniform access, which was once called bucket policy only. For 90 days from apply it can be turned off."""
        flags = [
            self.setting(
                name,
                lambda place: place.flag(),
                fresh=False,
                was=lambda bucket: bucket.uniform.map(lambda uniform: uniform.enabled),
            )
            for name in ("uniform_bucket_level_access", "bucket_policy_only")
            if name == "uniform_bucket_level_access" or self.shown(name)
        ]
        begins: Fact[str] = Known(value="", sources=(self.source,))
        if not self.bucket.made:
            begins = self.was.uniform.then(
                lambda uniform: uniform.locked_from if uniform.enabled else Known(value="", sources=())
            )
        return any_true(flags).map(lambda enabled: Uniform(enabled=enabled, locked_from=begins))

    def labels(self) -> Fact[tuple[tuple[str, str], ...]]:
        """All of them, where this version of the provider shows those that it adds by itself."""
        if self.shown("effective_labels"):
            return settings.labels(self.place.at("effective_labels"))
        return self.setting("labels", settings.labels, fresh=(), was=lambda bucket: bucket.labels)

    def key(self, place: Place) -> Fact[str]:
        """The default key; one of this plan by its resource name."""

        def read(block: Place | None) -> Fact[str]:
            if block is None:
                return Known(value="", sources=(place.values.source,))
            return self.tools.names.key_named(block.at("default_kms_key_name"))

        return place.block().then(read)

    def soft_delete(self) -> Fact[int]:
        """What is written; else Google's own, which the plan does not know."""
        place = self.place.at("soft_delete_policy")
        block = place.block()
        if isinstance(block, Known) and block.value is not None:
            return settings.seconds(block.value.at("retention_duration_seconds"))
        if self.bucket.made:
            written_there = self.tools.plan.sets(self.bucket, "soft_delete_policy") is not False
            return block if isinstance(block, Unknown) and written_there else SOFT_DELETE
        if not self.shown("soft_delete_policy"):
            return self.was.soft_delete_seconds
        return block.map(lambda _: 0)

    def unwritten_state(self) -> bool:
        path = ("lifecycle_rule", "condition", "with_state")
        return self.tools.plan.sets(self.bucket, *path) is False

    def logs_bucket(self, place: Place) -> Fact[str]:
        return place.block().then(
            lambda block: (
                Known(value="", sources=()) if block is None else self.tools.names.bucket_named(block.at("log_bucket"))
            )
        )

    @cached_property
    def acl(self) -> Listing[AclEntry]:
        return self.lists.own(self.uniform, self.was.acl)

    def policy(self) -> Fact[Policy]:
        around = self.tools.neighbours.of(self.bucket, ON_BUCKET, BUCKET)
        base = self.uniform.then(self.first_policy) if self.bucket.made else self.was.policy
        return self.tools.policies.end(around, base, self.source)

    def first_policy(self, uniform: Uniform) -> Fact[Policy]:
        """What Google binds on a new bucket: the teams of its project, as its list has them where lists count."""
        if uniform.enabled:
            roles = {
                role: tuple(f"{team}:{self.project.name}" for team in teams) for role, teams in NEW_UNIFORM.items()
            }
        else:
            roles = {}
            for entry in self.acl.items:
                if entry.role in BY_BUCKET_ENTRY:
                    role = BY_BUCKET_ENTRY[entry.role]
                    roles[role] = (*roles.get(role, ()), self.member(entry.entity))
        bindings = tuple(
            Binding(role=role, members=members, condition="", source=self.source) for role, members in roles.items()
        )
        policy = Policy(bindings=bindings, audits=(), text=written(bindings), source=self.source, gaps=self.acl.gaps)
        return Known(value=policy, sources=(self.source,))

    def member(self, entity: str) -> str:
        """Policies name the teams of a project by its id, lists by its number."""
        for team, member in _TEAMS.items():
            if entity == f"{team}-{self.project.key}":
                return f"{member}:{self.project.name}"
        return of_entity(entity)

    def folders(self) -> Listing[ManagedFolder]:
        tools, made = self.tools, self.bucket.made
        around = tools.neighbours.of(self.bucket, MANAGED_FOLDER, BUCKET)
        listed = tools.plan.attached(self.bucket, "google_storage_managed_folder", "bucket", identity=BUCKET)
        was: Listing[ManagedFolder] = Listing(items=()) if made else self.was.folders
        names = [place.text("name") for place in (Place(values=each.after, resource=each) for each in listed.items)]
        names += [place.text("managed_folder") for places in around.there.values() for place in places]
        former = {folder.name: folder.policy for folder in was.items}
        known = dict.fromkeys((*former, *(f"{name.value.rstrip('/')}/" for name in names if isinstance(name, Known))))
        nobody = Policy(bindings=(), audits=(), text=written(()), source=self.source)
        fresh: Fact[Policy] = Known(value=nobody, sources=(self.source,))
        lacking = was.gaps[0].unknown if was.gaps else None
        items = tuple(
            ManagedFolder(
                name=name,
                policy=tools.policies.end(
                    only(around, "managed_folder", name), former.get(name, lacking or fresh), self.source
                ),
            )
            for name in known
            if self.overlaps(name)
        )
        gaps = (*was.gaps, *listed.gaps, *(Gap(unknown=name) for name in names if isinstance(name, Unknown)))
        return Listing(items=items, gaps=tuple(dict.fromkeys(gaps)), sources=(*was.sources, self.source))

    def overlaps(self, folder: str) -> bool:
        inside = f"{self.prefix}/" if self.prefix else ""
        return inside.startswith(folder) or folder.startswith(inside)

    def notified(self) -> Listing[str]:
        listed = self.tools.plan.attached(self.bucket, "google_storage_notification", "bucket", identity=BUCKET)
        was: Listing[str] = Listing(items=()) if self.bucket.made else self.was.notified
        places = (Place(values=each.after, resource=each).at("topic") for each in listed.items)
        topics = [self.tools.names.topic_named(place) for place in places]
        gaps = tuple(Gap(unknown=topic) for topic in topics if isinstance(topic, Unknown))
        items = (*was.items, *(topic.value for topic in topics if isinstance(topic, Known)))
        return Listing(
            items=tuple(dict.fromkeys(items)),
            gaps=(*was.gaps, *listed.gaps, *gaps),
            sources=(*was.sources, self.source),
        )
