"""Reads a key of a Key Vault, and the vault that keeps it, through Azure Resource Manager: no secret is ever read."""

from __future__ import annotations

from posture.adapters.azure import store_calls
from posture.adapters.azure.config import KeyConfig
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.members import Members
from posture.adapters.azure.live.places import Places
from posture.adapters.azure.live.roles import read_roles
from posture.adapters.azure.unsettled import settled
from posture.model.facts import Fact, Known, Reason, Unknown, all_true
from posture.model.unread import unread


def read_key(arm: Arm, places: Places, url: str, subscription: str) -> KeyConfig:
    """The key at a URL; its vault is looked for in the subscription of the store first.

    Who is pinned to a version of a key stays with it however often the key is rotated.
    """
    host, _, path = url.removeprefix("https://").partition("/keys/")
    name, _, version = path.partition("/")
    vault = _vault(arm, places, host.partition(".")[0], subscription)
    if isinstance(vault, Unknown):
        return unread(KeyConfig, vault)
    vault_id, properties = vault.value.word("id"), vault.value.inner("properties")
    key = arm.ask(store_calls.GET_KEY, f"{vault_id}/keys/{name}")
    return KeyConfig(
        vault=vault.map(lambda found: found.word("id")),
        enabled=vault.then(lambda _: fact(key, _enabled)),
        rotating=vault.then(lambda _: fact(key, _rotating)).map(lambda rotates: rotates and not version),
        recoverable=all_true(
            (
                properties.flag("enableSoftDelete", absent=True),
                properties.flag("enablePurgeProtection", absent=False),
            )
        ),
        rbac=properties.flag("enableRbacAuthorization", absent=False),
        policies=_policies(properties),
        roles=read_roles(arm, vault_id),
    )


def _vault(arm: Arm, places: Places, name: str, subscription: str) -> Fact[Members]:
    """The vault of a name, which is unique in its cloud."""
    first = (subscription,) if subscription else ()
    gap: Unknown | None = None
    for each in (*first, *(other for other in places.subscriptions().items if other != subscription)):
        vaults = listing(arm.ask_all(store_calls.LIST_VAULTS, f"/subscriptions/{each}"), lambda item: item)
        for vault in vaults.items:
            if vault.word("name").lower() == name.lower():
                return Known(value=vault, sources=vaults.sources)
        gap = gap or (vaults.gaps[0].unknown if vaults.gaps else None)
    known = places.subscriptions()
    if gap is None and known.gaps:
        gap = known.gaps[0].unknown
    detail = f"no key vault `{name}` in the subscriptions that can be read"
    return gap or Unknown(reason=Reason.NOT_FOUND, sources=known.sources, detail=detail, needs="azure.subscriptions")


def _enabled(answer: Members) -> Fact[bool]:
    return answer.inner("properties").inner("attributes").flag("enabled")


def _rotating(answer: Members) -> Fact[bool]:
    """Whether a rule of the key's rotation policy makes new versions by itself."""
    policy = answer.inner("properties").inner("rotationPolicy")
    actions = [each.inner("action").word("type").lower() for each in policy.each("lifetimeActions")]
    return Known(value="rotate" in actions, sources=(policy.source,))


@settled
def _policies(properties: Members) -> Fact[tuple[tuple[str, str, tuple[str, ...]], ...]]:
    policies = tuple(properties.each("accessPolicies"))
    named = tuple(
        (each.word("tenantId"), each.word("objectId"), each.inner("permissions").words("keys")) for each in policies
    )
    if not all(tenant and principal for tenant, principal, _ in named):
        return properties.malformed("access policy")
    return Known(value=named, sources=(properties.source.at("accessPolicies"),))
