"""The constraints of organisation policies that concern buckets, and what their lists of values mean.

A constraint of either kind for members stops new bindings only; those of Cloud Storage for transport, authentication
and public access stop requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

PREVENTION: Final = "storage.publicAccessPrevention"
TRANSPORT: Final = "storage.secureHttpTransport"
UNIFORM: Final = "storage.uniformBucketLevelAccess"
MEMBERS: Final = "iam.managed.allowedPolicyMembers"
DOMAINS: Final = "iam.allowedPolicyMemberDomains"
TLS: Final = "gcp.restrictTLSVersion"
AUTH: Final = "storage.restrictAuthTypes"
SERVICE_ACCOUNT_KEYS: Final = "SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS"
_HMAC: Final = frozenset({SERVICE_ACCOUNT_KEYS, "USER_ACCOUNT_HMAC_SIGNED_REQUESTS"})
VALUES: Final[Mapping[str, frozenset[str]]] = {
    TLS: frozenset({"TLS_VERSION_1", "TLS_VERSION_1_1", "TLS_VERSION_1_2", "TLS_VERSION_1_3"}),
    AUTH: _HMAC,
}
"""What can be denied."""

_GROUPS: Final = {"ALL_HMAC_SIGNED_REQUESTS": _HMAC, "ALL_SIGNED_REQUESTS": _HMAC}


def refused(constraint: str, allowed: Iterable[str], denied: Iterable[str]) -> frozenset[str]:
    """The values that one rule denies; what is not on a list of the allowed ones is denied too."""
    named = _values(allowed)
    return _values(denied) | (VALUES[constraint] - named if named else frozenset())


def _values(written: Iterable[str]) -> frozenset[str]:
    """Values are written plainly, after `is:`, or as a group after `in:`."""
    found: frozenset[str] = frozenset()
    for text in written:
        bare = text.removeprefix("is:").removeprefix("in:")
        found |= _GROUPS.get(bare, frozenset({bare}))
    return found
