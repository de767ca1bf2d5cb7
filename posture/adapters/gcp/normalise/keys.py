"""A key's configuration as facts."""

from __future__ import annotations

import json
from collections.abc import Iterable

from posture.adapters.gcp.config import KeyConfig
from posture.model.contributions import KeyContribution
from posture.model.facts import Listing, every_known
from posture.model.leads import KeyRef
from posture.model.subjects import Grant, KeyManager


def key(ref: KeyRef, config: KeyConfig, grants: Listing[Grant]) -> KeyContribution:
    """A bucket can name no key but a customer's; Google's own have no names."""
    return KeyContribution(
        ref=ref,
        manager=config.enabled.map(lambda _: KeyManager.CUSTOMER),
        enabled=config.enabled,
        rotating=config.rotating,
        pending_deletion=config.ending,
        recoverable=config.wait_seconds.map(lambda seconds: seconds > 0),
        grants=grants,
        policy=every_known(policy.then(lambda found: found.whole) for _, policy in config.policies).map(_together),
    )


def _together(texts: Iterable[str]) -> str:
    """What is bound on a key and on its ring, as one policy."""
    bindings = [binding for text in texts for binding in json.loads(text)["bindings"]]
    return json.dumps({"bindings": bindings}, sort_keys=True, ensure_ascii=False)
