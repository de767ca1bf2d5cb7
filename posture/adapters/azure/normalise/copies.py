"""What copies logs on from a stream or a table, as leads to where the copies lie."""

from __future__ import annotations

from posture.adapters.azure.cloud import Cloud
from posture.adapters.azure.config import Capture, DataExport, LogAnalyticsConfig, NamespaceConfig
from posture.adapters.azure.ids import subscription_of, type_of
from posture.adapters.azure.normalise.refs import hub_ref, storage_ref
from posture.model.assessment import Unlooked
from posture.model.facts import Gap
from posture.model.leads import Found, Lead, StoreRef
from posture.model.subjects import Role

_MOST_TABLES = 3


def captured(ref: StoreRef, config: NamespaceConfig, cloud: Cloud) -> tuple[Lead, ...]:
    """Event Hubs Capture writes every event of a hub into one container of an account."""
    return tuple(_captured(ref, each, cloud) for each in config.captures.items)


def exported(ref: StoreRef, config: LogAnalyticsConfig, cloud: Cloud) -> tuple[Lead, ...]:
    """A data export writes new rows of a table into a container `am-…`, or into a hub of that name or of its own."""
    return tuple(_exported(ref, each, cloud) for each in config.exports.items)


def unseen(what: str, gaps: tuple[Gap, ...]) -> tuple[Unlooked, ...]:
    """Where further copies could be named and could not be read."""
    return tuple(Unlooked(what=what, unknown=gap.unknown) for gap in gaps[:1])


def _captured(ref: StoreRef, each: Capture, cloud: Cloud) -> Lead:
    return Lead(
        target=storage_ref(each.account, cloud, each.container),
        found=Found(how=f"Event Hubs Capture of every event of hub `{each.hub}` of {ref.name}", source=each.source),
        role=Role.COPY,
        account=subscription_of(each.account),
        resource_id=each.account,
    )


def _exported(ref: StoreRef, each: DataExport, cloud: Cloud) -> Lead:
    to_hub = type_of(each.destination).startswith("microsoft.eventhub/")
    target = hub_ref(each.destination, each.hub, cloud) if to_hub else storage_ref(each.destination, cloud)
    more = len(each.tables) - _MOST_TABLES
    tables = ", ".join(each.tables[:_MOST_TABLES]) + (f" and {more} more" if more > 0 else "")
    return Lead(
        target=target,
        found=Found(how=f"data export `{each.name}` of {tables} from {ref.uri}", source=each.source),
        role=Role.COPY,
        account=subscription_of(each.destination),
        resource_id=each.destination,
    )
