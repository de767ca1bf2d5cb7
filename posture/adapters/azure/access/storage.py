"""Who can reach a storage account: anonymous access, keys, tokens, roles, local users, and copies in other tenants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from posture.adapters.azure.access.grants import ALL_BUT_PUBLIC, Collected, Way, anybody, undetermined
from posture.adapters.azure.access.holders import Holders
from posture.adapters.azure.access.operations import STORAGE
from posture.adapters.azure.access.roles import Resource, role_ways
from posture.adapters.azure.config import ContainerConfig, RoleDefinition, StorageAccountConfig
from posture.adapters.azure.ids import holds_logs, name_of, parent_of, subscription_of
from posture.model.facts import Fact, Known, Listing, Unknown, both
from posture.model.subjects import ActionClass, Bound, Grant, Scope

_DATA = (ActionClass.LIST, ActionClass.READ, ActionClass.WRITE, ActionClass.DELETE)
_LETTERS = {"l": ActionClass.LIST, "r": ActionClass.READ, "w": ActionClass.WRITE, "d": ActionClass.DELETE}
_ANONYMOUS = {"Blob": (ActionClass.READ,), "Container": (ActionClass.LIST, ActionClass.READ)}


class StorageAccess:
    """One account; `tenant_of` says whose a subscription is, `host` how the account is addressed."""

    def __init__(
        self,
        account: StorageAccountConfig,
        host: str,
        holders: Holders,
        definition: Callable[[str], Fact[RoleDefinition]],
        tenant_of: Callable[[str], Fact[str]],
    ) -> None:
        self.account = account
        self.host = host
        self.holders = holders
        self.definition = definition
        self.tenant_of = tenant_of
        self.bound = bound_of(account.firewall.public, account.firewall.default_open)
        self.collected = Collected()

    def grants(self) -> Listing[Grant]:
        """Every path; one open path is enough."""
        account = self.account
        self._anonymous()
        self._keys_and_tokens()
        resource = Resource(
            id=account.id,
            subscription=account.subscription,
            kind=STORAGE,
            keys=account.shared_key,
            bound=self.bound,
            definition=self.definition,
            holds_logs=partial(_holds_logs, part=account.part),
        )
        role_ways(resource, account.roles, self.holders, self.collected)
        self._local_users()
        self._copies()
        self._file_systems()
        rest = (account.containers.sources, account.anonymous.sources, account.copies.sources)
        return self.collected.listed(account.roles, *rest)

    def _anonymous(self) -> None:
        """The account's switch overrides every container."""
        allowed = self.account.anonymous
        if isinstance(allowed, Known) and not allowed.value:
            return
        for container in self.account.containers.items:
            match container.public_access:
                case Unknown() as unknown:
                    self.collected.doubt(unknown, (ActionClass.LIST, ActionClass.READ), (Scope.PUBLIC.value,))
                case Known(value=level):
                    self._open_container(container, level, allowed)
        for gap in self.account.containers.gaps:
            self.collected.doubt(gap.unknown, (ActionClass.LIST, ActionClass.READ), (Scope.PUBLIC.value,))

    def _open_container(self, container: ContainerConfig, level: str, allowed: Fact[bool]) -> None:
        for action in _ANONYMOUS.get(level, ()):
            path = "?restype=container&comp=list" if action is ActionClass.LIST else "/{any log}"
            way = Way(
                held=anybody(),
                action=action,
                operations=("ListBlobs",) if action is ActionClass.LIST else ("GetBlob",),
                via=f"container `{container.name}`, public access {level}",
                bound=self.bound,
                witness=f"GET https://{self.host}/{container.name}{path}, without credentials",
                sources=(container.source, *allowed.sources),
            )
            if isinstance(allowed, Unknown):
                self.collected.hide(way, allowed)
            else:
                self.collected.take(way)

    def _keys_and_tokens(self) -> None:
        """Whoever was given a key or a token holds it until it ends, and nothing lists them."""
        match self.account.shared_key:
            case Unknown() as unknown:
                self.collected.doubt(unknown, _DATA, ALL_BUT_PUBLIC)
            case Known(value=True, sources=sources):
                detail = (
                    "keys and shared access signatures that were handed out are not recorded anywhere" + self._shown()
                )
                unknown = undetermined(detail, sources, "shared key access switched off (allowSharedKeyAccess: false)")
                self.collected.doubt(unknown, _DATA, ALL_BUT_PUBLIC)
            case Known():
                return

    def _shown(self) -> str:
        """The only trace of signatures: what some of them refer to."""
        kept = [
            f"`{each.container}/{each.name}`" + (f" ({each.permissions})" if each.permissions else "")
            for each in self.account.stored_policies.items
        ]
        return f"; some may refer to the stored access policies {', '.join(kept)}" if kept else ""

    def _local_users(self) -> None:
        users = self.account.local_users
        for gap in users.gaps:
            self.collected.doubt(gap.unknown, _DATA, ALL_BUT_PUBLIC)
        names = {container.name for container in self.account.containers.items}
        for user in users.items:
            letters = {letter for container, each in user.permissions if container in names for letter in each}
            for letter in sorted(letters & _LETTERS.keys()):
                self.collected.take(
                    Way(
                        held=self.holders.of_local_user(user.name),
                        action=_LETTERS[letter],
                        operations=(f"SFTP {letter}",),
                        via=f"local user `{user.name}`",
                        bound=self.bound,
                        witness=f"sftp {self.account.name}.{user.name}@{self.host}",
                        sources=users.sources,
                    )
                )

    def _copies(self) -> None:
        """What another tenant receives it may read. Replication takes block blobs, and leaves the append blobs of logs.

        So what is received is whatever else lies there, and that cannot be seen.
        """
        copies = self.account.copies
        for gap in copies.gaps:
            self.collected.doubt(gap.unknown, (ActionClass.READ,), ALL_BUT_PUBLIC)
        ours = self.tenant_of(self.account.subscription)
        for rule in copies.items:
            subscription = subscription_of(rule.account)
            if not subscription:
                detail = f"whose account the copies in `{rule.account}` lie in is not said"
                self.collected.doubt(undetermined(detail, (rule.source,)), (ActionClass.READ,), ALL_BUT_PUBLIC)
                continue
            theirs = self.tenant_of(subscription)
            match both(ours, theirs):
                case Unknown() as unknown:
                    self.collected.doubt(unknown, (ActionClass.READ,), ALL_BUT_PUBLIC)
                case Known(value=(mine, other)) if mine != other:
                    detail = f"which blobs of `{rule.container}` are copied to `{rule.account}`, in tenant {other}"
                    scope = self.holders.of_tenant(rule.account, theirs).scope
                    scopes = (scope.value.value,) if isinstance(scope, Known) else ALL_BUT_PUBLIC
                    unknown = undetermined(detail, (rule.source,), "no replication into other tenants")
                    self.collected.doubt(unknown, (ActionClass.READ,), scopes)
                case Known():
                    pass

    def _file_systems(self) -> None:
        """What a hierarchical namespace and NFS let in is decided by lists and networks that no listing shows."""
        found = (
            (self.account.hierarchical, "access control lists of directories and files, beside the roles"),
            (self.account.nfs, "NFS lets in whoever is in the right network, without any identity"),
        )
        for flag, what in found:
            match flag:
                case Unknown() as unknown:
                    self.collected.doubt(unknown, _DATA, ALL_BUT_PUBLIC)
                case Known(value=True, sources=sources):
                    self.collected.doubt(undetermined(what, sources), _DATA, ALL_BUT_PUBLIC)
                case Known():
                    pass


def _holds_logs(scope: str, *, part: str) -> bool:
    """Of the containers of an account, those that hold audit logs."""
    container = parent_of(scope, "containers")
    if not container:
        return "/blobservices/" in f"{scope.lower()}/"
    return holds_logs(name_of(container), part)


def bound_of(public: Fact[str], default_open: Fact[bool]) -> Fact[Bound]:
    """From where requests for data get through: from anywhere, or from named networks only."""
    if isinstance(public, Known) and public.value == "Disabled":
        return Known(value=Bound.NAMED_NETWORK, sources=public.sources)
    return both(public, default_open).map(lambda pair: Bound.ANYWHERE if pair[1] else Bound.NAMED_NETWORK)
