"""Where a plan says what is set of one bucket: a resource beside it, the bucket itself, or what a scan saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from posture.adapters.aws.config import BucketConfig
from posture.adapters.aws.terraform.workshop import Workshop
from posture.model.facts import Fact, Known, Unknown
from posture.terraform.place import Place
from posture.terraform.resources import Resource
from posture.terraform.values import Gone

T = TypeVar("T")
_S3: Final = "aws_s3_bucket_"


class Evidence:
    """Of one bucket. Kinds are those of the resources beside it, without what all of them begin with."""

    def __init__(self, bucket: Resource, name: str, account: Fact[str], tools: Workshop) -> None:
        self.place = Place(values=bucket.after, resource=bucket)
        self._bucket = bucket
        self._name = name
        self._account = account
        self._tools = tools
        self._beside: dict[str, Fact[Place | None]] = {}
        self._was: BucketConfig | None = None

    @property
    def was(self) -> BucketConfig:
        """The bucket as a live scan saw it."""
        if self._was is None:
            self._was = self._tools.context.bucket(self._name, self._account)
        return self._was

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
        found = self.beside(kind)
        if isinstance(found, Unknown):
            return found
        if found.value is not None:
            return read(found.value)
        if (gone := self.gone(kind)) is not None:
            return Known(value=fresh, sources=(gone.values.source,))
        own = self.inline(kind if attribute is None else attribute) if inline is not None else None
        if own is not None and inline is not None and not self.forgets(kind, own):
            return Known(value=fresh, sources=(own.values.source,)) if is_empty(own) else inline(own)
        return Known(value=fresh, sources=found.sources) if self._bucket.made else self.seen(kind, was(self.was))

    def beside(self, kind: str) -> Fact[Place | None]:
        """The satellite of a kind."""
        if kind not in self._beside:
            self._beside[kind] = self._tools.satellites.one(self._bucket, _S3 + kind)
        return self._beside[kind]

    def gone(self, kind: str) -> Place | None:
        """What set it until this plan destroys it, where nothing takes its place."""
        found = self.beside(kind)
        departure = self._tools.satellites.destroyed(self._bucket, _S3 + kind)
        if departure is None or isinstance(found, Unknown) or found.value is not None:
            return None
        return Place(values=departure.before)

    def forgets(self, kind: str, own: Place) -> bool:
        """Whether the plan lets go what sets it, and the bucket itself does not show what that is."""
        return is_empty(own) and self._tools.satellites.forgotten(self._bucket, _S3 + kind) is not None

    def seen(self, kind: str, fact: Fact[T]) -> Fact[T]:
        """What a scan saw; where none did, of a resource that the plan lets go this is why nobody can tell."""
        left = self._tools.satellites.forgotten(self._bucket, _S3 + kind)
        if left is None or isinstance(fact, Known):
            return fact
        return replace(fact, sources=(left.before.source,), detail=f"`{left.shown}` leaves Terraform: {fact.detail}")

    def inline(self, attribute: str) -> Place | None:
        """The bucket's own attribute. None where it says nothing.

        The provider fills in most of them, so one that is neither known nor written is no evidence.
        """
        raw, place = self._bucket.after.raw, self.place.at(attribute)
        there = not isinstance(raw, dict) or attribute in raw
        if not self._bucket.made:
            return place if there or place.values.unknown is True else None
        silent = place.values.unknown is True or place.values.raw is Gone.OMITTED
        written = self._tools.plan.sets(self._bucket, attribute)
        return None if silent and written is False else place


def is_empty(place: Place) -> bool:
    """Null, or a list without elements: nothing is set."""
    return place.values.raw is None or (place.values.raw == [] and place.values.unknown in (None, False, []))
