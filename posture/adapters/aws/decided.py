"""The facts of a store that no answer gives by itself: each is decided from many, and so rests on all of them."""

from __future__ import annotations

WHO_GETS_IN = ("grants", "exposure.access_points[].widens", "delivery.writer_admitted")
DOORS = ("exposure.access_points", *WHO_GETS_IN)
WHOM_LISTS_LET_IN = ("acl.grants_beyond_owner", *WHO_GETS_IN)
EFFECTIVE_BLOCKS = ("exposure.blocked.effective", "exposure.public_blocked", *WHOM_LISTS_LET_IN)
WHAT_IS_REFUSED = (
    *("encryption.tls_required", "encryption.judges_tls", "encryption.old_tls_refused", "encryption.judges_uploads"),
    *("encryption.unencrypted_upload_refused", "encryption.wrong_encryption_refused", "exposure.owner_locked_out"),
)
WHO_USES_THE_KEY = ("encryption.key_grants", "encryption.key_admits_writer", "grants[].conditions")
EVERY_DECISION = (*WHO_GETS_IN, *WHAT_IS_REFUSED, *WHO_USES_THE_KEY, "delivery.writer_trust")
