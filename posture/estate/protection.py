"""Facts of a store that lie elsewhere: the key that encrypts it, the stores that it is copied to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from posture.estate.stage import Stage, exists
from posture.estate.writers import Writers
from posture.model.accounts import same, stands_in, told
from posture.model.contributions import KeyContribution, ReplicationRule, StoreContribution
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, both, united
from posture.model.leads import KeyRef
from posture.model.subjects import Encryption, Grant, KeyManager, Replica, Resilience, Versioning

T = TypeVar("T")

_UNFOLLOWED = Unknown(reason=Reason.NOT_COLLECTED, detail="nobody read the place that this names")


def encryption(store: StoreContribution, stage: Stage, writers: Writers) -> Encryption:
    """The default encryption, with what its key's owner says of the key.

    A key that the provider manages is always enabled, rotated by the provider, and nobody can delete it.
    """
    return Encryption(
        at_rest=store.encrypted,
        twice=store.encrypted_twice,
        key_manager=key_manager(store, stage),
        key=store.key.then(_key_id),
        bucket_key=store.bucket_key,
        key_enabled=_of_key(store, stage, lambda key: key.enabled, provider=True),
        key_rotating=_of_key(store, stage, lambda key: key.rotating, provider=True),
        key_pending_deletion=_of_key(store, stage, lambda key: key.pending_deletion, provider=False),
        key_recoverable=_of_key(store, stage, lambda key: key.recoverable, provider=True),
        key_admits_writer=writers.key_admits(store.key, stage.key),
        key_grants=_key_grants(store, stage, writers),
        tls_required=store.refusals.tls_required,
        judges_tls=store.refusals.judges_tls,
        old_tls_refused=store.refusals.old_tls_refused,
        judges_uploads=store.refusals.judges_uploads,
        unencrypted_upload_refused=store.refusals.unencrypted_upload_refused,
        wrong_encryption_refused=store.refusals.wrong_encryption_refused,
    )


def key_manager(store: StoreContribution, stage: Stage) -> Fact[KeyManager]:
    """Who manages the default key; nobody when nothing encrypts."""

    def manager(pair: tuple[bool, KeyRef | None]) -> Fact[KeyManager]:
        encrypted, ref = pair
        return _manager(ref, stage) if encrypted else Known(value=KeyManager.NONE, sources=())

    return both(store.encrypted, store.key).then(manager)


def _manager(ref: KeyRef | None, stage: Stage) -> Fact[KeyManager]:
    if ref is None:
        return Known(value=KeyManager.PROVIDER, sources=())
    key = stage.key(ref)
    return key.manager if key else _UNFOLLOWED


def _key_id(ref: KeyRef | None) -> Fact[str]:
    """The id of a key. One that a plan makes, or of an account that it does not name, has none yet."""
    if ref is not None and ("(" in ref.key_id or stands_in(ref.account)):  # as no provider writes an id
        return Unknown(reason=Reason.UNDETERMINED, detail="which key this is will be known after apply")
    return Known(value="" if ref is None else ref.key_id, sources=())


def _of_key(
    store: StoreContribution, stage: Stage, part: Callable[[KeyContribution], Fact[bool]], *, provider: bool
) -> Fact[bool]:
    def answer(ref: KeyRef | None) -> Fact[bool]:
        if ref is None:
            return Known(value=provider, sources=())
        key = stage.key(ref)
        return part(key) if key else _UNFOLLOWED

    return store.key.then(answer)


def _key_grants(store: StoreContribution, stage: Stage, writers: Writers) -> Listing[Grant]:
    """Nobody but the provider has a say over a key that the provider manages."""
    match store.key:
        case Unknown() as unknown:
            return Listing.unread(unknown)
        case Known(value=ref, sources=sources):
            if ref is None:
                return Listing(items=(), sources=sources)
            key = stage.key(ref)
            if key is None:
                return Listing.unread(_UNFOLLOWED)
            return replace(writers.marked(key.grants), sources=united(sources, key.grants.sources))


def resilience(store: StoreContribution, stage: Stage) -> Resilience:
    """Where new logs are copied to, each with what its own store says."""
    return Resilience(
        replicated=exists(store.replication, lambda rule: rule.covers_prefix),
        replicas=Listing(
            items=tuple(_replica(rule, store, stage) for rule in store.replication.items),
            gaps=store.replication.gaps,
            sources=store.replication.sources,
        ),
        geo_redundant=store.geo_redundant,
        recovery_point_minutes=store.recovery_point_minutes,
        copies_may_leave=store.copies_may_leave,
    )


def _replica(rule: ReplicationRule, original: StoreContribution, stage: Stage) -> Replica:
    copy = stage.store(rule.target)
    region: Fact[str] = copy.region if copy else _UNFOLLOWED
    account = rule.account if isinstance(rule.account, Known) or copy is None else copy.account
    versioning: Fact[Versioning] = copy.integrity.versioning if copy else _UNFOLLOWED
    return Replica(
        uri=Known(value=rule.target.uri, sources=rule.covers_prefix.sources),
        account=told(account),
        region=region,
        other_region=_differ(region, original.region),
        other_account=both(account, original.account).then(lambda pair: same(*pair)).map(lambda alike: not alike),
        covers_prefix=rule.covers_prefix,
        key_manager=_manager_of_copies(rule, copy, stage),
        versioning=versioning,
        deletions_copied=rule.deletions_copied,
    )


def _manager_of_copies(rule: ReplicationRule, copy: StoreContribution | None, stage: Stage) -> Fact[KeyManager]:
    """Of the key that the rule gives to copies, else of the default where they lie."""
    if rule.key is not None:
        return rule.key.then(lambda ref: _manager(ref, stage))
    return key_manager(copy, stage) if copy else _UNFOLLOWED


def _differ(one: Fact[str], other: Fact[str]) -> Fact[bool]:
    return both(one, other).map(lambda pair: pair[0] != pair[1])
