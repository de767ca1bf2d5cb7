"""The AWS wing: follows leads to buckets, keys and roles."""

from __future__ import annotations

from posture.adapters.aws.calls import CALLS, GET_CALLER_IDENTITY
from posture.adapters.aws.live.account import read_account
from posture.adapters.aws.live.bucket import read_bucket
from posture.adapters.aws.live.callers import Callers, label_of
from posture.adapters.aws.live.limits import Limits
from posture.adapters.aws.live.owners import Owners
from posture.adapters.aws.normalise import bucket as buckets
from posture.adapters.wing import Followed
from posture.model.assessment import IdentityUse
from posture.model.leads import KeyRef, Lead, RoleRef, SourceRef, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import Kind, Provider
from posture.reading import Call, Kept, Reading


class AwsWing:
    """Reads AWS as the identities of the settings."""

    def __init__(self, settings: Settings, *, limits: Limits | None = None) -> None:
        self._settings = settings
        self._callers = Callers(settings, limits or Limits())
        self._owners = Owners(self._callers)
        self._named = {store.ref: store.account for store in settings.stores if store.account}

    @property
    def provider(self) -> Provider:
        """AWS."""
        return Provider.AWS

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every operation of the wing."""
        return CALLS

    def handles(self, target: Target) -> bool:
        """Buckets, KMS keys and IAM roles."""
        match target:
            case StoreRef(provider=Provider.AWS, kind=Kind.S3_BUCKET):
                return True
            case KeyRef(provider=Provider.AWS) | RoleRef(provider=Provider.AWS):
                return True
            case _:
                return False

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        """Every identity that was tried, as AWS names it; an empty principal is one that AWS did not accept."""
        used = {kept.identity: kept for kept in reading.kept() if kept.operation == GET_CALLER_IDENTITY.operation}
        labels = (label_of(""), *(label_of(account) for account in self._callers.accounts))
        return tuple(_identity(used[label]) for label in labels if label in used)

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """Reads one bucket, key or role."""
        match lead.target:
            case StoreRef() as ref:
                return self._store(ref, lead, reading)
            case KeyRef() | RoleRef() | SourceRef():
                return Followed()

    def _store(self, ref: StoreRef, lead: Lead, reading: Reading) -> Followed:
        owner = self._owners.of(ref.name, lead.account or self._named.get(ref, ""), reading)
        bucket = read_bucket(ref.name, owner, reading)
        account = read_account(owner, bucket.region, reading)
        return Followed(
            contributions=(buckets.store(ref, bucket, account),),
            leads=buckets.leads(ref, bucket, lead),
            unlooked=buckets.unlooked(ref, bucket),
        )


def _identity(kept: Kept) -> IdentityUse:
    answer = kept.answer or {}
    return IdentityUse(
        label=kept.identity,
        provider=Provider.AWS,
        principal=str(answer.get("Arn", "")),
        account=str(answer.get("Account", "")),
    )
