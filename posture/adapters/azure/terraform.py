"""What planned storage accounts are called. What they will be like is not judged yet, so it is unknown."""

from __future__ import annotations

from posture.adapters.planned import Naming, Namings, Premises, placeholder
from posture.model.facts import Known
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, Provider
from posture.terraform.inventory import Identity
from posture.terraform.resources import Resource

ACCOUNT = Identity(kinds=("azurerm_storage_account", "data.azurerm_storage_account"), attributes=("name", "id"))


def namings(_: Premises) -> Namings:
    """Storage accounts, by the host of their blobs."""
    return Namings(stores=(Naming(identity=ACCOUNT, of=_account, other=lambda _: None),))


def _account(resource: Resource) -> StoreRef:
    host, name = _text(resource, "primary_blob_host"), _text(resource, "name")
    called = host or (f"{name}.blob.core.windows.net" if name else placeholder(resource))
    return StoreRef(provider=Provider.AZURE, kind=Kind.STORAGE_ACCOUNT, name=called)


def _text(resource: Resource, attribute: str) -> str:
    fact = resource.after.optional(attribute).text()
    return fact.value if isinstance(fact, Known) and fact.value else ""
