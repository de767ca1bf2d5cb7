"""Event Hubs namespaces, Log Analytics workspaces and keys as facts. What they lack is known to be none."""

from __future__ import annotations

from posture.adapters.azure.config import KeyConfig, LogAnalyticsConfig, NamespaceConfig
from posture.adapters.azure.normalise.network import TenantOf, closed_network, network
from posture.adapters.azure.normalise.refs import key_ref
from posture.adapters.azure.normalise.words import region
from posture.adapters.labels import labels
from posture.model.contributions import KeyContribution, Refusals, StoreContribution
from posture.model.facts import FOREVER, Duration, Fact, Known, Listing, Reason, Unknown, any_true
from posture.model.leads import Found, KeyRef, Lead, StoreRef
from posture.model.subjects import (
    Credentials,
    Exposure,
    Grant,
    Integrity,
    KeyManager,
    Retention,
    Versioning,
    WormMode,
)
from posture.model.unread import unread

_YES: Fact[bool] = Known(value=True, sources=())
_NO: Fact[bool] = Known(value=False, sources=())
_NOTHING: Fact[int] = Known(value=0, sources=())
_NOT_ASKED = Unknown(reason=Reason.UNSUPPORTED, detail="posture judges this of stores of objects only")


def namespace(ref: StoreRef, config: NamespaceConfig, grants: Listing[Grant], tenant_of: TenantOf) -> StoreContribution:
    """A namespace keeps what it was sent for days, and forgets it."""
    return unread(
        StoreContribution,
        _NOT_ASKED,
        ref=ref,
        account=config.region.map(lambda _: config.subscription),
        region=config.region.map(region),
        encrypted=config.key.map(lambda _: True),
        encrypted_twice=config.infrastructure_encryption,
        key=config.key.map(lambda key: key_ref(key, config.subscription)),
        exposure=_not_public(),
        network=network(config.firewall, config.subscription, tenant_of),
        credentials=_keys(config.local_keys),
        policy=Known(value="", sources=()),
        grants=grants,
        refusals=_tls(config.tls_minimum),
        integrity=_lock_only(config.locked),
        retention=_after(config.retention_days),
        replication=Listing(items=()),
        receives=_YES,
        containers=Listing(items=()),
        labels=labels(config.tags),
    )


def log_analytics(ref: StoreRef, config: LogAnalyticsConfig, grants: Listing[Grant]) -> StoreContribution:
    """A workspace is encrypted by Azure's key, or by that of a dedicated cluster, which is a resource of its own."""
    return unread(
        StoreContribution,
        _NOT_ASKED,
        ref=ref,
        account=config.region.map(lambda _: config.subscription),
        region=config.region.map(region),
        encrypted=config.region.map(lambda _: True),
        key=_of_cluster(config),
        exposure=_not_public(),
        network=closed_network(public=any_true((config.public_query, config.public_ingestion))),
        credentials=_keys(config.local_keys),
        policy=Known(value="", sources=()),
        grants=grants,
        integrity=_lock_only(config.locked),
        retention=_after(config.retention_days),
        replication=Listing(items=()),
        receives=_YES,
        containers=Listing(items=()),
        labels=labels(config.tags),
    )


def key(ref: KeyRef, config: KeyConfig, grants: Listing[Grant]) -> KeyContribution:
    """A key of a vault is always the customer's; a deleted one is not found, and nothing is known of it."""
    return KeyContribution(
        ref=ref,
        manager=config.vault.map(lambda _: KeyManager.CUSTOMER),
        enabled=config.enabled,
        rotating=config.rotating,
        pending_deletion=config.enabled.map(lambda _: False),
        recoverable=config.recoverable,
        grants=grants,
    )


def key_leads(store: StoreContribution, lead: Lead) -> tuple[Lead, ...]:
    """The key of a store, which is looked for in the subscription of the store first."""
    if not isinstance(store.key, Known) or store.key.value is None:
        return ()
    found = Found(how=f"default key of {store.ref.uri}")
    return (Lead(target=store.key.value, found=found, role=lead.role, account=store.key.value.account),)


def _of_cluster(config: LogAnalyticsConfig) -> Fact[KeyRef | None]:
    none: Fact[KeyRef | None] = Known(value=None, sources=())
    named = config.cluster_key.map(lambda key: key_ref(key, config.subscription))
    return config.cluster.then(lambda cluster: named if cluster else none)


def _not_public() -> Exposure:
    """Nobody gets in without credentials."""
    return unread(
        Exposure,
        _NOT_ASKED,
        public_blocked=_YES,
        policy_public=_NO,
        policy_public_as_documented=_NO,
        owner_locked_out=_NO,
        access_points=Listing(items=()),
        website=_NO,
        public_cors=_NO,
    )


def _keys(local: Fact[bool]) -> Credentials:
    unsaid = Unknown(reason=Reason.UNSUPPORTED, detail="Azure does not say when these keys were made")
    return Credentials(
        shared_keys=local,
        oldest_key_days=local.then(lambda on: unsaid if on else _NOTHING),
        longest_token_days=local.then(_tokens),
        stored_policies=Listing(items=()),
        renewal_reminder_days=local.map(lambda on: FOREVER if on else 0),
        local_users=_NO,
    )


def _tokens(on: bool) -> Fact[Duration]:  # noqa: FBT001 - called by `then`
    return Known(value=FOREVER if on else 0, sources=())


def _tls(minimum: Fact[str]) -> Refusals:
    return Refusals(
        tls_required=_YES,  # both protocols of Event Hubs are encrypted
        judges_tls=_YES,
        old_tls_refused=minimum.map(lambda version: version not in {"1.0", "1.1"}),
        judges_uploads=_NO,
        unencrypted_upload_refused=_NO,
        wrong_encryption_refused=_NO,
    )


def _lock_only(locked: Fact[bool]) -> Integrity:
    return Integrity(
        versioning=Known(value=Versioning.NEVER, sources=()),
        mfa_delete=_NO,
        worm_enabled=_NO,
        worm_mode=Known(value=WormMode.NONE, sources=()),
        worm_days=_NOTHING,
        worm_admits_additions=_YES,
        soft_delete_days=_NOTHING,
        store_deletion_blocked=locked,
        rewind_days=_NOTHING,
    )


def _after(days: Fact[int]) -> Retention:
    found: Fact[Duration] = days.map(lambda count: count)
    return Retention(days=found, noncurrent_days=Known(value=FOREVER, sources=()), lifecycle=_NO)
