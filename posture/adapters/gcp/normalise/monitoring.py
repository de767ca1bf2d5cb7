"""Usage logs, and the data access logs of Cloud Audit Logs."""

from __future__ import annotations

from collections.abc import Iterable

from posture.adapters.gcp.config import AuditConfig, BucketConfig, Level, Policy, UsageLogs
from posture.model.facts import Fact, Known, Listing, Unknown, any_true, every_known
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, Monitoring, Provider

_SERVICES = frozenset({"allServices", "storage.googleapis.com"})


def monitoring(bucket: BucketConfig, levels: Listing[Level]) -> Monitoring:
    """Whether access to the logs leaves a trace. Google keeps audit logs where nobody can change them, unsigned."""
    return Monitoring(
        access_logged=bucket.usage_logs.map(lambda logs: logs is not None),
        target=bucket.usage_logs.map(_target),
        target_is_self=bucket.usage_logs.map(lambda logs: logs is not None and logs.bucket == bucket.name),
        object_reads_recorded=_recorded(levels, "DATA_READ"),
        object_writes_recorded=_recorded(levels, "DATA_WRITE"),
        trail_validated=Known(value=False, sources=()),
    )


def _target(logs: UsageLogs | None) -> str:
    if logs is None:
        return ""
    prefix = logs.prefix.strip("/")
    return StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name=logs.bucket, prefix=prefix).uri


def _recorded(levels: Listing[Level], kind: str) -> Fact[bool]:
    """On as soon as one level turns it on; a member that any level exempts is not recorded."""
    policies = [level.policy.map(lambda policy: policy.audits) for level in levels.items]
    unsure = [level.policy.then(_audits_whole) for level in levels.items]
    turned_on = any_true(
        (
            *(audits.map(lambda each: _on(each, kind)) for audits in policies),
            *unsure,
            *(gap.unknown for gap in levels.gaps),
            Known(value=False, sources=levels.sources),
        )
    )
    if not isinstance(turned_on, Known) or not turned_on.value:
        return turned_on
    for unknown in (*(gap.unknown for gap in levels.gaps), *unsure):
        if isinstance(unknown, Unknown):
            return unknown
    return every_known(policies).map(lambda all_of_them: not any(_exempts(audits, kind) for audits in all_of_them))


def _audits_whole(policy: Policy) -> Fact[bool]:
    """Never true: unknown where a policy may have further audit configurations."""
    return policy.audit_gaps[0] if policy.audit_gaps else Known(value=False, sources=())


def _on(audits: Iterable[AuditConfig], kind: str) -> bool:
    return any(name == kind for each in audits if each.service in _SERVICES for name, _ in each.kinds)


def _exempts(audits: Iterable[AuditConfig], kind: str) -> bool:
    return any(
        bool(exempted) for each in audits if each.service in _SERVICES for name, exempted in each.kinds if name == kind
    )
