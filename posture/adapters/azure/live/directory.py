"""Who a principal is, by Microsoft Graph: Azure's own answers give nothing but an id."""

from __future__ import annotations

from urllib.parse import quote

from posture.adapters.azure import calls
from posture.adapters.azure.config import Principal
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.members import Members
from posture.model.facts import Fact, Known, Listing

_USER = {"$select": "id,displayName,userPrincipalName,userType"}
_APPLICATION = {"$select": "id,displayName,appOwnerOrganizationId,servicePrincipalType"}
_MEMBERS = {"$select": "id,displayName,userPrincipalName,userType,appOwnerOrganizationId", "$top": "999"}


def read_user(arm: Arm, identity: str) -> Fact[Principal]:
    """A user, at home here or a guest."""
    path = f"/v1.0/users/{quote(identity, safe='')}"
    return fact(arm.directory(calls.GET_USER, path, identity, _USER), _user)


def read_application(arm: Arm, identity: str) -> Fact[Principal]:
    """A service principal; the application behind a managed identity has no owner of its own."""
    path = f"/v1.0/servicePrincipals/{quote(identity, safe='')}"
    return fact(arm.directory(calls.GET_SERVICE_PRINCIPAL, path, identity, _APPLICATION), _application)


def read_members(arm: Arm, identity: str) -> Listing[Principal]:
    """Whoever is in a group, through groups in it too."""
    path = f"/v1.0/groups/{quote(identity, safe='')}/transitiveMembers"
    return listing(arm.directory_all(calls.LIST_GROUP_MEMBERS, path, identity, _MEMBERS), _member)


def _user(item: Members) -> Fact[Principal]:
    """Accounts from before 2014 have no user type, and are members."""
    name = item.word("userPrincipalName") or item.word("displayName")
    kind = item.choice("userType", {"Member": False, "Guest": True}, absent=False)
    return kind.map(lambda guest: Principal(name=name, guest=guest, tenant=""))


def _application(item: Members) -> Fact[Principal]:
    owner = item.text("appOwnerOrganizationId", absent="")
    name = item.word("displayName")
    return owner.map(lambda tenant: Principal(name=name, guest=False, tenant=tenant.lower()))


def _member(item: Members) -> Principal | None:
    read = _user(item) if item.word("@odata.type").endswith("user") else _application(item)
    return read.value if isinstance(read, Known) and item.word("id") else None
