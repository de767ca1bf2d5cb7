"""One delivery configuration, joined with what it refers to, as facts: where it delivers, who writes, does it work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from posture.adapters.databricks.config import (
    CredentialConfig,
    DeliveryConfig,
    Read,
    StorageConfig,
    WorkspaceConfig,
    account_of_role,
)
from posture.frozen import dataclass
from posture.model.contributions import DeliveryContribution
from posture.model.facts import FOREVER, Duration, Fact, Gap, Known, Listing, Reason, Source, Unknown, both, united
from posture.model.leads import StoreRef
from posture.model.subjects import Configuration, DeliveryStatus, Kind, Provider
from posture.model.trust import GOOGLE_DELIVERY

T = TypeVar("T")
_NAMED = "the bucket: `--store gs://bucket/prefix`, or under `stores` in posture.yaml"
_FIRST_DELIVERY_HOURS = 24  # until then a configuration that has not delivered yet may only be new


@dataclass(frozen=True, slots=True, kw_only=True)
class Names(Generic[T]):
    """What configurations refer to by id. An id that is not there is unknown as long as some could not be read."""

    what: str
    found: Mapping[str, T]
    source: Source
    gap: Unknown | None

    def get(self, identity: Fact[str]) -> Fact[T]:
        """What an id stands for."""
        return identity.then(self._resolve)

    def _resolve(self, identity: str) -> Fact[T]:
        if identity in self.found:
            return Known(value=self.found[identity], sources=())
        if not identity:
            return Unknown(reason=Reason.MALFORMED, sources=(self.source,), detail=f"no {self.what} is named")
        if self.gap is not None:
            return self.gap
        detail = f"the account has no {self.what} `{identity}`"
        return Unknown(reason=Reason.NOT_FOUND, sources=(self.source,), detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The root storage of all workspaces, by the ids of storage configurations and by buckets."""

    ids: frozenset[str]
    buckets: frozenset[str]
    stores: Listing[StoreRef]
    accounts: Listing[str]  # cloud accounts of the workspaces' resources

    def holds(self, storage: Fact[str], store: Fact[StoreRef]) -> Fact[bool]:
        """Whether a delivery lands in the root storage of a workspace: two ids may name one bucket."""
        if isinstance(storage, Known) and storage.value in self.ids:
            return Known(value=True, sources=united(storage.sources, self.stores.sources))
        if not isinstance(store, Known):
            return store
        shared = store.value.name in self.buckets
        if not shared and self.stores.gaps:
            return self.stores.gaps[0].unknown
        return Known(value=shared, sources=united(store.sources, self.stores.sources))


def storages(read: Read[StorageConfig]) -> Names[StorageConfig]:
    """Storage configurations by id."""
    found = {item.id: item for item in read.items}
    return Names(what="storage configuration", found=found, source=read.source, gap=read.gap)


def roles(read: Read[CredentialConfig]) -> Names[CredentialConfig]:
    """Credentials configurations by id."""
    found = {item.id: item for item in read.items}
    return Names(what="credentials configuration", found=found, source=read.source, gap=read.gap)


def store_of(storage: Fact[str], prefix: Fact[str], names: Names[StorageConfig], provider: Provider) -> Fact[StoreRef]:
    """The bucket behind a storage configuration, with the prefix of the logs."""
    bucket = names.get(storage).then(lambda found: found.bucket)
    kind = Kind.GCS_BUCKET if provider is Provider.GCP else Kind.S3_BUCKET
    if provider is Provider.GCP and isinstance(bucket, Unknown) and not bucket.needs:
        bucket = replace(bucket, needs=_NAMED)
    return both(bucket, prefix).map(lambda pair: StoreRef(provider=provider, kind=kind, name=pair[0], prefix=pair[1]))


def writer_of(identity: Fact[str], names: Names[CredentialConfig], provider: Provider) -> Fact[str]:
    """The role that writes. On Google Cloud Databricks writes as one documented account of its own."""
    if provider is Provider.GCP:
        return Known(value=GOOGLE_DELIVERY, sources=())
    return names.get(identity).then(lambda found: found.role_arn)


