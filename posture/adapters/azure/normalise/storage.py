"""A storage account's configuration as facts of a store, and the leads that it gives."""

from __future__ import annotations

from datetime import datetime

from posture.adapters.azure.cloud import Cloud
from posture.adapters.azure.config import CopyRule, KeyInVault, StorageAccountConfig
from posture.adapters.azure.ids import name_of, subscription_of
from posture.adapters.azure.normalise.exposure import acl, exposure
from posture.adapters.azure.normalise.network import TenantOf, network
from posture.adapters.azure.normalise.protection import containers, integrity, retention
from posture.adapters.azure.normalise.refs import key_ref, storage_ref
from posture.adapters.azure.normalise.signatures import stored_policies
from posture.adapters.azure.normalise.times import moment
from posture.adapters.azure.normalise.watching import monitoring
from posture.adapters.azure.normalise.words import region
from posture.adapters.labels import labels
from posture.model.assessment import Unlooked
from posture.model.contributions import Refusals, ReplicationRule, StoreContribution
from posture.model.facts import Duration, Fact, Known, Listing, Reason, Unknown, all_true, every_known
from posture.model.leads import Found, Lead, StoreRef
from posture.model.subjects import Credentials, Grant, Role

_YES: Fact[bool] = Known(value=True, sources=())
_NO: Fact[bool] = Known(value=False, sources=())
_OLD = frozenset({"tls1_0", "tls1_1"})


def store(
    ref: StoreRef,
    account: StorageAccountConfig,
    grants: Listing[Grant],
    *,
    cloud: Cloud,
    tenant_of: TenantOf,
    as_of: datetime,
) -> StoreContribution:
    """What Azure says of the store. Storage is always encrypted; the owner is the subscription."""
    return StoreContribution(
        ref=ref,
        account=account.region.map(lambda _: account.subscription),
        region=account.region.map(region),
        encrypted=account.key.map(lambda _: True),
        encrypted_twice=account.infrastructure_encryption,
        bucket_key=_NO,
        key=default_key(account).map(lambda key: key_ref(key, account.subscription)),
        exposure=exposure(account),
        acl=acl(account),
        network=network(
            account.firewall,
            account.subscription,
            tenant_of,
            foreign_copies=account.copy_scope.map(lambda scope: not scope),
        ),
        credentials=credentials(account, as_of),
        policy=Known(value="", sources=()),
        grants=grants,
        refusals=refusals(account),
        integrity=integrity(account),
        retention=retention(account),
        monitoring=monitoring(account, ref, cloud),
        replication=replication(account, cloud),
        geo_redundant=account.redundancy.map(lambda sku: "GRS" in sku.upper() or "GZRS" in sku.upper()),
        copies_may_leave=account.cross_tenant_copies,
        receives=receives(account),
        containers=containers(account),
        fed_by=account.others,
        labels=labels(account.tags),
    )


def receives(account: StorageAccountConfig) -> Fact[bool]:
    """Azure Monitor delivers to no premium account, and to none whose endpoints lie in a DNS zone.

    Source: Microsoft, destination limitations of diagnostic settings in Azure Monitor.
    """
    standard = account.redundancy.map(lambda sku: not sku.lower().startswith("premium"))
    return all_true((standard, account.dns_zone.map(lambda zone: not zone)))


def leads(ref: StoreRef, account: StorageAccountConfig, lead: Lead, cloud: Cloud) -> tuple[Lead, ...]:
    """The key, and the accounts that receive copies."""
    found: list[Lead] = []
    key = default_key(account).map(lambda each: key_ref(each, account.subscription))
    if isinstance(key, Known) and key.value is not None:
        source = key.sources[0] if key.sources else None
        found.append(
            Lead(
                target=key.value,
                found=Found(how=f"default key of {ref.uri}", source=source),
                role=lead.role,
                account=account.subscription,
            )
        )
    for rule in account.copies.items:
        found.append(  # noqa: PERF401 - two kinds of leads in one list
            Lead(
                target=storage_ref(rule.account, cloud),
                found=Found(how=f"object replication from {ref.uri}", source=rule.source),
                role=Role.REPLICA,
                account=subscription_of(rule.account),
                resource_id=rule.account if subscription_of(rule.account) else "",
            )
        )
    return tuple(dict.fromkeys(found))


