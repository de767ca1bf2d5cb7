"""A policy that names the resource's own account gives nobody anything: it leaves the account's people to IAM."""

from __future__ import annotations

import json
from collections.abc import Mapping

EMPTY = '{"Version": "2012-10-17", "Statement": []}'

_NOBODY = "AIDAAAAAAAAAAAAAAAAAA"  # what IAM writes in place of a deleted user matches nobody


def without_delegation(text: str, owner: str) -> str:
    """The same policy without its own account as a principal of what it allows; statements keep their places."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        return text
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    listed = [statements] if isinstance(statements, dict) else statements
    if not isinstance(listed, list) or not any(_delegates(entry, owner) for entry in listed):
        return text
    return json.dumps({**policy, "Statement": [_direct(entry, owner) for entry in listed]})


def _delegates(statement: object, owner: str) -> bool:
    return any(_is_account(name, owner) for name in _names(statement))


def _direct(statement: object, owner: str) -> object:
    if not _delegates(statement, owner) or not isinstance(statement, dict):
        return statement
    others = [name for name in _names(statement) if not _is_account(name, owner)]
    return {**statement, "Principal": {**statement["Principal"], "AWS": others or _NOBODY}}


def _names(statement: object) -> list[object]:
    match statement:
        case {"Effect": "Allow", "Principal": {"AWS": list() as names}}:
            return names
        case {"Effect": "Allow", "Principal": Mapping() as principal} if "AWS" in principal:
            return [principal["AWS"]]
        case _:
            return []


def _is_account(name: object, owner: str) -> bool:
    if not isinstance(name, str):
        return False
    parts = name.split(":")
    return name == owner or (parts[2:3] == ["iam"] and parts[4:] == [owner, "root"])
