"""A planned bucket with everything beside it as the record of a bucket.

A setting comes from the resource that sets it; else from the bucket's own block, which after a refresh is what AWS
answers; else, of a bucket that is made, from what AWS gives a new one. Sources of the last: S3 User Guide, "Default
settings for new buckets" (blocked and without ACLs since April 2023, encrypted since January 2023).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from posture.adapters.aws.config import Acl, BucketConfig, ObjectLock, VersioningState
from posture.adapters.aws.terraform import acl as lists
from posture.adapters.aws.terraform import lifecycle, settings
from posture.adapters.aws.terraform.access_points import NOT_ASKED, access_points
from posture.adapters.aws.terraform.evidence import Evidence, is_empty
from posture.adapters.aws.terraform.foreign_names import of_this_bucket
from posture.adapters.aws.terraform.replication import replication
from posture.adapters.aws.terraform.workshop import Workshop
from posture.model.facts import Fact, Known, Unknown
from posture.model.subjects import BlockPublicAccess, Ownership, Versioning
from posture.terraform.place import Place
from posture.terraform.resources import Resource

T = TypeVar("T")


def bucket_config(bucket: Resource, tools: Workshop) -> BucketConfig:
    """The bucket as it will be."""
    return _Bucket(bucket, tools).config()


class _Bucket:
    def __init__(self, bucket: Resource, tools: Workshop) -> None:
        self.bucket = bucket
        self.tools = tools
        self.name = tools.names.bucket_name(bucket)
        self.home = tools.homes.of(bucket)
        self.evidence = Evidence(bucket, self.name, self.home.account, tools)
        self.place = self.evidence.place
        self.setting = self.evidence.setting

    def config(self) -> BucketConfig:
        tools = self.tools
        return BucketConfig(
            name=self.name,
            account=self.home.account,
            region=self.home.region,
            encryption=self.setting(
                "server_side_encryption_configuration",
                lambda place: settings.encryption(place, tools.references),
                was=lambda bucket: bucket.encryption,
                fresh=settings.NEW_ENCRYPTION,
                inline=_within(lambda block: settings.encryption(block, tools.references)),
            ),
            policy=self.setting(
                "policy",
                lambda place: of_this_bucket(tools.documents.text(place.at("policy")), self.name),
                fresh="",
                was=lambda bucket: bucket.policy,
                inline=lambda place: of_this_bucket(tools.documents.text(place), self.name),
            ),
            policy_public=NOT_ASKED,
            block=self.block(),
            acl=self.acl(),
            ownership=self.ownership(),
            versioning=self.versioning(),
            object_lock=self.object_lock(),
            lifecycle=self.setting(
                "lifecycle_configuration",
                lambda place: lifecycle.lifecycle(place.at("rule")),
                was=lambda bucket: bucket.lifecycle,
                fresh=(),
                attribute="lifecycle_rule",
                inline=lifecycle.inline_lifecycle,
            ),
            logging=self.setting(
                "logging",
                lambda place: settings.logging(place, tools.references),
                was=lambda bucket: bucket.logging,
                fresh=None,
                inline=_within(lambda block: settings.logging(block, tools.references)),
            ),
            replication=self.setting(
                "replication_configuration",
                lambda place: replication(place.at("rule"), tools.references),
                was=lambda bucket: bucket.replication,
                fresh=(),
                inline=_within(lambda block: replication(block.at("rules"), tools.references)),
            ),
            website=self.setting(
                "website_configuration",
                lambda place: Known(value=True, sources=(place.values.source,)),
                was=lambda bucket: bucket.website,
                fresh=False,
                attribute="website",
                inline=lambda place: place.values.each().map(bool),
            ),
            cors=self.setting(
                "cors_configuration",
                lambda place: settings.cors(place.at("cors_rule")),
                was=lambda bucket: bucket.cors,
                fresh=(),
                attribute="cors_rule",
                inline=settings.cors,
            ),
            notified=self.setting(
                "notification",
                lambda place: settings.notified(place, tools.references),
                was=lambda bucket: bucket.notified,
                fresh=(),
            ),
            tags=_tags(self.place) if self.bucket.beside is None else self.evidence.was.tags,
            access_points=access_points(
                self.bucket, tools.plan, tools.homes, tools.documents, lambda: self.evidence.was.access_points
            ),
        )

    def block(self) -> BlockPublicAccess:
        """Block Public Access of the bucket: off once it is no longer managed, unless its destruction is skipped."""
        kind, evidence = "public_access_block", self.evidence
        found = evidence.beside(kind)
        if isinstance(found, Unknown):
            return settings.all_alike(found)
        if found.value is not None:
            return settings.block_public_access(found.value)
        if (gone := evidence.gone(kind)) is not None:
            if isinstance(skipped := gone.flag("skip_destroy"), Known) and skipped.value:
                return settings.block_public_access(gone)
            return settings.all_alike(Known(value=False, sources=(gone.values.source,)))
        if self.bucket.made:
            return settings.all_alike(Known(value=True, sources=found.sources))
        return settings.each_flag(evidence.was.block, lambda flag: evidence.seen(kind, flag))

    def ownership(self) -> Fact[Ownership]:
        """Without controls S3 leaves objects to whoever wrote them; new buckets have controls."""
        kind = "ownership_controls"
        if (gone := self.evidence.gone(kind)) is not None:
            return Known(value=Ownership.WRITER, sources=(gone.values.source,))
        return self.setting(kind, settings.ownership, fresh=Ownership.ENFORCED, was=lambda bucket: bucket.ownership)

    def acl(self) -> Fact[Acl]:
        """The access control list; one that is no longer managed stays as it is."""
        evidence, owner = self.evidence, self.owner()
        found = evidence.beside("acl")
        if isinstance(found, Unknown):
            return found
        if (place := found.value or evidence.gone("acl")) is not None:
            return lists.access_control_list(place, owner)
        grants = evidence.inline("grant")
        unseen = grants is None or evidence.forgets("acl", grants)
        if unseen and evidence.inline("acl") is None:
            if self.bucket.made:
                return Known(value=Acl(owner=owner, grants=()), sources=found.sources)
            return evidence.seen("acl", evidence.was.acl)
        own = lists.inline_list(self.place, owner)
        seen = evidence.was.acl if isinstance(own, Unknown) and not self.bucket.made else own
        return seen if isinstance(seen, Known) else own

    def owner(self) -> str:
        """The canonical id of the account; empty where neither the plan nor a scan of this bucket tells it."""
        told = self.tools.canonical_ids.of(self.bucket)
        seen = None if told or self.bucket.made else self.evidence.was.acl
        return seen.value.owner if isinstance(seen, Known) else told

    def versioning(self) -> Fact[VersioningState]:
        """S3 turns it on with Object Lock; the provider suspends what it no longer manages."""
        kind = "versioning"
        if (gone := self.evidence.gone(kind)) is not None:
            return settings.versioning(gone).map(_suspended)
        locked = self.place.flag("object_lock_enabled")
        on = self.bucket.made and isinstance(locked, Known) and locked.value
        fresh = VersioningState(versioning=Versioning.ENABLED, mfa_delete=False) if on else settings.NEVER_VERSIONED
        return self.setting(
            kind,
            settings.versioning,
            fresh=fresh,
            was=lambda bucket: bucket.versioning,
            inline=lambda place: settings.inline_versioning(place, self.off()),
        )

    def off(self) -> Versioning:
        """What a bucket without versioning is."""
        if self.bucket.made:
            return settings.made_without_versioning(self.place)
        seen = self.evidence.was.versioning
        known = isinstance(seen, Known) and seen.value.versioning is Versioning.SUSPENDED
        return Versioning.SUSPENDED if known else Versioning.NEVER

    def object_lock(self) -> Fact[ObjectLock | None]:
        """Once enabled it cannot be taken back, only its default retention can.

        Provider 3 has no flag for it: there an empty block of a bucket that was read says that it is off.
        """
        kind, evidence = "object_lock_configuration", self.evidence
        found = evidence.beside(kind)
        if isinstance(found, Unknown):
            return found
        if found.value is not None:
            return settings.object_lock(found.value)
        if (gone := evidence.gone(kind)) is not None:
            return Known(value=settings.UNLOCKED, sources=(gone.values.source,))
        own, enabled = evidence.inline(kind), evidence.inline("object_lock_enabled")
        if own is not None and evidence.forgets(kind, own):
            return evidence.seen(kind, evidence.was.object_lock)
        if own is not None and not is_empty(own):
            return _within(settings.object_lock)(own)
        if enabled is not None:
            return enabled.flag().map(lambda on: settings.UNLOCKED if on else None)
        if own is not None:
            return Known(value=None, sources=(own.values.source,))
        return Known(value=None, sources=found.sources) if self.bucket.made else evidence.was.object_lock


def _within(read: Callable[[Place], Fact[T]]) -> Callable[[Place], Fact[T]]:
    """A reader of the one block in a list that is not empty."""
    return lambda place: place.block().then(lambda block: read(block or place))


def _suspended(state: VersioningState) -> VersioningState:
    now = Versioning.NEVER if state.versioning is Versioning.NEVER else Versioning.SUSPENDED
    return VersioningState(versioning=now, mfa_delete=state.mfa_delete)


def _tags(place: Place) -> Fact[tuple[tuple[str, str], ...]]:
    return (
        place.at("tags_all")
        .values.value()
        .map(lambda tags: tuple((key, str(value)) for key, value in tags.items()) if isinstance(tags, dict) else ())
    )
