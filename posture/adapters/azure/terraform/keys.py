"""Keys of planned vaults, and which key encrypts what."""

from __future__ import annotations

from typing import Final

from posture.adapters.azure.config import ContainerConfig, KeyConfig, KeyInVault, Roles
from posture.adapters.azure.terraform.attributes import flag, lacks, text
from posture.adapters.azure.terraform.beside import every, gone, place_of, read_all, the_one
from posture.adapters.azure.terraform.identities import ACCOUNT, KEY, VAULT
from posture.adapters.azure.terraform.naming import unpinned
from posture.adapters.azure.terraform.tools import Tools
from posture.adapters.planned import unplanned
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, both, every_known
from posture.terraform.place import Place
from posture.terraform.resources import Resource

_CMK: Final = "azurerm_storage_account_customer_managed_key"
_SCOPE: Final = "azurerm_storage_encryption_scope"
_POLICY: Final = "azurerm_key_vault_access_policy"
_ACCOUNT_KEY: Final = "$account-encryption-key"


def of_account(account: Resource, tools: Tools, was: Fact[KeyInVault | None] | None = None) -> Fact[KeyInVault | None]:
    """The key of the account's encryption; Azure's own where nothing names one.

    Of an account outside of the plan, `was` is what a scan saw in place of its block.
    """
    found = the_one(tools.plan, account, _CMK, "storage_account_id", ACCOUNT)
    if isinstance(found, Unknown):
        return found
    if found.value is not None:
        return named(found.value, tools)
    if gone(tools.plan, account, _CMK, "storage_account_id", ACCOUNT):
        return Known(value=None, sources=found.sources)
    if was is not None:
        return was
    block = place_of(account).block("customer_managed_key")
    return block.then(
        lambda own: Known(value=None, sources=(account.after.source,)) if own is None else named(own, tools)
    )


def named(place: Place, tools: Tools) -> Fact[KeyInVault | None]:
    """The key that a block names: by its URL, or by its vault and its name."""
    if place.at("managed_hsm_key_id").values.raw or place.at("managed_hsm_key_id").values.unknown is True:
        detail = "a key of a managed HSM is not followed"
        return Unknown(reason=Reason.UNDETERMINED, sources=(place.values.source,), detail=detail)
    whole = place.at("key_vault_key_id")
    if whole.values.raw is not None:
        return by_url(whole, tools)
    vault, name = _vault_of(place, tools), place.text("key_name")
    version = place.text("key_version")
    pinned = version if isinstance(version, Known) else Known(value="", sources=())
    return both(both(vault, name), pinned).map(
        lambda found: KeyInVault(url=f"{found[0][0].rstrip('/')}/keys/{found[0][1]}", version=found[1])
    )


def scopes(
    account: Resource, containers: Listing[ContainerConfig], tools: Tools, were: Listing[tuple[str, KeyInVault | None]]
) -> Listing[tuple[str, KeyInVault | None]]:
    """The keys of the encryption scopes that containers of logs write under; `were` are those that a scan saw."""
    used = {each.scope for each in containers.items} - {"", _ACCOUNT_KEY}
    if not used:
        return Listing(items=(), gaps=containers.gaps, sources=containers.sources)
    found = read_all(
        every(tools.plan, account, _SCOPE, ("storage_account_id",), ACCOUNT), lambda place: _scope(place, tools)
    )
    planned = {name for name, _ in found.items}
    seen = (each for each in were.items if each[0] not in planned)
    items = tuple(each for each in (*found.items, *seen) if each[0] in used)
    gaps = [*containers.gaps, *found.gaps]
    if used - {name for name, _ in items}:
        gaps.append(Gap(unknown=unplanned(account.after.source, "the encryption scopes that are there already")))
    return Listing(items=items, gaps=tuple(gaps), sources=found.sources)


def key_config(key: Resource, tools: Tools, roles: Roles, *, pinned: bool) -> KeyConfig:
    """The key, and what its vault does to keep it; whoever is pinned to a version stays with it."""
    place = place_of(key)
    match tools.plan.target(key, "key_vault_id", identity=VAULT).fact:
        case Known(value=Resource() as vault):
            pass
        case found:
            why = found if isinstance(found, Unknown) else unplanned(key.after.source, "a vault that it does not hold")
            return KeyConfig(
                vault=why,
                enabled=Known(value=True, sources=(key.after.source,)),
                rotating=_rotating(place, pinned=pinned),
                recoverable=why,
                rbac=why,
                policies=why,
                roles=roles,
            )
    inside = place_of(vault)
    return KeyConfig(
        vault=Known(value=tools.names.id(vault), sources=(vault.after.source,)),
        enabled=Known(value=True, sources=(key.after.source,)),
        rotating=_rotating(place, pinned=pinned),
        recoverable=flag(inside, "purge_protection_enabled"),
        rbac=flag(inside, "rbac_authorization_enabled", "enable_rbac_authorization"),
        policies=_policies(vault, tools),
        roles=roles,
    )


