"""A key's configuration as facts."""

from __future__ import annotations

from posture.adapters.aws.config import KeyConfig
from posture.model.contributions import KeyContribution
from posture.model.facts import Known, Listing
from posture.model.leads import KeyRef
from posture.model.subjects import Grant

_ENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


def key(ref: KeyRef, config: KeyConfig, grants: Listing[Grant]) -> KeyContribution:
    """A key that cannot rotate (imported material, a custom store) does not: KMS says false, or that it cannot."""
    return KeyContribution(
        ref=ref,
        manager=config.manager,
        enabled=config.enabled,
        rotating=config.rotating,
        pending_deletion=config.state.map(lambda state: state in _ENDING),
        recoverable=Known(value=True, sources=()),  # KMS waits 7 days at least
        grants=grants,
        policy=config.policy,
    )