def unlooked(ref: StoreRef, account: StorageAccountConfig) -> tuple[Unlooked, ...]:
    """Where further stores could be named and could not be read."""
    return tuple(
        Unlooked(what=f"the object replication policies of {ref.uri}", unknown=gap.unknown)
        for gap in account.copies.gaps[:1]
    )


def default_key(account: StorageAccountConfig) -> Fact[KeyInVault | None]:
    """The key of the logs: the account's, unless a log container writes under an encryption scope with Azure's key."""
    scopes = account.scope_keys
    weaker = [name for name, key in scopes.items if key is None]
    if weaker:
        return Known(value=None, sources=scopes.sources)
    if isinstance(account.key, Known) and account.key.value is None:
        return account.key
    if scopes.gaps:
        return scopes.gaps[0].unknown
    return Known(value=None, sources=scopes.sources).then(lambda _: account.key)


def refusals(account: StorageAccountConfig) -> Refusals:
    """What the account turns away by its settings, which always judge TLS and never the encryption of an upload."""
    return Refusals(
        tls_required=account.https_only,
        judges_tls=_YES,
        old_tls_refused=account.tls_minimum.map(lambda version: version.lower() not in _OLD),
        judges_uploads=_NO,
        unencrypted_upload_refused=_NO,
        wrong_encryption_refused=_NO,
    )


def credentials(account: StorageAccountConfig, as_of: datetime) -> Credentials:
    """Account keys, and the signatures made with them."""
    return Credentials(
        shared_keys=account.shared_key,
        oldest_key_days=_where_keys_open(account, account.keys_made.then(lambda made: _age(made, as_of))),
        longest_token_days=_tokens(account),
        stored_policies=stored_policies(account.stored_policies, as_of),
        renewal_reminder_days=_reminder(account),
        local_users=_local_users(account),
    )


def _local_users(account: StorageAccountConfig) -> Fact[bool]:
    users = account.local_users
    if users.items:
        return Known(value=True, sources=users.sources)
    return users.gaps[0].unknown if users.gaps else Known(value=False, sources=users.sources)


def _where_keys_open(account: StorageAccountConfig, days: Fact[int]) -> Fact[int]:
    return account.shared_key.then(lambda on: days if on else Known(value=0, sources=()))


def _tokens(account: StorageAccountConfig) -> Fact[Duration]:
    none: Fact[Duration] = Known(value=0, sources=())
    return account.shared_key.then(lambda on: account.token_days if on else none)


def _reminder(account: StorageAccountConfig) -> Fact[Duration]:
    none: Fact[Duration] = Known(value=0, sources=())
    return account.shared_key.then(lambda on: account.key_reminder if on else none)


def _age(made: tuple[str, ...], as_of: datetime) -> Fact[int]:
    days = [_days(each, as_of) for each in made]
    return every_known(days).map(lambda known: max(known, default=0))


def _days(text: str, as_of: datetime) -> Fact[int]:
    return moment(text).map(lambda when: max(0, (as_of - when).days))


def replication(account: StorageAccountConfig, cloud: Cloud) -> Listing[ReplicationRule]:
    """Where object replication copies to. It takes block blobs only, so no rule covers logs: they are append blobs.

    Source: Microsoft, prerequisites and caveats for object replication.
    """
    targets = {rule.account: rule for rule in account.copies.items}
    return Listing(
        items=tuple(_copied(target, rule, cloud) for target, rule in targets.items()),
        gaps=account.copies.gaps,
        sources=account.copies.sources,
    )


def _copied(target: str, rule: CopyRule, cloud: Cloud) -> ReplicationRule:
    owner = subscription_of(target)
    known: Fact[str] = Known(value=owner, sources=(rule.source,))
    return ReplicationRule(
        target=storage_ref(target, cloud),
        account=known if owner else _unsaid(target, rule),
        covers_prefix=Known(value=False, sources=(rule.source,)),
    )


def _unsaid(target: str, rule: CopyRule) -> Unknown:
    detail = f"in which subscription `{name_of(target)}` lies is not said"
    return Unknown(reason=Reason.UNDETERMINED, sources=(rule.source,), detail=detail)