def roots(
    workspaces: Read[WorkspaceConfig],
    storage: Names[StorageConfig],
    credentials: Names[CredentialConfig],
    provider: Provider,
) -> Roots:
    """Where workspaces live. One without a bucket or a role of the customer's has none to share."""
    no_prefix: Fact[str] = Known(value="", sources=())
    stores = _listed(
        [store_of(item.storage, no_prefix, storage, provider) for item in workspaces.items if _given(item.storage)],
        workspaces,
    )
    projects = [item.project.then(_project) for item in workspaces.items if provider is Provider.GCP]
    arns = [
        credentials.get(item.credentials).then(lambda found: found.role_arn)
        for item in workspaces.items
        if _given(item.credentials)
    ]
    return Roots(
        ids=frozenset(
            item.storage.value for item in workspaces.items if isinstance(item.storage, Known) and item.storage.value
        ),
        buckets=frozenset(ref.name for ref in stores.items),
        stores=stores,
        accounts=_listed([*(arn.map(account_of_role) for arn in arns), *projects], workspaces),
    )


def contribution(
    config: DeliveryConfig,
    *,
    store: Fact[StoreRef],
    writer: Fact[str],
    roots: Roots,
    as_of: datetime,
) -> DeliveryContribution:
    """Everything that one configuration says."""
    return DeliveryContribution(
        configuration=Configuration(
            name=Known(value=config.label, sources=(config.source,)),
            enabled=config.enabled,
            status=config.status,
            succeeding=succeeding(config, as_of),
            hours_since_success=hours_since_success(config, as_of),
            filtered=config.workspaces.map(bool),
            store=store.map(lambda ref: ref.uri),
            shares_workspace_root=roots.holds(config.storage, store),
        ),
        store=store,
        writer=writer,
        audit=config.audit,
        workspaces=config.workspaces.map(lambda ids: frozenset(map(str, ids))),
    )


def succeeding(config: DeliveryConfig, as_of: datetime) -> Fact[bool]:
    """Whether the last attempt succeeded. Without an attempt, a new configuration is given time and an old one not."""
    return config.status.then(lambda status: _succeeding(config, status, as_of))


def _succeeding(config: DeliveryConfig, status: DeliveryStatus, as_of: datetime) -> Fact[bool]:
    match status:
        case DeliveryStatus.SUCCEEDED:
            return Known(value=True, sources=())
        case DeliveryStatus.CREATED:
            return config.changed_ms.then(lambda changed: _awaited(changed, config, as_of))
        case DeliveryStatus.USER_FAILURE | DeliveryStatus.SYSTEM_FAILURE | DeliveryStatus.NOT_FOUND:
            return Known(value=False, sources=())


def _awaited(changed_ms: int, config: DeliveryConfig, as_of: datetime) -> Fact[bool]:
    hours = (as_of.timestamp() - changed_ms / 1000) / 3600
    if hours >= _FIRST_DELIVERY_HOURS:
        return Known(value=False, sources=())
    detail = f"it is younger than {_FIRST_DELIVERY_HOURS} hours and has not tried to deliver yet"
    return Unknown(reason=Reason.UNDETERMINED, sources=(config.source.at("log_delivery_status"),), detail=detail)


def hours_since_success(config: DeliveryConfig, as_of: datetime) -> Fact[Duration]:
    """Whole hours, rounded down. A clock that runs behind does not make them negative."""
    return config.last_success.then(lambda last: _never(config) if last is None else _hours(as_of - last))


def _hours(age: timedelta) -> Fact[Duration]:
    return Known(value=max(0, age // timedelta(hours=1)), sources=())


def _never(config: DeliveryConfig) -> Fact[Duration]:
    source = config.source.at("log_delivery_status", "last_successful_attempt_time")
    contradiction = Unknown(reason=Reason.MALFORMED, sources=(source,), detail="a success is reported without its time")
    return config.status.then(
        lambda status: contradiction if status is DeliveryStatus.SUCCEEDED else Known(value=FOREVER, sources=())
    )


def _project(name: str) -> Fact[str]:
    if name:
        return Known(value=name, sources=())
    return Unknown(reason=Reason.UNDETERMINED, detail="the workspace does not say in which project its resources lie")


def _given(identity: Fact[str]) -> bool:
    return not (isinstance(identity, Known) and not identity.value)


def _listed(facts: list[Fact[T]], workspaces: Read[WorkspaceConfig]) -> Listing[T]:
    known = dict.fromkeys(fact.value for fact in facts if isinstance(fact, Known))
    unknown = dict.fromkeys(fact for fact in facts if isinstance(fact, Unknown))
    gaps = (workspaces.gap, *unknown) if workspaces.gap else tuple(unknown)
    answers = (replace(source, pointer="") for fact in facts for source in fact.sources)  # the whole, not each place
    sources = united((workspaces.source,), answers)
    return Listing(items=tuple(known), gaps=tuple(Gap(unknown=gap) for gap in gaps), sources=sources)
