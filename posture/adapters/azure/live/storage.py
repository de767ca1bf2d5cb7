"""Reads everything about one storage account."""

from __future__ import annotations

from functools import partial

from posture.adapters.azure import calls, store_calls
from posture.adapters.azure.config import (
    ContainerConfig,
    Firewall,
    KeyInVault,
    LocalUser,
    SignedIdentifier,
    StorageAccountConfig,
)
from posture.adapters.azure.ids import holds_logs, holds_other_data, name_of, subscription_of
from posture.adapters.azure.live import storage_answers as answers
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.firewalls import key_in_vault, of_storage
from posture.adapters.azure.live.members import Members, item_of
from posture.adapters.azure.live.roles import read_roles
from posture.adapters.azure.live.settings import diagnostic_settings, locked
from posture.adapters.azure.unsettled import NotYetKnownError, record
from posture.model.facts import Fact, Gap, Known, Listing, Unknown, both, united
from posture.model.unread import unread
from posture.reading import Answer, Answered, Json

_ACCOUNT_KEY = "$account-encryption-key"
ENDPOINTS = {"Standard": False, "AzureDnsZone": True}
_OFF: Fact[bool] = Known(value=False, sources=())  # of a subscription that never used Defender


def read_storage_account(arm: Arm, resource_id: str, part: str = "") -> StorageAccountConfig:
    """The account's configuration; where it cannot be read, neither can anything about it.

    `part` is the one container that is looked at; else those that Azure Monitor writes to.
    """
    answer = arm.ask(store_calls.GET_STORAGE_ACCOUNT, resource_id)
    if not isinstance(answer, Answered):
        unknown = answer if isinstance(answer, Unknown) else Members({}, answer.source).malformed("account")
        return unread(
            StorageAccountConfig,
            unknown,
            id=resource_id,
            name=name_of(resource_id),
            subscription=subscription_of(resource_id),
            part=part,
        )
    return _Account(arm, resource_id, Members(answer.value, answer.source), part).config()


def read_defender_plan(arm: Arm, subscription: str) -> Fact[bool]:
    """Whether a subscription pays for Defender for Storage."""
    answer = arm.ask(store_calls.GET_DEFENDER_PLAN, f"/subscriptions/{subscription}")
    return fact(answer, answers.defender_plan, absent=_OFF)


