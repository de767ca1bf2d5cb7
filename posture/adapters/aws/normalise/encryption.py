"""Default encryption: whether, and with whose key."""

from __future__ import annotations

from posture.adapters.aws.arns import parsed, partition_of
from posture.adapters.aws.config import BucketConfig, CopyRule, DefaultEncryption
from posture.model.facts import Fact, Known, Reason, Source, Unknown, both, united
from posture.model.leads import KeyRef
from posture.model.subjects import Provider

_DUAL_LAYER = "aws:kms:dsse"
_KMS = frozenset({"aws:kms", _DUAL_LAYER})
_S3_MANAGED = "AES256"
_PROVIDERS_KEY = "alias/aws/s3"


def encrypted(bucket: BucketConfig) -> Fact[bool]:
    """AWS encrypts every bucket by default since 5 January 2023 and answers AES256 where nothing was ever set.

    A peer that answers "no configuration" is believed: it says so itself.
    """
    return bucket.encryption.then(_encrypted)


def _encrypted(default: DefaultEncryption | None) -> Fact[bool]:
    if default is None:
        return Known(value=False, sources=())
    if default.algorithm in _KMS | {_S3_MANAGED}:
        return Known(value=True, sources=())
    return Unknown(reason=Reason.UNDETERMINED, detail=f"the algorithm `{default.algorithm}` is not one that we know")


def encrypted_twice(bucket: BucketConfig) -> Fact[bool]:
    """Dual-layer encryption (DSSE-KMS) is an algorithm of its own."""
    return bucket.encryption.map(lambda default: default is not None and default.algorithm == _DUAL_LAYER)


def bucket_key(bucket: BucketConfig) -> Fact[bool]:
    """A bucket key exists with SSE-KMS only; for other algorithms the flag means nothing."""
    return bucket.encryption.map(
        lambda default: default is not None and default.algorithm in _KMS and default.bucket_key
    )


def key(bucket: BucketConfig) -> Fact[KeyRef | None]:
    """The key that the bucket names; SSE-KMS without a key means the key that AWS keeps for S3 in the account."""
    return bucket.encryption.then(lambda default: _key(default, bucket))


def _key(default: DefaultEncryption | None, bucket: BucketConfig) -> Fact[KeyRef | None]:
    if default is None or default.algorithm not in _KMS:
        return Known(value=None, sources=())
    if default.unresolved is not None:
        return default.unresolved
    if not default.key_id or default.key_id.endswith(_PROVIDERS_KEY):
        return Known(value=None, sources=())
    named = by_arn(default.key_id)
    if named is not None:
        return Known(value=named, sources=())
    if default.key_id.startswith("alias/"):
        # S3 resolves a bare alias in the account of whoever writes, so that it can mean another key for each writer
        return Unknown(
            reason=Reason.UNDETERMINED,
            detail=f"the bucket names its key by `{default.key_id}`, which each writer's own account resolves",
            needs="the ARN of the key in the default encryption of the bucket",
        )
    return both(bucket.account, bucket.region).map(lambda place: _named(default.key_id, *place))


def key_of_copies(bucket: BucketConfig, rule: CopyRule) -> Fact[KeyRef | None] | None:
    """A copy has the kind of encryption that its original has, and under KMS the key that the rule names.

    Only an object that is not encrypted at all falls under the default of the target: then there is nothing to say.
    """

    def decided(default: DefaultEncryption) -> Fact[KeyRef | None] | None:
        if default.algorithm == _S3_MANAGED:
            return Known(value=None, sources=bucket.encryption.sources)
        if default.algorithm not in _KMS or not rule.kms_objects:
            return None
        return rule.unresolved or _in_rule(rule, bucket.encryption.sources)

    match bucket.encryption:
        case Unknown() as unknown:
            return unknown
        case Known(value=default):
            return None if default is None else decided(default)


def _in_rule(rule: CopyRule, encryption: tuple[Source, ...]) -> Fact[KeyRef | None] | None:
    sources = united(encryption, (rule.source,))
    if not rule.key_id:  # S3 takes no such rule
        return None
    if rule.key_id.endswith(_PROVIDERS_KEY):
        return Known(value=None, sources=sources)
    named = by_arn(rule.key_id)
    if named is None:
        detail = f"the rule names the key of its copies by `{rule.key_id}`, which is no ARN"
        return Unknown(reason=Reason.UNDETERMINED, sources=sources, detail=detail)
    return Known(value=named, sources=sources)


def by_arn(text: str) -> KeyRef | None:
    """A key by its ARN or that of an alias; nothing for any other text."""
    arn = parsed(text)
    return None if arn is None or arn.service != "kms" else _ref(text, arn.account, arn.region)


def _named(key_id: str, account: str, region: str) -> KeyRef:
    """A bare key id is one of the owner's account: S3 takes no other without an ARN."""
    return _ref(f"arn:{partition_of(region)}:kms:{region}:{account}:key/{key_id}", account, region)


def _ref(key_id: str, account: str, region: str) -> KeyRef:
    return KeyRef(provider=Provider.AWS, key_id=key_id, account=account, region=region)


def key_source(bucket: BucketConfig) -> Source | None:
    """Where the key was found."""
    match bucket.encryption:
        case Known(sources=(source, *_)):
            return source
        case _:
            return None
