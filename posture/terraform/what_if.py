"""The result of a what-if of Azure Resource Manager as a plan: `after` of each change is a resource as ARM answers it.

The result is what `az deployment group what-if --no-pretty-print` prints, or what the REST operation answers. Source:
Microsoft, "ARM template deployment what-if operation", and the type WhatIfOperationResult of the REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from posture.errors import PlanError
from posture.model.facts import Source
from posture.terraform.address import Address
from posture.terraform.configuration import EMPTY
from posture.terraform.document import AZ_SHOW, Kind, Part
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
_IGNORED: Final = "ignore"  # not in the template: it stays as it is
_HARMLESS: Final = "info"  # a diagnostic that says of nothing that it was left out
_EXPRESSION: Final = re.compile(r"\[[A-Za-z_][\w.]*\(", re.ASCII)  # how one begins that is not evaluated yet
_TYPE: Final = re.compile(r"/providers/([\w.]+(?:/[^/'\[\]]+)+)|'([A-Za-z]\w*\.[\w.]+(?:/\w+)+)'", re.ASCII)
_GROUP: Final = "microsoft.resources/resourcegroups"  # the one kind whose ids name no provider
_MOST_DETAILS: Final = 3  # of why a what-if failed


def is_what_if(document: Part) -> bool:
    """Whether a document is such a result, or says why there is none; those of Terraform say their format."""
    members = document.value if isinstance(document.value, dict) else {}
    inner = members.get("properties")
    found = {**(inner if isinstance(inner, dict) else {}), **members}
    told = any(isinstance(found.get(name), list) for name in ("changes", "potentialChanges"))
    error = found.get("error")
    return "format_version" not in members and (told or (isinstance(error, dict) and "code" in error))


def what_if_plan(document: Part, salt: bytes) -> Plan:
    """Raises PlanError for a what-if that failed, and for what no such result is like."""
    document = document._replace(help=AZ_SHOW)
    root = document if document.member("changes").value is not None else document.member("properties")
    for part in (document, root):
        _refuse_failure(part)
    incomplete = tuple(dict.fromkeys(_left_out(root)))
    entries = _united(_entries(root, salt, sure=not incomplete), salt)
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
        incomplete=incomplete,
        inventory=inventory,
        joins=Joins(inventory, Routes(inventory, Sources(), informed=False), ()),
        sources=Sources(),
        providers=read_providers(document),
    )


def identified(resource: Resource) -> bool:
    """Whether Azure could tell which resource it is; else its address is the expression that will make its id."""
    return "[" not in resource.address.text


def _refuse_failure(part: Part) -> None:
    status, error = part.member("status").text(), part.member("error")
    if error.value is not None:
        raise PlanError(f"this what-if failed: {_why(error)}", file=part.file, help="mend the template, and ask again")
    if status.lower() not in {"", "succeeded"}:
        what = "failed, and does not say why" if status.lower() == "failed" else f"is not done: its status is {status}"
        raise PlanError(f"this what-if {what}", file=part.file, help=part.help)


def _why(error: Part) -> str:
    """Code and message of the error, and of the innermost ones that it is made of."""
    own = ": ".join(filter(None, (error.member("code").text(), error.member("message").text())))
    inner = [each for part in error.member("details").items() for each in _innermost(part)]
    return "; ".join(dict.fromkeys((own, *inner[:_MOST_DETAILS]))) or "it does not say why"


def _innermost(error: Part) -> Iterator[str]:
    if details := error.member("details").items():
        for part in details:
            yield from _innermost(part)
    else:
        yield _why(error)


def _left_out(root: Part) -> Iterator[str]:
    """What Azure says that it could not look into: nested templates that it did not expand, say."""
    for part in root.member("diagnostics").items():
        if part.member("level").text().lower() != _HARMLESS:
            code, message = part.member("code").text(), part.member("message").text()
            yield f"Azure left something out of this what-if: {code}: {message} ({part.member('target').text()})"
    for name in ("changes", "potentialChanges"):
        for part in root.member(name).items():
            if _of_resource_manager(part) and not _kind(part):
                yield f"which resource `{part.member('resourceId').text()}` is, only the deployment tells"


def _entries(root: Part, salt: bytes, *, sure: bool) -> Iterator[Resource | Departure]:
    """Unless it is `sure`, nobody knows what becomes of resources that it ignores."""
    for part in root.member("changes").items():
        if _of_resource_manager(part):
            word = part.member("changeType").text().lower()
            if word != _IGNORED:
                yield _entry(part, word, salt)
            elif not sure:
                yield _entry(part, "unsupported", salt)
    for part in root.member("potentialChanges").items():
        if _of_resource_manager(part):
            yield _entry(part, "unsupported", salt)


def _of_resource_manager(part: Part) -> bool:
    """Templates of Bicep may also make what other systems hold, which have no such ids."""
    return part.member("extension").value is None or part.member("resourceId").value is not None


def _entry(part: Part, word: str, salt: bytes) -> Resource | Departure:
    if word not in _ACTIONS:
        part.member("changeType").refuse("a type of change")
    address = _address(part)
    before, after = part.member("before"), part.member("after")
    was = _values(before.mapping(), address, salt) if before.value is not None else None
    if word == "delete":
        empty: dict[str, Json] = {}
        return Departure(
            address=address,
            provider="azure",
            action=Action.DELETE,
            before=was if was is not None else _values(empty, address, salt),
        )
    if word == "nochange" and after.value is None and was is not None:
        after = before
    known = after.value is not None and word not in _UNSAID
    now = _values(after.mapping(), address, salt) if known else _unknown(address, salt)
    return Resource(address=address, provider="azure", action=_ACTIONS[word], after=now, before=was)


def _address(part: Part) -> Address:
    identity = part.member("resourceId").text()
    if not identity.startswith(("/", "[")) or not identity.strip("/[]"):
        part.member("resourceId").refuse("the id of a resource")
    return Address(text=identity, modules=(), kind=_kind(part), name=identity.rpartition("/")[2], key=None)


def _kind(part: Part) -> str:
    """The type of a resource in lower case, microsoft.storage/storageaccounts; empty where nobody can tell it."""
    identity = part.member("resourceId").text()
    said = part.member("after").mapping().get("type")
    if "[" in identity:
        found = list(_TYPE.finditer(identity.partition("guid(")[0]))
        last = found[-1] if found else None
        if isinstance(said, str) or last is None:
            return said.lower() if isinstance(said, str) else ""
        return _typed(last[1]) if last[1] else last[2].lower()
    _, mark, path = identity.rpartition("/providers/")
    return _typed(path) if mark else _GROUP


def _typed(path: str) -> str:
    """Provider and types of a path in which they and names take turns."""
    provider, *rest = path.lower().split("/")
    return "/".join((provider, *rest[::2]))


def _values(raw: dict[str, Json], address: Address, salt: bytes) -> Values:
    source = Source(operation=address.text)
    return Values(raw=raw, unknown=_mask(raw), exact=True, whole=source, salt=salt)  # type: ignore[arg-type] # JSON


def _unknown(address: Address, salt: bytes) -> Values:
    return Values(raw={}, unknown=True, exact=True, whole=Source(operation=address.text), salt=salt)


def _mask(value: Json) -> Json:
    """What is an expression that the what-if could not evaluate is known only after the deployment."""
    match value:
        case str():
            begins = _EXPRESSION.search(value)
            return begins is not None and "]" in value[begins.end() :]
        case dict():
            return {name: _mask(item) for name, item in value.items()}
        case list():
            return [_mask(item) for item in value]
        case _:
            return False


def _united(entries: Iterable[Resource | Departure], salt: bytes) -> tuple[Resource | Departure, ...]:
    """One entry for each resource. Of one that a template deploys twice nobody can say which comes last."""
    found: dict[str, Resource | Departure] = {}
    for entry in entries:
        identity = entry.address.text.lower().rstrip("/")
        former = found.get(identity)
        if former is None:
            found[identity] = entry
        elif isinstance(former, Departure) or isinstance(entry, Departure) or former.after.raw != entry.after.raw:
            found[identity] = Resource(
                address=former.address,
                provider=former.provider,
                action=Action.UPDATE,
                after=_unknown(former.address, salt),
                before=former.before,
            )
    return tuple(found.values())
