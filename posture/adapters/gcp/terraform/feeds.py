"""What of other services concerns the buckets of a plan: sinks, transfer jobs, and keys that sign requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeVar

from posture.adapters.gcp.config import HmacKey, Sink, Transfer
from posture.adapters.gcp.terraform.defaults import HMAC_STATE, TRANSFER_STATUS
from posture.adapters.gcp.terraform.identities import SERVICE_ACCOUNT
from posture.adapters.gcp.terraform.members import Members
from posture.adapters.gcp.terraform.naming import GoogleNames
from posture.adapters.gcp.terraform.projects import Project, Projects
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, both, every_known
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Resource

T = TypeVar("T")
_STORAGE: Final = "storage.googleapis.com/"
_SINKS: Final = tuple(f"google_logging_{level}_sink" for level in ("project", "folder", "organization"))
_TRANSFER: Final = "google_storage_transfer_job"
_HMAC_KEY: Final = "google_storage_hmac_key"


@dataclass(frozen=True, slots=True)
class Feeds:
    """The further services of one plan."""

    plan: Plan
    projects: Projects
    names: GoogleNames
    members: Members

    def sinks(self, live: Listing[Sink]) -> Listing[Sink]:
        """Those of the plan, whatever project they are of, and those that a scan saw beside them."""
        return self._joined(_SINKS, self._sink, _beside(live, "sinks"), lambda sink: f"{sink.name} {sink.bucket}")

    def transfers(self, live: Listing[Transfer]) -> Listing[Transfer]:
        """The jobs that copy buckets."""
        return self._joined((_TRANSFER,), self._transfer, _beside(live, "transfer jobs"), lambda job: job.name)

    def hmac_keys(self, project: Project, live: Listing[HmacKey]) -> Listing[HmacKey]:
        """Keys of a project. One that the plan destroys cannot be told among those that a scan saw."""

        def ours(resource: Resource) -> bool:
            return self.projects.of(resource).name == project.name

        return self._joined((_HMAC_KEY,), self._hmac_key, _beside(live, "HMAC keys"), lambda _: "", ours)

    def _joined(
        self,
        kinds: tuple[str, ...],
        read: Callable[[Place], Fact[T]],
        live: Listing[T],
        name: Callable[[T], str],
        ours: Callable[[Resource], bool] = lambda _: True,
    ) -> Listing[T]:
        items: list[T] = []
        gaps = [*live.gaps]
        for resource in (each for kind in kinds for each in self.plan.of_kind(kind) if ours(each)):
            match read(Place(values=resource.after, resource=resource)):
                case Known(value=item):
                    items.append(item)
                case Unknown() as unknown:
                    gaps.append(Gap(unknown=unknown))
        replaced = Counter(self._former(kinds))
        kept = []
        for item in live.items:  # projects have names in common: each of the plan takes the place of one
            if replaced[name(item)]:
                replaced[name(item)] -= 1
            else:
                kept.append(item)
        return Listing(items=(*items, *kept), gaps=tuple(gaps), sources=live.sources)

    def _former(self, kinds: tuple[str, ...]) -> Iterator[str]:
        """The names of what was there before and is of this plan, or leaves with it; of a sink with its bucket."""
        leaving = (each.before for each in self.plan.departures if each.action is Action.DELETE)
        there = (each.before for kind in kinds for each in self.plan.of_kind(kind) if each.before is not None)
        for values in (*there, *leaving):
            if values.source.operation.rpartition(".")[0].rpartition(".")[2] in kinds:
                name, destination = (values.optional(each).text() for each in ("name", "destination"))
                if isinstance(name, Known) and name.value:
                    led = destination.value or "" if isinstance(destination, Known) else ""
                    bucket = led.removeprefix(_STORAGE) if led.startswith(_STORAGE) else ""
                    yield f"{name.value} {bucket}" if kinds is _SINKS else name.value

    def _sink(self, place: Place) -> Fact[Sink]:
        destination = place.text("destination")
        target = place.at("destination")
        bucket = self.names.bucket_named(target)
        if isinstance(destination, Known) and not destination.value.startswith(_STORAGE):
            bucket = Known(value="", sources=destination.sources)
        return both(both(place.text("name"), bucket), place.flag("disabled")).map(
            lambda found: Sink(name=found[0][0], bucket=found[0][1], disabled=found[1], source=place.values.source)
        )

    def _hmac_key(self, place: Place) -> Fact[HmacKey]:
        named, unknown = self.members.single(place.at("service_account_email"))
        if unknown is not None:
            return unknown
        account = SERVICE_ACCOUNT.spelled(named[0])
        state = place.text("state")
        if isinstance(state, Unknown) and self.plan.sets(_resource(place), "state") is False:
            state = Known(value=HMAC_STATE, sources=state.sources)
        return state.map(
            lambda text: HmacKey(
                service_account=account, active=(text or HMAC_STATE) == HMAC_STATE, source=place.values.source
            )
        )

    def _transfer(self, place: Place) -> Fact[Transfer]:
        def either(block: Place | None) -> Fact[Place | None]:
            return place.block("replication_spec") if block is None else Known(value=block, sources=())

        return place.block("transfer_spec").then(either).then(lambda block: self._job(place, block or place))

    def _job(self, place: Place, spec: Place) -> Fact[Transfer]:
        ends = every_known(self._end(spec, name) for name in ("gcs_data_source", "gcs_data_sink"))
        limits = spec.block("object_conditions").then(_limits)
        return both(both(ends, limits), place.text("status")).map(
            lambda found: Transfer(
                name=place.values.source.operation,
                enabled=(found[1] or TRANSFER_STATUS) == TRANSFER_STATUS,
                bucket=found[0][0][0][0],
                path=found[0][0][0][1],
                prefixes=found[0][1][0],
                excluded=found[0][1][1],
                target=found[0][0][1][0],
                target_path=found[0][0][1][1],
                source=place.values.source,
            )
        )

    def _end(self, spec: Place, name: str) -> Fact[tuple[str, str]]:
        def read(block: Place | None) -> Fact[tuple[str, str]]:
            if block is None:
                return Known(value=("", ""), sources=(spec.values.source,))
            return both(self.names.bucket_named(block.at("bucket_name")), block.text("path"))

        return spec.block(name).then(read)


def _beside(live: Listing[T], what: str) -> Listing[T]:
    """What a scan told; where nobody asked, what a plan does not know."""
    detail = f"a plan does not know which {what} there are beside it"
    return replace(
        live,
        gaps=tuple(
            replace(gap, unknown=replace(gap.unknown, detail=detail))
            if gap.unknown.reason is Reason.NOT_COLLECTED
            else gap
            for gap in live.gaps
        ),
    )


def _limits(conditions: Place | None) -> Fact[tuple[tuple[str, ...], tuple[str, ...]]]:
    if conditions is None:
        return Known(value=((), ()), sources=())
    return both(conditions.texts("include_prefixes"), conditions.texts("exclude_prefixes"))


def _resource(place: Place) -> Resource:
    assert place.resource is not None  # noqa: S101 - places of this room are of resources
    return place.resource
