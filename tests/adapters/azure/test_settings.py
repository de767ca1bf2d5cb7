"""Single settings of Azure and what they mean for a store: networks, perimeters, keys, immutability, tables."""

from __future__ import annotations

import pytest

from posture.model.contributions import KeyContribution, StoreContribution
from posture.model.facts import Known, Unknown
from posture.model.leads import KeyRef, StoreRef
from posture.model.subjects import Kind, NetworkKind, Provider, WormMode
from tests.adapters.azure.live import Cloud, followed, lead, storage, store_of
from tests.testbeds import azure_records as made
from tests.testbeds.azure import KEPT, OTHER_TENANT, AzureEstate
from tests.testbeds.azure_records import ARCHIVE, PLATFORM
from tests.testbeds.databricks import Record


def value(fact: object) -> object:
    assert isinstance(fact, Known), fact
    return fact.value


def kept(cloud: Cloud) -> StoreContribution:
    return store_of(cloud.wing(), lead(storage(KEPT)))


def key(cloud: Cloud, url: str = "https://acme-keys.vault.azure.net/keys/audit") -> KeyContribution:
    (only,) = followed(cloud.wing(), lead(KeyRef(provider=Provider.AZURE, key_id=url, account=ARCHIVE)))
    (found,) = only.contributions
    assert isinstance(found, KeyContribution)
    return found


# --- networks ---------------------------------------------------------------------------------------------------------


def test_rules_are_told_with_their_width_and_their_owner(cloud: Cloud, estate: AzureEstate) -> None:
    subnet = "/subscriptions/{}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
    resource = f"/subscriptions/{PLATFORM}/resourceGroups/*/providers/Microsoft.Synapse/workspaces/*"
    cloud.properties(
        estate.kept,
        networkAcls={
            "bypass": "AzureServices",
            "defaultAction": "Deny",
            "ipRules": [{"value": "0.0.0.0/1"}, {"value": "198.51.100.7"}],
            "virtualNetworkRules": [{"id": subnet.format(ARCHIVE)}, {"id": subnet.format(PLATFORM)}],
            "resourceAccessRules": [{"tenantId": OTHER_TENANT, "resourceId": resource}],
        },
    )
    rules = [(value(each.kind), value(each.prefix_length), value(each.own)) for each in kept(cloud).network.rules.items]
    assert rules == [
        (NetworkKind.ADDRESSES, 1, False),
        (NetworkKind.ADDRESSES, 32, False),
        (NetworkKind.SUBNET, 0, True),
        (NetworkKind.SUBNET, 0, True),  # of another subscription of the tenant
        (NetworkKind.RESOURCE, 0, False),
    ]


def test_rules_count_for_nothing_while_the_default_is_open(cloud: Cloud, estate: AzureEstate) -> None:
    cloud.properties(estate.kept, networkAcls={"defaultAction": "Allow", "ipRules": [{"value": "0.0.0.0/1"}]})
    found = kept(cloud).network
    assert value(found.default_open) is True
    assert found.rules.items == ()


def test_a_subnet_of_a_subscription_that_nobody_can_read_may_be_anybodys(cloud: Cloud, estate: AzureEstate) -> None:
    subnet = (
        "/subscriptions/ffffffff-0000-4000-8000-00000000000f/resourceGroups/n/providers/N/virtualNetworks/v/subnets/s"
    )
    cloud.properties(estate.kept, networkAcls={"defaultAction": "Deny", "virtualNetworkRules": [{"id": subnet}]})
    (rule,) = kept(cloud).network.rules.items
    assert isinstance(rule.own, Unknown)


@pytest.mark.parametrize(
    ("mode", "default_open", "ranges"), [("", False, 0), ("Learning", True, 0), ("Enforced", False, 1)]
)
def test_a_perimeter_takes_the_place_of_the_rules_once_it_is_enforced(
    cloud: Cloud, estate: AzureEstate, mode: str, *, default_open: bool, ranges: int
) -> None:
    cloud.properties(
        estate.kept, publicNetworkAccess="SecuredByPerimeter", networkAcls={"defaultAction": "Allow", "ipRules": []}
    )
    inbound: Record = {"properties": {"direction": "Inbound", "addressPrefixes": ["198.51.100.0/28"]}}
    if mode:
        cloud.change(
            {
                "id": f"{estate.kept}/networkSecurityPerimeterConfigurations/p",
                "name": "p",
                "properties": {
                    "resourceAssociation": {"name": "a", "accessMode": mode},
                    "profile": {"accessRules": [inbound]},
                },
            }
        )
    found = kept(cloud).network
    assert value(found.default_open) is default_open
    assert len(found.rules.items) == ranges


def test_only_approved_private_endpoints_lead_anywhere(cloud: Cloud, estate: AzureEstate) -> None:
    states = [
        {"properties": {"privateLinkServiceConnectionState": {"status": status}}}
        for status in ("Approved", "Pending", "Rejected", "Approved")
    ]
    cloud.properties(estate.kept, privateEndpointConnections=states)
    assert value(kept(cloud).network.private_endpoints) == 2


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_and_its_vault(cloud: Cloud) -> None:
    found = key(cloud)
    assert (value(found.enabled), value(found.rotating), value(found.recoverable)) == (True, True, True)
    assert value(found.pending_deletion) is False


