"""Reads what a role allows: Google's own and custom ones alike, each once in a run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from posture.adapters.gcp import calls
from posture.adapters.gcp.config import Policy, RolePermissions
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.members import Record, found, setting, texts
from posture.model.facts import Fact, Known, Reason, Source, Unknown

_ROLE = re.compile(r"((projects|organizations)/[A-Za-z0-9.:-]+/)?roles/[A-Za-z0-9._]+")


def read_roles(policies: Iterable[Fact[Policy]], caller: Caller) -> None:
    """Reads the roles of policies side by side, so that deciding over them waits for none."""
    known = (policy.value for policy in policies if isinstance(policy, Known))
    bindings = (binding for policy in known for binding in policy.bindings)
    names = dict.fromkeys(
        binding.role for binding in bindings if not all(each.startswith("deleted:") for each in binding.members)
    )
    caller.reading.together(*(partial(read_role, name, caller) for name in names))


def read_role(name: str, caller: Caller) -> Fact[RolePermissions]:
    """A role by its name; a deleted one gives nothing any more."""
    if not _ROLE.fullmatch(name):
        return Unknown(reason=Reason.UNDETERMINED, detail=f"`{name}` is no name of a role")

    def permissions(answer: Record, source: Source) -> Fact[RolePermissions]:
        given, deleted = texts(answer, "includedPermissions"), answer.get("deleted", False) is True
        role = None if given is None else RolePermissions(name=name, permissions=frozenset(given), deleted=deleted)
        return found(role, source, "includedPermissions")

    return setting(caller.read(calls.GET_ROLE, resource=name, role=name), permissions)
