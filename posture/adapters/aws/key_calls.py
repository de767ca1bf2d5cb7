"""The operations that tell of a KMS key."""

from __future__ import annotations

from posture.adapters.aws.decided import WHO_USES_THE_KEY
from posture.reading import Call

_WHOSE = ("encryption.key_manager", "resilience.replicas[].key_manager")
_STATE = ("encryption.key_enabled", "encryption.key_pending_deletion")
KEY_FACTS = (*_WHOSE, *_STATE, "encryption.key_rotating", *WHO_USES_THE_KEY)


def _key(
    operation: str,
    purpose: str,
    *,
    absent: tuple[str, ...] = (),
    required: tuple[str, ...],
    facts: tuple[str, ...],
) -> Call:
    return Call(
        operation=f"kms:{operation}",
        permission=f"kms:{operation}",
        resource="arn:aws:kms:*:*:key/*",
        absent=frozenset(absent),
        missing=frozenset({"NotFoundException"}),
        required=required,
        purpose=purpose,
        facts=facts,
    )


DESCRIBE_KEY = _key(
    "DescribeKey",
    "who manages the key, and its state",
    required=("KeyMetadata",),
    facts=KEY_FACTS,  # all of them: the key that an alias names is known by this answer only
)
GET_KEY_POLICY = _key("GetKeyPolicy", "who may use the key", required=("Policy",), facts=WHO_USES_THE_KEY)
GET_KEY_ROTATION_STATUS = _key(
    "GetKeyRotationStatus",
    "whether the key rotates",
    absent=("UnsupportedOperationException",),  # asymmetric keys and keys in a custom store cannot rotate
    required=("KeyRotationEnabled",),
    facts=("encryption.key_rotating",),
)
LIST_GRANTS = _key("ListGrants", "who else may use the key", required=("Grants",), facts=WHO_USES_THE_KEY)

KEY_CALLS = (DESCRIBE_KEY, GET_KEY_POLICY, GET_KEY_ROTATION_STATUS, LIST_GRANTS)
