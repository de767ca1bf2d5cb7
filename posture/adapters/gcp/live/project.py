"""Reads the project that owns a bucket: what it inherits, and what its services say of all its buckets."""

from __future__ import annotations

import json

from posture.adapters.gcp import calls
from posture.adapters.gcp.config import HmacKey, OwnerConfig, ProjectConfig, Sink, Transfer
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.live.hierarchy import Ancestry, ancestry, domain, levels
from posture.adapters.gcp.live.perimeters import read_perimeter
from posture.adapters.gcp.members import Record, each, flag, found, listed, record, setting, text, texts
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, united

_PREVENTION = "storage.publicAccessPrevention"
_TRANSPORT = "storage.secureHttpTransport"
_TLS = "gcp.restrictTLSVersion"
_TLS_VERSIONS = frozenset({"TLS_VERSION_1", "TLS_VERSION_1_1", "TLS_VERSION_1_2", "TLS_VERSION_1_3"})
_BUCKETS = "storage.googleapis.com/"


def read_project(number: str, caller: Caller, *, perimeters: bool = False) -> ProjectConfig:
    """The project; everything of it is read once in a run, whatever number of buckets it holds."""
    above = ancestry(number, caller)
    return ProjectConfig(
        owner=_owner(number, above, caller),
        prevents_public=_enforced(_PREVENTION, number, caller),
        requires_tls=_enforced(_TRANSPORT, number, caller),
        refused_tls=_refused(number, caller),
        sinks=_sinks(above, caller),
        hmac_keys=_hmac_keys(number, caller),
        transfers=_transfers(above, caller),
        perimeter=read_perimeter(number, above.top, caller) if perimeters else None,
    )


def read_owner(project: str, caller: Caller) -> OwnerConfig:
    """A project by its id or number, as the owner of a key."""
    return _owner(project, ancestry(project, caller), caller)


def _owner(project: str, above: Ancestry, caller: Caller) -> OwnerConfig:
    return OwnerConfig(
        name=project,
        number=above.number,
        id=above.id,
        levels=levels(above, caller),
        organisation=above.top,
        domain=domain(above.top, caller),
    )


def _rules(constraint: str, number: str, caller: Caller) -> Fact[tuple[Record, ...]]:
    answer = caller.read(
        calls.GET_CONSTRAINT, resource=f"projects/{number}/{constraint}", project=number, constraint=constraint
    )

    def rules(value: Record, source: Source) -> Fact[tuple[Record, ...]]:
        place = source.at("spec", "rules")
        return found(each(record(value.get("spec")).get("rules"), lambda rule, _: rule or None, place), place, "rules")

    return setting(answer, rules)


def _enforced(constraint: str, number: str, caller: Caller) -> Fact[bool]:
    """A rule without a condition decides; one with a condition is for resources with a tag, which are not read."""

    def decided(rules: tuple[Record, ...]) -> Fact[bool]:
        values = {flag(rule, "enforce") for rule in rules}
        if None in values:
            return Unknown(reason=Reason.MALFORMED, detail=f"a rule of {constraint} that enforces neither nor does not")
        if len(values) > 1 and any("condition" in rule for rule in rules):
            return Unknown(reason=Reason.UNDETERMINED, detail=f"{constraint} depends on tags, which are not read")
        return Known(value=values == {True}, sources=())

    return _rules(constraint, number, caller).then(decided)


def _refused(number: str, caller: Caller) -> Fact[frozenset[str]]:
    """The TLS versions that are denied; what is not allowed by a list of the allowed ones is denied too."""

    def decided(rules: tuple[Record, ...]) -> Fact[frozenset[str]]:
        refused: frozenset[str] = frozenset()
        for rule in rules:
            values = record(rule.get("values"))
            allowed, denied = texts(values, "allowedValues"), texts(values, "deniedValues")
            if "condition" in rule:
                return Unknown(reason=Reason.UNDETERMINED, detail=f"{_TLS} depends on tags, which are not read")
            if allowed is None or denied is None:
                return Unknown(reason=Reason.MALFORMED, detail=f"no usable values of {_TLS}")
            refused |= frozenset(denied) | (_TLS_VERSIONS - frozenset(allowed) if allowed else frozenset())
            if flag(rule, "denyAll"):
                refused |= _TLS_VERSIONS
        return Known(value=refused, sources=())

    return _rules(_TLS, number, caller).then(decided)


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
