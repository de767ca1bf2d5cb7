"""What copies logs on from a stream or a table, as leads to where the copies lie."""

from __future__ import annotations

from posture.adapters.azure.cloud import Cloud
from posture.adapters.azure.config import Capture, DataExport, LogAnalyticsConfig, NamespaceConfig
from posture.adapters.azure.ids import subscription_of, type_of
from posture.adapters.azure.normalise import others
from posture.adapters.azure.normalise.refs import hub_ref, storage_ref
from posture.adapters.wing import Followed
from posture.model.assessment import Unlooked
from posture.model.contributions import StoreContribution
from posture.model.facts import Gap
from posture.model.leads import Found, Lead, StoreRef
from posture.model.subjects import Role

_MOST_TABLES = 3


def of_stream(store: StoreContribution, config: NamespaceConfig, lead: Lead, cloud: Cloud) -> Followed:
    """A stream, with its key, and where Event Hubs Capture writes every event of a hub: one container of an account."""
    ref = store.ref
    return Followed(
        contributions=(store,),
        leads=(*others.key_leads(store, lead), *(_captured(ref, each, cloud) for each in config.captures.items)),
        unlooked=_unseen(f"where Event Hubs Capture writes what {ref.uri} receives", config.captures.gaps),
    )


def of_table(store: StoreContribution, config: LogAnalyticsConfig, lead: Lead, cloud: Cloud) -> Followed:
    """A table, with its key, and where a data export writes new rows: a container `am-…`, or a hub."""
    ref = store.ref
    return Followed(
        contributions=(store,),
        leads=(*others.key_leads(store, lead), *(_exported(ref, each, cloud) for each in config.exports.items)),
        unlooked=_unseen(f"the data exports of {ref.uri}", config.exports.gaps),
    )


def _unseen(what: str, gaps: tuple[Gap, ...]) -> tuple[Unlooked, ...]:
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
