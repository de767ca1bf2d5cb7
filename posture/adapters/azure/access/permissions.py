"""Whether a role allows an operation: Azure's globs, with exclusions, over the union of a role's permissions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from posture.adapters.azure.config import PermissionSet


def allows(permissions: Iterable[PermissionSet], operation: str, *, data: bool) -> bool:
    """An exclusion takes only from the set it stands in."""
    return any(_allows(each, operation, data=data) for each in permissions)


def acts_on(operation: str) -> str:
    """The type of resource that an operation is done on, in lower case."""
    return re.sub(r"/[^/]+(/action)?$", "", operation.lower())


def matches(pattern: str, operation: str) -> bool:
    """`*` stands for anything, slashes too; case does not count."""
    parts = (re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), operation, re.IGNORECASE | re.DOTALL) is not None


def _allows(each: PermissionSet, operation: str, *, data: bool) -> bool:
    given, taken = (each.data_actions, each.not_data_actions) if data else (each.actions, each.not_actions)
    return any(matches(glob, operation) for glob in given) and not any(matches(glob, operation) for glob in taken)
