"""Jobs that copy the logs to another bucket, and the stores that they lead to."""

from __future__ import annotations

from collections.abc import Iterator

from posture.adapters.gcp.config import Transfer
from posture.adapters.gcp.normalise.prefixes import covers, touches
from posture.model.contributions import ReplicationRule
from posture.model.facts import Fact, Known, Listing, Reason, Unknown
from posture.model.leads import Found, Lead, StoreRef
from posture.model.subjects import Kind, Provider, Role

_OWNER = Unknown(reason=Reason.UNDETERMINED, detail="a transfer job does not name the project of its target")


def copies(transfers: Listing[Transfer], ref: StoreRef) -> Listing[ReplicationRule]:
    """The enabled jobs that copy objects under the log prefix."""
    items = tuple(
        ReplicationRule(target=_target(job, ref), account=_OWNER, covers_prefix=_covers(job, ref))
        for job in _of(transfers, ref)
    )
    return Listing(items=items, gaps=transfers.gaps, sources=transfers.sources)


def copy_leads(transfers: Listing[Transfer], ref: StoreRef) -> tuple[Lead, ...]:
    """A lead to each target."""
    targets = {_target(job, ref): job for job in _of(transfers, ref)}
    return tuple(
        Lead(target=target, found=Found(how=f"copy of {ref.uri}", source=job.source), role=Role.REPLICA)
        for target, job in targets.items()
    )


def _of(transfers: Listing[Transfer], ref: StoreRef) -> Iterator[Transfer]:
    for job in transfers.items:
        if job.enabled and job.target and job.bucket == ref.name and _touches(job, ref.prefix):
            yield job


def _touches(job: Transfer, prefix: str) -> bool:
    return any(touches(f"{job.path}{each}", prefix) for each in job.prefixes or ("",))


def _covers(job: Transfer, ref: StoreRef) -> Fact[bool]:
    whole = any(covers(f"{job.path}{each}", ref.prefix) for each in job.prefixes or ("",))
    left_out = any(touches(f"{job.path}{each}", ref.prefix) for each in job.excluded)
    return Known(value=whole and not left_out, sources=(job.source,))


def _target(job: Transfer, ref: StoreRef) -> StoreRef:
    """Objects keep their names below the path of the source, under the path of the target."""
    kept = f"{ref.prefix}/".removeprefix(job.path) if job.path else ref.prefix
    prefix = f"{job.target_path}{kept}".strip("/")
    return StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name=job.target, prefix=prefix)
