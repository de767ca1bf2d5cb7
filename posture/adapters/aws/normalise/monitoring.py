"""Server access logging, and the trails that record events of objects."""

from __future__ import annotations

from posture.adapters.aws.config import BucketConfig, LoggingTarget, TrailConfig
from posture.adapters.aws.normalise.prefixes import keys_of
from posture.adapters.aws.normalise.selectors import records
from posture.model.facts import Fact, Known, Listing, all_true, any_true
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, Monitoring, Provider


def monitoring(bucket: BucketConfig, trails: Listing[TrailConfig], ref: StoreRef) -> Monitoring:
    """Whether access to the logs leaves a trace. What the access log is written to is not a store of audit logs."""
    reads = [_recorded(trail, bucket, ref, read_only="true") for trail in trails.items]
    writes = [_recorded(trail, bucket, ref, read_only="false") for trail in trails.items]
    validated = [
        all_true((any_true(recorded), trail.validated))
        for *recorded, trail in zip(reads, writes, trails.items, strict=True)
    ]
    return Monitoring(
        access_logged=bucket.logging.map(lambda target: target is not None),
        target=bucket.logging.then(_target),
        target_is_self=bucket.logging.map(lambda target: target is not None and target.bucket == bucket.name),
        object_reads_recorded=_some(reads, trails),
        object_writes_recorded=_some(writes, trails),
        trail_validated=_some(validated, trails),
    )


def _some(facts: list[Fact[bool]], trails: Listing[TrailConfig]) -> Fact[bool]:
    """True by one trail; a list of trails that may lack some can only show that there is one."""
    gaps = tuple(gap.unknown for gap in trails.gaps)
    seen = any_true((*facts, *gaps))
    return seen if facts or gaps else Known(value=False, sources=trails.sources)


def _recorded(trail: TrailConfig, bucket: BucketConfig, ref: StoreRef, *, read_only: str) -> Fact[bool]:
    """Whether a trail is running, sees the bucket's Region, and its selectors take every object under the prefix."""
    here = bucket.region.map(lambda region: region == trail.home_region)
    partition = trail.arn.split(":")[1]
    objects = f"arn:{partition}:s3:::{bucket.name}/{keys_of(ref.prefix)}"
    return all_true(
        (
            trail.running,
            any_true((trail.multi_region, here)),
            trail.selectors.then(lambda selectors: records(selectors, objects, read_only=read_only)),
        )
    )


def _target(target: LoggingTarget | None) -> Fact[str]:
    if target is None:
        return Known(value="", sources=())
    if target.unresolved is not None:
        return target.unresolved
    prefix = target.prefix.strip("/")
    ref = StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET, name=target.bucket, prefix=prefix)
    return Known(value=ref.uri, sources=())
