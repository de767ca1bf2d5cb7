"""The answers about one bucket: JSON in, facts out. What Cloud Storage leaves out is off."""

from __future__ import annotations

from collections.abc import Mapping

from posture.adapters.gcp.config import (
    AclEntry,
    CorsRule,
    IpFilter,
    LifecycleRule,
    RetentionPolicy,
    Uniform,
    UsageLogs,
)
from posture.adapters.gcp.members import Record, each, flag, found, malformed, number, record, text, texts
from posture.model.facts import Fact, Known, Source
from posture.model.subjects import Versioning

_PREVENTION = {"": False, "unspecified": False, "inherited": False, "enforced": True}  # unspecified: of old buckets
_TYPES = {"region": False, "dual-region": True, "multi-region": True}
_OBJECTIVES = {"": False, "DEFAULT": False, "ASYNC_TURBO": True}
_MULTI_REGIONS = frozenset({"us", "eu", "asia"})
_DUAL_REGIONS = frozenset({"nam4", "eur4", "eur5", "eur7", "eur8", "asia1"})


def project(answer: Record, source: Source) -> Fact[str]:
    """The number of the project that owns the bucket."""
    value = number(answer, "projectNumber")
    return found(None if value is None else str(value), source.at("projectNumber"), "projectNumber")


def location(answer: Record, source: Source) -> Fact[str]:
    """The location in lower case, as regions are written everywhere else."""
    return found(text(answer, "location").lower() or None, source.at("location"), "location")


def multiple(answer: Record, source: Source) -> Fact[bool]:
    """Whether objects lie in two Regions or more; older answers lack the type of the location."""
    kind, name = text(answer, "locationType"), text(answer, "location").lower()
    if not kind:
        several = name in _MULTI_REGIONS | _DUAL_REGIONS
        return found(several if name else None, source.at("location"), "location")
    return found(_TYPES.get(kind), source.at("locationType"), "locationType")


def _access(answer: Record) -> Record:
    return record(answer.get("iamConfiguration"))


def prevention(answer: Record, source: Source) -> Fact[bool]:
    """Public access prevention as the bucket itself sets it."""
    place = source.at("iamConfiguration", "publicAccessPrevention")
    return found(_PREVENTION.get(text(_access(answer), "publicAccessPrevention")), place, "publicAccessPrevention")


def uniform(answer: Record, source: Source) -> Fact[Uniform]:
    """Uniform bucket-level access; it was once called bucket policy only."""
    held = _access(answer)
    member = "uniformBucketLevelAccess" if "uniformBucketLevelAccess" in held else "bucketPolicyOnly"
    setting = record(held.get(member))
    enabled = flag(setting, "enabled")
    place = source.at("iamConfiguration", member)
    locked_from: Fact[str] = Known(value=text(setting, "lockedTime"), sources=(place.at("lockedTime"),))
    return found(None if enabled is None else Uniform(enabled=enabled, locked_from=locked_from), place, member)


def key(answer: Record, source: Source) -> Fact[str]:
    """The default key; empty where Google's own encrypts."""
    held = answer.get("encryption", {})
    name = record(held).get("defaultKmsKeyName", "")
    usable = name if isinstance(name, str) and isinstance(held, dict) else None
    return found(usable, source.at("encryption", "defaultKmsKeyName"), "defaultKmsKeyName")


def retention(answer: Record, source: Source) -> Fact[RetentionPolicy | None]:
    """The retention policy."""
    place = source.at("retentionPolicy")
    if "retentionPolicy" not in answer:
        return Known(value=None, sources=(place,))
    held = record(answer["retentionPolicy"])
    seconds, locked = number(held, "retentionPeriod"), flag(held, "isLocked")
    if seconds is None or locked is None:
        return malformed(place, "no usable retentionPolicy")
    return Known(value=RetentionPolicy(seconds=seconds, locked=locked), sources=(place,))


def object_retention(answer: Record, source: Source) -> Fact[bool]:
    """Whether objects can have a retention of their own."""
    mode = text(record(answer.get("objectRetention")), "mode")
    return found({"": False, "Enabled": True}.get(mode), source.at("objectRetention", "mode"), "objectRetention")


def holds_new(answer: Record, source: Source) -> Fact[bool]:
    """Whether every new object is held until somebody releases it."""
    return found(flag(answer, "defaultEventBasedHold"), source.at("defaultEventBasedHold"), "defaultEventBasedHold")


def soft_delete(answer: Record, source: Source) -> Fact[int]:
    """Seconds that a deleted object can be restored for; a bucket without the policy restores nothing."""
    place = source.at("softDeletePolicy", "retentionDurationSeconds")
    if "softDeletePolicy" not in answer:
        return Known(value=0, sources=(source.at("softDeletePolicy"),))
    return found(number(record(answer["softDeletePolicy"]), "retentionDurationSeconds"), place, "soft delete policy")


def versioning(answer: Record, source: Source) -> Fact[Versioning]:
    """Object versioning; one that was turned off keeps the versions that there are."""
    place = source.at("versioning", "enabled")
    if "versioning" not in answer:
        return Known(value=Versioning.NEVER, sources=(source.at("versioning"),))
    enabled = flag(record(answer["versioning"]), "enabled")
    states = {True: Versioning.ENABLED, False: Versioning.SUSPENDED}
    return found(None if enabled is None else states[enabled], place, "versioning")


