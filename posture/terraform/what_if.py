"""The result of a what-if of Azure Resource Manager as a plan: `after` of each change is a resource as ARM answers it.

The result is what `az deployment group what-if --no-pretty-print` prints, or what the REST operation answers. Source:
Microsoft, "ARM template deployment what-if operation", and the type WhatIfOperationResult of the REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from posture.errors import PlanError
from posture.model.facts import Source
from posture.terraform.address import Address
from posture.terraform.configuration import EMPTY
from posture.terraform.document import Kind, Part
from posture.terraform.inventory import Inventory
from posture.terraform.joins import Joins
from posture.terraform.plan import Plan
from posture.terraform.providers import read_providers
from posture.terraform.resources import Action, Departure, Resource
from posture.terraform.routes import Routes
from posture.terraform.sources import Sources
from posture.terraform.values import Json, Values

_ACTIONS: Final = {
    "create": Action.CREATE,
    "modify": Action.UPDATE,
    "nochange": Action.NO_OP,
    "delete": Action.DELETE,
    "deploy": Action.UPDATE,  # it is in the template, and whether anything of it changes is not said
    "unsupported": Action.UPDATE,
}
_UNSAID: Final = frozenset({"deploy", "unsupported"})
_IGNORED: Final = "ignore"  # not in the template: it stays as it is, and only its outline is shown
_EXPRESSION: Final = re.compile(r"\[[A-Za-z_][\w.]*\(.*\].*|\[[A-Za-z_][\w.]*\(.*\)\]", re.DOTALL)
_NO_FORMAT: Final = "give the JSON of `az deployment group what-if --no-pretty-print`"


def is_what_if(document: Part) -> bool:
    """Whether a document is such a result; those of Terraform say their format."""
    members = document.value if isinstance(document.value, dict) else {}
    inner = members.get("properties")
    found = members if "changes" in members else inner if isinstance(inner, dict) else {}
    return "format_version" not in members and isinstance(found.get("changes"), list)


def what_if_plan(document: Part, salt: bytes) -> Plan:
    """Raises PlanError for a what-if that failed, and for what no such result is like."""
    root = document if "changes" in document.mapping() else document.member("properties")
    status = (document.member("status").text() or "Succeeded").lower()
    if status != "succeeded" or document.member("error").value is not None:
        raise PlanError(
            "this what-if did not succeed", file=document.file, help="make a what-if of a template that is valid"
        )
    entries = tuple(_entries(root, salt))
    _refuse_twins(document, entries)
    resources = tuple(each for each in entries if isinstance(each, Resource))
    inventory = Inventory(resources, EMPTY, salt)
    return Plan(
        kind=Kind.WHAT_IF,
        file=document.file,
        terraform_version="",
        resources=resources,
        departures=tuple(each for each in entries if isinstance(each, Departure)),
        drift=(),
        prior=(),
        incomplete=(),
        inventory=inventory,
        joins=Joins(inventory, Routes(inventory, Sources(), informed=False), ()),
        sources=Sources(),
        providers=read_providers(document),
    )


def _entries(root: Part, salt: bytes) -> Iterator[Resource | Departure]:
    for part in root.member("changes").items():
        word = part.member("changeType").text().lower()
        if word == _IGNORED:
            continue
        if word not in _ACTIONS:
            part.member("changeType").refuse("a type of change")
        address = _address(part)
        before, after = part.member("before"), part.member("after")
        was = _values(before.mapping(), address, salt) if before.value is not None else None
        if word == "delete":
            empty: dict[str, Json] = {}
            yield Departure(
                address=address,
                provider="azure",
                action=Action.DELETE,
                before=was if was is not None else _values(empty, address, salt),
            )
            continue
        known = after.value is not None and word not in _UNSAID
        now = _values(after.mapping(), address, salt) if known else _unknown(address, salt)
        yield Resource(address=address, provider="azure", action=_ACTIONS[word], after=now, before=was)


def _address(part: Part) -> Address:
    identity = part.member("resourceId").text()
    kind, _, name = identity.rpartition("/")
    if not identity.startswith("/") or not name:
        part.member("resourceId").refuse("the id of a resource")
    return Address(text=identity, modules=(), kind=_kind(kind), name=name, key=None)


def _kind(path: str) -> str:
    """The type of a resource in lower case, by its id without its name: microsoft.storage/storageaccounts."""
    provider, *rest = path.lower().rpartition("/providers/")[2].split("/")
    return "/".join((provider, *rest[::2]))


def _values(raw: dict[str, Json], address: Address, salt: bytes) -> Values:
    source = Source(operation=address.text)
    return Values(raw=raw, unknown=_mask(raw), exact=True, source=source, salt=salt)  # type: ignore[arg-type] # JSON


def _unknown(address: Address, salt: bytes) -> Values:
    return Values(raw={}, unknown=True, exact=True, source=Source(operation=address.text), salt=salt)


def _mask(value: Json) -> Json:
    """What is an expression that the what-if could not evaluate is known only after the deployment."""
    match value:
        case str():
            return bool(_EXPRESSION.fullmatch(value))
        case dict():
            return {name: _mask(item) for name, item in value.items()}
        case list():
            return [_mask(item) for item in value]
        case _:
            return False


def _refuse_twins(document: Part, entries: tuple[Resource | Departure, ...]) -> None:
    seen: set[str] = set()
    for entry in entries:
        identity = entry.address.text.lower()
        if identity in seen:
            raise PlanError(f"`{entry.address.text}` is here twice", file=document.file, help=_NO_FORMAT)
        seen.add(identity)
