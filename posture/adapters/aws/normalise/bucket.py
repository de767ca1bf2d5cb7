"""A bucket's configuration as facts of a store, and the leads that it gives."""

from __future__ import annotations

from posture.adapters.aws.access.answer import StoreAccess
from posture.adapters.aws.config import AccountConfig, BucketConfig
from posture.adapters.aws.normalise import encryption
from posture.adapters.aws.normalise.acl import access_control_list
from posture.adapters.aws.normalise.doors import opened_by, reached_from
from posture.adapters.aws.normalise.exposure import exposure
from posture.adapters.aws.normalise.integrity import integrity
from posture.adapters.aws.normalise.monitoring import monitoring
from posture.adapters.aws.normalise.replication import key_leads, replica_leads, replication
from posture.adapters.aws.normalise.retention import retention
from posture.adapters.labels import labels
from posture.model.assessment import Unlooked
from posture.model.contributions import Door, StoreContribution
from posture.model.facts import Known, Listing, Unknown
from posture.model.leads import Found, Lead, StoreRef


def store(ref: StoreRef, bucket: BucketConfig, account: AccountConfig, access: StoreAccess) -> StoreContribution:
    """What AWS says of the store."""
    exposed = exposure(bucket, account.block, access)
    return StoreContribution(
        ref=ref,
        account=bucket.account,
        region=bucket.region,
        encrypted=encryption.encrypted(bucket),
        encrypted_twice=encryption.encrypted_twice(bucket),
        bucket_key=encryption.bucket_key(bucket),
        key=encryption.key(bucket),
        exposure=exposed,
        acl=access_control_list(bucket, exposed.blocked.effective.ignore_public_acls),
        network=reached_from(),
        credentials=opened_by(),
        policy=bucket.policy,
        grants=access.grants,
        refusals=access.refusals,
        integrity=integrity(bucket),
        retention=retention(bucket, ref.prefix),
        monitoring=monitoring(bucket, account.trails, ref),
        replication=replication(bucket, ref),
        geo_redundant=Known(value=False, sources=()),  # a bucket lies in one Region; copies are replicas
        labels=labels(bucket.tags),
        doors=_doors(bucket),
    )


def _doors(bucket: BucketConfig) -> Listing[Door]:
    points = bucket.access_points
    items = (Door(name=point.name, policy=point.policy, network=point.vpc) for point in points.items)
    return Listing(items=tuple(items), gaps=points.gaps, sources=points.sources)


def leads(ref: StoreRef, bucket: BucketConfig, lead: Lead) -> tuple[Lead, ...]:
    """The key and the replicas with theirs; the bucket that receives access logs holds no audit logs, and is none."""
    key = encryption.key(bucket)
    replicas = (*replica_leads(bucket, ref), *key_leads(bucket, ref))
    if not isinstance(key, Known) or key.value is None:
        return replicas
    found = Found(how=f"default key of {ref.uri}", source=encryption.key_source(bucket))
    return (Lead(target=key.value, found=found, role=lead.role, account=key.value.account), *replicas)


def unlooked(ref: StoreRef, bucket: BucketConfig) -> tuple[Unlooked, ...]:
    """Where further stores could be named and could not be read."""
    match bucket.replication:
        case Unknown() as unknown:
            return (Unlooked(what=f"the replication rules of {ref.uri}", unknown=unknown),)
        case _:
            return ()
