"""Reads an Event Hubs namespace, and the hubs in it that may receive logs."""

from __future__ import annotations

from dataclasses import replace

from posture.adapters.azure import store_calls
from posture.adapters.azure.config import Capture, Firewall, KeyInVault, NamespaceConfig
from posture.adapters.azure.ids import holds_logs, name_of, subscription_of
from posture.adapters.azure.live.arm import Arm, listing
from posture.adapters.azure.live.firewalls import key_in_vault, of_namespace
from posture.adapters.azure.live.members import Members
from posture.adapters.azure.live.roles import read_roles
from posture.adapters.azure.live.settings import locked
from posture.adapters.azure.live.storage_answers import tags
from posture.adapters.azure.unsettled import record, settled
from posture.model.facts import Fact, Gap, Known, Listing, Unknown
from posture.model.unread import unread
from posture.reading import Answered

_HOURS = 24


def read_namespace(arm: Arm, resource_id: str, hub: str) -> NamespaceConfig:
    """The namespace; `hub` is the one that receives the logs, or empty where each category has a hub of its own."""
    arm.reading.together(
        lambda: arm.ask(store_calls.GET_NAMESPACE, resource_id),
        lambda: arm.ask(store_calls.GET_NETWORK_RULE_SET, resource_id),
        lambda: arm.ask_all(store_calls.LIST_EVENT_HUBS, resource_id),
        lambda: locked(arm, resource_id),
        lambda: read_roles(arm, resource_id),
    )
    answer = arm.ask(store_calls.GET_NAMESPACE, resource_id)
    name, subscription = name_of(resource_id), subscription_of(resource_id)
    if not isinstance(answer, Answered):
        unknown = answer if isinstance(answer, Unknown) else Members({}, answer.source).malformed("namespace")
        return unread(NamespaceConfig, unknown, id=resource_id, name=name, subscription=subscription)
    namespace = Members(answer.value, answer.source)
    properties = namespace.inner("properties")
    rules = arm.ask(store_calls.GET_NETWORK_RULE_SET, resource_id)
    firewall = record(lambda: of_namespace(namespace, rules), Firewall)
    return NamespaceConfig(
        id=resource_id,
        name=name,
        subscription=subscription,
        region=namespace.text("location"),
        local_keys=properties.flag("disableLocalAuth", absent=False).map(lambda off: not off),
        tls_minimum=properties.text("minimumTlsVersion", absent="1.0"),
        firewall=firewall,
        key=_key(properties.inner("encryption")),
        infrastructure_encryption=properties.inner("encryption").flag("requireInfrastructureEncryption", absent=False),
        retention_days=_retention(arm, resource_id, hub),
        captures=_captures(arm, resource_id, hub),
        tags=tags(namespace),
        locked=locked(arm, resource_id),
        roles=read_roles(arm, resource_id),
    )


@settled
def _key(encryption: Members) -> Fact[KeyInVault | None]:
    """A namespace without the section is encrypted with Microsoft's keys; of several keys the first is in use."""
    if not encryption.raw:
        return Known(value=None, sources=(encryption.source,))
    keys = tuple(encryption.each("keyVaultProperties"))
    return key_in_vault(encryption, keys[0] if keys else Members({}, encryption.source))


@settled
def _retention(arm: Arm, namespace: str, hub: str) -> Fact[int]:
    """The shortest time that a hub of the logs keeps events, in whole days."""
    hubs = _hubs(arm, namespace, hub)
    if hubs.gaps:
        return hubs.gaps[0].unknown
    days = [_days(each) for each in hubs.items]
    unknown = [each for each in days if isinstance(each, Unknown)]
    known = [each.value for each in days if isinstance(each, Known)]
    return unknown[0] if unknown else Known(value=min(known, default=0), sources=hubs.sources)


def _hubs(arm: Arm, namespace: str, hub: str) -> Listing[Members]:
    """The hubs that receive logs."""
    hubs = listing(arm.ask_all(store_calls.LIST_EVENT_HUBS, namespace), lambda item: item)
    return replace(hubs, items=tuple(each for each in hubs.items if holds_logs(each.word("name"), hub)))


def _captures(arm: Arm, namespace: str, hub: str) -> Listing[Capture]:
    """Where Event Hubs Capture writes what those hubs receive."""
    hubs = _hubs(arm, namespace, hub)
    items, gaps = [], list(hubs.gaps)
    for each in hubs.items:
        match _capture(each):
            case Unknown() as unknown:
                gaps.append(Gap(unknown=unknown))
            case Known(value=Capture() as capture):
                items.append(capture)
            case Known():
                pass
    return Listing(items=tuple(items), gaps=tuple(gaps), sources=hubs.sources)


@settled
def _capture(hub: Members) -> Fact[Capture | None]:
    description = hub.inner("properties").inner("captureDescription")
    target = description.inner("destination").inner("properties")

    def read(*, on: bool) -> Fact[Capture | None]:
        if not on:
            return Known(value=None, sources=())
        account, container = target.word("storageAccountResourceId"), target.word("blobContainer")
        if not account or not container:
            return description.malformed("destination")
        source = description.source
        return Known(
            value=Capture(hub=hub.word("name"), account=account, container=container, source=source), sources=()
        )

    return description.flag("enabled", absent=False).then(lambda on: read(on=on))


@settled
def _days(hub: Members) -> Fact[int]:
    properties = hub.inner("properties")
    described = properties.inner("retentionDescription")
    if described.get("retentionTimeInHours") is not None:
        return described.number("retentionTimeInHours").map(lambda hours: hours // _HOURS)
    return properties.number("messageRetentionInDays")
