"""What a read of Azure Resource Manager is: a declared call, and how its request is written."""

from __future__ import annotations

from enum import StrEnum

from posture.frozen import dataclass
from posture.reading import Call

_GONE = frozenset({"ResourceNotFound", "ResourceGroupNotFound", "SubscriptionNotFound", "ParentResourceNotFound"})
UNREGISTERED = ("MissingSubscriptionRegistration", "SubscriptionNotRegistered")
"""A subscription that has not registered a resource provider holds nothing of its kind."""


class Sdk(StrEnum):
    """Who writes the request: a management SDK of Azure's, or azure-core's pipeline with what a read says itself."""

    NONE = ""
    STORAGE = "azure-mgmt-storage"
    AUTHORIZATION = "azure-mgmt-authorization"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRead:
    """A GET of Azure Resource Manager: what follows the id of what is asked about, and the version of the API.

    An SDK knows what follows, and takes `also` behind the names that are in the id.
    """

    call: Call
    suffix: str
    api_version: str
    query: tuple[tuple[str, str], ...] = ()
    sdk: Sdk = Sdk.NONE
    also: tuple[str, ...] = ()


def read(
    operation: str,
    permission: str,
    suffix: str,
    api_version: str,
    purpose: str,
    *,
    absent: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
    required: tuple[str, ...] = ("properties",),
    query: tuple[tuple[str, str], ...] = (),
    sdk: Sdk = Sdk.NONE,
    also: tuple[str, ...] = (),
) -> ArmRead:
    """One resource; `missing` are the codes that say it is not there, beside those of Resource Manager itself."""
    return ArmRead(
        call=Call(
            operation=operation,
            permission=permission,
            absent=frozenset(absent),
            missing=_GONE | frozenset(missing),
            required=required,
            purpose=purpose,
        ),
        suffix=suffix,
        api_version=api_version,
        query=query,
        sdk=sdk,
        also=also,
    )


def listing(
    operation: str,
    permission: str,
    suffix: str,
    api_version: str,
    purpose: str,
    *,
    absent: tuple[str, ...] = (),
    query: tuple[tuple[str, str], ...] = (),
    sdk: Sdk = Sdk.NONE,
) -> ArmRead:
    """The items of all pages."""
    return read(
        operation, permission, suffix, api_version, purpose, absent=absent, required=("value",), query=query, sdk=sdk
    )