def test_who_is_pinned_to_a_version_stays_with_it(cloud: Cloud, estate: AzureEstate) -> None:
    assert value(key(cloud, "https://acme-keys.vault.azure.net/keys/audit/0123456789abcdef").rotating) is False
    vault = {"keyvaulturi": "https://acme-keys.vault.azure.net/", "keyname": "audit", "keyversion": "0123456789abcdef"}
    cloud.properties(estate.kept, encryption={"keySource": "Microsoft.Keyvault", "keyvaultproperties": vault})
    ref = value(kept(cloud).key)
    assert isinstance(ref, KeyRef)
    assert ref.key_id == "https://acme-keys.vault.azure.net/keys/audit/0123456789abcdef"


def test_a_vault_without_purge_protection_can_be_emptied(cloud: Cloud) -> None:
    vault = f"/subscriptions/{ARCHIVE}/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme-keys"
    cloud.properties(vault, enablePurgeProtection=None)
    assert value(key(cloud).recoverable) is False


def test_access_policies_are_grants_where_the_vault_asks_no_roles(cloud: Cloud) -> None:
    vault = f"/subscriptions/{ARCHIVE}/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme-keys"
    stranger = "77777777-0000-4000-8000-000000000007"
    policy = {"tenantId": OTHER_TENANT, "objectId": stranger, "permissions": {"keys": ["UnwrapKey", "Get", "Purge"]}}
    cloud.properties(vault, enableRbacAuthorization=False, accessPolicies=[policy])
    grants = [each for each in key(cloud).grants.items if value(each.principal) == stranger]
    assert {(value(each.action), value(each.scope)) for each in grants} == {("read", "outside"), ("delete", "outside")}


def test_a_key_that_is_gone_is_unknown(cloud: Cloud) -> None:
    found = key(cloud, "https://acme-keys.vault.azure.net/keys/other")
    assert isinstance(found.enabled, Unknown)
    assert isinstance(found.pending_deletion, Unknown)


def test_a_scope_with_the_providers_key_takes_the_customers_key_from_the_store(
    cloud: Cloud, estate: AzureEstate
) -> None:
    scope: Record = {
        "id": f"{estate.kept}/encryptionScopes/old",
        "name": "old",
        "properties": {"source": "Microsoft.Storage"},
    }
    held: Record = {"defaultEncryptionScope": "old", "hasImmutabilityPolicy": True}
    cloud.change(scope, made.container({"id": estate.kept}, "insights-logs-jobs", held))
    assert value(kept(cloud).key) is None


# --- immutability, tables ---------------------------------------------------------------------------------------------


def test_the_weakest_container_decides(cloud: Cloud, estate: AzureEstate) -> None:
    account: Record = {"id": estate.kept}
    cloud.change(made.immutability(account, "insights-logs-jobs", days=30, state="Unlocked"))
    found = kept(cloud).integrity
    assert (value(found.worm_mode), value(found.worm_days)) == (WormMode.GOVERNANCE, 30)
    cloud.change(made.container(account, "insights-logs-jobs"))
    found = kept(cloud).integrity
    assert (value(found.worm_enabled), value(found.worm_days)) == (False, 0)
    policy = {"state": "Locked", "immutabilityPeriodSinceCreationInDays": 500, "allowProtectedAppendWrites": True}
    cloud.properties(estate.kept, immutableStorageWithVersioning={"enabled": True, "immutabilityPolicy": policy})
    assert value(kept(cloud).integrity.worm_days) == 400  # the account's default holds where a container has none


@pytest.mark.parametrize(("table", "days"), [(730, 730), (-1, 90), (None, 90)])
def test_a_table_keeps_what_its_workspace_keeps_unless_it_says(
    cloud: Cloud, estate: AzureEstate, table: int | None, days: int
) -> None:
    cloud.properties(f"{estate.table}/tables/DatabricksAccounts", totalRetentionInDays=table)
    ref = StoreRef(provider=Provider.AZURE, kind=Kind.LOG_ANALYTICS, name=f"management.azure.com{estate.table.lower()}")
    assert value(store_of(cloud.wing(), lead(ref)).retention.days) == days


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        ({"hasLegalHold": True, "protectedAppendWritesHistory": {"allowProtectedAppendWritesAll": True}}, True),
        ({"hasLegalHold": True, "tags": [{"tag": "case1"}]}, False),
        (None, None),
    ],
)
def test_a_legal_hold_stops_append_blobs_unless_it_says_otherwise(
    cloud: Cloud, estate: AzureEstate, hold: Record | None, *, expected: bool | None
) -> None:
    properties: Record = {"hasLegalHold": True, "hasImmutabilityPolicy": True}
    held: Record = {**properties, "legalHold": hold} if hold else properties
    cloud.change(made.container({"id": estate.kept}, "insights-logs-jobs", held))
    admits = store_of(cloud.wing(), lead(storage(KEPT))).integrity.worm_admits_additions
    assert (admits.value if isinstance(admits, Known) else None) is expected
