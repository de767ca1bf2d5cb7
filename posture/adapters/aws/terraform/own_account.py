"""What a policy says of accounts while nobody tells which one is our own: a literal account may be that one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from posture.adapters.aws.access.answer import StoreAccess
from posture.model.accounts import same, stands_in
from posture.model.facts import Fact, Gap, Known, Unknown
from posture.model.trust import is_vendor
from posture.terraform.values import Json

_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)", re.ASCII)
_RESOURCE: Final = "resourceaccount"  # aws:ResourceAccount, s3:ResourceAccount


def doubted(access: StoreAccess, owner: Fact[str], policy: Fact[str]) -> StoreAccess:
    """The answer, open where it hangs on a literal account being another one than the owner's.

    Whom such a policy lets in is said by the scope of the grant. What it refuses, and what it ties to the account of
    the resource, holds for the owner or not.
    """
    if not isinstance(owner, Known) or not isinstance(policy, Known) or not stands_in(owner.value):
        return access
    for account in _deciding(policy.value):
        unknown = same(owner.value, account)
        if isinstance(unknown, Unknown):
            why = replace(
                unknown, sources=policy.sources, detail=f"the policy decides by account {account}: {unknown.detail}"
            )
            grants = replace(access.grants, gaps=(*access.grants.gaps, Gap(unknown=why)))
            return replace(access, grants=grants, owner_locked_out=why)
    return access


def _deciding(text: str) -> tuple[str, ...]:
    """The literal accounts in refusals, and in all statements about the account of the resource."""
    try:
        body: Json = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return ()
    listed = body.get("Statement") if isinstance(body, dict) else None
    found: dict[str, None] = {}
    for statement in listed if isinstance(listed, list) else [listed]:
        if isinstance(statement, dict):
            shown = json.dumps({key: statement.get(key) for key in ("Principal", "NotPrincipal", "Condition")})
            if statement.get("Effect") != "Allow" or "NotPrincipal" in statement or _RESOURCE in shown.lower():
                found.update(dict.fromkeys(_ACCOUNT.findall(shown)))
    return tuple(account for account in found if not stands_in(account) and not is_vendor(account))
