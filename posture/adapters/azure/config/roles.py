"""By which roles, and denials of them, principals reach a resource."""

from __future__ import annotations

from posture.frozen import dataclass
from posture.model.facts import Listing, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment:
    """Who has a role, and where."""

    role: str  # the id of the definition
    principal: str  # an object id
    principal_type: str  # User, Group, ServicePrincipal, ForeignGroup, Device
    scope: str
    condition: str
    source: Source
    eligible: bool = False  # held once its holder activates it, in Privileged Identity Management


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    """Actions less the excluded ones, for the resource itself and for the data in it."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    data_actions: tuple[str, ...]
    not_data_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDefinition:
    """A role, built in or custom."""

    name: str
    permissions: tuple[PermissionSet, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyAssignment:
    """What principals may not do, whatever their roles say; everyone is written as an id of zeros."""

    name: str
    permissions: tuple[PermissionSet, ...]
    principals: tuple[str, ...]
    excluded: tuple[str, ...]
    everyone: bool
    scope: str
    below: bool  # it holds for what lies below its scope too
    source: Source
    condition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A role that another tenant's principal holds over a subscription or resource group, by Azure Lighthouse."""

    tenant: str
    principal: str
    principal_name: str
    role: str  # the bare id of a built-in role
    scope: str
    source: Source
    eligible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """What the directory says of a principal. `tenant` is its home, empty for a user or group of this directory."""

    name: str
    guest: bool
    tenant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Everything by which principals reach a resource through Azure's own permissions."""

    assignments: Listing[RoleAssignment]
    denials: Listing[DenyAssignment]
    delegations: Listing[Delegation]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalUser:
    """A user of the account itself; each permission is a container, and letters of `rwdlcmx`."""

    name: str
    permissions: tuple[tuple[str, str], ...]
