"""The operations that tell of the trails that can record events of objects."""

from __future__ import annotations

from posture.reading import Call

_RECORDED = ("monitoring.object_reads_recorded", "monitoring.object_writes_recorded", "monitoring.trail_validated")


def _trail(operation: str, purpose: str, *, resource: str = "arn:aws:cloudtrail:*:*:trail/*", required: str) -> Call:
    return Call(
        operation=f"cloudtrail:{operation}",
        permission=f"cloudtrail:{operation}",
        resource=resource,
        missing=frozenset({"TrailNotFoundException"}),
        required=(required,),
        purpose=purpose,
        facts=_RECORDED,
    )


DESCRIBE_TRAILS = _trail("DescribeTrails", "which trails watch the bucket", resource="*", required="trailList")
GET_EVENT_SELECTORS = _trail("GetEventSelectors", "which object events a trail records", required="TrailARN")
GET_TRAIL_STATUS = _trail("GetTrailStatus", "whether a trail is running", required="IsLogging")

TRAIL_CALLS = (DESCRIBE_TRAILS, GET_EVENT_SELECTORS, GET_TRAIL_STATUS)
