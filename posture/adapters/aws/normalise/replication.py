"""Replication rules that concern the logs, and the stores that they lead to."""

from __future__ import annotations

from posture.adapters.aws.config import BucketConfig, CopyRule
from posture.adapters.aws.normalise.encryption import key_of_copies
from posture.adapters.aws.normalise.prefixes import covers, touches
from posture.model.contributions import ReplicationRule
from posture.model.facts import Fact, Known, Listing, Reason, Unknown
from posture.model.leads import Found, KeyRef, Lead, StoreRef
from posture.model.subjects import Kind, Provider, Role


def rules_for(bucket: BucketConfig, ref: StoreRef) -> tuple[CopyRule, ...]:
    """The enabled rules that can copy an object under the log prefix."""
    match bucket.replication:
        case Known(value=rules):
            return tuple(rule for rule in rules if rule.enabled and touches(rule.prefix, ref.prefix))
        case Unknown():
            return ()


def replication(bucket: BucketConfig, ref: StoreRef) -> Listing[ReplicationRule]:
    """Where new logs are copied to."""
    if isinstance(bucket.replication, Unknown):
        return Listing.unread(bucket.replication)
    items = tuple(_rule(rule, bucket, ref) for rule in rules_for(bucket, ref))
    return Listing(items=items, sources=bucket.replication.sources)


def replica_leads(bucket: BucketConfig, ref: StoreRef) -> tuple[Lead, ...]:
    """A lead to each target; several rules to one target are one lead, with the owner if any rule names it."""
    leads: dict[StoreRef, Lead] = {}
    for rule in rules_for(bucket, ref):
        target = _target(rule, ref)
        if target not in leads or (rule.account and not leads[target].account):
            found = Found(how=f"replica of {ref.uri}", source=rule.source)
            leads[target] = Lead(target=target, found=found, role=Role.REPLICA, account=rule.account)
    return tuple(leads.values())


def key_leads(bucket: BucketConfig, ref: StoreRef) -> tuple[Lead, ...]:
    """A lead to each key that encrypts copies."""
    leads: dict[KeyRef, Lead] = {}
    for rule in rules_for(bucket, ref):
        match key_of_copies(bucket, rule):
            case Known(value=KeyRef() as key):
                found = Found(how=f"key of the copies of {ref.uri}", source=rule.source)
                leads[key] = Lead(target=key, found=found, role=Role.REPLICA, account=key.account)
            case _:
                pass
    return tuple(leads.values())


def _rule(rule: CopyRule, bucket: BucketConfig, ref: StoreRef) -> ReplicationRule:
    return ReplicationRule(
        target=_target(rule, ref),
        account=_account(rule),
        covers_prefix=_covers(rule, bucket, ref),
        key=key_of_copies(bucket, rule),
        deletions_copied=Known(value=rule.delete_markers, sources=(rule.source,)),
    )


def _target(rule: CopyRule, ref: StoreRef) -> StoreRef:
    """Copies keep their keys, so the logs have the same prefix in the target."""
    return StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=rule.bucket, prefix=ref.prefix)


def _account(rule: CopyRule) -> Fact[str]:
    """A rule names the target's owner only when it hands the copies over to it; the target may lie elsewhere anyway."""
    if rule.account:
        return Known(value=rule.account, sources=(rule.source.at("Destination", "Account"),))
    detail = "the rule does not name the account of its target"
    return Unknown(reason=Reason.UNDETERMINED, sources=(rule.source,), detail=detail)


def _covers(rule: CopyRule, bucket: BucketConfig, ref: StoreRef) -> Fact[bool]:
    """A rule leaves out objects under a KMS key unless it says otherwise; with a tag filter it is up to each object."""
    if not covers(rule.prefix, ref.prefix):
        return Known(value=False, sources=(rule.source,))
    if not rule.kms_objects:
        plain = bucket.encryption.map(lambda default: default is None or not default.algorithm.startswith("aws:kms"))
        if not (isinstance(plain, Known) and plain.value):
            return plain.then(lambda value: Known(value=value, sources=(rule.source,)))
    if rule.tagged:
        detail = "the rule copies tagged objects only, and the tags of objects are not read"
        return Unknown(reason=Reason.UNDETERMINED, sources=(rule.source,), detail=detail)
    return Known(value=True, sources=(rule.source,))
