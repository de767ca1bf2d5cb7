"""Whether access to a storage account leaves a trace, and where."""

from __future__ import annotations

from posture.adapters.azure.cloud import Cloud
from posture.adapters.azure.config import DiagnosticSetting, StorageAccountConfig
from posture.adapters.azure.normalise.refs import destinations
from posture.model.facts import Fact, Known, Reason, Unknown, all_true, any_true
from posture.model.leads import StoreRef
from posture.model.subjects import Monitoring

_READ = frozenset({"StorageRead"})
_CHANGES = frozenset({"StorageWrite", "StorageDelete"})
_GROUPS = frozenset({"alllogs", "audit"})  # documented for blob services: both hold all three categories


def monitoring(account: StorageAccountConfig, ref: StoreRef, cloud: Cloud) -> Monitoring:
    """By the diagnostic settings of the blob service."""
    watching = [each for each in account.logging.items if each.destinations and _categories(each)]
    targets = [target.uri for each in watching for target, _, _ in destinations(each, cloud)]
    return Monitoring(
        access_logged=_exists(account, watched=bool(watching)),
        target=_target(account, targets, ref),
        target_is_self=_to_self(account, targets, ref),
        object_reads_recorded=_recorded(account, _READ),
        object_writes_recorded=_recorded(account, _CHANGES),
        trail_validated=Unknown(
            reason=Reason.UNSUPPORTED, detail="Azure Monitor does not sign the logs that it delivers"
        ),
        threats_detected=_watched(account),
        changes_listed=account.change_feed,
    )


def _categories(setting: DiagnosticSetting) -> frozenset[str]:
    return _READ | _CHANGES if _GROUPS & set(setting.groups) else frozenset(setting.categories)


def _exists(account: StorageAccountConfig, *, watched: bool) -> Fact[bool]:
    listed = account.logging
    if watched or not listed.gaps:
        return Known(value=watched, sources=listed.sources)
    return listed.gaps[0].unknown


def _recorded(account: StorageAccountConfig, needed: frozenset[str]) -> Fact[bool]:
    seen = frozenset(each for setting in account.logging.items if setting.destinations for each in _categories(setting))
    return _exists(account, watched=needed <= seen)


def _target(account: StorageAccountConfig, targets: list[str], ref: StoreRef) -> Fact[str]:
    """The first that is not the account itself; a record kept elsewhere as well is kept."""
    elsewhere = [each for each in targets if each != ref.uri] or targets
    if not elsewhere and account.logging.gaps:
        return account.logging.gaps[0].unknown
    return Known(value=elsewhere[0] if elsewhere else "", sources=account.logging.sources)


def _to_self(account: StorageAccountConfig, targets: list[str], ref: StoreRef) -> Fact[bool]:
    only = bool(targets) and all(each == ref.uri for each in targets)
    if account.logging.gaps and (only or not targets):
        return account.logging.gaps[0].unknown
    return Known(value=only, sources=account.logging.sources)


def _watched(account: StorageAccountConfig) -> Fact[bool]:
    """By the account's own setting, or by the plan of its subscription unless the account holds against it."""
    by_plan = all_true((account.defender_overrides.map(lambda own: not own), account.defender_plan))
    return any_true((account.defender, by_plan))
