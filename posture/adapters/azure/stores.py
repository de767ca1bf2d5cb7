"""One store of a lead: found in Azure by its id or its name, read, and told as facts."""

from __future__ import annotations

from functools import partial

from posture.adapters.azure import store_calls
from posture.adapters.azure.access.holders import Holders
from posture.adapters.azure.access.others import key_grants, log_analytics_grants, namespace_grants
from posture.adapters.azure.access.storage import StorageAccess
from posture.adapters.azure.config import KeyConfig, RoleDefinition
from posture.adapters.azure.ids import subscription_of
from posture.adapters.azure.live.arm import Arm
from posture.adapters.azure.live.log_analytics import read_log_analytics
from posture.adapters.azure.live.namespaces import read_namespace
from posture.adapters.azure.live.places import Places
from posture.adapters.azure.live.roles import read_definition
from posture.adapters.azure.live.storage import read_storage_account
from posture.adapters.azure.normalise import copies, others, storage
from posture.adapters.azure.normalise.refs import id_in
from posture.adapters.wing import Followed
from posture.model.contributions import StoreContribution
from posture.model.facts import Fact, Known, Listing, Unknown
from posture.model.leads import KeyRef, Lead, StoreRef
from posture.model.subjects import Grant, Kind
from posture.model.trust import TrustZone
from posture.model.unread import unread


class Stores:
    """Follows leads to stores within one reading."""

    def __init__(self, arm: Arm, places: Places, zone: TrustZone) -> None:
        self._arm = arm
        self._places = places
        self._zone = zone

    def follow(self, ref: StoreRef, lead: Lead) -> Followed:
        """Reads a store; one that is found nowhere keeps its row."""
        place = self._place(ref, lead)
        if isinstance(place, Unknown):
            return Followed(contributions=(unread(StoreContribution, place, ref=ref),))
        match ref.kind:
            case Kind.STORAGE_ACCOUNT:
                return self._storage(ref, place.value, lead)
            case Kind.EVENT_HUB:
                return self._namespace(ref, place.value, lead)
            case _:
                return self._log_analytics(ref, place.value, lead)

    def key(self, config: KeyConfig, ref: KeyRef) -> Listing[Grant]:
        """Who can use a key."""
        vault = config.vault.value if isinstance(config.vault, Known) else ""
        return key_grants(config, self._holders(subscription_of(vault) or ref.account), self._definition())

    def _place(self, ref: StoreRef, lead: Lead) -> Fact[str]:
        if given := lead.resource_id or id_in(ref):
            return Known(value=given, sources=())
        read = store_calls.LIST_NAMESPACES if ref.kind is Kind.EVENT_HUB else store_calls.LIST_STORAGE_ACCOUNTS
        return self._places.find(read, ref.name.partition(".")[0], lead.account)

    def _storage(self, ref: StoreRef, resource_id: str, lead: Lead) -> Followed:
        account = read_storage_account(self._arm, resource_id, ref.prefix)
        holders = self._holders(account.subscription)
        access = StorageAccess(account, ref.name, holders, self._definition(), self._places.tenant)
        return Followed(
            contributions=(
                storage.store(
                    ref,
                    account,
                    access.grants(),
                    cloud=self._arm.cloud,
                    tenant_of=self._places.tenant,
                    as_of=self._arm.reading.as_of,
                ),
            ),
            leads=storage.leads(ref, account, lead, self._arm.cloud),
            unlooked=storage.unlooked(ref, account),
        )

    def _namespace(self, ref: StoreRef, resource_id: str, lead: Lead) -> Followed:
        config = read_namespace(self._arm, resource_id, ref.prefix)
        grants = namespace_grants(config, self._holders(config.subscription), self._definition())
        store = others.namespace(ref, config, grants, self._places.tenant)
        return copies.of_stream(store, config, lead, self._arm.cloud)

    def _log_analytics(self, ref: StoreRef, resource_id: str, lead: Lead) -> Followed:
        config = read_log_analytics(self._arm, resource_id)
        grants = log_analytics_grants(config, self._holders(config.subscription), self._definition())
        store = others.log_analytics(ref, config, grants)
        return copies.of_table(store, config, lead, self._arm.cloud)

    def _holders(self, subscription: str) -> Holders:
        tenant = self._places.tenant(subscription)
        return Holders(self._arm, tenant, self._zone, self._arm.reading.as_of.date())

    def _definition(self) -> partial[Fact[RoleDefinition]]:
        return partial(read_definition, self._arm)