def has_lifecycle(answer: Record, source: Source) -> Fact[bool]:
    """Whether there is any rule, whatever it does."""
    return Known(value=bool(record(answer.get("lifecycle")).get("rule")), sources=(source.at("lifecycle"),))


def lifecycle(answer: Record, source: Source) -> Fact[tuple[LifecycleRule, ...]]:
    """The rules that delete; the others move objects, or end uploads that never became one."""
    place = source.at("lifecycle", "rule")
    rules = record(answer.get("lifecycle", {})).get("rule")
    read = each(rules, _rule, place)
    usable = None if read is None else tuple(rule for rule in read if isinstance(rule, LifecycleRule))
    return found(usable, place, "lifecycle rules")


def _rule(rule: Record, source: Source) -> LifecycleRule | str | None:
    action, asked = text(record(rule.get("action")), "type"), record(rule.get("condition"))
    prefixes = texts(asked, "matchesPrefix")
    counts = [number(asked, name) for name in ("age", "numNewerVersions", "daysSinceNoncurrentTime") if name in asked]
    if action and action != "Delete":
        return action
    if not action or not asked or prefixes is None or None in counts:
        return None
    live = asked.get("isLive")
    return LifecycleRule(
        age=number(asked, "age"),
        created_before=text(asked, "createdBefore"),
        live=live if isinstance(live, bool) else None,
        prefixes=prefixes,
        newer_versions=number(asked, "numNewerVersions"),
        noncurrent_days=number(asked, "daysSinceNoncurrentTime"),
        noncurrent_before=text(asked, "noncurrentTimeBefore"),
        source=source,
    )


def usage_logs(answer: Record, source: Source) -> Fact[UsageLogs | None]:
    """Where usage logs go."""
    place = source.at("logging")
    if "logging" not in answer:
        return Known(value=None, sources=(place,))
    bucket = text(record(answer["logging"]), "logBucket")
    if not bucket:
        return malformed(place, "no usable logBucket")
    prefix = text(record(answer["logging"]), "logObjectPrefix")
    return Known(value=UsageLogs(bucket=bucket, prefix=prefix), sources=(place,))


def website(answer: Record, source: Source) -> Fact[bool]:
    """A website serves a main page or one for what is not found."""
    held = record(answer.get("website"))
    serves = bool(text(held, "mainPageSuffix") or text(held, "notFoundPage"))
    return Known(value=serves, sources=(source.at("website"),))


def cors(answer: Record, source: Source) -> Fact[tuple[CorsRule, ...]]:
    """Which web origins may use which methods."""
    return found(each(answer.get("cors"), _cors, source.at("cors")), source.at("cors"), "CORS rules")


def _cors(rule: Record, source: Source) -> CorsRule | None:
    origins, methods = texts(rule, "origin"), texts(rule, "method")
    return None if origins is None or methods is None else CorsRule(origins=origins, methods=methods, source=source)


def requester_pays(answer: Record, source: Source) -> Fact[bool]:
    """Whether whoever asks pays."""
    return found(flag(record(answer.get("billing")), "requesterPays"), source.at("billing", "requesterPays"), "billing")


def turbo(answer: Record, source: Source) -> Fact[bool]:
    """Whether new objects are to lie in the second Region within fifteen minutes."""
    return found(_OBJECTIVES.get(text(answer, "rpo")), source.at("rpo"), "rpo")


def labels(answer: Record, source: Source) -> Fact[tuple[tuple[str, str], ...]]:
    """Labels by name."""
    held = answer.get("labels", {})
    named = [(name, value) for name, value in record(held).items() if isinstance(value, str)]
    whole = isinstance(held, Mapping) and len(named) == len(held)
    return found(tuple(sorted(named)) if whole else None, source.at("labels"), "labels")


def ip_filter(answer: Record, source: Source) -> Fact[IpFilter | None]:
    """The filter by networks, where it is in force."""
    place, held = source.at("ipFilter"), record(answer.get("ipFilter"))
    mode = text(held, "mode")
    if mode in {"", "Disabled"}:
        return Known(value=None, sources=(place,))
    public = texts(record(held.get("publicNetworkSource")), "allowedIpCidrRanges")
    networks = each(held.get("vpcNetworkSources"), _network, place)
    if mode != "Enabled" or public is None or networks is None:
        return malformed(place, "no usable ipFilter")
    agents = flag(held, "allowAllServiceAgentAccess") is True
    return Known(value=IpFilter(ranges=public, networks=networks, service_agents=agents), sources=(place,))


def leaves_filter_out(answer: Record, source: Source) -> Fact[bool]:
    """Whether nothing is said of a filter."""
    return Known(value="ipFilter" not in answer, sources=(source.at("ipFilter"),))


def _network(item: Record, _source: Source) -> tuple[str, tuple[str, ...]] | None:
    name, ranges = text(item, "network"), texts(item, "allowedIpCidrRanges")
    return (name, ranges) if name and ranges is not None else None


def acl_entry(item: Record, source: Source) -> AclEntry | None:
    """One line of a list."""
    entity, role = text(item, "entity"), text(item, "role")
    return AclEntry(entity=entity, role=role, source=source) if entity and role else None