def vault_of(key: Resource, tools: Tools) -> Resource | None:
    """The vault of a key, if the plan holds it."""
    found = tools.plan.target(key, "key_vault_id", identity=VAULT).fact
    return found.value if isinstance(found, Known) else None


def by_url(place: Place, tools: Tools) -> Fact[KeyInVault | None]:
    """A key of this plan by its own name, or any by its URL; pinned where it is named with its version."""
    if place.resource is not None:
        match tools.plan.target(place.resource, *place.path, identity=KEY).fact:
            case Known(value=Resource() as key, sources=sources):
                return (
                    _pinned(place, key, tools)
                    .map(lambda pinned: KeyInVault(url=tools.names.url(key), version="(version)" if pinned else ""))
                    .then(lambda found: Known(value=found, sources=sources))
                )
            case Unknown() as unknown:
                return unknown
            case _:
                pass
    return place.text().map(lambda url: unpinned(url) if url else None)


def _pinned(place: Place, key: Resource, tools: Tools) -> Fact[bool]:
    match place.values.text():
        case Known(value=str(url), sources=sources):
            return Known(value=bool(unpinned(url).version), sources=sources)
        case _:
            pass
    assert place.resource is not None  # noqa: S101 - it led to the key
    mentioned = tools.plan.mentioned(place.resource, *place.path)
    own = [each for each in mentioned if key.address.name in each]
    if any(each.endswith(("versionless_id", ".resource_versionless_id")) for each in own):
        return Known(value=False, sources=(place.values.source,))
    if any(each.endswith((".id", ".resource_id")) for each in own):
        return Known(value=True, sources=(place.values.source,))
    detail = "whether it is pinned to a version of the key is known only after apply"
    return Unknown(reason=Reason.UNDETERMINED, sources=(place.values.source,), detail=detail)


def _vault_of(place: Place, tools: Tools) -> Fact[str]:
    """The address of the vault around a key."""
    uri = place.text("key_vault_uri")
    if isinstance(uri, Known) and uri.value:
        return uri
    if place.resource is not None:
        for attribute in ("key_vault_id", "key_vault_uri"):
            match tools.plan.target(place.resource, *place.path, attribute, identity=VAULT).fact:
                case Known(value=Resource() as vault, sources=sources):
                    return Known(value=f"https://{tools.names.name(vault)}.vault.azure.net", sources=sources)
                case _:
                    pass
    detail = "in which vault the key lies cannot be told"
    return Unknown(reason=Reason.UNDETERMINED, sources=(place.values.source,), detail=detail)


def _scope(place: Place, tools: Tools) -> Fact[tuple[str, KeyInVault | None]]:
    def read(source: str) -> Fact[KeyInVault | None]:
        if source.lower() == "microsoft.storage":
            return Known(value=None, sources=(place.values.source,))
        return by_url(place.at("key_vault_key_id"), tools)

    name = place.text("name")
    if isinstance(name, Unknown) and place.resource is not None:
        name = Known(value=tools.names.name(place.resource), sources=name.sources)
    return both(name, place.text("source").then(read))


def _rotating(key: Place, *, pinned: bool) -> Fact[bool]:
    if pinned:
        return Known(value=False, sources=(key.values.source,))
    rotation = key.block("rotation_policy")
    return rotation.then(
        lambda policy: (
            Known(value=False, sources=(key.values.source,)) if policy is None else policy.each("automatic").map(bool)
        )
    )


def _policies(vault: Resource, tools: Tools) -> Fact[tuple[tuple[str, str, tuple[str, ...]], ...]]:
    """Of the vault's own blocks, and of the resources beside it."""
    beside = every(tools.plan, vault, _POLICY, ("key_vault_id",), VAULT)
    if beside.gaps:
        return beside.gaps[0].unknown
    place = place_of(vault)
    own: Fact[tuple[Place, ...]] = Known(value=(), sources=(vault.after.source,))
    if not lacks(place, "access_policy"):
        block = place.at("access_policy")
        written = tools.plan.sets(vault, "access_policy")
        silent = vault.made and block.values.unknown is True and written is False
        own = own if silent else place.each("access_policy")
    places = own.map(lambda blocks: (*blocks, *map(place_of, beside.items)))
    return places.then(lambda found: every_known(map(_policy, found)))


def _policy(place: Place) -> Fact[tuple[str, str, tuple[str, ...]]]:
    who = both(text(place, "tenant_id"), text(place, "object_id"))
    return both(who, place.texts("key_permissions")).map(lambda found: (found[0][0], found[0][1], found[1]))
