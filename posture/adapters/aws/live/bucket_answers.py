"""The answers about one bucket: JSON in, facts out."""

from __future__ import annotations

from collections.abc import Callable

from posture.adapters.aws.config import (
    EVENT_BUS,
    Acl,
    AclGrant,
    CopyRule,
    CorsRule,
    DefaultEncryption,
    GranteeKind,
    LifecycleRule,
    LoggingTarget,
    ObjectLock,
    VersioningState,
)
from posture.adapters.aws.live.answers import (
    Record,
    document,
    each,
    flag,
    found,
    malformed,
    number,
    record,
    text,
    texts,
)
from posture.model.facts import Fact, Known, Source, Unknown
from posture.model.subjects import BlockPublicAccess, Ownership, Versioning, WormMode
from posture.reading import Answer, Answered, NotConfigured

_DAYS_PER_YEAR = 365
_ENABLED = {"Enabled": True, "Disabled": False}
_GRANTEES = {  # the type of a grantee, and the member that names it
    "CanonicalUser": (GranteeKind.ACCOUNT, "ID"),
    "Group": (GranteeKind.GROUP, "URI"),
    "AmazonCustomerByEmail": (GranteeKind.EMAIL, "EmailAddress"),
}
_VERSIONING = {"": Versioning.NEVER, "Enabled": Versioning.ENABLED, "Suspended": Versioning.SUSPENDED}
_OWNERSHIP = {
    "BucketOwnerEnforced": Ownership.ENFORCED,
    "BucketOwnerPreferred": Ownership.PREFERRED,
    "ObjectWriter": Ownership.WRITER,
}
_WORM = {"GOVERNANCE": WormMode.GOVERNANCE, "COMPLIANCE": WormMode.COMPLIANCE}
_NOTIFIED = (
    ("TopicConfigurations", "TopicArn"),
    ("QueueConfigurations", "QueueArn"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
)


def region(answer: Record, source: Source) -> Fact[str]:
    """The Region of a bucket: null is the oldest one, and EU is how eu-west-1 was once written."""
    match answer.get("LocationConstraint"):
        case None | "":
            return Known(value="us-east-1", sources=(source,))
        case "EU":
            return Known(value="eu-west-1", sources=(source,))
        case str(name):
            return Known(value=name, sources=(source.at("LocationConstraint"),))
        case _:
            return malformed(source, "no usable LocationConstraint")


def encryption(answer: Record, source: Source) -> Fact[DefaultEncryption | None]:
    """The default encryption; a bucket has one rule."""
    rules = record(answer.get("ServerSideEncryptionConfiguration")).get("Rules")
    place = source.at("ServerSideEncryptionConfiguration", "Rules", 0)
    match rules:
        case [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": str(algorithm)} as default} as rule]:
            key = text(record(default), "KMSMasterKeyID")
            bucket_key = flag(record(rule), "BucketKeyEnabled") is True
            return Known(
                value=DefaultEncryption(algorithm=algorithm, key_id=key, bucket_key=bucket_key), sources=(place,)
            )
        case _:
            return malformed(source, "no single encryption rule")


def block(answer: Answer) -> BlockPublicAccess:
    """The four flags of one level; not configured is all four off."""
    match answer:
        case Unknown():
            return _block(lambda _name: answer)
        case NotConfigured(source=source):
            return _block(lambda _name: Known(value=False, sources=(source,)))
        case Answered(value=value, source=source):
            member = "PublicAccessBlockConfiguration"
            return flags(record(value.get(member)), source.at(member))


def flags(written: Record, source: Source) -> BlockPublicAccess:
    """The four flags as they are written."""
    return _block(lambda name: found(flag(written, name), source.at(name), name))


def _block(fact: Callable[[str], Fact[bool]]) -> BlockPublicAccess:
    return BlockPublicAccess(
        block_public_acls=fact("BlockPublicAcls"),
        ignore_public_acls=fact("IgnorePublicAcls"),
        block_public_policy=fact("BlockPublicPolicy"),
        restrict_public_buckets=fact("RestrictPublicBuckets"),
    )


def policy(answer: Record, source: Source) -> Fact[str]:
    """The policy as JSON text."""
    return document(answer.get("Policy"), source.at("Policy"))


def public(answer: Record, source: Source) -> Fact[bool]:
    """AWS's own public bit."""
    return found(
        flag(record(answer.get("PolicyStatus")), "IsPublic"), source.at("PolicyStatus", "IsPublic"), "IsPublic"
    )


def acl(answer: Record, source: Source) -> Fact[Acl]:
    """The access control list."""
    owner = text(record(answer.get("Owner")), "ID")
    grants = each(answer.get("Grants"), _acl_grant, source.at("Grants"))
    usable = Acl(owner=owner, grants=grants) if owner and grants is not None else None
    return found(usable, source, "access control list")


def _acl_grant(grant: Record, _source: Source) -> AclGrant | None:
    grantee, permission = record(grant.get("Grantee")), text(grant, "Permission")
    kind, member = _GRANTEES.get(text(grantee, "Type"), (None, ""))
    name = text(grantee, member)
    return AclGrant(kind=kind, grantee=name, permission=permission) if kind and name and permission else None


def ownership(answer: Record, source: Source) -> Fact[Ownership]:
    """Who owns what others write."""
    place = source.at("OwnershipControls", "Rules", 0, "ObjectOwnership")
    match record(answer.get("OwnershipControls")).get("Rules"):
        case [{"ObjectOwnership": str(value)}]:
            return found(_OWNERSHIP.get(value), place, "ObjectOwnership")
        case _:
            return malformed(source, "no single ownership rule")


def versioning(answer: Record, source: Source) -> Fact[VersioningState]:
    """Versioning and MFA delete; an empty answer means that versioning was never enabled."""
    state = _VERSIONING.get(text(answer, "Status"))
    second = {"": False, **_ENABLED}.get(text(answer, "MFADelete"))
    usable = None if state is None or second is None else VersioningState(versioning=state, mfa_delete=second)
    return found(usable, source, "versioning state")


def object_lock(answer: Record, source: Source) -> Fact[ObjectLock | None]:
    """Object Lock and its default retention; a year is counted as 365 days."""
    lock = record(answer.get("ObjectLockConfiguration"))
    if text(lock, "ObjectLockEnabled") != "Enabled":
        return malformed(source, "no usable ObjectLockEnabled")
    if "Rule" not in lock:
        return Known(value=ObjectLock(mode=WormMode.NONE, days=0), sources=(source.at("ObjectLockConfiguration"),))
    retention = record(record(lock.get("Rule")).get("DefaultRetention"))
    mode = _WORM.get(text(retention, "Mode"))
    days = (number(retention, "Days") or 0) + _DAYS_PER_YEAR * (number(retention, "Years") or 0)
    usable = ObjectLock(mode=mode, days=days) if mode and days > 0 else None
    return found(usable, source.at("ObjectLockConfiguration", "Rule", "DefaultRetention"), "default retention")


def lifecycle(answer: Record, source: Source) -> Fact[tuple[LifecycleRule, ...]]:
    """The lifecycle rules."""
    return found(each(answer.get("Rules"), _lifecycle_rule, source.at("Rules")), source, "lifecycle rules")


def _lifecycle_rule(rule: Record, source: Source) -> LifecycleRule | None:
    enabled = _ENABLED.get(text(rule, "Status"))
    expiration, noncurrent = record(rule.get("Expiration")), record(rule.get("NoncurrentVersionExpiration"))
    day = text(expiration, "Date")
    after = (number(expiration, "Days"), number(noncurrent, "NoncurrentDays"))
    readable = not expiration or day or "Days" in expiration or "ExpiredObjectDeleteMarker" in expiration
    if enabled is None or not readable or ("NoncurrentVersionExpiration" in rule and not noncurrent):
        return None
    if any(days is not None and days < 0 for days in after):
        return None
    return LifecycleRule(
        name=text(rule, "ID"),
        enabled=enabled,
        prefix=_prefix(rule),
        narrowed=_narrowed(record(rule.get("Filter"))),
        expires_after=after[0],
        expires_on=day[:10],
        noncurrent_after=(after[1] or 0) if noncurrent else None,
        source=source,
    )


def _prefix(rule: Record) -> str:
    """A rule's prefix: at the top in the older form, else in the filter, alone or combined with others."""
    outer = record(rule.get("Filter"))
    return text(rule, "Prefix") or text(outer, "Prefix") or text(record(outer.get("And")), "Prefix")


def _narrowed(outer: Record) -> tuple[str, ...]:
    combined = record(outer.get("And"))
    tags = each([outer["Tag"]] if "Tag" in outer else combined.get("Tags", []), _tag, Source(operation=""))
    sizes = tuple(
        f"{name} {number(where, name)}"
        for where in (outer, combined)
        for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
        if name in where
    )
    return tuple(f"tag {key}={value}" for key, value in tags or ()) + sizes


def _tag(tag: Record, _source: Source) -> tuple[str, str] | None:
    return (text(tag, "Key"), text(tag, "Value")) if text(tag, "Key") else None


def logging(answer: Record, source: Source) -> Fact[LoggingTarget | None]:
    """Server access logging; an empty answer means that it is off."""
    if "LoggingEnabled" not in answer:
        return Known(value=None, sources=(source,))
    enabled = record(answer.get("LoggingEnabled"))
    target = LoggingTarget(bucket=text(enabled, "TargetBucket"), prefix=text(enabled, "TargetPrefix"))
    if not target.bucket:
        return malformed(source, "no usable TargetBucket")
    return Known(value=target, sources=(source.at("LoggingEnabled"),))


def replication(answer: Record, source: Source) -> Fact[tuple[CopyRule, ...]]:
    """The replication rules, of either version: one without a filter is of the first, which copies delete markers."""
    place = source.at("ReplicationConfiguration", "Rules")
    rules = each(record(answer.get("ReplicationConfiguration")).get("Rules"), _copy_rule, place)
    return found(rules, place, "replication rules")


def _copy_rule(rule: Record, source: Source) -> CopyRule | None:
    enabled = _ENABLED.get(text(rule, "Status"))
    destination = record(rule.get("Destination"))
    bucket = text(destination, "Bucket").rpartition(":")[2]
    if enabled is None or not bucket:
        return None
    criteria = record(record(rule.get("SourceSelectionCriteria")).get("SseKmsEncryptedObjects"))
    return CopyRule(
        name=text(rule, "ID"),
        enabled=enabled,
        prefix=_prefix(rule),
        tagged=bool(_narrowed(record(rule.get("Filter")))),
        bucket=bucket,
        account=text(destination, "Account"),
        kms_objects=text(criteria, "Status") == "Enabled",
        key_id=text(record(destination.get("EncryptionConfiguration")), "ReplicaKmsKeyID"),
        delete_markers=text(record(rule.get("DeleteMarkerReplication")), "Status") == "Enabled" or "Filter" not in rule,
        source=source,
    )


def website(answer: Record, source: Source) -> Fact[bool]:
    """A website serves an index or redirects; an answer with neither is no website configuration."""
    serves = "IndexDocument" in answer or "RedirectAllRequestsTo" in answer
    return found(True if serves else None, source, "website configuration")


def cors(answer: Record, source: Source) -> Fact[tuple[CorsRule, ...]]:
    """Which web origins may use which methods."""
    return found(each(answer.get("CORSRules"), _cors_rule, source.at("CORSRules")), source, "CORS rules")


def _cors_rule(rule: Record, source: Source) -> CorsRule | None:
    origins, methods = texts(rule, "AllowedOrigins"), texts(rule, "AllowedMethods")
    return CorsRule(origins=origins, methods=methods, source=source) if origins and methods else None


def notified(answer: Record, source: Source) -> Fact[tuple[str, ...]]:
    """Who is told of new objects; an empty answer means nobody."""
    told = [_targets(answer, kind, member, source) for kind, member in _NOTIFIED]
    bus = (EVENT_BUS,) if "EventBridgeConfiguration" in answer else ()
    whole = None if None in told else (*(arn for group in told for arn in group or ()), *bus)
    return found(whole, source, "notification targets")


def _targets(answer: Record, kind: str, member: str, source: Source) -> tuple[str, ...] | None:
    return each(answer.get(kind, []), lambda entry, _at: text(entry, member) or None, source.at(kind))


def tags(answer: Record, source: Source) -> Fact[tuple[tuple[str, str], ...]]:
    """The tags of the bucket."""
    return found(each(answer.get("TagSet"), _tag, source.at("TagSet")), source, "tags")
