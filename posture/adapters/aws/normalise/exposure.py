"""Block Public Access, static websites and CORS."""

from __future__ import annotations

from posture.adapters.aws.access.answer import StoreAccess
from posture.adapters.aws.config import BucketConfig, CorsRule
from posture.model.facts import Fact, Known, all_true, any_true
from posture.model.subjects import Blocked, BlockPublicAccess, Exposure


def exposure(bucket: BucketConfig, account: BlockPublicAccess, access: StoreAccess) -> Exposure:
    """What the bucket offers to the world."""
    strictest = effective(account, bucket.block)
    return Exposure(
        blocked=Blocked(account=account, bucket=bucket.block, effective=strictest),
        public_blocked=all_true((strictest.ignore_public_acls, strictest.restrict_public_buckets)),
        policy_public=bucket.policy_public,
        policy_public_as_documented=access.policy_public,
        owner_locked_out=access.owner_locked_out,
        access_points=access.access_points,
        website=bucket.website,
        public_cors=public_cors(bucket),
        subscribers=access.subscribers,
    )


def effective(*levels: BlockPublicAccess) -> BlockPublicAccess:
    """S3 applies the strictest level: a flag holds as soon as one level sets it.

    The account's answer holds what its organisation imposes.
    """
    return BlockPublicAccess(
        block_public_acls=any_true(level.block_public_acls for level in levels),
        ignore_public_acls=any_true(level.ignore_public_acls for level in levels),
        block_public_policy=any_true(level.block_public_policy for level in levels),
        restrict_public_buckets=any_true(level.restrict_public_buckets for level in levels),
    )


def public_cors(bucket: BucketConfig) -> Fact[bool]:
    """Any origin may GET."""

    def decided(rules: tuple[CorsRule, ...]) -> Fact[bool]:
        for rule in rules:
            if "GET" in rule.methods and any(_everyone(origin) for origin in rule.origins):
                return Known(value=True, sources=(rule.source,))
        return Known(value=False, sources=())

    return bucket.cors.then(decided)


def _everyone(origin: str) -> bool:
    """S3 allows one `*` anywhere, so that `https://*` and `http*` are every page too; any page can also be `null`."""
    anyone = origin.endswith("*") and any(scheme.startswith(origin[:-1]) for scheme in ("http://", "https://"))
    return anyone or origin == "null"
