"""Reads the project that owns a bucket: what it inherits, and what its services say of all its buckets."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from posture.adapters.gcp import calls
from posture.adapters.gcp.config import HmacKey, OwnerConfig, ProjectConfig, Sink, Transfer
from posture.adapters.gcp.constraints import AUTH, MEMBERS, PREVENTION, TLS, TRANSPORT, UNIFORM
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.live.constraints import enforced, refuses, restricts_domains
from posture.adapters.gcp.live.hierarchy import Ancestry, ancestry, domain, levels
from posture.adapters.gcp.live.perimeters import read_perimeter
from posture.adapters.gcp.members import Record, flag, listed, record, text, texts
from posture.model.facts import Gap, Known, Listing, Source, Unknown, united
from posture.model.settings import GoogleAccess

_BUCKETS = "storage.googleapis.com/"


def read_project(number: str, caller: Caller, access: GoogleAccess) -> ProjectConfig:
    """The project; everything of it is read once in a run, whatever number of buckets it holds."""
    above = ancestry(number, caller)
    reads: tuple[Callable[[], object], ...] = (
        *(partial(enforced, each, number, caller) for each in (PREVENTION, TRANSPORT, UNIFORM, MEMBERS)),
        *(partial(refuses, each, number, caller) for each in (TLS, AUTH)),
        partial(restricts_domains, number, caller),
        partial(_sinks, above, caller),
        partial(_hmac_keys, number, caller),
        partial(_transfers, above, caller),
    )
    caller.reading.together(*reads)  # side by side; the reading keeps the answers for whoever asks again
    return ProjectConfig(
        owner=_owner(number, above, caller, access),
        prevents_public=enforced(PREVENTION, number, caller),
        requires_tls=enforced(TRANSPORT, number, caller),
        refused_tls=refuses(TLS, number, caller),
        keeps_uniform=enforced(UNIFORM, number, caller),
        refused_auth=refuses(AUTH, number, caller),
        restricts_domains=restricts_domains(number, caller),
        restricts_members=enforced(MEMBERS, number, caller),
        sinks=_sinks(above, caller),
        hmac_keys=_hmac_keys(number, caller),
        transfers=_transfers(above, caller),
        perimeter=read_perimeter(number, above.top, caller) if access.perimeters else None,
    )


def read_owner(project: str, caller: Caller, access: GoogleAccess) -> OwnerConfig:
    """A project by its id or number, as the owner of a key."""
    return _owner(project, ancestry(project, caller), caller, access)


def _owner(project: str, above: Ancestry, caller: Caller, access: GoogleAccess) -> OwnerConfig:
    return OwnerConfig(
        name=project,
        number=above.number,
        id=above.id,
        levels=levels(above, caller, deny_policies=access.deny_policies),
        organisation=above.top,
        domain=domain(above.top, caller),
    )


def _sinks(above: Ancestry, caller: Caller) -> Listing[Sink]:
    """Sinks of the project and of everything above it, which may take the project's logs along."""
    found_sinks = [
        listed(caller.read_all(calls.LIST_SINKS, resource=name, parent=name), _sink, "sink") for name in above.names
    ]
    gaps = () if above.gap is None else (Gap(unknown=above.gap),)
    return Listing(
        items=tuple(sink for listing in found_sinks for sink in listing.items),
        gaps=(*gaps, *(gap for listing in found_sinks for gap in listing.gaps)),
        sources=united(*(listing.sources for listing in found_sinks)),
    )


def _sink(item: Record, source: Source) -> Sink | None:
    name, destination, disabled = text(item, "name"), text(item, "destination"), flag(item, "disabled")
    if not name or not destination or disabled is None:
        return None
    bucket = destination.removeprefix(_BUCKETS) if destination.startswith(_BUCKETS) else ""
    return Sink(name=name, bucket=bucket, disabled=disabled, source=source)


def _hmac_keys(number: str, caller: Caller) -> Listing[HmacKey]:
    pages = caller.read_all(calls.LIST_HMAC_KEYS, resource=number, project=number)
    return listed(pages, _hmac_key, "HMAC key")


def _hmac_key(item: Record, source: Source) -> HmacKey | None:
    account, state = text(item, "serviceAccountEmail"), text(item, "state")
    return HmacKey(service_account=account, active=state == "ACTIVE", source=source) if account and state else None


def _transfers(above: Ancestry, caller: Caller) -> Listing[Transfer]:
    """Jobs of the owner's project; one of another project copies too, and its owner sees it."""
    match above.id:
        case Unknown() as unknown:
            return Listing.unread(unknown)
        case Known(value=project):
            asked = json.dumps({"projectId": project}, separators=(",", ":"))
            pages = caller.read_all(calls.LIST_TRANSFERS, resource=project, filter=asked)
            return listed(pages, _transfer, "transfer job")


def _transfer(item: Record, source: Source) -> Transfer | None:
    spec = record(item.get("replicationSpec") or item.get("transferSpec"))
    origin, sink = record(spec.get("gcsDataSource")), record(spec.get("gcsDataSink"))
    conditions = record(spec.get("objectConditions"))
    prefixes, excluded = texts(conditions, "includePrefixes"), texts(conditions, "excludePrefixes")
    name, status = text(item, "name"), text(item, "status")
    if not name or not status or prefixes is None or excluded is None:
        return None
    return Transfer(
        name=name,
        enabled=status == "ENABLED",
        bucket=text(origin, "bucketName"),
        path=text(origin, "path"),
        prefixes=prefixes,
        excluded=excluded,
        target=text(sink, "bucketName"),
        target_path=text(sink, "path"),
        source=source,
    )
