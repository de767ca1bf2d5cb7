"""A bucket's configuration as facts of a store, and the leads that it gives."""

from __future__ import annotations

from datetime import datetime

from posture.adapters.gcp.config import BucketConfig, ProjectConfig, Sink
from posture.adapters.gcp.normalise.copies import copies, copy_leads
from posture.adapters.gcp.normalise.exposure import access_list, credentials, exposure, network
from posture.adapters.gcp.normalise.integrity import integrity
from posture.adapters.gcp.normalise.monitoring import monitoring
from posture.adapters.gcp.normalise.resilience import recovery_point
from posture.adapters.gcp.normalise.retention import retention
from posture.adapters.labels import labels
from posture.model.assessment import Unlooked
from posture.model.contributions import Refusals, StoreContribution
from posture.model.facts import Fact, Known, Listing
from posture.model.leads import Found, KeyRef, Lead, StoreRef
from posture.model.subjects import Grant, Provider, Subscriber

_OLD_TLS = frozenset({"TLS_VERSION_1", "TLS_VERSION_1_1"})


def store(
    ref: StoreRef,
    bucket: BucketConfig,
    project: ProjectConfig,
    grants: Listing[Grant],
    *,
    subscribers: Listing[Subscriber],
    now: datetime,
) -> StoreContribution:
    """What Google says of the store. Cloud Storage encrypts everything, and asks no writer how."""
    no: Fact[bool] = Known(value=False, sources=())
    return StoreContribution(
        ref=ref,
        account=project.owner.id,
        organisation=project.owner.organisation,
        labels=labels(bucket.labels),
        region=bucket.location,
        encrypted=bucket.project.map(lambda _: True),  # the bucket is there
        encrypted_twice=no,
        bucket_key=no,
        key=bucket.key.map(key_ref),
        exposure=exposure(bucket, project, subscribers),
        acl=access_list(bucket, project, now),
        network=network(bucket, project),
        credentials=credentials(project, grants),
        policy=bucket.policy.then(lambda policy: policy.whole),
        grants=grants,
        refusals=Refusals(
            tls_required=project.requires_tls,
            judges_tls=project.refused_tls.map(bool),
            old_tls_refused=project.refused_tls.map(lambda refused: refused >= _OLD_TLS),
            judges_uploads=no,
            unencrypted_upload_refused=no,
            wrong_encryption_refused=no,
        ),
        integrity=integrity(bucket),
        retention=retention(bucket, ref.prefix, now),
        monitoring=monitoring(bucket, project.owner.levels),
        replication=copies(project.transfers, ref),
        geo_redundant=bucket.multiple,
        recovery_point_minutes=recovery_point(bucket),
        fed_by=_sinks(project.sinks, ref.name),
    )


def _sinks(sinks: Listing[Sink], bucket: str) -> Listing[str]:
    """Sinks of Cloud Logging that lead into the bucket: other logs lie beside the audit logs of Databricks."""
    names = tuple(sink.name for sink in sinks.items if sink.bucket == bucket and not sink.disabled)
    return Listing(items=names, gaps=sinks.gaps, sources=sinks.sources)


def leads(ref: StoreRef, bucket: BucketConfig, project: ProjectConfig, lead: Lead) -> tuple[Lead, ...]:
    """The key, and the buckets that logs are copied to."""
    further = copy_leads(project.transfers, ref)
    if not isinstance(bucket.key, Known) or not bucket.key.value:
        return further
    key = key_ref(bucket.key.value)
    if key is None:
        return further
    found = Found(how=f"default key of {ref.uri}", source=bucket.key.sources[0])
    return (Lead(target=key, found=found, role=lead.role, account=key.account), *further)


def unlooked(ref: StoreRef, project: ProjectConfig) -> tuple[Unlooked, ...]:
    """Where further stores could be named and could not be read."""
    return tuple(
        Unlooked(what=f"the transfer jobs that copy {ref.uri}", unknown=gap.unknown) for gap in project.transfers.gaps
    )


def key_ref(name: str) -> KeyRef | None:
    """A key by its resource name, which says its project and location."""
    if not name:
        return None
    parts = name.split("/")
    whole = len(parts) > 5 and parts[0] == "projects" and parts[2] == "locations"  # noqa: PLR2004 - projects/P/locations/L/…
    return KeyRef(
        provider=Provider.GCP, key_id=name, account=parts[1] if whole else "", region=parts[3] if whole else ""
    )
