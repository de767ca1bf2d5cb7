"""Accounts that a plan does not name. Each is stood for by an id that no account has, the same wherever it is meant."""

from __future__ import annotations

from typing import Final

from posture.model.facts import Fact, Known, Reason, Unknown

MOST: Final = 999
_HEAD: Final = "000000000"  # twelve digits, as whoever reads a policy expects them
NEEDS: Final = "`allowed_account_ids` or `subscription_id` in the configuration of the provider, or --context"


def stand_in(number: int) -> str:
    """The id that stands for an account; `number` counts from 1."""
    return f"{_HEAD}{number:03d}"


def stands_in(account: str) -> bool:
    """Whether an id only stands for an account, whichever it is."""
    return account.startswith(_HEAD) and account != stand_in(0)


def same(one: str, other: str) -> Fact[bool]:
    """Whether two ids are of one account. What only stands for an account may be any other."""
    if one != other and (stands_in(one) or stands_in(other)):
        return Unknown(reason=Reason.UNDETERMINED, detail="the plan does not say which account this is", needs=NEEDS)
    return Known(value=one == other, sources=())


def told(account: Fact[str]) -> Fact[str]:
    """The account as a fact of its own: unknown where only a stand-in is there."""
    if isinstance(account, Known) and stands_in(account.value):
        detail = "the plan does not say which account this is"
        return Unknown(reason=Reason.UNDETERMINED, sources=account.sources, detail=detail, needs=NEEDS)
    return account
