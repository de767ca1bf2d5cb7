"""What a live scan told of AWS, for all that a plan cannot know. Without one, every answer is that nobody asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from posture.adapters.aws.arns import account_of
from posture.adapters.aws.config import AccountConfig, BucketConfig, KeyConfig, RoleConfig
from posture.adapters.aws.live.account import read_account
from posture.adapters.aws.live.bucket import read_bucket
from posture.adapters.aws.live.callers import Caller, Callers
from posture.adapters.aws.live.keys import read_key
from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.live.owners import Owner, Owners
from posture.adapters.aws.live.roles import read_policy, read_role
from posture.adapters.planned import NEEDS_CONTEXT
from posture.model.accounts import stands_in
from posture.model.facts import Fact, Known, Reason, Unknown
from posture.model.leads import KeyRef, RoleRef
from posture.model.settings import Settings
from posture.reading import Reading

_UNTOLD: Final = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="a plan does not know what an account decides for all its buckets, and this one not which account it is",
    needs=f"{NEEDS_CONTEXT}; and `allowed_account_ids` in the configuration of the provider",
)


class Context:
    """Reads the answers of a snapshot by the rooms that made them."""

    def __init__(self, settings: Settings, reading: Reading) -> None:
        self.reading = reading
        self._callers = Callers(settings, Limits())
        self._owners = Owners(self._callers)

    def caller(self, account: Fact[str]) -> Caller:
        """Who was to read an account."""
        return self._callers.for_account(_told(account), self.reading)

    def owner(self, bucket: str) -> Fact[str]:
        """The account in whose list the bucket stood."""
        return self._owners.of(bucket, "", self.reading).account

    def bucket(self, name: str, account: Fact[str]) -> BucketConfig:
        """The bucket as it was."""
        return read_bucket(name, self._owner(name, account), self.reading)

    def account(self, bucket: str, account: Fact[str], region: Fact[str]) -> AccountConfig:
        """The account of a bucket as it was."""
        return read_account(self._owner(bucket, account), region, self.reading)

    def key(self, ref: KeyRef) -> KeyConfig:
        """A key as it was."""
        return read_key(ref, self._callers.for_account(ref.account, self.reading), self.reading)

    def role(self, ref: RoleRef) -> RoleConfig:
        """A role as it was."""
        return read_role(ref, self._callers.for_account(ref.account, self.reading), self.reading)

    def policy(self, arn: str) -> Fact[str]:
        """A policy that stands by itself, as it was; AWS's own lie in no account."""
        return read_policy(arn, self._callers.for_account(account_of(arn), self.reading), self.reading)

    def _owner(self, bucket: str, account: Fact[str]) -> Owner:
        """The owner as the plan tells it, or as the scan saw it, with whoever was to read that account."""
        if _told(account):
            return Owner(caller=self.caller(account), account=account)
        seen = self._owners.of(bucket, "", self.reading)
        if isinstance(seen.account, Unknown):
            return replace(seen, account=replace(_UNTOLD, sources=seen.account.sources))
        return seen


def _told(account: Fact[str]) -> str:
    return account.value if isinstance(account, Known) and not stands_in(account.value) else ""
