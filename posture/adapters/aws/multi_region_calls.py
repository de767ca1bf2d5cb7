"""The operations that tell of Multi-Region Access Points. AWS answers them in US West (Oregon) only."""

from __future__ import annotations

from posture.adapters.aws.decided import DOORS
from posture.reading import Call

CONTROL_REGION = "us-west-2"
_NO_POLICY = frozenset({"NoSuchMultiRegionAccessPointPolicy"})


def _point(operation: str, purpose: str, *, required: str) -> Call:
    return Call(
        operation=f"s3control:{operation}",
        permission=f"s3:{operation}",
        resource="arn:aws:s3:*:*:accesspoint/*",
        absent=_NO_POLICY,
        missing=frozenset({"NoSuchMultiRegionAccessPoint"}),
        required=(required,),
        purpose=purpose,
        facts=DOORS,
    )


LIST_MULTI_REGION_ACCESS_POINTS = Call(
    operation="s3control:ListMultiRegionAccessPoints",
    permission="s3:ListMultiRegionAccessPoints",
    required=("AccessPoints",),
    purpose="doors to the bucket that are in no Region",
    facts=DOORS,
)
GET_MULTI_REGION_ACCESS_POINT_POLICY = _point(
    "GetMultiRegionAccessPointPolicy", "who a Multi-Region Access Point lets in", required="Policy"
)
GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS = _point(
    "GetMultiRegionAccessPointPolicyStatus",
    "whether AWS itself calls a Multi-Region Access Point public",
    required="Established",
)

MULTI_REGION_CALLS = (
    LIST_MULTI_REGION_ACCESS_POINTS,
    GET_MULTI_REGION_ACCESS_POINT_POLICY,
    GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS,
)