class _Account:
    """The reads of one account, made side by side."""

    def __init__(self, arm: Arm, resource_id: str, account: Members, part: str) -> None:
        self.arm = arm
        self.id = resource_id
        self.account = account
        self.part = part
        self.properties = account.inner("properties")

    def config(self) -> StorageAccountConfig:
        """Everything."""
        self._make_calls()
        properties, encryption = self.properties, self.properties.inner("encryption")
        service = self.arm.ask(store_calls.GET_BLOB_SERVICE, self.id)
        containers = self._containers()
        defender = self.arm.ask(store_calls.GET_DEFENDER, self.id)
        return StorageAccountConfig(
            id=self.id,
            name=name_of(self.id),
            subscription=subscription_of(self.id),
            part=self.part,
            region=self.account.text("location"),
            anonymous=properties.flag("allowBlobPublicAccess", absent=True),
            shared_key=properties.flag("allowSharedKeyAccess", absent=True),
            token_days=answers.token_days(properties),
            keys_made=answers.keys_made(properties),
            key_reminder=answers.key_reminder(properties),
            stored_policies=self._stored_policies(containers),
            tls_minimum=properties.text("minimumTlsVersion", absent="TLS1_0"),
            https_only=properties.flag("supportsHttpsTrafficOnly"),
            firewall=record(lambda: of_storage(self.arm, self.account), Firewall),
            key=key_in_vault(encryption, encryption.inner("keyvaultproperties")),
            infrastructure_encryption=encryption.flag("requireInfrastructureEncryption", absent=False),
            scope_keys=self._scopes(containers),
            cross_tenant_copies=properties.flag("allowCrossTenantReplication", absent=True),
            copy_scope=properties.text("allowedCopyScope", absent=""),
            dns_zone=properties.choice("dnsEndpointType", ENDPOINTS, absent=False),
            hierarchical=properties.flag("isHnsEnabled", absent=False),
            sftp=properties.flag("isSftpEnabled", absent=False),
            nfs=properties.flag("isNfsV3Enabled", absent=False),
            local_users=self._local_users(),
            immutability=answers.of_account(properties),
            redundancy=self.account.inner("sku").text("name"),
            versioning=fact(service, answers.versioning),
            blob_soft_delete=fact(service, lambda item: answers.kept_days(item, "deleteRetentionPolicy")),
            container_soft_delete=fact(service, lambda item: answers.kept_days(item, "containerDeleteRetentionPolicy")),
            open_origins=fact(service, answers.open_origins),
            website=self._website(),
            change_feed=fact(service, answers.change_feed),
            restore_days=fact(service, lambda item: answers.kept_days(item, "restorePolicy")),
            containers=containers,
            others=self._others(),
            lifecycle=fact(
                self.arm.ask(store_calls.GET_MANAGEMENT_POLICY, self.id),
                answers.lifecycle,
                absent=Known(value=(), sources=()),
            ),
            copies=answers.copies(
                listing(self.arm.ask_all(store_calls.LIST_OBJECT_REPLICATION, self.id), _itself), self.id
            ),
            locked=locked(self.arm, self.id),
            logging=diagnostic_settings(self.arm, self._blob_service),
            defender=fact(defender, answers.defender, absent=_OFF),
            defender_overrides=fact(defender, answers.defender_overrides, absent=_OFF),
            defender_plan=read_defender_plan(self.arm, subscription_of(self.id)),
            tags=answers.tags(self.account),
            roles=read_roles(self.arm, self.id),
        )

    @property
    def _blob_service(self) -> str:
        return f"{self.id}/blobServices/default"

    def _make_calls(self) -> None:
        """Starts every call at once; the reading keeps the answers for whoever asks again."""
        arm, identity = self.arm, self.id
        arm.reading.together(
            lambda: arm.ask(store_calls.GET_BLOB_SERVICE, identity),
            lambda: arm.ask_all(store_calls.LIST_CONTAINERS, identity),
            lambda: arm.ask(store_calls.GET_MANAGEMENT_POLICY, identity),
            lambda: arm.ask_all(store_calls.LIST_OBJECT_REPLICATION, identity),
            lambda: arm.ask(store_calls.GET_DEFENDER, identity),
            lambda: read_defender_plan(arm, subscription_of(identity)),
            lambda: arm.ask_all(calls.LIST_DIAGNOSTIC_SETTINGS, self._blob_service),
            lambda: locked(arm, identity),
            lambda: read_roles(arm, identity),
            self._website,
            self._local_users,
        )

    def _containers(self) -> Listing[ContainerConfig]:
        """The containers that hold audit logs; the others do not matter."""
        pages = self.arm.ask_all(store_calls.LIST_CONTAINERS, self.id)
        logs = [(index, item) for index, item in enumerate(pages.items) if _may_hold_logs(item, self.part)]
        items, gaps = [], [] if pages.gap is None else [Gap(unknown=pages.gap)]
        for index, raw in logs:
            members = item_of(raw, pages.source.at(index))
            if _name(raw) is None:
                gaps.append(Gap(unknown=members.malformed("container")))
                continue
            try:
                items.append(answers.container(members, self._policy(members)))
            except NotYetKnownError as error:
                gaps.append(Gap(unknown=error.unknown))
        return Listing(items=tuple(items), gaps=tuple(gaps), sources=(pages.source,))

    def _others(self) -> Listing[str]:
        """The containers that hold something else than what Azure Monitor writes."""
        pages = self.arm.ask_all(store_calls.LIST_CONTAINERS, self.id)
        gaps = [] if pages.gap is None else [Gap(unknown=pages.gap)]
        names: list[str] = []
        for index, raw in enumerate(pages.items):
            name = _name(raw)
            if name is None:
                gaps.append(Gap(unknown=item_of(raw, pages.source.at(index)).malformed("container")))
            elif holds_other_data(name, self.part):
                names.append(name)
        return Listing(items=tuple(names), gaps=tuple(gaps), sources=(pages.source,))

    def _policy(self, container: Members) -> Answer | None:
        """A listing says that a container has a policy; which one, it says in newer versions of the API only."""
        properties = container.inner("properties")
        if properties.get("hasImmutabilityPolicy") is not True or properties.inner("immutabilityPolicy").raw:
            return None
        return self.arm.ask(
            store_calls.GET_CONTAINER_IMMUTABILITY,
            f"{self.id}/blobServices/default/containers/{container.word('name')}",
        )

    def _scopes(self, containers: Listing[ContainerConfig]) -> Listing[tuple[str, KeyInVault | None]]:
        """The keys of the encryption scopes that log containers use; most accounts have none, and are not asked."""
        used = {each.scope for each in containers.items} - {"", _ACCOUNT_KEY}
        if not used:
            return Listing(items=(), gaps=containers.gaps, sources=containers.sources)
        scopes = listing(self.arm.ask_all(store_calls.LIST_ENCRYPTION_SCOPES, self.id), answers.scope)
        return Listing(
            items=tuple(each for each in scopes.items if each[0] in used),
            gaps=(*containers.gaps, *scopes.gaps),
            sources=(*containers.sources, *scopes.sources),
        )

    def _local_users(self) -> Listing[LocalUser]:
        """An account without SFTP has none that could sign in."""
        sftp = self.properties.flag("isSftpEnabled", absent=False)
        enabled = self.properties.flag("isLocalUserEnabled", absent=True)
        match sftp, enabled:
            case (Unknown() as unknown, _) | (_, Unknown() as unknown):
                return Listing.unread(unknown)
            case Known(value=on), Known(value=allowed):
                if not (on and allowed):
                    return Listing(items=(), sources=(*sftp.sources, *enabled.sources))
        return listing(self.arm.ask_all(store_calls.LIST_LOCAL_USERS, self.id), answers.local_user)

    def _stored_policies(self, containers: Listing[ContainerConfig]) -> Listing[SignedIdentifier]:
        """Only tokens signed with a key refer to them, so they are not asked for where no key opens the account."""
        shared = self.properties.flag("allowSharedKeyAccess", absent=True)
        if isinstance(shared, Known) and not shared.value:
            return Listing(items=(), sources=shared.sources)
        asked = both(shared, self._endpoint())
        if isinstance(asked, Unknown):
            return Listing.unread(asked)
        _, endpoint = asked.value
        names = [each.name for each in containers.items]
        self.arm.reading.together(*(partial(self.arm.container_acl, endpoint, name) for name in names))
        found = [answers.stored_policies(name, self.arm.container_acl(endpoint, name)) for name in names]
        return Listing(
            items=tuple(item for each in found for item in each.items),
            gaps=(*containers.gaps, *(gap for each in found for gap in each.gaps)),
            sources=united(shared.sources, containers.sources, *(each.sources for each in found)),
        )

    def _website(self) -> Fact[bool]:
        """Only the blob service itself says whether it serves a website."""
        return self._endpoint().then(
            lambda endpoint: fact(self.arm.website(endpoint), lambda members: members.flag("static_website"))
        )

    def _endpoint(self) -> Fact[str]:
        return self.properties.inner("primaryEndpoints").text("blob")


def _may_hold_logs(item: Json, part: str) -> bool:
    """An item that cannot be read may be one of them."""
    name = _name(item)
    return name is None or holds_logs(name, part)


def _name(item: Json) -> str | None:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else None


def _itself(item: Members) -> Members:
    return item
