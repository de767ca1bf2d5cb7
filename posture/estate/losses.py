"""Two views of one store, before a plan and after it: which protections are lost, and whether logs stay as long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from posture.model.facts import FOREVER, Duration, Fact, Forever, Known, Listing, Unknown, any_true, united
from posture.model.subjects import KeyManager, LogStore, Ownership, Protection, Versioning, WormMode

T = TypeVar("T")
Untouched = Callable[[Unknown], bool]  # whether the plan changes nothing of what an unknown fact rests on

_MANAGERS = (KeyManager.NONE, KeyManager.PROVIDER, KeyManager.CUSTOMER)
_OWNERS = (Ownership.WRITER, Ownership.PREFERRED, Ownership.ENFORCED)
_WORM = (WormMode.NONE, WormMode.GOVERNANCE, WormMode.COMPLIANCE)


@dataclass(frozen=True, slots=True)
class _Guard:
    """A fact as a degree of protection; 0 is none. `most` is the highest, where there is one."""

    path: str
    degree: Callable[[LogStore], Fact[int]]
    most: int | None = 1


_GUARDS = (
    _Guard("exposure.public_blocked", lambda store: _on(store.exposure.public_blocked)),
    _Guard(
        "exposure.blocked.effective.block_public_acls", lambda it: _on(it.exposure.blocked.effective.block_public_acls)
    ),
    _Guard(
        "exposure.blocked.effective.ignore_public_acls",
        lambda it: _on(it.exposure.blocked.effective.ignore_public_acls),
    ),
    _Guard(
        "exposure.blocked.effective.block_public_policy",
        lambda it: _on(it.exposure.blocked.effective.block_public_policy),
    ),
    _Guard(
        "exposure.blocked.effective.restrict_public_buckets",
        lambda it: _on(it.exposure.blocked.effective.restrict_public_buckets),
    ),
    _Guard("acl.ownership", lambda it: it.acl.ownership.map(_OWNERS.index), most=len(_OWNERS) - 1),
    _Guard("network.public_endpoint", lambda it: _off(it.network.public_endpoint)),
    _Guard("network.default_open", lambda it: _off(it.network.default_open)),
    _Guard("credentials.shared_keys", lambda it: _off(it.credentials.shared_keys)),
    _Guard("credentials.local_users", lambda it: _off(it.credentials.local_users)),
    _Guard("encryption.at_rest", lambda it: _on(it.encryption.at_rest)),
    _Guard("encryption.twice", lambda it: _on(it.encryption.twice)),
    _Guard(
        "encryption.key_manager", lambda it: it.encryption.key_manager.map(_MANAGERS.index), most=len(_MANAGERS) - 1
    ),
    _Guard("encryption.key_enabled", lambda it: _on(it.encryption.key_enabled)),
    _Guard("encryption.key_rotating", lambda it: _on(it.encryption.key_rotating)),
    _Guard("encryption.key_recoverable", lambda it: _on(it.encryption.key_recoverable)),
    _Guard("encryption.tls_required", lambda it: _on(it.encryption.tls_required)),
    _Guard("encryption.old_tls_refused", lambda it: _on(it.encryption.old_tls_refused)),
    _Guard("encryption.unencrypted_upload_refused", lambda it: _on(it.encryption.unencrypted_upload_refused)),
    _Guard("encryption.wrong_encryption_refused", lambda it: _on(it.encryption.wrong_encryption_refused)),
    _Guard(
        "integrity.versioning", lambda it: it.integrity.versioning.map(lambda state: int(state is Versioning.ENABLED))
    ),
    _Guard("integrity.mfa_delete", lambda it: _on(it.integrity.mfa_delete)),
    _Guard("integrity.worm_enabled", lambda it: _on(it.integrity.worm_enabled)),
    _Guard("integrity.worm_mode", lambda it: it.integrity.worm_mode.map(_WORM.index), most=len(_WORM) - 1),
    _Guard("integrity.worm_days", lambda it: it.integrity.worm_days, most=None),
    _Guard("integrity.soft_delete_days", lambda it: it.integrity.soft_delete_days, most=None),
    _Guard("integrity.store_deletion_blocked", lambda it: _on(it.integrity.store_deletion_blocked)),
    _Guard("monitoring.access_logged", lambda it: _on(it.monitoring.access_logged)),
    _Guard("monitoring.object_reads_recorded", lambda it: _on(it.monitoring.object_reads_recorded)),
    _Guard("monitoring.object_writes_recorded", lambda it: _on(it.monitoring.object_writes_recorded)),
    _Guard("monitoring.trail_validated", lambda it: _on(it.monitoring.trail_validated)),
    _Guard("resilience.replicated", lambda it: _on(it.resilience.replicated)),
    _Guard("resilience.geo_redundant", lambda it: _on(it.resilience.geo_redundant)),
)


def protections(before: LogStore, after: LogStore, untouched: Untouched) -> Listing[Protection]:
    """Everything that may have protected the store before. What certainly did not can not be taken away."""
    seen = ((guard, guard.degree(before), guard.degree(after)) for guard in _GUARDS)
    items = tuple(
        Protection(name=Known(value=guard.path, sources=()), removed=_less(old, new, guard.most, untouched))
        for guard, old, new in seen
        if not (isinstance(old, Known) and old.value == 0)
    )
    return Listing(items=items, sources=united(*(item.removed.sources for item in items)))


def shortens(before: LogStore, after: LogStore, untouched: Untouched) -> Fact[bool]:
    """Whether a rule will remove logs, or older versions of them, earlier than before."""
    return any_true(
        (
            _sooner(before.retention.days, after.retention.days, untouched),
            _sooner(before.retention.noncurrent_days, after.retention.noncurrent_days, untouched),
        )
    )


def _less(old: Fact[int], new: Fact[int], most: int | None, untouched: Untouched) -> Fact[bool]:
    """Whether the degree sinks. Unknown never becomes "removed", and the highest degree cannot be less than before."""
    if isinstance(new, Known) and new.value == most:
        return Known(value=False, sources=new.sources)
    return _compared(old, new, untouched, lambda former, present: present < former)


def _sooner(old: Fact[Duration], new: Fact[Duration], untouched: Untouched) -> Fact[bool]:
    if isinstance(new, Known) and new.value is FOREVER:
        return Known(value=False, sources=new.sources)
    return _compared(old, new, untouched, _shorter)


def _compared(old: Fact[T], new: Fact[T], untouched: Untouched, worse: Callable[[T, T], bool]) -> Fact[bool]:
    """What is unknown before and after, and of which the plan changes nothing, is the same on both sides."""
    if isinstance(new, Unknown):
        return Known(value=False, sources=new.sources) if old == new and untouched(new) else new
    present = new
    return old.then(lambda former: present.map(lambda value: worse(former, value)))


def _shorter(former: Duration, present: Duration) -> bool:
    if isinstance(present, Forever):
        return False
    return isinstance(former, Forever) or present < former


def _on(fact: Fact[bool]) -> Fact[int]:
    return fact.map(int)


def _off(fact: Fact[bool]) -> Fact[int]:
    return fact.map(lambda value: int(not value))
