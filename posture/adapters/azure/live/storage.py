"""Reads everything about one storage account."""

from __future__ import annotations

from posture.adapters.azure import calls, store_calls
from posture.adapters.azure.config import ContainerConfig, Firewall, KeyInVault, LocalUser, StorageAccountConfig
from posture.adapters.azure.ids import LOGS, name_of, subscription_of
from posture.adapters.azure.live import storage_answers as answers
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.firewalls import key_in_vault, of_storage
from posture.adapters.azure.live.members import Members, NotYetKnownError, item_of, record, settled
from posture.adapters.azure.live.roles import read_roles
from posture.adapters.azure.live.settings import diagnostic_settings, locked
from posture.model.facts import Fact, Gap, Known, Listing, Unknown
from posture.model.unread import unread
from posture.reading import Answer, Answered, Json

_ACCOUNT_KEY = "$account-encryption-key"


def read_storage_account(arm: Arm, resource_id: str) -> StorageAccountConfig:
    """The account's configuration; where it cannot be read, neither can anything about it."""
    answer = arm.ask(store_calls.GET_STORAGE_ACCOUNT, resource_id)
    if not isinstance(answer, Answered):
        unknown = answer if isinstance(answer, Unknown) else Members({}, answer.source).malformed("account")
        return unread(
            StorageAccountConfig,
            unknown,
            id=resource_id,
            name=name_of(resource_id),
            subscription=subscription_of(resource_id),
        )
    return _Account(arm, resource_id, Members(answer.value, answer.source)).config()


class _Account:
    """The reads of one account, made side by side."""

    def __init__(self, arm: Arm, resource_id: str, account: Members) -> None:
        self.arm = arm
        self.id = resource_id
        self.account = account
        self.properties = account.inner("properties")

    def config(self) -> StorageAccountConfig:
        """Everything."""
        self._make_calls()
        properties, encryption = self.properties, self.properties.inner("encryption")
        service = self.arm.ask(store_calls.GET_BLOB_SERVICE, self.id)
        containers = self._containers()
        return StorageAccountConfig(
            id=self.id,
            name=name_of(self.id),
            subscription=subscription_of(self.id),
            region=self.account.text("location"),
            anonymous=properties.flag("allowBlobPublicAccess", absent=True),
            shared_key=properties.flag("allowSharedKeyAccess", absent=True),
            token_days=answers.token_days(properties),
            keys_made=answers.keys_made(properties),
            tls_minimum=properties.text("minimumTlsVersion", absent="TLS1_0"),
            https_only=properties.flag("supportsHttpsTrafficOnly"),
            firewall=record(lambda: of_storage(self.arm, self.account), Firewall),
            key=key_in_vault(encryption, encryption.inner("keyvaultproperties")),
            infrastructure_encryption=encryption.flag("requireInfrastructureEncryption", absent=False),
            scope_keys=self._scopes(containers),
            cross_tenant_copies=properties.flag("allowCrossTenantReplication", absent=True),
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
            containers=containers,
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
            defender=fact(self.arm.ask(store_calls.GET_DEFENDER, self.id), answers.defender),
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
            lambda: arm.ask_all(calls.LIST_DIAGNOSTIC_SETTINGS, self._blob_service),
            lambda: locked(arm, identity),
            lambda: read_roles(arm, identity),
            self._website,
            self._local_users,
        )

    def _containers(self) -> Listing[ContainerConfig]:
        """The containers that Azure Monitor writes to; the others hold no audit logs."""
        pages = self.arm.ask_all(store_calls.LIST_CONTAINERS, self.id)
        logs = [(index, item) for index, item in enumerate(pages.items) if _may_hold_logs(item)]
        items, gaps = [], [] if pages.gap is None else [Gap(unknown=pages.gap)]
        for index, raw in logs:
            members = item_of(raw, pages.source.at(index))
            if not isinstance(raw, dict):
                gaps.append(Gap(unknown=members.malformed("container")))
                continue
            try:
                items.append(answers.container(members, self._policy(members)))
            except NotYetKnownError as error:
                gaps.append(Gap(unknown=error.unknown))
        return Listing(items=tuple(items), gaps=tuple(gaps), sources=(pages.source,))

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

    @settled
    def _website(self) -> Fact[bool]:
        """Only the blob service itself says whether it serves a website."""
        endpoint = self.properties.inner("primaryEndpoints").word("blob")
        if not endpoint:
            return self.properties.malformed("address of the blob service")
        answer = self.arm.website(endpoint)
        return fact(answer, lambda members: members.flag("static_website"))


def _may_hold_logs(item: Json) -> bool:
    """An item that cannot be read may be one of them."""
    return not isinstance(item, dict) or str(item.get("name", LOGS)).lower().startswith(LOGS)


def _itself(item: Members) -> Members:
    return item
