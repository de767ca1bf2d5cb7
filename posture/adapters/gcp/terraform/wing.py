"""The planned Google wing: buckets and keys of a plan, judged by the rooms that judge what is live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from posture.adapters.gcp.normalise import bucket as buckets
from posture.adapters.gcp.normalise.keys import key
from posture.adapters.gcp.terraform.bucket import bucket_config, project_of
from posture.adapters.gcp.terraform.deliveries import receiving
from posture.adapters.gcp.terraform.keys import key_config
from posture.adapters.gcp.terraform.owners import Owners
from posture.adapters.gcp.terraform.workshop import workshop
from posture.adapters.planned import BY_WRITER, Names, Premises
from posture.adapters.wing import Followed
from posture.model.assessment import Unlooked
from posture.model.contributions import KeyContribution
from posture.model.facts import Listing, Reason
from posture.model.leads import Found, KeyRef, Lead, StoreRef, Target
from posture.model.subjects import Provider
from posture.reading import Reading
from posture.terraform.resources import Drift, Resource

if TYPE_CHECKING:
    from posture.adapters.gcp.access.store import World
    from posture.adapters.gcp.config import OwnerConfig

T = TypeVar("T")
_OF_ITSELF = frozenset({"etag", "primary", "updated"})  # others' changes and rotation show there, and nobody's own


class PlannedGoogleWing:
    """Reads the Google Cloud resources of one plan."""

    def __init__(self, premises: Premises, names: Names) -> None:
        self._settings = premises.settings
        self._names = names
        self._tools = workshop(premises)
        self._owners = Owners(self._tools)

    @property
    def provider(self) -> Provider:
        """Google Cloud."""
        return Provider.GCP

    def handles(self, target: Target) -> bool:
        """Buckets and keys that resources of the plan make."""
        return target.provider is Provider.GCP and self._names.resource(target) is not None

    def first(self) -> tuple[Lead, ...]:
        """The buckets that bind the account as which Databricks delivers."""
        return tuple(
            Lead(target=self._tools.names.bucket(bucket), found=Found(how=BY_WRITER, source=source))
            for bucket, source in receiving(self._tools)
        )

    def mirrors(self, drift: Drift) -> bool:
        """Tags of versions change with whatever changes beside, and a key rotates by itself."""
        changed = drift.attributes
        return drift.address.kind.startswith("google_") and bool(changed) and (changed or set()) <= _OF_ITSELF

    def written(self, uri: str) -> tuple[Resource, ...]:  # noqa: ARG002 - the protocol's question
        """No source is of Google's."""
        return ()

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """One bucket or key as it will be."""
        resource = self._names.resource(lead.target)
        match lead.target:
            case StoreRef() as ref if resource is not None:
                return self._store(ref, resource, lead, reading)
            case KeyRef() as ref if resource is not None:
                return Followed(contributions=(self._key(ref, resource, reading),))
            case _:
                return Followed()

    def _store(self, ref: StoreRef, resource: Resource, lead: Lead, reading: Reading) -> Followed:
        from posture.adapters.gcp.access.store import store_grants  # noqa: PLC0415 - only where something is decided
        from posture.adapters.gcp.access.subscribers import subscribers  # noqa: PLC0415 - as above

        bucket = bucket_config(resource, ref.prefix, self._tools)
        project = self._owners.project(project_of(resource, self._tools))
        if resource.new:
            project = replace(project, sinks=_of_new(project.sinks), transfers=_of_new(project.transfers))
        world = self._world(project.owner, reading)
        grants = store_grants(bucket, ref.prefix, project, world)
        told = subscribers(bucket.notified, world.scope)
        return Followed(
            contributions=(buckets.store(ref, bucket, project, grants, subscribers=told, now=reading.as_of),),
            leads=buckets.leads(ref, bucket, project, lead),
            unlooked=tuple(filter(_of_the_plan, buckets.unlooked(ref, project))),
        )

    def _key(self, ref: KeyRef, resource: Resource, reading: Reading) -> KeyContribution:
        from posture.adapters.gcp.access.keys import key_grants  # noqa: PLC0415 - as above

        config = key_config(resource, self._tools)
        owner = self._owners.owner(self._tools.projects.called(config.project))
        return key(ref, config, key_grants(config, owner.levels, self._world(owner, reading)))

    def _world(self, owner: OwnerConfig, reading: Reading) -> World:
        from posture.adapters.gcp.access.scopes import Scopes  # noqa: PLC0415 - as above
        from posture.adapters.gcp.access.store import World  # noqa: PLC0415 - as above

        scopes = Scopes(owner, self._settings.google, self._settings.trust, self._tools.context.caller)
        return World(
            role=self._tools.roles.of,
            scope=scopes.of,
            now=reading.as_of,
            deny_policies=self._settings.google.deny_policies,
        )


def _of_new(feeds: Listing[T]) -> Listing[T]:
    """What leads into a bucket that is yet to be made, or out of it, is of the plan: nobody else can name it before."""
    asked = tuple(gap for gap in feeds.gaps if gap.unknown.reason is not Reason.NOT_COLLECTED)
    return replace(feeds, gaps=asked)


def _of_the_plan(unlooked: Unlooked) -> bool:
    """Whether the plan itself may lead to more stores; what no scan was asked for leads to none of the plan's."""
    return unlooked.unknown.reason is not Reason.NOT_COLLECTED
