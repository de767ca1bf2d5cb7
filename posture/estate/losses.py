"""Two views of one store, before a plan and after it: which protections are lost, and whether logs stay as long."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from posture.frozen import dataclass
from posture.model.facts import FOREVER, Duration, Fact, Forever, Gap, Known, Listing, Unknown, any_true, united
from posture.model.subjects import (
    ActionClass,
    Grant,
    KeyManager,
    LogStore,
    Ownership,
    Protection,
    Versioning,
    WormMode,
)
from posture.model.trust import DIRECT_WRITERS

T = TypeVar("T")
Untouched = Callable[[object, Unknown], bool]  # whether the plan changes nothing of what this unknown fact rests on

_MANAGERS = (KeyManager.NONE, KeyManager.PROVIDER, KeyManager.CUSTOMER)
_OWNERS = (Ownership.WRITER, Ownership.PREFERRED, Ownership.ENFORCED)
_WORM = (WormMode.NONE, WormMode.GOVERNANCE, WormMode.COMPLIANCE)


@dataclass(frozen=True, slots=True)
class Guard:
    """A fact of a store that protects, and to what degree each value does; 0 is not at all, `most` the highest."""

    path: str
    degree: Callable[[Any], int] = int
    most: int | None = 1

    def read(self, store: LogStore) -> Fact[int]:
        """The degree of a store."""
        fact: Fact[object] = attrgetter(self.path)(store)
        return fact.map(self.degree)


_FLAGS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
_YES = (
    "exposure.public_blocked",
    *(f"exposure.blocked.{level}.{flag}" for level in ("account", "bucket") for flag in _FLAGS),
    *(f"encryption.{name}" for name in ("at_rest", "twice", "key_enabled", "key_rotating", "key_recoverable")),
    *(f"encryption.{name}" for name in ("tls_required", "old_tls_refused")),
    *(f"encryption.{name}" for name in ("unencrypted_upload_refused", "wrong_encryption_refused")),
    *(f"integrity.{name}" for name in ("mfa_delete", "worm_enabled", "store_deletion_blocked")),
    *(f"monitoring.{name}" for name in ("access_logged", "object_reads_recorded", "object_writes_recorded")),
    *("monitoring.trail_validated", "resilience.replicated", "resilience.geo_redundant"),
)
_NO = ("network.public_endpoint", "network.default_open", "credentials.shared_keys", "credentials.local_users")
GUARDS = (
    *(Guard(path) for path in _YES),
    *(Guard(path, lambda value: not value) for path in _NO),
    Guard("acl.ownership", _OWNERS.index, len(_OWNERS) - 1),
    Guard("encryption.key_manager", _MANAGERS.index, len(_MANAGERS) - 1),
    Guard("integrity.versioning", lambda state: state is Versioning.ENABLED),
    Guard("integrity.worm_mode", _WORM.index, len(_WORM) - 1),
    Guard("integrity.worm_days", most=None),
    Guard("integrity.soft_delete_days", most=None),
)


def protections(before: LogStore, after: LogStore, untouched: Untouched) -> Listing[Protection]:
    """Everything that may have protected the store before. What certainly did not can not be taken away."""
    seen = ((guard, guard.read(before), guard.read(after)) for guard in GUARDS)
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


def shuts_out(before: LogStore, after: LogStore) -> Fact[bool]:
    """Whether an account as which Databricks delivers could write before, by its name, and cannot any more."""
    return any_true(_shut_out(name, before.grants, after.grants) for name in DIRECT_WRITERS)


def _shut_out(name: str, old: Listing[Grant], new: Listing[Grant]) -> Fact[bool]:
    """What only might let it in before and still might is the same on both sides."""
    if not _writes(name, old):
        return Known(value=False, sources=old.sources)
    if _writes(name, new):
        return Known(value=False, sources=new.sources)
    hiding = (
        gap.unknown for gap in new.gaps if _admits(gap, "action", ActionClass.WRITE) and _admits(gap, "principal", name)
    )
    return next(hiding, Known(value=True, sources=new.sources))


def _writes(name: str, grants: Listing[Grant]) -> bool:
    """Whether a grant, or a gap that names it, lets it write."""
    named = any(
        isinstance(grant.principal, Known)
        and isinstance(grant.action, Known)
        and (grant.principal.value, grant.action.value) == (name, ActionClass.WRITE)
        for grant in grants.items
    )
    doubted = any(
        name in dict(gap.limits).get("principal", ()) and _admits(gap, "action", ActionClass.WRITE)
        for gap in grants.gaps
    )
    return named or doubted


def _admits(gap: Gap, field: str, value: str) -> bool:
    """Whether what a gap hides can have this value."""
    limits = dict(gap.limits)
    return field not in limits or value in limits[field]


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
    """What is not known, and of which the plan changes nothing, is the same on both sides."""
    if isinstance(new, Unknown):
        return Known(value=False, sources=new.sources) if untouched(old, new) else new
    present = new
    return old.then(lambda former: present.map(lambda value: worse(former, value)))


def _shorter(former: Duration, present: Duration) -> bool:
    if isinstance(present, Forever):
        return False
    return isinstance(former, Forever) or present < former
