"""Blocks of bucket resources as the records of a bucket, in the shapes of every version of the provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from posture.adapters.aws.config import (
    EVENT_BUS,
    CorsRule,
    DefaultEncryption,
    LoggingTarget,
    ObjectLock,
    VersioningState,
)
from posture.adapters.aws.terraform.places import References
from posture.model.facts import Fact, Known, Unknown, both, every_known
from posture.model.subjects import BlockPublicAccess, Ownership, Versioning, WormMode
from posture.terraform.place import Place

NEW_ENCRYPTION: Final = DefaultEncryption(algorithm="AES256")  # of every bucket since 5 January 2023
NEVER_VERSIONED: Final = VersioningState(versioning=Versioning.NEVER, mfa_delete=False)
UNLOCKED: Final = ObjectLock(mode=WormMode.NONE, days=0)  # enabled, without a default retention
_DAYS_PER_YEAR: Final = 365
_VERSIONING: Final = {
    "Enabled": Versioning.ENABLED,
    "Suspended": Versioning.SUSPENDED,
    "Disabled": Versioning.NEVER,  # the provider takes it for new buckets only
}
_OWNERSHIP: Final = {
    "BucketOwnerEnforced": Ownership.ENFORCED,
    "BucketOwnerPreferred": Ownership.PREFERRED,
    "ObjectWriter": Ownership.WRITER,
}
_NOTIFIED: Final = (
    ("topic", "topic_arn"),
    ("queue", "queue_arn"),
    ("lambda_function", "lambda_function_arn"),
)
_WORM: Final = {"GOVERNANCE": WormMode.GOVERNANCE, "COMPLIANCE": WormMode.COMPLIANCE}


def encryption(place: Place, references: References) -> Fact[DefaultEncryption | None]:
    """Default encryption by the block around `rule`. A key that cannot be followed hides nothing else."""

    def read(rule: Place | None) -> Fact[DefaultEncryption | None]:
        if rule is None:
            return Known(value=NEW_ENCRYPTION, sources=(place.values.source,))
        return rule.block("apply_server_side_encryption_by_default").then(lambda default: given(rule, default))

    def given(rule: Place, default: Place | None) -> Fact[DefaultEncryption | None]:
        if default is None:
            return Known(value=NEW_ENCRYPTION, sources=(rule.values.source,))
        key = references.key(default.at("kms_master_key_id"))
        algorithm, bucket_key = default.text("sse_algorithm"), rule.flag("bucket_key_enabled")
        if isinstance(algorithm, Unknown):
            return algorithm
        if isinstance(bucket_key, Unknown):
            return bucket_key
        record = DefaultEncryption(
            algorithm=algorithm.value,
            key_id=key.value if isinstance(key, Known) else "",
            bucket_key=bucket_key.value,
            unresolved=key if isinstance(key, Unknown) else None,
        )
        return Known(value=record, sources=(rule.values.source,))

    return place.block("rule").then(read)


def versioning(place: Place) -> Fact[VersioningState]:
    """`aws_s3_bucket_versioning`."""

    def read(block: Place | None) -> Fact[VersioningState]:
        if block is None:
            return Known(value=NEVER_VERSIONED, sources=(place.values.source,))
        return block.text("status").then(lambda status: state(block, status))

    def state(block: Place, status: str) -> Fact[VersioningState]:
        if status not in _VERSIONING:
            return block.at("status").values.misfit("a status of versioning")
        second = block.text("mfa_delete").map(lambda text: text == "Enabled")
        if isinstance(second, Unknown) and place.values.optional("mfa").raw is None:
            second = Known(value=False, sources=())  # it cannot be turned on without the device
        return second.then(
            lambda mfa: Known(
                value=VersioningState(versioning=_VERSIONING[status], mfa_delete=mfa), sources=(block.values.source,)
            )
        )

    return place.block("versioning_configuration").then(read)


def inline_versioning(place: Place, off: Versioning) -> Fact[VersioningState]:
    """The block of the bucket itself. It does not tell what `off` means: suspended, or never on."""

    def read(block: Place | None) -> Fact[VersioningState]:
        if block is None:
            return Known(value=NEVER_VERSIONED, sources=(place.values.source,))
        return block.flag("enabled").then(
            lambda on: block.flag("mfa_delete").then(
                lambda mfa: Known(
                    value=VersioningState(versioning=Versioning.ENABLED if on else off, mfa_delete=mfa),
                    sources=(block.values.source,),
                )
            )
        )

    return place.block().then(read)


def made_without_versioning(bucket: Place) -> Versioning:
    """Provider 3 suspends it on a bucket that it makes, later ones leave it alone; they compute blocks not written."""
    blocks = (bucket.at(name) for name in ("cors_rule", "grant", "logging", "website"))
    return Versioning.SUSPENDED if any(block.values.raw == [] for block in blocks) else Versioning.NEVER


def object_lock(place: Place) -> Fact[ObjectLock | None]:
    """The block around `rule`; a year is counted as 365 days."""

    def read(retention: Place | None) -> Fact[ObjectLock | None]:
        if retention is None:
            return Known(value=UNLOCKED, sources=(place.values.source,))
        match retention.text("mode"), retention.number("days"), retention.number("years"):
            case Known(value=mode), Known(value=days), Known(value=years) if mode in _WORM:
                lock = ObjectLock(mode=_WORM[mode], days=days + years * _DAYS_PER_YEAR)
                return Known(value=lock, sources=(retention.values.source,))
            case (Unknown() as unknown, _, _) | (_, Unknown() as unknown, _) | (_, _, Unknown() as unknown):
                return unknown
            case _:
                return retention.at("mode").values.misfit("a mode of Object Lock")

    def inside(rule: Place | None) -> Fact[ObjectLock | None]:
        return read(None) if rule is None else rule.block("default_retention").then(read)

    return place.block("rule").then(inside)


def ownership(place: Place) -> Fact[Ownership]:
    """`aws_s3_bucket_ownership_controls`."""

    def read(rule: Place | None) -> Fact[Ownership]:
        if rule is None:
            return place.at("rule").values.misfit("a rule of ownership")
        return rule.text("object_ownership").then(
            lambda name: (
                Known(value=_OWNERSHIP[name], sources=(rule.values.source,))
                if name in _OWNERSHIP
                else rule.at("object_ownership").values.misfit("a rule of ownership")
            )
        )

    return place.block("rule").then(read)


def logging(place: Place, references: References) -> Fact[LoggingTarget | None]:
    """The block around `target_bucket`."""
    prefix = place.text("target_prefix")  # one that is not known hides no more than itself

    def read(bucket: str) -> Fact[LoggingTarget | None]:
        sources = (place.values.source,)
        if not bucket:
            return Known(value=None, sources=sources)
        if isinstance(prefix, Unknown):
            return Known(value=LoggingTarget(bucket=bucket, prefix="", unresolved=prefix), sources=sources)
        return Known(value=LoggingTarget(bucket=bucket, prefix=prefix.value), sources=sources)

    return references.bucket(place.at("target_bucket")).then(read)


def cors(place: Place) -> Fact[tuple[CorsRule, ...]]:
    """A list of rules."""

    def read(rule: Place) -> Fact[CorsRule]:
        return both(rule.texts("allowed_origins"), rule.texts("allowed_methods")).map(
            lambda pair: CorsRule(origins=pair[0], methods=pair[1], source=rule.values.source)
        )

    return place.each().then(lambda rules: every_known(map(read, rules)))


def notified(place: Place, references: References) -> Fact[tuple[str, ...]]:
    """Who is told of new objects, by ARN."""

    def read(name: str, attribute: str) -> Fact[tuple[str, ...]]:
        return place.each(name).then(
            lambda blocks: every_known(references.receiver(block.at(attribute)) for block in blocks)
        )

    groups = every_known(read(name, attribute) for name, attribute in _NOTIFIED)
    bus = place.flag("eventbridge").map(lambda on: (EVENT_BUS,) if on else ())
    return both(groups, bus).map(lambda pair: (*(arn for group in pair[0] for arn in group), *pair[1]))


def block_public_access(place: Place) -> BlockPublicAccess:
    """The four flags; one that is not set is off."""
    return BlockPublicAccess(
        block_public_acls=place.flag("block_public_acls"),
        ignore_public_acls=place.flag("ignore_public_acls"),
        block_public_policy=place.flag("block_public_policy"),
        restrict_public_buckets=place.flag("restrict_public_buckets"),
    )


def each_flag(block: BlockPublicAccess, made: Callable[[Fact[bool]], Fact[bool]]) -> BlockPublicAccess:
    """Each flag made anew."""
    return BlockPublicAccess(
        block_public_acls=made(block.block_public_acls),
        ignore_public_acls=made(block.ignore_public_acls),
        block_public_policy=made(block.block_public_policy),
        restrict_public_buckets=made(block.restrict_public_buckets),
    )


def all_alike(fact: Fact[bool]) -> BlockPublicAccess:
    """All four flags as one fact."""
    return BlockPublicAccess(
        block_public_acls=fact, ignore_public_acls=fact, block_public_policy=fact, restrict_public_buckets=fact
    )
