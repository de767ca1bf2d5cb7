"""What Google gives to what a configuration says nothing of.

Sources: Cloud Storage documentation ("Buckets: insert", "Access control lists: predefined ACLs", "Uniform bucket-level
access: behavior when enabled", "Use tags to set a default soft delete retention duration"), Cloud KMS documentation
("Duration of the scheduled for destruction state"), and the arguments of hashicorp/google 3 to 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from posture.model.facts import Reason, Unknown

KEY_WAIT_SECONDS: Final = 30 * 86400  # of a version that is to be destroyed
KEY_PURPOSE: Final = "ENCRYPT_DECRYPT"
HMAC_STATE: Final = "ACTIVE"
TRANSFER_STATUS: Final = "ENABLED"
SOFT_DELETE: Final = Unknown(
    reason=Reason.UNDETERMINED,
    detail="Google keeps what is deleted for seven days, unless a tag of the organisation says otherwise",
    needs="`soft_delete_policy` in the configuration of the bucket",
)

OWNERS, EDITORS, VIEWERS = "project-owners", "project-editors", "project-viewers"
_PRIVATE: Final = ((OWNERS, "OWNER"),)
_PROJECT: Final = ((OWNERS, "OWNER"), (EDITORS, "OWNER"), (VIEWERS, "READER"))
NEW_LIST: Final = "projectPrivate"
PREDEFINED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {  # entities without the number of their project
    "private": _PRIVATE,
    "projectPrivate": _PROJECT,
    "publicRead": (*_PRIVATE, ("allUsers", "READER")),
    "publicReadWrite": (*_PRIVATE, ("allUsers", "WRITER")),
    "authenticatedRead": (*_PRIVATE, ("allAuthenticatedUsers", "READER")),
    "bucketOwnerRead": (*_PRIVATE, (OWNERS, "READER")),
    "bucketOwnerFullControl": _PRIVATE,
}
NEW_UNIFORM: Final[Mapping[str, tuple[str, ...]]] = {  # roles of a bucket that is made with uniform access, and teams
    "roles/storage.legacyBucketOwner": ("projectEditor", "projectOwner"),
    "roles/storage.legacyBucketReader": ("projectViewer",),
    "roles/storage.legacyObjectOwner": ("projectEditor", "projectOwner"),
    "roles/storage.legacyObjectReader": ("projectViewer",),
}
