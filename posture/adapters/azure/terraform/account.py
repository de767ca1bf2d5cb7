"""A planned storage account with everything beside it as the record of an account.

A setting comes from the resource that sets it, else from the account's own block, else, of an account that is made,
from what Azure gives a new one, and of one that is there from a live scan.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar

from posture.adapters.azure.config import ContainerConfig, CopyRule, KeyInVault, LocalUser, StorageAccountConfig
from posture.adapters.azure.terraform import defender, firewall, keeping, keys, settings
from posture.adapters.azure.terraform.attributes import flag, lacks, silent, tags, text
from posture.adapters.azure.terraform.beside import every, gone, joined, place_of, read_all
from posture.adapters.azure.terraform.identities import ACCOUNT, SERVICE
from posture.adapters.azure.terraform.locks import locked
from posture.adapters.azure.terraform.roles import roles_of
from posture.adapters.azure.terraform.tools import Tools
from posture.adapters.azure.terraform.users import user
from posture.model.facts import FOREVER, Duration, Fact, Known, Listing, Unknown, any_true, both, every_known
from posture.terraform.place import Place
from posture.terraform.resources import Resource

T = TypeVar("T")
_COPIES: Final = "azurerm_storage_object_replication"
_USERS: Final = "azurerm_storage_account_local_user"
_WEBSITE: Final = "azurerm_storage_account_static_website"
_SPAN: Final = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})", re.ASCII)
_NEVER: Final[Fact[Duration]] = Known(value=FOREVER, sources=())
_NO: Final[Fact[bool]] = Known(value=False, sources=())


def account_config(account: Resource, tools: Tools, as_of: datetime, part: str = "") -> StorageAccountConfig:
    """The account as it will be; `part` is the one container that is looked at."""
    made = _Account(account, tools, as_of, part)
    return made.config() if account.beside is None else made.outside()


class _Account:
    def __init__(self, account: Resource, tools: Tools, as_of: datetime, part: str) -> None:
        self.account = account
        self.tools = tools
        self.place = place_of(account)
        self.as_of = as_of
        self.part = part
        self.id = tools.names.id(account)
        self._was: StorageAccountConfig | None = None

    def config(self) -> StorageAccountConfig:
        place, tools, account = self.place, self.tools, self.account
        containers = self.containers()
        watched = defender.of_account(account, tools, None if account.made else self.was)
        made_now: Fact[tuple[str, ...]] = Known(value=(self.as_of.isoformat(),) * 2, sources=(place.values.source,))
        return StorageAccountConfig(
            id=self.id,
            name=tools.names.name(account),
            subscription=tools.homes.subscription(account),
            part=self.part,
            region=place.text("location"),
            anonymous=flag(place, "allow_nested_items_to_be_public", "allow_blob_public_access"),
            shared_key=flag(place, "shared_access_key_enabled"),
            token_days=_token_days(place),
            keys_made=self.seen(lambda was: was.keys_made, made_now),
            key_reminder=self.seen(lambda was: was.key_reminder, _NEVER),
            stored_policies=self.seen(lambda was: was.stored_policies, Listing(items=())),
            tls_minimum=text(place, "min_tls_version"),
            https_only=flag(place, "https_traffic_only_enabled", "enable_https_traffic_only"),
            firewall=firewall.of_storage(account, tools, self.endpoints()),
            key=keys.of_account(account, tools),
            infrastructure_encryption=flag(place, "infrastructure_encryption_enabled"),
            scope_keys=self.scope_keys(containers),
            cross_tenant_copies=flag(place, "cross_tenant_replication_enabled"),
            copy_scope=self.copy_scope(),
            dns_zone=self.dns_zone(),
            hierarchical=flag(place, "is_hns_enabled"),
            sftp=flag(place, "sftp_enabled"),
            nfs=flag(place, "nfsv3_enabled"),
            local_users=self.local_users(),
            immutability=keeping.immutability(place),
            redundancy=both(place.text("account_tier"), place.text("account_replication_type")).map("_".join),
            versioning=self.of_blobs(lambda block: flag(block, "versioning_enabled"), none=False),
            blob_soft_delete=self.of_blobs(lambda block: _kept(block, "delete_retention_policy"), none=0),
            container_soft_delete=self.of_blobs(
                lambda block: _kept(block, "container_delete_retention_policy"), none=0
            ),
            open_origins=self.of_blobs(_open_origins, none=False),
            website=self.website(),
            change_feed=self.of_blobs(lambda block: block.flag("change_feed_enabled"), none=False),
            restore_days=self.of_blobs(lambda block: _kept(block, "restore_policy"), none=0),
            containers=containers,
            others=self.others(),
            lifecycle=keeping.lifecycle(account, tools, None if account.made else self.was),
            copies=self.copies(),
            locked=locked(account, tools, ACCOUNT),
            logging=settings.of_blobs(account, tools, SERVICE),
            defender=watched.own,
            defender_overrides=watched.overrides,
            defender_plan=watched.plan,
            tags=tags(place),
            roles=roles_of(account, tools, ACCOUNT),
        )

    def outside(self) -> StorageAccountConfig:
        """Of an account outside of the plan: as a scan saw it, but for what resources of the plan set."""
        tools, account, was = self.tools, self.account, self.was
        containers = self.containers()
        watched = defender.of_account(account, tools, was)
        return replace(
            was,
            firewall=firewall.of_storage(account, tools, self.endpoints(), was.firewall),
            key=keys.of_account(account, tools, was.key),
            scope_keys=self.scope_keys(containers),
            local_users=self.local_users(),
            website=self.website(),
            containers=containers,
            others=self.others(),
            lifecycle=keeping.lifecycle(account, tools, was),
            copies=self.copies(),
            locked=locked(account, tools, ACCOUNT),
            logging=settings.of_blobs(account, tools, SERVICE),
            defender=watched.own,
            defender_overrides=watched.overrides,
            defender_plan=watched.plan,
            roles=roles_of(account, tools, ACCOUNT),
        )

    def containers(self) -> Listing[ContainerConfig]:
        """Those with logs."""
        none: Listing[ContainerConfig] = Listing(items=())
        were = self.seen(lambda was: was.containers, none)
        return keeping.containers(self.account, self.tools, were, self.part)

    def others(self) -> Listing[str]:
        """Those with other data."""
        nobody: Listing[str] = Listing(items=())
        return keeping.others(self.account, self.tools, self.seen(lambda was: was.others, nobody), self.part)

    def scope_keys(self, containers: Listing[ContainerConfig]) -> Listing[tuple[str, KeyInVault | None]]:
        """The keys of the encryption scopes that are in use."""
        none: Listing[tuple[str, KeyInVault | None]] = Listing(items=())
        return keys.scopes(self.account, containers, self.tools, self.seen(lambda was: was.scope_keys, none))

    @property
    def was(self) -> StorageAccountConfig:
        """The account as a live scan saw it."""
        if self._was is None:
            self._was = self.tools.context.account(self.id, self.part)
        return self._was

    def seen(self, read: Callable[[StorageAccountConfig], T], fresh: T) -> T:
        """What no resource sets: of a new account as Azure makes it, else as it was."""
        return fresh if self.account.made else read(self.was)

    def endpoints(self) -> Fact[int]:
        none: Fact[int] = Known(value=0, sources=())
        live = self.seen(lambda was: was.firewall.private_endpoints, none)
        return firewall.private_endpoints(self.account, self.tools, ACCOUNT, live)

    def copy_scope(self) -> Fact[str]:
        """Earlier versions restrict nothing."""
        if lacks(self.place, "allowed_copy_scope"):
            anywhere: Fact[str] = Known(value="", sources=(self.place.values.source,))
            return self.seen(lambda was: was.copy_scope, anywhere)
        return self.place.text("allowed_copy_scope")

    def dns_zone(self) -> Fact[bool]:
        """Version 3 and earlier versions of 4 know endpoints of the standard type only."""
        if lacks(self.place, "dns_endpoint_type"):
            return self.seen(lambda was: was.dns_zone, _NO)
        return text(self.place, "dns_endpoint_type").map(lambda kind: kind == "AzureDnsZone")

    def of_blobs(self, read: Callable[[Place], Fact[T]], *, none: T) -> Fact[T]:
        """What the block of the blob service says; a new account without one has everything off."""
        if silent(self.tools.plan, self.account, "blob_properties"):
            return Known(value=none, sources=(self.place.values.source,))

        def inside(block: Place | None) -> Fact[T]:
            return Known(value=none, sources=(self.place.values.source,)) if block is None else read(block)

        return self.place.block("blob_properties").then(inside)

    def website(self) -> Fact[bool]:
        """A block of the account, or a resource of its own."""
        found = every(self.tools.plan, self.account, _WEBSITE, ("storage_account_id",), ACCOUNT)
        beside = any_true(
            (
                Known(value=bool(found.items), sources=found.sources),
                *(gap.unknown for gap in found.gaps if not found.items),
            )
        )
        block: Fact[bool] = _NO
        if not lacks(self.place, "static_website"):
            quiet = silent(self.tools.plan, self.account, "static_website")
            block = _NO if quiet else self.place.each("static_website").map(bool)
        elif not self.account.made and not gone(self.tools.plan, self.account, _WEBSITE, "storage_account_id", ACCOUNT):
            block = self.was.website
        return any_true((beside, block))

    def local_users(self) -> Listing[LocalUser]:
        """An account without SFTP has none that could sign in."""
        own = both(flag(self.place, "sftp_enabled"), flag(self.place, "local_user_enabled")).map(all)
        on = own if self.account.beside is None else self.was.sftp
        match on:
            case Unknown() as unknown:
                return Listing.unread(unknown)
            case Known(value=False, sources=sources):
                return Listing(items=(), sources=sources)
            case _:
                pass
        planned = read_all(every(self.tools.plan, self.account, _USERS, ("storage_account_id",), ACCOUNT), user)
        if self.account.made:
            return planned
        left = frozenset(
            name.value
            for each in gone(self.tools.plan, self.account, _USERS, "storage_account_id", ACCOUNT)
            if isinstance(name := each.before.text("name"), Known)
        )
        return joined(planned, self.was.local_users, lambda user: user.name, left)

    def copies(self) -> Listing[CopyRule]:
        """The rules by which this account is the source."""
        found = every(self.tools.plan, self.account, _COPIES, ("source_storage_account_id",), ACCOUNT)
        read = read_all(found, lambda place: _copies(place, self.tools))
        planned = Listing(
            items=tuple(rule for rules in read.items for rule in rules), gaps=read.gaps, sources=read.sources
        )
        if self.account.made:
            return planned
        left = frozenset(
            text.value.lower()
            for each in gone(self.tools.plan, self.account, _COPIES, "source_storage_account_id", ACCOUNT)
            if isinstance(text := each.before.text("destination_storage_account_id"), Known) and text.value
        )
        return joined(planned, self.was.copies, lambda rule: rule.account.lower(), left)


def _token_days(place: Place) -> Fact[Duration]:
    """How long a shared access signature may live. A policy that only logs longer ones refuses none."""

    def read(policy: Place | None) -> Fact[Duration]:
        if policy is None:
            return Known(value=FOREVER, sources=(place.values.source,))
        return text(policy, "expiration_action").then(lambda action: blocked(policy, action))

    def blocked(policy: Place, action: str) -> Fact[Duration]:
        if action.lower() != "block":
            return Known(value=FOREVER, sources=(policy.values.source,))
        return policy.text("expiration_period").then(lambda span: days(policy, span))

    def days(policy: Place, span: str) -> Fact[Duration]:
        found = _SPAN.fullmatch(span)
        if found is None:
            return policy.at("expiration_period").values.misfit("a period, as 1.12:05:06")
        whole, *rest = (int(part or 0) for part in found.groups())
        return Known(value=whole + any(rest), sources=(policy.values.source,))

    return place.block("sas_policy").then(read)


def _kept(block: Place, policy: str) -> Fact[int]:
    return block.block(policy).then(lambda kept: Known(value=0, sources=()) if kept is None else kept.number("days"))


def _open_origins(block: Place) -> Fact[bool]:
    def is_open(rule: Place) -> Fact[bool]:
        return both(rule.texts("allowed_origins"), rule.texts("allowed_methods")).map(
            lambda pair: "*" in pair[0] and bool({"GET", "HEAD"} & {each.upper() for each in pair[1]})
        )

    return block.each("cors_rule").then(lambda rules: any_true((*map(is_open, rules), _NO)))


def _copies(place: Place, tools: Tools) -> Fact[tuple[CopyRule, ...]]:
    target = tools.id_named(place, "destination_storage_account_id", ACCOUNT)

    def rule(block: Place) -> Fact[tuple[str, tuple[str, ...]]]:
        return both(block.text("source_container_name"), block.texts("filter_out_blobs_with_prefix"))

    rules = place.each("rules").then(lambda blocks: every_known(map(rule, blocks)))
    return both(target, rules).map(
        lambda found: tuple(
            CopyRule(account=found[0], container=container, prefixes=prefixes, source=place.values.source)
            for container, prefixes in found[1]
        )
    )
