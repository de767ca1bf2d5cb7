"""Small plan documents, written the way `terraform show -json` writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from posture.terraform.document import Kind
from posture.terraform.inventory import Identity
from posture.terraform.plan import Plan
from posture.terraform.read import parse_plan
from posture.terraform.resources import Resource

Free: TypeAlias = Any  # a value of any shape: what the format allows, and what it does not
STORE = Identity(kinds=("x_store",), attributes=("name", "id", "arn"))
SATELLITE = "x_rule"


def change(
    address: str,
    after: Mapping[str, Free] | None = None,
    unknown: Iterable[str] | Mapping[str, Free] = (),
    *,
    actions: tuple[str, ...] = ("create",),
    before: Mapping[str, Free] | None = None,
    **members: Free,
) -> dict[str, Free]:
    """An entry of `resource_changes`."""
    plain = re.sub(r'\["[^"]*"\]|\[\d+\]', "", address)
    *_, kind, name = plain.split(".")
    mode = "data" if f"data.{kind}.{name}" in plain else "managed"
    marks = dict(unknown) if isinstance(unknown, Mapping) else dict.fromkeys(unknown, True)
    sides = {"before": before, "after": after, "after_unknown": marks}
    masks = {key: members.pop(key, {}) for key in ("before_sensitive", "after_sensitive")}
    inner = {"actions": list(actions), **sides, **masks, **members.pop("change", {})}
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "name": name,
        "provider_name": "registry.example/acme/x",
        "change": inner,
        **members,
    }


def store(address: str = "x_store.a", /, **after: Free) -> dict[str, Free]:
    """A new store; what it is called is known only after apply, unless it is given."""
    return change(address, after, [key for key in ("name", "id", "arn") if key not in after])


def rule(name: str = "x_rule.r") -> dict[str, Free]:
    """A new satellite of an unknown store."""
    return change(name, {"days": 7}, ["store", "id"])


def refs(*texts: str) -> dict[str, Free]:
    """An expression of the configuration."""
    return {"references": list(texts)}


def written(address: str, for_each: Mapping[str, Free] | None = None, **expressions: Free) -> dict[str, Free]:
    """A resource of the configuration, with its provider."""
    *mode, kind, name = address.split(".")
    each = {"for_each_expression": for_each} if for_each is not None else {}
    return {
        "address": address,
        "mode": mode[0] if mode else "managed",
        "type": kind,
        "name": name,
        "provider_config_key": "x",
        "expressions": expressions,
        **each,
    }


def module(*resources: Mapping[str, Free], outputs: Mapping[str, Free] | None = None, **calls: Free) -> dict[str, Free]:
    """A module of the configuration."""
    said = {name: {"expression": expression} for name, expression in (outputs or {}).items()}
    return {"resources": list(resources), "outputs": said, "module_calls": calls}


def document(
    changes: Iterable[Mapping[str, Free]], root: Mapping[str, Free] | None = None, **members: Free
) -> dict[str, Free]:
    """A whole plan."""
    configuration = {"configuration": {"root_module": root}} if root is not None else {}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        **configuration,
        **members,
    }


def read(body: object, *, source: Path | None = None, kinds: frozenset[Kind] = frozenset(Kind)) -> Plan:
    """A document as `posture` reads it."""
    return parse_plan(json.dumps(body).encode(), "plan.json", source=source, kinds=kinds)


def planned(
    changes: Iterable[Mapping[str, Free]],
    root: Mapping[str, Free] | None = None,
    **members: Free,
) -> Plan:
    """A plan with these changes and this configuration."""
    return read(document(changes, root, **members))


def one(plan: Plan, address: str) -> Resource:
    """The resource with this address."""
    (found,) = (resource for resource in plan.resources if resource.address.text == address)
    return found
