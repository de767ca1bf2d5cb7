"""Who a principal is, by Microsoft Graph: Azure's own answers give nothing but an id."""

from __future__ import annotations

from urllib.parse import quote

from posture.adapters.azure import calls
from posture.adapters.azure.config import Principal
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.members import Members
from posture.model.facts import Fact, Known, Listing

_FROM_ELSEWHERE = "#ext#"
_USER = {"$select": "id,displayName,userPrincipalName,userType"}
_APPLICATION = {"$select": "id,displayName,appOwnerOrganizationId,servicePrincipalType"}
_MEMBERS = {
    "$select": "id,displayName,userPrincipalName,userType,appOwnerOrganizationId,servicePrincipalType",
    "$top": "999",
}


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
    """Accounts from before 2014 have no user type, and are members.

    Whose name was made from an address of elsewhere signs in there, also where this directory calls him a member.
    """
    name = item.word("userPrincipalName") or item.word("displayName")
    kind = item.choice("userType", {"Member": False, "Guest": True}, absent=False)
    elsewhere = _FROM_ELSEWHERE in item.word("userPrincipalName").lower()
    return kind.map(lambda guest: Principal(name=name, guest=guest or elsewhere, tenant=""))


def _application(item: Members) -> Fact[Principal]:
    """Every application has an owner, but for the one behind a managed identity, which is of this directory."""
    owner, name = item.word("appOwnerOrganizationId").lower(), item.word("displayName")
    if not owner and item.word("servicePrincipalType").lower() != "managedidentity":
        return item.malformed("owner of the application")
    return Known(value=Principal(name=name, guest=False, tenant=owner), sources=(item.source,))


def _in_it(item: Members) -> Fact[Principal]:
    """A group or a device in a group is of this directory."""
    return Known(value=Principal(name=item.word("displayName"), guest=False, tenant=""), sources=(item.source,))


def _member(item: Members) -> Principal | None:
    kind = item.word("@odata.type").lower().rpartition(".")[2]
    read = {"user": _user, "serviceprincipal": _application}.get(kind, _in_it)(item)
    return read.value if isinstance(read, Known) and item.word("id") else None
