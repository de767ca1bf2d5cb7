"""A planned bucket with everything beside it as the record of a bucket.

A setting comes from the resource that sets it; else from the bucket's own block, which after a refresh is what AWS
answers; else, of a bucket that is made, from what AWS gives a new one. Sources of the last: S3 User Guide, "Default
settings for new buckets" (blocked and without ACLs since April 2023, encrypted since January 2023).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from posture.adapters.aws.config import Acl, BucketConfig, ObjectLock, VersioningState
from posture.adapters.aws.terraform import acl as lists
from posture.adapters.aws.terraform import lifecycle, settings
from posture.adapters.aws.terraform.access_points import NOT_ASKED, access_points
from posture.adapters.aws.terraform.foreign_names import of_this_bucket
from posture.adapters.aws.terraform.replication import replication
from posture.adapters.aws.terraform.workshop import Workshop
from posture.model.facts import Fact, Known, Unknown
from posture.model.subjects import BlockPublicAccess, Ownership, Versioning
from posture.terraform.place import Place
from posture.terraform.resources import Resource
from posture.terraform.values import Gone

T = TypeVar("T")
_S3: Final = "aws_s3_bucket_"


def bucket_config(bucket: Resource, tools: Workshop) -> BucketConfig:
    """The bucket as it will be."""
    return _Bucket(bucket, tools).config()


class _Bucket:
    def __init__(self, bucket: Resource, tools: Workshop) -> None:
        self.bucket = bucket
        self.tools = tools
        self.place = Place(values=bucket.after, resource=bucket)
        self.name = tools.names.bucket_name(bucket)
        self.home = tools.homes.of(bucket)
        self.account = self.home.account
        self._was: BucketConfig | None = None

    def config(self) -> BucketConfig:
        tools = self.tools
        return BucketConfig(
            name=self.name,
            account=self.account,
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
            notified=self.setting("notification", settings.notified, fresh=(), was=lambda bucket: bucket.notified),
            tags=_tags(self.place) if self.bucket.beside is None else self.was.tags,
            access_points=access_points(
                self.bucket, tools.plan, tools.homes, tools.documents, lambda: self.was.access_points
            ),
        )

    def setting(
        self,
        kind: str,
        read: Callable[[Place], Fact[T]],
        *,
        fresh: T,
        was: Callable[[BucketConfig], Fact[T]],
        attribute: str | None = None,
        inline: Callable[[Place], Fact[T]] | None = None,
    ) -> Fact[T]:
        """What sets it, by the kind of satellite; once that is destroyed, it is as on a new bucket."""
        match self.beside(kind):
            case Unknown() as unknown:
                return unknown
            case Known(value=Place() as place):
                return read(place)
            case Known(sources=sources):
                if (gone := self.gone(kind)) is not None:
                    return Known(value=fresh, sources=(gone.values.source,))
                own = self.inline(kind if attribute is None else attribute) if inline is not None else None
                if own is not None and inline is not None and not self.forgets(kind, own):
                    return Known(value=fresh, sources=(own.values.source,)) if _is_empty(own) else inline(own)
                return Known(value=fresh, sources=sources) if self.bucket.made else self.seen(kind, was(self.was))
        raise AssertionError  # pragma: no cover - the cases above are all there are

    def beside(self, kind: str) -> Fact[Place | None]:
        """The satellite of a kind."""
        return self.tools.satellites.one(self.bucket, _S3 + kind)

    def gone(self, kind: str) -> Place | None:
        """What set it until this plan destroys it, where nothing takes its place."""
        found = self.beside(kind)
        departure = self.tools.satellites.destroyed(self.bucket, _S3 + kind)
        if departure is None or isinstance(found, Unknown) or found.value is not None:
            return None
        return Place(values=departure.before)

    def forgets(self, kind: str, own: Place) -> bool:
        """Whether the plan lets go what sets it, and the bucket itself does not show what that is."""
        return _is_empty(own) and self.tools.satellites.forgotten(self.bucket, _S3 + kind) is not None

    def seen(self, kind: str, fact: Fact[T]) -> Fact[T]:
        """What a scan saw; where none did, of a resource that the plan lets go this is why nobody can tell."""
        left = self.tools.satellites.forgotten(self.bucket, _S3 + kind)
        if left is None or isinstance(fact, Known):
            return fact
        return replace(fact, sources=(left.before.source,), detail=f"`{left.shown}` leaves Terraform: {fact.detail}")

    def inline(self, attribute: str) -> Place | None:
        """The bucket's own attribute. None where it says nothing.

        The provider fills in most of them, so one that is neither known nor written is no evidence.
        """
        raw, place = self.bucket.after.raw, self.place.at(attribute)
        there = not isinstance(raw, dict) or attribute in raw
        if not self.bucket.made:
            return place if there or place.values.unknown is True else None
        silent = place.values.unknown is True or place.values.raw is Gone.OMITTED
        written = self.tools.plan.sets(self.bucket, attribute)
        return None if silent and written is False else place

    @property
    def was(self) -> BucketConfig:
        """The bucket as a live scan saw it."""
        if self._was is None:
            self._was = self.tools.context.bucket(self.name, self.account)
        return self._was

    def block(self) -> BlockPublicAccess:
        """Block Public Access of the bucket: off once it is no longer managed, unless its destruction is skipped."""
        kind = "public_access_block"
        match self.beside(kind):
            case Unknown() as unknown:
                return settings.all_alike(unknown)
            case Known(value=Place() as place):
                return settings.block_public_access(place)
            case Known(sources=sources):
                if (gone := self.gone(kind)) is not None:
                    if isinstance(skipped := gone.flag("skip_destroy"), Known) and skipped.value:
                        return settings.block_public_access(gone)
                    return settings.all_alike(Known(value=False, sources=(gone.values.source,)))
                if self.bucket.made:
                    return settings.all_alike(Known(value=True, sources=sources))
                return settings.each_flag(self.was.block, lambda flag: self.seen(kind, flag))
        raise AssertionError  # pragma: no cover - the cases above are all there are

    def ownership(self) -> Fact[Ownership]:
        """Without controls S3 leaves objects to whoever wrote them; new buckets have controls."""
        kind = "ownership_controls"
        if (gone := self.gone(kind)) is not None:
            return Known(value=Ownership.WRITER, sources=(gone.values.source,))
        return self.setting(kind, settings.ownership, fresh=Ownership.ENFORCED, was=lambda bucket: bucket.ownership)

    def acl(self) -> Fact[Acl]:
        """The access control list; one that is no longer managed stays as it is."""
        match self.beside("acl"):
            case Unknown() as unknown:
                return unknown
            case Known(value=Place() as place):
                return lists.access_control_list(place, self.home.canonical_id)
            case Known(sources=sources):
                if (gone := self.gone("acl")) is not None:
                    return lists.access_control_list(gone, self.home.canonical_id)
                grants = self.inline("grant")
                unseen = grants is None or self.forgets("acl", grants)
                if unseen and self.inline("acl") is None:
                    return (
                        Known(value=lists.PRIVATE, sources=sources)
                        if self.bucket.made
                        else self.seen("acl", self.was.acl)
                    )
                own_list = lists.inline_list(self.place, self.home.canonical_id)
                seen = self.was.acl if isinstance(own_list, Unknown) and not self.bucket.made else own_list
                return seen if isinstance(seen, Known) else own_list
        raise AssertionError  # pragma: no cover - the cases above are all there are

    def versioning(self) -> Fact[VersioningState]:
        """S3 turns it on with Object Lock; the provider suspends what it no longer manages."""
        kind = "versioning"
        if (gone := self.gone(kind)) is not None:
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
        seen = self.was.versioning
        known = isinstance(seen, Known) and seen.value.versioning is Versioning.SUSPENDED
        return Versioning.SUSPENDED if known else Versioning.NEVER

    def object_lock(self) -> Fact[ObjectLock | None]:
        """Once enabled it cannot be taken back, only its default retention can."""
        kind = "object_lock_configuration"
        match self.beside(kind):
            case Unknown() as unknown:
                return unknown
            case Known(value=Place() as place):
                return settings.object_lock(place)
            case Known(sources=sources):
                if (gone := self.gone(kind)) is not None:
                    return Known(value=settings.UNLOCKED, sources=(gone.values.source,))
                own, enabled = self.inline(kind), self.inline("object_lock_enabled")
                if own is not None and self.forgets(kind, own):
                    return self.seen(kind, self.was.object_lock)
                if own is not None and not _is_empty(own):
                    return _within(settings.object_lock)(own)
                if enabled is not None:
                    return enabled.flag().map(lambda on: settings.UNLOCKED if on else None)
                return Known(value=None, sources=sources) if self.bucket.made else self.was.object_lock
        raise AssertionError  # pragma: no cover - the cases above are all there are


def _within(read: Callable[[Place], Fact[T]]) -> Callable[[Place], Fact[T]]:
    """A reader of the one block in a list that is not empty."""
    return lambda place: place.block().then(lambda block: read(block or place))


def _suspended(state: VersioningState) -> VersioningState:
    now = Versioning.NEVER if state.versioning is Versioning.NEVER else Versioning.SUSPENDED
    return VersioningState(versioning=now, mfa_delete=state.mfa_delete)


def _is_empty(place: Place) -> bool:
    """Null, or a list without elements: nothing is set."""
    return place.values.raw is None or (place.values.raw == [] and place.values.unknown in (None, False, []))


def _tags(place: Place) -> Fact[tuple[tuple[str, str], ...]]:
    return (
        place.at("tags_all")
        .values.value()
        .map(lambda tags: tuple((key, str(value)) for key, value in tags.items()) if isinstance(tags, dict) else ())
    )
