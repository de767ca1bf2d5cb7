"""Attributes of azurerm resources under every name that versions 3 and 4 give them, with the provider's defaults.

Source of the defaults: the documentation of hashicorp/azurerm, which writes them into every plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from posture.model.facts import Fact, Known, Reason, Unknown, every_known
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from posture.terraform.values import Gone, marked

_FLAGS: Final[Mapping[str, bool]] = {
    "allow_nested_items_to_be_public": True,
    "shared_access_key_enabled": True,
    "https_traffic_only_enabled": True,
    "enable_https_traffic_only": True,
    "public_network_access_enabled": True,
    "infrastructure_encryption_enabled": False,
    "infrastructure_encryption_required": False,
    "is_hns_enabled": False,
    "sftp_enabled": False,
    "nfsv3_enabled": False,
    "local_user_enabled": True,
    "versioning_enabled": False,
    "locked": False,
    "protected_append_writes_enabled": False,
    "protected_append_writes_all_enabled": False,
    "local_authentication_enabled": True,
    "internet_query_enabled": True,
    "allow_resource_only_permissions": True,
    "internet_ingestion_enabled": True,
    "purge_protection_enabled": False,
    "enable_rbac_authorization": False,
    "rbac_authorization_enabled": False,
    "trusted_service_access_enabled": False,
}
_TEXTS: Final[Mapping[str, str]] = {
    "min_tls_version": "TLS1_2",
    "minimum_tls_version": "1.2",
    "container_access_type": "private",
    "expiration_action": "Log",
}


def flag(place: Place, *names: str) -> Fact[bool]:
    """True or false, by the first of the names that this version of the provider has."""
    found = _present(place, names)
    if isinstance(found, Unknown):
        return found
    name, value = found
    return value.values.flag().then(
        lambda told: (
            Known(value=told if told is not None else _FLAGS[name], sources=())
            if told is not None or name in _FLAGS
            else value.values.misfit("true or false")
        )
    )


def text(place: Place, *names: str) -> Fact[str]:
    """A text, in the same way; null without a default is empty."""
    found = _present(place, names)
    if isinstance(found, Unknown):
        return found
    name, value = found
    return value.values.text().map(lambda told: told or _TEXTS.get(name, ""))


def tags(place: Place) -> Fact[tuple[tuple[str, str], ...]]:
    """The tags of a resource, in the order of their names; one that only apply makes leaves them all unknown."""
    if lacks(place, "tags"):
        return Known(value=(), sources=(place.values.source,))
    return place.values.entries("tags").then(
        lambda found: every_known(each.text().map(lambda text: text or "") for _, each in found).map(
            lambda texts: tuple(sorted(zip((name for name, _ in found), texts, strict=True)))
        )
    )


def silent(plan: Plan, resource: Resource, attribute: str) -> bool:
    """Whether an attribute of what is made says nothing: the configuration does not write it, and Azure fills it in."""
    own = resource.after.at(attribute)
    unsaid = own.unknown is True or own.raw is Gone.OMITTED
    return resource.made and unsaid and plan.sets(resource, attribute) is False


def lacks(place: Place, name: str) -> bool:
    """Whether this version of the provider has no such attribute."""
    value = place.values.at(name)
    return value.raw is Gone.OMITTED and value.exact and not marked(value.unknown)


def _present(place: Place, names: tuple[str, ...]) -> tuple[str, Place] | Unknown:
    for name in names:
        if not lacks(place, name):
            return name, place.at(name)
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=(place.values.source,),
        detail=f"this version of the provider does not say `{names[0]}`",
    )
