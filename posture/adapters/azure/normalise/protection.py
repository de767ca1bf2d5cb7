"""What keeps logs in a storage account as they were written, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from posture.adapters.azure.config import ContainerConfig, Immutability, LifecycleRule, StorageAccountConfig
from posture.adapters.azure.ids import LOGS
from posture.model.facts import FOREVER, Duration, Fact, Known, Listing, Unknown, all_true, every_known, united
from posture.model.subjects import Container, Integrity, Retention, Versioning, WormMode

T = TypeVar("T")
_STRENGTH = (WormMode.NONE, WormMode.GOVERNANCE, WormMode.COMPLIANCE)


def integrity(account: StorageAccountConfig) -> Integrity:
    """Immutability holds for the store as far as it holds in every container of logs."""
    return Integrity(
        versioning=account.versioning.map(lambda on: Versioning.ENABLED if on else Versioning.NEVER),
        mfa_delete=Known(value=False, sources=()),
        worm_enabled=_of_all(account, lambda worm: worm is not None, all),
        worm_mode=_of_all(
            account,
            lambda worm: worm.mode if worm else WormMode.NONE,
            lambda modes: min(modes, key=_STRENGTH.index),
        ),
        worm_days=_of_all(account, lambda worm: worm.days if worm else 0, min),
        worm_admits_additions=all_true(
            (
                _of_all(account, lambda worm: worm is None or worm.appends, all),
                *(_hold_admits(each) for each in account.containers.items),
            )
        ),
        soft_delete_days=account.blob_soft_delete,
        store_deletion_blocked=account.locked,
        rewind_days=account.restore_days,
    )


def containers(account: StorageAccountConfig) -> Listing[Container]:
    """The containers of logs, each with what holds in it."""
    return Listing(
        items=tuple(_container(account, each) for each in account.containers.items),
        gaps=account.containers.gaps,
        sources=account.containers.sources,
    )


def retention(account: StorageAccountConfig) -> Retention:
    """The earliest deletion by a lifecycle rule that may reach a container of logs, whose blobs are append blobs."""
    return Retention(
        days=account.lifecycle.map(lambda rules: _earliest(rules, account, lambda rule: rule.after)),
        noncurrent_days=account.lifecycle.map(
            lambda rules: _earliest(rules, account, lambda rule: rule.versions_after, appends=False)
        ),
        lifecycle=account.lifecycle.map(bool),
    )


def _container(account: StorageAccountConfig, each: ContainerConfig) -> Container:
    worm = _worm(account, each)
    return Container(
        name=Known(value=each.name, sources=(each.source,)),
        public=each.public_access.map(lambda level: level != "None"),
        worm_mode=worm.map(lambda found: found.mode if found else WormMode.NONE),
        worm_days=worm.map(lambda found: found.days if found else 0),
        legal_hold=each.legal_hold,
        restorable_days=account.container_soft_delete,
    )


def _hold_admits(each: ContainerConfig) -> Fact[bool]:
    """Logs are append blobs, and a hold keeps them from growing unless it says otherwise."""
    return each.legal_hold.then(lambda held: each.hold_appends if held else Known(value=True, sources=()))


def _worm(account: StorageAccountConfig, each: ContainerConfig) -> Fact[Immutability | None]:
    """The container's own policy, else the account's default."""
    return each.immutability.then(lambda own: account.immutability if own is None else Known(value=own, sources=()))


def _of_all(
    account: StorageAccountConfig, read: Callable[[Immutability | None], T], join: Callable[[Iterable[T]], T]
) -> Fact[T]:
    """What holds in every container of logs; without one, what the account gives to the next."""
    listed = account.containers
    if not listed.items and not listed.gaps:
        return account.immutability.map(read)
    known = every_known(_worm(account, each).map(read) for each in listed.items)
    if listed.gaps:
        return listed.gaps[0].unknown
    match known:
        case Unknown():
            return known
        case Known(value=values, sources=sources):
            return Known(value=join(values), sources=united(sources, listed.sources))


def _earliest(
    rules: Iterable[LifecycleRule],
    account: StorageAccountConfig,
    read: Callable[[LifecycleRule], int | None],
    *,
    appends: bool = True,
) -> Duration:
    days = [
        found
        for rule in rules
        if (found := read(rule)) is not None and (rule.append_blobs or not appends) and _reaches(rule, account)
    ]
    return min(days, default=FOREVER)


def _reaches(rule: LifecycleRule, account: StorageAccountConfig) -> bool:
    """Whether a prefix can meet a container of logs; also of one that does not exist yet."""
    to_come = f"{account.part}/" if account.part else LOGS
    names = (*(f"{each.name}/" for each in account.containers.items), to_come)
    return not rule.prefixes or any(
        name.startswith(prefix) or prefix.startswith(name) for prefix in rule.prefixes for name in names
    )
